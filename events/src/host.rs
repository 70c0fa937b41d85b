//! What can happen to a host: an enterprise or unit on which branches rest and where members work.

use serde::{Deserialize, Serialize};

use crate::family::family;
use crate::ids::PersonId;
use crate::values::{Code, Date, Precision, Text};

family! {
    /// One event about one host.
    HostEvent as Host {
        /// The host became known to the ledger; it operates from that day on.
        701 Registered("HostRegistered.v1") {
            /// The code that people use for it; no other host of the ledger ever has the same.
            code: Code,
            /// Its name on that day.
            name: Text,
            /// Its kind, one of the policy's.
            host_kind: Code,
            /// Who owns it, as one of the policy's codes.
            ownership: Code,
            /// How many people work there.
            staff: u32,
            /// The area in which it lies, as a defined code.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            area: Option<Code>,
            /// The posts that a member should hold.
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            key_posts: Vec<Code>,
        }
        /// Some of what it is changed; what is absent stays as it was.
        702 Changed("HostChanged.v1") {
            /// Its name from then on.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            name: Option<Text>,
            /// Its kind from then on.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            host_kind: Option<Code>,
            /// Who owns it from then on.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            ownership: Option<Code>,
            /// How many people work there from then on.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            staff: Option<u32>,
            /// The area in which it lies from then on.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            area: Option<Code>,
            /// All the posts that a member should hold from then on.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            key_posts: Option<Vec<Code>>,
        }
        /// The host ceased to operate; `effective` is the first day without it.
        703 Closed("HostClosed.v1") {
            /// Why, as a code.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            reason: Option<Code>,
        }
        /// A person took up work there, or another post of it.
        704 Employed("PersonEmployed.v2") {
            /// Who works there from then on.
            person: PersonId,
            /// In which post, where it is one that counts.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            post: Option<Code>,
            /// Whether there is a contract of employment.
            #[serde(default, skip_serializing_if = "std::ops::Not::not")]
            contract: bool,
        }
        /// A person left; `effective` is the first day without them.
        705 EmploymentEnded("EmploymentEnded.v1") {
            /// Who worked there.
            person: PersonId,
        }
    }
    upcast {
        704 "PersonEmployed.v1" from EmployedV1,
    }
}

/// An employment before contracts were recorded: none is known of.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EmployedV1 {
    effective: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    precision: Option<Precision>,
    person: PersonId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    post: Option<Code>,
}

impl From<EmployedV1> for HostEvent {
    fn from(EmployedV1 { effective, precision, person, post }: EmployedV1) -> Self {
        Self::Employed { effective, precision, person, post, contract: false }
    }
}
