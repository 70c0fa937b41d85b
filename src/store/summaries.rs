//! Summaries of members, kept beside the tables out of which they are made. One can be dropped and
//! made again at any time, and is dropped with any of its tables.

use async_trait::async_trait;
use events::{Date, Position};
use projections::summary::{Changes, Counts, People, Piece};
use projections::timeline;

use super::StoreError;
use super::day::Day;

/// An answer corrects a summary by what was recorded since, as long as these are no more events: of
/// 2,000 it took 40 ms, and to count the members of ten million 200 to 600.
const BEHIND_MAX: u64 = 20_000;

/// A condition of SQL: which rows of the timeline name somebody of whom a summary may tell
/// otherwise since.
pub(super) fn names_members() -> String {
    let list = |names: Vec<&str>| format!("('{}')", names.join("', '"));
    let [any_line, first_line] = timeline::about_members().map(list);
    format!("(kind IN {any_line} OR line = 0 AND kind IN {first_line})")
}

/// A piece of a summary, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPiece {
    /// The position as of which it is known, together with all pieces of earlier ones.
    pub position: Position,
    /// The first day of which it tells; none in one of all days, which corrects earlier ones.
    pub from: Option<Date>,
    /// What it says.
    pub piece: Piece,
}

impl KeptPiece {
    /// The piece that lies under a position and a number of a day, if it is one.
    pub(super) fn read(position: Position, day: i64, bytes: &[u8]) -> Option<Self> {
        let from = if day == ALL_DAYS { None } else { Some(Day::of(day).date()?) };
        Some(Self { position, from, piece: Piece::from_bytes(bytes)? })
    }

    /// The number of the day under which it lies.
    pub(super) fn day(&self) -> i64 {
        day_number(self.from)
    }
}

/// Under this number, which is that of no day, lie pieces of all days.
const ALL_DAYS: i64 = 0;

/// The number under which a piece lies that begins on a day, or tells of all.
pub(super) fn day_number(from: Option<Date>) -> i64 {
    from.map_or(ALL_DAYS, |day| Day::from(day).number())
}

/// What a summary tells of a day, and what it does not account for yet.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The pieces that tell of the day, by position.
    pub pieces: Vec<KeptPiece>,
    /// The position that they account for.
    pub until: Position,
    /// About whom something was recorded since, and all that is known of them.
    pub since: People,
    /// The tables that say so.
    pub tables: Tables,
}

/// Which tables something was read out of, as an engine tells them apart: those that are put in
/// their place may say otherwise.
pub type Tables = String;

impl Summary {
    /// What changed since, as known at a position.
    #[must_use]
    pub fn changes(&self, known_at: Position) -> Changes {
        self.since.changes(known_at).less(&self.since.changes(self.until))
    }

    /// The numbers of the day, as known at a position.
    #[must_use]
    pub fn counts(&self, on: Date, known_at: Position) -> Counts {
        let mut counts = Counts::default();
        self.pieces.iter().for_each(|kept| counts.add(&kept.piece, on));
        counts.add(&self.changes(known_at).into(), on);
        counts
    }
}

/// The positions at which a summary was made, and up to which it was corrected since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summarized {
    /// The position as of which it was made of everybody.
    pub made: Position,
    /// What it accounts for.
    pub until: Position,
}

impl Summarized {
    /// Whether an answer as known at a position corrects the summary, and does not count anew.
    #[must_use]
    pub fn is_near(&self, known_at: Position) -> bool {
        (self.until.0..=self.until.0 + BEHIND_MAX).contains(&known_at.0)
    }
}

/// A summary on its way to be kept.
#[derive(Debug, Clone)]
pub struct SummaryStep {
    /// What has to be kept already; nothing is written if it is anything else.
    pub was: Option<Summarized>,
    /// The tables out of which it was made; nothing is written if others serve.
    pub tables: Tables,
    /// Pieces from this position on are replaced.
    pub from: Position,
    /// The new ones.
    pub pieces: Vec<KeptPiece>,
}

/// An engine that keeps summaries. Without a word of its own it keeps none.
#[async_trait]
pub trait Summaries: Send + Sync {
    /// How far a summary is kept, if there is one.
    async fn summarized(&self) -> Result<Option<Summarized>, StoreError> {
        Ok(None)
    }

    /// What is kept of a day, or of all days alone, and what is known at a position beyond it;
    /// `None` where there is no summary, or not one of a position shortly before.
    async fn summary(
        &self,
        _on: Option<Date>,
        _known_at: Position,
    ) -> Result<Option<Summary>, StoreError> {
        Ok(None)
    }

    /// All that is kept, by position and first day.
    async fn summary_pieces(&self) -> Result<Vec<KeptPiece>, StoreError> {
        Ok(Vec::new())
    }

    /// Everybody, as known at a position, and the tables that say so; `None` where the engine keeps
    /// no summaries, a table has no rows of its version, or one is exchanged meanwhile.
    async fn everybody(&self, _known_at: Position) -> Result<Option<(People, Tables)>, StoreError> {
        Ok(None)
    }

    /// Keeps pieces, or nothing of them, should somebody else have kept some or exchanged a table.
    async fn keep_summary(&self, _step: SummaryStep) -> Result<(), StoreError> {
        Ok(())
    }
}
