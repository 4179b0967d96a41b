//! Frontends: text in, program tree out. One file a language; none knows a rule or a library.

pub mod configuration;
pub mod embedded;
pub mod javascript;
pub mod markup;
pub mod mentions;
pub mod rust;
pub mod shell;

use crate::program::tree::{ItemKind, Module};
use crate::project::kind::FileKind;
use crate::span::{FileId, Span};
use std::path::Path;

/// What a frontend made of one file.
#[derive(Debug)]
pub struct Lowered {
    /// The tree. For a file that did not parse: strings and comments only.
    pub module: Module,
    /// What could not be read; each becomes a notification.
    pub problems: Vec<Problem>,
}

/// Something a frontend could not read.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// What was wrong. Never contains source text.
    pub message: String,
}

/// Whether files of a kind are looked into: in a tree of their own, or as text.
pub fn reads(kind: FileKind) -> bool {
    !matches!(kind, FileKind::Generated | FileKind::Binary)
}

/// Whether the frontend of a kind finds every comment. Where none does, comments are told by their lines.
pub fn finds_comments(kind: FileKind) -> bool {
    matches!(kind, FileKind::Rust | FileKind::JavaScript | FileKind::Shell)
}

/// The namespace of files without a frontend.
pub const TEXT: &str = "text";

/// Lowers a file of a kind; a kind without a frontend gives an empty tree. `path` is where it stands: its name can tell a
/// dialect.
pub fn lower(kind: FileKind, path: &Path, file: FileId, text: &str) -> Lowered {
    let mut texts = configuration::yaml::Texts::new();
    let mut lowered = lower_alone(kind, path, file, text, &mut texts);
    embedded::add(kind, path, text, &mut lowered.module, &texts);
    lowered
}

/// A file without the scripts in it.
fn lower_alone(
    kind: FileKind,
    path: &Path,
    file: FileId,
    text: &str,
    texts: &mut configuration::yaml::Texts,
) -> Lowered {
    match kind {
        FileKind::Rust => rust::lower(file, text),
        FileKind::JavaScript => javascript::lower(path, file, text),
        FileKind::Markup => markup::lower(path, file, text),
        FileKind::Dotenv => configuration::dotenv::lower(file, text),
        FileKind::Hcl => configuration::hcl::lower(file, text),
        FileKind::Ini if path.file_name().is_some_and(|name| name == ".netrc" || name == "_netrc") => {
            configuration::ini::lower_netrc(file, text)
        }
        FileKind::Ini if !configuration::ini::is_directives(text) => configuration::ini::lower(file, text),
        FileKind::Text if path.extension().is_some_and(|end| end == "sql") => configuration::sql::lower(file, text),
        FileKind::Xml => configuration::xml::lower(file, text),
        FileKind::Json => configuration::json::lower(file, text),
        FileKind::Shell => shell::lower(path, file, text),
        FileKind::Toml => configuration::toml::lower(file, text),
        FileKind::Yaml => {
            let (mut lowered, found) = configuration::yaml::lower_with_texts(file, text);
            *texts = found;
            // A template becomes YAML when it is filled in.
            if text.contains("{{") {
                lowered.problems.clear();
            }
            lowered
        }
        FileKind::Requests if text.trim_start_matches('\u{feff}').trim_start().starts_with(['{', '[']) => {
            configuration::json::lower(file, text)
        }
        FileKind::Requests if path.extension().is_some_and(|end| end == "yaml" || end == "yml") => {
            configuration::yaml::lower(file, text)
        }
        _ => {
            let module =
                Module { file, namespace: TEXT, attributes: Vec::new(), items: Vec::new(), comments: Vec::new() };
            Lowered { module, problems: Vec::new() }
        }
    }
}

/// The ranges of a file that its tree does not say everything about: comments and literals of several lines; all of it
/// when there is no tree.
pub fn unparsed(lowered: &Lowered, text: &str) -> Vec<std::ops::Range<usize>> {
    let whole = 0..text.len();
    // Templates inside a format, and what stands behind a mistake, are read as text.
    let template = lowered.module.namespace == configuration::NAMESPACE && text.contains("{{");
    let in_part = lowered.module.namespace == TEXT;
    let trees = lowered.module.items.iter().any(|item| !matches!(item.kind, ItemKind::Embedded(..)));
    if in_part || !trees || !lowered.problems.is_empty() || template {
        return Vec::from([whole]);
    }
    let mut ranges: Vec<_> = lowered.module.comments.iter().map(|comment| comment.span.range()).collect();
    let mut pending: Vec<&crate::program::tree::Expr> = Vec::new();
    for item in &lowered.module.items {
        if let ItemKind::Constant { value: Some(value), .. } = &item.kind {
            pending.push(value);
        }
    }
    while let Some(expr) = pending.pop() {
        if matches!(expr.kind, crate::program::tree::ExprKind::Literal(_) | crate::program::tree::ExprKind::Template(_))
        {
            let range = expr.span.range();
            if text.get(range.clone()).is_some_and(|raw| raw.contains([' ', '\n'])) {
                ranges.push(range);
            }
        }
        crate::program::visit::children(expr, &mut |child| pending.push(child));
    }
    ranges.sort_by_key(|range| range.start);
    ranges
}

/// Brackets nested deeper than this are not parsed: recursive parsers and their drop code would overflow the stack.
pub const MAX_NESTING: usize = 512;
