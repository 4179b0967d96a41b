//! Reading one file: regular files only, bounded, decoded, and set aside when there is no text in it.

use super::kind::{Encoding, HEAD, looks_minified};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Files above this many bytes are not read.
pub const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// Larger buffers are not kept, in bytes.
const MAX_KEPT: usize = 1024 * 1024;

/// What became of a file.
#[derive(Debug)]
pub enum Content {
    /// Its text as UTF-8 bytes (or whatever bytes they are).
    Text(Vec<u8>),
    /// No text.
    Binary,
    /// Minified: nobody wrote it.
    Minified,
    /// A report of this program: what it quotes is none of the project's code.
    Report,
    /// Text, but more than [`MAX_BYTES`].
    TooLarge,
    /// Not a regular file.
    Irregular,
    /// It cannot be read, and why.
    Unreadable(std::io::ErrorKind),
}

thread_local! {
    /// Memory for the next file: most files are looked at once and forgotten, and fresh memory for each costs more than
    /// looking.
    static BUFFER: std::cell::RefCell<Vec<u8>> = const { std::cell::RefCell::new(Vec::new()) };
}

/// Gives back the bytes of a file that was read, for the next one.
pub fn recycle(bytes: Vec<u8>) {
    if bytes.capacity() <= MAX_KEPT {
        BUFFER.set(bytes);
    }
}

/// Reads a file.
pub fn read(path: &Path) -> Content {
    match try_read(path) {
        Ok(content) => content,
        Err(error) => Content::Unreadable(error.kind()),
    }
}

/// What a file would be with these bytes in it.
pub fn decode(path: &Path, bytes: Vec<u8>) -> Content {
    let encoding = Encoding::of(&bytes);
    if encoding == Encoding::Binary {
        return Content::Binary;
    }
    if bytes.len() as u64 > MAX_BYTES {
        return Content::TooLarge;
    }
    if looks_minified(path, &bytes) {
        return Content::Minified;
    }
    if is_own_report(path, &bytes) {
        return Content::Report;
    }
    Content::Text(encoding.decode(bytes))
}

/// Whether a file is SARIF of this program: the rules in it carry examples of what is reported.
fn is_own_report(path: &Path, bytes: &[u8]) -> bool {
    path.extension().is_some_and(|extension| extension == "sarif")
        && bytes
            .get(..bytes.len().min(HEAD))
            .is_some_and(|head| memchr::memmem::find(head, b"\"cerbo-lint\"").is_some())
}

fn try_read(path: &Path) -> std::io::Result<Content> {
    // Opening a FIFO waits for a writer, so its kind is asked for before it is opened.
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        return Ok(Content::Irregular);
    }
    let mut file = File::open(path)?;
    let mut bytes = BUFFER.take();
    bytes.clear();
    bytes.reserve(usize::try_from(metadata.len().min(MAX_BYTES)).unwrap_or(0) + 1);
    file.by_ref().take(HEAD as u64).read_to_end(&mut bytes)?;
    let encoding = Encoding::of(&bytes);
    if encoding == Encoding::Binary {
        return Ok(Content::Binary);
    }
    // The length is told by the bytes that come, not by the metadata: a file may grow, and some files lie.
    file.take(MAX_BYTES + 1 - bytes.len() as u64).read_to_end(&mut bytes)?;
    Ok(decode(path, bytes))
}
