//! The field on one day: every operating host, with who covers it, who answers for it and who of
//! the members works there. Coverage, gaps and responsibilities are counted from it.

use std::collections::BTreeSet;

use events::policy::CoverageRules;
use foldhash::{HashMap, HashSet};

use crate::birth_bands::BirthBandRow;
use crate::branches::BranchRow;
use crate::coverings::{CoveringRow, PRIMARY};
use crate::employments::EmploymentRow;
use crate::hosts::HostRow;
use crate::likenesses::GoesBy;
use crate::memberships::MembershipRow;
use crate::relations::{ACCEPTED, RelationRow};
use crate::table::Row;

/// The rows that hold at one place on both axes, and the rules about coverage there.
#[derive(Debug, Clone, Copy)]
pub struct Holding<'a> {
    /// Of `branches`.
    pub branches: &'a [Row],
    /// Of `hosts`.
    pub hosts: &'a [Row],
    /// Of `coverings`.
    pub coverings: &'a [Row],
    /// Of `relations`.
    pub relations: &'a [Row],
    /// Of `employments`.
    pub employments: &'a [Row],
    /// Of `memberships`.
    pub memberships: &'a [Row],
    /// Of `birth_bands`.
    pub birth_bands: &'a [Row],
    /// Of `likenesses`: they say which persons are one.
    pub likenesses: &'a [Row],
    /// The rules.
    pub rules: &'a CoverageRules,
    /// The year of the day asked about.
    pub year: i16,
}

/// The lines by which a body answers for a host, the nearest first: each a kind of relation.
pub const LINES: &[&str] =
    &["supervised_by", "member_of_association", "guided_by", "fallback_responsible_for"];

/// Who answers for a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Responsible<'a> {
    /// The place of the line in [`LINES`].
    pub line: usize,
    /// The code of the body.
    pub body: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Since when.
    pub since: events::Date,
}

/// One operating host.
#[derive(Debug, Clone)]
pub struct Place<'a> {
    /// What it is.
    pub host: HostRow<'a>,
    /// Whether its owner is public.
    pub public: bool,
    /// The mode of the branch that counts for it.
    pub mode: Option<&'a str>,
    /// The code of that branch.
    pub branch: Option<&'a str>,
    /// Who answers for it, the nearest line first.
    pub responsible: Vec<Responsible<'a>>,
    /// The members who work there, each with the post that counts.
    pub members: Vec<(&'a str, Option<&'a str>)>,
}

impl Place<'_> {
    /// Whether a branch is formed for it.
    #[must_use]
    pub fn is_organised(&self) -> bool {
        self.mode.is_some()
    }

    /// Whether a branch is formed for it, or a body answers for it.
    #[must_use]
    pub fn is_work_covered(&self) -> bool {
        self.is_organised() || !self.responsible.is_empty()
    }
}

/// One live branch.
#[derive(Debug, Clone)]
pub struct Formation<'a> {
    /// What it is.
    pub branch: BranchRow<'a>,
    /// Whether branches of its kind cover hosts.
    pub counts: bool,
    /// How it is formed over its hosts.
    pub mode: Option<&'a str>,
    /// How many hosts it covers, gone ones too.
    pub hosts: usize,
    /// How many of them operate.
    pub operating: usize,
    /// How many memberships are at home there.
    pub members: usize,
}

/// The field on one day.
#[derive(Debug)]
pub struct Field<'a> {
    /// The operating hosts, by code.
    pub places: Vec<Place<'a>>,
    /// The live branches, by code.
    pub formations: Vec<Formation<'a>>,
    /// The members, each once, with the first of the five years in which they were born.
    pub members: Vec<(&'a str, Option<u64>)>,
}

impl<'a> Field<'a> {
    /// Joins the rows.
    #[must_use]
    pub fn of(holding: &Holding<'a>) -> Self {
        let mut formations = formations(holding);
        let index: HashMap<&str, usize> = (0..)
            .zip(&formations)
            .map(|(index, formation)| (formation.branch.branch, index))
            .collect();
        for membership in holding.memberships.iter().map(MembershipRow::of) {
            if let Some(index) = index.get(membership.branch) {
                formations[*index].members += 1;
            }
        }
        let goes_by = GoesBy::of(holding.likenesses);
        let at_home = holding.memberships.iter().map(MembershipRow::of);
        let persons: HashSet<&str> = at_home.map(|row| goes_by.id(row.person)).collect();
        let mut places = places(holding, &persons, &goes_by);
        cover(holding, &index, &mut formations, &mut places);
        Self { places, formations, members: members(holding, &persons, &goes_by) }
    }
}

