//! A group that is forming: what is to share the next commit, planned as it comes.
//!
//! While the server is busy with one group the next is planned on what that one comes to, so that
//! it is on its way as soon as the server has answered. Where that group is not recorded as it was
//! planned, the plan of the one behind it is thrown away, and it is planned again.

use events::LedgerId;
use tokio::sync::oneshot;

use super::append::Group;
use super::at_once::{Assumed, Seen};
use super::known::Known;
use super::recent::Recent;
use crate::store::answers::{Answer, Answers, Runtime};
use crate::store::plan::{Trouble, plan};
use crate::store::{Batch, Head, Nature};

/// How many batches share a commit, so that the first of them does not wait for ever.
const GROUP_MAX: usize = 512;

/// A batch, and who waits for it where.
pub(super) struct Job {
    pub(super) batch: Batch,
    pub(super) runtime: Option<Runtime>,
    pub(super) reply: oneshot::Sender<Answer>,
}

/// Batches that are to share a commit.
#[derive(Default)]
pub(super) struct Forming {
    pub(super) batches: Vec<Batch>,
    /// One of an import, for which the record is asked first: it begins the next group.
    pub(super) behind: Option<Job>,
    /// Who waits for each of them.
    replies: Vec<oneshot::Sender<Answer>>,
    /// Where one of those waits.
    runtime: Option<Runtime>,
    /// What the first of them come to, if all is as assumed.
    pub(super) planned: Option<Planned>,
}

/// What batches come to.
pub(super) struct Planned {
    /// The end of the record before them.
    pub(super) from: Head,
    /// What they rest on beside what is known; nothing may where the record was asked first.
    pub(super) assumed: Option<Assumed>,
    pub(super) group: Group,
    /// One for each batch.
    pub(super) answers: Vec<Answer>,
}

impl Forming {
    /// Takes in a batch.
    pub(super) fn push(&mut self, job: Job) {
        if job.batch.progress.is_some() && !self.is_empty() {
            self.behind = Some(job);
            return;
        }
        let Job { batch, runtime, reply } = job;
        self.batches.push(batch);
        self.replies.push(reply);
        self.runtime = runtime.or(self.runtime.take());
    }

    /// What everybody is to be told.
    pub(super) fn answered(self, answers: impl Iterator<Item = Answer>) -> Answers {
        Answers::new(self.runtime, self.replies.into_iter().zip(answers))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    pub(super) fn has_room(&self) -> bool {
        self.batches.len() < GROUP_MAX && self.behind.is_none()
    }

    /// Whether what is known and what is assumed can be enough.
    pub(super) fn may_assume(&self) -> bool {
        self.batches.first().is_none_or(|batch| batch.progress.is_none())
    }
}

impl Planned {
    /// Of no batch yet, at this end of the record.
    pub(super) fn new(from: Head, assumed: Option<Assumed>) -> Self {
        let group = Group { head: from.clone(), ..Group::default() };
        Self { from, assumed, group, answers: Vec::new() }
    }

    /// Takes in what a batch comes to.
    pub(super) fn add(
        &mut self,
        ledger: LedgerId,
        nature: &dyn Nature,
        (known, recent): (&mut Known, &Recent),
        batch: &Batch,
    ) {
        let assuming = self.assumed.is_some().then_some(batch);
        let seen = Seen { known, assuming };
        let planned = plan(ledger, &self.group.head, nature, &seen, batch);
        match planned {
            Ok(plan) => {
                if let Some(assumed) = &mut self.assumed
                    && !plan.kept.is_empty()
                {
                    assumed.assume(batch, known, recent);
                }
                known.take(&plan, &mut self.group.done);
                self.answers.push(Ok(plan.receipts.clone()));
                self.group.take(plan);
            }
            Err(Trouble::Refused(error)) => {
                if let Some(assumed) = &mut self.assumed {
                    assumed.no_answer(batch);
                }
                self.answers.push(Err(error));
            }
            Err(Trouble::Fault(never)) => match never {},
        }
    }
}
