//! Shell (POSIX sh, bash and what is written like them) to the program tree.
//!
//! A script is a function of its file's name; commands are calls, variables belong to whoever runs the commands. What a
//! command writes is its value. What the language itself does beyond that (capturing, files, background) is called by
//! names under `shell::`, which the models know.

mod bats;
mod commands;
mod conditions;
mod control;
mod nodes;
pub(in crate::frontend) mod script;
mod sources;
mod statements;
#[cfg(test)]
mod tests;
mod words;

pub use sources::specifiers;

use super::{Lowered, Problem};
use crate::program::tree::{Comment, Expr, Import, Item, ItemKind, Module, Path as Name};
use crate::span::{FileId, Span};
use regex::Regex;
use script::Script;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tree_sitter::{Node, ParseOptions, Parser};

/// The namespace of the programs' and the language's models.
pub const NAMESPACE: &str = "shell";

/// Commands nested deeper than this are not looked into.
const MAX_DEPTH: usize = 128;
/// Scripts in the quotes of scripts are read so many levels deep.
const MAX_QUOTED: usize = 4;
/// A parser that takes longer is stopped: no script that somebody wrote needs it.
const MAX_TIME: Duration = Duration::from_secs(5);

/// Lowers a script file. `path` names its main function.
pub fn lower(path: &Path, file: FileId, text: &str) -> Lowered {
    let script = match bats::is_bats(path) {
        true => Script::plain(&bats::as_shell(text), 0),
        false => Script::plain(text, 0),
    };
    let part = lower_part(file, &script);
    let span = Span::new(file, 0, text.len());
    let mut statements = part.statements;
    if text.lines().next().is_some_and(traced_by_first_line) {
        let start = Span { end: span.start, ..span };
        statements.insert(0, trace(start, true));
    }
    let mut items = part.items;
    items.push(main(path, span, statements));
    let problems = part.problem.into_iter().collect();
    let module = Module { file, namespace: NAMESPACE, attributes: Vec::new(), items, comments: part.comments };
    Lowered { module, problems }
}

/// The function that is a whole script: it goes by the name of its file.
pub(in crate::frontend) fn main(path: &Path, span: Span, statements: Vec<Expr>) -> Item {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    called(&name, span, statements)
}

/// A function that is a script, by the name that scripts call it.
pub(in crate::frontend) fn called(name: &str, span: Span, statements: Vec<Expr>) -> Item {
    let at = Span { end: span.start, ..span };
    nodes::definition(span, at, name, nodes::block(span, statements))
}

/// A statement that says whether what follows is written to the log.
fn trace(span: Span, on: bool) -> Expr {
    let value = nodes::expr(span, crate::program::tree::ExprKind::Literal(crate::program::tree::Literal::Boolean(on)));
    nodes::assign(span, nodes::variable(span, nodes::TRACE), value)
}

/// `#!/bin/bash -x`
fn traced_by_first_line(line: &str) -> bool {
    let options = line.strip_prefix("#!").map(|rest| rest.split_whitespace().skip(1));
    options.into_iter().flatten().any(|word| word.starts_with('-') && !word.starts_with("--") && word.contains('x'))
}

/// What a script is made of.
pub(in crate::frontend) struct Part {
    /// Functions and the files it takes in.
    pub items: Vec<Item>,
    /// Its commands.
    pub statements: Vec<Expr>,
    /// Its comments.
    pub comments: Vec<Comment>,
    /// What could not be read.
    pub problem: Option<Problem>,
}

/// Lowers a script that stands somewhere in a file.
pub(in crate::frontend) fn lower_part(file: FileId, script: &Script) -> Part {
    lower_inside(file, script, 0)
}

/// Lowers a script that stands in quotes of a script, so many levels deep.
fn lower_inside(file: FileId, script: &Script, quoted: usize) -> Part {
    let mut lowerer = Lowerer { quoted, ..Lowerer::new(file, script) };
    let Some(tree) = parse(&script.text) else {
        let span = script.span(file, 0, 0);
        let problem = Some(Problem { span, message: "this is no shell script that can be read".to_owned() });
        return Part { items: Vec::new(), statements: Vec::new(), comments: Vec::new(), problem };
    };
    let root = tree.root_node();
    let statements = lowerer.list(root);
    lowerer.comments(root);
    let problem = first_error(root).map(|node| Problem {
        span: lowerer.span(node),
        message: "a part of this shell script could not be read".to_owned(),
    });
    Part { items: lowerer.items, statements, comments: lowerer.found_comments, problem }
}

// How long it takes is asked for to end what would take too long; then nothing that comes of it is kept.
#[allow(clippy::disallowed_methods)]
fn parse(text: &str) -> Option<tree_sitter::Tree> {
    let mut parser = Parser::new();
    parser.set_language(&tree_sitter_bash::LANGUAGE.into()).ok()?;
    let started = Instant::now();
    let mut progress = |_: &tree_sitter::ParseState| match started.elapsed() > MAX_TIME {
        true => {
            crate::project::disk::not_repeatable();
            ControlFlow::Break(())
        }
        false => ControlFlow::Continue(()),
    };
    let ended = assignments_ended(text);
    let bytes = ended.as_slice();
    let mut read = |offset: usize, _| bytes.get(offset..).unwrap_or_default();
    parser.parse_with_options(&mut read, None, Some(ParseOptions::new().progress_callback(&mut progress)))
}

