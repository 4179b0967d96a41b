//! INI files and their kin: sections and `key = value` lines (`.properties`, `.npmrc`, `.cfg`, systemd units), and `.netrc`.

use super::Builder;
use crate::frontend::Lowered;
use crate::program::tree::{Comment, Entry};
use crate::span::FileId;
use std::ops::Range;

/// A section's name with where it stands (none before the first), and its lines.
type Section<'t> = (Option<(&'t str, Range<usize>)>, Vec<Entry>);

/// Whether a file has the blocks and directives of a web server: `name value;`, `name {`, `<Name …>`.
pub fn is_directives(source: &str) -> bool {
    const LINES: usize = 400;
    let (mut directives, mut assignments) = (0, 0);
    for line in source.lines().take(LINES).map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
        let block = line.ends_with('{') || line.ends_with(';') && !line.contains('=');
        let element = line.starts_with('<') && line.ends_with('>');
        directives += usize::from(block || element);
        assignments += usize::from(line.starts_with('[') || line.contains('=') && !block && !element);
    }
    directives > assignments
}

/// Lowers a file of sections and lines.
pub fn lower(file: FileId, source: &str) -> Lowered {
    let builder = Builder { file, source };
    let mut sections: Vec<Section<'_>> = vec![(None, Vec::new())];
    let mut comments = Vec::new();
    for (start, line) in lines(source) {
        let text = line.trim();
        let at = start + (line.len() - line.trim_start().len());
        if let Some(comment) = text.strip_prefix(['#', ';', '!']) {
            comments.push(builder.comment(comment, at..at + text.len()));
        } else if let Some(name) = text.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            let range = at + 1..at + 1 + name.len();
            sections.push((Some((name, range)), Vec::new()));
        } else if let Some((_, entries)) = sections.last_mut() {
            entry(builder, text, at, entries, &mut comments);
        }
    }
    let mut all = Vec::new();
    for (name, entries) in sections {
        match name {
            None => all.extend(entries),
            Some((name, range)) => {
                let end = entries.last().map_or(range.end, |entry| entry.value.span.end as usize);
                let section = builder.object(entries, range.start..end);
                all.push(builder.entry(name, range, section));
            }
        }
    }
    let whole = builder.object(all, 0..source.len());
    builder.lowered(vec![whole], comments, None)
}

/// Lines with where they start.
fn lines(source: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    source.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (start, line.trim_end_matches(['\n', '\r']))
    })
}

fn entry(builder: Builder<'_>, text: &str, at: usize, entries: &mut Vec<Entry>, comments: &mut Vec<Comment>) {
    let Some(sign) = text.find(['=', ':']).filter(|sign| *sign > 0) else { return };
    // The name of a registry's setting holds a colon itself: `//registry.example.org/:_authToken=…`.
    let sign = if text.starts_with("//") { text.find('=').unwrap_or(sign) } else { sign };
    let key = text.get(..sign).unwrap_or("").trim_end();
    let raw = text.get(sign + 1..).unwrap_or("");
    let from = at + sign + 1 + (raw.len() - raw.trim_start().len());
    let raw = raw.trim_start();
    if key == "Environment" {
        environment(builder, raw, from, entries);
        return;
    }
    let quote = raw.chars().next().filter(|c| matches!(c, '"' | '\''));
    let closed = quote.and_then(|quote| raw.get(1..)?.find(quote));
    let (value, range) = match closed {
        Some(length) => (raw.get(1..1 + length).unwrap_or(""), from + 1..from + 1 + length),
        None => {
            let behind = [" ;", " #", "\t;", "\t#"].iter().filter_map(|mark| raw.find(mark)).min();
            if let Some(mark) = behind {
                let comment = raw.get(mark + 2..).unwrap_or("");
                comments.push(builder.comment(comment, from + mark + 1..from + raw.len()));
            }
            let value = raw.get(..behind.unwrap_or(raw.len())).unwrap_or("").trim_end();
            (value, from..from + value.len())
        }
    };
    entries.push(builder.entry(key, at..at + key.len(), builder.text(value, range)));
}

