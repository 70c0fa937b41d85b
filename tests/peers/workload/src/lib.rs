//! What both sides are given to do: the lives of members, the same for either, and how it is timed.

pub mod body;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use events::branch::{FormationMode, Rank};
use events::membership::{EndReason, Via};
use events::{
    BranchEvent, BranchId, Code, Date, Event, HostEvent, HostId, MembershipEvent, MembershipId,
    Party, PersonEvent, PersonId, RelationEvent, RelationId, RelationKind, StreamId, Text,
};
use uuid::Uuid;

/// How many branches members are in.
pub const BRANCHES: u64 = 1_000;

/// How many things happen in one life.
pub const STEPS: u64 = 5;

/// One life: registered, admitted, twice transferred, ended.
#[derive(Debug, Clone, Copy)]
pub struct Life {
    pub person: PersonId,
    pub membership: MembershipId,
    /// Three branches by their numbers, each another one.
    pub homes: [u64; 3],
}

/// The n-th life.
pub fn life(n: u64) -> Life {
    let first = mixed(n) % BRANCHES;
    Life {
        person: PersonId(id(0x9e, n)),
        membership: MembershipId(id(0x3e, n)),
        homes: [first, first + 1, first + 2].map(|home| home % BRANCHES),
    }
}

/// The n-th branch.
pub fn branch(n: u64) -> BranchId {
    BranchId(id(0xb4, n))
}

/// The code of the n-th branch.
pub fn code(n: u64) -> Code {
    Code::parse(&format!("branch-{n}")).expect("a good code")
}

/// The name of the n-th branch.
pub fn name(n: u64) -> Text {
    Text::parse(&format!("Branch {n}")).expect("a good name")
}

/// How the n-th branch was formed.
pub fn formed(n: u64, effective: Date) -> (StreamId, Event) {
    let formed = BranchEvent::Formed {
        effective,
        precision: None,
        code: code(n),
        name: name(n),
        title: None,
        branch_kind: Code::parse("branch").expect("a good code"),
        parent: (n > 0).then(|| branch(n / 10)),
        formed_from: Vec::new(),
    };
    (branch(n).into(), formed.into())
}

impl Life {
    /// What happens at a step, and the version of its stream afterwards.
    pub fn event(&self, step: u64, effective: Date) -> (StreamId, u64, Event) {
        let Self { person, membership, homes } = *self;
        let [first, second, third] = homes.map(branch);
        let precision = None;
        let moved = |from, to| {
            let via = Via::Transfer;
            MembershipEvent::HomeMoved { effective, precision, person, from, to, via }
        };
        let event = match step {
            0 => {
                let registered = PersonEvent::Registered { effective, precision };
                return (person.into(), 1, registered.into());
            }
            1 => MembershipEvent::Admitted {
                effective,
                precision,
                person,
                home: first,
                state: None,
                previous: None,
            },
            2 => moved(first, second),
            3 => moved(second, third),
            _ => {
                let reason = EndReason::Left;
                MembershipEvent::Ended { effective, precision, person, home: Some(third), reason }
            }
        };
        (membership.into(), step, event.into())
    }
}

/// Many lives at once: each takes a fifth of the whole time from one step to the next.
pub fn history(lives: u64) -> impl Iterator<Item = (u64, u64)> {
    let gap = lives.div_ceil(STEPS);
    let moments = 0..lives + gap * (STEPS - 1);
    moments.flat_map(move |moment| {
        let at = move |step| Some((moment.checked_sub(step * gap)?, step));
        (0..STEPS).filter_map(at).filter(move |(life, _)| *life < lives)
    })
}

/// The day of a step of a history.
pub fn day(step: u64) -> Date {
    let year = 2020 + i16::try_from(step).expect("a few years");
    jiff::civil::date(year, 5, 1)
}

/// How many members there are to a host, each with three events.
const MEMBERS_A_HOST: u64 = 32;

/// As many events about a field, roughly: every host is registered, and has a branch of its own or
/// a body that answers for it; its members are registered, their years of birth recorded, and they
/// are admitted one year or another.
pub fn field(count: u64) -> impl Iterator<Item = (StreamId, u64, Event)> {
    let hosts = count / (3 * MEMBERS_A_HOST + 3);
    let first = (0..BRANCHES).map(|n| {
        let (stream, event) = formed(n, day(0));
        (stream, 1, event)
    });
    let of_host = |n| hosted(n, BRANCHES + n, n % BRANCHES, day(n % 2));
    first.chain((0..hosts).flat_map(move |n| of_host(n).into_iter().chain(members_of(n))))
}

