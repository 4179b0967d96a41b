//! Shards: parts of a run that several machines share.

use crate::identity::number;
use std::str::FromStr;

/// One of several parts of all files, by a hash of their paths: a file stays in its part when others come and go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which one, from 0.
    index: u64,
    /// Of how many.
    count: u64,
}

impl Shard {
    /// Whether a path belongs to this part.
    pub fn holds(self, path: &str) -> bool {
        number(path) % self.count == self.index
    }
}

impl FromStr for Shard {
    type Err = String;

    /// Reads `i/n`, with `i` from 1 to `n`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once('/').and_then(|(i, n)| Some((i.trim().parse().ok()?, n.trim().parse().ok()?)));
        match parts {
            Some((index, count)) if (1..=count).contains(&index) => Ok(Self { index: index - 1, count }),
            _ => Err("write i/n with i from 1 to n, such as 2/8".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_numbered_from_one() {
        for wrong in ["0/2", "3/2", "1/0", "1", "a/b", "-1/2", ""] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
        assert_eq!("2/3".parse(), Ok(Shard { index: 1, count: 3 }));
    }

    #[test]
    fn each_path_is_in_one_part() {
        let shards: Vec<Shard> = (0..5).map(|index| Shard { index, count: 5 }).collect();
        let paths: Vec<String> = (0..500).map(|number| format!("src/file{number}.rs")).collect();
        for path in &paths {
            assert_eq!(shards.iter().filter(|shard| shard.holds(path)).count(), 1);
        }
        let mut sizes = shards.iter().map(|shard| paths.iter().filter(|path| shard.holds(path)).count());
        assert!(sizes.all(|size| size > 50));
    }
}
