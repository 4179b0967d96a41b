//! Text in XML.

use std::borrow::Cow;

/// Text as it may stand in an element, its lines as they are.
pub(super) fn lines(words: &str) -> String {
    let lines: Vec<Cow<'_, str>> = words.split('\n').map(text).collect();
    lines.join("\n")
}

/// Text as it may stand in an attribute or an element. What XML 1.0 has no way to write is left out.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    if !text
        .chars()
        .any(|letter| matches!(letter, '&' | '<' | '>' | '"' | '\'') || letter.is_control() || !is_legal(letter))
    {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for letter in text.chars().filter(|letter| is_legal(*letter)) {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // In an attribute they would be read as blanks.
            '\n' | '\r' | '\t' => escaped.push_str(&format!("&#{};", u32::from(letter))),
            letter => escaped.push(letter),
        }
    }
    Cow::Owned(escaped)
}

fn is_legal(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn markup_is_escaped_and_what_xml_cannot_hold_is_left_out() {
        assert_eq!(text("plain é 🩺"), "plain é 🩺");
        assert_eq!(text("a<b & \"c\"\n\u{1b}[0m\0\u{ffff}"), "a&lt;b &amp; &quot;c&quot;&#10;[0m");
    }
}
