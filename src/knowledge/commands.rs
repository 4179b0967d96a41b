//! Models of programs that run as processes, by their arguments.

use serde::Deserialize;
use std::collections::BTreeMap;

/// A program run as a process, by its arguments.
#[derive(Debug, Deserialize, Clone, Default)]
#[serde(deny_unknown_fields)]
pub struct CommandModel {
    /// Its names.
    pub name: Vec<String>,
    /// Options that take a value, by the slot that the value fills. Slots of a request: `user-secret` (`user:secret`),
    /// `user`, `secret`, `bearer`, `header`, `method`, `body`, `query`, `url`. `file` is where the reply goes, `format` what
    /// is written about it instead, `options` a file with further options, `mode` the rights of a file, `jobs` how many run at once, `other` anything else.
    #[serde(default)]
    pub options: BTreeMap<String, Vec<String>>,
    /// Options without a value, by the slot that they make true: `verbose`, `unverified`, `query` (what is sent goes into
    /// the URL), `quiet` (nothing is written), `head` (only what is known about the reply is written), `named` (the reply
    /// goes into a file named after the URL).
    #[serde(default)]
    pub flags: BTreeMap<String, Vec<String>>,
    /// Options without a value, by the method they ask for.
    #[serde(default)]
    pub methods: BTreeMap<String, Vec<String>>,
    /// For a program that sends requests: the method when none is asked for and there is no body, and when there is one.
    pub default_methods: Option<(String, String)>,
    /// Values by which an option of the slot `unverified` says that nothing is to be verified.
    #[serde(default)]
    pub denies: Vec<String>,
    /// Operands behind the URL are parts of the request: `Name:value`, `name=value`, `name==value`.
    #[serde(default)]
    pub items: bool,
    /// What is in a file or comes from elsewhere when a value begins with this.
    pub from_file: Option<String>,
    /// Its argument is a command line of its own behind this option.
    pub line_behind: Option<String>,
    /// It runs another program.
    pub runs: Option<RunsModel>,
    /// What it writes.
    pub gives: Option<Gives>,
    /// Functions of its filters that leave what they are given readable.
    #[serde(default)]
    pub readable: Vec<String>,
    /// What it is given goes to a log.
    #[serde(default)]
    pub logs: bool,
    /// What it is given and what it reads goes to people.
    #[serde(default)]
    pub mails: bool,
    /// It gives rights to the files that are its operands: the slot `mode`, or the first operand, says which.
    #[serde(default)]
    pub rights: bool,
    /// What it reads also goes into the files that are its operands.
    #[serde(default)]
    pub keeps: bool,
}

/// How a program runs another one, which its operands name.
#[derive(Debug, Deserialize, Clone, Default)]
#[serde(deny_unknown_fields)]
pub struct RunsModel {
    /// Operands before the other program's name.
    #[serde(default)]
    pub operands: usize,
    /// It runs it for each line it reads.
    #[serde(default)]
    pub repeats: bool,
    /// It runs as many at once as it likes when it is not told how many.
    #[serde(default)]
    pub many: bool,
    /// The word behind which what it goes over is listed.
    pub over: Option<String>,
}

/// What a program writes.
#[derive(Debug, Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Gives {
    /// Its arguments.
    Words,
    /// Its further arguments, put into the first.
    Formatted,
    /// What it reads.
    Input,
    /// Parts of what it reads, which its first operand names.
    Fields,
    /// Something made of what it reads.
    Part,
    /// What it reads, encoded as base64.
    Encoded,
    /// Nothing.
    Nothing,
}
