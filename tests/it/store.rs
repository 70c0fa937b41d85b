//! The store's contract, run on every engine, and what single engines promise beside it.

mod contract;
mod projections;
mod sqlite;
mod support;
