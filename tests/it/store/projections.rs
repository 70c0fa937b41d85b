//! What every engine promises about the tables of projections.

use std::collections::BTreeMap;
use std::sync::Arc;

use events::Position;
use jiff::ToSpan;
use jiff::civil::date;
use projections::ages;
use projections::{
    At, Cell, Column, DayRule, Filter, Op, Period, Row, Stretch, Table, birth_bands, likenesses,
    memberships,
};
use rollbook::store::{Progressed, ProjectionStep, Store, StoreError};
use uuid::Uuid;

use super::support::{Fresh, Seeded, on_every_engine};

on_every_engine! {
    rows_and_counts_are_those_of_the_naive_definition,
    members_are_counted_by_year_of_birth_as_their_rows_say,
    a_projection_moves_only_from_where_it_stands,
    a_changed_projection_begins_anew,
    several_projections_move_together_or_not_at_all,
    changes_are_taken_all_or_none,
    a_question_about_no_column_is_refused,
}

const COLUMNS: &[Column] = &[
    Column::id("person").indexed(),
    Column::id("branch").indexed().counted(),
    Column::text("order").optional(),
];

static TABLE: Table =
    Table { name: "homes", version: 1, question: "Who is where?", columns: COLUMNS };
static OTHER: Table =
    Table { name: "others", version: 1, question: "Who else is where?", columns: COLUMNS };
static NEWER: Table =
    Table { name: "homes", version: 2, question: "Who is where?", columns: COLUMNS };

fn person(number: u64) -> Cell {
    projections::table::id(Uuid::from_u128(1 << 64 | u128::from(number)))
}

fn branch(number: u64) -> Cell {
    projections::table::id(Uuid::from_u128(2 << 64 | u128::from(number)))
}

fn row(nature: &Seeded, position: u64, line: u32) -> Row {
    let valid_from = date(2020, 1, 1) + (nature.below(40) as i64).days();
    let until = valid_from + (nature.below(20) as i64).days();
    let order = ["α", "b", "B"].get(nature.below(4) as usize).map(|text| (*text).to_owned());
    Row {
        cells: vec![person(nature.below(30)), branch(nature.below(5)), order.into()],
        valid_from,
        valid_until: (nature.below(3) > 0).then_some(until),
        known_from: Position(position),
        known_until: None,
        opened_by: Position(1 + nature.below(position)),
        closed_by: (nature.below(3) > 0).then(|| Position(1 + nature.below(position))),
        line,
    }
}

/// Random changes up to a position, and the rows that they leave, kept the naive way.
fn changes(
    nature: &Seeded,
    positions: std::ops::RangeInclusive<u64>,
    rows: &mut Vec<Row>,
) -> Vec<Op> {
    let mut ops = Vec::new();
    for position in positions {
        let open: Vec<usize> =
            (0..rows.len()).filter(|index| rows[*index].known_until.is_none()).collect();
        if !open.is_empty() && nature.below(3) == 0 {
            let row = &mut rows[open[nature.below(open.len() as u64) as usize]];
            row.known_until = Some(Position(position));
            ops.push(Op::Close {
                known_from: row.known_from,
                opened_by: row.opened_by,
                line: row.line,
                known_until: Position(position),
            });
        }
        for line in 0..1 + nature.below(2) as u32 {
            let row = row(nature, position, line);
            ops.push(Op::Open(row.clone()));
            rows.push(row);
        }
    }
    rows.sort_by_key(|row| (row.known_from, row.opened_by, row.line));
    ops
}

/// One projection's step alone.
async fn project(
    store: &Arc<dyn Store>,
    table: &'static Table,
    from: Option<Position>,
    until: Position,
    ops: Vec<Op>,
) -> Result<(), StoreError> {
    store.project(vec![ProjectionStep { table, from, until, ops }]).await
}

fn filters(nature: &Seeded, until: u64) -> Vec<Filter> {
    let mut filters = vec![Filter::All];
    for known_at in [0, until / 3, until / 2, until - 1, until, until + 1, u64::MAX] {
        filters.push(Filter::Known(Position(known_at)));
        for day_rule in [DayRule::EndOfDay, DayRule::AnyMoment] {
            let valid_on = date(2020, 1, 1) + (nature.below(60) as i64).days();
            let known_at = Position(known_at);
            filters.push(Filter::Holding(At { valid_on, known_at, day_rule }));
        }
        let from = date(2020, 1, 1) + (nature.below(60) as i64).days();
        let within = Period::new(from, from + (1 + nature.below(9) as i64).days()).unwrap();
        filters.push(Filter::Turning { known_at: Position(known_at), within });
        filters.push(Filter::During { known_at: Position(known_at), within });
    }
    filters
}

async fn rows_and_counts_are_those_of_the_naive_definition(Fresh { store, .. }: Fresh) {
    let nature = Seeded::new(11);
    let mut rows = Vec::new();
    let mut from = None;
    for until in [60, 61, 160] {
        let first = from.map_or(1, |from: Position| from.0 + 1);
        let ops = changes(&nature, first..=until, &mut rows);
        project(&store, &TABLE, from, Position(until), ops).await.unwrap();
        from = Some(Position(until));
        for filter in filters(&nature, until) {
            check(&store, &rows, &filter).await;
        }
    }
}

