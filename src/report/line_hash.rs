//! `primaryLocationLineHash` as code scanning computes it: it keeps an alert the same alert when lines move.

use std::collections::HashMap;

const WINDOW: usize = 100;
const MULTIPLIER: u64 = 37;
/// What is fed once at the end of the input.
const END: u16 = 65535;

/// The hash of each line, in order: lower-case hex, `:` and how often that hash occurred so far.
///
/// A line's hash covers [`WINDOW`] UTF-16 code units from its start onward, also of the lines that follow; spaces and
/// tabs are left out and every line break is one LF.
pub fn line_hashes(text: &str) -> Vec<String> {
    let mut units: Vec<u16> = Vec::new();
    let mut starts = vec![0];
    let mut previous = 0;
    for unit in text.encode_utf16() {
        match unit {
            0x20 | 0x09 => {}
            // The LF of a CRLF: its CR has been counted.
            0x0a if previous == 0x0d => {}
            0x0a | 0x0d => {
                units.push(0x0a);
                starts.push(units.len());
            }
            _ => units.push(unit),
        }
        previous = unit;
    }
    units.push(END);
    units.extend(std::iter::repeat_n(0, WINDOW));
    let mut seen: HashMap<u64, usize> = HashMap::new();
    starts
        .into_iter()
        .filter_map(|start| units.get(start..start + WINDOW))
        .map(|window| {
            let step = |hash: u64, unit: &u16| hash.wrapping_mul(MULTIPLIER).wrapping_add(u64::from(*unit));
            let hash = window.iter().fold(0, step);
            let count = seen.entry(hash).or_insert(0);
            *count += 1;
            format!("{hash:x}:{count}")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing)]
    use super::line_hashes;

    // The vectors are those of the published implementation.
    #[test]
    fn vectors() {
        assert_eq!(line_hashes(""), ["c129715d7a2bc9a3:1"]);
        let four = ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"];
        assert_eq!(line_hashes(" a\nb\n  \t\tc\n d"), four);
        assert_eq!(line_hashes(" a\r\nb\r  \t\tc\r\n d"), four);
        let lorem = line_hashes(&"Lorem ipsum dolor sit amet.\n".repeat(10));
        assert_eq!((lorem[0].as_str(), lorem[5].as_str()), ("a7f2ff13bc495cf2:1", "a7f2ff13bc495cf2:6"));
        assert_eq!(lorem[6], "a7f2ff1481e87703:1");
    }
}
