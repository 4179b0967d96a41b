//! Rights of files: what modes say, and where configuration sets them, from `rules/file_modes.toml`.

use serde::Deserialize;
use std::sync::OnceLock;

/// Who can read a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Its owner.
    Owner,
    /// Its owner and the members of its group.
    Group,
    /// Every account of the machine.
    Everyone,
}

impl Readers {
    /// Who can read a file with such bits.
    fn of_bits(bits: u32) -> Self {
        match bits {
            bits if bits & 0o004 != 0 => Self::Everyone,
            bits if bits & 0o040 != 0 => Self::Group,
            _ => Self::Owner,
        }
    }

    /// Reads a mode in words: `644`, `0o600`, `u=rw,go=r`, `a+r`. None when it says nothing about who can read.
    pub fn of_words(mode: &str) -> Option<Self> {
        let digits = mode.trim().trim_start_matches("0o");
        if !digits.is_empty() && digits.len() <= 5 && digits.bytes().all(|b| (b'0'..=b'7').contains(&b)) {
            return u32::from_str_radix(digits, 8).ok().map(Self::of_bits);
        }
        let mut said = None;
        for clause in mode.split(',') {
            let at = clause.find(['+', '=', '-'])?;
            let (who, rights) = clause.split_at(at);
            let reads = rights.contains('r') && !rights.starts_with('-');
            let everyone = who.is_empty() || who.contains(['a', 'o']);
            let sets = rights.starts_with('=') || rights.starts_with('-');
            said = match (reads, said) {
                (true, _) if everyone => Some(Self::Everyone),
                (true, said) if who.contains('g') && said != Some(Self::Everyone) => Some(Self::Group),
                (false, None) if sets && (everyone || who.contains('g')) => Some(Self::Owner),
                (_, said) => said,
            };
        }
        said
    }

    /// Reads a mode that is a number of a program or of a file: with `0o` or a leading zero it is octal.
    pub fn of_number(number: &str) -> Option<Self> {
        let number = number.to_ascii_lowercase();
        let octal = number.strip_prefix("0o").or_else(|| number.strip_prefix('0').filter(|rest| !rest.is_empty()));
        match octal {
            Some(octal) => u32::from_str_radix(octal, 8),
            None => number.parse(),
        }
        .ok()
        .map(Self::of_bits)
    }
}

/// Keys that stand side by side where a format sets the rights of a file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// What it is, for people.
    #[serde(rename = "name")]
    _name: String,
    /// Keys of the mode.
    pub mode: Vec<String>,
    /// Keys with the path of the file.
    pub files: Vec<String>,
    /// Keys with the name of a secret that becomes files.
    pub secrets: Vec<String>,
}

#[derive(Default, Deserialize)]
struct File {
    place: Vec<Place>,
}

/// All places. An unreadable file would be a build fault; the test below reads it.
pub fn places() -> &'static [Place] {
    static ALL: OnceLock<File> = OnceLock::new();
    &ALL.get_or_init(|| serde_json::from_str(super::bundled::FILE_MODES).unwrap_or_default()).place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_say_who_reads() {
        use Readers::{Everyone, Group, Owner};
        for (mode, readers) in [
            ("644", Some(Everyone)),
            ("0600", Some(Owner)),
            ("0o640", Some(Group)),
            ("a+r", Some(Everyone)),
            ("+r", Some(Everyone)),
            ("u=rw,go=r", Some(Everyone)),
            ("u=rw,g=r,o=", Some(Group)),
            ("go-rwx", Some(Owner)),
            ("u+x", None),
            ("+x", None),
            ("", None),
        ] {
            assert_eq!(Readers::of_words(mode), readers, "{mode}");
        }
        for (number, readers) in
            [("0o600", Owner), ("0644", Everyone), ("420", Everyone), ("384", Owner), ("0440", Group)]
        {
            assert_eq!(Readers::of_number(number), Some(readers), "{number}");
        }
    }

    #[test]
    fn the_places_are_read() {
        assert!(places().iter().all(|place| !place.mode.is_empty() && !place._name.is_empty()));
        assert!(!places().is_empty());
    }
}
