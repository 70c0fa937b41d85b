//! What readers ask of the record: each module answers one question.
//!
//! Invariant: a projection is a pure fold. It can be deleted and rebuilt from the log at any time.
//!
//! A projection keeps the intervals of single subjects, each with both axes; the [`questions`] join
//! them when asked. [`table`] says what a row is, [`projection`] how events become rows,
//! [`intervals`] and [`points`] do so for most of them, and [`digest`] says in one number what a
//! table holds. [`mod@index`] and [`summary`] count ahead what many questions would count again.

pub mod acting;
pub mod ages;
pub mod areas;
pub mod birth_bands;
pub mod branches;
pub mod coverings;
pub mod digest;
pub mod employments;
pub mod fell_due;
#[cfg(test)]
mod given;
pub mod hosts;
pub mod index;
pub mod intervals;
pub mod likenesses;
pub mod lineage;
pub mod lost_contacts;
pub mod membership_states;
pub mod memberships;
pub mod met;
pub mod mobilities;
pub mod period;
pub mod points;
pub mod posts;
pub mod projection;
pub mod questions;
pub mod relations;
pub mod screenings;
pub mod secondary_places;
pub mod summary;
pub mod table;
pub mod timeline;
pub mod transfers;
pub mod trial_extensions;

pub use acting::{Acting, ActingRow};
pub use areas::{AreaRow, Areas};
pub use birth_bands::{BirthBandRow, BirthBands};
pub use branches::{BranchRow, Branches};
pub use coverings::{CoveringRow, Coverings};
pub use digest::{CellRef, Digest, RowRef};
pub use employments::{EmploymentRow, Employments};
pub use fell_due::{FellDue, FellDueRow};
pub use hosts::{HostRow, Hosts};
pub use index::Index;
pub use intervals::{IntervalFold, Intervals};
pub use likenesses::{GoesBy, LikenessRow, Likenesses};
pub use lineage::{Lineage, LineageRow};
pub use lost_contacts::{LostContactRow, LostContacts};
pub use membership_states::{MembershipStateRow, MembershipStates};
pub use memberships::{MembershipRow, Memberships};
pub use mobilities::{Mobilities, MobilityRow};
pub use period::{Cut, Period, day_number};
pub use points::{PointFold, Points};
pub use posts::{PostRow, Posts};
pub use projection::{Op, Projection};
pub use relations::{RelationRow, Relations};
pub use screenings::{ScreeningRow, Screenings};
pub use secondary_places::{SecondaryPlaceRow, SecondaryPlaces};
pub use table::{At, Cell, Column, ColumnKind, DayRule, Filter, Place, Row, Stretch, Table};
pub use timeline::{SubjectTimelines, TimelineRow};
pub use transfers::{TransferRow, Transfers};
pub use trial_extensions::{TrialExtensionRow, TrialExtensions};

/// The table of every projection.
pub const TABLES: &[&Table] = &[
    acting::TABLE,
    areas::TABLE,
    birth_bands::TABLE,
    branches::TABLE,
    coverings::TABLE,
    employments::TABLE,
    fell_due::TABLE,
    hosts::TABLE,
    likenesses::TABLE,
    lineage::TABLE,
    lost_contacts::TABLE,
    membership_states::TABLE,
    memberships::TABLE,
    mobilities::TABLE,
    posts::TABLE,
    relations::TABLE,
    screenings::TABLE,
    secondary_places::TABLE,
    timeline::TABLE,
    transfers::TABLE,
    trial_extensions::TABLE,
];

/// Every projection, with nothing at hand yet, in the order of [`TABLES`].
#[must_use]
pub fn all() -> Vec<Box<dyn Projection>> {
    vec![
        Box::new(IntervalFold::<Acting>::default()),
        Box::new(PointFold::<Areas>::default()),
        Box::new(IntervalFold::<BirthBands>::default()),
        Box::new(IntervalFold::<Branches>::default()),
        Box::new(IntervalFold::<Coverings>::default()),
        Box::new(IntervalFold::<Employments>::default()),
        Box::new(PointFold::<FellDue>::default()),
        Box::new(IntervalFold::<Hosts>::default()),
        Box::new(IntervalFold::<Likenesses>::default()),
        Box::new(PointFold::<Lineage>::default()),
        Box::new(IntervalFold::<LostContacts>::default()),
        Box::new(IntervalFold::<MembershipStates>::default()),
        Box::new(IntervalFold::<Memberships>::default()),
        Box::new(IntervalFold::<Mobilities>::default()),
        Box::new(IntervalFold::<Posts>::default()),
        Box::new(IntervalFold::<Relations>::default()),
        Box::new(PointFold::<Screenings>::default()),
        Box::new(IntervalFold::<SecondaryPlaces>::default()),
        Box::new(PointFold::<SubjectTimelines>::default()),
        Box::new(IntervalFold::<Transfers>::default()),
        Box::new(IntervalFold::<TrialExtensions>::default()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::*;

    #[test]
    fn every_projection_is_in_both_lists() {
        let tables: Vec<_> = all().iter().map(|projection| projection.table()).collect();
        assert_eq!(tables, TABLES);
        assert!(TABLES.is_sorted_by(|one, next| one.name < next.name));
    }

    #[test]
    fn events_of_another_family_than_the_only_one_change_nothing() {
        let other = [
            area(1, "north"),
            formed(1, A, "Alpha", None),
            merged(2, B, "Beta", &[A]),
            fell_due(3, A, "term"),
            screening_held(4, A, &[]),
            registered(4, P1),
            contact_lost(5, M1, P1),
        ];
        for history in any_histories().chain([recorded(&other)]) {
            for (mut all, mut some) in super::all().into_iter().zip(super::all()) {
                for (index, event) in history.iter().enumerate() {
                    let ops = take(&mut *all, &history, index);
                    let family = event.event.family();
                    let is_taken =
                        event.position.0 == 1 || some.only().is_none_or(|it| it == family);
                    let taken =
                        if is_taken { take(&mut *some, &history, index) } else { Vec::new() };
                    assert_eq!(ops, taken, "{}: {event:?}", all.table().name);
                }
            }
        }
    }
}
