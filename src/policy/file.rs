//! A body's own rules, from a TOML file: one rule set, or several that follow each other.
//!
//! A file with one rule set has the sections of a preset at its top level. One with several has a
//! table `[[rules]]` for each, with the same sections below it and beside them `from`, its first
//! day, and `until`, the first day after; the last one has no `until`.

use std::ops::Range;

use events::Date;
use events::policy::RuleSet;
use serde::Deserialize;
use toml::de::{DeTable, DeValue, Deserializer, ValueDeserializer};

/// One rule set of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// Its first day; absent in a file with one rule set that names none.
    pub from: Option<Date>,
    /// The rules.
    pub rules: RuleSet,
}

/// Why a file holds no rules that can be adopted, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, counted from 1.
    pub line: usize,
    /// The key in question: `life.probation.months`, `rules.2.from` …
    pub key: String,
    /// What is wrong, as a code.
    pub problem: &'static str,
    /// Parameters of its sentence.
    pub args: Vec<(&'static str, String)>,
    /// What the reader of TOML said, where it said more.
    pub cause: Option<String>,
}

/// What may be wrong with a file, beside what the rules themselves say of their values.
pub const FAULTS: &[&str] = &[
    "not_toml",
    "rule_unknown",
    "rule_malformed",
    "rules_missing",
    "rules_date",
    "rules_empty_period",
    "rules_gap",
    "rules_overlap",
    "rules_end",
];

/// Reads the rule sets of a file, by their first days. Whether their values fit together is asked
/// when they are adopted.
///
/// # Errors
/// The first thing that is wrong: it is not TOML, has an unknown key or a value of the wrong type,
/// or between its rule sets there is a gap or an overlap in time.
pub fn read(text: &str) -> Result<Vec<Written>, Fault> {
    Reader { text, checks_values: false }.read()
}

/// Reads the rule sets of a file and sees whether their values fit together, with the place of the
/// one that does not.
///
/// # Errors
/// As [`read`], or the first values that contradict each other.
pub fn check(text: &str) -> Result<Vec<Written>, Fault> {
    Reader { text, checks_values: true }.read()
}

struct Reader<'a> {
    text: &'a str,
    checks_values: bool,
}

/// A rule set with its days, while the file is read.
struct Spell {
    from: Date,
    until: Option<Date>,
    line: usize,
    rules: RuleSet,
}

