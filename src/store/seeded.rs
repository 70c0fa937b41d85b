//! Bugs planted on purpose, so that the crash harness in `tests/crash` can show that it finds them.
//!
//! Only with the feature `seeded-faults`, which that harness alone asks for. Without it nothing
//! can be planted, and every [`planted`] is `false` when the program is compiled.

macro_rules! faults {
    ($($(#[$doc:meta])* $Fault:ident = $code:literal,)*) => {
        /// A bug that can be planted.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Fault {
            $($(#[$doc])* $Fault,)*
        }

        impl Fault {
            /// Every one, in the order of the list.
            pub const ALL: &[Self] = &[$(Self::$Fault,)*];

            /// Its name on a command line.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$Fault => $code,)*
                }
            }
        }
    };
}

faults! {
    /// Callers are answered, and the transaction is committed when the next one begins.
    AcknowledgeBeforeCommit = "acknowledge_before_commit",
    /// Of two who ask for the same at the same time one is refused what the other one was granted.
    AskedTwiceRefused = "asked_twice_refused",
    /// An append of several events is committed in pieces.
    BatchSplit = "batch_split",
    /// The log is folded in without a sync.
    CheckpointNotSynced = "checkpoint_not_synced",
    /// A commit that fails is answered like one that did not.
    CommitErrorIgnored = "commit_error_ignored",
    /// A commit during which the connection is cut is taken for one that took place (PostgreSQL).
    CutCommitBelieved = "cut_commit_believed",
    /// A new ledger is built where it will lie.
    FoundedInPlace = "founded_in_place",
    /// The head moves without its tree.
    FrontierNotStored = "frontier_not_stored",
    /// What a decision looked at may have changed.
    GuardNotAsserted = "guard_not_asserted",
    /// What a crash kept the tables of guards from taking in is left out for good.
    GuardsLeftBehind = "guards_left_behind",
    /// The head is read without its lock (PostgreSQL).
    HeadNotLocked = "head_not_locked",
    /// The writer's own idea of the head moves before the commit.
    HeadMovedBeforeCommit = "head_moved_before_commit",
    /// Two processes may write.
    LockNotTaken = "lock_not_taken",
    /// What is remembered of streams and guards changes before the commit.
    MemoryToldBeforeCommit = "memory_told_before_commit",
    /// Positions are handed out like those of a sequence: also to what is refused.
    PositionFromSequence = "position_from_sequence",
    /// A projection's position is committed before its rows.
    PositionStoredBeforeRows = "position_stored_before_rows",
    /// Rows of a projection are written and its position is not, so that it takes the step again.
    ProjectionStepTwice = "projection_step_twice",
    /// Receipts have a transaction of their own, after the events.
    ReceiptOutsideTheTransaction = "receipt_outside_the_transaction",
    /// No commit waits for the disk.
    SynchronousNormal = "synchronous_normal",
    /// A failed sync does not end the writing.
    UnconfirmedForgotten = "unconfirmed_forgotten",
    /// The vault hears of a person after the record does.
    VaultWrittenAfter = "vault_written_after",
    /// A stream may have moved on.
    VersionNotAsserted = "version_not_asserted",
}

#[cfg(feature = "seeded-faults")]
static PLANTED: std::sync::OnceLock<Fault> = std::sync::OnceLock::new();

/// Plants a bug for the rest of this process; the first one counts.
#[cfg(feature = "seeded-faults")]
pub fn plant(fault: Fault) {
    let _ = PLANTED.set(fault);
}

/// Whether this bug was planted.
#[cfg(feature = "seeded-faults")]
pub(crate) fn planted(fault: Fault) -> bool {
    PLANTED.get() == Some(&fault)
}

/// Whether this bug was planted: without the feature none ever is.
#[cfg(not(feature = "seeded-faults"))]
pub(crate) const fn planted(_: Fault) -> bool {
    false
}
