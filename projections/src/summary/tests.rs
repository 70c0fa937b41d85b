use std::collections::BTreeSet;

use events::{CorrectionEvent, Event, PersonId, Position, Recorded};

use super::*;
use crate::given::*;
use crate::table::{At, DayRule, Filter, Row};
use crate::{MembershipRow, Op, Projection, ages};

/// How many days a random history has, and some before and after.
const DAYS: std::ops::Range<i8> = 1..9;

/// The rows of memberships, birth bands and likenesses after a history, in their order.
fn rows(history: &[Recorded]) -> [Vec<Row>; 3] {
    [memberships::TABLE, birth_bands::TABLE, likenesses::TABLE].map(|table| {
        let mut folds = crate::all().into_iter();
        let mut fold: Box<dyn Projection> = folds.find(|fold| fold.table() == table).unwrap();
        let mut rows = Vec::new();
        (0..history.len()).for_each(|at| keep(&mut rows, take(&mut *fold, history, at)));
        rows.sort_by_key(Row::place);
        rows
    })
}

/// The numbers of a day, counted one by one.
fn expected(tables: &[Vec<Row>; 3], at: At) -> (Vec<(Cell, u64)>, Ages) {
    let held = tables.each_ref().map(|rows| {
        let filter = Filter::Holding(at);
        rows.iter().filter(|row| filter.passes(row)).cloned().collect::<Vec<_>>()
    });
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for row in held[0].iter().map(MembershipRow::of) {
        *counts.entry(row.branch).or_default() += 1;
    }
    let counts = counts.into_iter().map(|(id, count)| (Cell::Text(id.to_owned()), count));
    (counts.collect(), ages::of(&held[0], &held[1], &held[2]))
}

fn found(pieces: &[&Piece], on: Date) -> (Vec<(Cell, u64)>, Ages) {
    let mut counts = Counts::default();
    pieces.iter().for_each(|piece| counts.add(piece, on));
    (counts.by_branch().unwrap(), counts.ages().unwrap())
}

#[test]
fn days_add_up_to_what_is_counted_one_by_one_at_every_place_of_any_history() {
    let (mut merged, mut some) = (0, 0);
    for history in any_histories() {
        let tables = rows(&history);
        let people = People::of(&tables[0], &tables[1], &tables[2]);
        let middle = Position(history.len() as u64 / 2);
        let earlier = people.changes(middle);
        merged += people.merges.len();
        for known_at in (0..=history.len() as u64 + 1).map(Position) {
            let changes = people.changes(known_at);
            let since = Piece::from(changes.less(&earlier));
            let (whole, pieces) = (Piece::from(changes.clone()), changes.pieces_of(3));
            let first = earlier.pieces_of(3);
            for valid_on in DAYS.map(day) {
                let at = At { valid_on, known_at, day_rule: DayRule::EndOfDay };
                let expected = expected(&tables, at);
                some += usize::from(expected.0.len() > 1);
                assert_eq!(found(&[&whole], valid_on), expected, "{at:?}");
                let of_day = |pieces: &[(Date, Piece)]| {
                    let begun = pieces.iter().take_while(|(first, _)| *first <= valid_on);
                    begun.last().map(|(_, piece)| piece.clone()).unwrap_or_default()
                };
                assert_eq!(found(&[&of_day(&pieces)], valid_on), expected, "{at:?}");
                assert_eq!(found(&[&of_day(&first), &since], valid_on), expected, "{at:?}");
            }
        }
    }
    assert!(merged > 20 && some > 1_000, "{merged} merges and {some} days would show nothing");
}

/// The persons whom a membership's event names.
fn members(event: &Event) -> Vec<PersonId> {
    if let Event::Membership(change) = event {
        return vec![change.person()];
    }
    let Event::Correction(correction) = event else { return Vec::new() };
    let mut named = members(correction.was());
    if let CorrectionEvent::Replaced { by, .. } = correction {
        named.extend(members(by.event()));
    }
    named
}

