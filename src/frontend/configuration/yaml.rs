//! YAML: several documents, anchors with a bound on what they expand to, merges, block scalars.

use super::Builder;
use crate::frontend::Lowered;
use crate::program::tree::{Comment, Entry, EntryKey, Expr, ExprKind, Literal};
use crate::span::FileId;
use granit_parser::{Event, Parser, ScalarStyle, Span, Tag};
use std::collections::HashMap;
use std::ops::Range;

/// Nodes that aliases of one file may add.
const MAX_EXPANDED: usize = 20_000;
/// Nodes nested deeper than this are left out.
const MAX_DEPTH: usize = 200;

/// Lowers a file; what stands before a mistake is kept.
pub fn lower(file: FileId, source: &str) -> Lowered {
    lower_with_texts(file, source).0
}

/// Texts that the file writes in another way, by where their nodes start.
pub type Texts = HashMap<u32, String>;

/// As [`lower`], with the texts that the file writes with escapes, indents or folds.
pub fn lower_with_texts(file: FileId, source: &str) -> (Lowered, Texts) {
    let builder = Builder { file, source };
    let mut reader = Reader {
        builder,
        stack: Vec::new(),
        anchors: HashMap::new(),
        documents: Vec::new(),
        expanded: 0,
        texts: Texts::new(),
    };
    let mut comments: Vec<Comment> = Vec::new();
    let mut problem = None;
    for next in Parser::new_from_str(source) {
        match next {
            Ok((Event::Comment(text, _), span)) => comments.push(builder.comment(&text, range(&span))),
            Ok((event, span)) => reader.take(event, &span),
            Err(error) => {
                problem = Some((error.marker().byte_offset().unwrap_or(0), "this is no YAML that can be read"));
                break;
            }
        }
    }
    let end = problem.map_or(source.len(), |(at, _)| at);
    while !reader.stack.is_empty() {
        reader.close(end);
    }
    comments.sort_by_key(|comment| comment.span);
    (builder.lowered(reader.documents, comments, problem), reader.texts)
}

fn range(span: &Span) -> Range<usize> {
    span.byte_range().unwrap_or(0..0)
}

/// A collection that is still open.
struct Open {
    start: usize,
    anchor: usize,
    kind: Kind,
}

enum Kind {
    List(Vec<Expr>),
    Map(Vec<Entry>, Option<Expr>),
}

struct Reader<'t> {
    builder: Builder<'t>,
    stack: Vec<Open>,
    anchors: HashMap<usize, (Expr, usize)>,
    documents: Vec<Expr>,
    expanded: usize,
    texts: Texts,
}

