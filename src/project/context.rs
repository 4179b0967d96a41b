//! The project around single files: what they import and who calls them is read too, though nothing is reported there.

use super::walk::Found;
use crate::config::repository_root;
use crate::error::{Error, suggestion};
use std::path::{Path, PathBuf};

/// Files that mark the folder of a project.
const MANIFESTS: &[&str] = &[
    "Cargo.toml",
    "package.json",
    "deno.json",
    "deno.jsonc",
    "pyproject.toml",
    "go.mod",
    "composer.json",
    "Gemfile",
    "pom.xml",
];

/// The folder of the project around a file: the workspace's where there is one, else the nearest with a manifest, else the
/// repository's. `path` is absolute.
pub fn project_around(path: &Path) -> Option<PathBuf> {
    let end = repository_root(path);
    let inside = |folder: &&Path| end.as_deref().is_none_or(|end| folder.starts_with(end));
    let folders: Vec<&Path> = path.ancestors().skip(1).take_while(inside).collect();
    let nearest = folders.iter().position(|folder| MANIFESTS.iter().any(|name| folder.join(name).is_file()));
    let Some(nearest) = nearest else { return end };
    let workspace = folders.iter().skip(nearest).rev().find(|folder| is_workspace(folder));
    workspace.or(folders.get(nearest)).map(|folder| (*folder).to_owned())
}

fn is_workspace(folder: &Path) -> bool {
    let says =
        |name: &str, word: &str| std::fs::read_to_string(folder.join(name)).is_ok_and(|text| text.contains(word));
    says("Cargo.toml", "[workspace")
        || says("package.json", "\"workspaces\"")
        || folder.join("pnpm-workspace.yaml").is_file()
}

/// Leaves only the files of these packages asked for; the others stay as their context.
///
/// # Errors
/// When there is no package of a name.
pub fn keep_packages(files: &mut [Found], names: &[String]) -> Result<(), Error> {
    let packages: Vec<(String, PathBuf)> = files.iter().filter_map(|file| named(&file.path)).collect();
    for name in names {
        if !packages.iter().any(|(known, _)| known == name) {
            let known: Vec<&str> = packages.iter().map(|(name, _)| name.as_str()).collect();
            let help = if known.is_empty() { "no package was found".to_owned() } else { suggestion(name, &known) };
            return Err(Error::new(format!("there is no package `{name}`")).help(help));
        }
    }
    for file in files {
        let around = packages.iter().filter(|(_, folder)| file.path.starts_with(folder));
        let own = around.max_by_key(|(_, folder)| folder.as_os_str().len());
        file.context |= own.is_none_or(|(name, _)| !names.contains(name));
    }
    Ok(())
}

/// The name and the folder of the package whose manifest this is.
fn named(path: &Path) -> Option<(String, PathBuf)> {
    let folder = path.parent()?.to_owned();
    let text = |path| std::fs::read_to_string(path).ok();
    let name = match path.file_name()?.to_str()? {
        "Cargo.toml" => {
            let table: toml::Table = toml::from_str(&text(path)?).ok()?;
            table.get("package")?.get("name")?.as_str()?.to_owned()
        }
        "package.json" => {
            let value: serde_json::Value = serde_json::from_str(&text(path)?).ok()?;
            value.get("name")?.as_str()?.to_owned()
        }
        _ => return None,
    };
    Some((name, folder))
}