/// The text with a semicolon in place of the line end behind several assignments (`a=1 b=2`): the grammar takes the
/// next line for the command that they belong to. Places stay as they are.
fn assignments_ended(text: &str) -> Vec<u8> {
    static LINE: OnceLock<Option<Regex>> = OnceLock::new();
    let pattern =
        r#"^[ \t]*(?:[A-Za-z_]\w*=(?:"[^"\\`]*"|'[^']*'|\$\w+|\$\{[^}]*\}|[^\s"'`\\$;&|<>(){}#])*[ \t]*){2,}$"#;
    let mut bytes = text.as_bytes().to_vec();
    let Some(line_shape) = LINE.get_or_init(|| Regex::new(pattern).ok()) else { return bytes };
    let mut at = 0;
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        at += line.len();
        // A word alone may be the mark that ends a here-document.
        let marks = lines.peek().is_none_or(|next| next.trim().chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
        let ends = line.strip_suffix('\n').is_some_and(|line| line.contains('=') && line_shape.is_match(line));
        if ends
            && !marks
            && let Some(end) = at.checked_sub(1).and_then(|end| bytes.get_mut(end))
        {
            *end = b';';
        }
    }
    bytes
}

/// The first place that is no shell.
fn first_error(root: Node<'_>) -> Option<Node<'_>> {
    if !root.has_error() {
        return None;
    }
    let mut cursor = root.walk();
    loop {
        let node = cursor.node();
        if node.is_error() || node.is_missing() {
            return Some(node);
        }
        if node.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return Some(root);
            }
        }
    }
}

/// Lowers the nodes of one script.
pub(super) struct Lowerer<'s> {
    file: FileId,
    script: &'s Script,
    items: Vec<Item>,
    found_comments: Vec<Comment>,
    /// How deep the node being lowered lies.
    depth: usize,
    /// Functions around the node being lowered.
    functions: usize,
    /// Scripts around this one in whose quotes it stands.
    quoted: usize,
    /// The folder below the one it began in, as far as `cd` says so by name.
    folder: String,
}

impl<'s> Lowerer<'s> {
    fn new(file: FileId, script: &'s Script) -> Self {
        Self {
            file,
            script,
            items: Vec::new(),
            found_comments: Vec::new(),
            depth: 0,
            functions: 0,
            quoted: 0,
            folder: String::new(),
        }
    }

    fn span(&self, node: Node<'_>) -> Span {
        self.script.span(self.file, node.start_byte(), node.end_byte())
    }

    fn range(&self, start: usize, end: usize) -> Span {
        self.script.span(self.file, start, end)
    }

    fn text(&self, node: Node<'_>) -> &'s str {
        self.script.text.get(node.byte_range()).unwrap_or("")
    }

    /// Runs something one level deeper; beyond the bound nothing is known.
    fn deeper(&mut self, node: Node<'_>, run: impl FnOnce(&mut Self) -> Expr) -> Expr {
        if self.depth >= MAX_DEPTH {
            return nodes::opaque(self.span(node), Vec::new());
        }
        self.depth += 1;
        let result = stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || run(self));
        self.depth -= 1;
        result
    }

    fn comments(&mut self, root: Node<'_>) {
        let mut cursor = root.walk();
        loop {
            let node = cursor.node();
            if node.kind() == "comment" {
                let text = self.text(node).trim_start_matches('#').trim().to_owned();
                self.found_comments.push(Comment { span: self.span(node), text, doc: false });
            }
            if cursor.goto_first_child() {
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
            }
        }
    }

    /// A path below the folder in which the commands run.
    fn below(&self, path: &str) -> Option<String> {
        (!self.folder.is_empty()).then(|| sources::joined(&self.folder, path))
    }

    /// A file of the project whose commands run here, or are run with arguments.
    fn takes_in(&mut self, span: Span, specifier: &str) {
        let path = Name { anchor: crate::program::tree::Anchor::File, segments: vec![specifier.to_owned()] };
        let kind = ItemKind::Import(Import { path, alias: String::new(), glob: true });
        self.items.push(nodes::item(span, span, "", kind));
    }

    /// One script of a file of the project, by its name.
    fn takes_in_one(&mut self, span: Span, file: &str, name: &str) {
        let segments = vec![file.to_owned(), name.to_owned()];
        let path = Name { anchor: crate::program::tree::Anchor::File, segments };
        let kind = ItemKind::Import(Import { path, alias: name.to_owned(), glob: false });
        self.items.push(nodes::item(span, span, "", kind));
    }
}

/// The children of a node that have a name in the grammar.
fn named(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.named_children(&mut cursor).collect()
}

fn children(node: Node<'_>) -> Vec<Node<'_>> {
    let mut cursor = node.walk();
    node.children(&mut cursor).collect()
}
