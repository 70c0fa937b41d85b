//! What was acknowledged, and whether it is there: whole, once, in order, with everything that
//! follows from it.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::BufRead;
use std::sync::Arc;

use events::{BranchEvent, Event, PersonId, Position, Recorded};
use rollbook::ledger::verify::verify_at;
use rollbook::ledger::{Error, Ledger, Location, Mode};
use rollbook::store::engine::At;
use rollbook::store::{Receipt, Store, SystemNature, decode};
use rollbook::vault::Vault;

use crate::stage::Ended;
use crate::work::{Homes, Place, SOURCE};
use crate::worker::execute;

/// What is wrong, told once each.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Findings {
    /// Acknowledged, and not there as it was acknowledged.
    pub lost: Vec<String>,
    /// There more than once.
    pub doubled: Vec<String>,
    /// Anything else that never may be.
    pub other: Vec<String>,
}

impl Findings {
    /// Whether all is well.
    pub fn is_empty(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty() && self.other.is_empty()
    }

    /// The first of them, and how many there are.
    #[cfg(feature = "seeded-faults")]
    pub fn told(&self) -> String {
        let all: Vec<&String> = self.lost.iter().chain(&self.doubled).chain(&self.other).collect();
        match &all[..] {
            [] => "nothing".to_owned(),
            [one] => (*one).clone(),
            [first, ..] => format!("{first} (and {} more)", all.len() - 1),
        }
    }

    /// Takes in what else was found.
    pub fn extend(&mut self, more: Self) {
        self.lost.extend(more.lost);
        self.doubled.extend(more.doubled);
        self.other.extend(more.other);
    }
}

/// What the processes that had a ledger said.
#[derive(Debug, Default, Clone)]
pub struct Oracle {
    acked: BTreeMap<String, Receipt>,
    /// The last command of each caller of the last cycle that was answered in any way.
    answered: BTreeMap<(u64, u64), Place>,
    /// What rules refused, and nothing accepted later.
    refused: BTreeSet<String>,
    /// What is recorded, and whoever asked never heard of it.
    unheard: BTreeSet<String>,
    /// Whether the ledger's founding was acknowledged.
    pub founded: bool,
    /// Whether a process had the ledger open.
    pub opened: bool,
    /// How many commands were acknowledged, over all cycles.
    pub acknowledged: u64,
    /// How many commands were recorded without an answer, over all cycles.
    pub unanswered: u64,
    /// What the last process complained of: the kind, and the line.
    pub errors: Vec<(String, String)>,
    /// What never may happen, and did.
    pub bad: Vec<String>,
}

impl Oracle {
    /// A process is about to begin.
    pub fn begin(&mut self) {
        self.answered.clear();
        self.errors.clear();
        self.bad.clear();
        self.opened = false;
    }

    /// Hears what a process says until it says no more, or `enough` commands are acknowledged:
    /// whether there may be more.
    pub fn hear(&mut self, lines: &mut impl BufRead, enough: u64) -> bool {
        let mut line = String::new();
        let until = self.acknowledged.saturating_add(enough);
        while self.acknowledged < until {
            line.clear();
            // The last line may be half a line.
            let whole = lines.read_line(&mut line).is_ok() && line.ends_with('\n');
            if !whole {
                return false;
            }
            self.take(line.trim_end());
        }
        true
    }

