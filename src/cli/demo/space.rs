//! Whether a ledger fits on the disk before anything of it is written.

use std::path::Path;

/// What one city takes, with its vault and with room for what is not yet folded into the file.
const CITY_BYTES: u64 = 45_000_000;

/// How much is kept free beside it: the write-ahead file, and room to breathe.
const RESERVE_BYTES: u64 = 200_000_000;

/// How much a plan of that scale takes.
pub(super) fn needed(scale: u32) -> u64 {
    CITY_BYTES * u64::from(scale) + RESERVE_BYTES
}

/// How much of that does not fit into so much free space; `None` where it fits, or where nobody
/// knows.
pub(super) fn lacking(scale: u32, free: Option<u64>) -> Option<u64> {
    needed(scale).checked_sub(free?).filter(|bytes| *bytes > 0)
}

/// How much is free on the disk of a file that is to be made.
#[cfg(unix)]
pub(super) fn free(file: &Path) -> Option<u64> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let disk = rustix::fs::statvfs(folder.unwrap_or(Path::new("."))).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

/// How much is free on the disk of a file that is to be made.
#[cfg(not(unix))]
pub(super) fn free(_: &Path) -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_known_before() {
        assert_eq!(lacking(1, None), None);
        assert_eq!(lacking(2, Some(needed(2))), None);
        assert_eq!(lacking(2, Some(needed(2) - 1)), Some(1));
        assert!(lacking(500, Some(1 << 20)).is_some_and(|bytes| bytes > 1 << 34));
    }

    #[test]
    fn the_disk_of_a_new_file_says_how_much_is_free() {
        assert_eq!(free(Path::new("new.db")).is_some(), cfg!(unix));
        assert_eq!(free(Path::new("no/such/folder/new.db")), None);
    }
}
