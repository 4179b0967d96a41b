//! Which files git tracks, from the index of the work tree.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// An index larger than this is not read.
const MAX_BYTES: u64 = 512 * 1024 * 1024;

/// Paths of the tracked files relative to the work tree's root, `/`-separated; none when there is no index that can be read.
pub fn tracked(root: &Path) -> Option<HashSet<String>> {
    let path = folder(root)?.join("index");
    if std::fs::metadata(&path).ok()?.len() > MAX_BYTES {
        return None;
    }
    entries(&std::fs::read(path).ok()?)
}

/// The folder that holds the index: `.git`, or where a linked work tree's `.git` file leads.
fn folder(root: &Path) -> Option<PathBuf> {
    let git = root.join(".git");
    if git.is_dir() {
        return Some(git);
    }
    let text = std::fs::read_to_string(git).ok()?;
    Some(root.join(text.strip_prefix("gitdir:")?.trim()))
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let four: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(four)).ok()
}

/// The paths in an index of version 2, 3 or 4.
fn entries(bytes: &[u8]) -> Option<HashSet<String>> {
    /// Times, numbers, sizes and the object's name before the flags.
    const FIXED: usize = 60;
    if bytes.get(..4)? != b"DIRC" {
        return None;
    }
    let version = number(bytes, 4)?;
    let count = number(bytes, 8)?;
    let mut paths = HashSet::new();
    let mut previous: Vec<u8> = Vec::new();
    let mut at = 12;
    for _ in 0..count {
        let start = at;
        let extended = version >= 3 && bytes.get(start + FIXED)? & 0x40 != 0;
        at = start + FIXED + if extended { 4 } else { 2 };
        if version == 4 {
            // The path goes on from the one before, less this many bytes.
            let (cut, width) = offset(bytes.get(at..)?)?;
            at += width;
            previous.truncate(previous.len().checked_sub(cut)?);
        } else {
            previous.clear();
        }
        let length = bytes.get(at..)?.iter().position(|byte| *byte == 0)?;
        previous.extend_from_slice(bytes.get(at..at + length)?);
        at += length + 1;
        if version < 4 {
            // Entries are padded to eight bytes.
            at = start + (at - start).div_ceil(8) * 8;
        }
        paths.insert(String::from_utf8_lossy(&previous).into_owned());
    }
    Some(paths)
}

/// A number of variable width: its value and its width.
fn offset(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0usize;
    for (index, byte) in bytes.iter().take(8).enumerate() {
        if index > 0 {
            value += 1;
        }
        value = (value << 7) | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_no_index_has_no_entries() {
        assert!(entries(b"").is_none());
        assert!(entries(b"DIRC\0\0\0\x02\xff\xff\xff\xff").is_none());
        assert!(entries(b"DIRC\0\0\0\x02\0\0\0\0").unwrap().is_empty());
    }
}