fn formations<'a>(holding: &Holding<'a>) -> Vec<Formation<'a>> {
    let uncounted = &holding.rules.branch_kinds_uncounted;
    let formation = |branch: BranchRow<'a>| Formation {
        counts: !uncounted.iter().any(|kind| kind.as_str() == branch.kind),
        branch,
        mode: None,
        hosts: 0,
        operating: 0,
        members: 0,
    };
    BranchRow::of_day(holding.branches).into_iter().map(formation).collect()
}

fn places<'a>(
    holding: &Holding<'a>,
    persons: &HashSet<&str>,
    goes_by: &GoesBy<'a>,
) -> Vec<Place<'a>> {
    let public: HashSet<&str> = holding
        .rules
        .ownerships
        .iter()
        .filter(|ownership| ownership.public)
        .map(|ownership| ownership.code.as_str())
        .collect();
    let mut employed: HashMap<&str, Vec<(&str, Option<&str>)>> = HashMap::default();
    for row in holding.employments.iter().map(EmploymentRow::of) {
        let person = goes_by.id(row.person);
        if persons.contains(person) {
            employed.entry(row.host).or_default().push((person, row.post));
        }
    }
    let mut responsible = responsible(holding);
    let place = |host: HostRow<'a>| {
        let mut members = employed.remove(host.host).unwrap_or_default();
        // Of two who are one and work there, the one with a post.
        members.sort_unstable_by_key(|(person, post)| (*person, post.is_none(), *post));
        members.dedup_by_key(|(person, _)| *person);
        let mut lines = responsible.remove(host.host).unwrap_or_default();
        lines.sort_unstable();
        let public = public.contains(host.ownership);
        Place { host, public, mode: None, branch: None, responsible: lines, members }
    };
    HostRow::of_day(holding.hosts).into_iter().map(place).collect()
}

/// Who answers for which host, by the host's id.
fn responsible<'a>(holding: &Holding<'a>) -> HashMap<&'a str, Vec<Responsible<'a>>> {
    let branches = holding.branches.iter().map(BranchRow::of);
    let hosts = holding.hosts.iter().map(HostRow::of);
    let bodies = branches.map(|row| (row.branch, (row.code, row.name)));
    let bodies: HashMap<&str, (&str, &str)> =
        bodies.chain(hosts.map(|row| (row.host, (row.code, row.name)))).collect();
    let mut responsible: HashMap<&str, Vec<Responsible<'a>>> = HashMap::default();
    for row in holding.relations {
        let relation = RelationRow::of(row);
        let Some(line) = LINES.iter().position(|line| *line == relation.kind) else { continue };
        // A fallback is what a branch is to a host; the others are what a host is to a body.
        let (host, body) = match relation.kind {
            "fallback_responsible_for" => (relation.to, relation.from),
            _ => (relation.from, relation.to),
        };
        if relation.state == ACCEPTED
            && let Some((body, name)) = bodies.get(body)
        {
            let since = row.valid_from;
            responsible.entry(host).or_default().push(Responsible { line, body, name, since });
        }
    }
    responsible
}

/// Brings branches and hosts together.
fn cover<'a>(
    holding: &Holding<'a>,
    branches: &HashMap<&str, usize>,
    formations: &mut [Formation<'a>],
    places: &mut [Place<'a>],
) {
    let index: HashMap<&str, usize> =
        (0..).zip(&*places).map(|(index, place)| (place.host.host, index)).collect();
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    for covering in holding.coverings.iter().map(CoveringRow::of) {
        let Some(formation) = branches.get(covering.branch) else { continue };
        let formation = &mut formations[*formation];
        formation.mode = Some(covering.mode);
        let place = index.get(covering.host);
        if seen.insert((covering.branch, covering.host)) {
            formation.hosts += 1;
            formation.operating += usize::from(place.is_some());
        }
        if let Some(place) = place
            && covering.rank == PRIMARY
            && formation.counts
        {
            places[*place].mode = Some(covering.mode);
            places[*place].branch = Some(formation.branch.code);
        }
    }
}

/// The members with their years of birth: the one recorded under the id that counts or, without
/// one, the earliest that is recorded of those who are the same.
fn members<'a>(
    holding: &Holding<'a>,
    persons: &HashSet<&'a str>,
    goes_by: &GoesBy<'a>,
) -> Vec<(&'a str, Option<u64>)> {
    let mut born: HashMap<&str, (bool, u64)> = HashMap::default();
    for band in holding.birth_bands.iter().map(BirthBandRow::of) {
        let person = goes_by.id(band.person);
        let year = (person != band.person, band.from_year);
        let known = born.entry(person).or_insert(year);
        *known = year.min(*known);
    }
    let mut members: Vec<_> =
        persons.iter().map(|person| (*person, born.get(person).map(|(_, year)| *year))).collect();
    members.sort_unstable();
    members
}
