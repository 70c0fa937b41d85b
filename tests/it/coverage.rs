//! Every cell of the coverage, on many dates and at several times of knowing, is the length of its
//! list, adds up to the total, and is what a recount from the events alone gives.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use events::branch::{FormationMode, Rank};
use events::policy::CoverageRules;
use events::{HostId, Party, Position, Recorded, RelationKind};
use projections::questions::Coverage;
use projections::questions::coverage::DIMENSIONS;
use projections::{At, DayRule};
use rollbook::actor::Actor;
use rollbook::ledger::{KnownAt, Ledger, Location, Mode};
use rollbook::policy::preset;
use rollbook::store::SystemNature;

use crate::cli::Home;
use crate::oracle::{Firm, World};

/// On how many days the demo is asked, evenly over its time.
const DAYS: i64 = 24;
/// How many events are read together.
const PAGE: usize = 5_000;
/// The lines by which a body answers for a host, the nearest first.
const LINES: [RelationKind; 4] = [
    RelationKind::SupervisedBy,
    RelationKind::MemberOfAssociation,
    RelationKind::GuidedBy,
    RelationKind::FallbackResponsibleFor,
];

/// What is counted, by measure, dimension and value: codes of hosts, branches, ids of members.
type Lists = BTreeMap<(String, String, String), BTreeSet<String>>;

async fn events(ledger: &Ledger) -> Vec<Recorded> {
    let (actor, mut all) = (Actor::local(), Vec::new());
    loop {
        let after = Position(all.len() as u64);
        let page = ledger.log(&actor, after, PAGE).await.unwrap();
        all.extend(page.iter().map(|explained| explained.recorded.clone()));
        if page.len() < PAGE {
            return all;
        }
    }
}

/// The nearest body that answers for a host, and by which line.
fn nearest(world: &World, host: HostId) -> Option<(usize, String)> {
    let host = Party::Host(host);
    let code = |party: &Party| match party {
        Party::Branch(id) => world.branches[id].code.clone(),
        Party::Host(id) => world.hosts[id].code.to_string(),
    };
    let lines = world.relations.values().filter_map(|(kind, from, to)| {
        let line = LINES.iter().position(|line| line == kind)?;
        let is_fallback = *kind == RelationKind::FallbackResponsibleFor;
        let (subject, body) = if is_fallback { (to, from) } else { (from, to) };
        (*subject == host).then(|| (line, code(body)))
    });
    lines.min()
}

/// The band of a number among the least of each.
fn band(number: i64, least: &[i64]) -> String {
    let from = least.iter().filter(|least| **least <= number).max().copied().unwrap_or(0);
    let next = least.iter().find(|least| **least > number);
    next.map_or_else(|| format!("{from}-"), |next| format!("{from}-{}", next - 1))
}

/// The mode of the branch that counts for a host.
fn mode_of(world: &World, host: HostId, rules: &CoverageRules) -> Option<FormationMode> {
    let mut modes = world.coverings.iter().filter_map(|((branch, covered), (mode, rank))| {
        let counts = !rules.branch_kinds_uncounted.contains(&world.branches.get(branch)?.kind);
        (*covered == host && *rank == Rank::Primary && counts).then_some(*mode)
    });
    modes.next()
}

/// The recount: everything that is counted, listed by hand.
fn recount(world: &World, rules: &CoverageRules, year: i64) -> Lists {
    let mut lists = Lists::new();
    let mut add = |measure: &str, dimension: &str, value: String, code: String| {
        let key = (measure.to_owned(), dimension.to_owned(), value);
        lists.entry(key).or_default().insert(code);
    };
    for (id, firm) in &world.hosts {
        let Firm { code, kind, ownership, staff, area, .. } = firm;
        let mode = mode_of(world, *id, rules);
        let (line, body) = nearest(world, *id).unzip();
        let public = rules.ownerships.iter().any(|it| it.public && it.code == *ownership);
        let mut measures = vec!["hosts"];
        measures.extend((!public).then_some("not_public"));
        measures.extend(mode.map(|_| "organised"));
        measures.extend(mode.map(|mode| match mode {
            FormationMode::Standalone => "standalone",
            FormationMode::Online => "online",
            FormationMode::JointByIndustry | FormationMode::LedByFirm | FormationMode::ByRegion => {
                "joint"
            }
        }));
        measures.extend((mode.is_some() || line.is_some()).then_some("work_covered"));
        let sizes: Vec<i64> = rules.size_bands.iter().map(|least| (*least).into()).collect();
        let line = line.map(|line| LINES[line].code().to_owned());
        for (dimension, value) in [
            ("", String::new()),
            ("kind", kind.to_string()),
            ("ownership", ownership.to_string()),
            ("size_band", band((*staff).into(), &sizes)),
            ("area", area.as_ref().map(ToString::to_string).unwrap_or_default()),
            ("responsible", body.unwrap_or_default()),
            ("line", line.unwrap_or_default()),
            ("mode", mode.map(|mode| mode.code().to_owned()).unwrap_or_default()),
        ] {
            for measure in &measures {
                add(measure, dimension, value.clone(), code.to_string());
            }
        }
    }
    for (id, branch) in &world.branches {
        if !rules.branch_kinds_uncounted.contains(&branch.kind) {
            let covers = world.coverings.iter().find(|((branch, _), _)| branch == id);
            let mode = covers.map(|(_, (mode, _))| mode.code().to_owned()).unwrap_or_default();
            add("branches", "mode", mode, branch.code.clone());
        }
    }
    let ages: Vec<i64> = rules.age_bands.iter().map(|least| (*least).into()).collect();
    for person in world.people() {
        let same = world.births.iter().filter(|(other, _)| world.known_as(**other) == person);
        let own = same.clone().find(|(other, _)| **other == person);
        let born = own.or(same.min_by_key(|(_, born)| **born));
        let age = born.map(|(_, born)| band(year - i64::from(*born), &ages));
        add("members", "age_band", age.unwrap_or_default(), person.to_string());
    }
    lists
}

