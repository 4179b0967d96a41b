//! Texts of other formats as scripts: each character knows where in the file it stands.

use crate::frontend::shell::script::Script;

/// How a format writes what it cannot write as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escapes {
    /// Not at all: indents and folds only.
    None,
    /// Backslashes, as between double quotes.
    Backslashes,
    /// A quote twice.
    Doubled,
}

/// A decoded text with the places of its characters in what the file holds, which starts at `base`. None when they do not
/// fit.
pub(super) fn aligned(text: &str, raw: &str, base: usize, escapes: Escapes) -> Option<Script> {
    let mut script = Script::default();
    let mut at = 0;
    // What says how the lines that follow are to be read.
    if escapes == Escapes::None && raw.starts_with(['|', '>']) {
        at = raw.find('\n')? + 1;
    }
    let mut buffer = [0; 4];
    for c in text.chars() {
        loop {
            let rest = raw.get(at..)?;
            let Some(next) = rest.chars().next() else {
                // Ends of lines that the format adds.
                if c.is_whitespace() {
                    script.insert(c.encode_utf8(&mut buffer), base + at);
                    break;
                }
                return None;
            };
            if escapes == Escapes::Backslashes && next == '\\' {
                let (decoded, length) = escape(rest)?;
                if decoded == Some(c) {
                    script.insert(c.encode_utf8(&mut buffer), base + at + length - 1);
                    at += length;
                    break;
                }
                // The end of a line that goes on.
                if decoded.is_none() {
                    at += length;
                    continue;
                }
                return None;
            }
            if next == c {
                script.push(c.encode_utf8(&mut buffer), base + at);
                at += next.len_utf8();
                if escapes == Escapes::Doubled && c == '\'' && rest.get(1..).is_some_and(|rest| rest.starts_with('\''))
                {
                    at += 1;
                }
                break;
            }
            if c == ' ' && matches!(next, '\n' | '\r') {
                script.insert(" ", base + at);
                at += rest.len() - rest.trim_start().len();
                break;
            }
            if !next.is_whitespace() {
                return None;
            }
            at += next.len_utf8();
        }
    }
    Some(script)
}

/// A text between double quotes whose decoded form is not known.
pub(super) fn unescaped(raw: &str, base: usize) -> Option<Script> {
    let mut script = Script::default();
    let mut at = 0;
    let mut buffer = [0; 4];
    while let Some(next) = raw.get(at..)?.chars().next() {
        if next != '\\' {
            script.push(next.encode_utf8(&mut buffer), base + at);
            at += next.len_utf8();
            continue;
        }
        let (decoded, length) = escape(raw.get(at..)?)?;
        if let Some(c) = decoded {
            script.insert(c.encode_utf8(&mut buffer), base + at + length - 1);
        }
        at += length;
    }
    Some(script)
}

/// What an escape stands for, and its length; nothing for the end of a line.
fn escape(rest: &str) -> Option<(Option<char>, usize)> {
    let mark = rest.get(1..)?.chars().next()?;
    let hex = |digits: usize| -> Option<(Option<char>, usize)> {
        let code = u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok()?;
        Some((Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)), 2 + digits))
    };
    match mark {
        'n' => Some((Some('\n'), 2)),
        't' => Some((Some('\t'), 2)),
        'r' => Some((Some('\r'), 2)),
        '0' => Some((Some('\0'), 2)),
        'u' => hex(4),
        'x' => hex(2),
        'U' => hex(8),
        '\n' => {
            let behind = rest.get(2..).unwrap_or("");
            Some((None, 2 + behind.len() - behind.trim_start_matches([' ', '\t']).len()))
        }
        other => Some((Some(other), 1 + other.len_utf8())),
    }
}
