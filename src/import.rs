//! Taking over another register's records: a file of dated facts, one JSON object a line.
//!
//! A first pass reads the whole file and decides every fact without recording anything, so that the
//! preview is what will happen. A second pass decides them again and records them in durable
//! batches. How far it has come is stored with each batch, so an interrupted import goes on where
//! it was, and a second application changes nothing.

mod corrections;
pub mod error;
pub mod fact;
mod letters;
mod lines;
mod plan;
mod planned;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use events::{Code, PersonId, Position};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::actor::Actor;
use crate::ledger::{Ledger, Session, Turn};
use crate::store::{Progress, ReportRow};
use crate::vault::NewPerson;

pub use corrections::{BadCorrections, Written, WrittenCorrections, corrections};
pub use error::ImportError;
pub use fact::Fact;
pub use letters::{COLUMNS, LetterRow, Misfit, letters};
pub use lines::Lines;
pub(crate) use plan::check_source;
pub use planned::{ImportPlan, plan_import};

/// How many facts become durable together at first; then twice as many each time. Ids are random,
/// so a larger batch writes the same pages less often.
const BATCH_FACTS: u64 = 1_000;

/// How many they are at most, since whoever records at the same time waits for one.
const BATCH_FACTS_MAX: u64 = 8_000;

/// What an import did, or would do.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Report {
    /// The name under which the file's handles and lines are kept.
    pub source: String,
    /// Whether nothing was recorded on purpose.
    pub dry_run: bool,
    /// How many lines the file has.
    pub lines: u64,
    /// How many of them were applied by an earlier run.
    pub lines_before: u64,
    /// How many facts this run recorded.
    pub applied: u64,
    /// How many events that made.
    pub events: u64,
    /// How many facts were so already.
    pub already_so: u64,
    /// How many facts a rule refused.
    pub refused: u64,
    /// How many facts were held until their organisation was formed, or still are.
    pub held: u64,
    /// How many facts were recorded with a remark.
    pub noted: u64,
    /// The last position.
    pub position: Position,
    /// A row for every fact that was not simply recorded, of earlier runs too.
    pub rows: Vec<ReportRow>,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// So many lines were read and decided; nothing is recorded.
    Checked(u64),
    /// So many lines are applied, and durable up to that position.
    Applied(u64, Position),
}

/// What to import, and how.
#[derive(Debug, Clone, Copy)]
pub struct Options<'a> {
    /// The name under which the file's handles and lines are kept.
    pub source: &'a str,
    /// Stop after the first pass.
    pub dry_run: bool,
    /// The plan that is applied, where there is one.
    pub plan: Option<&'a ImportPlan>,
}

/// Imports a file of facts.
///
/// # Errors
/// [`ImportError`]: a malformed line with nothing recorded, a file that does not go on from what
/// was applied before, or what keeps the ledger from recording; what was durable by then stays.
pub async fn import_facts(
    ledger: &Ledger,
    actor: &Actor,
    path: &Path,
    options: Options<'_>,
    mut step: impl FnMut(Step) + Send,
) -> Result<Report, ImportError> {
    check_source(options.source)?;
    let before = ledger.store().progress(options.source).await?;
    let mut check = Importer::new(ledger, actor, options.source, before.as_ref(), true);
    check.run(path, &mut step).await?;
    if let Some(plan) = options.plan {
        check.follows(plan)?;
    }
    if options.dry_run {
        return Ok(check.finish(before.as_ref()));
    }
    // All that the first pass came to know goes before the second one needs as much.
    let checked = check.content();
    drop(check);
    let mut apply = Importer::new(ledger, actor, options.source, before.as_ref(), false);
    apply.run(path, &mut step).await?;
    if apply.content() != checked {
        return Err(ImportError::ChangedMeanwhile { path: path.to_owned() });
    }
    ledger.catch_up().await?;
    Ok(apply.finish(before.as_ref()))
}

/// One pass over a file.
struct Importer<'a> {
    ledger: &'a Ledger,
    actor: &'a Actor,
    source: &'a str,
    preview: bool,
    lines_before: u64,
    digest_before: Option<[u8; 32]>,
    session: Session<'a>,
    /// What the events of this run have in common.
    run_id: String,
    /// The digest over all lines so far.
    digest: Sha256,
    lines: u64,
    /// How many facts this batch has in the end.
    batch_facts: u64,
    /// The line at which it ends.
    batch_until: u64,
    /// Facts that wait for an organisation, by its code, in the order of their lines.
    held: BTreeMap<Code, Vec<Fact>>,
    /// Organisations that earlier lines formed; asked only while lines of earlier runs pass.
    formed: HashSet<Code>,
    /// The people met so far, by handle.
    people: HashMap<String, PersonId>,
    /// People met in this batch: the vault learns of them before the ledger does.
    newcomers: Vec<NewPerson>,
    /// Held from then on until the ledger did.
    turn: Option<Turn<'a>>,
    rows_waiting: Vec<ReportRow>,
    report: Report,
}

impl<'a> Importer<'a> {
    fn new(
        ledger: &'a Ledger,
        actor: &'a Actor,
        source: &'a str,
        before: Option<&Progress>,
        preview: bool,
    ) -> Self {
        let lines_before = before.map_or(0, |progress| progress.lines);
        let report = Report {
            source: source.to_owned(),
            dry_run: preview,
            lines_before,
            ..Report::default()
        };
        Self {
            ledger,
            actor,
            source,
            preview,
            lines_before,
            digest_before: before.map(|progress| progress.digest),
            session: ledger.session(),
            run_id: ledger.fresh_id().to_string(),
            digest: Sha256::new(),
            lines: 0,
            batch_facts: BATCH_FACTS,
            batch_until: lines_before + BATCH_FACTS,
            held: BTreeMap::new(),
            formed: HashSet::new(),
            people: HashMap::new(),
            newcomers: Vec::new(),
            turn: None,
            rows_waiting: Vec::new(),
            report,
        }
    }

