//! The exit codes: the one table of them.

use std::process::ExitCode;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Exit {
    /// All is well; also when an import's report lists refused facts.
    Ok = 0,
    /// Something outside the program failed.
    Failed = 1,
    /// The request, or a file that it names, cannot be read as what it should be.
    Usage = 2,
    /// What is stored is not what was written.
    Tampering = 3,
    /// The verification could not be finished.
    Incomplete = 4,
    /// A rule says no.
    Refused = 5,
    /// It contradicts what is there.
    Conflict = 6,
    /// There is no such thing in the ledger.
    NotFound = 7,
    /// It may not be done here.
    NotPermitted = 8,
    /// There is no ledger there.
    NoLedger = 10,
    /// Another process is writing to the ledger.
    AnotherWriter = 11,
    /// The key is missing, or does not open the vault.
    WrongKey = 12,
    /// It was interrupted.
    Interrupted = 130,
}

impl Exit {
    /// Every exit code, with the word under which the catalogue explains it.
    pub const TABLE: &'static [(Self, &'static str)] = &[
        (Self::Ok, "ok"),
        (Self::Failed, "failed"),
        (Self::Usage, "usage"),
        (Self::Tampering, "tampering"),
        (Self::Incomplete, "incomplete"),
        (Self::Refused, "refused"),
        (Self::Conflict, "conflict"),
        (Self::NotFound, "not_found"),
        (Self::NotPermitted, "not_permitted"),
        (Self::NoLedger, "no_ledger"),
        (Self::AnotherWriter, "another_writer"),
        (Self::WrongKey, "wrong_key"),
        (Self::Interrupted, "interrupted"),
    ];

    /// The number that the process ends with.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}
