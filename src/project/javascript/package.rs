//! What a `package.json` says about the files other packages see.

use super::fits;
use serde_json::Value;

/// A package of the project.
#[derive(Debug, Default)]
pub struct NodePackage {
    /// Its name.
    pub name: Option<String>,
    /// The names of all packages it depends on, in any way.
    pub dependencies: Vec<String>,
    /// The files that may be its entry, the written before the built.
    mains: Vec<String>,
    exports: Option<Value>,
    imports: Option<Value>,
}

/// Conditions and fields by how likely they lead to what was written rather than built.
const MAINS: &[&str] = &["source", "module", "main", "types", "typings", "browser"];
const DEPENDENCIES: &[&str] = &["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];
/// Conditions within conditions and lists are followed this far.
const MAX_DEPTH: usize = 8;

impl NodePackage {
    /// Reads a manifest; none when it is not an object.
    pub fn of(text: &str) -> Option<Self> {
        let Value::Object(all) = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()? else { return None };
        let names =
            |key: &&str| all.get(*key).and_then(Value::as_object).into_iter().flat_map(|all| all.keys().cloned());
        Some(Self {
            name: all.get("name").and_then(Value::as_str).map(str::to_owned),
            dependencies: DEPENDENCIES.iter().flat_map(names).collect(),
            mains: MAINS.iter().filter_map(|key| all.get(*key)?.as_str().map(str::to_owned)).collect(),
            exports: all.get("exports").cloned(),
            imports: all.get("imports").cloned(),
        })
    }

    /// Whether the package says itself what others see.
    pub(super) fn has_exports(&self) -> bool {
        self.exports.is_some()
    }

    /// Where the package itself or a path in it may be, best first. `path` is `.` or starts with `./`.
    pub(super) fn entries(&self, path: &str) -> Vec<String> {
        let mut found = Vec::new();
        match &self.exports {
            Some(Value::Object(all)) if all.keys().any(|key| key.starts_with('.')) => {
                if let Some((target, rest)) = keyed(all, path) {
                    targets(target, rest, MAX_DEPTH, &mut found);
                }
            }
            Some(target) if path == "." => targets(target, "", MAX_DEPTH, &mut found),
            _ => {}
        }
        if path == "." {
            found.extend(self.mains.iter().cloned());
            found.extend(["src/index".to_owned(), "src/main".to_owned(), "index".to_owned()]);
        } else {
            found.push(path.to_owned());
        }
        found
    }

    /// Where `#name` may be.
    pub(super) fn imports(&self, name: &str) -> Vec<String> {
        let mut found = Vec::new();
        if let Some(Value::Object(all)) = &self.imports
            && let Some((target, rest)) = keyed(all, name)
        {
            targets(target, rest, MAX_DEPTH, &mut found);
        }
        found
    }
}

/// The entry for a path and what its `*` stands for: the same key, otherwise the longest that fits.
fn keyed<'v>(all: &'v serde_json::Map<String, Value>, path: &'v str) -> Option<(&'v Value, &'v str)> {
    if let Some(exact) = all.get(path) {
        return Some((exact, ""));
    }
    let mut fitting: Vec<(&String, &Value, &str)> = all
        .iter()
        .filter_map(|(key, value)| {
            // A folder stands for all in it.
            let rest = if key.ends_with('/') { path.strip_prefix(key.as_str()) } else { fits(key, path) };
            Some((key, value, rest.filter(|_| key.contains('*') || key.ends_with('/'))?))
        })
        .collect();
    fitting.sort_by_key(|(key, ..)| std::cmp::Reverse(key.len()));
    fitting.first().map(|(_, value, rest)| (*value, *rest))
}

/// Every path a target may mean under any condition, sources first.
fn targets(target: &Value, rest: &str, depth: usize, found: &mut Vec<String>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match target {
        Value::String(path) if path.ends_with('/') => found.push(format!("{path}{rest}")),
        Value::String(path) => found.push(path.replace('*', rest)),
        Value::Array(all) => all.iter().for_each(|inner| targets(inner, rest, depth, found)),
        Value::Object(all) => {
            let written = |key: &str| key == "source" || key == "development" || key.ends_with("/source");
            for (_, inner) in all.iter().filter(|(key, _)| written(key)) {
                targets(inner, rest, depth, found);
            }
            for (_, inner) in all.iter().filter(|(key, _)| !written(key)) {
                targets(inner, rest, depth, found);
            }
        }
        _ => {}
    }
}
