//! Life spans of real bodies, against their files of facts and the lists of their truth tables.

use std::collections::{BTreeMap, BTreeSet};

use events::{BranchEvent, Date, Event, Position};
use projections::questions::{Life, LifeOf, LifeSpans};
use serde_json::Value;

use super::Body;

/// Who lived from when until when.
type Lived = (String, String, Date, Option<Date>);

/// A line of a truth table's list: the name, how long it lived, and what it says besides.
type Line = (String, i64, Vec<Value>);

impl Body {
    /// The life spans on the last day of the records.
    async fn lives(&self, of: LifeOf) -> LifeSpans {
        let at = self.at(self.truth["period"][1].as_str().unwrap()).await;
        self.ledger.life_spans(&self.actor, at, of, None).await.unwrap()
    }

    /// Every life of a branch and of a name, recounted from the facts; the first difference is
    /// named.
    pub(super) async fn lives_as_its_facts_say(&self) {
        for of in [LifeOf::Branch, LifeOf::Name] {
            let spans = self.lives(of).await;
            let counted: BTreeSet<Lived> = spans.lives.iter().map(lived).collect();
            let expected = lives_of(&self.facts(), of);
            let first = expected.symmetric_difference(&counted).next();
            assert_eq!(first, None, "first difference in the lives of a {of:?}");
            assert_eq!(spans.lives.len(), counted.len(), "a life of a {of:?} is told twice");
            for life in spans.lives {
                let until = life.dissolved.unwrap_or(spans.censored_on);
                let days = (until - life.formed).get_days();
                assert_eq!((i64::from(life.days), life.censored), {
                    (i64::from(days), life.dissolved.is_none())
                });
            }
        }
        let (branches, names) = (self.lives(LifeOf::Branch).await, self.lives(LifeOf::Name).await);
        if let Some(renames) = self.truth["renames_total"].as_u64() {
            let counted = names.lives.len() - branches.lives.len();
            assert_eq!(counted as u64, renames, "renames_total");
        }
        if let Some(moves) = self.truth["moves_total"].as_u64() {
            let log = self.ledger.log(&self.actor, Position(0), usize::MAX >> 1).await.unwrap();
            // Those to the top level are what a dissolved branch leaves behind: no fact says so.
            let is_move = |event: &Event| {
                matches!(event, Event::Branch(BranchEvent::Moved { to: Some(_), .. }))
            };
            let counted = log.iter().filter(|line| is_move(&line.recorded.event)).count();
            assert_eq!(counted as u64, moves, "moves_total");
        }
    }

    /// `name_lives`: stretches under a name.
    pub(super) async fn agrees_with_its_name_lives(&self) {
        let spans = self.lives(LifeOf::Name).await;
        self.agrees_with_lives("name_lives", &spans.lives);
        let truth = &self.truth["name_lives"];
        let mut times: BTreeMap<&str, u64> = BTreeMap::new();
        spans.lives.iter().for_each(|life| *times.entry(&life.name).or_default() += 1);
        let again = times.values().filter(|times| **times > 1).count();
        assert_eq!(again as u64, truth["names_with_more_than_one_life"]);
        let same_day = |life: &&Life| !life.censored && life.days == 0;
        let same_day = spans.lives.iter().filter(same_day).count();
        assert_eq!(same_day as u64, truth["ended_same_day"]);
    }

    /// `group_lives`: groups only, by their present names.
    pub(super) async fn agrees_with_its_group_lives(&self) {
        let mut spans = self.lives(LifeOf::Branch).await;
        spans.lives.retain(|life| !life.name.starts_with("sub:"));
        self.agrees_with_lives("group_lives", &spans.lives);
    }

    fn agrees_with_lives(&self, table: &str, lives: &[Life]) {
        let truth = &self.truth[table];
        let censored = lives.iter().filter(|life| life.censored).count() as u64;
        assert_eq!(censored, truth["still_live"], "{table}: still_live");
        assert_eq!(lives.len() as u64 - censored, truth["ended"], "{table}: ended");
        let lines = |censored| {
            let of = lives.iter().filter(move |life| life.censored == censored);
            let dates = |life: &Life| {
                vec![date(life.formed), life.dissolved.map_or_else(Value::default, date)]
            };
            of.map(|life| (life.name.clone(), i64::from(life.days), dates(life))).collect()
        };
        let listed = |list: &str| {
            let lines = truth[list].as_array().unwrap().iter().map(|line| {
                let [name, from, until, days] = &line.as_array().unwrap()[..] else { panic!() };
                let (name, days) = (name.as_str().unwrap().to_owned(), days.as_i64().unwrap());
                (name, days, vec![from.clone(), until.clone()])
            });
            lines.collect()
        };
        agrees("shortest_ended", listed("shortest_ended"), lines(false), true);
        agrees("longest_ended", listed("longest_ended"), lines(false), false);
        agrees("longest_open", listed("longest_open"), lines(true), false);
    }

