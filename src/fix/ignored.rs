//! Git is told to ignore a file.

use super::Place;
use crate::finding::{Fix, NewLine};
use crate::project::disk;
use std::path::Path;

const LIST: &str = ".gitignore";

/// A line for the file in the nearest list above it within its repository, which has the last word; a repository without
/// one gets a list. `base`: the folder that shown paths are relative to.
pub(super) fn line(place: &Place<'_>, base: &Path) -> Option<Fix> {
    let file = base.join(&place.source.path);
    let mut list = None;
    for folder in file.ancestors().skip(1) {
        let root = disk::exists(&folder.join(".git"));
        if root || disk::is_file(&folder.join(LIST)) {
            list = Some(folder);
            break;
        }
    }
    let folder = list?;
    let below = file.strip_prefix(folder).ok()?.to_str()?.replace('\\', "/");
    let path = crate::project::walk::show(&folder.join(LIST), base);
    let description = "tell git to ignore the file".to_owned();
    let lines = vec![NewLine { path, text: pattern(&below)? }];
    Some(Fix { description, safe: true, edits: Vec::new(), lines })
}

/// The pattern that fits one path alone.
fn pattern(path: &str) -> Option<String> {
    // The end of a line and white space before it would not be read as part of the path.
    if path.contains(['\n', '\r']) || path.ends_with(char::is_whitespace) {
        return None;
    }
    let mut text = String::from("/");
    for c in path.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_one_path() {
        assert_eq!(pattern("a/.env").as_deref(), Some("/a/.env"));
        assert_eq!(pattern("#a [1].env").as_deref(), Some("/#a \\[1\\].env"));
        assert_eq!(pattern(".env "), None);
    }
}
