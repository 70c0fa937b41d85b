//! The C library's own functions, behind those that stand in front of them.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::transmute;
use std::sync::OnceLock;

use libc::{mode_t, off_t, size_t, ssize_t, stat64};

/// The next function of that name.
fn next(found: &'static OnceLock<usize>, name: &CStr) -> usize {
    *found.get_or_init(|| {
        // SAFETY: the name ends with a zero.
        let address = unsafe { libc::dlsym(libc::RTLD_NEXT, name.as_ptr()) } as usize;
        assert!(address != 0, "the C library has it");
        address
    })
}

/// A function that calls the next one of its name.
macro_rules! real {
    ($name:ident($($argument:ident: $Type:ty),*) -> $Answer:ty, $symbol:literal) => {
        pub(crate) fn $name($($argument: $Type),*) -> $Answer {
            static FOUND: OnceLock<usize> = OnceLock::new();
            let address = next(&FOUND, $symbol);
            // SAFETY: that is the function's type.
            let function: unsafe extern "C" fn($($Type),*) -> $Answer =
                unsafe { transmute(address) };
            // SAFETY: the arguments are a caller's, or this crate's own.
            unsafe { function($($argument),*) }
        }
    };
}

real!(open(path: *const c_char, flags: c_int, mode: mode_t) -> c_int, c"open64");
real!(write(fd: c_int, bytes: *const c_void, count: size_t) -> ssize_t, c"write");
real!(
    pwrite(fd: c_int, bytes: *const c_void, count: size_t, at: off_t) -> ssize_t, c"pwrite64"
);
real!(ftruncate(fd: c_int, length: off_t) -> c_int, c"ftruncate64");
real!(fsync(fd: c_int) -> c_int, c"fsync");
real!(rename(from: *const c_char, to: *const c_char) -> c_int, c"rename");
real!(unlink(path: *const c_char) -> c_int, c"unlink");

/// Whether there is anything of that name.
pub(crate) fn exists(path: *const c_char) -> bool {
    // SAFETY: the path is a caller's.
    unsafe { libc::access(path, libc::F_OK) == 0 }
}

/// Where the next `write` goes.
pub(crate) fn place(fd: c_int) -> off_t {
    // SAFETY: it only asks.
    unsafe { libc::lseek(fd, 0, libc::SEEK_CUR) }
}

/// What is known of an open file.
pub(crate) fn status(fd: c_int) -> Option<stat64> {
    // SAFETY: all zeros is a value of this plain structure, and it is large enough.
    unsafe {
        let mut status: stat64 = std::mem::zeroed();
        (libc::fstat64(fd, &raw mut status) == 0).then_some(status)
    }
}

/// What is known of a file.
pub(crate) fn status_of(path: *const c_char) -> Option<stat64> {
    // SAFETY: all zeros is a value of this plain structure, and it is large enough.
    unsafe {
        let mut status: stat64 = std::mem::zeroed();
        (libc::stat64(path, &raw mut status) == 0).then_some(status)
    }
}

/// Reads as much as there is, and no more than fits.
pub(crate) fn read_at(fd: c_int, bytes: &mut [u8], at: u64) -> usize {
    // SAFETY: the bytes are there.
    let count =
        unsafe { libc::pread64(fd, bytes.as_mut_ptr().cast(), bytes.len(), at.cast_signed()) };
    usize::try_from(count).unwrap_or(0)
}

/// Writes, past everything that watches.
pub(crate) fn write_at(fd: c_int, bytes: &[u8], at: u64) {
    pwrite(fd, bytes.as_ptr().cast(), bytes.len(), at.cast_signed());
}

/// Has something done when the process ends by itself.
pub(crate) fn at_exit(work: extern "C" fn()) {
    // SAFETY: it is a function.
    unsafe { libc::atexit(work) };
}

/// Ends the process at once.
pub(crate) fn end(code: c_int) -> ! {
    // SAFETY: nothing comes after it.
    unsafe { libc::_exit(code) }
}
