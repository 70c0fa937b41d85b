//! What callers ask for. Everything about a command follows from its place (cycle, caller and
//! number), so that whoever looks afterwards can ask for the very same again.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use events::membership::EndReason;
use events::{BranchId, Code, Date, PersonId, Text};
use rollbook::commands::{
    AdmitMember, EndMembership, FormBranch, RegisterPerson, RenameBranch, TransferMember,
};
use rollbook::ledger::Request;
use rollbook::vault::{Field, KnownAs, NewPerson, Personal};
use uuid::{Builder, Uuid};

use crate::dice::Dice;

/// The source under which the vault knows those who are registered.
pub const SOURCE: &str = "crash";

/// How many commands there are until the kinds begin again.
pub const KINDS: u64 = 8;

/// On which day everything holds.
pub fn day() -> Date {
    Date::constant(2024, 2, 29)
}

/// The branches of a ledger: one for each caller, and the last one for all.
#[derive(Debug, Clone)]
pub struct Homes(pub Vec<BranchId>);

impl Homes {
    /// The caller's own.
    pub fn own(&self, caller: u64) -> BranchId {
        let own = self.0.len() as u64 - 1;
        self.0[usize::try_from(caller % own).expect("an index")]
    }

    /// The one of all.
    pub fn common(&self) -> BranchId {
        *self.0.last().expect("there are branches")
    }
}

impl fmt::Display for Homes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<String> = self.0.iter().map(|branch| branch.0.to_string()).collect();
        f.write_str(&ids.join(","))
    }
}

impl FromStr for Homes {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        text.split(',').map(|id| id.parse().map(BranchId)).collect::<Result<_, _>>().map(Self)
    }
}

/// Whose command it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// How many processes had the ledger before.
    pub cycle: u64,
    /// Which caller.
    pub caller: u64,
    /// How many commands the caller asked for before.
    pub number: u64,
}

/// What is asked for.
pub enum Task {
    /// One command.
    One(Box<Request>),
    /// Two that are recorded together.
    Two([RenameBranch; 2]),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "k-{}-{}-{}", self.cycle, self.caller, self.number)
    }
}

impl Place {
    /// The place of a command's idempotency key, and which of several at that place it is.
    pub fn of_key(key: &str) -> Option<(Self, Option<u64>)> {
        let (place, part) = key
            .split_once('/')
            .map_or((key, None), |(place, part)| (place, part.parse::<u64>().ok()));
        let mut numbers = place.strip_prefix("k-")?.split('-').map(str::parse::<u64>);
        let mut next = || numbers.next()?.ok();
        Some((Self { cycle: next()?, caller: next()?, number: next()? }, part))
    }

    /// Whether all callers ask at the same moment, about the same thing.
    pub fn is_contested(self) -> bool {
        matches!(self.number % KINDS, 3 | 6)
    }

    /// Whether two commands are recorded together there, each with a key of its own: whoever asks
    /// again for both has none for the two of them.
    pub fn is_double(self) -> bool {
        self.number % KINDS == 5
    }

    /// The handle by which the vault knows who is registered here, if anybody is.
    pub fn handle(self) -> Option<String> {
        (self.number % KINDS == 1).then(|| format!("handle of {self}"))
    }

    /// Who is concerned.
    fn person(self) -> PersonId {
        let seed = self.cycle * 1_000_003 + self.caller * 10_007 + self.number * 101;
        let mut dice = Dice::new(seed);
        let bytes = (u128::from(dice.roll()) << 64 | u128::from(dice.roll())).to_be_bytes();
        PersonId(Builder::from_random_bytes(bytes).into_uuid())
    }

    /// What is asked for there.
    pub fn task(self, homes: &Homes) -> Task {
        let (branch, effective, precision) = (homes.own(self.caller), day(), None);
        let before = |commands| Self { number: self.number - commands, ..self }.person();
        let rename = |branch, name: &str| {
            let name = Text::parse(name).expect("a name");
            RenameBranch { branch, name, effective, precision }
        };
        let mut request = match self.number % KINDS {
            0 => Request::new(rename(branch, &format!("own {self}"))),
            1 => self.registration(),
            2 => {
                let (person, newcomer, state) = (self.person(), true, None);
                Request::new(AdmitMember { person, branch, effective, precision, newcomer, state })
            }
            3 => Request::new(self.formation()),
            4 => {
                let (person, from, to) = (before(2), branch, homes.common());
                Request::new(TransferMember { person, from, to, effective, precision })
            }
            5 => return Task::Two(["one", "two"].map(|n| rename(branch, &format!("{n} {self}")))),
            6 => Request::new(rename(homes.common(), &format!("common {self}"))),
            _ => {
                let (person, branch, reason) = (before(5), homes.common(), EndReason::Left);
                Request::new(EndMembership { person, branch, effective, precision, reason })
            }
        };
        request.key = Some(self.to_string());
        Task::One(Box::new(request))
    }

    fn registration(self) -> Request {
        let handle = self.handle().expect("somebody is registered here");
        let known_as = Some(KnownAs { source: SOURCE.to_owned(), handle: Personal::new(handle) });
        let name = (Field::Name, Personal::new(format!("Name of {self}")));
        let fields = BTreeMap::from([name]);
        let person = self.person();
        Request {
            personal: Some(NewPerson { person, known_as, fields }),
            named: Some(person),
            ..Request::new(RegisterPerson {
                person,
                birth_band: None,
                effective: day(),
                precision: None,
            })
        }
    }

    /// All callers of a cycle form the same branch.
    fn formation(self) -> FormBranch {
        FormBranch {
            code: Code::parse(&format!("c{}n{}", self.cycle, self.number)).expect("a code"),
            name: Text::parse(&format!("formed {self}")).expect("a name"),
            title: None,
            kind: None,
            parent: None,
            formed_from: Vec::new(),
            effective: day(),
            precision: None,
        }
    }
}

/// The branch with which a ledger begins.
pub fn home(number: usize) -> FormBranch {
    FormBranch {
        code: Code::parse(&format!("home{number}")).expect("a code"),
        name: Text::parse(&format!("Home {number}")).expect("a name"),
        title: None,
        kind: None,
        parent: None,
        formed_from: Vec::new(),
        effective: day(),
        precision: None,
    }
}

/// The id in the name of a stream.
pub fn branch_of(stream: &str) -> BranchId {
    let (_, id) = stream.split_once(':').expect("a stream has a family");
    BranchId(Uuid::parse_str(id).expect("a stream has an id"))
}
