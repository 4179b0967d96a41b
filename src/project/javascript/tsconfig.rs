//! What `tsconfig.json` and `jsconfig.json` say about paths.

use super::{fits, normal};
use jsonc_parser::{JsonObject, JsonValue, ParseOptions, parse_to_value};
use std::path::{Path, PathBuf};

/// Settings that extend others are followed this far.
const MAX_EXTENDS: usize = 8;

/// Rules for specifiers that name no package.
#[derive(Clone, Debug, Default)]
pub(super) struct PathRules {
    /// Where specifiers start.
    base: Option<PathBuf>,
    /// Patterns with at most one `*` and the paths they stand for, longest first.
    paths: Vec<(String, Vec<PathBuf>)>,
}

impl PathRules {
    /// Reads a settings file and those it extends; none when they say nothing about paths.
    pub(super) fn read(path: &Path, read: &dyn Fn(&Path) -> Option<String>) -> Option<Self> {
        let mut rules = Self::load(path, read, MAX_EXTENDS)?;
        rules.paths.sort_by_cached_key(|(pattern, _)| {
            (std::cmp::Reverse(pattern.split('*').next().map_or(0, str::len)), pattern.clone())
        });
        (rules.base.is_some() || !rules.paths.is_empty()).then_some(rules)
    }

    fn load(path: &Path, read: &dyn Fn(&Path) -> Option<String>, depth: usize) -> Option<Self> {
        let depth = depth.checked_sub(1)?;
        let text = read(path)?;
        let folder = path.parent()?;
        let Ok(Some(JsonValue::Object(all))) =
            parse_to_value(text.trim_start_matches('\u{feff}'), &ParseOptions::default())
        else {
            return None;
        };
        let mut rules = Self::default();
        let extended: Vec<&str> = match all.get("extends") {
            Some(JsonValue::String(one)) => vec![one],
            Some(JsonValue::Array(several)) => several.iter().filter_map(text_of).collect(),
            _ => Vec::new(),
        };
        for name in extended {
            let inherited = candidates(folder, name, "").find_map(|path| Self::load(&path, read, depth));
            rules.replace(inherited.unwrap_or_default());
        }
        if let Some(options) = all.get_object("compilerOptions") {
            rules.replace(Self::options(options, folder));
        }
        // A solution file only lists the projects that have settings.
        if rules.paths.is_empty()
            && let Some(references) = all.get_array("references")
        {
            for reference in references.iter() {
                let JsonValue::Object(reference) = reference else { continue };
                let Some(name) = reference.get_string("path") else { continue };
                let read_one = |path: PathBuf| Self::load(&path, read, depth);
                if let Some(more) = candidates(folder, name, "tsconfig.json").find_map(read_one) {
                    rules.base = rules.base.or(more.base);
                    rules.paths.extend(more.paths);
                }
            }
        }
        Some(rules)
    }

    fn options(options: &JsonObject<'_>, folder: &Path) -> Self {
        let place = |base: &Path, path: &str| {
            let path = path.strip_prefix("${configDir}/").unwrap_or(path);
            normal(&base.join(path))
        };
        let base = options.get_string("baseUrl").map(|base| place(folder, base));
        let start = base.as_deref().unwrap_or(folder);
        let paths = options.get_object("paths").map(|all| {
            let targets = |value: &JsonValue<'_>| match value {
                JsonValue::Array(all) => all.iter().filter_map(text_of).map(|target| place(start, target)).collect(),
                _ => Vec::new(),
            };
            all.clone().into_iter().map(|(pattern, value)| (pattern.to_string(), targets(&value))).collect()
        });
        Self { base, paths: paths.unwrap_or_default() }
    }

    /// Takes over what other rules say; paths are replaced as a whole.
    fn replace(&mut self, other: Self) {
        if other.base.is_some() {
            self.base = other.base;
        }
        if !other.paths.is_empty() {
            self.paths = other.paths;
        }
    }

    /// Where a specifier may lead, best first.
    pub(super) fn places(&self, specifier: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for (pattern, targets) in &self.paths {
            let Some(rest) = fits(pattern, specifier) else { continue };
            found.extend(targets.iter().map(|target| match target.to_str() {
                Some(target) => normal(Path::new(&target.replace('*', rest))),
                None => target.clone(),
            }));
        }
        found.extend(self.base.as_ref().map(|base| base.join(specifier)));
        found
    }
}

fn text_of<'v>(value: &'v JsonValue<'_>) -> Option<&'v str> {
    match value {
        JsonValue::String(text) => Some(text),
        _ => None,
    }
}

/// The files that a reference from a folder may mean; `inside` is the file of a folder.
fn candidates<'n>(folder: &'n Path, name: &'n str, inside: &'static str) -> impl Iterator<Item = PathBuf> + 'n {
    let relative = name.starts_with('.') || name.starts_with('/');
    // Settings from packages: those of the workspace lie beside the project's own folders.
    let bases = folder.ancestors().take(if relative { 1 } else { 6 });
    bases.flat_map(move |base| {
        let base = if relative { base.to_owned() } else { base.join("node_modules") };
        let whole = normal(&base.join(name));
        let mut with_ending = whole.clone().into_os_string();
        with_ending.push(".json");
        let file = if inside.is_empty() { "tsconfig.json" } else { inside };
        [whole.join(file), PathBuf::from(with_ending), whole]
    })
}
