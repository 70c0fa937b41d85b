//! What some events change in a table, in the order in which a draft takes it.

use projections::{Op, Place, Row};

/// The same changes: what happens to rows of before, and then new rows in the order in which a
/// table keeps them, each as it ended up.
pub(super) fn in_order(ops: Vec<Op>) -> Vec<Op> {
    let (mut rows, mut ordered) = (Vec::<Row>::new(), Vec::with_capacity(ops.len()));
    for op in ops {
        match op {
            Op::Open(row) if rows.last().is_none_or(|last| last.place() < row.place()) => {
                rows.push(row);
            }
            Op::Open(row) => {
                let at = rows.partition_point(|other| other.place() < row.place());
                rows.insert(at, row);
            }
            Op::Close { known_from, opened_by, line, known_until } => {
                match open(&mut rows, (known_from, opened_by, line)) {
                    Some(row) => row.known_until = Some(known_until),
                    None => ordered.push(op),
                }
            }
        }
    }
    ordered.extend(rows.into_iter().map(Op::Open));
    ordered
}

fn open(rows: &mut [Row], wanted: Place) -> Option<&mut Row> {
    let at = rows.partition_point(|row| row.place() < wanted);
    let row = rows.get_mut(at)?;
    (row.place() == wanted && row.known_until.is_none()).then_some(row)
}

#[cfg(test)]
mod tests {
    use events::Position;

    use super::*;

    fn row(known_from: u64, opened_by: u64, known_until: Option<u64>) -> Op {
        Op::Open(Row {
            cells: Vec::new(),
            valid_from: jiff::civil::date(2020, 1, 1),
            valid_until: None,
            known_from: Position(known_from),
            known_until: known_until.map(Position),
            opened_by: Position(opened_by),
            closed_by: None,
            line: 0,
        })
    }

    fn close(known_from: u64, opened_by: u64, known_until: u64) -> Op {
        let (known_from, opened_by) = (Position(known_from), Position(opened_by));
        Op::Close { known_from, opened_by, line: 0, known_until: Position(known_until) }
    }

    #[test]
    fn what_is_closed_at_once_is_a_row_as_it_ended_up() {
        let open = |known_from, opened_by| row(known_from, opened_by, None);
        let ops = vec![
            open(1, 1),
            open(2, 2),
            open(2, 1),
            close(1, 1, 2),
            close(2, 1, 3),
            close(1, 0, 3),
        ];
        let ordered = [close(1, 0, 3), row(1, 1, Some(2)), row(2, 1, Some(3)), open(2, 2)];
        assert_eq!(in_order(ops), ordered);
    }

    #[test]
    fn a_row_that_is_closed_already_is_not_closed_again_unseen() {
        let ordered = in_order(vec![row(1, 1, Some(2)), close(1, 1, 3)]);
        assert_eq!(ordered, [close(1, 1, 3), row(1, 1, Some(2))], "the table refuses it");
    }
}
