//! A configuration's values taken from its tree, with an error at the place of each mistake.

use super::declarations::PURPOSES;
use super::node::{Entry, Node, Value};
use super::{Config, FailOn, Ignore, Level, PathGlob, Scope};
use crate::error::{Error, suggestion};
use crate::finding::Confidence;
use std::ops::Range;
use std::path::Path;

/// Keys a configuration may have.
pub const KEYS: &[&str] = &[
    "hosts",
    "sandbox_hosts",
    "client_types",
    "client_functions",
    "base_url_variables",
    "placeholders",
    "scope",
    "fail_on",
    "min_confidence",
    "baseline",
    "severity",
    "ignore",
    "exclude",
    "libraries",
    "purpose",
    "permissions",
    "attest",
];

const IGNORE_KEYS: &[&str] = &["paths", "rules", "reason"];
const LEVELS: &[(&str, Level)] =
    &[("error", Level::Error), ("warning", Level::Warning), ("note", Level::Note), ("off", Level::Off)];
const FAIL_ON: &[(&str, FailOn)] =
    &[("error", FailOn::Error), ("warning", FailOn::Warning), ("note", FailOn::Note), ("never", FailOn::Never)];
const SCOPES: &[(&str, Scope)] = &[("api", Scope::Api), ("any", Scope::Any)];
const CONFIDENCES: &[(&str, Confidence)] =
    &[("low", Confidence::Low), ("medium", Confidence::Medium), ("high", Confidence::High)];

/// Where a configuration stands, and what its names are checked against.
pub(super) struct Reader<'a> {
    /// The file.
    pub path: &'a Path,
    /// Its text.
    pub text: &'a str,
    /// All rule ids.
    pub rules: &'a [&'a str],
}

