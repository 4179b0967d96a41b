//! Bringing the tool into a project that exists.

pub mod starter;
