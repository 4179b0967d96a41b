//! Errors that end a run with exit code 2: one message, with its place and what to write instead.

use std::path::{Path, PathBuf};

/// Where an error stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: PathBuf,
    /// 1-based line and 1-based column in characters, where known.
    pub position: Option<(usize, usize)>,
}

/// A usage, configuration or output error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Where, if it concerns a file.
    pub place: Option<Place>,
    /// What is wrong. Never contains a value that could be a secret.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Error {
    /// An error without a place.
    pub fn new(message: impl Into<String>) -> Self {
        Self { place: None, message: message.into(), help: None }
    }

    /// Says which file it concerns.
    #[must_use]
    pub fn in_file(mut self, path: &Path) -> Self {
        self.place = Some(Place { path: path.to_owned(), position: None });
        self
    }

    /// Says which place of a file it concerns; `offset` counts bytes of `text`.
    #[must_use]
    pub fn at(mut self, path: &Path, text: &str, offset: usize) -> Self {
        self.place = Some(Place { path: path.to_owned(), position: Some(line_and_column(text, offset)) });
        self
    }

    /// Says what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(place) = &self.place {
            write!(formatter, "{}", visible(&place.path.to_string_lossy()))?;
            if let Some((line, column)) = place.position {
                write!(formatter, ":{line}:{column}")?;
            }
            formatter.write_str(": ")?;
        }
        formatter.write_str(&visible(&self.message))?;
        if let Some(help) = &self.help {
            write!(formatter, "\n  help: {}", visible(help))?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// Text with control characters escaped, so that a name can neither move the cursor nor start a line of its own.
pub fn visible(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            let escaped = character.is_control().then(|| character.escape_default());
            let plain = (!character.is_control()).then_some(character);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}

/// The valid name nearest to `name`, when it is near enough to be what was meant.
pub fn nearest<'a>(name: &str, valid: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    valid
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance * 5 <= candidate.chars().count().max(5) * 2)
        .min()
        .map(|(_, candidate)| candidate)
}

/// "did you mean …" for the nearest valid name, or the whole list when none is near.
pub fn suggestion(name: &str, valid: &[&str]) -> String {
    match nearest(name, valid.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("valid: {}", valid.join(", ")),
    }
}

fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = text.get(..end).unwrap_or("");
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (line, before.get(start..).unwrap_or("").chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_from_one() {
        assert_eq!(line_and_column("a = 1\né = x", 9), (2, 3));
        assert_eq!(line_and_column("", 5), (1, 1));
    }

    #[test]
    fn only_near_names_are_suggested() {
        let valid = ["hosts", "exclude"];
        assert_eq!(nearest("host", valid), Some("hosts"));
        assert_eq!(nearest("zebra", valid), None);
        assert!(suggestion("zebra", &valid).contains("hosts, exclude"));
    }

    #[test]
    fn control_characters_are_escaped() {
        let error = Error::new("unknown `a\n::error::b`");
        assert!(!error.to_string().contains('\n'));
    }
}
