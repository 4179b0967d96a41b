//! The program tree and the names linked across files.

pub mod documents;
pub(crate) mod entries;
mod exports;
pub mod link;
mod load;
mod resolve;
pub mod tree;
pub mod visit;
