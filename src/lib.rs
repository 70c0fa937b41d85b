//! request -> command -> decide -> events -> store -> projections -> query

pub mod store;
pub mod vault;
