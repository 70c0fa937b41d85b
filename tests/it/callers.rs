//! Many callers at one door: whoever does not get in another's way does not wait for them, and
//! whoever does is not sent away for it.

use std::sync::Arc;

use events::{BranchId, Code, PersonId, Text};
use rollbook::actor::Actor;
use rollbook::commands::{AdmitMember, FormBranch, RegisterPerson, RenameBranch};
use rollbook::ledger::{Error, Founding, Ledger, Location, Mode, Request};
use rollbook::vault::{KnownAs, NewPerson, Personal, Vault};
use tempfile::TempDir;

use crate::store::support::{Fresh, on_every_engine};
use crate::support::fronted::{Faults, Fronted};
use crate::support::nature::Seeded;

on_every_engine! {
    a_command_about_what_is_at_hand_reads_no_stream,
}

/// More than there are tries for one that keeps losing races.
const CALLERS: usize = 32;

fn founding() -> Founding {
    Founding { preset: "association".to_owned(), zone: "UTC".to_owned() }
}

async fn ledger(folder: &TempDir) -> Arc<Ledger> {
    let location = Location::at(&folder.path().join("ledger.db"));
    Arc::new(Ledger::found(&location, &founding(), Arc::new(Seeded::new(3))).await.unwrap())
}

fn named(text: String) -> Text {
    Text::parse(&text).unwrap()
}

async fn form(ledger: &Ledger, n: usize) -> BranchId {
    let form = FormBranch {
        code: Code::parse(&format!("b{n}")).unwrap(),
        name: named(format!("Branch {n}")),
        title: None,
        kind: None,
        parent: None,
        formed_from: Vec::new(),
        effective: ledger.today(),
        precision: None,
    };
    let receipt = ledger.execute(&Actor::local(), Request::new(form)).await.unwrap();
    BranchId(receipt.versions[0].0.parse::<events::StreamId>().unwrap().id)
}

