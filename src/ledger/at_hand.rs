//! Subjects that decisions looked at lately, each as of a version.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use events::StreamId;

use crate::state::AnySubject;

/// How many are kept, to bound memory.
const SUBJECTS_MAX: usize = 10_000;

/// Subjects, by their streams. A stream of so many events folds to one subject and to no other, so
/// one that is as old as its stream is the subject of today.
#[derive(Default)]
pub(super) struct AtHand(Mutex<HashMap<StreamId, Arc<AnySubject>>>);

impl AtHand {
    /// The subject, if it is at hand in any version.
    pub(super) fn any(&self, stream: StreamId) -> Option<Arc<AnySubject>> {
        self.subjects().get(&stream).cloned()
    }

    /// Keeps a subject, unless a later version of it is at hand.
    pub(super) fn keep(&self, stream: StreamId, subject: Arc<AnySubject>) {
        let mut subjects = self.subjects();
        if subjects.get(&stream).is_some_and(|kept| kept.version() >= subject.version()) {
            return;
        }
        if subjects.len() >= SUBJECTS_MAX {
            subjects.clear();
        }
        subjects.insert(stream, subject);
    }

    fn subjects(&self) -> MutexGuard<'_, HashMap<StreamId, Arc<AnySubject>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
