//! Whether the values of a rule set fit together.

use std::collections::BTreeSet;

use super::{LifeRules, OnSilence, RuleSet, TransferRules};
use crate::values::Code;

/// Two values of a rule set that contradict each other, or one that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// The value's key: `life.probation.extension_months_min` …
    pub key: String,
    /// What is wrong with it, as a code of [`PROBLEMS`].
    pub problem: &'static str,
}

/// What may be wrong with the values of a rule set, as codes.
pub const PROBLEMS: &[&str] = &[
    "code_twice",
    "days_missing",
    "kind_not_listed",
    "last_has_end",
    "min_over_max",
    "not_rising",
    "source_without_value",
    "state_unknown",
    "zero",
];

impl RuleSet {
    /// The first contradiction among the values, in the order of the sections.
    #[must_use]
    pub fn contradiction(&self) -> Option<Contradiction> {
        let found = branch(self)
            .or_else(|| coverage(self))
            .or_else(|| life(&self.life))
            .or_else(|| transfer(&self.transfer))
            .or_else(|| structure(self))
            .or_else(|| dues(self))
            .or_else(|| numbers(self));
        found.map(|(key, problem)| Contradiction { key, problem })
    }
}

type Found = Option<(String, &'static str)>;

fn branch(rules: &RuleSet) -> Found {
    let codes: Vec<&Code> = rules.branch.kinds.iter().map(|kind| &kind.code).collect();
    let default = &rules.branch.kind_default;
    if rules.branch_kind(default).is_none() {
        return Some(("branch.kind_default".to_owned(), "kind_not_listed"));
    }
    twice(&codes).map(|_| ("branch.kinds".to_owned(), "code_twice"))
}

fn coverage(rules: &RuleSet) -> Found {
    let coverage = &rules.coverage;
    let rising = |bands: &[u32]| bands.is_sorted_by(|one, next| one < next);
    if !rising(&coverage.size_bands) {
        return Some(("coverage.size_bands".to_owned(), "not_rising"));
    }
    let ages: Vec<u32> = coverage.age_bands.iter().map(|age| (*age).into()).collect();
    if !rising(&ages) {
        return Some(("coverage.age_bands".to_owned(), "not_rising"));
    }
    over("coverage.members_min", coverage.members_min, coverage.members_max)
}

fn life(life: &LifeRules) -> Found {
    let states: Vec<&Code> = life.states.iter().map(|state| &state.code).collect();
    if twice(&states).is_some() {
        return Some(("life.states".to_owned(), "code_twice"));
    }
    let unknown = |key: &str, code: &Code| {
        life.state(code).is_none().then(|| (format!("life.{key}"), "state_unknown"))
    };
    let step = |step: &super::StateStep| {
        unknown("steps", &step.from).or_else(|| unknown("steps", &step.to))
    };
    let found = unknown("state_admitted", &life.state_admitted)
        .or_else(|| life.steps.iter().find_map(step));
    let Some(probation) = &life.probation else { return found };
    let (least, most) = (probation.extension_months_min, probation.extension_months_max);
    found
        .or_else(|| unknown("probation.state", &probation.state))
        .or_else(|| unknown("probation.then", &probation.then))
        .or_else(|| over("life.probation.extension_months_min", Some(least), Some(most)))
        .or_else(|| zero("life.probation.months", Some(probation.months)))
}

fn transfer(transfer: &TransferRules) -> Found {
    let silent = match transfer.on_silence {
        OnSilence::Wait => false,
        OnSilence::Escalate | OnSilence::Accept => transfer.silence_days.is_none(),
    };
    if silent {
        return Some(("transfer.silence_days".to_owned(), "days_missing"));
    }
    over("transfer.letter_days_near", transfer.letter_days_near, transfer.letter_days_far)
}

fn structure(rules: &RuleSet) -> Found {
    let structure = &rules.structure;
    let unknown = |code: &Code| rules.branch_kind(code).is_none();
    if structure.kinds.iter().any(|kind| unknown(&kind.code)) {
        return Some(("structure.kinds".to_owned(), "kind_not_listed"));
    }
    let (general, committee) =
        (structure.general_branch_members_min, structure.committee_members_min);
    over("structure.general_branch_members_min", general, committee)
}

fn dues(rules: &RuleSet) -> Found {
    let (last, before) = rules.dues.split_last()?;
    if last.base_max.is_some() {
        return Some(("dues".to_owned(), "last_has_end"));
    }
    let ends: Vec<Option<u32>> = before.iter().map(|bracket| bracket.base_max).collect();
    let rises = ends.iter().all(Option::is_some) && ends.is_sorted_by(|one, next| one < next);
    (!rises).then(|| ("dues".to_owned(), "not_rising"))
}

/// The numbers of months and days that would be over as soon as they begin, and the sources.
fn numbers(rules: &RuleSet) -> Found {
    let terms =
        rules.structure.kinds.iter().flat_map(|kind| [kind.term_months, kind.life_months_max]);
    let numbers = [
        ("life.lost_contact_months", rules.life.lost_contact_months),
        ("life.removal_months", rules.life.removal_months),
        ("life.mobile_months", rules.life.mobile_months),
        ("transfer.duty_months", rules.transfer.duty_months),
        ("transfer.letter_days_near", rules.transfer.letter_days_near),
        ("transfer.letter_days_far", rules.transfer.letter_days_far),
        ("transfer.silence_days", rules.transfer.silence_days),
        ("structure.idle_months", rules.structure.idle_months),
        ("coverage.joint_hosts_max", rules.coverage.joint_hosts_max),
    ];
    let kinds = terms.map(|months| ("structure.kinds", months));
    let found = numbers.into_iter().chain(kinds).find_map(|(key, number)| zero(key, number));
    found.or_else(|| {
        let keys = rules.keys();
        let known = |key: &str| {
            keys.iter().any(|known| known == key || known.starts_with(&format!("{key}.")))
        };
        let stray = rules.sources.iter().find(|source| !known(source.key.as_str()));
        stray.map(|_| ("sources".to_owned(), "source_without_value"))
    })
}

fn zero(key: &str, number: Option<u32>) -> Found {
    (number == Some(0)).then(|| (key.to_owned(), "zero"))
}

/// The least is more than the most.
fn over(key: &str, least: Option<u32>, most: Option<u32>) -> Found {
    least.zip(most).filter(|(least, most)| least > most).map(|_| (key.to_owned(), "min_over_max"))
}

fn twice<'a>(codes: &[&'a Code]) -> Option<&'a Code> {
    let mut seen = BTreeSet::new();
    codes.iter().find(|code| !seen.insert(**code)).copied()
}