impl Reader<'_> {
    /// The configuration a tree holds.
    ///
    /// # Errors
    /// At the first unknown key, unknown rule, or value of the wrong type.
    pub fn config(&self, node: &Node) -> Result<Config, Error> {
        let root = self.path.parent().map(Path::to_owned).unwrap_or_default();
        let mut config = Config { path: Some(self.path.to_owned()), root, ..Config::default() };
        for (key, span, value) in self.table(node)? {
            match key.as_str() {
                "hosts" => config.hosts = self.hosts(value)?,
                "sandbox_hosts" => config.sandbox_hosts = self.hosts(value)?,
                "client_types" => config.client_types = self.texts(value)?,
                "client_functions" => config.client_functions = self.texts(value)?,
                "base_url_variables" => config.base_url_variables = self.texts(value)?,
                "placeholders" => config.placeholders = self.texts(value)?,
                "scope" => config.scope = self.word(value, SCOPES)?,
                "fail_on" => config.fail_on = Some(self.word(value, FAIL_ON)?),
                "min_confidence" => config.min_confidence = Some(self.word(value, CONFIDENCES)?),
                "baseline" => config.baseline = Some(config.root.join(self.text(value)?)),
                "severity" => {
                    for (rule, span, level) in self.table(value)? {
                        self.rule(rule, span)?;
                        config.severity.insert(rule.clone(), self.word(level, LEVELS)?);
                    }
                }
                "ignore" => {
                    config.ignore = self.list(value)?.iter().map(|e| self.ignore(e)).collect::<Result<_, _>>()?
                }
                "exclude" => config.exclude = self.globs(value)?,
                "libraries" => {
                    for entry in self.list(value)? {
                        config.libraries.push(self.library(&config.root, entry)?);
                    }
                }
                "purpose" => config.purpose = Some(self.word(value, PURPOSES)?),
                "permissions" => config.permissions = Some(self.permissions(value)?),
                "attest" => {
                    config.attestations =
                        self.list(value)?.iter().map(|entry| self.attestation(entry)).collect::<Result<_, _>>()?;
                }
                _ => return Err(self.unknown("key", key, span, KEYS)),
            }
        }
        Ok(config)
    }

    pub(super) fn error(&self, span: &Range<usize>, message: impl Into<String>) -> Error {
        Error::new(message).at(self.path, self.text, span.start)
    }

    pub(super) fn unknown(&self, what: &str, name: &str, span: &Range<usize>, valid: &[&str]) -> Error {
        self.error(span, format!("unknown {what} `{name}`")).help(suggestion(name, valid))
    }

    pub(super) fn expected(&self, node: &Node, what: &str) -> Error {
        self.error(&node.span, format!("expected {what}, found {}", node.type_name()))
    }

    pub(super) fn table<'n>(&self, node: &'n Node) -> Result<&'n [Entry], Error> {
        match &node.value {
            Value::Table(entries) => Ok(entries),
            _ => Err(self.expected(node, "a table")),
        }
    }

    pub(super) fn list<'n>(&self, node: &'n Node) -> Result<&'n [Node], Error> {
        match &node.value {
            Value::List(elements) => Ok(elements),
            _ => Err(self.expected(node, "a list")),
        }
    }

    pub(super) fn text<'n>(&self, node: &'n Node) -> Result<&'n str, Error> {
        match &node.value {
            Value::Text(text) => Ok(text),
            _ => Err(self.expected(node, "a string")),
        }
    }

    pub(super) fn texts(&self, node: &Node) -> Result<Vec<String>, Error> {
        let elements = match &node.value {
            Value::List(elements) => elements,
            _ => return Err(self.expected(node, "a list of strings")),
        };
        elements.iter().map(|element| self.text(element).map(str::to_owned)).collect()
    }

    fn hosts(&self, node: &Node) -> Result<Vec<String>, Error> {
        for element in self.list(node)? {
            let host = self.text(element)?;
            if host.is_empty() || host.contains(['/', '@', ' ']) {
                return Err(self
                    .error(&element.span, "expected a host name")
                    .help("write the host alone, without scheme, user or path: \"ehr.example.org\""));
            }
        }
        Ok(self.texts(node)?.into_iter().map(|host| host.to_ascii_lowercase()).collect())
    }

    pub(super) fn word<T: Copy>(&self, node: &Node, valid: &[(&str, T)]) -> Result<T, Error> {
        let names: Vec<&str> = valid.iter().map(|(name, _)| *name).collect();
        let text = match &node.value {
            Value::Text(text) => text,
            _ => return Err(self.expected(node, &format!("one of {}", names.join(", ")))),
        };
        let found = valid.iter().find(|(name, _)| name == text);
        found.map(|(_, value)| *value).ok_or_else(|| self.unknown("value", text, &node.span, &names))
    }

    fn rule(&self, name: &str, span: &Range<usize>) -> Result<(), Error> {
        if self.rules.contains(&name) {
            return Ok(());
        }
        Err(self.unknown("rule", name, span, self.rules))
    }

    fn globs(&self, node: &Node) -> Result<Vec<PathGlob>, Error> {
        let read = |element: &Node| {
            PathGlob::new(self.text(element)?)
                .map_err(|problem| self.error(&element.span, format!("not a valid glob: {problem}")))
        };
        self.list(node)?.iter().map(read).collect()
    }

    fn ignore(&self, node: &Node) -> Result<Ignore, Error> {
        let mut ignore = Ignore { paths: Vec::new(), rules: Vec::new(), reason: String::new() };
        for (key, span, value) in self.table(node)? {
            match key.as_str() {
                "paths" => ignore.paths = self.globs(value)?,
                "rules" => {
                    for element in self.list(value)? {
                        let rule = self.text(element)?;
                        self.rule(rule, &element.span)?;
                        ignore.rules.push(rule.to_owned());
                    }
                }
                "reason" => ignore.reason = self.text(value)?.to_owned(),
                _ => return Err(self.unknown("key", key, span, IGNORE_KEYS)),
            }
        }
        let missing = |key: &str, example: &str| {
            self.error(&node.span, format!("`{key}` is missing in this entry of `ignore`"))
                .help(format!("add `{key} = {example}`"))
        };
        if ignore.paths.is_empty() {
            return Err(missing("paths", "[\"tests/**\"]"));
        }
        if ignore.rules.is_empty() {
            return Err(missing("rules", "[\"embedded-credential\"]"));
        }
        if ignore.reason.trim().is_empty() {
            return Err(missing("reason", "\"why it is right here\""));
        }
        Ok(ignore)
    }

    fn library(&self, root: &Path, node: &Node) -> Result<(std::path::PathBuf, String), Error> {
        let path = root.join(self.text(node)?);
        match std::fs::metadata(&path) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => return Err(self.error(&node.span, "this library model is not a file")),
            Err(error) => {
                return Err(self.error(&node.span, format!("cannot read this library model: {}", error.kind())));
            }
        }
        let text = std::fs::read_to_string(&path)
            .map_err(|error| self.error(&node.span, format!("cannot read this library model: {}", error.kind())))?;
        super::node::from_toml(&path, &text)?;
        Ok((path, text))
    }
}
