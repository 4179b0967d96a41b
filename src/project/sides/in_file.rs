//! What a file looks like, where nothing around it tells where it runs.

use super::outline::Outline;
use super::tables::{InFile, common};
use super::uses::Use;
use super::{Evidence, Side, Verdict};
use std::ops::Range;
use std::path::Path;

/// The answer by what is in a file, if anything in it tells.
pub(super) fn verdict(path: &Path, outline: &Outline, text: &str) -> Option<Verdict> {
    let table = &common().evidence;
    let (side, range, note) = match server(table, outline, text) {
        Some((range, note)) => (Side::Server, range, note),
        None => client(table, outline, text).map(|(range, note)| (Side::Client, range, note))?,
    };
    Some(Verdict { weak: true, ..Verdict::new(side, vec![Evidence::at(path, range, note)]) })
}

fn server(table: &InFile, outline: &Outline, text: &str) -> Option<(Range<usize>, String)> {
    let first = text.lines().next().unwrap_or("");
    if first.starts_with("#!") {
        return Some((0..first.len(), "started from the command line".to_owned()));
    }
    if let Some((name, range)) = imported(outline, &table.server_packages) {
        return Some((range, format!("uses `{name}`, which runs on servers")));
    }
    let process = outline.parts.iter().flat_map(|part| &part.uses).find(|(used, _)| {
        matches!(used, Use::Name(name, Some(field)) if name == "process"
            && matches!(field.as_str(), "exit" | "argv" | "stdin" | "stdout" | "cwd" | "on" | "pid" | "exitCode"))
    });
    if let Some((_, range)) = process {
        return Some((range.clone(), "speaks to the process it runs in".to_owned()));
    }
    global(outline, &table.server_names, "servers")
}

fn client(table: &InFile, outline: &Outline, text: &str) -> Option<(Range<usize>, String)> {
    if let Some((name, range)) = imported(outline, &table.client_packages) {
        return Some((range, format!("uses `{name}`, which runs in the client")));
    }
    let hook = outline.imports.values().find(|import| {
        let names = table.client_imports.get(&import.specifier);
        names.zip(import.name.as_ref()).is_some_and(|(names, name)| names.contains(name))
    });
    if let Some(import) = hook {
        return Some((import.range.clone(), "a component that runs in the client".to_owned()));
    }
    // Code that asks whether there is a page runs without one too.
    if text.contains("typeof window") || text.contains("typeof document") {
        return None;
    }
    global(outline, &table.client_names, "browsers")
}

/// The first import of a package of a list.
pub(super) fn imported(outline: &Outline, packages: &[String]) -> Option<(String, Range<usize>)> {
    let fits = |specifier: &str| {
        packages.iter().any(|package| match specifier.strip_prefix(package.as_str()) {
            Some(rest) => rest.is_empty() || rest.starts_with('/') || package.ends_with(['/', ':']),
            None => false,
        })
    };
    outline.specifiers.iter().find(|(specifier, _)| fits(specifier)).cloned()
}

fn global(outline: &Outline, names: &[String], whose: &str) -> Option<(Range<usize>, String)> {
    let found = outline.globals.iter().find(|(name, _)| names.contains(name));
    found.map(|(name, range)| (range.clone(), format!("uses `{name}`, which only {whose} have")))
}
