//! Names that the settings of bundlers give to folders and files, found without parsing.

use super::normal;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Beginnings of the names of files that hold such settings.
const FILES: &[&str] = &[
    "vite.config.",
    "vitest.config.",
    "webpack.",
    "vue.config.",
    "craco.config.",
    "rollup.config.",
    "rspack.config.",
    "rsbuild.config.",
    "svelte.config.",
    "next.config.",
    "astro.config.",
    "electron.vite.config.",
    "babel.config.",
    "quasar.config.",
];
/// A list of names is at most this long (bytes).
const MAX_LENGTH: usize = 4000;

/// Whether a file of this name may hold settings of a bundler.
pub(super) fn may_hold(name: &str) -> bool {
    FILES.iter().any(|file| name.starts_with(file))
}

/// The names in a file of settings, each with the place it stands for.
pub(super) fn aliases(folder: &Path, text: &str) -> Vec<(String, PathBuf)> {
    static PATTERNS: OnceLock<Option<[regex::Regex; 3]>> = OnceLock::new();
    let patterns = PATTERNS.get_or_init(|| {
        let list = regex::Regex::new(r"\balias\s*[:=]\s*[{\[]").ok()?;
        let key = regex::Regex::new(r#"(?:^|[{,\[\s])['"]?([@~#$\w][\w@~#$./-]*)['"]?\s*:\s"#).ok()?;
        Some([list, key, regex::Regex::new(r#"['"`]([^'"`\n]{1,200})['"`]"#).ok()?])
    });
    let Some([list, key, quoted]) = patterns else { return Vec::new() };
    let mut found = Vec::new();
    for start in list.find_iter(text) {
        let block = balanced(text.get(start.end() - 1..).unwrap_or(""));
        let keys: Vec<_> = key.captures_iter(block).filter_map(|k| Some((k.get(0)?, k.get(1)?.as_str()))).collect();
        let mut asked = None;
        for (index, (whole, name)) in keys.iter().enumerate() {
            let end = keys.get(index + 1).map_or(block.len(), |(next, _)| next.start());
            let value = block.get(whole.end()..end).unwrap_or("");
            let parts: Vec<&str> = quoted.captures_iter(value).filter_map(|q| Some(q.get(1)?.as_str())).collect();
            let name = match *name {
                // Lists hold each name beside what stands for it.
                "find" => {
                    asked = parts.first().copied();
                    continue;
                }
                "replacement" => asked.take(),
                name => Some(name),
            };
            if let (Some(name), false) = (name, parts.is_empty()) {
                let below = parts.iter().fold(folder.to_owned(), |at, part| at.join(part.trim_start_matches('/')));
                found.push((name.trim_end_matches(['/', '$']).to_owned(), normal(&below)));
            }
        }
    }
    found
}

/// Where a specifier leads by a name.
pub(super) fn place(aliases: &[(String, PathBuf)], specifier: &str) -> Vec<PathBuf> {
    let named = aliases.iter().filter_map(|(name, target)| match specifier.strip_prefix(name.as_str())? {
        "" => Some(target.clone()),
        rest => Some(target.join(rest.strip_prefix('/')?)),
    });
    named.map(|path| normal(&path)).collect()
}

/// The text up to the bracket that closes the one it begins with.
fn balanced(text: &str) -> &str {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate().take(MAX_LENGTH) {
        match byte {
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return text.get(..at).unwrap_or("");
                }
            }
            _ => {}
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_folders_in_the_settings_of_bundlers_are_found() {
        let found = |text: &str| aliases(Path::new("/p"), text);
        let folder = |name: &str, path: &str| (name.to_owned(), PathBuf::from(path));
        assert_eq!(
            found(
                "resolve: { alias: {\n '#lib': fileURLToPath(new URL('./src/lib', import.meta.url)),\n api: path.resolve(__dirname, 'src', 'api'),\n} }"
            ),
            [folder("#lib", "/p/src/lib"), folder("api", "/p/src/api")]
        );
        assert_eq!(
            found("alias: [{ find: '@ehr/', replacement: resolve(__dirname, '../ehr') }]"),
            [folder("@ehr", "/ehr")]
        );
        assert_eq!(found("config.resolve.alias = { '~http$': '/src/http.js' }"), [folder("~http", "/p/src/http.js")]);
        assert!(found("alias: { react: preact }, other: { a: 'b' }").is_empty());
        assert!(found("alias: { never: 'closed'").is_empty());
    }

    #[test]
    fn a_name_stands_for_whole_parts_of_a_specifier() {
        let all = [("@api".to_owned(), PathBuf::from("/p/src/api"))];
        assert_eq!(place(&all, "@api/http"), [PathBuf::from("/p/src/api/http")]);
        assert_eq!(place(&all, "@api"), [PathBuf::from("/p/src/api")]);
        assert!(place(&all, "@apis/http").is_empty());
    }
}
