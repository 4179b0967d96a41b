//! Writes a statement about a practice into a configuration. Comments and layout of what is there stay as they are.

use super::declarations::Attestation;
use super::find::load;
use crate::error::Error;
use jiff::civil::Date;
use jsonc_parser::cst::{CstInputValue, CstObject, CstRootNode};
use std::path::Path;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

/// A statement to be written.
#[derive(Clone, Copy, Debug)]
pub struct Statement<'a> {
    /// Id of the practice.
    pub practice: &'a str,
    /// Who states it.
    pub by: &'a str,
    /// When it was looked at.
    pub on: Date,
    /// How long it holds, as the configuration writes it.
    pub valid_for: &'a str,
    /// What was looked at.
    pub note: Option<&'a str>,
}

impl Statement<'_> {
    /// Keys and values in the order in which they are written.
    fn entries(&self) -> Vec<(&'static str, String)> {
        let on = self.on.to_string();
        let mut all = vec![
            ("practice", self.practice.to_owned()),
            ("by", self.by.to_owned()),
            ("on", on),
            ("valid_for", self.valid_for.to_owned()),
        ];
        all.extend(self.note.map(|note| ("note", note.to_owned())));
        all
    }
}

/// A configuration with a statement in it.
#[derive(Debug)]
pub struct Stated {
    /// The whole text of the file.
    pub text: String,
    /// The statement whose place it took.
    pub replaced: Option<Attestation>,
}

/// The text of the configuration at `path` with the statement in it; a file that is not there counts as empty. One that has
/// run out stays as it is beside the new one; one that is still valid on `today` is only replaced when `replace` says so.
///
/// # Errors
/// When the configuration cannot be read or has a mistake, and when a valid statement is there and is not to be replaced.
pub fn state(
    path: &Path,
    rules: &[&str],
    statement: &Statement<'_>,
    today: Date,
    replace: bool,
) -> Result<Stated, Error> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    let (known, text) = if path.exists() {
        let config = load(path, rules)?;
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error::new(format!("cannot read the configuration: {}", error.kind())).in_file(path))?;
        (config.attestations, text)
    } else {
        (Vec::new(), String::new())
    };
    let valid = |one: &&Attestation| one.practice == statement.practice && one.on <= today && one.until >= today;
    let old = known.iter().enumerate().rev().find(|(_, one)| valid(one));
    if let Some((_, one)) = old
        && !replace
    {
        let message =
            format!("`{}` is already stated by {} on {}, valid until {}", one.practice, one.by, one.on, one.until);
        return Err(Error::new(message).in_file(path).help("add --replace to put this statement in its place"));
    }
    let place = old.map(|(index, _)| index);
    let new = match name {
        "package.json" => in_json(&text, statement, place),
        "Cargo.toml" => in_manifest(&text, statement, place),
        _ => in_toml(&text, &[], statement, place),
    };
    let text = new.ok_or_else(|| {
        Error::new("the statement finds no place in the configuration").in_file(path).help("write it under [[attest]]")
    })?;
    Ok(Stated { text, replaced: old.map(|(_, one)| one.clone()) })
}

/// The table of a manifest that holds the configuration: the package's, else the workspace's.
fn in_manifest(text: &str, statement: &Statement<'_>, place: Option<usize>) -> Option<String> {
    let document: DocumentMut = text.parse().ok()?;
    let holds = |first: &str| {
        document.get(first).and_then(|item| item.get("metadata")).and_then(|item| item.get("cerbo-lint")).is_some()
    };
    let first = if holds("package") { "package" } else { "workspace" };
    in_toml(text, &[first, "metadata", "cerbo-lint"], statement, place)
}