impl Reader<'_> {
    fn take(&mut self, event: Event<'_>, span: &Span) {
        let place = range(span);
        match event {
            Event::DocumentStart(..) => self.anchors.clear(),
            Event::Scalar(text, style, anchor, tag) => {
                let value = self.scalar(&text, style, tag.as_deref(), place);
                if self.builder.source.get(value.span.range()) != Some(&*text) {
                    self.texts.insert(value.span.start, text.to_string());
                }
                self.done(value, anchor);
            }
            Event::SequenceStart(_, anchor, _) => {
                self.stack.push(Open { start: place.start, anchor, kind: Kind::List(Vec::new()) });
            }
            Event::MappingStart(_, anchor, _) => {
                self.stack.push(Open { start: place.start, anchor, kind: Kind::Map(Vec::new(), None) });
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(place.end),
            Event::Alias(id) => {
                let value = match self.anchors.get(&id) {
                    Some((value, size)) if self.expanded + size <= MAX_EXPANDED => {
                        self.expanded += size;
                        value.clone()
                    }
                    _ => self.builder.expr(place, ExprKind::Opaque(Vec::new())),
                };
                self.done(value, 0);
            }
            _ => {}
        }
    }

    fn scalar(&self, text: &str, style: ScalarStyle, tag: Option<&Tag>, place: Range<usize>) -> Expr {
        let builder = self.builder;
        // `!vault`, `!Ref`, `!secret`: what stands behind such a tag is not the value.
        if tag.is_some_and(|tag| !tag.is_yaml_core_schema()) {
            return builder.expr(place, ExprKind::Opaque(Vec::new()));
        }
        match style {
            ScalarStyle::Plain if tag.is_none() => match text {
                "" | "~" | "null" | "Null" | "NULL" => builder.literal(Literal::Null, place),
                "true" | "True" | "TRUE" => builder.literal(Literal::Boolean(true), place),
                "false" | "False" | "FALSE" => builder.literal(Literal::Boolean(false), place),
                number if is_number(number) => builder.literal(Literal::Number(number.to_owned()), place),
                _ => builder.text(text, place),
            },
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                builder.text(text, place.start + 1..place.end.saturating_sub(1).max(place.start + 1))
            }
            _ => {
                let raw = builder.source.get(place.clone()).unwrap_or("");
                builder.text(text, place.start..place.start + raw.trim_end().len())
            }
        }
    }

    /// A finished node becomes part of what is open, or a document.
    fn done(&mut self, value: Expr, anchor: usize) {
        if anchor != 0 {
            let size = size(&value, 0);
            self.anchors.insert(anchor, (value.clone(), size));
        }
        // What is nested too deeply is left out, so that nothing that walks the tree runs out of stack.
        let deep = self.stack.len() > MAX_DEPTH;
        match self.stack.last_mut().map(|open| &mut open.kind) {
            None => self.documents.push(value),
            Some(Kind::List(items)) => {
                if !deep {
                    items.push(value);
                }
            }
            Some(Kind::Map(entries, key)) => match key.take() {
                None => *key = Some(value),
                Some(_) if deep => {}
                Some(key) => {
                    let span = key.span;
                    let key = match key.kind {
                        ExprKind::Literal(Literal::Text(text)) if text == "<<" => {
                            let bases = match value.kind {
                                ExprKind::List(items) => items.into_iter().map(|item| item.value).collect(),
                                _ => vec![value],
                            };
                            entries.extend(bases.into_iter().map(|value| Entry {
                                key: EntryKey::Spread,
                                key_span: span,
                                value,
                            }));
                            return;
                        }
                        ExprKind::Literal(Literal::Text(text) | Literal::Number(text)) => EntryKey::Name(text),
                        ExprKind::Literal(Literal::Boolean(value)) => EntryKey::Name(value.to_string()),
                        _ => EntryKey::Computed(Box::new(key)),
                    };
                    entries.push(Entry { key, key_span: span, value });
                }
            },
        }
    }

    fn close(&mut self, end: usize) {
        let Some(open) = self.stack.pop() else { return };
        let place = open.start..end.max(open.start);
        let value = match open.kind {
            Kind::List(items) => self.builder.list(items, place),
            Kind::Map(entries, _) => self.builder.object(entries, place),
        };
        self.done(value, open.anchor);
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '_'))
}

/// Nodes in a value, up to the bound.
fn size(value: &Expr, depth: usize) -> usize {
    if depth > MAX_DEPTH {
        return MAX_EXPANDED;
    }
    let inner: usize = match &value.kind {
        ExprKind::List(items) => items.iter().map(|item| size(&item.value, depth + 1)).sum(),
        ExprKind::Object { entries, .. } => entries.iter().map(|entry| size(&entry.value, depth + 1)).sum(),
        _ => 0,
    };
    inner + 1
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::super::testing::flat;
    use super::*;

    fn read(source: &str) -> Vec<String> {
        flat(&lower(FileId(0), source), source)
    }

    #[test]
    fn documents_lists_and_block_scalars() {
        let source = "a: é # one\nb:\n  - 'x'\n  - \"y\"\n  - 12\n---\nc: |\n  l1\n  l2\nd: !vault x\n";
        assert_eq!(read(source)[..4], [".a=é", ".b[]=x", ".b[]=y", ".b[]=#12"]);
        assert!(read(source)[4].starts_with(".c=l1\nl2\n @"), "{:?}", read(source));
        assert_eq!(read(source).len(), 5);
    }

    #[test]
    fn anchors_and_merges_are_followed() {
        let source = "x: &base\n  k: v\ny:\n  <<: *base\n  z: *base\n";
        let lowered = lower(FileId(0), source);
        assert_eq!(flat(&lowered, source), [".x.k=v", ".y.z.k=v"]);
    }

    #[test]
    fn expansion_and_nesting_are_bounded() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let before = format!("*a{}", level - 1);
            bomb.push_str(&format!("a{level}: &a{level} [{}]\n", vec![before; 10].join(", ")));
        }
        assert!(read(&bomb).len() < 2 * MAX_EXPANDED);
        lower(FileId(0), &"[".repeat(100_000));
        lower(FileId(0), &"- ".repeat(100_000));
    }

    #[test]
    fn what_stands_before_a_mistake_is_kept() {
        let source = "a: b\nc: [d\ne: f: g\n";
        let lowered = lower(FileId(0), source);
        assert_eq!(lowered.problems.len(), 1);
        assert_eq!(flat(&lowered, source)[0], ".a=b");
    }
}