    fn take(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "ack" => match serde_json::from_str::<Receipt>(rest) {
                Ok(receipt) => {
                    self.answer(&receipt.key);
                    self.acknowledge(receipt);
                }
                Err(error) => self.bad.push(format!("{error}: {line}")),
            },
            "no" => {
                let key = rest.split(' ').next().unwrap_or_default();
                self.answer(key);
                self.refused.insert(key.to_owned());
            }
            "err" => {
                let kind = rest.split(' ').nth(1).unwrap_or_default();
                self.errors.push((kind.to_owned(), rest.to_owned()));
            }
            "founded" => self.founded = true,
            "opened" => self.opened = true,
            "closed" => {}
            _ => self.bad.push(line.to_owned()),
        }
    }

    fn answer(&mut self, key: &str) {
        if let Some((place, _)) = Place::of_key(key) {
            self.answered.insert((place.cycle, place.caller), place);
        }
    }

    fn acknowledge(&mut self, mut receipt: Receipt) {
        receipt.replayed = false;
        self.acknowledged += 1;
        let key = receipt.key.clone();
        if self.acked.insert(key.clone(), receipt).is_some() {
            self.bad.push(format!("{key} was acknowledged twice"));
        }
    }

    /// Takes in what another process said of the same ledger, perhaps about the same commands.
    pub fn join(&mut self, other: Self, findings: &mut Findings) {
        for (key, receipt) in other.acked {
            match self.acked.get(&key) {
                None => {
                    self.acknowledged += 1;
                    self.acked.insert(key, receipt);
                }
                Some(acked) if *acked == receipt => {}
                Some(_) => findings.doubled.push(format!("{key} is answered in two ways")),
            }
        }
        self.refused.extend(other.refused);
        for (caller, place) in other.answered {
            self.answered.entry(caller).and_modify(|it| *it = place.max(*it)).or_insert(place);
        }
    }

    /// What a process said beside its acknowledgements; some kinds of errors may be.
    pub fn complain(&self, ended: &Ended, findings: &mut Findings, may: &[&str]) {
        if ended.told.contains("panicked") {
            let told = ended.told.lines().find(|line| line.contains("panicked"));
            findings.other.push(told.unwrap_or_default().to_owned());
        }
        findings.other.extend(self.bad.iter().cloned());
        let errors = self.errors.iter().filter(|(kind, _)| !may.contains(&kind.as_str()));
        findings.other.extend(errors.map(|(_, line)| format!("error: {line}")));
    }

    /// Forgets a ledger that is done with.
    pub fn forget(&mut self) {
        self.acked.clear();
        self.answered.clear();
        self.refused.clear();
        self.unheard.clear();
    }

    /// Holds a ledger, as it lies, against what was acknowledged; says how many events it has.
    pub async fn check(&mut self, location: &Location, findings: &mut Findings) -> u64 {
        match verify_at(location, Arc::new(SystemNature), |_| {}).await {
            Ok(verification) => findings.other.extend(verification.findings.iter().map(|found| {
                let at = found.position.map_or_else(String::new, |at| format!(" at {at}"));
                format!("verify: {}{at}, {}", found.problem, found.detail)
            })),
            Err(error) => findings.other.push(format!("verify: {}", chain(&error))),
        }
        match self.compare(location, findings).await {
            Ok(events) => events,
            Err(error) => {
                findings.other.push(format!("reading: {}", chain(&error)));
                0
            }
        }
    }

    async fn compare(
        &mut self,
        location: &Location,
        findings: &mut Findings,
    ) -> Result<u64, Error> {
        let at = At { engine: &location.engine, path: &location.path };
        let store = at.open(Mode::Read, Arc::new(SystemNature)).await?;
        let log = decode(&store.log(Position(0), usize::MAX >> 1).await?)?;
        let mut by_key: HashMap<&str, Vec<Position>> = HashMap::new();
        let mut facts = HashSet::new();
        for (expected, event) in (1..).zip(&log) {
            if event.position != Position(expected) {
                let found = format!("position {} where {expected} belongs", event.position);
                findings.other.push(found);
                break;
            }
            by_key.entry(&event.key).or_default().push(event.position);
            if !facts.insert(fact(event)) {
                findings.doubled.push(format!("{} tells what is told already", event.position));
            }
        }
        for (key, receipt) in &self.acked {
            let there = by_key.get(key.as_str()).map_or(&[][..], Vec::as_slice);
            let missing = receipt.positions.iter().filter(|position| !there.contains(position));
            if let Some(position) = missing.copied().next() {
                findings.lost.push(format!("{key} at {position} is not there"));
            } else if there.len() != receipt.positions.len() {
                findings.doubled.push(format!("{key} is there more than once"));
            }
            match store.receipt(key).await? {
                Some(kept)
                    if kept.positions == receipt.positions && kept.versions == receipt.versions => {
                }
                Some(_) => findings.other.push(format!("{key} has another receipt")),
                None => findings.lost.push(format!("the receipt of {key} is not there")),
            }
        }
        let recorded = self.refused.iter().filter(|key| by_key.contains_key(key.as_str()));
        findings.other.extend(recorded.map(|key| format!("{key} was refused, and is recorded")));
        for key in by_key.into_keys().filter(|key| Place::of_key(key).is_some()) {
            if !self.acked.contains_key(key) && self.unheard.insert(key.to_owned()) {
                self.unanswered += 1;
            }
        }
        known_to_the_vault(location, &*store, &log, findings)?;
        Ok(log.len() as u64)
    }

    /// Asks again for the last command that each caller had answered, for the one that was under
    /// way, and for all that is recorded without an answer: what is recorded gives the same
    /// receipt, and what is not is recorded once.
    pub async fn ask_again(&mut self, location: &Location, homes: &Homes) -> Findings {
        let mut findings = Findings::default();
        let ledger = match Ledger::open(location, Mode::Write, Arc::new(SystemNature)).await {
            Ok(ledger) => ledger,
            Err(error) => {
                findings.other.push(format!("opening: {}", chain(&error)));
                return findings;
            }
        };
        let mut places: BTreeSet<Place> =
            self.unheard.iter().filter_map(|key| Some(Place::of_key(key)?.0)).collect();
        for last in std::mem::take(&mut self.answered).into_values() {
            places.extend([last, Place { number: last.number + 1, ..last }]);
        }
        for place in places.into_iter().filter(|place| !place.is_double()) {
            let key = place.to_string();
            match execute(&ledger, homes, place).await {
                Ok(receipts) => {
                    receipts.into_iter().for_each(|it| self.hold(it, &mut findings));
                }
                Err(Error::Refused(_))
                    if !self.acked.contains_key(&key) && !self.unheard.contains(&key) => {}
                Err(error) => {
                    findings.other.push(format!("{place} again: {}", chain(&error)));
                }
            }
        }
        findings
    }

    fn hold(&mut self, mut receipt: Receipt, findings: &mut Findings) {
        if self.unheard.remove(&receipt.key) && !receipt.replayed {
            findings.doubled.push(format!("{} was recorded, and is again", receipt.key));
        }
        receipt.replayed = false;
        self.refused.remove(&receipt.key);
        match self.acked.get(&receipt.key) {
            Some(acked) if *acked == receipt => {}
            Some(_) => findings.doubled.push(format!("{} is answered otherwise", receipt.key)),
            None => self.acknowledge(receipt),
        }
    }
}