fn in_toml(text: &str, keys: &[&str], statement: &Statement<'_>, place: Option<usize>) -> Option<String> {
    // The writer ends lines in one way only.
    let windows = text.contains("\r\n");
    let (mark, plain) = match text.strip_prefix('\u{feff}') {
        Some(rest) => ("\u{feff}", rest),
        None => ("", text),
    };
    let mut document: DocumentMut = plain.replace("\r\n", "\n").parse().ok()?;
    let mut item = document.as_item_mut();
    for key in keys {
        item = item.get_mut(key)?;
    }
    let holder = item.as_table_like_mut()?;
    let inline_holder = holder.get("attest").is_none() && !matches!(item, Item::Table(_));
    let holder = item.as_table_like_mut()?;
    let empty =
        if inline_holder { Item::Value(Array::new().into()) } else { Item::ArrayOfTables(ArrayOfTables::new()) };
    match holder.entry("attest").or_insert(empty) {
        Item::ArrayOfTables(all) => match place {
            Some(index) => fill(all.get_mut(index)?, statement),
            None => {
                let mut table = Table::new();
                fill(&mut table, statement);
                table.decor_mut().set_prefix(if plain.trim().is_empty() { "" } else { "\n" });
                all.push(table);
            }
        },
        Item::Value(Value::Array(all)) => {
            let mut table = InlineTable::new();
            for (key, value) in statement.entries() {
                table.insert(key, written(key, &value));
            }
            match place {
                Some(index) => {
                    let old = all.get_mut(index)?;
                    let decor = old.decor().clone();
                    *old = table.into();
                    *old.decor_mut() = decor;
                }
                None => {
                    // On a line of its own where the others are.
                    let before = all.iter().last().and_then(|last| last.decor().prefix()?.as_str().map(str::to_owned));
                    let mut value = Value::from(table);
                    match before.filter(|before| before.contains('\n')) {
                        Some(before) => {
                            let indent = before.rsplit('\n').next().unwrap_or("").to_owned();
                            value.decor_mut().set_prefix(format!("\n{indent}"));
                            all.push_formatted(value);
                        }
                        None => all.push(value),
                    }
                }
            }
        }
        _ => return None,
    }
    let mut new = document.to_string();
    if !new.ends_with('\n') {
        new.push('\n');
    }
    let new = if windows { new.replace('\n', "\r\n") } else { new };
    Some(format!("{mark}{new}"))
}

/// Sets the statement's keys; those that a new statement does not have go.
fn fill(table: &mut Table, statement: &Statement<'_>) {
    let entries = statement.entries();
    let kept = |key: &str| entries.iter().any(|(known, _)| *known == key);
    let gone: Vec<String> = table.iter().map(|(key, _)| key.to_owned()).filter(|key| !kept(key)).collect();
    gone.iter().for_each(|key| {
        table.remove(key);
    });
    for (key, value) in entries {
        let new = written(key, &value);
        match table.get_mut(key).and_then(Item::as_value_mut) {
            Some(old) => {
                // A comment behind the value stays.
                let decor = old.decor().clone();
                *old = new;
                *old.decor_mut() = decor;
            }
            None => {
                table.insert(key, Item::Value(new));
            }
        }
    }
}

fn written(key: &str, value: &str) -> Value {
    match value.parse::<toml_edit::Datetime>() {
        Ok(date) if key == "on" => Value::from(date),
        _ => Value::from(value),
    }
}

fn in_json(text: &str, statement: &Statement<'_>, place: Option<usize>) -> Option<String> {
    let root = CstRootNode::parse(text, &jsonc_parser::ParseOptions::default()).ok()?;
    let holder = root.object_value()?.object_value("cerbo-lint")?;
    let all = holder.array_value_or_create("attest")?;
    let entries = || {
        let texts = statement.entries().into_iter();
        texts.map(|(key, value)| (key.to_owned(), CstInputValue::String(value))).collect::<Vec<_>>()
    };
    match place {
        Some(index) => {
            let old: CstObject = all.elements().get(index)?.as_object()?;
            for property in old.properties() {
                property.remove();
            }
            for (key, value) in entries() {
                old.append(&key, value);
            }
        }
        None => {
            all.ensure_multiline();
            all.append(CstInputValue::Object(entries()));
        }
    }
    Some(root.to_string())
}