#[test]
fn whoever_may_be_told_of_otherwise_is_named_on_the_timeline() {
    let [any_line, first_line] = timeline::about_members();
    let names = |row: &Row| {
        let kind = row.cells[1].text();
        any_line.contains(&kind) || row.line == 0 && first_line.contains(&kind)
    };
    let persons = |table: &Table, row: &Row| match table {
        table if table == memberships::TABLE => row.cells[1..2].to_vec(),
        table if table == birth_bands::TABLE => row.cells[..1].to_vec(),
        _ => row.cells[..2].to_vec(),
    };
    let mut some = 0;
    for history in any_histories() {
        let mut folds = crate::all();
        folds.retain(|fold| TABLES.contains(&fold.table()));
        let mut tables: BTreeMap<&str, Vec<Row>> = BTreeMap::new();
        for (at, event) in history.iter().enumerate() {
            let (mut named, mut told) = (Vec::new(), Vec::new());
            for fold in &mut folds {
                let (ops, table) = (take(&mut **fold, &history, at), fold.table());
                let kept = tables.entry(table.name).or_default();
                keep(kept, ops.clone());
                for op in ops {
                    let place = match op {
                        Op::Open(row) => row.place(),
                        Op::Close { known_from, opened_by, line, .. } => {
                            (known_from, opened_by, line)
                        }
                    };
                    let row = kept.iter().find(|row| row.place() == place).unwrap();
                    if table != timeline::TABLE {
                        told.extend(persons(table, row));
                    } else if names(row) {
                        named.push(row.cells[0].clone());
                    }
                }
            }
            // Every command leaves a membership to one person; here dice say who it is.
            let same = history.iter().filter(|other| other.stream == event.stream);
            let one: BTreeSet<PersonId> = same.flat_map(|other| members(&other.event)).collect();
            if one.len() > 1 {
                continue;
            }
            some += told.len();
            assert!(told.iter().all(|person| named.contains(person)), "{event:?}");
        }
    }
    assert!(some > 400, "{some} would show nothing");
}

fn changes(deltas: &[(i8, Counted, i32)]) -> Changes {
    let deltas =
        deltas.iter().map(|(on, counted, by)| Delta { day: day(*on), counted: *counted, by: *by });
    Changes::of(&[Uuid::from_u128(9), Uuid::from_u128(7), Uuid::from_u128(9)], deltas.collect())
}

#[test]
fn changes_that_come_to_the_same_are_equal() {
    let (nine, seven, again) = (Counted::Branch(0), Counted::Branch(1), Counted::Branch(2));
    let unknown = Counted::Born(None);
    let one = changes(&[(3, again, 1), (2, unknown, 4), (2, nine, 1), (3, nine, -2)]);
    let other = changes(&[(2, again, 1), (3, nine, -1), (2, unknown, 4), (5, seven, 0)]);
    assert_eq!(one, other);
    assert_eq!((one.len(), one.less(&other).is_empty()), (3, true));
    assert_eq!(one.and(&one).less(&one), one);
}

#[test]
fn bytes_are_those_of_one_piece_or_of_none() {
    let (nine, seven) = (Counted::Branch(0), Counted::Branch(1));
    let born = Counted::Born(Some(1950));
    let all = changes(&[(1, nine, 2), (1, born, 2), (2, seven, 1), (3, born, -1), (4, nine, -2)]);
    let pieces = all.pieces_of(2);
    assert_eq!(pieces.iter().map(|(first, _)| first.day()).collect::<Vec<_>>(), [1, 2, 4]);
    let deltas = pieces.iter().map(|(_, piece)| piece.changes());
    assert_eq!(deltas.reduce(|sum, next| sum.and(&next)), Some(all));
    for (_, piece) in &pieces {
        let bytes = piece.to_bytes();
        assert_eq!(Piece::from_bytes(&bytes).as_ref(), Some(piece));
        for length in 0..bytes.len() {
            assert_eq!(Piece::from_bytes(&bytes[..length]), None);
        }
        assert_eq!(Piece::from_bytes(&[&bytes[..], &[0]].concat()), None);
        for at in 0..bytes.len() {
            let mut other = bytes.clone();
            other[at] ^= 0xff;
            // It may be another piece: whatever it comes to, nothing fails.
            if let Some(piece) = Piece::from_bytes(&other) {
                let mut counts = Counts::default();
                counts.add(&piece, day(3));
                let all = piece.changes().and(&piece.changes()).pieces_of(1);
                assert!(all.len() <= 3 && counts.by_branch().is_none_or(|it| it.len() <= 2));
            }
        }
    }
    assert_eq!(Counts::default().ages(), Some(Ages::new()));
    let mut counts = Counts::default();
    counts.add(&pieces[2].1.changes().into(), day(4));
    assert_eq!((counts.by_branch(), counts.ages()), (None, Some(Ages::new())));
}
