//! Where the configuration is: the nearest `cerbo-lint.toml`, `Cargo.toml` or `package.json` upwards that holds one.

use super::Config;
use super::node::{self, Node};
use super::read::Reader;
use crate::error::Error;
use std::path::{Path, PathBuf};

const NAME: &str = "cerbo-lint.toml";

/// The folder of the repository around a folder: the nearest with `.git` in it.
pub fn repository_root(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|ancestor| crate::project::disk::exists(&ancestor.join(".git"))).map(Path::to_owned)
}

/// The configuration for a folder, looked for upwards until the root of its repository; none gives the default.
/// `folder` is absolute; `rules` are all valid rule ids.
///
/// # Errors
/// When a configuration is there and cannot be read or has a mistake.
pub fn discover(folder: &Path, rules: &[&str]) -> Result<Config, Error> {
    let end = repository_root(folder);
    for ancestor in folder.ancestors() {
        let own = ancestor.join(NAME);
        if own.is_file() {
            return load(&own, rules);
        }
        for name in ["Cargo.toml", "package.json"] {
            let path = ancestor.join(name);
            if path.is_file()
                && let Some(config) = load_embedded(&path, rules)?
            {
                return Ok(config);
            }
        }
        if end.as_deref() == Some(ancestor) {
            break;
        }
    }
    Ok(Config::default())
}

/// Where a folder's configuration is written: the file that [`discover`] reads, or the one it would find first.
///
/// # Errors
/// As [`discover`].
pub fn place(folder: &Path, rules: &[&str]) -> Result<PathBuf, Error> {
    let found = discover(folder, rules)?.path;
    Ok(found.unwrap_or_else(|| folder.join(NAME)))
}

/// The configuration in a file: a `cerbo-lint.toml` under any name, a `Cargo.toml`, or a `package.json`.
///
/// # Errors
/// When the file cannot be read, has a mistake, or holds no configuration.
pub fn load(path: &Path, rules: &[&str]) -> Result<Config, Error> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    if matches!(name, "Cargo.toml" | "package.json") {
        let found = load_embedded(path, rules)?;
        return found.ok_or_else(|| {
            let place = if name == "Cargo.toml" { "[package.metadata.cerbo-lint]" } else { "\"cerbo-lint\": {…}" };
            Error::new("no configuration in this file").in_file(path).help(format!("add {place}"))
        });
    }
    parse(path, &read(path)?, rules)
}

/// The configuration that a `cerbo-lint.toml` at this path has with this text.
///
/// # Errors
/// When the text has a mistake.
pub fn parse(path: &Path, text: &str, rules: &[&str]) -> Result<Config, Error> {
    let tree = node::from_toml(path, text)?;
    Reader { path, text, rules }.config(&tree)
}

fn load_embedded(path: &Path, rules: &[&str]) -> Result<Option<Config>, Error> {
    let text = match read(path) {
        Ok(text) => text,
        // Somebody else's file: it is only ours to complain about when it is known to hold our table.
        Err(_) => return Ok(None),
    };
    if !text.contains("cerbo-lint") {
        return Ok(None);
    }
    let is_toml = path.extension().is_some_and(|extension| extension == "toml");
    let tree = if is_toml { node::from_toml(path, &text)? } else { node::from_json(path, &text)? };
    let found = if is_toml {
        table_at(&tree, &["package", "metadata", "cerbo-lint"])
            .or_else(|| table_at(&tree, &["workspace", "metadata", "cerbo-lint"]))
    } else {
        // A dependency of this name is a version text, deeper down; only the top-level key is ours.
        table_at(&tree, &["cerbo-lint"])
    };
    found.map(|table| Reader { path, text: &text, rules }.config(table)).transpose()
}

fn table_at<'n>(tree: &'n Node, keys: &[&str]) -> Option<&'n Node> {
    keys.iter().try_fold(tree, |node, key| node.get(key))
}

fn read(path: &Path) -> Result<String, Error> {
    let unreadable =
        |error: std::io::Error| Error::new(format!("cannot read the configuration: {}", error.kind())).in_file(path);
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(Error::new("the configuration is not a file").in_file(path));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    // A byte-order mark is no part of the notation.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}
