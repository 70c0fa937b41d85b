//! The permanent record: every fact the ledger can state, its bytes and its hash.
//!
//! Invariant: an event, once released, keeps its name, its number and its meaning for ever.
//! Invariant: this crate performs no IO, reads no clock and rolls no dice.
//!
//! Read [`ids`] and [`values`] first, then one family (say [`membership`]), then [`record`].

pub mod branch;
pub mod clock;
pub mod correction;
pub mod family;
pub mod guard;
pub mod host;
pub mod ids;
pub mod leaf;
pub mod ledger;
pub mod membership;
mod outline;
pub mod person;
pub mod policy;
pub mod post;
pub mod quoted;
pub mod record;
pub mod relation;
pub mod reorganisation;
#[cfg(test)]
mod samples;
pub mod timeline;
pub mod transfer;
mod tree;
pub mod values;

pub use branch::BranchEvent;
pub use clock::ClockEvent;
pub use correction::{CorrectionEvent, Entry, Place, Places};
pub use family::{Event, EventRef, Family, FamilyName, Kind};
pub use guard::Guard;
pub use host::HostEvent;
pub use ids::{
    BranchId, HostId, LedgerId, MembershipId, PersonId, PostId, RelationId, ReorganisationId,
    StreamId, TransferId,
};
pub use ledger::LedgerEvent;
pub use membership::MembershipEvent;
pub use person::PersonEvent;
pub use policy::PolicyEvent;
pub use post::PostEvent;
pub use quoted::Quoted;
pub use record::{Envelope, Record, RecordError, Recorded};
pub use relation::{Party, RelationEvent, RelationKind};
pub use reorganisation::ReorganisationEvent;
pub use timeline::{Span, Timeline};
pub use transfer::TransferEvent;
pub use values::{Code, Date, Instant, Position, Precision, Text};
