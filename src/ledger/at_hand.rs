//! Subjects that many decisions look at, kept as they were when last touched.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use events::{Position, StreamId};

use crate::state::AnySubject;

/// How many are kept, to bound memory.
const SUBJECTS_MAX: usize = 10_000;

/// Subjects with a guard of their own, each with the position at which that guard was looked at.
/// Whatever happens to such a subject touches its guard, so as long as the guard stands there, the
/// subject is the same; should it be a newer one, the append finds the guard touched.
#[derive(Default)]
pub(super) struct AtHand(Mutex<HashMap<StreamId, (Position, AnySubject)>>);

impl AtHand {
    /// The subject, if it is at hand as of that look.
    pub(super) fn at(&self, stream: StreamId, looked_at: Position) -> Option<AnySubject> {
        let subjects = self.subjects();
        let kept = subjects.get(&stream).filter(|(position, _)| *position == looked_at);
        kept.map(|(_, subject)| subject.clone())
    }

    /// Keeps a subject that was loaded after that look.
    pub(super) fn keep(&self, stream: StreamId, looked_at: Position, subject: &AnySubject) {
        let mut subjects = self.subjects();
        if subjects.len() >= SUBJECTS_MAX {
            subjects.clear();
        }
        subjects.insert(stream, (looked_at, subject.clone()));
    }

    fn subjects(&self) -> MutexGuard<'_, HashMap<StreamId, (Position, AnySubject)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
