//! Functions of the project that a library runs: when someone asks from outside, and around requests of its own.

use serde::Deserialize;
use std::collections::BTreeMap;

/// What becomes of the value that a function run for someone outside gives back.
#[derive(Debug, Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Answering {
    /// It is the answer.
    Whole,
    /// It is the answer; of an error only the message is.
    WithoutErrors,
}

/// Functions that a client runs around each of its requests. They stand in the slot that the model is listed under.
#[derive(Debug, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct HookModel {
    /// When they run.
    pub when: HookTime,
    /// What they get.
    #[serde(default)]
    pub with: Vec<HookArgument>,
}

/// When a client runs a function of the program.
#[derive(Debug, Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum HookTime {
    /// For each request, before it is sent.
    Sending,
    /// For each response.
    Done,
    /// For each failure.
    Failed,
}

/// What such a function gets: `request` (its whole configuration), `response`, `failure` or a slot of the request; or an
/// object with these in its fields.
#[derive(Debug, Deserialize, Clone)]
#[serde(untagged)]
pub enum HookArgument {
    /// One of them.
    Part(String),
    /// An object of them.
    Object(BTreeMap<String, String>),
}

/// Parameters that by convention get instances of a library when nothing says what they get.
#[derive(Debug, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct ParametersModel {
    /// For each of several parameters in a row, the names it goes by.
    pub names: Vec<Vec<String>>,
    /// The type of each.
    pub types: Vec<String>,
}
