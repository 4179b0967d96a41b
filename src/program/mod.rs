//! The program tree and the names linked across files.

pub(crate) mod definitions;
pub mod documents;
pub(crate) mod entries;
mod exports;
pub(crate) mod expressions;
pub mod link;
mod load;
mod resolve;
pub mod tree;
pub mod visit;
