//! How well is the field covered?
//!
//! A host is *organised* where a branch is formed for it: alone, jointly with others, or online.
//! Its *work is covered* where it is organised or a body answers for it by any line. Every number
//! is the length of a list that can be asked for.

use std::collections::BTreeMap;

use events::policy::CoverageRules;
use serde::Serialize;

use super::field::{Field, Holding, LINES, Place};
use crate::ages::Ages;

/// How well the field is covered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The whole field.
    pub totals: CoverageTotals,
    /// The hosts, by what they are; the values of one dimension add up to the totals.
    pub hosts: Vec<HostCell>,
    /// The branches that count, by how they are formed.
    pub branches: Vec<CountCell>,
    /// The members, by their age on the day.
    pub members: Vec<CountCell>,
}

/// The whole field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CoverageTotals {
    /// What is counted of hosts.
    #[serde(flatten)]
    pub hosts: HostCounts,
    /// How many live branches count.
    pub branches: u64,
    /// How many persons with a membership, each counted once; those who are merged are one.
    pub members: u64,
    /// Branches per 100 hosts, with one decimal; absent without hosts.
    pub branches_per_100_hosts: Option<String>,
}

/// What is counted of hosts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct HostCounts {
    /// Operating hosts.
    pub hosts: u64,
    /// Those whose owner is not public.
    pub not_public: u64,
    /// How many people work at them.
    pub staff: u64,
    /// Those for which a branch is formed.
    pub organised: u64,
    /// Those of them with a branch of their own.
    pub standalone: u64,
    /// Those of them that share a branch.
    pub joint: u64,
    /// Those of them with an online branch.
    pub online: u64,
    /// Those that are organised, or for which a body answers.
    pub work_covered: u64,
}

/// What is counted of the hosts that have one value in one dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostCell {
    /// Which dimension: a code of [`DIMENSIONS`].
    pub dimension: &'static str,
    /// Which value; empty where a host has none.
    pub value: String,
    /// What is counted.
    #[serde(flatten)]
    pub counts: HostCounts,
}

/// How many there are of one value in one dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CountCell {
    /// Which dimension.
    pub dimension: &'static str,
    /// Which value; empty where it is not known.
    pub value: String,
    /// How many.
    pub number: u64,
}

/// The dimensions of hosts.
pub const DIMENSIONS: &[&str] =
    &["kind", "ownership", "size_band", "area", "responsible", "line", "mode"];

/// What can be listed: hosts by what is counted of them, branches, and members.
pub const MEASURES: &[&str] = &[
    "hosts",
    "not_public",
    "organised",
    "standalone",
    "joint",
    "online",
    "work_covered",
    "branches",
    "members",
];

/// How well is the field covered? `ages` are those of the members: nothing is asked of the rows
/// about persons, so they may be left out.
#[must_use]
pub fn coverage(holding: &Holding<'_>, ages: &Ages) -> Coverage {
    let field = Field::of(holding);
    let mut totals = CoverageTotals::default();
    let mut cells: BTreeMap<(usize, String), HostCounts> = BTreeMap::new();
    for place in &field.places {
        totals.hosts.count(place);
        for (index, dimension) in DIMENSIONS.iter().enumerate() {
            let value = value(place, dimension, holding.rules);
            cells.entry((index, value)).or_default().count(place);
        }
    }
    let branches = counted("mode", field.formations.iter().filter(|branch| branch.counts), |it| {
        it.mode.unwrap_or_default().to_owned()
    });
    let members = age_bands(ages, holding.year, holding.rules);
    totals.branches = branches.iter().map(|cell| cell.number).sum();
    totals.members = members.iter().map(|cell| cell.number).sum();
    totals.branches_per_100_hosts = per_hundred(totals.branches, totals.hosts.hosts);
    let cell = |((index, value), counts): ((usize, String), _)| HostCell {
        dimension: DIMENSIONS[index],
        value,
        counts,
    };
    Coverage { totals, hosts: cells.into_iter().map(cell).collect(), branches, members }
}

/// One line of the list behind a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// The code of a host or branch, or the id of a member.
    pub code: String,
    /// Its name; nobody's for a member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many people work there, for a host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff: Option<u64>,
}

