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
        /// An area was defined: from now on hosts may lie in it.
        102 AreaDefined("AreaDefined.v1") {
            /// The code that people use for it; never used for another one.
            code: Code,
            /// Its name.
            name: crate::values::Text,
        }
    }
}
