//! Scripts of pages.

use super::super::javascript::{Dialect, Part, lower_part};
use super::tokens::Tag;
use crate::span::FileId;

/// The dialect of a script by its tag; none when it is no program.
pub(super) fn dialect(tag: &Tag, text: &str) -> Option<Dialect> {
    let kind = tag.value("type", text).unwrap_or("").trim().to_ascii_lowercase();
    let language = tag.value("lang", text).or_else(|| tag.value("language", text)).unwrap_or("");
    let language = language.trim().to_ascii_lowercase();
    if ["json", "template", "html", "importmap", "speculationrules", "handlebars", "mustache", "glsl", "x-shader"]
        .iter()
        .any(|other| kind.contains(other))
    {
        return None;
    }
    if language.starts_with("coffee") || language == "vbscript" || kind.contains("vbscript") || tag.has("is:raw", text)
    {
        return None;
    }
    Some(match (language.as_str(), kind.as_str()) {
        ("tsx", _) => Dialect::Tsx,
        ("ts" | "typescript", _) => Dialect::TypeScript,
        (_, kind) if kind.contains("typescript") => Dialect::TypeScript,
        _ => Dialect::JavaScript,
    })
}

/// Reads a script. Where a template puts something in that makes it no JavaScript, an identifier stands for that.
pub(super) fn read(file: FileId, text: &str, offset: usize, dialect: Dialect) -> Part {
    let plain = lower_part(file, text, offset, dialect);
    if plain.problems.is_empty() {
        return plain;
    }
    let filled = filled(text);
    if filled == text {
        return plain;
    }
    let part = lower_part(file, &filled, offset, dialect);
    if part.problems.is_empty() { part } else { plain }
}

/// The text, of the same length, with every template mark replaced: values by an identifier, everything else by spaces.
fn filled(text: &str) -> String {
    const MARKS: &[(&str, &str, bool)] = &[
        ("<%=", "%>", true),
        ("<%-", "%>", true),
        ("<?=", "?>", true),
        ("{{", "}}", true),
        ("<%", "%>", false),
        ("<?", "?>", false),
        ("{%", "%}", false),
        ("{#", "#}", false),
    ];
    let mut bytes = text.as_bytes().to_vec();
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or("");
        let mark = MARKS.iter().find(|(open, ..)| rest.starts_with(open));
        let Some((open, close, value)) = mark else {
            at += rest.chars().next().map_or(1, char::len_utf8);
            continue;
        };
        let length = match rest.get(open.len()..).and_then(|inside| inside.find(close)) {
            Some(length) => open.len() + length + close.len(),
            None => break,
        };
        // `{{{ value }}}` is longer by a brace.
        let length = length
            + usize::from(
                *open == "{{" && rest.starts_with("{{{") && rest.get(length..).is_some_and(|r| r.starts_with('}')),
            );
        for byte in bytes.get_mut(at..at + length).unwrap_or_default() {
            *byte = if *value { b'_' } else { b' ' };
        }
        at += length;
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}