/// Every number of an answer, with the key of its list.
fn numbers(coverage: &Coverage) -> Vec<((&str, &str, &str), u64)> {
    let mut numbers = Vec::new();
    let totals = ("", "", &coverage.totals.hosts);
    let cells = coverage.hosts.iter();
    let cells = cells.map(|cell| (cell.dimension, cell.value.as_str(), &cell.counts));
    for (dimension, value, counts) in cells.chain([totals]) {
        for (measure, number) in [
            ("hosts", counts.hosts),
            ("not_public", counts.not_public),
            ("organised", counts.organised),
            ("standalone", counts.standalone),
            ("joint", counts.joint),
            ("online", counts.online),
            ("work_covered", counts.work_covered),
        ] {
            numbers.push(((measure, dimension, value), number));
        }
    }
    for (measure, cells) in [("branches", &coverage.branches), ("members", &coverage.members)] {
        let cells = cells.iter();
        let cells = cells.map(|cell| ((measure, cell.dimension, cell.value.as_str()), cell.number));
        numbers.extend(cells);
    }
    numbers
}

/// Each dimension adds up to the whole.
fn adds_up(coverage: &Coverage) {
    for dimension in DIMENSIONS {
        let cells = || coverage.hosts.iter().filter(|cell| cell.dimension == *dimension);
        let sum = |of: fn(&projections::questions::coverage::HostCounts) -> u64| -> u64 {
            cells().map(|cell| of(&cell.counts)).sum()
        };
        let totals = &coverage.totals.hosts;
        assert_eq!(sum(|counts| counts.hosts), totals.hosts, "{dimension}");
        assert_eq!(sum(|counts| counts.staff), totals.staff, "{dimension}");
        assert_eq!(sum(|counts| counts.organised), totals.organised, "{dimension}");
        assert_eq!(sum(|counts| counts.work_covered), totals.work_covered, "{dimension}");
    }
    let members: u64 = coverage.members.iter().map(|cell| cell.number).sum();
    assert_eq!(members, coverage.totals.members);
    let branches: u64 = coverage.branches.iter().map(|cell| cell.number).sum();
    assert_eq!(branches, coverage.totals.branches);
}

/// Asks at one place; gives how many cells were compared.
pub(crate) async fn compare(
    ledger: &Ledger,
    events: &[Recorded],
    at: At,
    rules: &CoverageRules,
) -> usize {
    let day = at.valid_on;
    let world = World::at(events, day, at.known_at);
    let lists = recount(&world, rules, day.year().into());
    let coverage = ledger.coverage(&Actor::local(), at).await.unwrap();
    adds_up(&coverage);
    let numbers = numbers(&coverage);
    for ((measure, dimension, value), number) in &numbers {
        let key = ((*measure).to_owned(), (*dimension).to_owned(), (*value).to_owned());
        let listed = lists.get(&key).cloned().unwrap_or_default();
        assert_eq!(*number, listed.len() as u64, "{key:?} on {day} at {}", at.known_at);
    }
    let told = numbers.iter().filter(|(_, number)| *number > 0).count();
    assert_eq!(told, lists.len(), "a cell is missing on {day}");
    told
}

/// The lists that the ledger itself gives, held against the recount.
async fn compare_lists(ledger: &Ledger, events: &[Recorded], at: At) {
    let actor = Actor::local();
    let rules = preset("party").unwrap().coverage;
    let lists =
        recount(&World::at(events, at.valid_on, at.known_at), &rules, at.valid_on.year().into());
    for ((measure, dimension, value), expected) in &lists {
        let within = (!dimension.is_empty()).then_some((dimension.as_str(), value.as_str()));
        let listed = ledger.covered(&actor, at, measure, within).await.unwrap();
        let listed: BTreeSet<String> = listed.into_iter().map(|it| it.code).collect();
        assert_eq!(listed, *expected, "{measure} {dimension} {value}");
    }
}

#[tokio::test]
async fn every_cell_of_the_demo_is_its_list_and_the_recount() {
    let home = Home::new();
    home.ok(&["demo", "--ledger", "sqlite:study.db"]);
    let location = Location::at(&home.path("study.db"));
    let ledger = Ledger::open(&location, Mode::Read, Arc::new(SystemNature)).await.unwrap();
    let events = events(&ledger).await;
    let facts = events.iter().skip(2).map(|recorded| recorded.event.effective());
    let (first, last) = (facts.clone().min().unwrap(), facts.max().unwrap());
    let days = i64::from(first.until(last).unwrap().get_days());
    let end = Position(events.len() as u64);
    let (mut cells, rules) = (0, preset("party").unwrap().coverage);
    for step in 0..DAYS {
        let days = jiff::Span::new().days(days * step / (DAYS - 1));
        let day = first.checked_add(days).unwrap();
        for known_at in [end, Position(end.0 * 2 / 3), Position(end.0 / 3)] {
            let known_at = KnownAt::Position(known_at);
            let at = ledger.at(Some(day), known_at, DayRule::EndOfDay).await.unwrap();
            cells += compare(&ledger, &events, at, &rules).await;
        }
    }
    assert!(cells > 1_000, "only {cells} cells");
    println!("{cells} cells on {DAYS} days at three times of knowing: 0 differences");
    let at = ledger.at(Some(last), KnownAt::Now, DayRule::EndOfDay).await.unwrap();
    compare_lists(&ledger, &events, at).await;
}
