//! What the passing of time brings, recorded when the clock is advanced: reading changes nothing.

use serde::{Deserialize, Serialize};

use crate::family::family;
use crate::ids::{BranchId, StreamId};
use crate::values::Code;

family! {
    /// One event about the ledger's clock, or a round of screening.
    ClockEvent as Clock {
        /// What fell due up to the end of a day is recorded; `effective` is that day.
        1201 Advanced("ClockAdvanced.v1") {}
        /// Something fell due; `effective` is the day.
        1202 FellDue("FellDue.v1") {
            /// What it is about.
            subject: StreamId,
            /// What fell due, as a code.
            due: Code,
            /// The rule that says so, by its key in the rule set.
            rule: Code,
            /// The branch whose task it is, where it is a branch's.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            branch: Option<BranchId>,
        }
        /// Everything in a branch and below it was gone through; `effective` is the day for which.
        1203 ScreeningHeld("ScreeningHeld.v1") {
            /// The branch at the top.
            root: BranchId,
            /// How many branches were gone through.
            branches: u32,
            /// How many members are at home in them.
            members: u32,
            /// What was found, by its code; what was not found is left out.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            findings: Vec<FindingCount>,
        }
    }
}

/// How often a screening found one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingCount {
    /// What was found, as a code.
    pub finding: Code,
    /// How often; never 0.
    pub count: u32,
}
