//! Random wishes about transfers.

use events::{BranchId, Code, Date, Event, PersonId, Recorded, TransferEvent};
use rollbook::commands::decide_appeal::Verdict;
use rollbook::commands::{
    AcceptTransfer, AcceptTransferByRule, AppealTransfer, DecideAppeal, DivertTransfer,
    EscalateTransfer, ExpireTransfer, IssueTransfer, PresentTransfer, ReceiptTransfer,
    ReceiveExternal, ReissueTransfer, ResumeTransfer, ReturnTransfer, SuspendTransfer, VoidLetter,
    WithdrawTransfer,
};
use rollbook::ledger::Request;

use super::commands::plus_days;
use super::dice::Dice;

/// Wishes are mostly about the letters that were issued last.
const RECENT: usize = 4;
const NUMBERS: u32 = 400;

/// A letter as the last event about it tells.
#[derive(Clone)]
pub struct Letter {
    number: Code,
    body: Option<Code>,
    to: Option<BranchId>,
    sent_to: Option<Code>,
}

/// The letters that the world is known to hold, and who is at home where.
#[derive(Default)]
pub struct Letters {
    letters: Vec<Letter>,
    homes: Vec<(PersonId, BranchId)>,
}

/// Who a wish is about: picked by chance before.
#[derive(Clone, Copy)]
pub struct Travellers {
    pub person: PersonId,
    pub branch: BranchId,
    pub other: BranchId,
    pub effective: Date,
}

fn code(text: &str) -> Code {
    Code::parse(text).unwrap()
}

impl Letters {
    pub fn learn(&mut self, recorded: &Recorded) {
        use events::MembershipEvent as M;
        if let Event::Membership(M::Admitted { person, home, .. }) = &recorded.event {
            self.lives(*person, *home);
        } else if let Event::Membership(M::HomeMoved { person, to, .. }) = &recorded.event {
            self.lives(*person, *to);
        } else if let Event::Transfer(event) = &recorded.event {
            self.learn_letter(event);
        }
    }

    fn lives(&mut self, person: PersonId, home: BranchId) {
        self.homes.retain(|(other, _)| *other != person);
        self.homes.push((person, home));
    }

    fn learn_letter(&mut self, event: &TransferEvent) {
        let Some(case) = event.case() else { return };
        let letter = Letter {
            number: case.letter.clone(),
            body: case.from.body().cloned(),
            to: case.to.branch(),
            sent_to: case.to.body().cloned(),
        };
        self.letters.retain(|other| (&other.number, &other.body) != (&letter.number, &letter.body));
        self.letters.push(letter);
    }

    fn letter(&self, dice: &mut Dice) -> Option<Letter> {
        let recent = self.letters.len().saturating_sub(RECENT);
        let among = if dice.one_in(6) { &self.letters[..] } else { &self.letters[recent..] };
        dice.pick(among).cloned()
    }

    pub fn wish(&self, dice: &mut Dice, who: Travellers) -> Request {
        let number = code(&format!("L{}", dice.below(NUMBERS)));
        match self.letter(dice).filter(|_| !dice.one_in(3)) {
            Some(letter) => act(dice, who, letter, number),
            None => self.begin(dice, who, number),
        }
    }

    fn begin(&self, dice: &mut Dice, who: Travellers, letter: Code) -> Request {
        let Travellers { person, branch, other, effective } = who;
        let precision = None;
        if dice.one_in(8) {
            let (body, good_until) = (code("west"), None);
            let to = other;
            let letter = code(&format!("W{}", dice.below(20)));
            return Request::new(ReceiveExternal {
                person,
                body,
                to,
                letter,
                good_until,
                effective,
                precision,
            });
        }
        let home = dice.pick(&self.homes).copied().filter(|_| !dice.one_in(6));
        let (person, from) = home.unwrap_or((person, branch));
        let (to, body) =
            if dice.one_in(6) { (None, Some(code("west"))) } else { (Some(other), None) };
        Request::new(IssueTransfer { person, from, to, body, letter, effective, precision })
    }
}

fn act(dice: &mut Dice, who: Travellers, letter: Letter, new_letter: Code) -> Request {
    let Travellers { other, effective, .. } = who;
    let (precision, to) = (None, other);
    let Letter { number: letter, body, to: goes_to, sent_to } = letter;
    let branch = goes_to.filter(|_| !dice.one_in(8)).unwrap_or(other);
    let later = plus_days(effective, i64::from(dice.below(100)));
    match dice.below(26) {
        0..=2 => Request::new(PresentTransfer { letter, branch, effective, precision }),
        3..=8 => Request::new(AcceptTransfer { letter, branch, body, effective, precision }),
        9 | 10 => {
            let reason = code(dice.pick(&["dues_gap", "duplicate", "whim"]).unwrap());
            let note = None;
            Request::new(ReturnTransfer {
                letter,
                branch,
                body,
                reason,
                note,
                effective,
                precision,
            })
        }
        11 | 12 => {
            Request::new(ReissueTransfer { letter, new_letter, effective: later, precision })
        }
        13 => Request::new(WithdrawTransfer { letter, effective, precision }),
        14 => Request::new(VoidLetter { letter, effective, precision }),
        15 | 16 => Request::new(DivertTransfer { letter, to, effective, precision }),
        17 => Request::new(SuspendTransfer { letter, effective, precision }),
        18 => Request::new(ResumeTransfer { letter, effective, precision }),
        19 => Request::new(EscalateTransfer { letter, effective: later, precision }),
        20 => Request::new(AcceptTransferByRule { letter, effective: later, precision }),
        21 => Request::new(AppealTransfer { letter, to: None, effective, precision }),
        22 => {
            let verdict = if dice.one_in(2) { Verdict::Upheld } else { Verdict::Dismissed };
            Request::new(DecideAppeal { letter, verdict, effective, precision })
        }
        23 => Request::new(ExpireTransfer { letter, effective: later, precision }),
        _ => {
            let body = if dice.one_in(6) { Some(code("east")) } else { sent_to };
            Request::new(ReceiptTransfer { letter, body, effective, precision })
        }
    }
}
