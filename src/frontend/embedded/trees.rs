//! Scripts in YAML and JSON, by the formats of `rules/embedded.toml`.

use super::Snippet;
use super::decoded::{Escapes, aligned, unescaped};
use super::words::{Word, command, export, filled};
use crate::frontend::configuration::yaml::Texts;
use crate::frontend::shell::script::Script;
use crate::knowledge::embedded::{Format, Place, PutIn, formats};
use crate::program::tree::{EntryKey, Expr, ExprKind, ItemKind, Literal, Module};
use std::path::Path;

/// Trees deeper than this are not looked into.
const DEPTH: usize = 32;

/// The scripts of a file; none for a file of no format.
pub(super) fn snippets(path: &Path, source: &str, module: &Module, texts: &Texts) -> Vec<Snippet> {
    let mut found: Vec<Snippet> = Vec::new();
    for item in &module.items {
        let ItemKind::Constant { value: Some(document), .. } = &item.kind else { continue };
        for format in formats().iter().filter(|format| format.takes(path)) {
            let says = |(path, texts): (&String, &String)| {
                let mut held = Vec::new();
                walk(
                    document,
                    &path.split('.').collect::<Vec<_>>(),
                    &mut Vec::new(),
                    &mut Vec::new(),
                    &mut held,
                    DEPTH,
                );
                held.iter().any(|one| plain_text(one.node).is_some_and(|text| texts.split('|').any(|t| t == text)))
            };
            if !format.when.iter().all(says) {
                continue;
            }
            let reader = Reader { format, source, texts };
            for place in &format.scripts {
                let mut nodes = Vec::new();
                let parts: Vec<&str> = place.at.split('.').collect();
                walk(document, &parts, &mut Vec::new(), &mut Vec::new(), &mut nodes, DEPTH);
                found.extend(nodes.iter().filter_map(|node| reader.snippet(place, node)));
            }
        }
    }
    // Anchors repeat a place, and two formats may name the same one.
    found.sort_by_key(|snippet| (snippet.whole.start, snippet.whole.end));
    found.dedup_by(|a, b| a.whole == b.whole);
    found
}

/// A node with the objects around it, outermost first, and the keys that the path leaves open.
struct Found<'e> {
    node: &'e Expr,
    around: Vec<&'e Expr>,
    keys: Vec<&'e str>,
}

fn walk<'e>(
    node: &'e Expr,
    path: &[&str],
    around: &mut Vec<&'e Expr>,
    keys: &mut Vec<&'e str>,
    found: &mut Vec<Found<'e>>,
    depth: usize,
) {
    let Some(depth) = depth.checked_sub(1) else { return };
    let Some((part, rest)) = path.split_first() else {
        found.push(Found { node, around: around.clone(), keys: keys.clone() });
        return;
    };
    let any = *part == "**";
    if any {
        walk(node, rest, around, keys, found, depth);
    }
    match &node.kind {
        ExprKind::List(items) if any || *part == "[]" => {
            let rest = if any { path } else { rest };
            items.iter().for_each(|item| walk(&item.value, rest, around, keys, found, depth));
        }
        ExprKind::Object { .. } => {
            around.push(node);
            for (key, value) in entries(node) {
                if any {
                    walk(value, path, around, keys, found, depth);
                } else if *part == "*" {
                    keys.push(key);
                    walk(value, rest, around, keys, found, depth);
                    keys.pop();
                } else if key == *part {
                    walk(value, rest, around, keys, found, depth);
                }
            }
            around.pop();
        }
        _ => {}
    }
}

/// The named entries of an object; those it takes from others come last.
fn entries(node: &Expr) -> Vec<(&str, &Expr)> {
    let ExprKind::Object { entries, .. } = &node.kind else { return Vec::new() };
    let own = entries.iter().filter_map(|entry| match &entry.key {
        EntryKey::Name(name) => Some((name.as_str(), &entry.value)),
        _ => None,
    });
    let taken = entries.iter().filter(|entry| matches!(entry.key, EntryKey::Spread));
    let taken = taken.flat_map(|entry| match &entry.value.kind {
        ExprKind::Object { entries, .. } => entries
            .iter()
            .filter_map(|entry| match &entry.key {
                EntryKey::Name(name) => Some((name.as_str(), &entry.value)),
                _ => None,
            })
            .collect::<Vec<_>>(),
        _ => Vec::new(),
    });
    own.chain(taken).collect()
}

fn get<'e>(node: &'e Expr, key: &str) -> Option<&'e Expr> {
    entries(node).into_iter().find(|(name, _)| *name == key).map(|(_, value)| value)
}

fn plain_text(node: &Expr) -> Option<&str> {
    match &node.kind {
        ExprKind::Literal(Literal::Text(text)) => Some(text),
        _ => None,
    }
}

struct Reader<'a> {
    format: &'static Format,
    source: &'a str,
    texts: &'a Texts,
}

