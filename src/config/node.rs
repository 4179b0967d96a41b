//! Configuration text as values with byte ranges, whichever notation it was written in.

use crate::error::Error;
use std::ops::Range;
use std::path::Path;

/// Objects nested deeper than this are cut off; no setting is that deep.
const MAX_DEPTH: usize = 16;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// Byte range in the file.
    pub span: Range<usize>,
    /// The value.
    pub value: Value,
}

/// A key, its byte range in the file, and its value.
pub type Entry = (String, Range<usize>, Node);

/// A configuration value.
#[derive(Clone, Debug)]
pub enum Value {
    /// Text.
    Text(String),
    /// Keys with their ranges, in order.
    Table(Vec<Entry>),
    /// Elements in order.
    List(Vec<Node>),
    /// A truth value.
    Boolean(bool),
    /// A date as it is written.
    Date(String),
    /// Anything no setting takes, by the name of its type.
    Other(&'static str),
}

impl Node {
    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Table(entries) => entries.iter().find(|(name, _, _)| name == key).map(|(_, _, node)| node),
            _ => None,
        }
    }

    /// What it is, for "expected …, found …".
    pub fn type_name(&self) -> &'static str {
        match &self.value {
            Value::Text(_) => "a string",
            Value::Table(_) => "a table",
            Value::List(_) => "a list",
            Value::Boolean(_) => "a boolean",
            Value::Date(_) => "a date",
            Value::Other(name) => name,
        }
    }
}

/// Reads TOML. `path` is for the error only.
///
/// # Errors
/// When the text is not TOML.
pub fn from_toml(path: &Path, text: &str) -> Result<Node, Error> {
    let table = toml::de::DeTable::parse(text).map_err(|error| {
        // The parser's short message has no source text in it; its Display has.
        let offset = error.span().map_or(0, |span| span.start);
        Error::new(format!("not valid TOML: {}", error.message())).at(path, text, offset)
    })?;
    let span = table.span();
    Ok(Node { span, value: toml_table(table.get_ref(), 0) })
}

fn toml_table(table: &toml::de::DeTable<'_>, depth: usize) -> Value {
    let entries = table.iter().map(|(key, value)| {
        (key.get_ref().to_string(), key.span(), Node { span: value.span(), value: toml_value(value.get_ref(), depth) })
    });
    let mut entries: Vec<_> = entries.collect();
    // Errors are told in the order in which a reader meets them.
    entries.sort_by_key(|(_, span, _)| span.start);
    Value::Table(entries)
}

fn toml_value(value: &toml::de::DeValue<'_>, depth: usize) -> Value {
    use toml::de::DeValue;
    if depth > MAX_DEPTH {
        return Value::Other("a value nested too deep");
    }
    match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(_) | DeValue::Float(_) => Value::Other("a number"),
        DeValue::Boolean(value) => Value::Boolean(*value),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(elements) => Value::List(
            elements.iter().map(|e| Node { span: e.span(), value: toml_value(e.get_ref(), depth + 1) }).collect(),
        ),
        DeValue::Table(table) => toml_table(table, depth + 1),
    }
}

/// Reads JSON. `path` is for the error only.
///
/// # Errors
/// When the text is not JSON.
pub fn from_json(path: &Path, text: &str) -> Result<Node, Error> {
    let parsed = jsonc_parser::parse_to_ast(text, &Default::default(), &Default::default())
        .map_err(|error| Error::new("not valid JSON").at(path, text, error.range().start))?;
    match &parsed.value {
        Some(value) => Ok(json_value(value, 0)),
        None => Err(Error::new("not valid JSON: the file is empty").at(path, text, 0)),
    }
}

fn json_value(value: &jsonc_parser::ast::Value<'_>, depth: usize) -> Node {
    use jsonc_parser::ast::Value as Json;
    use jsonc_parser::common::Ranged;
    let span = value.start()..value.end();
    let value = match value {
        _ if depth > MAX_DEPTH => Value::Other("a value nested too deep"),
        Json::StringLit(text) => Value::Text(text.value.to_string()),
        Json::NumberLit(_) => Value::Other("a number"),
        Json::BooleanLit(value) => Value::Boolean(value.value),
        Json::NullKeyword(_) => Value::Other("null"),
        Json::Array(array) => {
            Value::List(array.elements.iter().map(|element| json_value(element, depth + 1)).collect())
        }
        Json::Object(object) => Value::Table(
            object
                .properties
                .iter()
                .map(|property| {
                    let name = property.name.as_str().to_owned();
                    let span = property.name.start()..property.name.end();
                    (name, span, json_value(&property.value, depth + 1))
                })
                .collect(),
        ),
    };
    Node { span, value }
}
