//! What the demo tells. Every number in it is the answer to an ordinary question.

use events::{Code, Date, Instant, Position};
use projections::questions::coverage::{HostCounts, per_hundred};
use projections::questions::{Coverage, Flows, LifeOf};
use projections::{At, Cut, DayRule, Period};
use serde_json::json;

use super::once::{Restated, short};
use crate::cli::names::Names;
use crate::cli::output::{Align, Output};
use crate::cli::told::Teller;
use crate::cli::{Failure, Run};
use crate::demo::{FIRST, Ids, Plan};
use crate::ledger::{FlowsAsked, KnownAt, Ledger};
use crate::messages::Arg;

/// Each kind of gap, with the words for it.
const GAPS: &[(&str, &str)] = &[
    ("members_without_branch", "demo-gap-members"),
    ("staff_without_member", "demo-gap-staff"),
    ("nobody_responsible", "demo-gap-nobody"),
    ("key_post_without_member", "demo-gap-post"),
    ("under_strength", "demo-gap-under"),
    ("over_size", "demo-gap-over"),
    ("joint_with_one_host", "demo-gap-joint"),
    ("hosts_gone", "demo-gap-gone"),
    ("not_placed", "demo-gap-placed"),
];

/// How many characters of a person's id are enough to tell them from others in one list.
pub(super) const SHORT: usize = 8;

/// What is told, and from where.
pub(super) struct Story<'a, 'b> {
    pub(super) run: &'a Run<'a>,
    pub(super) output: &'a mut Output<'b>,
    pub(super) ledger: &'a Ledger,
    pub(super) plan: &'a Plan,
    /// What the plan's numbers became.
    pub(super) ids: &'a Ids,
    /// The ledger's file, as it was named.
    pub(super) file: String,
    /// The day of which the field is told.
    pub(super) last: Date,
}

/// What the study counted, as the ledger counts it.
struct Counted {
    coverage: Coverage,
    software_and_trade: u64,
    large: u64,
    young: u64,
}

impl Story<'_, '_> {
    /// Tells all of it.
    pub(super) async fn tell(mut self) -> Result<(), Failure> {
        let at = self.at(self.last, KnownAt::Now).await?;
        let counted = Counted::of(self.ledger.coverage(&self.run.actor, at).await?);
        if self.output.is_json() {
            return self.json(&counted, at);
        }
        self.begin(at)?;
        self.study(&counted)?;
        self.coverage(&counted.coverage)?;
        self.gaps(at).await?;
        self.life_spans(at).await?;
        self.flows(at).await?;
        self.member(at).await?;
        self.other_clock().await?;
        let restated = self.once(at).await?;
        self.next_steps(restated)
    }

    fn json(&mut self, counted: &Counted, at: At) -> Result<(), Failure> {
        let value = json!({
            "ledger": self.ledger.id(),
            "path": self.file,
            "valid_on": at.valid_on,
            "known_at": at.known_at,
            "totals": counted.coverage.totals,
            "software_and_e_commerce": counted.software_and_trade,
            "staff_50_or_more": counted.large,
            "members_under_35": counted.young,
        });
        Ok(self.output.json(&value)?)
    }

