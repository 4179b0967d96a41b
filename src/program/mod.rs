//! The program tree and the names linked across files.

pub mod link;
pub mod tree;
