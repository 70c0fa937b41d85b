//! What readers ask of the record: each module answers one question.
//!
//! Invariant: a projection is a pure fold. It can be deleted and rebuilt from the log at any time.
//!
//! A projection keeps the intervals of single subjects, each with both axes; the questions join
//! them when asked. [`table`] says what a row is, [`projection`] how events become rows.

pub mod projection;
pub mod table;

pub use projection::{Op, Projection};
pub use table::{At, Cell, Column, ColumnKind, DayRule, Filter, Row, Table};
