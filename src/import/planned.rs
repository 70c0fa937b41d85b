//! The plan of an import: what was read, and up to where the record was known. It is applied only
//! while nothing that it rests on has moved since.

use std::path::Path;

use events::{LedgerId, Position};
use serde::{Deserialize, Serialize};

use super::{ImportError, Importer, Report, Step};
use crate::actor::Actor;
use crate::ledger::Ledger;

/// What was looked at before it is applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportPlan {
    /// The ledger for which it was made.
    ledger: LedgerId,
    /// The name under which the file's handles and lines are kept.
    source: String,
    /// What the vault's key makes of the whole file: nothing that a guessed one could be tried
    /// against.
    content: String,
    /// How many lines of the file an earlier import had applied.
    lines_before: u64,
    /// The last position when it was made.
    base: Position,
}

/// Plans an import: reads and decides the whole file, and records nothing.
///
/// # Errors
/// As [`super::import_facts`].
pub async fn plan_import(
    ledger: &Ledger,
    actor: &Actor,
    (path, source): (&Path, &str),
    mut step: impl FnMut(Step) + Send,
) -> Result<(ImportPlan, Report), ImportError> {
    super::plan::check_source(source)?;
    let before = ledger.store().progress(source).await?;
    let mut check = Importer::new(ledger, actor, source, before.as_ref(), true);
    check.run(path, &mut step).await?;
    let plan = ImportPlan {
        ledger: ledger.id(),
        source: source.to_owned(),
        content: check.content_committed()?,
        lines_before: check.lines_before,
        base: check.report.position,
    };
    Ok((plan, check.finish(before.as_ref())))
}

impl ImportPlan {
    /// Reads a plan that was written before.
    ///
    /// # Errors
    /// [`ImportError::Unreadable`], or [`ImportError::NoPlan`] for a file that holds none.
    pub fn read(path: &Path) -> Result<Self, ImportError> {
        let unreadable = |source| ImportError::Unreadable { path: path.to_owned(), source };
        let text = std::fs::read(path).map_err(unreadable)?;
        serde_json::from_slice(&text).map_err(|_| ImportError::NoPlan { path: path.to_owned() })
    }

    /// Writes it, over a former one.
    ///
    /// # Errors
    /// [`ImportError::Unwritable`].
    pub fn write(&self, path: &Path) -> Result<(), ImportError> {
        let text = serde_json::to_string_pretty(self).expect("a plan is JSON");
        let unwritable = |source| ImportError::Unwritable { path: path.to_owned(), source };
        std::fs::write(path, text + "\n").map_err(unwritable)
    }
}

impl Importer<'_> {
    /// That a checked file is the planned one, and that nothing moved on which its decisions rest.
    /// Once an application has begun it goes on: what moved then is its own.
    pub(super) fn follows(&self, plan: &ImportPlan) -> Result<(), ImportError> {
        let same = plan.ledger == self.ledger.id() && plan.source == self.source;
        if !same || plan.content != self.content_committed()? {
            return Err(ImportError::PlanDiffers);
        }
        let has_begun = self.lines_before > plan.lines_before;
        let moved = self.session.known().looked_after(plan.base).filter(|_| !has_begun);
        let moved: Vec<Position> = moved.collect();
        match moved.iter().min() {
            Some(first) => {
                let (base, moved) = (plan.base, moved.len() as u64);
                Err(ImportError::PlanStale { base, moved, first: *first })
            }
            None => Ok(()),
        }
    }

    fn content_committed(&self) -> Result<String, ImportError> {
        let bytes = self.commitment()?;
        Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}
