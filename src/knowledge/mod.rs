//! What the tool knows, read from `rules/`: the API, the libraries, and how names and values are judged.

pub mod api;
pub mod bundled;
mod commands;
pub mod embedded;
pub mod file_modes;
pub mod fixes;
mod handlers;
pub mod libraries;
mod library_models;
pub mod off_peak;
pub mod practices;
pub mod repeats;
mod terms;
pub mod times;
pub mod timetables;
pub mod words;
