//! Bringing the tool into a project that exists.

pub mod comments;
pub mod edits;
pub mod starter;
pub mod write;
