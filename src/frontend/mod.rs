//! Frontends: text in, program tree out. One file a language; none knows a rule or a library.

pub mod javascript;
pub mod rust;

use crate::program::tree::Module;
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

/// Whether files of a kind have a frontend.
pub fn reads(kind: FileKind) -> bool {
    matches!(kind, FileKind::Rust | FileKind::JavaScript)
}

/// Lowers a file of a kind; none when the kind has no frontend. `path` is where it stands: its name can tell a dialect.
pub fn lower(kind: FileKind, path: &Path, file: FileId, text: &str) -> Option<Lowered> {
    match kind {
        FileKind::Rust => Some(rust::lower(file, text)),
        FileKind::JavaScript => Some(javascript::lower(path, file, text)),
        _ => None,
    }
}

/// Brackets nested deeper than this are not parsed: recursive parsers and their drop code would overflow the stack.
pub const MAX_NESTING: usize = 512;
