//! The text of a script and where each part of it stands in its file: embedded scripts lose indents, escapes and marks of
//! the format around them before they are parsed.

use crate::span::{FileId, Span};

/// Text to be parsed, with the places it was taken from.
#[derive(Clone, Debug, Default)]
pub(in crate::frontend) struct Script {
    /// The text.
    pub text: String,
    /// For each part of the text: where it starts in the text, and where in the file.
    parts: Vec<(usize, usize)>,
}

impl Script {
    /// Text as it stands in the file, from an offset on.
    pub fn plain(text: &str, offset: usize) -> Self {
        Self { text: text.to_owned(), parts: vec![(0, offset)] }
    }

    /// Adds text that stands in the file at an offset as it is.
    pub fn push(&mut self, text: &str, offset: usize) {
        let goes_on = self.parts.last().is_some_and(|(start, place)| place + (self.text.len() - start) == offset);
        if !goes_on {
            self.parts.push((self.text.len(), offset));
        }
        self.text.push_str(text);
    }

    /// Adds text that does not stand in the file, for something that stands at an offset.
    pub fn insert(&mut self, text: &str, offset: usize) {
        for (at, c) in text.char_indices() {
            self.parts.push((self.text.len(), offset));
            self.text.push_str(text.get(at..at + c.len_utf8()).unwrap_or(""));
        }
    }

    /// Adds a part of another script with its places.
    pub fn push_part(&mut self, other: &Script, range: std::ops::Range<usize>) {
        let text = other.text.get(range.clone()).unwrap_or("");
        for (at, c) in text.char_indices() {
            self.push(text.get(at..at + c.len_utf8()).unwrap_or(""), other.place(range.start + at));
        }
    }

    /// Adds all of another script.
    pub fn append(&mut self, other: &Script) {
        self.push_part(other, 0..other.text.len());
    }

    /// The place of a range of the text.
    pub fn span(&self, file: FileId, start: usize, end: usize) -> Span {
        let start = self.place(start);
        // The last byte decides where a range ends: what follows may have been left out.
        let last = end.checked_sub(1).map_or(start, |last| self.place(last) + 1);
        Span::new(file, start, last.max(start))
    }

    /// The place of an offset of the text.
    pub fn place(&self, offset: usize) -> usize {
        let next = self.parts.partition_point(|(start, _)| *start <= offset);
        let part = next.checked_sub(1).and_then(|index| self.parts.get(index));
        part.map_or(offset, |(start, place)| place + (offset - start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_where_they_were_taken_from() {
        let mut script = Script::default();
        script.push("echo ", 10);
        script.push("\"x\"", 20);
        let range = |start, end| script.span(FileId(0), start, end).range();
        assert_eq!(script.text, "echo \"x\"");
        assert_eq!(range(0, 4), 10..14);
        assert_eq!(range(5, 8), 20..23);
        assert_eq!(range(0, 8), 10..23);
    }
}