    /// `life_spans` in seasons: every year of which a day was lived. Leagues are no franchises.
    pub(super) async fn agrees_with_its_seasons(&self) {
        let spans = self.lives(LifeOf::Branch).await;
        let truth = &self.truth["life_spans"];
        let seasons = |life: &Life| {
            let until = life.dissolved.unwrap_or(spans.censored_on);
            i64::from(until.year() - life.formed.year()) + 1
        };
        let franchises = spans.lives.iter().filter(|life| !life.branch.starts_with("LG-"));
        let lines: Vec<Line> = franchises
            .map(|life| {
                let key = life.branch.split('#').next().unwrap().to_owned();
                let until = life.dissolved.map_or_else(Value::default, date);
                (key, seasons(life), vec![date(life.formed), until])
            })
            .collect();
        assert_eq!(lines.len() as u64, truth["franchise_lives"]);
        let one = lines.iter().filter(|(_, seasons, _)| *seasons == 1).count();
        assert_eq!(one as u64, truth["one_season_lives"]);
        let listed = |list: &str| {
            let lines = truth[list].as_array().unwrap().iter().map(|line| {
                let key = line[0].as_str().unwrap().split('#').next().unwrap().to_owned();
                (key, line[4].as_i64().unwrap(), vec![line[2].clone(), line[3].clone()])
            });
            lines.collect()
        };
        agrees("shortest", listed("shortest"), lines.clone(), true);
        agrees("longest", listed("longest"), lines, false);
    }

    /// `podling_lives_months`: from month to month, as far as they are known.
    pub(super) async fn agrees_with_its_podlings(&self) {
        let spans = self.lives(LifeOf::Branch).await;
        let truth = &self.truth["podling_lives_months"];
        let month = |day: Date| i64::from(day.year()) * 12 + i64::from(day.month());
        let written = |day: Date| Value::from(&day.to_string()[..7]);
        let line = |life: &Life| {
            let name = life.branch.strip_prefix("podling:")?.to_owned();
            let end = life.dissolved?;
            let months = month(end) - month(life.formed);
            Some((name, months, vec![written(life.formed), written(end)]))
        };
        let lines: Vec<Line> = spans.lives.iter().filter_map(line).collect();
        assert_eq!(lines.len() as u64, truth["ended"]);
        let none = lines.iter().filter(|(_, months, _)| *months == 0).count();
        assert_eq!(none as u64, truth["zero_months"]);
        let listed = |list: &str| {
            let lines = truth[list].as_array().unwrap().iter().map(|line| {
                let name = line[1].as_str().unwrap().to_owned();
                (name, line[0].as_i64().unwrap(), vec![line[2].clone(), line[3].clone()])
            });
            lines.collect()
        };
        agrees("shortest", listed("shortest"), lines.clone(), true);
        agrees("longest", listed("longest"), lines, false);
    }

    /// Municipalities dissolved, and created since the records begin.
    pub(super) async fn agrees_with_its_municipalities(&self) {
        let mut lives = self.lives(LifeOf::Branch).await.lives;
        lives.retain(|life| life.branch.starts_with('M'));
        let dissolved = lives.iter().filter(|life| !life.censored).count() as u64;
        assert_eq!(dissolved, self.truth["municipalities_dissolved"]);
        let first: Date = self.truth["period"][0].as_str().unwrap().parse().unwrap();
        let created = lives.iter().filter(|life| life.formed > first).count() as u64;
        assert_eq!(created, self.truth["municipalities_created_after_1960"]);
    }
}

fn date(day: Date) -> Value {
    Value::from(day.to_string())
}

fn lived(life: &Life) -> Lived {
    (life.branch.clone(), life.name.clone(), life.formed, life.dissolved)
}

/// The lives that some facts tell of.
fn lives_of(facts: &[Value], of: LifeOf) -> BTreeSet<Lived> {
    let mut open: BTreeMap<String, (String, Date)> = BTreeMap::new();
    let mut lives = BTreeSet::new();
    for fact in facts {
        let text = |field: &str| fact[field].as_str().unwrap().to_owned();
        let (id, day) = (text("organisation"), text("date").parse().unwrap());
        match fact["kind"].as_str().unwrap() {
            "organisation_formed" => {
                open.insert(id, (text("name"), day));
            }
            "organisation_renamed" => {
                let life = open.get_mut(&id).unwrap();
                let before = std::mem::replace(&mut life.0, text("name"));
                if of == LifeOf::Name {
                    lives.insert((id, before, life.1, Some(day)));
                    life.1 = day;
                }
            }
            "organisation_dissolved" => {
                let (name, formed) = open.remove(&id).unwrap();
                lives.insert((id, name, formed, Some(day)));
            }
            _ => {}
        }
    }
    lives.extend(open.into_iter().map(|(id, (name, formed))| (id, name, formed, None)));
    lives
}

/// A list names the first lives by length: as long as ours, and each one of ours. Which of several
/// of one length it names is its own choice.
fn agrees(list: &str, listed: Vec<Line>, mut ours: Vec<Line>, shortest_first: bool) {
    assert!(!listed.is_empty(), "{list} is empty");
    ours.sort_by_key(|(_, length, _)| if shortest_first { *length } else { -length });
    for (line, (_, length, _)) in listed.iter().zip(&ours) {
        assert_eq!(line.1, *length, "{list}: {line:?}");
        assert!(ours.contains(line), "{list}: no such life: {line:?}");
    }
    assert!(listed.len() <= ours.len(), "{list} is longer than ours");
}
