//! `cerbo-lint` finds code that breaks the Cerbo API's best practices. It evaluates programs with
//! abstract values; see `ARCHITECTURE.md`.

pub mod adopt;
pub mod analysis;
pub mod baseline;
pub mod cache;
pub mod cards;
pub mod cli;
pub mod config;
pub mod error;
pub mod evaluate;
pub mod explain_file;
pub mod facts;
pub mod finding;
pub mod frontend;
pub mod guard;
pub mod hash;
pub mod history;
pub mod identity;
pub mod knowledge;
pub mod pages;
pub mod program;
pub mod progress;
pub mod project;
pub mod report;
pub mod rules;
pub mod scan;
pub mod settings;
pub mod settle;
pub mod source;
pub mod span;
pub mod suppression;
pub mod surroundings;
pub mod timetables;
mod today;
pub mod usage;
