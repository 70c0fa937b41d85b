//! The same histories, with a summary of members that is made and corrected on the way.

use projections::summary::Counts;
use projections::{Filter, memberships};
use rollbook::runner::summary::{self, Pace};
use rollbook::store::summaries::SummaryStep;

use super::*;

/// Neither races nor answers out of memory.
const NUMBERS: [u64; 8] = [1, 2, 4, 7, 8, 11, 13, 14];

/// On how many days a summary counted members, how often it was corrected by what was recorded
/// since, and out of how many pieces all days came.
#[derive(Default)]
struct Seen {
    days: usize,
    corrected: usize,
    pieces: usize,
}

impl Life {
    /// Now and then the summary is brought on, so that what is asked lies at it or beyond.
    async fn summarize(&mut self) {
        let store = Arc::clone(self.ledger.store());
        let until = self.ledger.projected().await.unwrap();
        let (every, part) = (u64::from(self.dice.below(12)) + 1, u64::from(self.dice.below(3)) + 1);
        let pace = Pace { events_min: 1, every, part };
        summary::follow(&*store, until, pace).await.unwrap();
    }

    /// Numbers of a day out of the summary are those of the tables.
    async fn sums_as_counted(&mut self, seen: &mut Seen) {
        let store = Arc::clone(self.ledger.store());
        for _ in 0..3 {
            let day = self.a_day();
            let at = self.ledger.at(Some(day), KnownAt::Now, DayRule::EndOfDay).await.unwrap();
            let summary = store.summary(Some(day), at.known_at).await.unwrap();
            let summary = summary.expect("it was made at the first step");
            let filter = Filter::Holding(at);
            let homes = store.count_by(memberships::TABLE, &filter, "branch").await.unwrap();
            let counts: Counts = summary.counts(day, at.known_at);
            assert_eq!(counts.by_branch().unwrap(), homes, "homes at {at:?}");
            assert_eq!(counts.ages(), Some(store.ages(&filter).await.unwrap()), "ages at {at:?}");
            seen.days += usize::from(homes.iter().map(|(_, count)| count).sum::<u64>() > 0);
            seen.corrected += usize::from(!summary.changes(at.known_at).is_empty());
            seen.pieces += summary.pieces.len();
        }
    }
}

async fn live(number: u64, store: Arc<dyn Store>, nature: Arc<Seeded>, seen: &mut Seen) {
    let mut life = Life::begin(number, store, nature).await;
    let mut noted = Vec::new();
    for step in 0..COMMANDS {
        life.step(step).await;
        if step == 0 || life.dice.one_in(2) {
            life.summarize().await;
        }
        life.sums_as_counted(seen).await;
        if step % 10 == 0 {
            // Its numbers are the summary's now, and are counted one by one when they are asked
            // for again.
            noted.push(life.note().await);
        }
    }
    assert_eq!(summary::is_sound(&**life.ledger.store()).await.unwrap(), Some(true));
    life.holds(noted).await;
}

fn has_shown(seen: &Seen) {
    let Seen { days, corrected, pieces } = *seen;
    assert!(days > 150 && corrected > 60, "{days} days, {corrected} corrected, {pieces} pieces");
    assert!(pieces > 2 * days, "{pieces} pieces of {days} days show little");
}

#[tokio::test]
async fn a_summary_says_what_the_tables_say() {
    let mut seen = Seen::default();
    for number in NUMBERS {
        let place = tempfile::tempdir().unwrap();
        let nature = Arc::new(Seeded::new(number));
        let path = place.path().join("l.db");
        let store = SqliteStore::create(path, ledger_id(number), nature.clone()).unwrap();
        live(number, Arc::new(store), nature, &mut seen).await;
    }
    has_shown(&seen);
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn a_summary_says_what_the_tables_say_on_postgres() {
    let mut seen = Seen::default();
    for number in NUMBERS {
        let nature = Arc::new(Seeded::new(number));
        let Some(store) = servers::store(number, nature.clone()).await else { return };
        live(number, store, nature, &mut seen).await;
    }
    has_shown(&seen);
}

/// A ledger with a summary.
async fn summarized(number: u64, store: Arc<dyn Store>, nature: Arc<Seeded>) -> Life {
    let mut life = Life::begin(number, store, nature).await;
    for step in 0..30 {
        life.step(step).await;
        life.summarize().await;
    }
    life
}

/// Neither what somebody else kept meanwhile is overwritten, nor is anything kept that was made of
/// other tables than those that serve.
async fn overwrites_nothing(store: &dyn Store) {
    let kept = store.summary_pieces().await.unwrap();
    let was = store.summarized().await.unwrap();
    let (_, tables) = store.everybody(was.unwrap().until).await.unwrap().unwrap();
    let step = |was, tables: &str| SummaryStep {
        was,
        tables: tables.to_owned(),
        from: Position(0),
        pieces: vec![kept[0].clone()],
    };
    store.keep_summary(step(None, &tables)).await.unwrap();
    store.keep_summary(step(was, "others")).await.unwrap();
    assert_eq!(store.summary_pieces().await.unwrap(), kept);
    store.keep_summary(step(was, &tables)).await.unwrap();
    assert_eq!(store.summary_pieces().await.unwrap(), kept[..1]);
}

async fn is_dropped_and_made_again(mut life: Life) {
    let store = Arc::clone(life.ledger.store());
    for table in projections::summary::TABLES {
        let until = life.ledger.projected().await.unwrap();
        assert!(store.summarized().await.unwrap().is_some());
        let (from, ops) = (None, Vec::new());
        let step = rollbook::store::ProjectionStep { table, from, until: Position(0), ops };
        store.project(vec![step]).await.unwrap();
        assert_eq!(store.summarized().await.unwrap(), None, "{}", table.name);
        assert!(store.summary(None, until).await.unwrap().is_none());
        assert_eq!(store.summary_pieces().await.unwrap(), []);
        assert_eq!(summary::is_sound(&*store).await.unwrap(), None);
        life.ledger.catch_up().await.unwrap();
        life.summarize().await;
    }
    life.sums_as_counted(&mut Seen::default()).await;
    life.holds(Vec::new()).await;
    overwrites_nothing(&*store).await;
}

#[tokio::test]
async fn a_summary_goes_with_its_tables() {
    let (place, nature) = (tempfile::tempdir().unwrap(), Arc::new(Seeded::new(7)));
    let store = SqliteStore::create(place.path().join("l.db"), ledger_id(7), nature.clone());
    is_dropped_and_made_again(summarized(7, Arc::new(store.unwrap()), nature).await).await;
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn a_summary_goes_with_its_tables_on_postgres() {
    let nature = Arc::new(Seeded::new(7));
    let Some(store) = servers::store(7, nature.clone()).await else { return };
    is_dropped_and_made_again(summarized(7, store, nature).await).await;
}