/// systemd: one or more `NAME=value`, each perhaps in quotes.
fn environment(builder: Builder<'_>, raw: &str, from: usize, entries: &mut Vec<Entry>) {
    let mut at = 0;
    while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
        let trimmed = rest.trim_start();
        at += rest.len() - trimmed.len();
        let quote = trimmed.chars().next().filter(|c| matches!(c, '"' | '\''));
        let inner = usize::from(quote.is_some());
        let body = trimmed.get(inner..).unwrap_or("");
        let length = match quote {
            Some(quote) => body.find(quote),
            None => body.find(char::is_whitespace),
        };
        let length = length.unwrap_or(body.len());
        let pair = body.get(..length).unwrap_or("");
        if let Some((name, value)) = pair.split_once('=') {
            let start = from + at + inner;
            let text = start + name.len() + 1;
            let value = builder.text(value, text..text + value.len());
            entries.push(builder.entry(name, start..start + name.len(), value));
        }
        at += inner + length + inner.max(1);
    }
}

/// Lowers a `.netrc`: each machine is an object that carries its name.
pub fn lower_netrc(file: FileId, source: &str) -> Lowered {
    let builder = Builder { file, source };
    let (mut machines, mut comments): (Vec<Vec<Entry>>, Vec<Comment>) = Default::default();
    for (start, line) in lines(source) {
        if line.trim_start().starts_with('#') {
            let at = start + line.find('#').unwrap_or(0);
            comments.push(builder.comment(line.trim().trim_start_matches('#'), at..start + line.len()));
            continue;
        }
        let mut words = words(start, line);
        while let Some((at, word)) = words.next() {
            if matches!(word, "machine" | "default") || machines.is_empty() {
                machines.push(Vec::new());
            }
            if matches!(word, "machine" | "login" | "password" | "account")
                && let (Some((from, value)), Some(entries)) = (words.next(), machines.last_mut())
            {
                let value = builder.plain(value, from..from + value.len());
                entries.push(builder.entry(word, at..at + word.len(), value));
            }
        }
    }
    let machines = machines.into_iter().filter_map(|entries| {
        let start = entries.first()?.key_span.start as usize;
        let end = entries.last()?.value.span.end as usize;
        Some(builder.object(entries, start..end))
    });
    let whole = builder.list(machines.collect(), 0..source.len());
    builder.lowered(vec![whole], comments, None)
}

fn words(start: usize, line: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = line.get(at..)?;
        let trimmed = rest.trim_start();
        let from = at + (rest.len() - trimmed.len());
        let length = trimmed.find(char::is_whitespace).unwrap_or(trimmed.len());
        at = from + length;
        (length > 0).then(|| (start + from, trimmed.get(..length).unwrap_or("")))
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::flat;
    use super::*;

    #[test]
    fn sections_and_lines() {
        let source = "a=1\r\n[s t] ; x\nb = \"q;r\" ; c\nd: e # f\n;g=h\n";
        let lowered = lower(FileId(0), source);
        assert_eq!(flat(&lowered, source), [".a=1", ".s t.b=q;r", ".s t.d=e"]);
        let comments: Vec<_> = lowered.module.comments.into_iter().map(|c| c.text).collect();
        assert_eq!(comments, ["f", "g=h"]);
    }

    #[test]
    fn environment_lines_hold_several() {
        let source = "[Service]\nEnvironment=A=1 \"B=two words\" 'C=3'\nUser=x\n";
        let found = flat(&lower(FileId(0), source), source);
        assert_eq!(found, [".Service.A=1", ".Service.B=two words", ".Service.C=3", ".Service.User=x"]);
    }

    #[test]
    fn machines_span_lines() {
        let source = "machine a.b login u password p\nmachine c\n  login v\n# n\ndefault login w";
        let found = flat(&lower_netrc(FileId(0), source), source);
        assert_eq!(
            found,
            ["[].machine=a.b", "[].login=u", "[].password=p", "[].machine=c", "[].login=v", "[].login=w"]
        );
    }
}