    /// A heading, with room around it.
    pub(super) fn heading(&mut self, key: &str, args: &[Arg<'_>]) -> Result<(), Failure> {
        self.output.line("")?;
        self.output.say(key, args)?;
        Ok(self.output.line("")?)
    }

    /// Lines of a story, set in a little.
    pub(super) fn item(&mut self, key: &str, args: &[Arg<'_>]) -> Result<(), Failure> {
        for line in self.output.text(key, args).lines() {
            self.output.line(&format!("  {line}"))?;
        }
        Ok(())
    }

    fn begin(&mut self, at: At) -> Result<(), Failure> {
        let args = [
            ("first", FIRST.to_string().into()),
            ("last", self.last.to_string().into()),
            ("events", at.known_at.0.into()),
            ("file", self.file.clone().into()),
        ];
        self.output.say("demo-welcome", &args)?;
        Ok(())
    }

    /// The field, as the study counted it.
    fn study(&mut self, counted: &Counted) -> Result<(), Failure> {
        self.heading("demo-study", &[("day", self.last.to_string().into())])?;
        let totals = &counted.coverage.totals;
        let (hosts, members) = (totals.hosts.hosts, totals.members);
        let of = |part, whole| per_hundred(part, whole).map(|share| format!("{share}%"));
        let rows = [
            ("demo-hosts", hosts, None),
            ("demo-not-public", totals.hosts.not_public, of(totals.hosts.not_public, hosts)),
            ("demo-software", counted.software_and_trade, of(counted.software_and_trade, hosts)),
            ("demo-large", counted.large, of(counted.large, hosts)),
            ("demo-staff", totals.hosts.staff, None),
            ("demo-members", members, None),
            ("demo-young", counted.young, of(counted.young, members)),
            ("demo-branches", totals.branches, None),
        ];
        let row = |(key, number, share): (&str, u64, Option<String>)| {
            let name = self.output.text(key, &[]);
            vec![name, number.to_string(), share.unwrap_or_default()]
        };
        let mut rows = rows.map(row).to_vec();
        let per_hundred = totals.branches_per_100_hosts.clone().unwrap_or_default();
        rows.push(vec![self.output.text("demo-per-hundred", &[]), per_hundred, String::new()]);
        let heads = [
            ("head-what", Align::Left),
            ("head-number", Align::Right),
            ("head-share", Align::Right),
        ];
        Ok(self.output.table(&heads, rows)?)
    }

    /// How far branches reach, by the size of the hosts.
    fn coverage(&mut self, coverage: &Coverage) -> Result<(), Failure> {
        self.heading("demo-coverage", &[])?;
        let row = |name: String, counts: &HostCounts| {
            let HostCounts { hosts, organised, standalone, joint, online, work_covered, .. } =
                counts;
            let share = per_hundred(*organised, *hosts).map(|share| format!("{share}%"));
            let numbers = [hosts, organised, standalone, joint, online, work_covered];
            let mut row: Vec<String> = numbers.map(ToString::to_string).to_vec();
            row.insert(2, share.unwrap_or_default());
            row.insert(0, name);
            row
        };
        let mut sizes: Vec<_> =
            coverage.hosts.iter().filter(|cell| cell.dimension == "size_band").collect();
        sizes.sort_by_key(|cell| least(&cell.value));
        let mut rows: Vec<Vec<String>> = sizes
            .into_iter()
            .map(|cell| {
                let size = [("size", cell.value.clone().into())];
                row(self.output.text("demo-size", &size), &cell.counts)
            })
            .collect();
        rows.push(row(self.output.text("demo-all", &[]), &coverage.totals.hosts));
        let heads = [
            ("dimension-size_band", Align::Left),
            ("measure-hosts", Align::Right),
            ("measure-organised", Align::Right),
            ("head-share", Align::Right),
            ("measure-standalone", Align::Right),
            ("measure-joint", Align::Right),
            ("measure-online", Align::Right),
            ("measure-work_covered", Align::Right),
        ];
        Ok(self.output.table(&heads, rows)?)
    }

    /// How often each kind of gap occurs, and where for instance.
    async fn gaps(&mut self, at: At) -> Result<(), Failure> {
        self.heading("demo-gaps", &[])?;
        let gaps = self.ledger.gaps(&self.run.actor, at).await?;
        let row = |(code, key): &(&str, &str)| {
            let mut of_kind = gaps.iter().filter(|gap| gap.gap == *code);
            let first = of_kind.next();
            let number = of_kind.count() + usize::from(first.is_some());
            let example = first.map(|gap| gap.code.clone()).unwrap_or_default();
            vec![self.output.text(key, &[]), number.to_string(), example]
        };
        let rows = GAPS.iter().map(row).collect();
        let heads = [
            ("head-gap", Align::Left),
            ("head-number", Align::Right),
            ("head-instance", Align::Left),
        ];
        Ok(self.output.table(&heads, rows)?)
    }

    async fn life_spans(&mut self, at: At) -> Result<(), Failure> {
        self.heading("demo-lives", &[])?;
        let spans = self.ledger.life_spans(&self.run.actor, at, LifeOf::Branch, None).await?;
        let lives = || spans.lives.iter();
        let ended = lives().filter(|life| !life.censored).count();
        let one_day = lives().filter(|life| !life.censored && life.days == 0).count();
        let quick = lives().filter(|life| !life.censored && life.days <= 90).count();
        let year = spans.curve.iter().take_while(|step| step.days <= 365).last();
        let args = [
            ("lives", lives().count().into()),
            ("ended", ended.into()),
            ("one_day", one_day.into()),
            ("quick", quick.into()),
            ("like", self.plan.told.one_day.to_string().into()),
            ("survival", percent(year.map_or("1", |step| &step.survival)).into()),
        ];
        self.item("demo-lives-text", &args)
    }

    async fn flows(&mut self, at: At) -> Result<(), Failure> {
        self.heading("demo-flows", &[])?;
        let (from, until) = (FIRST.first_of_month(), self.last.last_of_month().tomorrow());
        let within = until.ok().and_then(|until| Period::new(from, until));
        let Some(within) = within else { return Ok(()) };
        let (cut, known_at) = (Cut::Quarter, at.known_at);
        let asked = FlowsAsked { within, cut, by_branch: false, branch: None, known_at };
        let flows = self.ledger.flows(&self.run.actor, &asked).await?;
        let row = |flows: &Flows| {
            let first = flows.period.from();
            let quarter = (first.month() - 1) / 3 + 1;
            let args = [
                ("year", first.year().to_string().into()),
                ("quarter", quarter.to_string().into()),
            ];
            let body = &flows.body;
            let numbers = [
                body.headcount_before,
                body.joined,
                body.left,
                body.headcount_after,
                body.moved_in,
            ];
            let name = self.output.text("demo-quarter", &args);
            [vec![name], numbers.map(|number| number.to_string()).to_vec()].concat()
        };
        let rows = flows.iter().map(row).collect();
        let heads = [
            ("head-quarter", Align::Left),
            ("head-before", Align::Right),
            ("head-joined", Align::Right),
            ("head-left", Align::Right),
            ("head-after", Align::Right),
            ("head-moved", Align::Right),
        ];
        Ok(self.output.table(&heads, rows)?)
    }

    /// One member. The record does not know the name.
    async fn member(&mut self, at: At) -> Result<(), Failure> {
        self.heading("demo-member", &[])?;
        let person = self.ids.person(self.plan.told.member);
        let (id, short) = (person.to_string(), short(person));
        let args = [("person", id.clone().into()), ("short", short.clone().into())];
        self.item("demo-member-text", &args)?;
        let events = self.ledger.timeline(&self.run.actor, at, person.into()).await?.events;
        let bodies = self.ledger.body_names(at).await?;
        let teller = Teller { bodies, names: Names::none() };
        for event in events {
            let recorded = &event.recorded;
            let sentence = teller.tell(self.output, recorded.stream, &recorded.event);
            let day = recorded.event.effective().to_string();
            let event = sentence.replace(&id, &short);
            self.item("demo-event", &[("day", day.into()), ("event", event.into())])?;
        }
        Ok(())
    }

    /// A paper turned up late: what was known before stays what was known before.
    async fn other_clock(&mut self) -> Result<(), Failure> {
        let (branch, left) = &self.plan.told.late;
        let before = KnownAt::Instant(evening_before(self.last));
        let args = [
            ("branch", branch.to_string().into()),
            ("left", left.to_string().into()),
            ("day", self.last.to_string().into()),
        ];
        self.heading("demo-late", &[])?;
        self.item("demo-late-text", &args)?;
        for (key, known_at) in [("demo-late-before", before), ("demo-late-now", KnownAt::Now)] {
            let (position, members) = self.members_of(branch, *left, known_at).await?;
            let position = position.to_string().into();
            self.item(key, &[("position", position), ("members", members.into())])?;
        }
        Ok(())
    }

    /// How many members a branch had when a day ended, and up to which position that is known.
    pub(super) async fn members_of(
        &self,
        branch: &Code,
        day: Date,
        known_at: KnownAt,
    ) -> Result<(Position, u64), Failure> {
        let at = self.at(day, known_at).await?;
        let counts = self.ledger.headcount(&self.run.actor, at).await?;
        let count = counts.into_iter().find(|count| count.branch == branch.as_str());
        Ok((at.known_at, count.map_or(0, |count| count.members)))
    }

    fn next_steps(&mut self, restated: Option<Restated>) -> Result<(), Failure> {
        let told = &self.plan.told;
        let mut args: Vec<Arg<'_>> = vec![
            ("program", quoted(&self.run.surroundings.program()).into()),
            ("file", quoted(&self.url()).into()),
            ("branch", told.home.to_string().into()),
            ("merged", told.merged.to_string().into()),
            ("split", told.split.to_string().into()),
            ("reissued", self.ids.person(told.reissued).to_string().into()),
            ("returned", self.ids.person(told.returned).to_string().into()),
        ];
        if let Some(Restated { known: (before, since), day }) = restated {
            args.push(("before", before.to_string().into()));
            args.push(("since", since.to_string().into()));
            args.push(("day", day.to_string().into()));
        }
        self.heading("demo-next", &[])?;
        self.item("demo-commands", &args)
    }

    /// The ledger as an URL.
    fn url(&self) -> String {
        if self.file.contains("://") { self.file.clone() } else { format!("sqlite:{}", self.file) }
    }

    async fn at(&self, day: Date, known_at: KnownAt) -> Result<At, Failure> {
        Ok(self.ledger.at(Some(day), known_at, DayRule::EndOfDay).await?)
    }
}

impl Counted {
    fn of(coverage: Coverage) -> Self {
        let hosts = |dimension: &str, counts: &dyn Fn(&str) -> bool| -> u64 {
            let cells = coverage.hosts.iter().filter(|cell| cell.dimension == dimension);
            cells.filter(|cell| counts(&cell.value)).map(|cell| cell.counts.hosts).sum()
        };
        let software_and_trade = hosts("kind", &|kind| ["software", "e_commerce"].contains(&kind));
        let large = hosts("size_band", &|band| least(band) >= 50);
        let young = coverage.members.iter().filter(|cell| least(&cell.value) < 35);
        let young = young.filter(|cell| !cell.value.is_empty()).map(|cell| cell.number).sum();
        Self { software_and_trade, large, young, coverage }
    }
}

/// The least number of a band like `20-49`.
fn least(band: &str) -> u64 {
    band.split('-').next().and_then(|least| least.parse().ok()).unwrap_or_default()
}

/// A share of one as a share of a hundred, cut to whole ones.
fn percent(share: &str) -> String {
    let (whole, parts) = share.split_once('.').unwrap_or((share, ""));
    let hundredths = format!("{whole}{parts:0<2.2}");
    format!("{}%", hundredths.trim_start_matches('0'))
}

/// The last moment of the day before, as the demo's ledger counts days.
fn evening_before(day: Date) -> Instant {
    let midnight = day.to_zoned(jiff::tz::TimeZone::UTC).expect("a day of the calendar");
    midnight.timestamp() - jiff::SignedDuration::from_micros(1)
}

/// A word as a shell reads it.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/.:_-~".contains(c);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use projections::questions::gaps;

    use super::*;

    #[test]
    fn every_kind_of_gap_is_told() {
        assert!(GAPS.iter().map(|(code, _)| *code).eq(gaps::GAPS.iter().copied()));
    }

    #[test]
    fn a_share_is_told_in_hundredths() {
        let told = [("1", "100%"), ("0.705039", "70%"), ("0.05", "5%"), ("1.000000", "100%")];
        for (share, expected) in told {
            assert_eq!(percent(share), expected);
        }
    }

    #[test]
    fn a_word_is_quoted_where_a_shell_would_split_it() {
        assert_eq!(quoted("sqlite:a/b-1.db"), "sqlite:a/b-1.db");
        assert_eq!(quoted("my ledger's.db"), r"'my ledger'\''s.db'");
    }
}
