//! Tests in the dialect of bats: `@test "…" { … }` is a group of commands before which `setup` runs.

use std::path::Path;

/// Whether a script is written for bats.
pub(super) fn is_bats(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "bats")
}

/// The text as plain shell: of the same length, so that places stay as they are.
pub(super) fn as_shell(text: &str) -> String {
    const SETUP: &str = "setup;";
    let is_setup = |line: &str| line.trim_start().trim_start_matches("function ").starts_with("setup()");
    let has_setup = text.lines().any(is_setup);
    let mut made = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let head = line.trim_start();
        let indent = line.len() - head.len();
        let open = line.rfind('{').filter(|_| head.starts_with("@test"));
        let Some(length) = open.and_then(|open| open.checked_sub(indent)).filter(|length| *length > SETUP.len()) else {
            made.push_str(line);
            continue;
        };
        made.push_str(line.get(..indent).unwrap_or(""));
        let start = if has_setup { SETUP } else { "" };
        made.push_str(start);
        made.extend(std::iter::repeat_n(' ', length - start.len()));
        made.push_str(line.get(indent + length..).unwrap_or(""));
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_become_groups_of_the_same_length() {
        let text = "setup() {\n  a=1\n}\n@test \"reads é\" {\n  run get\n}\n";
        let made = as_shell(text);
        assert_eq!(made.len(), text.len());
        assert!(made.contains("\nsetup;") && made.ends_with("{\n  run get\n}\n") && !made.contains("@test"), "{made}");
        assert!(!as_shell("@test \"x\" {\n}\n").contains("setup"));
        assert_eq!(as_shell("@test {\n"), "@test {\n");
    }
}
