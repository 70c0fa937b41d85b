//! Reading a file line by line, gzipped or not, with bounded memory.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::ImportError;

/// No fact is longer than this many bytes.
const LINE_BYTES_MAX: usize = 1 << 20;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The lines of a file, without their line ends.
pub struct Lines {
    path: PathBuf,
    reader: Box<dyn BufRead + Send>,
    line: Vec<u8>,
    count: u64,
}

impl Lines {
    /// Opens a file; whether it is gzipped shows in its first bytes.
    ///
    /// # Errors
    /// [`ImportError::Unreadable`].
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        let unreadable = |source| ImportError::Unreadable { path: path.to_owned(), source };
        // It is read twice, so a pipe will not do.
        if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
            let source = std::io::Error::new(ErrorKind::InvalidInput, "not a regular file");
            return Err(unreadable(source));
        }
        let mut file = BufReader::with_capacity(1 << 16, File::open(path).map_err(unreadable)?);
        let zipped = file.fill_buf().map_err(unreadable)?.starts_with(&GZIP_MAGIC);
        let reader: Box<dyn BufRead + Send> = if zipped {
            Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(file)))
        } else {
            Box::new(file)
        };
        Ok(Self { path: path.to_owned(), reader, line: Vec::new(), count: 0 })
    }

    /// The next line; `None` after the last.
    ///
    /// # Errors
    /// [`ImportError::LineTooLong`], [`ImportError::CutOff`] for half a gzip file, or
    /// [`ImportError::Unreadable`].
    pub fn read(&mut self) -> Result<Option<&[u8]>, ImportError> {
        self.line.clear();
        let limit = LINE_BYTES_MAX as u64 + 2;
        let read = self.reader.by_ref().take(limit).read_until(b'\n', &mut self.line);
        let read = read.map_err(|source| {
            let path = self.path.clone();
            if source.kind() == ErrorKind::UnexpectedEof {
                ImportError::CutOff { path, lines: self.count }
            } else {
                ImportError::Unreadable { path, source }
            }
        })?;
        if read == 0 {
            return Ok(None);
        }
        self.count += 1;
        if self.line.last() == Some(&b'\n') {
            self.line.pop();
        }
        if self.line.last() == Some(&b'\r') {
            self.line.pop();
        }
        if self.line.len() > LINE_BYTES_MAX {
            return Err(ImportError::LineTooLong {
                path: self.path.clone(),
                line: self.count,
                bytes_max: LINE_BYTES_MAX,
            });
        }
        Ok(Some(&self.line))
    }
}