    async fn run(
        &mut self,
        path: &Path,
        step: &mut (impl FnMut(Step) + Send),
    ) -> Result<(), ImportError> {
        let mut lines = Lines::open(path)?;
        self.report.position = self.ledger.store().head().await?.position;
        while let Some(line) = lines.read()? {
            self.digest.update(line);
            self.digest.update(b"\n");
            self.lines += 1;
            let fact = Fact::parse(path, self.lines, line)?;
            if self.lines <= self.lines_before {
                self.pass_over(fact).await?;
                if self.lines == self.lines_before {
                    self.check_beginning(path).await?;
                }
                continue;
            }
            self.apply(fact).await?;
            if self.lines == self.batch_until {
                self.commit(step).await?;
                self.batch_facts = (self.batch_facts * 2).min(BATCH_FACTS_MAX);
                self.batch_until += self.batch_facts;
            }
        }
        if self.lines < self.lines_before {
            let lines = self.lines_before;
            return Err(ImportError::BeginningDiffers { path: path.to_owned(), lines });
        }
        self.commit(step).await?;
        self.settle(step).await
    }

    /// A line that an earlier run applied: only what it left waiting matters, and goes on waiting.
    async fn pass_over(&mut self, fact: Fact) -> Result<(), ImportError> {
        let mut pending = vec![fact];
        while let Some(fact) = pending.pop() {
            let missing = fact.mentions().find(|code| !self.formed.contains(*code)).cloned();
            if let Some(code) = missing {
                self.held.entry(code).or_default().push(fact);
            } else if let Some(code) = fact.forms().cloned()
                && self.branch(&code).await?.is_some()
            {
                // One that was refused formed nothing.
                self.formed.insert(code.clone());
                pending.extend(self.held.remove(&code).into_iter().flatten().rev());
            }
        }
        Ok(())
    }

    /// Where the earlier run stopped: the file must begin with what was applied then.
    async fn check_beginning(&mut self, path: &Path) -> Result<(), ImportError> {
        if Some(self.commitment()?) != self.digest_before {
            let lines = self.lines_before;
            return Err(ImportError::BeginningDiffers { path: path.to_owned(), lines });
        }
        // An organisation may have been formed by other means; then its facts were applied.
        for facts in self.held.values_mut() {
            let mut waiting = Vec::new();
            for fact in facts.drain(..) {
                let key = plan::key(self.source, fact.line);
                if self.ledger.store().receipt(&key).await?.is_none() {
                    waiting.push(fact);
                }
            }
            *facts = waiting;
        }
        self.held.retain(|_, facts| !facts.is_empty());
        Ok(())
    }

    /// The digest over the lines so far.
    fn content(&self) -> [u8; 32] {
        self.digest.clone().finalize().into()
    }

    /// What the ledger keeps of it: nothing that a guessed file could be tried against.
    fn commitment(&self) -> Result<[u8; 32], ImportError> {
        Ok(self.ledger.vault()?.commitment(&self.content()))
    }

    /// Begins to record what was decided; the facts that follow are decided meanwhile.
    async fn commit(&mut self, step: &mut (impl FnMut(Step) + Send)) -> Result<(), ImportError> {
        if self.preview {
            step(Step::Checked(self.lines));
            return Ok(());
        }
        self.settle(step).await?;
        if self.lines <= self.lines_before {
            return Ok(());
        }
        if !self.newcomers.is_empty() {
            self.turn = Some(self.ledger.turn_of_newcomers().await?);
            self.ledger.vault()?.put(&self.newcomers).map_err(crate::ledger::Error::from)?;
            self.newcomers.clear();
        }
        let progress = Progress {
            source: self.source.to_owned(),
            lines: self.lines,
            digest: self.commitment()?,
            rows: std::mem::take(&mut self.rows_waiting),
        };
        let may_go_on = self.session.may_go_on();
        self.session.begin_commit(Some(progress)).await;
        self.lines_before = self.lines;
        if !may_go_on {
            self.settle(step).await?;
        }
        Ok(())
    }

    /// Waits until what was begun is durable, and says so.
    async fn settle(&mut self, step: &mut (impl FnMut(Step) + Send)) -> Result<(), ImportError> {
        let settled = self.session.settle().await?;
        self.turn = None;
        let Some(receipts) = settled else { return Ok(()) };
        if let Some(last) = receipts.iter().flat_map(|receipt| &receipt.positions).next_back() {
            self.report.position = *last;
        }
        step(Step::Applied(self.lines_before, self.report.position));
        Ok(())
    }

    fn finish(mut self, before: Option<&Progress>) -> Report {
        self.report.lines = self.lines;
        let waiting = std::mem::take(&mut self.held);
        for (code, facts) in waiting {
            for fact in facts {
                self.row(fact.line, "held", "organisation_never_formed", [("branch", &code)]);
            }
        }
        let mut rows = before.map(|progress| progress.rows.clone()).unwrap_or_default();
        rows.append(&mut self.report.rows);
        rows.sort_by_key(|row| row.line);
        self.report.rows = rows;
        self.report
    }
}
