//! The newest rows of a table that is being built, held back until they are likely to be final.
//!
//! Most rows that are closed at all are closed soon. What is closed while it is here is written
//! once, as it ends up, and not written and then changed.

use std::collections::VecDeque;

use events::Position;
use projections::{Op, Row};

/// The rows, in the order in which a table keeps them.
#[derive(Default)]
pub(super) struct Window {
    rows: VecDeque<Row>,
    /// What happens to rows that are written already.
    late: Vec<Op>,
}

type Place = (Position, Position, u32);

fn place(row: &Row) -> Place {
    (row.known_from, row.opened_by, row.line)
}

impl Window {
    /// Takes changes, in the order in which they happen.
    pub(super) fn take(&mut self, ops: Vec<Op>) {
        for op in ops {
            match op {
                Op::Open(row) => self.open(row),
                Op::Close { known_from, opened_by, line, known_until } => {
                    match self.find((known_from, opened_by, line)) {
                        Some(row) => row.known_until = Some(known_until),
                        None => self.late.push(op),
                    }
                }
            }
        }
    }

    fn open(&mut self, row: Row) {
        if self.rows.back().is_none_or(|last| place(last) < place(&row)) {
            self.rows.push_back(row);
        } else {
            let at = self.rows.partition_point(|other| place(other) < place(&row));
            self.rows.insert(at, row);
        }
    }

    fn find(&mut self, wanted: Place) -> Option<&mut Row> {
        let at = self.rows.partition_point(|row| place(row) < wanted);
        let row = self.rows.get_mut(at)?;
        (place(row) == wanted && row.known_until.is_none()).then_some(row)
    }

    /// What is to be written now, so that no more than this many rows are held back.
    pub(super) fn drain(&mut self, rows_max: usize) -> Vec<Op> {
        let mut ops = std::mem::take(&mut self.late);
        let beyond = self.rows.len().saturating_sub(rows_max);
        ops.extend(self.rows.drain(..beyond).map(Op::Open));
        ops
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(known_from: u64, opened_by: u64, known_until: Option<u64>) -> Row {
        Row {
            cells: Vec::new(),
            valid_from: jiff::civil::date(2020, 1, 1),
            valid_until: None,
            known_from: Position(known_from),
            known_until: known_until.map(Position),
            opened_by: Position(opened_by),
            closed_by: None,
            line: 0,
        }
    }

    fn close(known_from: u64, opened_by: u64, known_until: u64) -> Op {
        let (known_from, opened_by) = (Position(known_from), Position(opened_by));
        Op::Close { known_from, opened_by, line: 0, known_until: Position(known_until) }
    }

    #[test]
    fn what_is_closed_in_it_is_written_once_and_in_order() {
        let mut window = Window::default();
        let open = |known_from, opened_by| Op::Open(row(known_from, opened_by, None));
        window.take(vec![open(1, 1), open(2, 2), open(2, 1), close(1, 1, 2)]);
        assert_eq!(window.drain(2), [Op::Open(row(1, 1, Some(2)))]);
        window.take(vec![close(2, 1, 3), close(1, 0, 3)]);
        let rows = [row(2, 1, Some(3)), row(2, 2, None)].map(Op::Open);
        assert_eq!(window.drain(0), [&[close(1, 0, 3)][..], &rows].concat());
    }

    #[test]
    fn a_row_that_is_closed_already_is_not_closed_again_unseen() {
        let mut window = Window::default();
        window.take(vec![Op::Open(row(1, 1, Some(2))), close(1, 1, 3)]);
        assert_eq!(window.drain(9), [close(1, 1, 3)], "the table refuses it");
    }
}
