//! What is looked at: paths, a file's text from standard input, or what is staged.

use super::options::CheckOptions;
use crate::error::Error;
use crate::finding::Notification;
use crate::project::read::MAX_BYTES;
use crate::project::staged::{Staged, staged};
use crate::project::texts::Texts;
use crate::project::walk::absolute;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What is looked at.
#[derive(Default)]
pub(super) struct Input {
    /// Files and folders on disk.
    pub paths: Vec<PathBuf>,
    /// Files whose texts are given.
    pub given: Vec<PathBuf>,
    /// Texts that stand for what is on disk.
    pub texts: Texts,
    /// What cannot be looked at.
    pub notifications: Vec<Notification>,
}

/// What a check looks at.
///
/// # Errors
/// When something that is named is not there, standard input cannot be read, or git cannot tell what is staged.
pub(super) fn input(options: &CheckOptions) -> Result<Input, Error> {
    if let Some(path) = &options.stdin_filename {
        let (path, bytes) = given(path)?;
        let mut texts = Texts::default();
        texts.insert(path.clone(), bytes);
        return Ok(Input { given: vec![path], texts, ..Input::default() });
    }
    if !options.staged {
        return Ok(Input { paths: super::paths(options)?, ..Input::default() });
    }
    let below: Vec<PathBuf> = options.paths.iter().map(|path| absolute(path)).collect();
    let Staged { files, conflicted, texts } = staged(Path::new("."), &below)?;
    let told = |path: &String| Notification {
        path: path.clone(),
        line: None,
        message: "left out: it is in conflict; resolve it and stage it".to_owned(),
        skipped: true,
    };
    Ok(Input { paths: Vec::new(), given: files, texts, notifications: conflicted.iter().map(told).collect() })
}

/// Reads standard input as the text of a file; its path is made absolute. One byte more than a file may have is enough to leave it out.
///
/// # Errors
/// When standard input cannot be read, or the path names a folder.
fn given(path: &Path) -> Result<(PathBuf, Vec<u8>), Error> {
    if path.file_name().is_none() || path.is_dir() {
        return Err(Error::new("--stdin-filename names no file").in_file(path).help("give the path of a file"));
    }
    let mut bytes = Vec::new();
    let read = std::io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| Error::new(format!("standard input cannot be read: {}", error.kind())))?;
    Ok((absolute(path), bytes))
}
