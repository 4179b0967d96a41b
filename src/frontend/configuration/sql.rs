//! SQL as far as it writes rows down: `INSERT` with its columns, and `UPDATE` of a setting by its name. The rest is read as
//! text.

use super::Builder;
use crate::frontend::{Lowered, TEXT};
use crate::program::tree::{Entry, Expr};
use crate::span::FileId;
use std::ops::Range;

/// Rows of one file that are kept.
const MAX_ROWS: usize = 5_000;

enum Token<'t> {
    /// A word, a quoted name, or a number.
    Word(&'t str),
    /// A text, with its value.
    Text(String),
    Sign(u8),
}

/// Lowers a file: each row is an object of its columns.
pub fn lower(file: FileId, source: &str) -> Lowered {
    let builder = Builder { file, source };
    let tokens = tokens(source);
    let mut rows = Vec::new();
    let mut at = 0;
    while at < tokens.len() && rows.len() < MAX_ROWS {
        if is_word(&tokens, at, "insert") || is_word(&tokens, at, "replace") {
            at = insert(builder, &tokens, at + 1, &mut rows);
        } else if is_word(&tokens, at, "update") {
            at = update(builder, &tokens, at + 1, &mut rows);
        } else {
            at += 1;
        }
    }
    let mut lowered = builder.lowered(rows, Vec::new(), None);
    lowered.module.namespace = TEXT;
    lowered
}

type Tokens<'t> = Vec<(Token<'t>, Range<usize>)>;

fn tokens(source: &str) -> Tokens<'_> {
    let bytes = source.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let rest = source.get(at..).unwrap_or("");
        let length = match byte {
            b'-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            b'/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            b'\'' => {
                let (value, length) = text(rest);
                found.push((Token::Text(value), at + 1..at + length.saturating_sub(1).max(1)));
                length
            }
            b'"' | b'`' | b'[' => {
                let close = if *byte == b'[' { ']' } else { char::from(*byte) };
                let inner = rest.get(1..).and_then(|inner| inner.find(close)).unwrap_or(rest.len().saturating_sub(1));
                found.push((Token::Word(rest.get(1..1 + inner).unwrap_or("")), at + 1..at + 1 + inner));
                inner + 2
            }
            byte if byte.is_ascii_whitespace() => 1,
            byte if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b':' | b'@') => {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | ':' | '@')));
                let length = end.unwrap_or(rest.len()).max(1);
                found.push((Token::Word(rest.get(..length).unwrap_or("")), at..at + length));
                length
            }
            byte => {
                found.push((Token::Sign(*byte), at..at + 1));
                rest.chars().next().map_or(1, char::len_utf8)
            }
        };
        at += length.max(1);
        while at < source.len() && !source.is_char_boundary(at) {
            at += 1;
        }
    }
    found
}

/// The value of a text that begins here, and its length with its quotes. A quote in it is doubled.
fn text(rest: &str) -> (String, usize) {
    let mut value = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((index, c)) = chars.next() {
        if c != '\'' {
            value.push(c);
        } else if chars.next_if(|(_, next)| *next == '\'').is_some() {
            value.push('\'');
        } else {
            return (value, index + 1);
        }
    }
    (value, rest.len())
}

fn is_word(tokens: &Tokens<'_>, at: usize, word: &str) -> bool {
    matches!(tokens.get(at), Some((Token::Word(text), _)) if text.eq_ignore_ascii_case(word))
}

fn is_sign(tokens: &Tokens<'_>, at: usize, sign: u8) -> bool {
    matches!(tokens.get(at), Some((Token::Sign(other), _)) if *other == sign)
}

