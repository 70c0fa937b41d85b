//! Keeps a summary of members near to where their tables stand.
//!
//! In a long record nobody can meet every member to answer. A summary is made of everybody once,
//! and from then on corrected by those about whom something was recorded, some thousand events at
//! a time; whoever asks corrects it by the rest. It is made anew when much was recorded since.

use events::Position;
use projections::index::POSITIONS_MAX;
use projections::summary::{Changes, Piece};

use crate::store::summaries::{KeptPiece, Summary, SummaryStep};
use crate::store::{Store, StoreError};

/// When a summary is made, and when it is corrected, in events.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// There is one in a record of so many. In a shorter one it takes little to count.
    pub events_min: u64,
    /// It is corrected after so many.
    pub every: u64,
    /// It is made anew when more were recorded since than one in so many (8: an eighth) of those
    /// that it was made of. Not zero.
    pub part: u64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { events_min: 1_000_000, every: 1_000, part: 8 }
    }
}

/// Brings the summary to where the tables stand, if it is time, and says what it accounts for:
/// all of it where there is to be none. Whoever asks at the same time gets the earlier one, and of
/// several who bring it on one does. Whoever records waits for it: milliseconds for a correction,
/// about a second for each million events when it is made.
///
/// # Errors
/// What keeps the store from working.
pub async fn follow(
    store: &dyn Store,
    until: Position,
    pace: Pace,
) -> Result<Position, StoreError> {
    // Persons go by their positions in it, as numbers of 32 bits.
    if until.0 < pace.events_min || until > POSITIONS_MAX {
        return Ok(until);
    }
    if let Some(was) = store.summarized().await? {
        if until.0 < was.until.0 + pace.every {
            return Ok(was.until);
        }
        if until.0 - was.made.0 <= was.made.0 / pace.part
            && let Some(summary) = store.summary(None, until).await?
        {
            let (from, piece) = corrected(&summary, was.made, until);
            let (was, tables, pieces) = (Some(was), summary.tables, vec![piece]);
            store.keep_summary(SummaryStep { was, tables, from, pieces }).await?;
            return Ok(until);
        }
    }
    make(store, until).await?;
    Ok(until)
}

/// Makes the summary of everybody, whatever is kept.
///
/// # Errors
/// What keeps the store from working.
pub async fn make(store: &dyn Store, until: Position) -> Result<(), StoreError> {
    let was = store.summarized().await?;
    let Some((people, tables)) = store.everybody(until).await? else { return Ok(()) };
    let pieces = tokio::task::spawn_blocking(move || made(&people.changes(until), until)).await;
    // Where that panicked it said so, and questions are answered without it.
    let Ok(pieces) = pieces else { return Ok(()) };
    store.keep_summary(SummaryStep { was, tables, from: Position(0), pieces }).await
}

/// What is kept of everybody: one piece of no day at all, which says how far it goes, and others.
fn made(changes: &Changes, position: Position) -> Vec<KeptPiece> {
    let kept = |from, piece| KeptPiece { position, from, piece };
    let of_days = changes.pieces().into_iter().map(|(from, piece)| kept(Some(from), piece));
    std::iter::once(kept(None, Piece::default())).chain(of_days).collect()
}

/// What changed since, together with the last corrections as long as these are not much larger: so
/// there are few of them, and each change is written again only a few times.
fn corrected(summary: &Summary, made: Position, until: Position) -> (Position, KeptPiece) {
    let (mut from, mut changes) = (until, summary.changes(until));
    for kept in summary.pieces.iter().rev().filter(|kept| kept.position > made) {
        let before = kept.piece.changes();
        if before.len() > 2 * changes.len() {
            break;
        }
        changes = before.and(&changes);
        from = kept.position;
    }
    (from, KeptPiece { position: until, from: None, piece: changes.into() })
}

/// Whether what is kept is what the tables say; `None` where nothing is kept, or a table is not
/// there as of then.
///
/// # Errors
/// What keeps the store from answering.
pub async fn is_sound(store: &dyn Store) -> Result<Option<bool>, StoreError> {
    let kept = store.summary_pieces().await?;
    let (Some(first), Some(last)) = (kept.first(), kept.last()) else { return Ok(None) };
    let (made_at, until) = (first.position, last.position);
    let Some((people, _)) = store.everybody(until).await? else { return Ok(None) };
    let (of_all, since): (Vec<_>, Vec<_>) =
        kept.into_iter().partition(|kept| kept.position == made_at);
    let sum = |kept: &[KeptPiece]| {
        Changes::sum(&kept.iter().map(|kept| kept.piece.changes()).collect::<Vec<_>>())
    };
    let before = sum(&of_all);
    let is_sound = made(&before, made_at) == of_all
        && Changes::sum(&[before, sum(&since)]) == people.changes(until);
    Ok(Some(is_sound))
}
