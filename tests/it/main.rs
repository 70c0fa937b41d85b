//! One binary for all tests that go through the public door.

mod compatibility;
mod tidy;
mod vault;