/// `INTO table (columns) VALUES (values), …`. Returns where it ends.
fn insert(builder: Builder<'_>, tokens: &Tokens<'_>, mut at: usize, rows: &mut Vec<Expr>) -> usize {
    while at < tokens.len() && !is_sign(tokens, at, b'(') && !is_sign(tokens, at, b';') {
        at += 1;
    }
    let (columns, next) = list(tokens, at);
    let columns: Vec<&(Token<'_>, Range<usize>)> = columns.into_iter().flatten().collect();
    at = next;
    if !is_word(tokens, at, "values") {
        return at.max(1);
    }
    at += 1;
    while is_sign(tokens, at, b'(') {
        let (values, next) = list(tokens, at);
        let start = tokens.get(at).map_or(0, |(_, range)| range.start);
        let end = tokens.get(next.saturating_sub(1)).map_or(start, |(_, range)| range.end);
        let entries: Vec<Entry> = columns
            .iter()
            .zip(&values)
            .filter_map(|((column, place), value)| match (column, value) {
                (Token::Word(name), Some((Token::Text(text), range))) => {
                    Some(builder.entry(name, place.clone(), builder.plain(text, range.clone())))
                }
                _ => None,
            })
            .collect();
        rows.push(builder.object(entries, start..end));
        at = next;
        if rows.len() >= MAX_ROWS || !is_sign(tokens, at, b',') {
            break;
        }
        at += 1;
    }
    at
}

/// A value of a list, where it is one.
type Written<'a, 't> = Option<&'a (Token<'t>, Range<usize>)>;

/// The elements of a list in brackets, those of one token, and where it ends.
fn list<'a, 't>(tokens: &'a Tokens<'t>, mut at: usize) -> (Vec<Written<'a, 't>>, usize) {
    let (mut elements, mut element, mut depth) = (Vec::new(), Vec::new(), 0_usize);
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token.0 {
            Token::Sign(b'(') => depth += 1,
            Token::Sign(b')') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    break;
                }
            }
            Token::Sign(b',') if depth == 1 => elements.push(std::mem::take(&mut element)),
            Token::Sign(b';') => break,
            _ => element.push(token),
        }
    }
    elements.push(element);
    let single = |element: Vec<&'a (Token<'t>, Range<usize>)>| match element.as_slice() {
        [one] => Some(*one),
        _ => None,
    };
    (elements.into_iter().map(single).collect(), at)
}

/// `table SET column = value, … WHERE column = value`: one row of all that is said to be equal.
fn update(builder: Builder<'_>, tokens: &Tokens<'_>, start: usize, rows: &mut Vec<Expr>) -> usize {
    let mut entries = Vec::new();
    let mut at = start;
    while at < tokens.len() && !is_sign(tokens, at, b';') {
        if let (Some((Token::Word(name), place)), true, Some((Token::Text(text), range))) =
            (tokens.get(at), is_sign(tokens, at + 1, b'='), tokens.get(at + 2))
        {
            entries.push(builder.entry(name, place.clone(), builder.plain(text, range.clone())));
            at += 2;
        }
        at += 1;
    }
    let range = |at: usize| tokens.get(at).map_or(0..0, |(_, range)| range.clone());
    if !entries.is_empty() {
        rows.push(builder.object(entries, range(start).start..range(at.saturating_sub(1)).end));
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontend::configuration::testing::flat;

    #[test]
    fn rows_go_by_their_columns() {
        let source = "-- seeds\nINSERT INTO \"services\" (name, secret, n) VALUES ('a', 'it''s', 1), ('b', md5('x'), 2);\nUPDATE s SET value = 'v', at = now() WHERE name = 'k';\nSELECT 'x';";
        let rows = flat(&lower(FileId(0), source), source);
        assert_eq!(rows, [".name=a", ".secret=it's @ it''s", ".name=b", ".value=v", ".name=k"]);
    }

    #[test]
    fn what_ends_early_is_no_fault() {
        for source in
            ["INSERT", "INSERT INTO t (a", "INSERT INTO t (a) VALUES ('", "UPDATE t SET a = ", "'ä", "[", "\"é"]
        {
            let _ = lower(FileId(0), source);
        }
    }
}