/// The n-th host, a branch, and how they belong together: one host in three has that branch as its
/// own, and for the others another one answers.
fn hosted(n: u64, own: u64, answers: u64, effective: Date) -> [(StreamId, u64, Event); 3] {
    let precision = None;
    let some = |codes: &[&str]| {
        let code = codes[usize::try_from(mixed(n) % codes.len() as u64).expect("a few")];
        Code::parse(code).expect("a good code")
    };
    let host = HostId(id(0x40, n));
    let registered = HostEvent::Registered {
        effective,
        precision,
        code: Code::parse(&format!("host-{n}")).expect("a good code"),
        name: Text::parse(&format!("Host {n}")).expect("a good name"),
        host_kind: some(&["software", "trade", "school", "works"]),
        ownership: some(&["private", "state", "foreign"]),
        staff: u32::try_from(mixed(n) % 300).expect("a few hundred"),
        area: None,
        key_posts: Vec::new(),
    };
    let (stream, formed) = formed(own, effective);
    let after = if n % 3 == 0 {
        let (mode, rank) = (FormationMode::Standalone, Rank::Primary);
        (stream, 2, BranchEvent::HostAttached { effective, precision, host, mode, rank }.into())
    } else {
        let relation = RelationId(id(0x4e, n));
        let accepted = RelationEvent::Accepted {
            effective,
            precision,
            relation: RelationKind::SupervisedBy,
            from: Party::Host(host),
            to: Party::Branch(branch(answers)),
        };
        (relation.into(), 1, accepted.into())
    };
    [(host.into(), 1, registered.into()), (stream, 1, formed), after]
}

fn members_of(host: u64) -> impl Iterator<Item = (StreamId, u64, Event)> {
    (host * MEMBERS_A_HOST..(host + 1) * MEMBERS_A_HOST).flat_map(move |n| {
        let (effective, precision) = (day(n % 5), None);
        let (person, membership) = (PersonId(id(0x9e, n)), MembershipId(id(0x3e, n)));
        let registered = PersonEvent::Registered { effective, precision };
        let from_year = u16::try_from(1950 + mixed(n) % 11 * 5).expect("a year");
        let born = PersonEvent::BirthBandRecorded { effective, precision, from_year };
        let (home, state, previous) = (branch(BRANCHES + host), None, None);
        let admitted =
            MembershipEvent::Admitted { effective, precision, person, home, state, previous };
        [
            (person.into(), 1, registered.into()),
            (person.into(), 2, born.into()),
            (membership.into(), 1, admitted.into()),
        ]
    })
}

fn id(what: u64, n: u64) -> Uuid {
    let (high, low) = (mixed(what << 56 | n), mixed(n << 8 | what));
    let bytes = (u128::from(high) << 64 | u128::from(low)).to_be_bytes();
    random_id(bytes)
}

/// A random id of these bytes.
pub fn random_id(bytes: [u8; 16]) -> Uuid {
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// A number without pattern for every number (splitmix64).
fn mixed(n: u64) -> u64 {
    let mut z = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// What many callers came to.
#[derive(Debug)]
pub struct Rate {
    pub per_second: f64,
    pub median: Duration,
    pub p99: Duration,
}

/// Lets callers live one life after the other, each command after the last one's answer, until the
/// time is up. Each caller has lives of its own.
pub async fn press<D, F, Fut>(door: Arc<D>, callers: u64, time: Duration, step: F) -> Rate
where
    D: Send + Sync + 'static,
    F: Fn(Arc<D>, Life, u64) -> Fut + Copy + Send + 'static,
    Fut: Future<Output = ()> + Send,
{
    let began = Instant::now();
    let tasks = (0..callers).map(|caller| {
        let door = Arc::clone(&door);
        tokio::spawn(async move {
            let mut waits = Vec::new();
            for n in 0.. {
                let life = life(caller + callers * n);
                for index in 0..STEPS {
                    if began.elapsed() >= time {
                        return waits;
                    }
                    let asked = Instant::now();
                    step(Arc::clone(&door), life, index).await;
                    waits.push(asked.elapsed());
                }
            }
            waits
        })
    });
    let tasks: Vec<_> = tasks.collect();
    let mut waits = Vec::new();
    for task in tasks {
        waits.extend(task.await.expect("no caller fails"));
    }
    let elapsed = began.elapsed();
    waits.sort_unstable();
    let at = |share: usize| waits[(waits.len() - 1) * share / 100];
    let per_second = waits.len() as f64 / elapsed.as_secs_f64();
    Rate { per_second, median: at(50), p99: at(99) }
}

/// An argument, or what stands for it.
pub fn argument<T: std::str::FromStr>(index: usize) -> T {
    let given = std::env::args().nth(index);
    let parsed = given.as_deref().and_then(|text| text.parse().ok());
    parsed.unwrap_or_else(|| panic!("argument {index} is missing or malformed: {given:?}"))
}
