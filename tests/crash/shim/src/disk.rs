//! What the disk holds, beside what the process believes: of every file the sectors as they were
//! when it was last synced, and what was done since.

use std::collections::{BTreeMap, HashMap};
use std::ffi::{CString, c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use libc::off_t;

use crate::real;

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;
const SECTOR_LONG: u64 = SECTOR as u64;

/// With what the process ends when the power fails.
const POWER_FAILED: c_int = 86;

/// With what it ends when it had ended by itself before.
const POWER_FAILED_AT_EXIT: c_int = 87;

/// Which file, however it was opened.
pub(crate) type FileId = (u64, u64);

/// One file's turn: which it is, and how it was called when it was opened.
pub(crate) type Found = (FileId, PathBuf);

/// What is done to a file and not yet durable, in order.
enum Done {
    Write { at: u64, bytes: Vec<u8> },
    Truncate(u64),
}

struct File {
    path: PathBuf,
    /// The shim's own. It is never closed: that would drop the locks that the process holds.
    fd: c_int,
    /// How long the disk has it, if that is not how long it is.
    length: Option<u64>,
    /// How sectors were when they were last synced, if they were written since.
    dirty: BTreeMap<u64, [u8; SECTOR]>,
    /// The same of sectors whose sync failed: no later sync writes them.
    stuck: BTreeMap<u64, [u8; SECTOR]>,
    done: Vec<Done>,
}

/// What was done to names and is not yet durable.
enum NameDone {
    Created(PathBuf),
    Renamed { from: PathBuf, to: PathBuf, replaced: Option<c_int> },
    Unlinked { path: PathBuf, held: c_int },
}

struct Failure {
    at: u64,
    error: c_int,
    for_good: bool,
}

pub(crate) struct Disk {
    root: Option<PathBuf>,
    files: HashMap<FileId, File>,
    names: Vec<NameDone>,
    operations: u64,
    cut_at: Option<u64>,
    cut_at_exit: bool,
    traced: bool,
    failure: Option<Failure>,
    dice: Dice,
}

/// The disk. One operation at a time.
pub(crate) fn disk() -> MutexGuard<'static, Disk> {
    static DISK: LazyLock<Mutex<Disk>> = LazyLock::new(|| Mutex::new(Disk::new()));
    DISK.lock().unwrap_or_else(PoisonError::into_inner)
}

extern "C" fn at_exit() {
    let mut disk = disk();
    if std::env::var_os("SHIM_COUNT").is_some() {
        let told = format!("operations: {}\n", disk.operations);
        real::write(2, told.as_ptr().cast(), told.len());
    }
    if disk.cut_at_exit {
        disk.lose_power(POWER_FAILED_AT_EXIT);
    }
}

impl Disk {
    fn new() -> Self {
        let text = |name| std::env::var(name).ok();
        let number = |name| text(name).and_then(|text| text.parse::<u64>().ok());
        let error = number("SHIM_ERROR").and_then(|error| c_int::try_from(error).ok());
        let failure = |at| Failure {
            at,
            error: error.unwrap_or(libc::EIO),
            for_good: text("SHIM_FOR_GOOD").is_some(),
        };
        let root = text("SHIM_ROOT").map(PathBuf::from);
        if root.is_some() {
            real::at_exit(at_exit);
        }
        Self {
            root,
            files: HashMap::new(),
            names: Vec::new(),
            operations: 0,
            cut_at: number("SHIM_CUT"),
            cut_at_exit: text("SHIM_CUT").is_some(),
            traced: text("SHIM_TRACE").is_some(),
            failure: number("SHIM_FAIL").map(failure),
            dice: Dice(number("SHIM_SEED").unwrap_or(0)),
        }
    }

    /// Whether a file of that name is watched.
    pub(crate) fn watches(&self, path: &Path) -> bool {
        let name = path.as_os_str().as_bytes();
        let left_alone = name.ends_with(b"-shm") || name.ends_with(b".lock");
        !left_alone && self.root.as_ref().is_some_and(|root| path.parent() == Some(root))
    }

    /// Whether it is the directory that is watched.
    pub(crate) fn is_directory(&self, fd: c_int) -> bool {
        let Some(root) = &self.root else { return false };
        let of_root = CString::new(root.as_os_str().as_bytes()).ok();
        let of_root = of_root.and_then(|root| real::status_of(root.as_ptr()));
        real::status(fd)
            .zip(of_root)
            .is_some_and(|(it, root)| (it.st_dev, it.st_ino) == (root.st_dev, root.st_ino))
    }

