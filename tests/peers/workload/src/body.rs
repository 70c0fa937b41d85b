//! A body of ten thousand branches over ten years, for questions at scale: people come, move twice
//! and leave on any day; some moves are recorded late, and some people turn out to be one.

use events::membership::{EndReason, Via};
use events::{Date, Event, MembershipEvent, MembershipId, PersonEvent, PersonId, StreamId};
use jiff::ToSpan;

use super::{branch, hosted, id, mixed};

/// How many branches there are, each with a host that it covers or answers for.
pub const BRANCHES: u64 = 10_000;

/// How many days members come and go on, from [`first_day`] on: ten years.
pub const DAYS: u64 = 3_653;

/// How many phases a life has: it begins, moves twice, and is over.
const PHASES: u64 = 4;

/// How many events there are in a life, but for those who turn out to be somebody else.
const EVENTS_A_LIFE: u64 = 6;

/// One move in so many is recorded late.
const LATE_EVERY: u64 = 20;

/// By so many days at most.
const LATE_DAYS_MAX: u64 = 60;

/// One person in so many is merged into another one at the end.
const MERGED_EVERY: u64 = 500;

/// An event, its stream, and the stream's version afterwards.
type Happens = (StreamId, u64, Event);

/// The first of the ten years' days; the branches were there the year before.
pub fn first_day() -> Date {
    jiff::civil::date(2015, 1, 1)
}

/// So many events, roughly. A quarter of the time lies between one phase of a life and the next.
pub fn body(count: u64) -> impl Iterator<Item = Happens> {
    let lives = count / EVENTS_A_LIFE;
    let gap = lives.div_ceil(PHASES);
    let moments = lives + gap * (PHASES - 1);
    let at = move |moment: u64| {
        let day = first_day() + i64::try_from(moment * DAYS / moments).expect("a few years").days();
        let phase = move |phase| Some((moment.checked_sub(phase * gap)?, phase));
        let phases = (0..PHASES).filter_map(phase).filter(move |(life, _)| *life < lives);
        phases.flat_map(move |(life, phase)| of_life(life, phase, day))
    };
    (0..BRANCHES).flat_map(of_branch).chain((0..moments).flat_map(at))
}

/// The homes of a life, each another one.
fn homes(life: u64) -> [u64; 3] {
    let first = mixed(life) % BRANCHES;
    [0, 1, 2].map(|n| (first + n) % BRANCHES)
}

/// The person of a life.
pub fn person(life: u64) -> PersonId {
    PersonId(id(0x9e, life))
}

fn of_life(life: u64, phase: u64, on: Date) -> Vec<Happens> {
    let (person, membership) = (person(life), MembershipId(id(0x3e, life)));
    let [first, second, third] = homes(life).map(branch);
    let precision = None;
    let late = mixed(life << 2 | phase);
    let back = if late.is_multiple_of(LATE_EVERY) { late / LATE_EVERY % LATE_DAYS_MAX } else { 0 };
    let day = on - i64::try_from(back).expect("a few days").days();
    let moved = |from, to| {
        let via = Via::Transfer;
        MembershipEvent::HomeMoved { effective: day, precision, person, from, to, via }
    };
    match phase {
        0 => {
            let registered = PersonEvent::Registered { effective: on, precision };
            let from_year = u16::try_from(1940 + mixed(life) % 12 * 5).expect("a year");
            let born = PersonEvent::BirthBandRecorded { effective: on, precision, from_year };
            let (home, state, previous) = (first, None, None);
            let effective = on;
            let admitted =
                MembershipEvent::Admitted { effective, precision, person, home, state, previous };
            vec![
                (person.into(), 1, registered.into()),
                (person.into(), 2, born.into()),
                (membership.into(), 1, admitted.into()),
            ]
        }
        1 => vec![(membership.into(), 2, moved(first, second).into())],
        2 => {
            let into = self::person(life + 1);
            let merged = PersonEvent::Merged { effective: on, precision, into };
            let merged = (person.into(), 3, merged.into());
            let moved = (membership.into(), 3, moved(second, third).into());
            let is_merged = life.is_multiple_of(MERGED_EVERY);
            std::iter::once(moved).chain(is_merged.then_some(merged)).collect()
        }
        _ => {
            let (reason, home) = (EndReason::Left, Some(third));
            let ended = MembershipEvent::Ended { effective: on, precision, person, home, reason };
            vec![(membership.into(), 4, ended.into())]
        }
    }
}

fn of_branch(n: u64) -> [Happens; 3] {
    let on = first_day() - i64::try_from(n % 365 + 1).expect("a year").days();
    let [host, branch, covered] = hosted(n, n, n, on);
    [branch, host, covered]
}
