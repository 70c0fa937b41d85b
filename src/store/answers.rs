//! What those who wait for a group are told.

use tokio::sync::oneshot;

use super::{Receipt, StoreError};

/// Where a caller waits.
pub(super) type Runtime = tokio::runtime::Handle;

/// What the caller of an append is told.
pub(super) type Answer = Result<Vec<Receipt>, StoreError>;

/// The answers of a group. To drop them is to tell them.
pub(super) struct Answers {
    answers: Vec<(oneshot::Sender<Answer>, Answer)>,
    /// Where one of those waits.
    runtime: Option<Runtime>,
}

impl Answers {
    /// Of those who wait, in their order.
    pub(super) fn new(
        runtime: Option<Runtime>,
        answers: impl Iterator<Item = (oneshot::Sender<Answer>, Answer)>,
    ) -> Self {
        Self { answers: answers.collect(), runtime }
    }

    /// Has them told. To wake a caller costs a system call from here, and next to nothing among
    /// the callers: so one of their threads does it for a whole group.
    pub(super) fn tell(mut self) {
        if let Some(runtime) = self.runtime.take().filter(|_| self.answers.len() > 1) {
            runtime.spawn(async move { drop(self) });
        }
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        for (reply, answer) in self.answers.drain(..) {
            // A caller that no longer waits has lost nothing but the news.
            let _ = reply.send(answer);
        }
    }
}