impl Reader<'_> {
    fn snippet(&self, place: &Place, found: &Found<'_>) -> Option<Snippet> {
        let owner = match place.words.is_empty() {
            true => found.around.last().copied(),
            false => Some(found.node),
        };
        if let (Some(key), Some(owner)) = (&self.format.dialects, owner)
            && let Some(dialect) = get(owner, key).and_then(plain_text)
            && !["sh", "bash"].iter().any(|shell| dialect.split_whitespace().next() == Some(shell))
        {
            return None;
        }
        if place.whole && !self.is_script(found) {
            return None;
        }
        let put_in = self.format.put_in;
        let (script, whole) = match place.words.as_slice() {
            [] => (self.line(found.node)?, found.node.span),
            keys => {
                let nodes: Vec<&Expr> = keys
                    .iter()
                    .filter_map(|key| if key.is_empty() { Some(found.node) } else { get(found.node, key) })
                    .collect();
                let words: Vec<Word> = nodes.iter().flat_map(|node| self.words(node)).collect();
                let (first, last) = (nodes.first()?, nodes.last()?);
                if words.is_empty() {
                    return None;
                }
                (command(&words, put_in), first.span.to(last.span))
            }
        };
        let mut all = Script::default();
        let inside = (!place.words.is_empty()).then_some(found.node);
        for object in found.around.iter().copied().chain(inside) {
            for key in &self.format.environment {
                if let Some(environment) = get(object, key) {
                    self.environment(environment, &mut all);
                }
            }
        }
        if let Some(folder) = self.folder(found) {
            all.insert("cd ", folder.place(0));
            all.append(&folder);
            all.insert("\n", folder.place(folder.text.len()));
        }
        all.append(&script);
        let key = found.keys.join(" ");
        let name = match &self.format.call {
            Some(call) => call.replace('*', &key),
            None => format!("commands of {key}"),
        };
        Some(Snippet { name, whole: whole.range(), script: all })
    }

    /// Whether a text is a script of its own.
    fn is_script(&self, found: &Found<'_>) -> bool {
        let named = found.keys.last().is_some_and(|key| key.ends_with(".sh") || key.ends_with(".bash"));
        named || self.text(found.node).is_some_and(|text| crate::project::shell::is_script(text.text.as_bytes()))
    }

    /// The folder that the objects around a script say it runs in.
    fn folder(&self, found: &Found<'_>) -> Option<Script> {
        let own = found.around.iter().rev().find_map(|object| {
            self.format.folders.iter().find_map(|path| path.split('.').try_fold(*object, |node, key| get(node, key)))
        });
        let folder = self.text(own?)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
        folder.text.chars().all(plain).then_some(folder)
    }

    /// A line, or lines for one shell.
    fn line(&self, node: &Expr) -> Option<Script> {
        if let ExprKind::List(items) = &node.kind {
            let mut all = Script::default();
            for item in items {
                // Lists of lists are one list.
                let Some(line) = self.line(&item.value) else { continue };
                all.append(&line);
                all.insert("\n", item.value.span.end as usize);
            }
            return (!all.text.trim().is_empty()).then_some(all);
        }
        Some(filled(&self.text(node)?, self.format.expressions, self.format.put_in))
    }

    fn words(&self, node: &Expr) -> Vec<Word> {
        match &node.kind {
            ExprKind::List(items) => items
                .iter()
                .filter_map(|item| self.text(&item.value))
                .filter(|script| !matches!(script.text.as_str(), "CMD" | "NONE"))
                .map(|script| match script.text.strip_prefix("CMD-SHELL") {
                    Some(_) => Word { script: Script::default(), whole: false },
                    None => Word { script, whole: true },
                })
                .collect(),
            _ => self.text(node).map(|script| Word { script, whole: false }).into_iter().collect(),
        }
    }

    /// What sets the environment: names with values, a list of them, or lines `NAME=value`.
    fn environment(&self, node: &Expr, script: &mut Script) {
        let mut set = |name: &str, at: usize, value: &Script| {
            let value = if self.format.expressions { filled(value, true, PutIn::Never) } else { value.clone() };
            export(name, at, &value, self.format.put_in, self.format.expressions, script);
        };
        match &node.kind {
            ExprKind::Object { entries, .. } => {
                for entry in entries {
                    if let (EntryKey::Name(name), Some(value)) = (&entry.key, self.text(&entry.value)) {
                        set(name, entry.key_span.start as usize, &value);
                    }
                }
            }
            ExprKind::List(items) => {
                for item in items.iter().map(|item| &item.value) {
                    if let ExprKind::Object { .. } = &item.kind {
                        let name = get(item, "name").filter(|name| plain_text(name).is_some());
                        if let (Some(name), Some(value)) = (name, get(item, "value").and_then(|value| self.text(value)))
                        {
                            set(plain_text(name).unwrap_or(""), name.span.start as usize, &value);
                        }
                    } else if let Some(line) = self.text(item)
                        && let Some((name, value)) = line.text.split_once('=')
                    {
                        let mut script = Script::default();
                        script.push_part(&line, name.len() + 1..name.len() + 1 + value.len());
                        set(name, line.place(0), &script);
                    }
                }
            }
            _ => {}
        }
    }

    /// The text of a node with the places of its characters.
    fn text(&self, node: &Expr) -> Option<Script> {
        let range = node.span.range();
        match &node.kind {
            ExprKind::Literal(Literal::Null) | ExprKind::Object { .. } | ExprKind::List(_) | ExprKind::Opaque(_) => {
                None
            }
            _ => {
                let before = range.start.checked_sub(1).and_then(|at| self.source.as_bytes().get(at));
                let raw = self.source.get(range.clone())?;
                match (self.texts.get(&node.span.start), before) {
                    (Some(text), Some(b'"')) => aligned(text, raw, range.start, Escapes::Backslashes),
                    (Some(text), Some(b'\'')) => aligned(text, raw, range.start, Escapes::Doubled),
                    (Some(text), _) => aligned(text, raw, range.start, Escapes::None),
                    (None, Some(b'"')) => unescaped(raw, range.start),
                    (None, _) => Some(Script::plain(raw, range.start)),
                }
            }
        }
    }
}
