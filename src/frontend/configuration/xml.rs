//! XML configuration: an element is an object of its attributes, its children and its text.

use super::Builder;
use crate::frontend::Lowered;
use crate::program::tree::{Comment, Entry, Expr};
use crate::span::FileId;
use std::ops::Range;

/// Elements nested deeper than this are left out.
const MAX_DEPTH: usize = 200;

struct Element {
    name: Range<usize>,
    entries: Vec<Entry>,
    /// Text between tags.
    text: Vec<Range<usize>>,
    start: usize,
}

/// Lowers a file. Tags that do not match are closed where their parent ends.
pub fn lower(file: FileId, source: &str) -> Lowered {
    let builder = Builder { file, source };
    let mut comments: Vec<Comment> = Vec::new();
    let root = Element { name: 0..0, entries: Vec::new(), text: Vec::new(), start: 0 };
    let mut open = vec![root];
    let mut at = 0;
    while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
        let tag = rest.find('<').map_or(source.len(), |length| at + length);
        if tag > at {
            push_text(&mut open, source, at..tag);
        }
        let Some(rest) = source.get(tag..).filter(|rest| !rest.is_empty()) else { break };
        let until = |open: usize, close: &str| {
            let inner = source.get(tag + open..).unwrap_or("");
            inner.find(close).map_or(source.len(), |length| tag + open + length)
        };
        if rest.starts_with("<!--") {
            let end = until(4, "-->");
            comments.push(builder.comment(source.get(tag + 4..end).unwrap_or(""), tag..(end + 3).min(source.len())));
            at = end + 3;
        } else if rest.starts_with("<![CDATA[") {
            let end = until(9, "]]>");
            push_text(&mut open, source, tag + 9..end);
            at = end + 3;
        } else if rest.starts_with("<!") || rest.starts_with("<?") {
            at = until(2, ">") + 1;
        } else if rest.starts_with("</") {
            let end = until(2, ">");
            close(builder, &mut open, source.get(tag + 2..end).unwrap_or("").trim(), tag);
            at = end + 1;
        } else {
            at = start_tag(builder, &mut open, tag);
        }
        at = at.min(source.len());
    }
    while open.len() > 1 {
        close_last(builder, &mut open, source.len());
    }
    let entries = open.pop().map(|root| root.entries).unwrap_or_default();
    let whole = builder.object(entries, 0..source.len());
    builder.lowered(vec![whole], comments, None)
}

fn push_text(open: &mut [Element], source: &str, range: Range<usize>) {
    let raw = source.get(range.clone()).unwrap_or("");
    let trimmed = raw.trim();
    if let Some(element) = open.last_mut().filter(|_| !trimmed.is_empty()) {
        let start = range.start + (raw.len() - raw.trim_start().len());
        element.text.push(start..start + trimmed.len());
    }
}

/// A start tag at `tag`: gives where it ends.
fn start_tag(builder: Builder<'_>, open: &mut Vec<Element>, tag: usize) -> usize {
    let source = builder.source;
    let name_start = tag + 1;
    let rest = source.get(name_start..).unwrap_or("");
    let length = rest.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).unwrap_or(rest.len());
    let mut element =
        Element { name: name_start..name_start + length, entries: Vec::new(), text: Vec::new(), start: tag };
    let mut at = name_start + length;
    loop {
        let rest = source.get(at..).unwrap_or("");
        let trimmed = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        let empty = rest.get(..rest.len() - trimmed.len()).is_some_and(|skipped| skipped.ends_with('/'));
        at += rest.len() - trimmed.len();
        if trimmed.is_empty() || trimmed.starts_with(['>', '<']) {
            open.push(element);
            let end = at + usize::from(trimmed.starts_with('>'));
            if empty || open.len() > MAX_DEPTH {
                close_last(builder, open, end);
            }
            return end.max(tag + 1);
        }
        let length = trimmed.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/')).unwrap_or(trimmed.len());
        let key = at..at + length.max(1).min(trimmed.len());
        let behind = trimmed.get(length..).unwrap_or("");
        let value = behind.trim_start().strip_prefix('=').map(str::trim_start);
        let quoted = value.and_then(|value| {
            let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let from = source.len() - (source.len() - at - length - (behind.len() - value.len())) + 1;
            Some((from, value.get(1..)?.find(quote)?))
        });
        match quoted {
            Some((from, length)) => {
                let raw = source.get(from..from + length).unwrap_or("");
                let value = builder.text(&unescaped(raw), from..from + length);
                let name = source.get(key.clone()).unwrap_or("");
                element.entries.push(builder.entry(name, key, value));
                at = from + length + 1;
            }
            None => {
                at = source
                    .get(key.start..)
                    .and_then(|rest| rest.chars().next())
                    .map_or(source.len(), |c| if length == 0 { key.start + c.len_utf8() } else { key.end });
            }
        }
    }
}

fn close(builder: Builder<'_>, open: &mut Vec<Element>, name: &str, end: usize) {
    let matching = open.iter().skip(1).any(|element| builder.source.get(element.name.clone()) == Some(name));
    while matching && open.len() > 1 {
        let last = open.last().and_then(|element| builder.source.get(element.name.clone())) == Some(name);
        close_last(builder, open, end);
        if last {
            break;
        }
    }
}

/// The innermost element becomes an entry of the one around it.
fn close_last(builder: Builder<'_>, open: &mut Vec<Element>, end: usize) {
    let Some(mut element) = open.pop() else { return };
    let text: Option<Expr> = match element.text.as_slice() {
        [] => None,
        [one] => Some(builder.text(&unescaped(builder.source.get(one.clone()).unwrap_or("")), one.clone())),
        [first, .., last] => {
            let range = first.start..last.end;
            Some(builder.plain(builder.source.get(range.clone()).unwrap_or(""), range))
        }
    };
    let value = match text {
        Some(text) if element.entries.is_empty() => text,
        text => {
            // Beside attributes the text is the value that they name.
            if let Some(text) = text {
                let range = text.span.range();
                element.entries.push(builder.entry("value", range.start..range.start, text));
            }
            builder.object(element.entries, element.start..end)
        }
    };
    let name = builder.source.get(element.name.clone()).unwrap_or("");
    let name = name.rsplit(':').next().unwrap_or(name);
    if let Some(parent) = open.last_mut() {
        parent.entries.push(builder.entry(name, element.name, value));
    }
}

fn unescaped(raw: &str) -> String {
    if !raw.contains('&') {
        return raw.to_owned();
    }
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#39;", "'"), ("&amp;", "&")]
        .iter()
        .fold(raw.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::super::testing::flat;
    use super::*;

    fn read(source: &str) -> Vec<String> {
        flat(&lower(FileId(0), source), source)
    }

    #[test]
    fn elements_attributes_and_text() {
        let source = "<?xml version=\"1.0\"?><a x='1'><b>t&amp;u</b><!-- c --><add key = \"k\" value=\"v\"/><p name=\"n\"> w </p></a>";
        assert_eq!(
            read(source),
            [".a.x=1", ".a.b=t&u @ t&amp;u", ".a.add.key=k", ".a.add.value=v", ".a.p.name=n", ".a.p.value=w"]
        );
    }

    #[test]
    fn what_is_not_closed_ends() {
        for source in [
            "<a",
            "<a b",
            "<a b=",
            "<a b=\"",
            "<",
            "</",
            "<!--",
            "<a><b>t</a>",
            "<é é=\"é\" é>",
            "< / é>",
            "<a ==\"x\">",
        ] {
            read(source);
        }
        read(&"<a>".repeat(100_000));
    }
}