impl Reader<'_> {
    fn read(&self) -> Result<Vec<Written>, Fault> {
        let table = DeTable::parse(self.text).map_err(|error| self.not_toml(&error))?;
        if table.get_ref().contains_key("rules") {
            return self.several(table.get_ref());
        }
        let (rules, span) = (Deserializer::from(table.clone()), table.span());
        let rules = RuleSet::deserialize(rules);
        let rules = rules.map_err(|error| self.malformed(table.get_ref(), "", &error))?;
        self.fitting(&rules, table.get_ref(), "", &span)?;
        Ok(vec![Written { from: None, rules }])
    }

    fn several(&self, table: &DeTable<'_>) -> Result<Vec<Written>, Fault> {
        if let Some((key, _)) = table.iter().find(|(key, _)| key.get_ref() != "rules") {
            let (at, name) = (key.span().start, key.get_ref().to_string());
            return Err(self.fault(at, name, "rule_unknown"));
        }
        let sets = table.get("rules").and_then(|sets| sets.get_ref().as_array());
        let sets = sets.filter(|sets| !sets.is_empty());
        let sets = sets.ok_or_else(|| self.fault(0, "rules".to_owned(), "rules_missing"))?;
        let mut spells = Vec::new();
        for (number, set) in (1..).zip(sets.iter()) {
            let prefix = format!("rules.{number}.");
            let DeValue::Table(fields) = set.get_ref() else {
                let at = set.span().start;
                return Err(self.fault(at, "rules".to_owned(), "rules_missing"));
            };
            let at = set.span().start;
            let from = self.day(fields, "from", &prefix)?;
            let missing = || self.fault(at, format!("{prefix}from"), "rules_date");
            let (from, until) = (from.ok_or_else(missing)?, self.day(fields, "until", &prefix)?);
            let mut rules = set.clone();
            if let DeValue::Table(fields) = rules.get_mut() {
                _ = fields.remove("from");
                _ = fields.remove("until");
            }
            let rules = RuleSet::deserialize(ValueDeserializer::from(rules));
            let rules = rules.map_err(|error| self.malformed(fields, &prefix, &error))?;
            self.fitting(&rules, fields, &prefix, &set.span())?;
            spells.push(Spell { from, until, line: self.line(at), rules });
        }
        spells.sort_by_key(|spell| spell.from);
        follow_each_other(&spells)?;
        let written = |spell: Spell| Written { from: Some(spell.from), rules: spell.rules };
        Ok(spells.into_iter().map(written).collect())
    }

    /// A day that stands beside the sections of a rule set.
    fn day(&self, table: &DeTable<'_>, name: &str, prefix: &str) -> Result<Option<Date>, Fault> {
        let Some(value) = table.get(name) else { return Ok(None) };
        let written = value.get_ref();
        let text = written.as_datetime().map(ToString::to_string);
        let text = text.or_else(|| written.as_str().map(ToOwned::to_owned));
        let day = text.and_then(|text| events::values::date_of(&text));
        let wrong = || self.fault(value.span().start, format!("{prefix}{name}"), "rules_date");
        day.map(Some).ok_or_else(wrong)
    }

    /// That the values of a rule set do not contradict each other.
    fn fitting(
        &self,
        rules: &RuleSet,
        table: &DeTable<'_>,
        prefix: &str,
        whole: &Range<usize>,
    ) -> Result<(), Fault> {
        let found = rules.contradiction().filter(|_| self.checks_values);
        let Some(found) = found else { return Ok(()) };
        let at = place_of(table, &found.key).unwrap_or(whole.start);
        Err(self.fault(at, format!("{prefix}{}", found.key), found.problem))
    }

    fn not_toml(&self, error: &toml::de::Error) -> Fault {
        let at = error.span().map_or(0, |span| span.start);
        let fault = self.fault(at, "line".to_owned(), "not_toml");
        Fault { cause: Some(error.message().to_owned()), ..fault }
    }

    /// What does not fit the form of a rule set: where it is a key, nobody knows that key.
    fn malformed(&self, table: &DeTable<'_>, prefix: &str, error: &toml::de::Error) -> Fault {
        let span = error.span().unwrap_or_default();
        let (key, is_key) = entry_at(table, &span, String::new()).unwrap_or_default();
        let problem = if is_key { "rule_unknown" } else { "rule_malformed" };
        let fault = self.fault(span.start, format!("{prefix}{key}"), problem);
        Fault { cause: Some(error.message().to_owned()), ..fault }
    }

    fn fault(&self, at: usize, key: String, problem: &'static str) -> Fault {
        Fault { line: self.line(at), key, problem, args: Vec::new(), cause: None }
    }

    fn line(&self, at: usize) -> usize {
        1 + self.text.get(..at).unwrap_or_default().matches('\n').count()
    }
}

/// That of rule sets in the order of their days each begins where the one before ends.
fn follow_each_other(spells: &[Spell]) -> Result<(), Fault> {
    let fault = |spell: &Spell, problem, args: Vec<(&'static str, String)>| {
        let (line, key) = (spell.line, "rules".to_owned());
        Err(Fault { line, key, problem, args, cause: None })
    };
    for spell in spells {
        if let Some(until) = spell.until.filter(|until| *until <= spell.from) {
            let args = vec![("from", spell.from.to_string()), ("until", until.to_string())];
            return fault(spell, "rules_empty_period", args);
        }
    }
    for pair in spells.windows(2) {
        let [spell, next] = pair else { continue };
        let until = spell.until.unwrap_or(next.from);
        let args = vec![("until", until.to_string()), ("from", next.from.to_string())];
        if spell.from == next.from || until > next.from {
            return fault(next, "rules_overlap", args);
        }
        if until < next.from {
            return fault(next, "rules_gap", args);
        }
    }
    match spells.last().and_then(|last| Some((last, last.until?))) {
        Some((last, until)) => fault(last, "rules_end", vec![("until", until.to_string())]),
        None => Ok(()),
    }
}

