//! Source text, line index and redaction. Raw text leaves this room only towards frontends and the
//! evaluator; everything that is shown comes from here as an [`Excerpt`] with secrets masked.

use crate::span::{FileId, Span};
use std::sync::Arc;

/// What replaces a secret in anything shown. Padded or cut so that columns stay where they are.
pub const MASK: char = '*';

/// Shorter text is not taken for a secret, in bytes.
const MIN_SECRET: usize = 4;

/// What is shaped like a credential wherever it stands: a key, a `Basic` header, the secret of a URL's userinfo.
fn credential_shapes() -> &'static [regex::Regex] {
    static SHAPES: std::sync::OnceLock<Vec<regex::Regex>> = std::sync::OnceLock::new();
    SHAPES.get_or_init(|| {
        let shapes = [
            r"\b([ps]k_[A-Za-z0-9_\-]{8,})",
            // Words of plain text such as `basic authentication` have lower-case letters only.
            r"(?i:basic )\s*([a-z]{0,11}[A-Z0-9+/=_\-][A-Za-z0-9+/=_\-]{11,})",
            r"://[^/\s:@\x22']*:([^/\s@\x22']+)@",
        ];
        shapes.iter().filter_map(|shape| regex::Regex::new(shape).ok()).collect()
    })
}

/// One file's text.
pub struct SourceFile {
    /// Path relative to the scanned root, `/`-separated.
    pub path: String,
    /// The text. Invalid UTF-8 is replaced by U+FFFD.
    text: Arc<str>,
    line_starts: Vec<u32>,
    marks: std::sync::Mutex<Marks>,
}

/// The secret places of a file, and its text without them once somebody asked for it.
#[derive(Default)]
struct Marks {
    secrets: Vec<(u32, u32)>,
    masked: Option<Arc<str>>,
}

// Text must not reach a log by way of a derived Debug.
impl std::fmt::Debug for SourceFile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SourceFile").field("path", &self.path).field("bytes", &self.text.len()).finish()
    }
}

/// Text that may be shown: every known secret in it is masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt(Arc<str>);

impl Excerpt {
    /// The masked text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A position for people and reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// 1-based line.
    pub line: u32,
    /// 1-based column in Unicode code points.
    pub column: u32,
}

impl SourceFile {
    /// Takes a file's bytes. Lines end at LF, CRLF or CR.
    pub fn new(path: impl Into<String>, bytes: &[u8]) -> Self {
        let text: Arc<str> = String::from_utf8_lossy(bytes).into();
        let mut line_starts = vec![0];
        let raw = text.as_bytes();
        for (index, byte) in raw.iter().enumerate() {
            let ends = match byte {
                b'\n' => true,
                b'\r' => raw.get(index + 1) != Some(&b'\n'),
                _ => false,
            };
            if ends {
                line_starts.push(u32::try_from(index + 1).unwrap_or(u32::MAX));
            }
        }
        Self { path: path.into(), text, line_starts, marks: std::sync::Mutex::default() }
    }

    /// The raw text, for parsers and the evaluator only.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The raw text under a span; empty when the span does not fit the text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// Marks bytes as secret: no excerpt will show them.
    pub fn mark_secret(&self, span: Span) {
        self.mark(&[(span.start, span.end)]);
    }

    /// Marks every occurrence of these texts as secret.
    pub fn mark_texts(&self, secrets: &SecretTexts) {
        self.mark(&secrets.places(&self.text));
    }

    /// The bytes that are marked as secret, as ranges, in order.
    pub(crate) fn marked(&self) -> Vec<(u32, u32)> {
        let mut all = self.marks().secrets.clone();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Marks ranges of bytes as secret.
    pub(crate) fn mark(&self, places: &[(u32, u32)]) {
        if !places.is_empty() {
            let mut marks = self.marks();
            marks.secrets.extend(places);
            marks.masked = None;
        }
    }

    fn marks(&self) -> std::sync::MutexGuard<'_, Marks> {
        self.marks.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Number of lines; an empty file has one.
    pub fn line_count(&self) -> u32 {
        u32::try_from(self.line_starts.len()).unwrap_or(u32::MAX)
    }

    /// Line and column of a byte offset. An offset inside a character counts as its start; one past the end as the end.
    pub fn position(&self, offset: u32) -> Position {
        let line = self.line_starts.partition_point(|start| *start <= offset).max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0) as usize;
        let mut end = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let column = self.text.get(start..end).map_or(0, |before| before.chars().count());
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column + 1).unwrap_or(u32::MAX),
        }
    }

    /// Byte range of a 1-based line without its line break.
    pub fn line_range(&self, line: u32) -> std::ops::Range<usize> {
        let index = (line.max(1) - 1) as usize;
        let start = self.line_starts.get(index).map_or(self.text.len(), |start| *start as usize);
        let end = self.line_starts.get(index + 1).map_or(self.text.len(), |next| *next as usize);
        let line = self.text.get(start..end).unwrap_or("");
        start..start + line.trim_end_matches(['\n', '\r']).len()
    }

    /// The whole text with every marked secret replaced, byte for byte, so that offsets and lines stay the same.
    pub fn redacted(&self) -> Excerpt {
        let mut marks = self.marks();
        let masked = match &marks.masked {
            Some(masked) => masked.clone(),
            None => {
                let masked: Arc<str> = mask(&self.text, &marks.secrets).into();
                marks.masked = Some(masked.clone());
                masked
            }
        };
        Excerpt(masked)
    }

    /// A 1-based line with secrets masked.
    pub fn excerpt_line(&self, line: u32) -> Excerpt {
        let range = self.line_range(line);
        Excerpt(self.redacted().0.get(range).unwrap_or("").into())
    }
}

