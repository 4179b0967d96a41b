//! What the tool knows, read from `rules/`: the API's facts, and how names and values are judged.

pub mod api;
pub mod words;
