//! Questions that join tables: pure functions over rows that someone else fetched.
//!
//! The rows of one question are all known at one K. Branches go by their codes here, because that
//! is what people call them.

pub mod coverage;
pub mod daily;
pub mod due;
pub mod duties;
pub mod field;
pub mod flows;
pub mod gaps;
pub mod headcount;
pub mod holders;
pub mod key_posts;
pub mod life_spans;
pub mod members;
pub mod responsible;
pub mod restatements;
pub mod roster;
pub mod screening;
pub mod standing;
mod stretch;
pub mod totals;
pub mod transfers;
pub mod tree;

pub use coverage::{Coverage, coverage};
pub use daily::{Daily, daily};
pub use due::{Due, Ruled, due};
pub use duties::{Duty, Work, duties};
pub use field::Holding;
pub use flows::{BranchFlow, By, Flow, Flows, Moves, flows};
pub use gaps::{Gap, gaps};
pub use headcount::{Headcount, headcount};
pub use holders::{PostEntry, holders};
pub use key_posts::{KeyPostEntry, key_posts};
pub use life_spans::{Life, LifeOf, LifeSpans, Survival, life_spans};
pub use members::{Homes, InState, Watched};
pub use responsible::{ResponsibleEntry, responsible};
pub use restatements::{BranchRestated, Described, Figures, Restated, Restatements, restatements};
pub use roster::{RosterEntry, roster};
pub use screening::{Finding, Screened, screening};
pub use standing::{Standing, StandingEntry, standing};
pub use totals::{Totals, posts_held};
pub use transfers::{TransferEntry, TransfersAsked, transfers};
pub use tree::{TreeEntry, depths, tree};