/// Every caller renames the branch of their number, all at once.
async fn rename(ledger: &Arc<Ledger>, branch_of: impl Fn(usize) -> BranchId) {
    let callers = (0..CALLERS).map(|n| {
        let (ledger, branch) = (Arc::clone(ledger), branch_of(n));
        tokio::spawn(async move {
            let (name, effective) = (named(format!("Name {n}")), ledger.today());
            let rename = RenameBranch { branch, name, effective, precision: None };
            ledger.execute(&Actor::local(), Request::new(rename)).await
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        let receipt = caller.await.unwrap().unwrap();
        assert_eq!(receipt.positions.len(), 1);
        assert!(ledger.projected().await.unwrap() >= receipt.positions[0], "it is told of");
    }
    let verification = ledger.verify(|_| {}).await.unwrap();
    assert!(verification.findings.is_empty(), "{:?}", verification.findings);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_callers_about_one_branch_are_all_answered() {
    let folder = TempDir::new().unwrap();
    let ledger = ledger(&folder).await;
    let branch = form(&ledger, 0).await;
    rename(&ledger, |_| branch).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_callers_about_many_branches_are_all_answered() {
    let folder = TempDir::new().unwrap();
    let ledger = ledger(&folder).await;
    let mut branches = Vec::new();
    for n in 0..CALLERS {
        branches.push(form(&ledger, n).await);
    }
    rename(&ledger, |n| branches[n]).await;
}

/// Whoever hears nothing asks again, perhaps before the first try is done.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_is_registered_twice_at_the_same_time_is_registered_once() {
    let folder = TempDir::new().unwrap();
    let ledger = ledger(&folder).await;
    let person = PersonId(uuid::Uuid::from_u128(7));
    let handle = Personal::new("the same".to_owned());
    let known_as = Some(KnownAs { source: "paper".to_owned(), handle });
    let newcomer = NewPerson { person, known_as, fields: [].into() };
    let callers = (0..CALLERS).map(|_| {
        let (ledger, newcomer) = (Arc::clone(&ledger), newcomer.clone());
        tokio::spawn(async move {
            let register = Request::register(newcomer, ledger.today());
            let key = Some("the same".to_owned());
            let request = Request { named: Some(person), key, ..register };
            ledger.execute(&Actor::local(), request).await
        })
    });
    let mut fresh = 0;
    for caller in callers.collect::<Vec<_>>() {
        fresh += usize::from(!caller.await.unwrap().unwrap().replayed);
    }
    assert_eq!(fresh, 1);
}

#[tokio::test]
async fn who_is_known_already_is_not_taken_for_new() {
    let folder = TempDir::new().unwrap();
    let ledger = ledger(&folder).await;
    let (person, effective, precision) = (PersonId(uuid::Uuid::from_u128(7)), ledger.today(), None);
    let register =
        |birth_band| Request::new(RegisterPerson { person, birth_band, effective, precision });
    for (birth_band, events) in [(None, 1), (None, 0), (Some(1950), 1), (Some(1950), 0)] {
        let receipt = ledger.execute(&Actor::local(), register(birth_band)).await.unwrap();
        assert_eq!(receipt.positions.len(), events, "{birth_band:?}");
    }
}

async fn a_command_about_what_is_at_hand_reads_no_stream(Fresh { store, nature, .. }: Fresh) {
    let fronted = Arc::new(Fronted::faulty(store, Faults::default()));
    let ledger = Ledger::found_over(fronted.clone(), &founding(), nature).await.unwrap();
    let branch = form(&ledger, 0).await;
    let rename = async |n: usize| {
        let (name, effective) = (named(format!("Name {n}")), ledger.today());
        let rename = RenameBranch { branch, name, effective, precision: None };
        let receipt = ledger.execute(&Actor::local(), Request::new(rename)).await.unwrap();
        assert_eq!(receipt.positions.len(), 1);
        assert!(ledger.projected().await.unwrap() >= receipt.positions[0], "it is told of");
    };
    rename(0).await;
    let read = fronted.streams_read();
    assert!(read > 0, "what is not at hand is read");
    for n in 1..10 {
        rename(n).await;
    }
    assert_eq!(fronted.streams_read(), read);
}

/// Two servers that record to one ledger, with one vault in a folder.
#[cfg(feature = "postgres")]
async fn two_servers(folder: &TempDir) -> Option<(Location, [Arc<Ledger>; 2])> {
    let url = crate::support::postgres::database().await?;
    let [vault, key] = ["vault", "key"].map(|name| folder.path().join(name));
    let location = Location { vault, key, ..Location::parse(&url).unwrap() };
    let one = Ledger::found(&location, &founding(), Arc::new(Seeded::new(3))).await.unwrap();
    let other = Ledger::open(&location, Mode::Write, Arc::new(Seeded::new(4))).await.unwrap();
    Some((location, [Arc::new(one), Arc::new(other)]))
}

#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_answer_rests_on_what_another_server_changed() {
    let folder = TempDir::new().unwrap();
    let Some((_, [one, other])) = two_servers(&folder).await else { return };
    let (actor, branch) = (Actor::local(), form(&one, 0).await);
    let (effective, precision) = (one.today(), None);
    for n in 1..4 {
        let person = PersonId(uuid::Uuid::from_u128(n));
        let (newcomer, state) = (false, None);
        let admit = AdmitMember { person, branch, effective, precision, newcomer, state };
        let register = RegisterPerson { person, birth_band: None, effective, precision };
        let early = one.record(&actor, Request::new(admit.clone())).await;
        assert!(matches!(early, Err(Error::Refused(_))), "{early:?}");
        other.record(&actor, Request::new(register.clone())).await.unwrap();
        assert_eq!(one.record(&actor, Request::new(admit)).await.unwrap().positions.len(), 1);
        // What is already so is recorded as nothing new, by whoever is asked.
        let again = one.record(&actor, Request::new(register)).await.unwrap();
        assert_eq!(again.positions, []);
    }
    let verification = one.verify(|_| {}).await.unwrap();
    assert!(verification.findings.is_empty(), "{:?}", verification.findings);
}

/// Until it is recorded, a registration looks like one that a crash left half done.
#[cfg(feature = "postgres")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handle_is_given_once_by_two_servers_with_one_vault() {
    let folder = TempDir::new().unwrap();
    let Some((location, servers)) = two_servers(&folder).await else { return };
    let vault = Vault::open(&location.vault, &location.key, servers[0].id()).unwrap();
    for round in 0..20 {
        let handle = format!("h{round}");
        let registered = [0, 1].map(|server| {
            let (ledger, handle) = (Arc::clone(&servers[server]), handle.clone());
            let person = PersonId(uuid::Uuid::from_u128(2 * round + server as u128 + 1));
            tokio::spawn(async move {
                let known_as =
                    Some(KnownAs { source: "paper".to_owned(), handle: Personal::new(handle) });
                let newcomer = NewPerson { person, known_as, fields: [].into() };
                let request = Request::register(newcomer, ledger.today());
                let request = Request { named: Some(person), ..request };
                ledger.record(&Actor::local(), request).await.map(|_| person)
            })
        });
        let mut winners = Vec::new();
        for outcome in registered {
            winners.extend(outcome.await.unwrap());
        }
        assert_eq!(winners.len(), 1, "{handle}");
        let known = vault.persons_of("paper", &[&handle]).unwrap();
        assert_eq!(known, [Some(winners[0])], "{handle}");
    }
}
