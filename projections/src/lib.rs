//! What readers ask of the record: each module answers one question.
//!
//! Invariant: a projection is a pure fold. It can be deleted and rebuilt from the log at any time.
//!
//! A projection keeps the intervals of single subjects, each with both axes; the [`questions`] join
//! them when asked. [`table`] says what a row is, [`projection`] how events become rows,
//! [`intervals`] and [`points`] do so for most of them, and [`digest`] says in one number what a
//! table holds.

pub mod branches;
pub mod digest;
#[cfg(test)]
mod given;
pub mod intervals;
pub mod lineage;
pub mod memberships;
pub mod points;
pub mod posts;
pub mod projection;
pub mod questions;
pub mod table;
pub mod timeline;

pub use branches::{BranchRow, Branches};
pub use digest::Digest;
pub use intervals::{IntervalFold, Intervals};
pub use lineage::{Lineage, LineageRow};
pub use memberships::{MembershipRow, Memberships};
pub use points::{PointFold, Points};
pub use posts::{PostRow, Posts};
pub use projection::{Op, Projection};
pub use table::{At, Cell, Column, ColumnKind, DayRule, Filter, Row, Table};
pub use timeline::{SubjectTimelines, TimelineRow};

/// The table of every projection.
pub const TABLES: &[&Table] =
    &[branches::TABLE, lineage::TABLE, memberships::TABLE, posts::TABLE, timeline::TABLE];

/// Every projection, with nothing at hand yet, in the order of [`TABLES`].
#[must_use]
pub fn all() -> Vec<Box<dyn Projection>> {
    vec![
        Box::new(IntervalFold::<Branches>::default()),
        Box::new(PointFold::<Lineage>::default()),
        Box::new(IntervalFold::<Memberships>::default()),
        Box::new(IntervalFold::<Posts>::default()),
        Box::new(PointFold::<SubjectTimelines>::default()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_projection_is_in_both_lists() {
        let tables: Vec<_> = all().iter().map(|projection| projection.table()).collect();
        assert_eq!(tables, TABLES);
        assert!(TABLES.is_sorted_by(|one, next| one.name < next.name));
    }
}
