//! Public records of four bodies, imported and held against truth tables that were counted from
//! their sources by other code. The records lie outside the repository; where they are not there,
//! that is said and nothing counts as passed.

pub(crate) mod flows;
mod lives;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use events::{Date, PersonId};
use projections::{At, DayRule};
use rollbook::actor::Actor;
use rollbook::import::{Options, Report, import_facts};
use rollbook::ledger::{Founding, KnownAt, Ledger, Location};
use rollbook::store::SystemNature;
use rollbook::vault::{Answer, Field};
use serde_json::Value;

/// A ledger into which one body's records were imported.
struct Body {
    _place: tempfile::TempDir,
    ledger: Ledger,
    actor: Actor,
    data: PathBuf,
    truth: Value,
    report: Report,
}

/// Where the records of a body lie, if they do.
fn data_of(name: &str) -> Option<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if data.join("facts.jsonl.gz").is_file() {
        return Some(data);
    }
    println!("NOT RUN: the records of {name} are not on this machine");
    None
}

async fn import(data: PathBuf) -> Body {
    let place = tempfile::tempdir().unwrap();
    let location = Location::at(&place.path().join("ledger.db"));
    let founding = Founding { preset: "association".to_owned(), zone: "UTC".to_owned() };
    let ledger =
        Ledger::found_in_memory(&founding, Arc::new(SystemNature), Some(&location)).await.unwrap();
    let _x = ();
    let actor = Actor::local();
    let options = Options { source: "main", dry_run: false, plan: None };
    let facts = data.join("facts.jsonl.gz");
    let report = import_facts(&ledger, &actor, &facts, options, |_| {}).await.unwrap();
    let truth = serde_json::from_slice(&std::fs::read(data.join("truth.json")).unwrap()).unwrap();
    Body { _place: place, ledger, actor, data, truth, report }
}

impl Body {
    async fn at(&self, day: &str) -> At {
        let day = day.parse().unwrap();
        self.ledger.at(Some(day), KnownAt::Now, DayRule::EndOfDay).await.unwrap()
    }

    /// Every line of the file of facts.
    fn facts(&self) -> Vec<Value> {
        let text = unzipped(&self.data.join("facts.jsonl.gz"));
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Every figure of `truth.json` on every listed date; the first difference is named.
    async fn agrees_with_its_truth(&self) {
        for check in self.truth["checks"].as_array().unwrap() {
            let day = check["date"].as_str().unwrap();
            let at = self.at(day).await;
            let totals = self.ledger.totals(&self.actor, at).await.unwrap();
            for (figure, counted) in [
                ("live_organisations", totals.branches),
                ("members_total", totals.members),
                ("memberships_total", totals.memberships),
                ("offices_total", totals.posts),
            ] {
                if let Some(expected) = check[figure].as_u64() {
                    assert_eq!(counted, expected, "{figure} on {day}");
                }
            }
            let counted = self.headcount(at).await;
            let expected = check["headcount"].as_object().unwrap();
            for (unit, count) in expected {
                let counted = counted.get(unit).copied().unwrap_or(0);
                assert_eq!(counted, count.as_u64().unwrap(), "headcount of {unit} on {day}");
            }
            let listed_only =
                self.truth["headcount_key"].as_str().unwrap_or("").contains("current");
            for (unit, count) in counted.iter().filter(|(_, count)| **count > 0) {
                let known = expected.contains_key(unit) || listed_only;
                assert!(known, "{unit} has {count} on {day} and none in truth");
            }
        }
    }

    async fn headcount(&self, at: At) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        if self.truth["headcount_unit"] == "children" {
            let tree = self.ledger.tree(&self.actor, at).await.unwrap();
            let by_code: BTreeMap<_, _> =
                tree.iter().map(|entry| (entry.branch.as_str(), entry)).collect();
            for entry in tree.iter().filter(|entry| entry.branch.starts_with('M')) {
                let Some(above) = entry.parent.as_deref().map(|code| by_code[code]) else {
                    continue;
                };
                let unit = match &above.parent {
                    Some(canton) if above.branch.starts_with('D') => {
                        format!("{canton}:{}", above.name)
                    }
                    _ => above.branch.clone(),
                };
                *counts.entry(unit).or_insert(0) += 1;
            }
            return counts;
        }
        let by_name = self.truth["headcount_key"] == "name";
        for line in self.ledger.headcount(&self.actor, at).await.unwrap() {
            let life = line.branch.split('#').next().unwrap().to_owned();
            *counts.entry(if by_name { line.name } else { life }).or_insert(0) += line.members;
        }
        counts
    }

