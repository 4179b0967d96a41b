//! `cerbo-lint` finds code that breaks the Cerbo API's best practices. It evaluates programs with
//! abstract values; see `ARCHITECTURE.md`.
//!
//! Where `disallowed_methods` is switched on, a project is judged: what is on disk is asked of [`project::disk`].

pub mod adopt;
#[warn(clippy::disallowed_methods)]
pub mod analysis;
pub mod baseline;
pub mod cache;
pub mod cards;
pub mod cli;
pub mod config;
pub mod error;
#[warn(clippy::disallowed_methods)]
pub mod evaluate;
pub mod explain_file;
#[warn(clippy::disallowed_methods)]
pub mod facts;
pub mod finding;
pub mod fix;
#[warn(clippy::disallowed_methods)]
pub mod frontend;
pub mod guard;
pub mod hash;
pub mod history;
#[warn(clippy::disallowed_methods)]
pub mod identity;
mod judgement;
#[warn(clippy::disallowed_methods)]
pub mod knowledge;
pub mod pages;
#[warn(clippy::disallowed_methods)]
pub mod program;
pub mod progress;
pub mod project;
pub mod report;
#[warn(clippy::disallowed_methods)]
pub mod rules;
pub mod scan;
#[warn(clippy::disallowed_methods)]
pub mod settings;
pub mod settle;
#[warn(clippy::disallowed_methods)]
pub mod source;
pub mod span;
#[warn(clippy::disallowed_methods)]
pub mod suppression;
pub mod surroundings;
#[warn(clippy::disallowed_methods)]
pub mod timetables;
mod today;
#[warn(clippy::disallowed_methods)]
pub mod usage;