    /// The watched file behind a descriptor.
    pub(crate) fn find(&self, fd: c_int) -> Option<Found> {
        if self.files.is_empty() {
            return None;
        }
        let status = real::status(fd)?;
        let id = (status.st_dev, status.st_ino);
        Some((id, self.files.get(&id)?.path.clone()))
    }

    /// One more operation: it goes on, fails, or never comes to be.
    pub(crate) fn comes(&mut self, what: &str, path: &Path) -> Result<(), c_int> {
        self.operations += 1;
        if self.traced {
            let told = format!("{}: {what} {}\n", self.operations, path.display());
            real::write(2, told.as_ptr().cast(), told.len());
        }
        if self.cut_at == Some(self.operations) {
            self.lose_power(POWER_FAILED);
        }
        let Some(failure) = &self.failure else { return Ok(()) };
        let fails =
            self.operations == failure.at || failure.for_good && self.operations > failure.at;
        if fails { Err(failure.error) } else { Ok(()) }
    }

    /// A file is open for writing.
    pub(crate) fn opened(&mut self, fd: c_int, path: *const c_char, name: &Path) {
        let Some(status) = real::status(fd) else { return };
        let id = (status.st_dev, status.st_ino);
        self.files.entry(id).or_insert_with(|| File {
            path: name.to_owned(),
            fd: real::open(path, libc::O_RDWR | libc::O_CLOEXEC, 0),
            length: None,
            dirty: BTreeMap::new(),
            stuck: BTreeMap::new(),
            done: Vec::new(),
        });
    }

    /// The file is about to be written to.
    pub(crate) fn writes(&mut self, file: FileId, at: off_t, bytes: &[u8]) {
        let (Some(file), Ok(at)) = (self.files.get_mut(&file), u64::try_from(at)) else { return };
        if bytes.is_empty() {
            return;
        }
        file.keep_length();
        let last = at + bytes.len() as u64 - 1;
        file.keep(at / SECTOR_LONG..=last / SECTOR_LONG);
        file.done.push(Done::Write { at, bytes: bytes.to_owned() });
    }

    /// The file is about to be made this long.
    pub(crate) fn truncates(&mut self, file: FileId, length: off_t) {
        let (Some(file), Ok(length)) = (self.files.get_mut(&file), u64::try_from(length)) else {
            return;
        };
        let now = file.now();
        file.keep_length();
        if length < now {
            file.keep(length / SECTOR_LONG..=(now - 1) / SECTOR_LONG);
        }
        file.done.push(Done::Truncate(length));
    }

    /// A sync came to its end.
    pub(crate) fn synced(&mut self, file: FileId, succeeded: bool) {
        let Some(file) = self.files.get_mut(&file) else { return };
        let dirty = std::mem::take(&mut file.dirty);
        if !succeeded {
            file.stuck.extend(dirty);
        }
        file.done.clear();
        file.length = None;
    }

    /// Names are durable up to here.
    pub(crate) fn names_synced(&mut self) {
        self.names.clear();
    }

    /// A file has a name now that it had not.
    pub(crate) fn created(&mut self, path: PathBuf) {
        self.names.push(NameDone::Created(path));
    }

    /// A file has another name.
    pub(crate) fn renamed(&mut self, from: PathBuf, to: PathBuf, replaced: Option<c_int>) {
        self.names.push(NameDone::Renamed { from, to, replaced });
    }

    /// A file has its name no longer.
    pub(crate) fn unlinked(&mut self, path: PathBuf, held: c_int) {
        self.names.push(NameDone::Unlinked { path, held });
    }

    /// A descriptor of a file that is about to lose its name.
    pub(crate) fn held(&self, path: *const c_char) -> Option<c_int> {
        let status = real::status_of(path)?;
        if let Some(file) = self.files.get(&(status.st_dev, status.st_ino)) {
            return Some(file.fd);
        }
        let fd = real::open(path, libc::O_RDONLY | libc::O_CLOEXEC, 0);
        (fd >= 0).then_some(fd)
    }

    /// Leaves everything as a disk could hold it now.
    fn lose_power(&mut self, code: c_int) -> ! {
        let mut ids: Vec<FileId> = self.files.keys().copied().collect();
        ids.sort_unstable();
        for id in ids {
            if let Some(file) = self.files.get_mut(&id) {
                file.lose_power(&mut self.dice);
            }
        }
        // Names are kept by a journal, so what came later is not kept without what came before.
        let kept = match self.dice.below(3) {
            0 => 0,
            1 => self.names.len(),
            _ => self.dice.below(self.names.len() + 1),
        };
        for done in self.names.drain(kept..).rev() {
            undo(&done);
        }
        real::end(code)
    }
}