async fn check(store: &Arc<dyn Store>, rows: &[Row], filter: &Filter) {
    let passing: Vec<Row> = rows.iter().filter(|row| filter.passes(row)).cloned().collect();
    assert_eq!(store.rows(&TABLE, filter, &[]).await.unwrap(), passing, "{filter:?}");
    for (index, column) in COLUMNS.iter().enumerate() {
        let mut counts: BTreeMap<Cell, u64> = BTreeMap::new();
        let mut stretches: BTreeMap<Cell, Vec<Stretch>> = BTreeMap::new();
        for row in &passing {
            *counts.entry(row.cells[index].clone()).or_default() += 1;
            let Row { valid_from: from, valid_until: until, .. } = *row;
            stretches.entry(row.cells[index].clone()).or_default().push(Stretch { from, until });
        }
        stretches.values_mut().for_each(|stretches| stretches.sort());
        let days = store.stretches_by(&TABLE, filter, column.name).await.unwrap();
        assert_eq!(days, stretches.into_iter().collect::<Vec<_>>(), "{filter:?}");
        let counted = store.count_by(&TABLE, filter, column.name).await.unwrap();
        assert_eq!(counted, counts.into_iter().collect::<Vec<_>>(), "{filter:?}");
        let ids = store.count_ids(&TABLE, filter, column.name).await.unwrap();
        let values = counted.iter().filter(|(value, _)| *value != Cell::Empty).count() as u64;
        assert_eq!(ids, values, "{filter:?}");
    }
    for order in [Cell::Empty, Cell::Text("B".to_owned())] {
        let only = [("branch", branch(2)), ("order", order)];
        let wanted: Vec<Row> = passing
            .iter()
            .filter(|row| row.cells[1..] == [only[0].1.clone(), only[1].1.clone()])
            .cloned()
            .collect();
        assert_eq!(store.rows(&TABLE, filter, &only).await.unwrap(), wanted, "{filter:?}");
    }
    let nowhere = [("branch", Cell::Name("no id"))];
    assert_eq!(store.rows(&TABLE, filter, &nowhere).await.unwrap(), [], "{filter:?}");
}

/// Rows of a table about persons at random days, each known for a while or still.
fn about_persons(nature: &Seeded, table: &Table, until: u64) -> Vec<Row> {
    let person = || person(nature.below(12));
    let cells = || match table.name {
        "memberships" => vec![branch(3), person(), branch(4)],
        "birth_bands" => vec![person(), Cell::Text((1940 + 5 * nature.below(9)).to_string())],
        _ => vec![
            person(),
            person(),
            ["merged", "suspected"].map(Cell::Name)[nature.below(2) as usize].clone(),
        ],
    };
    let row = |position| Row {
        cells: cells(),
        // Nothing is known to end after what the table accounts for.
        known_until: Some(position + 1 + nature.below(9))
            .filter(|end| *end <= until && nature.below(2) > 0)
            .map(Position),
        ..row(nature, position, 0)
    };
    (1..=until).filter(|_| nature.below(4) > 0).map(row).collect()
}

async fn members_are_counted_by_year_of_birth_as_their_rows_say(Fresh { store, .. }: Fresh) {
    let tables = [memberships::TABLE, birth_bands::TABLE, likenesses::TABLE];
    let (nature, until) = (Seeded::new(12), 40);
    let rows = tables.map(|table| about_persons(&nature, table, until));
    let step = |(table, rows): (&'static Table, &Vec<Row>)| {
        let ops = rows.iter().cloned().map(Op::Open).collect();
        ProjectionStep { table, from: None, until: Position(until), ops }
    };
    assert!(store.ages(&Filter::All).await.unwrap().is_empty());
    store.project(tables.into_iter().zip(&rows).map(step).collect()).await.unwrap();
    let mut some = 0;
    for filter in filters(&nature, until) {
        let [memberships, birth_bands, likenesses] = rows
            .each_ref()
            .map(|rows| rows.iter().filter(|row| filter.passes(row)).cloned().collect::<Vec<_>>());
        let expected = ages::of(&memberships, &birth_bands, &likenesses);
        some += usize::from(expected.len() > 2);
        assert_eq!(store.ages(&filter).await.unwrap(), expected, "{filter:?}");
    }
    assert!(some > 5, "so few members would show nothing");
}

async fn a_projection_moves_only_from_where_it_stands(Fresh { store, .. }: Fresh) {
    let at = |version, position| Some(Progressed { version, position: Position(position) });
    assert_eq!(store.projected(&TABLE).await.unwrap(), None);
    assert!(store.rows(&TABLE, &Filter::All, &[]).await.unwrap().is_empty());
    assert!(store.count_by(&TABLE, &Filter::All, "branch").await.unwrap().is_empty());
    assert_eq!(store.count_ids(&TABLE, &Filter::All, "branch").await.unwrap(), 0);
    let unbegun = project(&store, &TABLE, Some(Position(0)), Position(1), Vec::new()).await;
    assert!(matches!(unbegun, Err(StoreError::Conflict(_))));
    project(&store, &TABLE, None, Position(3), Vec::new()).await.unwrap();
    let elsewhere = project(&store, &TABLE, Some(Position(2)), Position(4), Vec::new()).await;
    assert!(matches!(elsewhere, Err(StoreError::Conflict(_))));
    project(&store, &TABLE, Some(Position(3)), Position(4), Vec::new()).await.unwrap();
    assert_eq!(store.projected(&TABLE).await.unwrap(), at(1, 4));
}

