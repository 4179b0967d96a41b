//! The program tree and the names linked across files.

mod exports;
pub mod link;
pub mod tree;
pub mod visit;
