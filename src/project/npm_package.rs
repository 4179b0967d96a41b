//! Which files of a folder its npm package is published with.

use super::disk;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::path::Path;

/// Files that no package is published with, whatever it lists.
const NEVER: &[&str] = &[".npmrc", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml"];

/// Fields of a manifest that are for those who install the package.
const PUBLISHING: &[&str] = &["files", "publishConfig", "exports", "types", "typings", "module", "bin"];

/// What decides about the files of a package.
pub struct Published {
    /// The files it lists; all when it lists none.
    listed: Option<Gitignore>,
    /// What is left out: `.npmignore`, or `.gitignore` where there is none, of every folder. It counts for the package's own
    /// folder only where no files are listed.
    root_counts: bool,
}

impl Published {
    /// Reads a manifest; none for one that is not published. `folder` is the folder around it.
    pub fn read(manifest: &str, folder: &Path) -> Option<Self> {
        let manifest: serde_json::Value = serde_json::from_str(manifest).ok()?;
        let private = manifest.get("private").is_some_and(|private| private.as_bool() != Some(false));
        if private || manifest.get("name").is_none() || manifest.get("version").is_none() {
            return None;
        }
        // Applications have a name and a version too: what is meant for others says what they get.
        let meant = PUBLISHING.iter().any(|key| manifest.get(key).is_some())
            || manifest.get("scripts").is_some_and(|scripts| scripts.get("prepublishOnly").is_some())
            || disk::is_file(&folder.join(".npmignore"));
        if !meant {
            return None;
        }
        let files = manifest.get("files").and_then(serde_json::Value::as_array);
        let listed = files.map(|files| {
            let mut builder = GitignoreBuilder::new(folder);
            for file in files.iter().filter_map(serde_json::Value::as_str) {
                let (sign, pattern) = file.strip_prefix('!').map_or(("", file), |rest| ("!", rest));
                // Every pattern starts at the package's folder.
                let pattern = pattern.trim_start_matches("./").trim_start_matches('/').trim_end_matches('/');
                let whole = if pattern.is_empty() || pattern == "." { "**" } else { pattern };
                // A pattern that cannot be read lists nothing.
                let _ = builder.add_line(None, &format!("{sign}/{whole}"));
            }
            builder.build().unwrap_or_else(|_| Gitignore::empty())
        });
        Some(Self { root_counts: listed.is_none(), listed })
    }

    /// Whether a file is published; `path` lies in `folder`.
    pub fn takes(&self, path: &Path, folder: &Path) -> bool {
        let Ok(below) = path.strip_prefix(folder) else { return false };
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if NEVER.contains(&name.as_str()) {
            return false;
        }
        if let Some(listed) = &self.listed
            && !listed.matched_path_or_any_parents(below, false).is_ignore()
        {
            return false;
        }
        let folders = path.ancestors().skip(1).take_while(|ancestor| ancestor.starts_with(folder));
        for around in folders {
            if around == folder && !self.root_counts {
                continue;
            }
            let Some(ignored) = ignore_file(around) else { continue };
            // The innermost file that says anything decides.
            let matched = ignored.matched_path_or_any_parents(path, false);
            if !matched.is_none() {
                return matched.is_whitelist();
            }
        }
        true
    }
}

/// What npm leaves out of a folder.
fn ignore_file(folder: &Path) -> Option<Gitignore> {
    let files = [".npmignore", ".gitignore"].map(|name| folder.join(name));
    let file = files.into_iter().find(|path| disk::is_file(path))?;
    let mut ignored = GitignoreBuilder::new(folder);
    for line in disk::text(&file).unwrap_or_default().trim_start_matches('\u{feff}').lines() {
        // A line that is no pattern ignores nothing.
        let _ = ignored.add_line(Some(file.clone()), line);
    }
    ignored.build().ok()
}
