//! Places where a template puts values in. They are hidden from the reader of tags: what is in them is no markup.

use super::Style;

/// Code between marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Hole {
    /// Where its expression stands.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it gives text of the page, rather than being part of a tag.
    pub(super) text: bool,
}

/// A page's holes, and the page without them.
pub(super) struct Holes {
    pub(super) found: Vec<Hole>,
    /// The text with the same length and every hole replaced.
    pub(super) masked: String,
}

/// What stands for a byte of a hole: it ends no tag, value or word.
const MASK: u8 = b'_';

impl Holes {
    /// Finds the holes of a page after `from`, scripts and styles left out.
    pub(super) fn find(text: &str, from: usize, style: Style) -> Self {
        let bytes = text.as_bytes();
        let mut masked = bytes.to_vec();
        let mut found = Vec::new();
        let mut at = from;
        let mut in_tag = false;
        while at < bytes.len() {
            let rest = bytes.get(at..).unwrap_or_default();
            if let Some(length) = raw(rest) {
                at += length;
                in_tag = false;
                continue;
            }
            if let Some((open, close, value)) = marks(rest, style) {
                let inside = at + open;
                let end = if style.braces() { braces(bytes, inside) } else { find(bytes, inside, close) };
                let Some(end) = end else {
                    at += open;
                    continue;
                };
                let whole = end + close.len();
                for byte in masked.get_mut(at..whole).unwrap_or_default() {
                    *byte = MASK;
                }
                if value {
                    let (start, end) = inner(text, inside, end);
                    found.push(Hole { start, end, text: !in_tag });
                }
                at = whole;
                continue;
            }
            match rest.first() {
                Some(b'<') if rest.get(1).is_some_and(|next| next.is_ascii_alphabetic()) => in_tag = true,
                Some(b'>') => in_tag = false,
                _ => {}
            }
            at += 1;
        }
        Self { found, masked: String::from_utf8(masked).unwrap_or_else(|_| text.to_owned()) }
    }
}

/// How long a comment, script or style is that starts here.
fn raw(rest: &[u8]) -> Option<usize> {
    let length = |end: &[u8]| memchr::memmem::find(rest, end).map_or(rest.len(), |at| at + end.len());
    let starts = |name: &[u8]| {
        rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
            && rest.get(name.len()).is_some_and(|next| !next.is_ascii_alphanumeric())
    };
    if rest.starts_with(b"<!--") {
        Some(length(b"-->"))
    } else if starts(b"<script") {
        // The tag itself may hold holes; they are few and ended by quotes.
        Some(length(b"</script"))
    } else if starts(b"<style") {
        Some(length(b"</style"))
    } else {
        None
    }
}

/// The length of an opening mark, the closing mark, and whether a value is put in.
fn marks(rest: &[u8], style: Style) -> Option<(usize, &'static [u8], bool)> {
    match style {
        Style::Svelte | Style::Astro => rest.starts_with(b"{").then_some((1, b"}".as_slice(), true)),
        Style::Ejs if rest.starts_with(b"<%=") || rest.starts_with(b"<%-") => Some((3, b"%>", true)),
        Style::Ejs => rest.starts_with(b"<%").then_some((2, b"%>".as_slice(), false)),
        Style::Vue => rest.starts_with(b"{{").then_some((2, b"}}".as_slice(), true)),
        // These are not written in JavaScript.
        Style::Page if rest.starts_with(b"{{{") => Some((3, b"}}}", false)),
        Style::Page if rest.starts_with(b"{{") => Some((2, b"}}", false)),
        Style::Page if rest.starts_with(b"{%") => Some((2, b"%}", false)),
        Style::Page if rest.starts_with(b"<?") => Some((2, b"?>", false)),
        Style::Page if rest.starts_with(b"<%") => Some((2, b"%>", false)),
        Style::Page => None,
    }
}

fn find(bytes: &[u8], from: usize, mark: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes.get(from..)?, mark).map(|at| from + at)
}

/// The brace that closes one opened before `from`; braces in strings are none.
fn braces(bytes: &[u8], from: usize) -> Option<usize> {
    let (mut depth, mut at, mut quote) = (0usize, from, None);
    while let Some(&byte) = bytes.get(at) {
        match (quote, byte) {
            (Some(_), b'\\') => at += 1,
            (Some(open), byte) if open == byte => quote = None,
            // An apostrophe in text is no string.
            (Some(b'\'' | b'"'), b'\n') => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'' | b'`') => quote = Some(byte),
            (None, b'{') => depth += 1,
            (None, b'}') if depth == 0 => return Some(at),
            (None, b'}') => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    None
}

/// Where the expression in a hole stands: behind the words of Svelte's blocks.
fn inner(text: &str, start: usize, end: usize) -> (usize, usize) {
    let whole = text.get(start..end).unwrap_or("");
    let words = ["#if ", ":else if ", "#await ", "#key ", "@html ", "@const ", "@render ", "@debug ", "..."];
    if let Some(word) = words.iter().find(|word| whole.starts_with(**word)) {
        return (start + word.len(), end);
    }
    if let Some(rest) = whole.strip_prefix("#each ") {
        let length = rest.find(" as ").unwrap_or(rest.len());
        return (start + 6, start + 6 + length);
    }
    if whole.starts_with(['#', ':', '/', '@']) {
        return (start, start);
    }
    (start, end)
}