async fn a_changed_projection_begins_anew(Fresh { store, nature, .. }: Fresh) {
    let ops = changes(&nature, 1..=5, &mut Vec::new());
    project(&store, &TABLE, None, Position(5), ops).await.unwrap();
    assert!(store.rows(&NEWER, &Filter::All, &[]).await.unwrap().is_empty());
    let other = project(&store, &NEWER, Some(Position(5)), Position(6), Vec::new()).await;
    assert!(matches!(other, Err(StoreError::Conflict(_))));
    let mut rows = Vec::new();
    let ops = changes(&nature, 1..=2, &mut rows);
    project(&store, &NEWER, None, Position(2), ops).await.unwrap();
    assert_eq!(store.rows(&NEWER, &Filter::All, &[]).await.unwrap(), rows);
    let stands = store.projected(&TABLE).await.unwrap().unwrap();
    assert_eq!((stands.version, stands.position), (2, Position(2)));
}

async fn several_projections_move_together_or_not_at_all(Fresh { store, nature, .. }: Fresh) {
    let [mut homes, mut others] = [Vec::new(), Vec::new()];
    let step = |table, from: Option<u64>, until, ops| {
        let (from, until) = (from.map(Position), Position(until));
        ProjectionStep { table, from, until, ops }
    };
    let first = vec![
        step(&TABLE, None, 5, changes(&nature, 1..=5, &mut homes)),
        step(&OTHER, None, 7, changes(&nature, 1..=7, &mut others)),
    ];
    store.project(first).await.unwrap();
    let stand = async || {
        let all = Filter::All;
        for (table, rows, at) in [(&TABLE, &homes, 5), (&OTHER, &others, 7)] {
            assert_eq!(store.rows(table, &all, &[]).await.unwrap(), *rows, "{}", table.name);
            assert_eq!(store.projected(table).await.unwrap().unwrap().position, Position(at));
        }
        assert_eq!(store.projected(&NEWER).await.unwrap().unwrap().version, 1);
    };
    stand().await;
    let missing = Op::Close {
        known_from: Position(4),
        opened_by: Position(999),
        line: 0,
        known_until: Position(9),
    };
    let more = |rows: &[Row]| changes(&nature, 8..=9, &mut rows.to_vec());
    for last in [step(&OTHER, Some(6), 9, Vec::new()), step(&OTHER, Some(7), 9, vec![missing])] {
        let moved = step(&TABLE, Some(5), 9, more(&homes));
        store.project(vec![moved, last.clone()]).await.unwrap_err();
        stand().await;
        let anew = step(&NEWER, None, 9, more(&[]));
        store.project(vec![anew, last]).await.unwrap_err();
        stand().await;
    }
    let both = vec![step(&TABLE, Some(5), 9, Vec::new()), step(&OTHER, Some(7), 9, Vec::new())];
    store.project(both).await.unwrap();
    assert_eq!(store.projected(&OTHER).await.unwrap().unwrap().position, Position(9));
}

async fn changes_are_taken_all_or_none(Fresh { store, nature, .. }: Fresh) {
    let mut rows = Vec::new();
    let ops = changes(&nature, 1..=5, &mut rows);
    project(&store, &TABLE, None, Position(5), ops).await.unwrap();
    let mut ops = changes(&nature, 6..=9, &mut rows.clone());
    let (known_from, opened_by) = (Position(3), Position(999));
    ops.push(Op::Close { known_from, opened_by, line: 0, known_until: Position(9) });
    let damaged = project(&store, &TABLE, Some(Position(5)), Position(9), ops).await;
    assert!(matches!(damaged, Err(StoreError::Corrupt { .. })));
    assert_eq!(store.rows(&TABLE, &Filter::All, &[]).await.unwrap(), rows);
    assert_eq!(store.projected(&TABLE).await.unwrap().unwrap().position, Position(5));
    project(&store, &TABLE, Some(Position(5)), Position(6), Vec::new()).await.unwrap();
}

async fn a_question_about_no_column_is_refused(Fresh { store, .. }: Fresh) {
    let only = [("nobody", Cell::Empty)];
    let rows = store.rows(&TABLE, &Filter::All, &only).await;
    assert!(matches!(rows, Err(StoreError::Failed { .. })));
    let counts = store.count_by(&TABLE, &Filter::All, "nobody").await;
    assert!(matches!(counts, Err(StoreError::Failed { .. })));
    let count = store.count_ids(&TABLE, &Filter::All, "nobody").await;
    assert!(matches!(count, Err(StoreError::Failed { .. })));
}
