//! A directory that goes when the run ends.

use std::io;
use std::path::PathBuf;

use super::Run;
use crate::store::{Nature, SystemNature};

/// A directory that goes when the run ends.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    /// Makes one among the system's temporary files.
    ///
    /// # Errors
    /// What keeps it from being made.
    pub(super) fn new(run: &Run<'_>, name: &str) -> io::Result<Self> {
        let random = events::leaf::hexadecimal(&SystemNature.random()[..8]);
        let directory = run.surroundings.temporary.join(format!("{name}-{random}"));
        std::fs::create_dir(&directory)?;
        Ok(Self(directory))
    }

    /// The path of a file in it.
    #[must_use]
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Should it stay, the system's own sweep of temporary files takes it.
        _ = std::fs::remove_dir_all(&self.0);
    }
}
