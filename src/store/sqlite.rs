//! temporary
#![allow(missing_docs, unused)]
use super::*;
use std::path::Path;
use std::sync::Arc;
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Read,
    Write,
}
pub use super::memory::MemoryStore as SqliteStore;
impl SqliteStore {
    pub fn create(
        path: &Path,
        ledger: LedgerId,
        nature: Arc<dyn Nature>,
    ) -> Result<Self, StoreError> {
        Err(StoreError::NoLedger("".into()))
    }
    pub fn open(path: &Path, mode: Mode, nature: Arc<dyn Nature>) -> Result<Self, StoreError> {
        Err(StoreError::NoLedger("".into()))
    }
}