/// The list behind a number: of a measure, and of one value in one dimension where that is asked.
/// Only `members` asks anything of the rows about persons, so they may be left out otherwise.
#[must_use]
pub fn listed(holding: &Holding<'_>, measure: &str, within: Option<(&str, &str)>) -> Vec<Listed> {
    let field = Field::of(holding);
    let is = |dimension: &str, own: &dyn Fn() -> String| {
        within.is_none_or(|(asked, value)| asked == dimension && own() == value)
    };
    match measure {
        "branches" => field
            .formations
            .iter()
            .filter(|it| it.counts && is("mode", &|| it.mode.unwrap_or_default().to_owned()))
            .map(|it| Listed {
                code: it.branch.code.to_owned(),
                name: Some(it.branch.name.to_owned()),
                staff: None,
            })
            .collect(),
        "members" => field
            .members
            .iter()
            .filter(|(_, born)| is("age_band", &|| age_band(*born, holding.year, holding.rules)))
            .map(|(person, _)| Listed { code: (*person).to_owned(), name: None, staff: None })
            .collect(),
        measure => field
            .places
            .iter()
            .filter(|place| is_counted(place, measure))
            .filter(|place| {
                within.is_none_or(|(dimension, asked)| {
                    value(place, dimension, holding.rules) == asked
                })
            })
            .map(|place| Listed {
                code: place.host.code.to_owned(),
                name: Some(place.host.name.to_owned()),
                staff: Some(place.host.staff),
            })
            .collect(),
    }
}

impl HostCounts {
    fn count(&mut self, place: &Place<'_>) {
        self.staff += place.host.staff;
        for (measure, number) in [
            ("hosts", &mut self.hosts),
            ("not_public", &mut self.not_public),
            ("organised", &mut self.organised),
            ("standalone", &mut self.standalone),
            ("joint", &mut self.joint),
            ("online", &mut self.online),
            ("work_covered", &mut self.work_covered),
        ] {
            *number += u64::from(is_counted(place, measure));
        }
    }
}

/// Whether a measure counts a host.
fn is_counted(place: &Place<'_>, measure: &str) -> bool {
    match measure {
        "hosts" => true,
        "not_public" => !place.public,
        "organised" => place.is_organised(),
        "standalone" => place.mode == Some("standalone"),
        "online" => place.mode == Some("online"),
        "joint" => place.mode.is_some_and(|mode| mode != "standalone" && mode != "online"),
        "work_covered" => place.is_work_covered(),
        _ => false,
    }
}

