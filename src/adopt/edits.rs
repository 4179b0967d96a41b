//! Changes of texts, and whether a changed text is still what it was in its language.

use crate::frontend;
use crate::project::kind::FileKind;
use crate::span::FileId;
use std::ops::Range;
use std::path::Path;

/// A replacement of bytes.
pub type Edit = (Range<usize>, String);

/// A text with its edits made. None when two of them overlap or one does not fit the text.
pub fn edited(text: &str, edits: &[Edit]) -> Option<String> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|(range, _)| (range.start, range.end));
    let mut made = String::with_capacity(text.len());
    let mut at = 0;
    for (range, new) in sorted {
        made.push_str(text.get(at..range.start)?);
        made.push_str(new);
        text.get(range.clone())?;
        at = range.end;
    }
    made.push_str(text.get(at..)?);
    Some(made)
}

/// Whether a changed text has no more mistakes in its language than before.
pub fn still_parses(kind: FileKind, path: &Path, before: &str, after: &str) -> bool {
    let problems = |text: &str| frontend::lower(kind, path, FileId(0), text).problems.len();
    problems(after) <= problems(before)
}

/// What ends the lines of a text.
pub fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if at > 0 && text.as_bytes().get(at - 1) == Some(&b'\r') => "\r\n",
        None if text.contains('\r') => "\r",
        _ => "\n",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn edits_are_made_in_order_and_never_over_each_other() {
        let edit = |range: Range<usize>, text: &str| (range, text.to_owned());
        assert_eq!(edited("abcdef", &[edit(4..5, "E"), edit(0..1, "")]).unwrap(), "bcdEf");
        assert_eq!(edited("ab", &[edit(1..1, "x"), edit(2..2, "y")]).unwrap(), "axby");
        assert_eq!(edited("abcdef", &[edit(0..3, ""), edit(2..4, "")]), None);
        assert_eq!(edited("é", &[edit(1..2, "")]), None);
        assert_eq!(edited("a", &[edit(0..2, "")]), None);
    }

    #[test]
    fn lines_end_as_the_first_one_does() {
        assert_eq!([line_end("a\r\nb"), line_end("a\nb"), line_end("a\rb"), line_end("a")], ["\r\n", "\n", "\r", "\n"]);
    }
}
