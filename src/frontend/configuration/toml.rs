//! TOML. Comments are no part of what the reader gives and are looked for between the values.

use super::Builder;
use crate::frontend::Lowered;
use crate::program::tree::{Comment, Expr, Literal};
use crate::span::FileId;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Lowers a file; what stands before and behind a mistake is still read.
pub fn lower(file: FileId, source: &str) -> Lowered {
    let builder = Builder { file, source };
    let bom = usize::from(source.starts_with('\u{feff}')) * '\u{feff}'.len_utf8();
    let text = source.get(bom..).unwrap_or("");
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut texts = Vec::new();
    let value = lower_table(builder, bom, table.get_ref(), 0..source.len(), &mut texts);
    texts.sort_by_key(|range: &Range<usize>| range.start);
    let comments = comments(builder, &texts);
    let problem = errors
        .first()
        .map(|error| (error.span().map_or(0, |span| span.start) + bom, "this is no TOML that can be read"));
    builder.lowered(vec![value], comments, problem)
}

fn lower_table(
    builder: Builder<'_>,
    bom: usize,
    table: &DeTable<'_>,
    range: Range<usize>,
    texts: &mut Vec<Range<usize>>,
) -> Expr {
    let mut entries: Vec<_> = table
        .iter()
        .map(|(key, value)| {
            let key_range = key.span().start + bom..key.span().end + bom;
            builder.entry(key.get_ref(), key_range, lower_value(builder, bom, value, texts))
        })
        .collect();
    entries.sort_by_key(|entry| entry.key_span);
    builder.object(entries, range)
}

fn lower_value(builder: Builder<'_>, bom: usize, value: &Spanned<DeValue<'_>>, texts: &mut Vec<Range<usize>>) -> Expr {
    let range = value.span().start + bom..value.span().end + bom;
    stacker::maybe_grow(64 * 1024, 1024 * 1024, || match value.get_ref() {
        DeValue::String(text) => {
            texts.push(range.clone());
            builder.text(text, inside(builder.source, range.clone()))
        }
        DeValue::Boolean(boolean) => builder.literal(Literal::Boolean(*boolean), range),
        DeValue::Array(items) => {
            let items = items.iter().map(|item| lower_value(builder, bom, item, texts)).collect();
            builder.list(items, range)
        }
        DeValue::Table(table) => lower_table(builder, bom, table, range, texts),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) => {
            let written = builder.source.get(range.clone()).unwrap_or("").replace('_', "");
            builder.literal(Literal::Number(written), range)
        }
    })
}

/// A string's range without its quotes.
fn inside(source: &str, range: Range<usize>) -> Range<usize> {
    let raw = source.get(range.clone()).unwrap_or("");
    for quote in ["\"\"\"", "'''", "\"", "'"] {
        if raw.len() >= 2 * quote.len() && raw.starts_with(quote) && raw.ends_with(quote) {
            return range.start + quote.len()..range.end - quote.len();
        }
    }
    range
}

/// `#` outside of strings starts a comment. `texts` are the strings that are values, in order; strings in keys are rare
/// and skipped by their quotes.
fn comments(builder: Builder<'_>, texts: &[Range<usize>]) -> Vec<Comment> {
    let mut comments = Vec::new();
    let bytes = builder.source.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let next = texts.partition_point(|range| range.end <= at);
        if let Some(range) = texts.get(next).filter(|range| range.start <= at) {
            at = range.end.max(at + 1);
            continue;
        }
        match bytes.get(at) {
            Some(b'#') => {
                let rest = bytes.get(at..).unwrap_or_default();
                let end = at + memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
                let text = builder.source.get(at..end).unwrap_or("").trim_end();
                comments.push(builder.comment(text.trim_start_matches('#'), at..at + text.len()));
                at = end;
            }
            Some(quote @ (b'"' | b'\'')) => {
                let rest = bytes.get(at + 1..).unwrap_or_default();
                let end = memchr::memchr2(*quote, b'\n', rest).unwrap_or(rest.len());
                at += end + 2;
            }
            _ => at += 1,
        }
    }
    comments
}

#[cfg(test)]
mod tests {
    use super::super::testing::flat;
    use super::*;

    fn read(source: &str) -> Vec<String> {
        flat(&lower(FileId(0), source), source)
    }

    #[test]
    fn tables_and_texts_have_their_places() {
        let source = "a = \"x#y\" # one\n[t.\"u#\"] # two\nb = 'z'\nn = 1_000\nm = '''q'''\n[[l]]\nc = [true]\n";
        assert_eq!(read(source), [".a=x#y", ".t.u#.b=z", ".t.u#.n=#1000", ".t.u#.m=q", ".l[].c[]=!true"]);
        let comments: Vec<_> = lower(FileId(0), source).module.comments.into_iter().map(|c| c.text).collect();
        assert_eq!(comments, ["one", "two"]);
    }

    #[test]
    fn what_stands_around_a_mistake_is_read() {
        let source = "a = \"x\"\nb = \n[t]\nc = \"y\"\n";
        let lowered = lower(FileId(0), source);
        assert_eq!(lowered.problems.len(), 1);
        assert!(flat(&lowered, source).contains(&".t.c=y".to_owned()));
    }
}