/// The value of a host in a dimension; empty where it has none.
fn value(place: &Place<'_>, dimension: &str, rules: &CoverageRules) -> String {
    let nearest = place.responsible.first();
    match dimension {
        "kind" => place.host.kind.to_owned(),
        "ownership" => place.host.ownership.to_owned(),
        "size_band" => band(place.host.staff, rules.size_bands.iter().map(|least| (*least).into())),
        "area" => place.host.area.unwrap_or_default().to_owned(),
        "responsible" => nearest.map_or_else(String::new, |nearest| nearest.body.to_owned()),
        "line" => nearest.map_or_else(String::new, |nearest| LINES[nearest.line].to_owned()),
        "mode" => place.mode.unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}

/// The members by their age in a year.
pub(crate) fn age_bands(ages: &Ages, year: i16, rules: &CoverageRules) -> Vec<CountCell> {
    let mut cells: BTreeMap<String, u64> = BTreeMap::new();
    for (born, number) in ages {
        *cells.entry(age_band(born.map(u64::from), year, rules)).or_default() += number;
    }
    let cell = |(value, number)| CountCell { dimension: "age_band", value, number };
    cells.into_iter().map(cell).collect()
}

/// The age band of a member: by the oldest age that the five years of birth allow in a year.
fn age_band(born: Option<u64>, year: i16, rules: &CoverageRules) -> String {
    let year = u64::from(year.unsigned_abs());
    let bands = rules.age_bands.iter().map(|least| u64::from(*least));
    born.map_or_else(String::new, |born| band(year.saturating_sub(born), bands))
}

/// The band of a number, by the least of each band after the first: `0-19`, `20-49`, `50-`.
pub(crate) fn band(number: u64, least: impl Iterator<Item = u64>) -> String {
    let (mut from, mut until) = (0, None);
    for least in least {
        if number < least {
            until = Some(least - 1);
            break;
        }
        from = least;
    }
    until.map_or_else(|| format!("{from}-"), |until| format!("{from}-{until}"))
}

fn counted<T>(
    dimension: &'static str,
    things: impl Iterator<Item = T>,
    value: impl Fn(&T) -> String,
) -> Vec<CountCell> {
    let mut cells: BTreeMap<String, u64> = BTreeMap::new();
    for thing in things {
        *cells.entry(value(&thing)).or_default() += 1;
    }
    cells.into_iter().map(|(value, number)| CountCell { dimension, value, number }).collect()
}

/// A share in hundredths with one decimal, rounded half up.
#[must_use]
pub fn per_hundred(part: u64, whole: u64) -> Option<String> {
    let tenths = (part * 2_000 + whole).checked_div(whole * 2)?;
    Some(format!("{}.{}", tenths / 10, tenths % 10))
}

#[cfg(test)]
mod tests {
    use events::branch::FormationMode;
    use events::policy::{CoverageRules, Ownership};
    use events::{Code, Party, RelationKind};

    use super::*;
    use crate::given::*;
    use crate::likenesses::Found;
    use crate::{
        BirthBands, Branches, Coverings, Employments, Hosts, Likenesses, Memberships, Relations,
    };

    fn rules() -> CoverageRules {
        let ownerships = vec![Ownership { code: Code::parse("state").unwrap(), public: true }];
        let bands = CoverageRules {
            size_bands: vec![20, 50],
            age_bands: vec![35],
            ..CoverageRules::open()
        };
        CoverageRules { ownerships, ..bands }
    }

    fn asked<T>(history: &[Happened], ask: impl Fn(&Holding<'_>) -> T) -> T {
        ask(&Holding {
            branches: &given::<Branches>(history).known(),
            hosts: &given::<Hosts>(history).known(),
            coverings: &given::<Coverings>(history).known(),
            relations: &given::<Relations>(history).known(),
            employments: &given::<Employments>(history).known(),
            memberships: &given::<Memberships>(history).known(),
            birth_bands: &given::<BirthBands>(history).known(),
            likenesses: &given::<Likenesses>(history).known(),
            rules: &rules(),
            year: 2020,
        })
    }

    fn history() -> Vec<Happened> {
        let guided = (RelationKind::GuidedBy, Party::Host(H2), Party::Branch(B));
        vec![
            formed(1, A, "Alpha", None),
            formed(1, B, "Beta", None),
            host_registered(1, H1, 19),
            host_registered(1, H2, 60),
            attached(1, A, H1, FormationMode::Standalone),
            accepted(1, R1, guided),
            registered(1, P1),
            born(1, P1, 1985),
            admitted(1, M1, P1, A),
        ]
    }

    fn covered(holding: &Holding<'_>) -> Coverage {
        let Holding { memberships, birth_bands, likenesses, .. } = holding;
        coverage(holding, &crate::ages::of(memberships, birth_bands, likenesses))
    }

    #[test]
    fn every_host_is_counted_once_in_each_dimension() {
        let found = asked(&history(), covered);
        let totals = &found.totals;
        assert_eq!((totals.hosts.hosts, totals.hosts.organised, totals.hosts.staff), (2, 1, 79));
        assert_eq!((totals.hosts.work_covered, totals.branches, totals.members), (2, 2, 1));
        assert_eq!(totals.branches_per_100_hosts.as_deref(), Some("100.0"));
        for dimension in DIMENSIONS {
            let cells = found.hosts.iter().filter(|cell| cell.dimension == *dimension);
            assert_eq!(cells.map(|cell| cell.counts.hosts).sum::<u64>(), 2, "{dimension}");
        }
        let bands = found.hosts.iter().filter(|cell| cell.dimension == "size_band");
        assert_eq!(bands.map(|cell| cell.value.as_str()).collect::<Vec<_>>(), ["0-19", "50-"]);
        assert_eq!(found.members[0].value, "35-");
    }

    #[test]
    fn a_number_is_the_length_of_its_list() {
        let organised = asked(&history(), |holding| listed(holding, "organised", None));
        assert_eq!(organised.iter().map(|it| it.code.as_str()).collect::<Vec<_>>(), ["51"]);
        let guided =
            asked(&history(), |holding| listed(holding, "hosts", Some(("responsible", "b"))));
        assert_eq!(guided.iter().map(|it| it.code.as_str()).collect::<Vec<_>>(), ["52"]);
        let alone =
            asked(&history(), |holding| listed(holding, "branches", Some(("mode", "standalone"))));
        assert_eq!(alone.len(), 1);
    }

    #[test]
    fn persons_who_are_merged_count_once_and_work_where_either_does() {
        let two = [
            history(),
            vec![
                registered(1, P2),
                admitted(1, M2, P2, B),
                employed(1, H2, P2, None),
                employed(1, H2, P1, Some("chief")),
            ],
        ]
        .concat();
        let counts = |history: &[Happened]| asked(history, covered).totals.members;
        let merged = [two.clone(), vec![compared(2, P2, P1, Found::Merged)]].concat();
        assert_eq!((counts(&two), counts(&merged)), (2, 1));
        let listed = asked(&merged, |holding| listed(holding, "members", None));
        assert_eq!(listed.iter().map(|it| it.code.clone()).collect::<Vec<_>>(), [P1.to_string()]);
        let post = asked(&merged, |holding| Field::of(holding).places[1].members.clone().len());
        assert_eq!(post, 1);
    }

    #[test]
    fn shares_are_rounded_half_up() {
        assert_eq!(per_hundred(155, 526).as_deref(), Some("29.5"));
        assert_eq!(per_hundred(1, 2_000).as_deref(), Some("0.1"));
        assert_eq!(per_hundred(1, 0), None);
    }
}
