//! A disk that forgets what was not synced. Preloaded (`LD_PRELOAD`) into a process, it stands
//! between it and the C library, for the files below one directory.
//!
//! It keeps what was written since the last sync. At a chosen operation the power fails: files and
//! names are left as a disk could hold them then, and the process is gone. Or that operation fails,
//! with an error of choice. Operations are what changes files, names or what is durable of them.
//!
//! | variable | meaning |
//! |---|---|
//! | `SHIM_ROOT` | the directory |
//! | `SHIM_SEED` | the seed of all chance |
//! | `SHIM_CUT` | the operation at which the power fails, or else when the process ends |
//! | `SHIM_FAIL` | the operation that fails |
//! | `SHIM_ERROR` | its error number |
//! | `SHIM_FOR_GOOD` | all later ones fail too |
//! | `SHIM_TRACE` | every operation is told on standard error |
//! | `SHIM_COUNT` | the number of operations is told on standard error at the end |
//!
//! A sync that failed is believed to have lost what it was to write: Linux marks those pages clean,
//! and a later sync does not write them. What SQLite keeps in shared memory (`-shm`) does not
//! outlive a crash and is left alone, and so are lock files.
//!
//! This is the one place of the project where `unsafe` may stand: it is the C library's side.

mod disk;
mod real;

use std::ffi::{CStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::slice;

use libc::{mode_t, off_t, size_t, ssize_t};

use crate::disk::disk;

/// Gives a caller an error number.
fn fail(error: c_int) -> c_int {
    // SAFETY: the C library keeps one for each thread.
    unsafe { *libc::__errno_location() = error };
    -1
}

/// The path below the directory that is watched, if it is one of its files.
fn watched(path: *const c_char) -> Option<PathBuf> {
    // SAFETY: whoever calls the C library gives it a path.
    let bytes = unsafe { CStr::from_ptr(path) }.to_bytes();
    let path = Path::new(std::ffi::OsStr::from_bytes(bytes));
    disk().watches(path).then(|| path.to_owned())
}

fn open_any(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    let Some(name) = watched(path) else { return real::open(path, flags, mode) };
    let mut disk = disk();
    let creates = flags & libc::O_CREAT != 0 && !real::exists(path);
    if creates && let Err(error) = disk.comes("create", &name) {
        return fail(error);
    }
    let fd = real::open(path, flags, mode);
    if fd >= 0 && flags & libc::O_ACCMODE != libc::O_RDONLY {
        disk.opened(fd, path, &name);
    }
    if fd >= 0 && creates {
        disk.created(name);
    }
    fd
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn open(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    open_any(path, flags, mode)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn open64(path: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    open_any(path, flags, mode)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn creat(path: *const c_char, mode: mode_t) -> c_int {
    open_any(path, libc::O_CREAT | libc::O_WRONLY | libc::O_TRUNC, mode)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn write(fd: c_int, bytes: *const c_void, count: size_t) -> ssize_t {
    if fd > 2 {
        let mut disk = disk();
        if let Some((file, path)) = disk.find(fd) {
            if let Err(error) = disk.comes("write", &path) {
                return fail(error) as ssize_t;
            }
            // SAFETY: whoever calls the C library gives it so many bytes.
            let new = unsafe { slice::from_raw_parts(bytes.cast(), count) };
            disk.writes(file, real::place(fd), new);
            return real::write(fd, bytes, count);
        }
    }
    real::write(fd, bytes, count)
}

fn write_at(fd: c_int, bytes: *const c_void, count: size_t, at: off_t) -> ssize_t {
    let mut disk = disk();
    if let Some((file, path)) = disk.find(fd) {
        if let Err(error) = disk.comes("write", &path) {
            return fail(error) as ssize_t;
        }
        // SAFETY: whoever calls the C library gives it so many bytes.
        let new = unsafe { slice::from_raw_parts(bytes.cast(), count) };
        disk.writes(file, at, new);
    }
    real::pwrite(fd, bytes, count, at)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwrite(
    fd: c_int,
    bytes: *const c_void,
    count: size_t,
    at: off_t,
) -> ssize_t {
    write_at(fd, bytes, count, at)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pwrite64(
    fd: c_int,
    bytes: *const c_void,
    count: size_t,
    at: off_t,
) -> ssize_t {
    write_at(fd, bytes, count, at)
}

fn truncate_to(fd: c_int, length: off_t) -> c_int {
    let mut disk = disk();
    if let Some((file, path)) = disk.find(fd) {
        if let Err(error) = disk.comes("truncate", &path) {
            return fail(error);
        }
        disk.truncates(file, length);
    }
    real::ftruncate(fd, length)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ftruncate(fd: c_int, length: off_t) -> c_int {
    truncate_to(fd, length)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ftruncate64(fd: c_int, length: off_t) -> c_int {
    truncate_to(fd, length)
}

/// Nothing has to reach the device below: what this disk promises is all there is.
fn sync(fd: c_int) -> c_int {
    let mut disk = disk();
    if let Some((file, path)) = disk.find(fd) {
        let done = disk.comes("sync", &path);
        disk.synced(file, done.is_ok());
        return done.map_or_else(fail, |()| 0);
    }
    if disk.is_directory(fd) {
        let done = disk.comes("sync", Path::new("the directory"));
        if done.is_ok() {
            disk.names_synced();
        }
        return done.map_or_else(fail, |()| 0);
    }
    real::fsync(fd)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fsync(fd: c_int) -> c_int {
    sync(fd)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdatasync(fd: c_int) -> c_int {
    sync(fd)
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    let (Some(old), Some(new)) = (watched(from), watched(to)) else {
        return real::rename(from, to);
    };
    let mut disk = disk();
    if let Err(error) = disk.comes("rename", &new) {
        return fail(error);
    }
    let replaced = disk.held(to);
    let done = real::rename(from, to);
    if done == 0 {
        disk.renamed(old, new, replaced);
    }
    done
}

/// # Safety
/// As the C library's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn unlink(path: *const c_char) -> c_int {
    let Some(name) = watched(path).filter(|_| real::exists(path)) else {
        return real::unlink(path);
    };
    let mut disk = disk();
    if let Err(error) = disk.comes("unlink", &name) {
        return fail(error);
    }
    let held = disk.held(path);
    let done = real::unlink(path);
    if let (0, Some(held)) = (done, held) {
        disk.unlinked(name, held);
    }
    done
}
