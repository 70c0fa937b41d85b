//! The place on both axes that a question names, and the line that says it again with the answer.

use events::{Date, Position};
use projections::{At, DayRule, Period};

use super::output::Output;
use super::{Failure, Run};
use crate::ledger::{KnownAt, Ledger, date};

/// A place on both axes, and what to say of it.
pub(super) struct Place {
    /// Where the question is answered.
    pub(super) at: At,
    /// Whether D was named.
    pub(super) dated: bool,
    /// The last day that was known at K; what lies beyond is scheduled.
    known_until: Date,
}

impl Run<'_> {
    /// The place that was typed.
    ///
    /// # Errors
    /// What is malformed, or what keeps the ledger from answering.
    pub(super) async fn place(&self, ledger: &Ledger) -> Result<Place, Failure> {
        let valid_on = self.typed("as-of").map(|text| self.day(ledger, "--as-of", text));
        self.place_on(ledger, valid_on.transpose()?).await
    }

    /// The place on a day that is given, with the rest as it was typed.
    ///
    /// # Errors
    /// What is malformed, or what keeps the ledger from answering.
    pub(super) async fn place_on(
        &self,
        ledger: &Ledger,
        valid_on: Option<Date>,
    ) -> Result<Place, Failure> {
        let known_at = known(self.typed("known-at"), "--known-at")?;
        let day_rule = self.day_rule();
        let at = ledger.at(valid_on, known_at, day_rule).await?;
        let known_until = self.known_until(ledger, known_at, at.known_at).await?;
        Ok(Place { at, dated: valid_on.is_some(), known_until })
    }

    /// The same day at the K of another option.
    ///
    /// # Errors
    /// What is malformed, or what keeps the ledger from answering.
    pub(super) async fn place_at(
        &self,
        ledger: &Ledger,
        option: &str,
        valid_on: Date,
    ) -> Result<At, Failure> {
        let known_at = known(self.typed(option), "--and")?;
        Ok(ledger.at(Some(valid_on), known_at, self.day_rule()).await?)
    }

    fn day_rule(&self) -> DayRule {
        let rule = self.matches.try_get_one::<String>("day-rule").ok().flatten();
        match rule.map(String::as_str) {
            Some("any-moment") => DayRule::AnyMoment,
            Some(_) | None => DayRule::EndOfDay,
        }
    }

    /// The day that was typed for an option.
    ///
    /// # Errors
    /// What is no date, or none that exists.
    pub(super) fn day(
        &self,
        ledger: &Ledger,
        option: &'static str,
        text: &str,
    ) -> Result<Date, Failure> {
        date(text, ledger.today()).ok_or_else(|| malformed(option, text, "date"))
    }

    async fn known_until(
        &self,
        ledger: &Ledger,
        asked: KnownAt,
        known_at: Position,
    ) -> Result<Date, Failure> {
        if let KnownAt::Instant(instant) = asked {
            return Ok(ledger.day_of(instant).min(ledger.today()));
        }
        // Nothing was recorded after the last position, so that is known until today.
        if asked == KnownAt::Now {
            return Ok(ledger.today());
        }
        let before = Position(known_at.0.saturating_sub(1));
        let found = ledger.log(&self.actor, before, 2).await?;
        match &found[..] {
            [at, _next] => Ok(ledger.day_of(at.recorded.recorded_at)),
            _ => Ok(ledger.today()),
        }
    }
}

impl Place {
    /// Says where the answer stands, beside the data.
    pub(super) fn remark(&self, output: &mut Output<'_>) {
        if output.is_json() {
            return;
        }
        let args = [
            ("valid_on", self.at.valid_on.to_string().into()),
            ("known_at", self.at.known_at.to_string().into()),
            ("day_rule", self.day_rule(output).into()),
        ];
        output.remark(if self.is_scheduled() { "place-scheduled" } else { "place" }, &args);
    }

    /// The same for an answer about a period, whose last day is the place's.
    pub(super) fn remark_period(&self, output: &mut Output<'_>, period: Period) {
        let args = [
            ("from", period.from().to_string().into()),
            ("until", period.until().to_string().into()),
            ("known_at", self.at.known_at.to_string().into()),
        ];
        let scheduled = self.is_scheduled();
        output.remark(if scheduled { "place-period-scheduled" } else { "place-period" }, &args);
    }

    /// The same for an answer about every day of a period, with the rule by which each is counted.
    pub(super) fn remark_days(&self, output: &mut Output<'_>, period: Period) {
        let args = [
            ("from", period.from().to_string().into()),
            ("until", period.until().to_string().into()),
            ("known_at", self.at.known_at.to_string().into()),
            ("day_rule", self.day_rule(output).into()),
        ];
        let scheduled = self.is_scheduled();
        output.remark(if scheduled { "place-days-scheduled" } else { "place-days" }, &args);
    }

    fn day_rule(&self, output: &Output<'_>) -> String {
        let key = match self.at.day_rule {
            DayRule::EndOfDay => "day-rule-end_of_day",
            DayRule::AnyMoment => "day-rule-any_moment",
        };
        output.text(key, &[])
    }

    fn is_scheduled(&self) -> bool {
        self.at.valid_on > self.known_until
    }
}

/// K as it was typed; everything that is recorded where it was not.
fn known(typed: Option<&str>, option: &'static str) -> Result<KnownAt, Failure> {
    let Some(text) = typed.filter(|text| *text != "now") else { return Ok(KnownAt::Now) };
    match (text.parse(), text.parse()) {
        (Ok(position), _) => Ok(KnownAt::Position(Position(position))),
        (_, Ok(instant)) => Ok(KnownAt::Instant(instant)),
        _ => Err(malformed(option, text, "instant_or_position")),
    }
}

fn malformed(option: &'static str, given: &str, problem: &'static str) -> Failure {
    Failure::usage(problem, [("argument", option), ("given", given)])
}