/// Where the value of a key stands, or of the nearest section that is there.
fn place_of(table: &DeTable<'_>, key: &str) -> Option<usize> {
    let (name, rest) = key.split_once('.').unwrap_or((key, ""));
    let (found, value) = table.get_key_value(name)?;
    let deeper = value.get_ref().as_table().and_then(|table| place_of(table, rest));
    deeper.or(Some(found.span().start))
}

/// The entry that a place in the text is about: its key, and whether the place is the key itself.
fn entry_at(table: &DeTable<'_>, span: &Range<usize>, path: String) -> Option<(String, bool)> {
    for (key, value) in table.iter() {
        let below = join(&path, key.get_ref());
        if key.span() == *span {
            return Some((below, true));
        }
        let deeper = match value.get_ref() {
            DeValue::Table(table) => entry_at(table, span, below.clone()),
            DeValue::Array(items) => (1..).zip(items.iter()).find_map(|(number, item)| {
                let path = join(&below, &number.to_string());
                let table = item.get_ref().as_table()?;
                let whole = (item.span() == *span).then(|| (path.clone(), false));
                entry_at(table, span, path).or(whole)
            }),
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => None,
        };
        if let Some(found) = deeper {
            return Some(found);
        }
        let within = value.span();
        if within.start <= span.start && span.end <= within.end {
            return Some((below, false));
        }
    }
    None
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTY: &str = include_str!("party.toml");

    /// The party's rules with one text in place of another.
    fn with(one: &str, other: &str) -> Result<Vec<Written>, Fault> {
        assert!(PARTY.contains(one), "{one}");
        check(&PARTY.replacen(one, other, 1))
    }

    fn fault(text: Result<Vec<Written>, Fault>) -> (usize, String, &'static str) {
        let fault = text.map(|_| ()).expect_err("a fault");
        (fault.line, fault.key, fault.problem)
    }

    fn line_of(part: &str) -> usize {
        1 + PARTY[..PARTY.find(part).unwrap()].matches('\n').count()
    }

    /// Rule sets with these days, one after the other; the sections follow the days.
    fn several(days: &[(&str, &str)]) -> Result<Vec<Written>, Fault> {
        let sections = PARTY.replace("\n[[", "\n[[rules.").replace("\n[", "\n[rules.");
        let sections = sections.replace("[rules.[rules.", "[[rules.");
        let set = |(from, until): &(&str, &str)| {
            let until = if until.is_empty() { String::new() } else { format!("until = {until}\n") };
            format!("[[rules]]\nfrom = {from}\n{until}{sections}\n")
        };
        check(&days.iter().map(set).collect::<String>())
    }

    #[test]
    fn one_rule_set_or_several_are_check() {
        let one = check(PARTY).unwrap();
        assert_eq!((one.len(), one[0].from), (1, None));
        let two = several(&[("2026-01-01", "2027-01-01"), ("2027-01-01", "")]).unwrap();
        let days: Vec<_> = two.iter().map(|it| it.from.unwrap().to_string()).collect();
        assert_eq!(days, ["2026-01-01", "2027-01-01"]);
        assert_eq!(two[0].rules, one[0].rules);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line_and_key() {
        let at = line_of("holder_at_home");
        let found = with("holder_at_home = true", "holder_at_hom = true");
        assert_eq!(fault(found), (at, "post.holder_at_hom".into(), "rule_unknown"));
        let found = with("holder_at_home = true", "holder_at_home = \"yes\"");
        assert_eq!(fault(found), (at, "post.holder_at_home".into(), "rule_malformed"));
        let found = with("exclusive = true\n", "");
        assert_eq!(fault(found).2, "rule_malformed");
        assert_eq!(fault(with("[post]", "[post")).2, "not_toml");
        let at = line_of("extension_months_min = 6");
        let found = with("extension_months_min = 6", "extension_months_min = 13");
        let key = "life.probation.extension_months_min".into();
        assert_eq!(fault(found), (at, key, "min_over_max"));
    }

    #[test]
    fn values_that_contradict_are_found() {
        for (one, other, problem) in [
            ("letter_days_near = 30", "letter_days_near = 0", "zero"),
            ("letter_days_near = 30", "letter_days_near = 91", "min_over_max"),
            ("from = \"applicant\"", "from = \"visitor\"", "state_unknown"),
            ("state_admitted = \"full\"", "state_admitted = \"member\"", "state_unknown"),
            ("kind_default = \"branch\"", "kind_default = \"club\"", "kind_not_listed"),
            ("size_bands = [20, 50", "size_bands = [50, 20", "not_rising"),
            ("age_bands = [35, 45", "age_bands = [45, 45", "not_rising"),
            ("base_max = 500000", "base_max = 300000", "not_rising"),
            (
                "[[dues]]\nper_mille = 20",
                "[[dues]]\nbase_max = 1000001\nper_mille = 20",
                "last_has_end",
            ),
            ("silence_days = 30\n", "", "days_missing"),
            ("key = \"dues\"", "key = \"fees\"", "source_without_value"),
            ("{ code = \"activist\"", "{ code = \"applicant\"", "code_twice"),
        ] {
            assert_eq!(fault(with(one, other)).2, problem, "{other}");
        }
    }

    #[test]
    fn a_gap_an_overlap_and_an_end_are_found() {
        let days = |days: &[(&str, &str)]| fault(several(days)).2;
        assert_eq!(days(&[("2026-01-01", "2026-12-31"), ("2027-01-01", "")]), "rules_gap");
        assert_eq!(days(&[("2026-01-01", "2027-01-02"), ("2027-01-01", "")]), "rules_overlap");
        assert_eq!(days(&[("2026-01-01", ""), ("2026-01-01", "")]), "rules_overlap");
        assert_eq!(days(&[("2026-01-01", "2027-01-01")]), "rules_end");
        assert_eq!(days(&[("2026-01-01", "2026-01-01")]), "rules_empty_period");
        assert_eq!(days(&[("\"soon\"", "")]), "rules_date");
        assert_eq!(fault(check("rules = []")).2, "rules_missing");
    }

    #[test]
    fn dues_are_owed_on_the_whole_base() {
        let rules = &check(PARTY).unwrap()[0].rules;
        let owed = |base| rules.dues_on(base).map(|dues| dues.owed);
        for (base, due) in [
            (0, 0),
            (300_000, 1_500),
            (300_001, 3_000),
            (500_000, 5_000),
            (500_001, 7_500),
            (1_000_000, 15_000),
            (1_000_001, 20_000),
            (199, 0),
            (200, 1),
        ] {
            assert_eq!(owed(base), Some(due), "{base}");
        }
    }

    #[test]
    fn every_preset_fits_together_and_each_value_has_a_key() {
        for name in super::super::presets() {
            let rules = super::super::preset(name).unwrap();
            assert_eq!(rules.contradiction(), None, "{name}");
        }
        let values = check(PARTY).unwrap()[0].rules.values();
        let of = |key: &str| values.iter().find(|value| value.key == key).unwrap();
        assert_eq!(of("life.lost_contact_months").value, "6");
        assert!(of("life.probation.months").source.as_ref().unwrap().contains("one year"));
        assert_eq!(of("dues.01").value, "base_max = 300000, per_mille = 5");
        assert_eq!(of("transfer.reminder_days").value, "14, 7, 1, 0");
    }
}
