//! `.env` files: `NAME=value` lines with `export`, quotes over several lines, variables and comments.

use super::Builder;
use crate::frontend::Lowered;
use crate::program::tree::Expr;
use crate::span::FileId;

/// Lowers a file. A line that is no assignment is passed over.
pub fn lower(file: FileId, source: &str) -> Lowered {
    let builder = Builder { file, source };
    let (mut entries, mut comments) = (Vec::new(), Vec::new());
    let mut at = usize::from(source.starts_with('\u{feff}')) * '\u{feff}'.len_utf8();
    while at < source.len() {
        let line = source.get(at..).and_then(|rest| rest.lines().next()).unwrap_or("");
        let next = after_line(source, at + line.len());
        let indent = line.len() - line.trim_start().len();
        if line.trim_start().starts_with(['#', ';']) {
            comments.push(
                builder.comment(line.trim().trim_start_matches(['#', ';']), at + indent..at + line.trim_end().len()),
            );
            at = next;
            continue;
        }
        let Some((name, name_start, value_start)) = assignment(line, at + indent) else {
            at = next;
            continue;
        };
        let (value, comment, end) = value(builder, value_start);
        if let Some(start) = comment {
            let text = source.get(start..end).unwrap_or("");
            comments.push(builder.comment(text.trim_start_matches('#'), start..start + text.trim_end().len()));
        }
        entries.push(builder.entry(name, name_start..name_start + name.len(), value));
        at = after_line(source, end).max(next.min(end + 1)).max(at + 1);
    }
    let whole = builder.object(entries, 0..source.len());
    builder.lowered(vec![whole], comments, None)
}

/// Just past the line break at `end`.
fn after_line(source: &str, end: usize) -> usize {
    match source.get(end..).unwrap_or("").as_bytes() {
        [b'\r', b'\n', ..] => end + 2,
        [b'\n' | b'\r', ..] => end + 1,
        _ => end,
    }
}

/// The name of an assignment, where it stands, and where its value does. `start` is where the trimmed line stands.
fn assignment(line: &str, start: usize) -> Option<(&str, usize, usize)> {
    let line = line.trim_start();
    let words = ["export ", "set ", "setx ", "ENV ", "env ", "declare -x ", "local "];
    let rest = words.iter().find_map(|word| line.strip_prefix(word)).map_or(line, str::trim_start);
    let skipped = line.len() - rest.len();
    let length = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))).unwrap_or(rest.len());
    let name = rest.get(..length).filter(|name| !name.is_empty())?;
    let behind = rest.get(length..)?;
    let sign = behind.trim_start();
    let gap = behind.len() - sign.len();
    // `NAME: value` is read by the libraries too, but never `NAME://`.
    let width = match sign.as_bytes() {
        [b'=', ..] => 1,
        [b'+' | b'?' | b':', b'=', ..] => 2,
        [b':', b' ', ..] => 1,
        _ => return None,
    };
    let value = sign.get(width..)?;
    let space = value.len() - value.trim_start_matches([' ', '\t']).len();
    Some((name, start + skipped, start + skipped + length + gap + width + space))
}

/// The value at `start`, where a comment behind it starts, and where its line ends.
fn value(builder: Builder<'_>, start: usize) -> (Expr, Option<usize>, usize) {
    let source = builder.source;
    let rest = source.get(start..).unwrap_or("");
    let line_end = |from: usize| {
        let rest = source.get(from..).unwrap_or("");
        from + rest.find(['\n', '\r']).unwrap_or(rest.len())
    };
    if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))
        && let Some(length) = closing(rest, quote)
    {
        let inner = start + 1..start + length;
        let raw = source.get(inner.clone()).unwrap_or("");
        let value = match quote {
            '\'' => builder.plain(raw, inner),
            _ => builder.text(&unescaped(raw), inner),
        };
        let end = line_end(start + length + 1);
        let behind = source.get(start + length + 1..end).unwrap_or("");
        let comment = behind.find('#').map(|at| start + length + 1 + at);
        return (value, comment, end);
    }
    let end = line_end(start);
    let line = source.get(start..end).unwrap_or("");
    let comment = if line.starts_with('#') { Some(0) } else { line.find(" #").or(line.find("\t#")).map(|at| at + 1) };
    let text = line.get(..comment.unwrap_or(line.len())).unwrap_or("").trim_end();
    (builder.text(text, start..start + text.len()), comment.map(|at| start + at), end)
}

/// Where the quote that opens `text` is closed.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote != '\'' => escaped = true,
            c if c == quote => return Some(index),
            _ => {}
        }
    }
    None
}

fn unescaped(raw: &str) -> String {
    if !raw.contains('\\') {
        return raw.to_owned();
    }
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => text.push('\n'),
                Some('r') => text.push('\r'),
                Some('t') => text.push('\t'),
                Some(other) => text.push(other),
                None => text.push('\\'),
            },
            c => text.push(c),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::testing::flat;
    use super::*;

    fn read(source: &str) -> Vec<String> {
        flat(&lower(FileId(0), source), source)
    }

    #[test]
    fn values_are_found_where_they_stand() {
        let source =
            "\u{feff}# head\nexport A=one # why\r\nB = 'two # not'\n\nC=\"th\\\"ree\" # x\nD=a#b\nE=\nF: six\n";
        assert_eq!(read(source), [".A=one", ".B=two # not", ".C=th\"ree @ th\\\"ree", ".D=a#b", ".E=", ".F=six"]);
        let comments: Vec<_> = lower(FileId(0), source).module.comments.into_iter().map(|c| c.text).collect();
        assert_eq!(comments, ["head", "why", "x"]);
    }

    #[test]
    fn quotes_span_lines_and_open_ones_do_not() {
        assert_eq!(read("K=\"a\nb\"\nL=2"), [".K=a\nb", ".L=2"]);
        assert_eq!(read("K=\"a\nL=2"), [".K=\"a", ".L=2"]);
        assert_eq!(read("not a setting\n=\n\nK"), Vec::<String>::new());
    }

    #[test]
    fn variables_are_holes_and_defaults_are_texts() {
        assert_eq!(
            read("A=${B}\nC=${D:-dd}\nE=x${F}y$G"),
            [".A=$B", ".C=$D", ".C:-=dd", ".E~x", ".E=$F", ".E~y", ".E=$G"]
        );
        assert_eq!(read("A='${B}'\nP=pa$$w0rd$x"), [".A=${B}", ".P=pa$$w0rd$x"]);
    }
}
