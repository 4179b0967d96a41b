//! What the settings of a build publish to clients: values put in by name, and beginnings of variables.

use super::tables::common;
use crate::program::tree::{Entry, EntryKey, Expr, ExprKind, ItemKind, Literal, Module};
use crate::program::visit::children;
use std::ops::Range;
use std::path::Path;

/// Expressions nested deeper than this are not looked into.
const MAX_DEPTH: usize = 64;

/// What the settings of a build publish.
#[derive(Debug, Default)]
pub(super) struct Published {
    /// Beginnings of variables.
    pub prefixes: Vec<String>,
    /// Values that are put in: where that is said, and the names they go by.
    pub values: Vec<Value>,
}

/// A value that a build puts into the program it makes.
#[derive(Debug)]
pub(super) struct Value {
    /// Where that is said.
    pub range: Range<usize>,
    /// The names it goes by.
    pub names: Vec<String>,
    /// The program runs on a server.
    pub server: bool,
}

/// What a file of settings publishes; nothing for other files.
pub(super) fn of_file(path: &Path, module: &Module) -> Published {
    let mut found = Published::default();
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    if !common().published.files.is_match(&file) {
        return found;
    }
    // `module.exports = { target: 'node', … }` exports each of its settings by itself.
    let server = module.items.iter().any(|item| match &item.kind {
        ItemKind::Constant { value: Some(value), .. } => {
            item.name.strip_prefix("exports.").is_some_and(|name| is_server(name, value))
        }
        _ => false,
    });
    for item in &module.items {
        match &item.kind {
            ItemKind::Constant { value: Some(value), .. } | ItemKind::Statement(value) => {
                look(value, &file, "", &mut found, (0, server))
            }
            ItemKind::Function(function) => {
                function.body.iter().for_each(|body| look(body, &file, "", &mut found, (0, server)));
            }
            _ => {}
        }
    }
    found
}

fn look(expression: &Expr, file: &str, key: &str, found: &mut Published, (depth, server): (usize, bool)) {
    if depth > MAX_DEPTH {
        return;
    }
    match &expression.kind {
        ExprKind::Object { entries, .. } => {
            let server = server || entries.iter().any(for_a_server);
            for entry in entries {
                let EntryKey::Name(name) = &entry.key else { continue };
                let table = &common().published;
                if table.prefix_keys.contains(name) {
                    found.prefixes.extend(texts(&entry.value));
                }
                let path = format!("{key}.{name}");
                let publishes = |one: &super::tables::PublishingKey| {
                    one.key.iter().any(|key| path.ends_with(&format!(".{key}"))) && one.file.is_match(file)
                };
                if table.keys.iter().any(publishes) {
                    put_in(&entry.value, found, server);
                }
                look(&entry.value, file, &path, found, (depth + 1, server));
            }
        }
        ExprKind::Closure(function) => {
            function.body.iter().for_each(|body| look(body, file, key, found, (depth + 1, server)));
        }
        ExprKind::Call { callee, arguments, .. } => {
            let name = match &callee.kind {
                ExprKind::Name(path) => path.last(),
                ExprKind::Field { name, .. } => name,
                _ => "",
            };
            if common().published.calls.iter().any(|call| call == name) {
                arguments.iter().for_each(|argument| put_in(&argument.value, found, server));
            }
            children(expression, &mut |child| look(child, file, key, found, (depth + 1, server)));
        }
        _ => children(expression, &mut |child| look(child, file, key, found, (depth + 1, server))),
    }
}

/// Whether an entry of a build's settings says that the program runs on a server.
fn for_a_server(entry: &Entry) -> bool {
    matches!(&entry.key, EntryKey::Name(name) if is_server(name, &entry.value))
}

fn is_server(name: &str, value: &Expr) -> bool {
    let builds = &common().published.server_builds;
    builds.keys.iter().any(|key| key == name)
        && texts(value).iter().any(|text| builds.platforms.iter().any(|platform| text.starts_with(platform)))
}

/// Entries of an object, or names in a list, whose values are put in.
fn put_in(value: &Expr, found: &mut Published, server: bool) {
    match &value.kind {
        ExprKind::Object { entries, .. } => {
            for Entry { key, key_span, value } in entries {
                let EntryKey::Name(key) = key else { continue };
                let mut names = vec![key.rsplit('.').next().unwrap_or(key).to_owned()];
                read_names(value, &mut names, 0);
                found.values.push(Value { range: key_span.range().start..value.span.range().end, names, server });
            }
        }
        ExprKind::List(names) => {
            for name in names {
                found.values.push(Value { range: name.value.span.range(), names: texts(&name.value), server });
            }
        }
        _ => {}
    }
}

/// The variables that a value reads from the environment.
fn read_names(value: &Expr, names: &mut Vec<String>, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    if let ExprKind::Field { base, name, .. } = &value.kind
        && matches!(&base.kind, ExprKind::Field { name, .. } if name == "env")
    {
        names.push(name.clone());
    }
    if let ExprKind::Field { base, name, .. } = &value.kind
        && matches!(&base.kind, ExprKind::Name(path) if path.last() == "env")
    {
        names.push(name.clone());
    }
    children(value, &mut |child| read_names(child, names, depth + 1));
}

fn texts(value: &Expr) -> Vec<String> {
    match &value.kind {
        ExprKind::Literal(Literal::Text(text)) => vec![text.clone()],
        ExprKind::List(all) => all.iter().flat_map(|argument| texts(&argument.value)).collect(),
        _ => Vec::new(),
    }
}