impl File {
    /// How long it is.
    fn now(&self) -> u64 {
        real::status(self.fd).and_then(|s| u64::try_from(s.st_size).ok()).unwrap_or(0)
    }

    fn keep_length(&mut self) {
        if self.length.is_none() {
            self.length = Some(self.now());
        }
    }

    /// Keeps sectors as the disk has them.
    fn keep(&mut self, sectors: std::ops::RangeInclusive<u64>) {
        for sector in sectors {
            if self.dirty.contains_key(&sector) {
                continue;
            }
            let durable = self.stuck.remove(&sector).unwrap_or_else(|| {
                let mut bytes = [0; SECTOR];
                real::read_at(self.fd, &mut bytes, sector * SECTOR_LONG);
                bytes
            });
            self.dirty.insert(sector, durable);
        }
    }

    /// Back to what is durable, and some of what was done since.
    fn lose_power(&mut self, dice: &mut Dice) {
        let length = self.length.unwrap_or_else(|| self.now());
        if self.length.is_some() {
            real::ftruncate(self.fd, length.cast_signed());
        }
        for (sector, bytes) in self.stuck.iter().chain(&self.dirty) {
            let at = sector * SECTOR_LONG;
            let fits = length.saturating_sub(at).min(SECTOR_LONG);
            real::write_at(self.fd, &bytes[..usize::try_from(fits).unwrap_or(0)], at);
        }
        let done = std::mem::take(&mut self.done);
        match dice.below(5) {
            0 => {}
            1 => done.iter().for_each(|it| self.redo(it)),
            2 => {
                let whole = dice.below(done.len() + 1);
                done[..whole].iter().for_each(|it| self.redo(it));
                if let Some(Done::Write { at, bytes }) = done.get(whole) {
                    let torn = SECTOR * dice.below(bytes.len() / SECTOR + 1);
                    real::write_at(self.fd, &bytes[..torn], *at);
                }
            }
            3 => done.iter().filter(|_| dice.below(2) == 0).for_each(|it| self.redo(it)),
            _ => self.redo_sectors(done, dice),
        }
    }

    fn redo(&self, done: &Done) {
        match done {
            Done::Write { at, bytes } => real::write_at(self.fd, bytes, *at),
            Done::Truncate(length) => {
                real::ftruncate(self.fd, length.cast_signed());
            }
        }
    }

    /// Every second sector of what was done, in any order if no order is given by its length.
    fn redo_sectors(&self, mut done: Vec<Done>, dice: &mut Dice) {
        if done.iter().all(|it| matches!(it, Done::Write { .. })) {
            for index in (1..done.len()).rev() {
                done.swap(index, dice.below(index + 1));
            }
        }
        for it in &done {
            match it {
                Done::Truncate(_) if dice.below(2) == 0 => self.redo(it),
                Done::Truncate(_) => {}
                Done::Write { at, bytes } => {
                    let mut from = 0;
                    while from < bytes.len() {
                        let start = at + from as u64;
                        let rest = SECTOR_LONG - start % SECTOR_LONG;
                        let until = bytes.len().min(from + usize::try_from(rest).unwrap_or(SECTOR));
                        if dice.below(2) == 0 {
                            real::write_at(self.fd, &bytes[from..until], start);
                        }
                        from = until;
                    }
                }
            }
        }
    }
}

fn undo(done: &NameDone) {
    let name = |path: &Path| CString::new(path.as_os_str().as_bytes()).unwrap_or_default();
    match done {
        NameDone::Created(path) => {
            real::unlink(name(path).as_ptr());
        }
        NameDone::Renamed { from, to, replaced } => {
            real::rename(name(to).as_ptr(), name(from).as_ptr());
            if let Some(held) = replaced {
                bring_back(&name(to), *held);
            }
        }
        NameDone::Unlinked { path, held } => bring_back(&name(path), *held),
    }
}

/// Gives a file its name again, under which it is a copy: it has none any more.
fn bring_back(path: &CString, held: c_int) {
    let flags = libc::O_CREAT | libc::O_TRUNC | libc::O_WRONLY;
    let fd = real::open(path.as_ptr(), flags, 0o600);
    let (mut bytes, mut at) = (vec![0; 1 << 16], 0);
    loop {
        let count = real::read_at(held, &mut bytes, at);
        if count == 0 {
            return;
        }
        real::write_at(fd, &bytes[..count], at);
        at += count as u64;
    }
}

/// Dice that fall the same way for the same seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit.max(1) as u64).unwrap_or(0)
    }
}
