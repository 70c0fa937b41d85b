//! What can happen to the ledger itself.

use crate::family::family;
use crate::values::Code;

family! {
    /// One event about the ledger.
    LedgerEvent as Ledger {
        /// The ledger was opened. Always position 1, so the frame of all answers is under the hash.
        101 Opened("LedgerOpened.v1") {
            /// The ledger's own id.
            ledger: crate::ids::LedgerId,
            /// The version of the recorded format.
            format: u16,
            /// The IANA time zone in which dates are meant.
            zone: Code,
            /// The name of the rule set that it started with.
            preset: Code,
        }
    }
}
