//! What was answered at K is answered at K for ever, whatever is recorded later about that time.

use std::sync::Arc;

use events::Date;
use projections::questions::LifeOf;
use projections::{Cut, DayRule, Period};
use rollbook::actor::Actor;
use rollbook::import::{Options, import_facts};
use rollbook::ledger::{FlowsAsked, Founding, KnownAt, Ledger, Location};
use rollbook::store::SystemNature;

use crate::support::facts::facts;

async fn answers(ledger: &Ledger, day: Date, known_at: KnownAt) -> String {
    let actor = Actor::local();
    let at = ledger.at(Some(day), known_at, DayRule::EndOfDay).await.unwrap();
    let within = Period::new("2015-01-01".parse().unwrap(), day).unwrap();
    let (cut, by_branch, branch, known_at) = (Cut::Month, true, None, at.known_at);
    let flows = FlowsAsked { within, cut, by_branch, branch, known_at };
    serde_json::to_string(&(
        ledger.headcount(&actor, at).await.unwrap(),
        ledger.tree(&actor, at).await.unwrap(),
        ledger.totals(&actor, at).await.unwrap(),
        ledger.roster(&actor, at, None).await.unwrap(),
        ledger.life_spans(&actor, at, LifeOf::Branch, None).await.unwrap(),
        ledger.flows(&actor, &flows).await.unwrap(),
    ))
    .unwrap()
}

#[tokio::test]
async fn backdated_facts_change_the_answers_at_the_new_k_and_none_at_the_old() {
    let place = tempfile::tempdir().unwrap();
    let location = Location::at(&place.path().join("ledger.db"));
    let founding = Founding { preset: "association".to_owned(), zone: "UTC".to_owned() };
    let ledger = Ledger::found(&location, &founding, Arc::new(SystemNature)).await.unwrap();
    let actor = Actor::local();
    let file = place.path().join("facts.jsonl");
    std::fs::write(&file, facts(1_000)).unwrap();
    let options = Options { source: "main", dry_run: false, plan: None };
    import_facts(&ledger, &actor, &file, options, |_| {}).await.unwrap();

    let head = ledger.store().head().await.unwrap();
    let days: Vec<Date> =
        ["2015-01-05", "2015-02-15", "2015-04-01"].map(|day| day.parse().unwrap()).into();
    let mut before = Vec::new();
    for day in &days {
        before.push(answers(&ledger, *day, KnownAt::Now).await);
    }
    for (name, typed) in [
        ("form-branch", "code=late name=Late effective=2015-01-02"),
        ("admit-member", "person=main/m0 branch=late effective=2015-01-03"),
        ("rename-branch", "branch=o3 name=Renamed effective=2015-02-01"),
        ("move-branch", "branch=o4 to=late effective=2015-03-01"),
        ("take-post", "person=main/m1 branch=o5 role=chair effective=2015-01-04"),
    ] {
        let typed = typed.split(' ').map(|pair| pair.split_once('=').unwrap());
        let typed = typed.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let request = ledger.interpret(&actor, name, typed).await.unwrap();
        ledger.execute(&actor, request).await.unwrap();
    }
    for (day, before) in days.iter().zip(before) {
        let then = KnownAt::Position(head.position);
        assert_eq!(answers(&ledger, *day, then).await, before, "changed on {day}");
        let then = KnownAt::Instant(head.recorded_at.unwrap());
        assert_eq!(answers(&ledger, *day, then).await, before, "changed on {day}");
        assert_ne!(answers(&ledger, *day, KnownAt::Now).await, before, "unchanged on {day}");
    }
}

#[tokio::test]
async fn a_branch_that_was_not_known_then_is_not_there_then() {
    let founding = Founding { preset: "association".to_owned(), zone: "UTC".to_owned() };
    let ledger = Ledger::found_in_memory(&founding, Arc::new(SystemNature), None).await.unwrap();
    let actor = Actor::local();
    let typed = [("code", "late"), ("name", "Late")];
    let typed = typed.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let request = ledger.interpret(&actor, "form-branch", typed).await.unwrap();
    let receipt = ledger.execute(&actor, request).await.unwrap();
    let formed = receipt.positions[0];
    for (known_at, is_there) in [(formed.0 - 1, false), (formed.0, true)] {
        let known_at = KnownAt::Position(events::Position(known_at));
        let at = ledger.at(None, known_at, DayRule::EndOfDay).await.unwrap();
        assert_eq!(ledger.roster(&actor, at, Some("late")).await.is_ok(), is_there);
    }
}

#[tokio::test]
async fn a_code_is_that_of_the_branch_that_had_it_then() {
    let founding = Founding { preset: "association".to_owned(), zone: "UTC".to_owned() };
    let ledger = Ledger::found_in_memory(&founding, Arc::new(SystemNature), None).await.unwrap();
    let actor = Actor::local();
    let execute = async |name: &str, typed: &[(&str, String)]| {
        let typed = typed.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let request = ledger.interpret(&actor, name, typed.collect()).await.unwrap();
        ledger.execute(&actor, request).await.unwrap().positions[0]
    };
    // Formed by mistake again and again, so that the right one is first among them by chance alone.
    let mut formed = Vec::new();
    for n in 0..5 {
        let typed = [("code", "x".to_owned()), ("name", format!("Branch {n}"))];
        formed.push(execute("form-branch", &typed).await);
        if n < 4 {
            let retract = [("retract", formed[n].to_string()), ("reason", "clerical".to_owned())];
            execute("correct-events", &retract).await;
        }
    }
    for (n, known_at) in formed.into_iter().enumerate() {
        let at = ledger.at(None, KnownAt::Position(known_at), DayRule::EndOfDay).await.unwrap();
        let branch = ledger.tree(&actor, at).await.unwrap();
        assert_eq!(branch.len(), 1, "{branch:?}");
        assert_eq!(branch[0].name, format!("Branch {n}"));
        assert!(ledger.roster(&actor, at, Some("x")).await.is_ok(), "known at {known_at}");
    }
    execute("rename-branch", &[("branch", "x".to_owned()), ("name", "Y".to_owned())]).await;
}
