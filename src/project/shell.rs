//! Which file of the project a shell script means by a path, and which files without an ending are scripts.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::Path;

/// Files that programs look for under several names.
const OTHER_NAMES: &[(&str, &[&str])] = &[
    ("Makefile", &["makefile", "GNUmakefile"]),
    ("justfile", &["Justfile", ".justfile"]),
    ("Taskfile.yml", &["Taskfile.yaml", "taskfile.yml", "taskfile.yaml"]),
];

/// The files of a run, by their names.
#[derive(Debug, Default)]
pub struct ScriptFiles<'a> {
    by_name: HashMap<&'a OsStr, Vec<(usize, &'a Path)>>,
}

impl<'a> ScriptFiles<'a> {
    /// Takes the files in their order.
    pub fn new(paths: impl IntoIterator<Item = &'a Path>) -> Self {
        let mut by_name: HashMap<_, Vec<_>> = HashMap::new();
        for (index, path) in paths.into_iter().enumerate() {
            if let Some(name) = path.file_name() {
                by_name.entry(name).or_default().push((index, path));
            }
        }
        Self { by_name }
    }

    /// The file that a script means. Scripts say where a file is from folders that are known only when they run: the
    /// nearest folder around the script in which there is such a file counts, then the only file with such an end.
    pub fn resolve(&self, from: &Path, specifier: &str) -> Option<usize> {
        let others = OTHER_NAMES.iter().filter(|(name, _)| *name == specifier).flat_map(|(_, others)| *others);
        std::iter::once(&specifier).chain(others).find_map(|name| self.resolve_one(from, name))
    }

    fn resolve_one(&self, from: &Path, specifier: &str) -> Option<usize> {
        let end = Path::new(specifier);
        let named = self.by_name.get(end.file_name()?)?;
        let all: Vec<(usize, &Path)> =
            named.iter().filter(|(_, path)| path.ends_with(end) && *path != from).copied().collect();
        let near = from.ancestors().skip(1).find_map(|folder| {
            let wanted = folder.join(end);
            all.iter().find(|(_, path)| *path == wanted)
        });
        match (near, all.as_slice()) {
            (Some((index, _)), _) | (None, [(index, _)]) => Some(*index),
            _ => None,
        }
    }
}

/// Whether a text begins as a shell script does: `#!/bin/sh`, `#!/usr/bin/env bash`.
pub fn is_script(text: &[u8]) -> bool {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let Some(line) = std::str::from_utf8(line).ok().and_then(|line| line.strip_prefix("#!")) else { return false };
    let mut words = line.split_whitespace();
    let name = |word: &str| word.rsplit('/').next().unwrap_or(word).to_owned();
    let program = match words.next().map(name) {
        Some(env) if env == "env" => words.find(|word| !word.starts_with('-') && !word.contains('=')).map(name),
        other => other,
    };
    program.is_some_and(|program| matches!(program.as_str(), "sh" | "bash" | "dash" | "ash" | "ksh" | "zsh"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_the_nearest_file_or_the_only_one() {
        let paths = ["/p/a/lib/api.sh", "/p/b/lib/api.sh", "/p/b/bin/run.sh", "/p/etc/site.sh"].map(Path::new);
        let files = ScriptFiles::new(paths);
        assert_eq!(files.resolve(Path::new("/p/b/bin/run.sh"), "lib/api.sh"), Some(1));
        assert_eq!(files.resolve(Path::new("/p/b/bin/run.sh"), "site.sh"), Some(3));
        assert_eq!(files.resolve(Path::new("/p/b/bin/run.sh"), "run.sh"), None);
        // Two of them, neither nearer.
        assert_eq!(files.resolve(Path::new("/p/run.sh"), "api.sh"), None);
    }

    #[test]
    fn scripts_are_told_by_their_first_line() {
        for text in
            ["#!/bin/sh\n", "#!/usr/bin/env bash\nx", "#!/usr/bin/env -S bash -x", "#! /usr/local/bin/bash -e\n"]
        {
            assert!(is_script(text.as_bytes()), "{text}");
        }
        for text in ["", "#!", "#!/usr/bin/env python3\n", "#!/usr/bin/perl\n", "echo #!/bin/sh\n"] {
            assert!(!is_script(text.as_bytes()), "{text}");
        }
    }
}
