//! Questions that join tables: pure functions over rows that someone else fetched.
//!
//! The rows of one question all hold at one place on both axes. Branches go by their codes here,
//! because that is what people call them.

pub mod headcount;
pub mod roster;
pub mod totals;
pub mod tree;

pub use headcount::{Headcount, headcount};
pub use roster::{RosterEntry, roster};
pub use totals::{Totals, totals};
pub use tree::{TreeEntry, depths, tree};
