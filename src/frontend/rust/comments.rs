//! Comments of Rust source. The parser drops them; what looks like one inside a string or a character is none.

use crate::program::tree::Comment;
use crate::span::{FileId, Span};

/// What a stretch of source is to a reader that knows no grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stretch {
    /// A comment, its marks included.
    Comment,
    /// A text literal, its quotes and prefix included.
    Text,
    /// Anything else.
    Code,
}

/// All comments, in order. Works on text that does not parse as well.
pub(super) fn comments(file: FileId, text: &str) -> Vec<Comment> {
    let mut found = Vec::new();
    stretches(text, &mut |stretch, start, end| {
        if stretch == Stretch::Comment {
            found.push(comment(file, text, start, end));
        }
    });
    found
}

/// Visits source stretch by stretch, in order. Works on text that does not parse as well.
pub(super) fn stretches(text: &str, visit: &mut dyn FnMut(Stretch, usize, usize)) {
    let bytes = text.as_bytes();
    let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
    let mut index = 0;
    let mut code = 0;
    while index < bytes.len() {
        let start = index;
        let mut stretch = Stretch::Code;
        match (at(index), at(index + 1)) {
            (b'/', b'/') => {
                index = memchr::memchr(b'\n', bytes.get(index..).unwrap_or_default())
                    .map_or(bytes.len(), |length| index + length);
                stretch = Stretch::Comment;
            }
            (b'/', b'*') => {
                let mut depth = 0usize;
                while index < bytes.len() {
                    match (at(index), at(index + 1)) {
                        (b'/', b'*') => (depth, index) = (depth + 1, index + 2),
                        (b'*', b'/') => {
                            (depth, index) = (depth - 1, index + 2);
                            if depth == 0 {
                                break;
                            }
                        }
                        _ => index += 1,
                    }
                }
                index = index.min(bytes.len());
                stretch = Stretch::Comment;
            }
            (b'"', _) => {
                index = string_end(bytes, index);
                stretch = Stretch::Text;
            }
            // `r"…"`, `r#"…"#` and their byte and C forms; an identifier that ends in `r` is followed by neither.
            (b'r', b'"' | b'#')
                if !is_word(at(start.wrapping_sub(1))) || matches!(at(start.wrapping_sub(1)), b'b' | b'c') =>
            {
                let hashes =
                    bytes.get(index + 1..).unwrap_or_default().iter().take_while(|byte| **byte == b'#').count();
                if at(index + 1 + hashes) == b'"' {
                    let close = format!("\"{}", "#".repeat(hashes));
                    let body = index + 2 + hashes;
                    index = memchr::memmem::find(bytes.get(body..).unwrap_or_default(), close.as_bytes())
                        .map_or(bytes.len(), |length| body + length + close.len());
                    stretch = Stretch::Text;
                } else {
                    index += 1;
                }
            }
            (b'\'', b'\\') => {
                index += 3;
                while index < bytes.len() && at(index) != b'\'' && at(index) != b'\n' {
                    index += 1;
                }
                index += 1;
            }
            // A character such as '"'; a lifetime has no closing quote behind its first letter.
            (b'\'', _) => {
                let width = text.get(index + 1..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
                index += if at(index + 1 + width) == b'\'' { width + 2 } else { 1 };
            }
            _ => index += 1,
        }
        if stretch != Stretch::Code {
            if code < start {
                visit(Stretch::Code, code, start);
            }
            visit(stretch, start, index.min(bytes.len()));
            code = index;
        }
    }
    if code < bytes.len() {
        visit(Stretch::Code, code, bytes.len());
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut index = start + 1;
    while let Some(byte) = bytes.get(index) {
        match byte {
            b'\\' => index += 2,
            b'"' => return index + 1,
            _ => index += 1,
        }
    }
    bytes.len()
}

fn comment(file: FileId, text: &str, start: usize, end: usize) -> Comment {
    let whole = text.get(start..end).unwrap_or("").trim_end();
    let doc = ["///", "//!", "/**", "/*!"].iter().any(|mark| whole.starts_with(mark))
        && !whole.starts_with("////")
        && whole != "/**/";
    let inner = whole.trim_start_matches(['/', '*', '!']);
    let inner = if whole.starts_with("/*") { inner.trim_end_matches(['/', '*']) } else { inner };
    let text = inner.lines().map(|line| line.trim().trim_start_matches("* ")).collect::<Vec<_>>().join("\n");
    Comment { span: Span::new(file, start, start + whole.len()), text: text.trim().to_owned(), doc }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        comments(FileId(0), source).into_iter().map(|comment| comment.text).collect()
    }

    #[test]
    fn comments_are_found_and_strings_are_none() {
        let source = "let a = \"// no\"; // one\n/* two /* nested */ */ let r = r#\"\" // no \"#; '\"' // three\n";
        assert_eq!(texts(source), ["one", "two /* nested */", "three"]);
        assert_eq!(texts("fn f<'a>(x: &'a str) {} // l\nlet c = '\\''; // m"), ["l", "m"]);
        assert_eq!(texts("let user\" // open"), Vec::<String>::new());
    }

    #[test]
    fn open_comments_end_with_the_text() {
        assert_eq!(texts("/* open"), ["open"]);
        assert_eq!(texts("/*/"), [""]);
    }
}
