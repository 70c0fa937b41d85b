//! Threads that make drafts tables, as an engine does it, while others are looked at.

use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use projections::Table;

use crate::store::engine::{Digests, Wanted};
use crate::store::{Digested, StoreError};

/// How many tables are made at the same time.
const MAKERS: usize = 2;

/// Threads that make drafts tables, while those that are made already are put in place.
pub(in crate::store) struct Making<T> {
    /// Each with what came of it. Gone only while this is dropped.
    made: Option<Receiver<(&'static Table, T)>>,
    /// Those that nobody asked for yet.
    waiting: Vec<(&'static Table, T)>,
    threads: Vec<JoinHandle<()>>,
}

impl<T: Send + 'static> Making<T> {
    /// Begins with these tables, in their order. What is given makes one of them after the other,
    /// on each of the threads.
    pub(in crate::store) fn start<M>(tables: Vec<&'static Table>, maker: impl Fn() -> M) -> Self
    where
        M: FnMut(&'static Table) -> T + Send + 'static,
    {
        let (made, receiver) = mpsc::channel();
        let next = Arc::new(Mutex::new(tables.into_iter()));
        let threads = (0..MAKERS).map(|_| {
            let (made, next, mut make) = (made.clone(), Arc::clone(&next), maker());
            let another = move || next.lock().unwrap_or_else(PoisonError::into_inner).next();
            thread::spawn(move || {
                while let Some(table) = another() {
                    if made.send((table, make(table))).is_err() {
                        break;
                    }
                }
            })
        });
        Self { threads: threads.collect(), made: Some(receiver), waiting: Vec::new() }
    }

    /// What came of a table, once it is made; `None` when nobody makes it.
    pub(in crate::store) fn of(&mut self, table: &'static Table) -> Option<T> {
        loop {
            if let Some(at) = self.waiting.iter().position(|(made, _)| *made == table) {
                return Some(self.waiting.swap_remove(at).1);
            }
            self.waiting.push(self.made.as_ref()?.recv().ok()?);
        }
    }
}

impl<T> Drop for Making<T> {
    /// Waits for what is under way; what is not begun is left.
    fn drop(&mut self) {
        self.made = None;
        for thread in self.threads.drain(..) {
            // What it made nobody asks for any more.
            let _ = thread.join();
        }
    }
}

/// Tells what generations hold, one after the other: a thread counts, so that the first can be put
/// in place while the others are looked at.
pub(in crate::store) fn in_turn(
    wanted: Vec<Wanted>,
    mut digested: impl FnMut(Wanted) -> Result<Digested, StoreError> + Send + 'static,
) -> Digests {
    let (found, digests) = mpsc::channel();
    thread::spawn(move || {
        for wanted in wanted {
            if found.send(digested(wanted)).is_err() {
                break;
            }
        }
    });
    Box::new(digests.into_iter())
}
