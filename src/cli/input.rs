//! A file's text from standard input.

use crate::error::Error;
use crate::project::read::MAX_BYTES;
use crate::scan::Given;
use std::io::Read;
use std::path::Path;

/// Reads standard input as the text of a file. One byte more than a file may have is enough to leave it out.
///
/// # Errors
/// When standard input cannot be read, or the path names a folder.
pub(super) fn given(path: &Path) -> Result<Given, Error> {
    if path.file_name().is_none() || path.is_dir() {
        return Err(Error::new("--stdin-filename names no file").in_file(path).help("give the path of a file"));
    }
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| Error::new(format!("standard input cannot be read: {}", error.kind())))?;
    Ok(Given { path: path.to_owned(), bytes })
}
