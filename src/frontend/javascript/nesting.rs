//! How deep a recursive parser would go, told from the bytes before it runs.

/// An upper bound of the depth of recursion that parsing needs, in nested constructs: brackets, and operators and
/// keywords that can stand before or within themselves (`!!x`, `a ? b : c ? …`, `else if`, `a => b => c`, JSX elements).
/// Bytes in strings and comments are counted as well.
pub(super) fn recursion(text: &str) -> usize {
    let bytes = text.as_bytes();
    let next = |index: usize| bytes.get(index..).unwrap_or_default().iter().find(|byte| !byte.is_ascii_whitespace());
    let (mut open, mut here, mut total, mut deepest): (Vec<usize>, usize, usize, usize) = (Vec::new(), 0, 0, 0);
    let mut before = b';';
    for (index, &byte) in bytes.iter().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => {
                open.push(here);
                (here, total) = (0, total + 1);
            }
            b')' | b']' | b'}' => {
                if let Some(outer) = open.pop() {
                    total -= here + 1;
                    here = outer;
                }
            }
            b'!' | b'~' | b'+' | b'-' | b'*' | b'=' | b'?' | b':' | b'<' | b'|' | b'&' => {
                (here, total) = (here + 1, total + 1)
            }
            // `new`, `else`, `await`, `typeof`, `void`, `delete`, `yield`, `async`, `if`, `for`, `while`, `do`, `with`, labels.
            b' ' | b'\t' if before.is_ascii_alphabetic() && starts_keyword(bytes, index) => {
                (here, total) = (here + 1, total + 1);
            }
            b',' => (total, here) = (total - here, 0),
            b';' if !bytes.get(index + 1..).unwrap_or_default().trim_ascii_start().starts_with(b"else") => {
                (total, here) = (total - here, 0);
            }
            b'\n' if is_operand(before) && next(index).is_some_and(|byte| is_operand(*byte) && *byte != b'e') => {
                (total, here) = (total - here, 0);
            }
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            before = byte;
        }
        deepest = deepest.max(total);
    }
    deepest
}

/// Whether the word before `end` is one that can be repeated.
fn starts_keyword(bytes: &[u8], end: usize) -> bool {
    const WORDS: &[&[u8]] = &[
        b"new",
        b"else",
        b"await",
        b"typeof",
        b"void",
        b"delete",
        b"yield",
        b"if",
        b"for",
        b"while",
        b"do",
        b"keyof",
        b"infer",
        b"extends",
        b"readonly",
        b"unique",
    ];
    let before = bytes.get(end.saturating_sub(10)..end).unwrap_or_default();
    WORDS.iter().any(|word| {
        before.strip_suffix(*word).is_some_and(|rest| rest.last().is_none_or(|byte| !byte.is_ascii_alphanumeric()))
    })
}

fn is_operand(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'"' | b'\'' | b'`' | b')' | b']' | b'}' | b'@')
}