    /// Every dated roster, row by row.
    async fn agrees_with_its_snapshots(&self) {
        let diffs = std::fs::read(self.data.join("snapshot_diffs.json")).unwrap();
        let diffs: Value = serde_json::from_slice(&diffs).unwrap();
        let starts = diffs["as_of"].as_str().unwrap().starts_with("start");
        let mut files: Vec<PathBuf> = std::fs::read_dir(self.data.join("snapshots"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        assert!(!files.is_empty());
        for file in files {
            let name = file.file_name().unwrap().to_str().unwrap();
            let day: Date = name.trim_end_matches(".csv.gz").parse().unwrap();
            let day = if starts { day.yesterday().unwrap() } else { day };
            let expected = rows_of(&file);
            let counted = if self.truth["headcount_unit"] == "children" {
                self.municipalities(&day.to_string()).await
            } else {
                self.roster(&day.to_string()).await
            };
            let first = expected.symmetric_difference(&counted).next();
            assert_eq!(first, None, "first difference in {name}");
        }
    }

    async fn roster(&self, day: &str) -> BTreeSet<Vec<String>> {
        let by_name = self.truth["headcount_key"] == "name";
        let at = self.at(day).await;
        let entries = self.ledger.roster(&self.actor, at, None).await.unwrap();
        let people: BTreeSet<PersonId> =
            entries.iter().map(|entry| entry.person.parse().unwrap()).collect();
        let people: Vec<PersonId> = people.into_iter().collect();
        let handles = self.ledger.people(&self.actor, "test", &people, &[Field::Handle]).unwrap();
        let handle = |person: &str| match &handles[&person.parse().unwrap()] {
            Answer::Fields(fields) => fields[&Field::Handle].reveal().clone(),
            Answer::Erased => panic!("nobody was erased"),
        };
        let mut rows = BTreeSet::new();
        for entry in &entries {
            let branch = if by_name { &entry.branch_name } else { &entry.branch };
            let row = |role: &str| vec![handle(&entry.person), branch.clone(), role.to_owned()];
            rows.insert(row(&entry.role));
            // Here a manager who plays is listed as both.
            if self.truth["dataset"] == "baseball-rosters" && entry.is_member {
                rows.insert(row("member"));
            }
        }
        rows
    }

    async fn municipalities(&self, day: &str) -> BTreeSet<Vec<String>> {
        let tree = self.ledger.tree(&self.actor, self.at(day).await).await.unwrap();
        tree.into_iter()
            .filter(|entry| entry.branch.starts_with('M'))
            .map(|entry| vec![entry.branch, entry.parent.unwrap_or_default(), entry.name])
            .collect()
    }
}

fn unzipped(file: &Path) -> String {
    let mut text = String::new();
    let file = std::fs::File::open(file).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    text
}

/// The rows of a dated roster. A player is what that body calls a member.
fn rows_of(file: &Path) -> BTreeSet<Vec<String>> {
    let text = unzipped(file);
    let member = |role: &str| if role == "player" { "member".to_owned() } else { role.to_owned() };
    text.lines()
        .skip(1)
        .map(|line| {
            let mut cells: Vec<String> =
                line.splitn(3, ',').map(|cell| cell.trim_matches('"').to_owned()).collect();
            cells[2] = member(&cells[2]);
            cells
        })
        .collect()
}

async fn import_of(name: &str) -> Option<Body> {
    let body = import(data_of(name)?).await;
    assert_eq!(body.report.refused, 0, "{:?}", body.report.rows);
    let accounted = body.report.applied + body.report.already_so;
    assert_eq!(accounted, body.report.lines, "every fact is accounted for");
    Some(body)
}

#[tokio::test]
async fn kubernetes_org_comes_out_right() {
    let Some(body) = import_of("kubernetes-org").await else { return };
    body.agrees_with_its_truth().await;
    body.agrees_with_its_snapshots().await;
    body.lives_as_its_facts_say().await;
    body.agrees_with_its_name_lives().await;
    body.flows_as_its_facts_say().await;
}

#[tokio::test]
async fn kubernetes_sigs_comes_out_right() {
    let Some(body) = import_of("kubernetes-sigs").await else { return };
    body.agrees_with_its_truth().await;
    body.agrees_with_its_snapshots().await;
    body.lives_as_its_facts_say().await;
    body.agrees_with_its_group_lives().await;
    body.flows_as_its_facts_say().await;
}

#[tokio::test]
async fn baseball_rosters_come_out_right() {
    let Some(body) = import_of("baseball-rosters").await else { return };
    body.agrees_with_its_truth().await;
    body.agrees_with_its_snapshots().await;
    body.lives_as_its_facts_say().await;
    body.agrees_with_its_seasons().await;
    body.flows_as_its_facts_say().await;
}

#[tokio::test]
async fn swiss_municipalities_come_out_right() {
    let Some(body) = import_of("swiss-municipalities").await else { return };
    body.agrees_with_its_truth().await;
    body.agrees_with_its_snapshots().await;
    body.lives_as_its_facts_say().await;
    body.agrees_with_its_municipalities().await;
    body.flows_as_its_facts_say().await;
}

#[tokio::test]
async fn apache_lifecycle_comes_out_right() {
    let Some(body) = import_of("apache-lifecycle").await else { return };
    assert_eq!(body.report.held, 14, "the joins dated before their committee was formed");
    body.agrees_with_its_truth().await;
    body.lives_as_its_facts_say().await;
    body.agrees_with_its_podlings().await;
    body.flows_as_its_facts_say().await;
}
