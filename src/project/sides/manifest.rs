//! Places in manifests, for the evidence.

use std::ops::Range;
use std::path::Path;

/// The text of a small file of the project.
pub(super) fn text(path: &Path) -> Option<String> {
    match crate::project::disk::content(path) {
        crate::project::read::Content::Text(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        _ => None,
    }
}

/// Where a key of a TOML file stands: the first of several ways through its tables that is there. `*` is any key.
pub(super) fn toml_key(text: &str, ways: &[&[&str]]) -> Range<usize> {
    // Offsets of a parse without the byte-order mark would be off by its length.
    let Ok(table) = toml::de::DeTable::parse(text) else { return 0..0 };
    ways.iter().find_map(|way| find(table.get_ref(), way)).unwrap_or(0..0)
}

fn find(table: &toml::de::DeTable<'_>, way: &[&str]) -> Option<Range<usize>> {
    let (first, rest) = way.split_first()?;
    table.iter().filter(|(key, _)| *first == "*" || key.get_ref().as_ref() == *first).find_map(|(key, value)| {
        if rest.is_empty() {
            return Some(key.span());
        }
        find(value.get_ref().as_table()?, rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_through_tables() {
        let text = "[package]\nname='a'\n[target.'cfg(x)'.dependencies]\nyew = { version = '1' }\n";
        let at = toml_key(text, &[&["dependencies", "yew"], &["target", "*", "dependencies", "yew"]]);
        assert_eq!(text.get(at), Some("yew"));
        assert_eq!(toml_key(text, &[&["dependencies"]]), 0..0);
        assert_eq!(toml_key("[x", &[&["x"]]), 0..0);
    }
}
