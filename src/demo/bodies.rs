//! The bodies that lead branches and answer for hosts, and the lines by which they do.

use events::RelationKind;
use events::branch::FormationMode;

use super::dice::Dice;
use super::field::Host;
use super::names::{AREAS, PARKS};
use super::step::{Body, BranchNo, Day, HostNo, RelationTurn, What};
use super::study::{HOSTS, LAST};

/// The bodies, in the order of their list: the city's committee, the trade's, its association,
/// one for each park, one for each street.
const CITY: usize = 0;
const TRADE: usize = 1;
const ASSOCIATION: usize = 2;
const FIRST_PARK: usize = 3;
const FIRST_STREET: usize = FIRST_PARK + PARKS;

/// How many bodies there are; branches are numbered after them.
pub(super) const BODIES: usize = FIRST_STREET + AREAS.len();

/// When the bodies were formed; the areas were defined before.
pub(super) const FORMED: Day = -1_460;

/// How many hosts nobody answers for, on the last day.
const NOBODY: usize = 24;

/// The body of the street at a place in the list of areas.
pub(super) fn street_of(area: usize) -> usize {
    FIRST_STREET + area
}

/// The body that leads a branch.
pub(super) fn body_of(area: usize, in_park: bool, mode: FormationMode) -> usize {
    match mode {
        FormationMode::JointByIndustry | FormationMode::Online => TRADE,
        FormationMode::Standalone | FormationMode::LedByFirm | FormationMode::ByRegion => {
            if in_park { FIRST_PARK + area } else { street_of(area) }
        }
    }
}

/// The code and name of each body, and the body above it.
pub(super) fn bodies() -> Vec<(String, String, Option<usize>)> {
    let body = |code: &str, name: &str| (code.to_owned(), name.to_owned(), Some(CITY));
    let mut bodies = vec![
        ("city".to_owned(), "City Committee".to_owned(), None),
        body("trade", "Internet Trade Committee"),
        body("association", "Internet Association Committee"),
    ];
    for (code, name) in &AREAS[..PARKS] {
        bodies.push(body(&format!("{code}-park"), &format!("{name} Park Committee")));
    }
    for (code, name) in AREAS {
        bodies.push(body(&format!("{code}-street"), &format!("{name} Street Committee")));
    }
    bodies
}

/// One relation between a host and a body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    relation: RelationKind,
    host: usize,
    body: usize,
    proposed: Day,
    accepted: Option<Day>,
    ended: Option<Day>,
}

/// Who answers for which host: the trade and its association in front, parks beside them, and
/// streets where nobody else does. Some hosts are left out.
pub(super) fn lines(dice: &mut Dice, hosts: &[Host]) -> Vec<Line> {
    let mut left_out: Vec<usize> = (40..HOSTS).collect();
    dice.shuffle(&mut left_out);
    left_out.truncate(NOBODY);
    let mut lines = Vec::new();
    for (number, host) in hosts.iter().enumerate() {
        if number >= HOSTS && dice.percent(60) {
            continue;
        }
        let until = host.closed.unwrap_or(LAST);
        if until - host.registered.max(FORMED) < 90 {
            continue;
        }
        let mut join = |relation, body| {
            let latest = if host.registered < 0 { -1 } else { until - 70 };
            let proposed = dice.between(host.registered + 3, latest.min(host.registered + 200));
            // With a host that closes ends what was proposed.
            let accepted = Some((proposed + dice.between(0, 40)).min(until - 1));
            let line = Line { relation, host: number, body, proposed, accepted, ended: None };
            lines.push(line);
        };
        let regulated = ["news", "network_access"].contains(&host.kind) || host.staff >= 130;
        if left_out.contains(&number) {
            continue;
        }
        if regulated {
            join(RelationKind::SupervisedBy, TRADE);
        }
        let associated = number % 3 != 0;
        if associated {
            join(RelationKind::MemberOfAssociation, ASSOCIATION);
        }
        if host.in_park {
            join(RelationKind::GuidedBy, FIRST_PARK + host.area);
        }
        if !(regulated || associated || host.in_park) || number % 17 == 0 {
            join(RelationKind::FallbackResponsibleFor, street_of(host.area));
        }
    }
    leave(dice, &mut lines, &left_out, hosts);
    lines
}

/// Some left the association, and nobody took them over; others were asked and did not answer.
fn leave(dice: &mut Dice, lines: &mut Vec<Line>, left_out: &[usize], hosts: &[Host]) {
    for (place, number) in left_out.iter().enumerate().take(10) {
        let registered = hosts[*number].registered;
        let proposed = registered + dice.between(3, 20);
        let ended = (place < 6).then(|| dice.between(proposed.max(0) + 25, LAST - 1));
        lines.push(Line {
            relation: RelationKind::MemberOfAssociation,
            host: *number,
            body: ASSOCIATION,
            proposed,
            accepted: ended.map(|_| proposed + 20),
            ended,
        });
    }
}

impl Line {
    /// What is wished for it, each on its day.
    pub(super) fn steps(&self, host: HostNo, body: BranchNo) -> Vec<(Day, What)> {
        let relation = self.relation;
        let (host, body) = (Body::Host(host), Body::Branch(body));
        // A street answers for a host; the others are what a host is to a body.
        let (from, to) = match relation {
            RelationKind::FallbackResponsibleFor => (body, host),
            RelationKind::SupervisedBy
            | RelationKind::GuidedBy
            | RelationKind::HostedBy
            | RelationKind::JointlyBuiltWith
            | RelationKind::LedBy
            | RelationKind::MemberOfAssociation => (host, body),
        };
        let mut steps =
            vec![(self.proposed, What::Relate(RelationTurn::Propose, relation, from, to))];
        if let Some(day) = self.accepted {
            steps.push((day, What::Relate(RelationTurn::Accept, relation, from, to)));
        }
        if let Some(day) = self.ended {
            steps.push((day, What::Relate(RelationTurn::End, relation, from, to)));
        }
        steps
    }

    /// The host's place in its list.
    pub(super) fn host(&self) -> usize {
        self.host
    }

    /// The body's place in its list.
    pub(super) fn body(&self) -> usize {
        self.body
    }
}
