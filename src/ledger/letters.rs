//! Letters for many members at once: each row is an ordinary command, and all good ones become
//! durable together.

use std::collections::BTreeMap;

use events::{Date, PersonId};
use projections::{Cell, DayRule, MembershipRow, memberships};

use super::queries::within;
use super::{Error, KnownAt, Ledger, RACES_MAX, Request, check_text, date};
use crate::actor::Actor;
use crate::commands::{Decide, IssueTransfer};
use crate::store::{Frame, StoreError};

/// What many letters have in common.
#[derive(Debug, Clone, Default)]
pub struct LettersAsked {
    /// Whether nothing is recorded unless every row can be.
    pub all_or_nothing: bool,
    /// Whether nothing is recorded at all.
    pub dry_run: bool,
    /// The paper that all rest on.
    pub authority: Option<String>,
    /// The second person.
    pub approver: Option<PersonId>,
    /// Why they are dated so far back, as a code.
    pub reason: Option<String>,
}

/// What became of one row.
#[derive(Debug)]
pub enum LetterOutcome {
    /// The letter was issued.
    Recorded,
    /// It was so already.
    AlreadySo,
    /// It would be issued.
    Foreseen,
    /// It could be issued, but not every row can.
    Withheld,
    /// It cannot be issued.
    Refused(Error),
}

/// A row: what was typed for it, or why it cannot be read.
pub type Typed = Result<BTreeMap<String, String>, Error>;

impl Ledger {
    /// Issues letters, one for each row, and says what became of each, in their order.
    ///
    /// # Errors
    /// [`Error::Malformed`] for a paper or a reason that is not what is seen;
    /// [`Error::Conflict`] after several lost races, or what keeps the store or the vault from
    /// working. Nothing is recorded then.
    pub async fn issue_letters(
        &self,
        actor: &Actor,
        asked: &LettersAsked,
        rows: Vec<Typed>,
    ) -> Result<Vec<LetterOutcome>, Error> {
        for (field, text) in [("authority", &asked.authority), ("because", &asked.reason)] {
            text.as_ref().map_or(Ok(()), |text| check_text(field, text))?;
        }
        let mut requests = Vec::with_capacity(rows.len());
        for typed in rows {
            let request = match typed {
                Ok(typed) => self.letter(actor, asked, typed).await,
                Err(error) => Err(error),
            };
            requests.push(of_row(request)?);
        }
        let mut race = 0;
        loop {
            match self.try_letters(actor, asked, &requests).await {
                Err(Error::Store(StoreError::Conflict(_))) if race < RACES_MAX => race += 1,
                Err(Error::Store(StoreError::Conflict(_))) => return Err(Error::Conflict),
                Err(error) => return Err(error),
                Ok(outcomes) => {
                    let refused = requests.into_iter().map(Result::err);
                    return Ok(outcomes.into_iter().zip(refused).map(settle).collect());
                }
            }
        }
    }

    /// Decides every row, each seeing the ones before it, and records them. `None` for a row that
    /// could not be read.
    async fn try_letters(
        &self,
        actor: &Actor,
        asked: &LettersAsked,
        requests: &[Result<Request, Error>],
    ) -> Result<Vec<Option<LetterOutcome>>, Error> {
        let mut session = self.session();
        let mut outcomes = Vec::with_capacity(requests.len());
        for request in requests {
            let Ok(request) = request else {
                outcomes.push(None);
                continue;
            };
            let decided = session.decide(actor, request.leave(), &*request.command).await;
            let outcome = match of_row(decided)? {
                Err(error) => LetterOutcome::Refused(error),
                Ok(decided) if decided.events.is_empty() => LetterOutcome::AlreadySo,
                Ok(decided) => {
                    let frame = Frame {
                        approver: request.approver.map(|person| person.to_string()),
                        authority: request.authority.clone(),
                        reason: request.reason.clone(),
                        source: request.source.to_owned(),
                        ..session.frame(actor, request.command.effective()).await?
                    };
                    let key = self.fresh_id().to_string();
                    session.take(key, self.body(request)?, frame, decided);
                    LetterOutcome::Recorded
                }
            };
            outcomes.push(Some(outcome));
        }
        let is_good = |outcome: &Option<LetterOutcome>| {
            !matches!(outcome, None | Some(LetterOutcome::Refused(_)))
        };
        let is_whole = outcomes.iter().all(is_good);
        let waits = if asked.dry_run {
            Some(false)
        } else {
            (asked.all_or_nothing && !is_whole).then_some(true)
        };
        if let Some(withheld) = waits {
            for outcome in outcomes.iter_mut().flatten() {
                if matches!(outcome, LetterOutcome::Recorded) {
                    *outcome =
                        if withheld { LetterOutcome::Withheld } else { LetterOutcome::Foreseen };
                }
            }
            return Ok(outcomes);
        }
        if session.waiting() > 0 {
            session.commit(None).await?;
            if let Err(error) = self.catch_up().await {
                tracing::warn!(%error, "recorded, but the projections are behind");
            }
        }
        Ok(outcomes)
    }

    /// The command of one row. Where it does not say from where, that is the one home of the day.
    async fn letter(
        &self,
        actor: &Actor,
        asked: &LettersAsked,
        mut typed: BTreeMap<String, String>,
    ) -> Result<Request, Error> {
        if let Some(person) = typed.get("person") {
            let person = self.person_named(actor, IssueTransfer::NAME, person)?;
            typed.insert("person".to_owned(), person.to_string());
            let day = typed.get("effective").map(|text| date(text, self.today()));
            let day = day.unwrap_or(Some(self.today()));
            if let (false, Some(day)) = (typed.contains_key("from"), day)
                && let Some(home) = self.only_home(actor, person, day).await?
            {
                typed.insert("from".to_owned(), home);
            }
        }
        let request = self.interpret(actor, IssueTransfer::NAME, typed).await?;
        Ok(Request {
            authority: asked.authority.clone(),
            approver: asked.approver,
            reason: asked.reason.clone(),
            ..request
        })
    }

    /// The branch at which a person is at home on a day, if it is one.
    async fn only_home(
        &self,
        actor: &Actor,
        person: PersonId,
        day: Date,
    ) -> Result<Option<String>, Error> {
        let at = self.at(Some(day), KnownAt::Now, DayRule::EndOfDay).await?;
        let only = [("person", Cell::Text(person.to_string()))];
        let rows = self.store.rows(memberships::TABLE, &within(actor, at), &only).await?;
        let [row] = &rows[..] else { return Ok(None) };
        Ok(Some(MembershipRow::of(row).branch.to_owned()))
    }
}

/// What is wrong with one row is the row's; anything else ends the whole.
fn of_row<T>(result: Result<T, Error>) -> Result<Result<T, Error>, Error> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(error @ (Error::Refused(_) | Error::Malformed { .. } | Error::NotFound { .. })) => {
            Ok(Err(error))
        }
        Err(error @ (Error::Conflict | Error::NoVault | Error::Store(_) | Error::Vault(_))) => {
            Err(error)
        }
    }
}

/// A row that could not be read is refused by what is wrong with it.
fn settle((outcome, unread): (Option<LetterOutcome>, Option<Error>)) -> LetterOutcome {
    let refused = || unread.map(LetterOutcome::Refused);
    outcome.or_else(refused).expect("what was read was decided, and what was not has its error")
}
