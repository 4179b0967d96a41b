//! Configuration files: each becomes one object (or list) with the spans of its keys and values.

pub mod dotenv;
pub mod hcl;
pub mod ini;
mod interpolation;
pub mod json;
pub mod sql;
pub mod toml;
pub mod xml;
pub mod yaml;

use crate::frontend::{Lowered, Problem};
use crate::program::tree::{Argument, Comment, Entry, EntryKey, Expr, ExprKind, Item, ItemKind, Literal, Module};
use crate::span::{FileId, Span};
use std::ops::Range;

/// The namespace of configuration: no library has models for it.
pub const NAMESPACE: &str = "configuration";

/// Makes the nodes of one file.
#[derive(Clone, Copy)]
struct Builder<'t> {
    file: FileId,
    source: &'t str,
}

impl<'t> Builder<'t> {
    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.file, range.start, range.end)
    }

    fn expr(&self, range: Range<usize>, kind: ExprKind) -> Expr {
        Expr { span: self.span(range), kind }
    }

    /// A text value that stands between quotes or bare; variables in it become holes.
    fn text(&self, text: &str, range: Range<usize>) -> Expr {
        interpolation::text(*self, text, range)
    }

    /// A text value in which nothing is replaced.
    fn plain(&self, text: &str, range: Range<usize>) -> Expr {
        self.expr(range, ExprKind::Literal(Literal::Text(text.to_owned())))
    }

    fn literal(&self, literal: Literal, range: Range<usize>) -> Expr {
        self.expr(range, ExprKind::Literal(literal))
    }

    fn list(&self, items: Vec<Expr>, range: Range<usize>) -> Expr {
        let items = items.into_iter().map(|value| Argument { name: None, value, spread: false }).collect();
        self.expr(range, ExprKind::List(items))
    }

    fn object(&self, entries: Vec<Entry>, range: Range<usize>) -> Expr {
        self.expr(range, ExprKind::Object { ty: None, entries })
    }

    fn entry(&self, key: &str, key_range: Range<usize>, value: Expr) -> Entry {
        Entry { key: EntryKey::Name(key.to_owned()), key_span: self.span(key_range), value }
    }

    fn comment(&self, text: &str, range: Range<usize>) -> Comment {
        Comment { span: self.span(range), text: text.trim().to_owned(), doc: false }
    }

    /// One file: each document is a public constant `default`.
    fn lowered(&self, documents: Vec<Expr>, comments: Vec<Comment>, problem: Option<(usize, &str)>) -> Lowered {
        let item = |value: Expr| Item {
            span: value.span,
            name_span: Span { end: value.span.start, ..value.span },
            name: "default".to_owned(),
            public: true,
            attributes: Vec::new(),
            kind: ItemKind::Constant { ty: None, value: Some(value) },
        };
        let module = Module {
            file: self.file,
            namespace: NAMESPACE,
            attributes: Vec::new(),
            items: documents.into_iter().map(item).collect(),
            comments,
        };
        let problems = problem
            .map(|(at, message)| Problem { span: self.span(at..at), message: message.to_owned() })
            .into_iter()
            .collect();
        Lowered { module, problems }
    }
}

#[cfg(test)]
mod testing {
    use super::*;
    use crate::program::tree::TemplatePart;

    /// `path=value` of every text in a file, in order, with the text its span covers behind `@` where it differs.
    pub(super) fn flat(lowered: &Lowered, source: &str) -> Vec<String> {
        let mut all = Vec::new();
        for item in &lowered.module.items {
            if let ItemKind::Constant { value: Some(value), .. } = &item.kind {
                walk(value, "", source, &mut all);
            }
        }
        all
    }

    fn walk(value: &Expr, path: &str, source: &str, all: &mut Vec<String>) {
        let covered = source.get(value.span.range()).unwrap_or("?");
        match &value.kind {
            ExprKind::Literal(Literal::Text(text)) if text == covered => all.push(format!("{path}={text}")),
            ExprKind::Literal(Literal::Text(text)) => all.push(format!("{path}={text} @ {covered}")),
            ExprKind::Literal(Literal::Number(text)) => all.push(format!("{path}=#{text}")),
            ExprKind::Literal(Literal::Boolean(value)) => all.push(format!("{path}=!{value}")),
            ExprKind::Literal(_) => all.push(format!("{path}=null")),
            ExprKind::Name(name) => all.push(format!("{path}=${}", name.last())),
            ExprKind::Binary { left, right, .. } => {
                walk(left, path, source, all);
                walk(right, &format!("{path}:-"), source, all);
            }
            ExprKind::Template(parts) => {
                for part in parts {
                    match part {
                        TemplatePart::Text { text, span } => {
                            assert_eq!(source.get(span.range()), Some(text.as_str()));
                            all.push(format!("{path}~{text}"));
                        }
                        TemplatePart::Hole { value, .. } => walk(value, path, source, all),
                    }
                }
            }
            ExprKind::Object { entries, .. } => {
                for entry in entries {
                    if let EntryKey::Name(name) = &entry.key {
                        walk(&entry.value, &format!("{path}.{name}"), source, all);
                    }
                }
            }
            ExprKind::List(items) => {
                for item in items {
                    walk(&item.value, &format!("{path}[]"), source, all);
                }
            }
            ExprKind::Opaque(parts) => {
                for part in parts {
                    walk(part, &format!("{path}?"), source, all);
                }
            }
            _ => all.push(format!("{path}=other")),
        }
    }
}
