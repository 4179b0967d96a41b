//! Strings and comments found without parsing: what is still told about a file that does not parse, and the specifiers a
//! file names.

/// A piece of source that is not code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A comment, marks included.
    Comment(usize, usize),
    /// A string or a part of a template between holes, quotes not included.
    Text(usize, usize),
    /// An identifier or keyword.
    Word(usize, usize),
    /// Any other byte that is not white space.
    Mark(u8),
}

/// Reads pieces from the start of a text. What looks like a comment in a string is none, and the other way round.
pub(crate) struct Pieces<'s> {
    bytes: &'s [u8],
    at: usize,
    /// Open braces of each template hole around.
    holes: Vec<usize>,
    /// Whether an expression may start here, so that `/` starts a regular expression.
    starts: bool,
    last: u8,
}

impl<'s> Pieces<'s> {
    pub(crate) fn new(text: &'s str) -> Self {
        let at = if text.starts_with("#!") { memchr::memchr(b'\n', text.as_bytes()).unwrap_or(text.len()) } else { 0 };
        Self { bytes: text.as_bytes(), at, holes: Vec::new(), starts: true, last: b';' }
    }

    fn byte(&self, index: usize) -> u8 {
        self.bytes.get(index).copied().unwrap_or(0)
    }

    fn rest(&self, index: usize) -> &'s [u8] {
        self.bytes.get(index..).unwrap_or_default()
    }

    fn string(&mut self, quote: u8) -> Piece {
        let start = self.at + 1;
        let mut at = start;
        while at < self.bytes.len() {
            match self.byte(at) {
                b'\\' => at += 1,
                b'\n' => break,
                byte if byte == quote => break,
                _ => {}
            }
            at += 1;
        }
        let end = at.min(self.bytes.len());
        self.at = (end + usize::from(self.byte(end) == quote)).min(self.bytes.len());
        Piece::Text(start, end)
    }

    /// The text of a template from `start` to its end or its next hole.
    fn template(&mut self, start: usize) -> Piece {
        let mut at = start;
        while at < self.bytes.len() {
            match self.byte(at) {
                b'\\' => at += 1,
                b'`' => {
                    self.at = at + 1;
                    return Piece::Text(start, at);
                }
                b'$' if self.byte(at + 1) == b'{' => {
                    self.holes.push(0);
                    self.at = at + 2;
                    return Piece::Text(start, at);
                }
                _ => {}
            }
            at += 1;
        }
        self.at = self.bytes.len();
        Piece::Text(start.min(self.bytes.len()), self.bytes.len())
    }

    /// Where a regular expression that starts here ends; none when this is a division.
    fn regex_end(&self) -> Option<usize> {
        let (mut at, mut class) = (self.at + 1, false);
        loop {
            match self.byte(at) {
                0 | b'\n' => return None,
                b'\\' => at += 1,
                b'[' => class = true,
                b']' => class = false,
                b'/' if !class => return Some(at + 1),
                _ => {}
            }
            at += 1;
        }
    }
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            let (starts, last) = (std::mem::replace(&mut self.starts, false), std::mem::replace(&mut self.last, byte));
            let piece = match byte {
                b'/' if self.byte(self.at + 1) == b'/' => {
                    let start = self.at;
                    self.at = memchr::memchr(b'\n', self.rest(start)).map_or(self.bytes.len(), |length| start + length);
                    (self.starts, self.last) = (starts, last);
                    Piece::Comment(start, self.at)
                }
                b'/' if self.byte(self.at + 1) == b'*' => {
                    let start = self.at;
                    self.at = memchr::memmem::find(self.rest(start + 2), b"*/")
                        .map_or(self.bytes.len(), |length| start + length + 4);
                    (self.starts, self.last) = (starts, last);
                    Piece::Comment(start, self.at)
                }
                b'"' | b'\'' => self.string(byte),
                b'`' => {
                    let piece = self.template(self.at + 1);
                    self.starts = self.byte(self.at.saturating_sub(1)) == b'{';
                    piece
                }
                b'}' if self.holes.last() == Some(&0) => {
                    self.holes.pop();
                    let piece = self.template(self.at + 1);
                    self.starts = self.byte(self.at.saturating_sub(1)) == b'{';
                    piece
                }
                b'/' if starts && last != b'<' => {
                    self.at = self.regex_end().unwrap_or(self.at + 1);
                    continue;
                }
                byte if byte.is_ascii_whitespace() => {
                    self.at += 1;
                    (self.starts, self.last) = (starts, last);
                    continue;
                }
                byte if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80 => {
                    let start = self.at;
                    let word =
                        |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || **byte >= 0x80;
                    self.at += self.rest(start).iter().take_while(word).count().max(1);
                    let word = self.bytes.get(start..self.at).unwrap_or_default();
                    self.starts = matches!(
                        word,
                        b"return"
                            | b"typeof"
                            | b"case"
                            | b"in"
                            | b"of"
                            | b"delete"
                            | b"void"
                            | b"throw"
                            | b"new"
                            | b"do"
                            | b"else"
                            | b"yield"
                            | b"await"
                            | b"instanceof"
                    );
                    Piece::Word(start, self.at)
                }
                byte => {
                    self.at += 1;
                    if let Some(braces) = self.holes.last_mut() {
                        match byte {
                            b'{' => *braces += 1,
                            b'}' => *braces = braces.saturating_sub(1),
                            _ => {}
                        }
                    }
                    self.starts = !matches!(byte, b')' | b']' | b'}');
                    Piece::Mark(byte)
                }
            };
            return Some(piece);
        }
    }
}
