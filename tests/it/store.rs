//! The store's contract, run on every engine, and what single engines promise beside it.

#![allow(clippy::unwrap_used, reason = "a test that meets what it does not expect has failed")]

mod contract;
mod known_faults;
mod moving;
#[cfg(feature = "postgres")]
mod postgres;
mod projections;
mod sqlite;
pub(crate) mod support;