/// What an event tells, whatever key it has: no two tell the same here.
fn fact(recorded: &Recorded) -> String {
    match &recorded.event {
        Event::Branch(BranchEvent::Formed { code, .. }) => format!("formed {code}"),
        event => format!("{} {event:?}", recorded.stream),
    }
}

/// Whoever was registered with a handle has it in the vault.
fn known_to_the_vault(
    location: &Location,
    store: &dyn Store,
    log: &[Recorded],
    findings: &mut Findings,
) -> Result<(), Error> {
    let registered: Vec<(String, PersonId)> = log
        .iter()
        .filter_map(|event| {
            let (place, _) = Place::of_key(&event.key)?;
            Some((place.handle()?, PersonId(event.stream.id)))
        })
        .collect();
    if registered.is_empty() {
        return Ok(());
    }
    let vault = Vault::open(&location.vault, &location.key, store.ledger())?;
    let handles: Vec<&str> = registered.iter().map(|(handle, _)| handle.as_str()).collect();
    for (known, (handle, person)) in vault.persons_of(SOURCE, &handles)?.iter().zip(&registered) {
        if *known != Some(*person) {
            findings.lost.push(format!("the vault does not know the one with the {handle}"));
        }
    }
    Ok(())
}

/// An error with everything behind it.
pub fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