/// A text with these places and whatever is shaped like a credential replaced, byte for byte.
fn mask(text: &str, secrets: &[(u32, u32)]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let marked = secrets.iter().map(|(start, end)| (*start as usize, *end as usize));
    let shaped = credential_shapes().iter().flat_map(|shape| {
        shape.captures_iter(text).filter_map(|captures| captures.get(1)).map(|found| (found.start(), found.end()))
    });
    for (mut start, end) in marked.chain(shaped) {
        let mut end = end.min(bytes.len());
        while start > 0 && !text.is_char_boundary(start) {
            start -= 1;
        }
        while end < bytes.len() && !text.is_char_boundary(end) {
            end += 1;
        }
        for byte in bytes.get_mut(start..end).unwrap_or_default() {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = MASK as u8;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Words for people with whatever is shaped like a credential, and these secrets, replaced: the last barrier in front of
/// messages that quote a name or value of the program.
pub fn masked_words(text: &str, secrets: &SecretTexts) -> String {
    mask(text, &secrets.places(text))
}

/// Texts that must not be shown, all looked for at once. Text too short to be a secret is left out: masking `:` everywhere
/// would make excerpts unreadable.
#[derive(Default)]
pub enum SecretTexts {
    /// Nothing to hide.
    #[default]
    None,
    /// These.
    These(aho_corasick::AhoCorasick),
    /// Too many to look for: nothing may be shown.
    All,
}

impl SecretTexts {
    /// Texts to look for.
    pub fn new<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let texts: Vec<&str> = texts.into_iter().filter(|text| text.len() >= MIN_SECRET).collect();
        if texts.is_empty() {
            return Self::None;
        }
        aho_corasick::AhoCorasick::new(texts).map_or(Self::All, Self::These)
    }

    /// Where they stand, as ranges of bytes that can overlap.
    fn places(&self, text: &str) -> Vec<(u32, u32)> {
        let automaton = match self {
            Self::None => return Vec::new(),
            Self::These(automaton) => automaton,
            Self::All => return vec![(0, u32::try_from(text.len()).unwrap_or(u32::MAX))],
        };
        let found = automaton.find_overlapping_iter(text);
        found.filter_map(|m| Some((u32::try_from(m.start()).ok()?, u32::try_from(m.end()).ok()?))).collect()
    }
}

impl std::fmt::Debug for SecretTexts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SecretTexts(…)")
    }
}

/// All files of a run.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

impl Sources {
    /// Adds a file.
    pub fn add(&mut self, file: SourceFile) -> FileId {
        self.files.push(file);
        FileId(u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX))
    }

    /// Marks every occurrence of these texts in every file as secret.
    pub fn mark_texts(&self, secrets: &SecretTexts) {
        for file in &self.files {
            file.mark_texts(secrets);
        }
    }

    /// A file by id.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// All files with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(index, file)| (FileId(u32::try_from(index).unwrap_or(u32::MAX)), file))
    }

    /// Number of files.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_made_after_an_excerpt_count() {
        let file = SourceFile::new("a", b"let a = \"hunter22\";\nlet b = \"sk_1234567890ab\";\n");
        assert_eq!(file.excerpt_line(1).as_str(), "let a = \"hunter22\";");
        assert_eq!(file.excerpt_line(2).as_str(), "let b = \"***************\";");
        file.mark_texts(&SecretTexts::new(["hunter22"]));
        assert_eq!(file.excerpt_line(1).as_str(), "let a = \"********\";");
        assert_eq!(file.redacted().as_str().len(), file.text().len());
    }

    #[test]
    fn words_are_masked() {
        assert_eq!(
            masked_words("the key `sk_1234567890ab` and `pass word`", &SecretTexts::new(["pass word"])),
            "the key `***************` and `*********`"
        );
        assert_eq!(masked_words("a: b", &SecretTexts::new([":"])), "a: b");
    }
}
