//! What a project is made of, as far as a first configuration has to know: languages, frameworks, environment files, and
//! where the API is.

use crate::project::javascript::Manifests;
use crate::project::kind::FileKind;
use crate::project::packages::Package;
use crate::project::walk::Found;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// What a project is made of.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Languages it is written in.
    pub languages: BTreeSet<&'static str>,
    /// Frameworks and libraries that have to do with requests, pages and logs.
    pub frameworks: BTreeSet<String>,
    /// Files with environment variables, as shown paths.
    pub environment_files: BTreeSet<String>,
    /// Where the API is.
    pub addresses: Addresses,
}

/// Where the API is.
#[derive(Clone, Debug, Default)]
pub struct Addresses {
    /// Hosts that requests to the API name.
    pub hosts: BTreeSet<String>,
    /// Hosts that are not known as the API's, and get requests that look like the API's; whether they are named after it.
    pub candidates: BTreeMap<String, bool>,
    /// Environment variables that hold an address of the API.
    pub variables: BTreeSet<String>,
}

/// Names of frameworks by the packages that show them.
#[derive(Debug, Default, Deserialize)]
struct Names {
    npm: BTreeMap<String, String>,
    cargo: BTreeMap<String, String>,
}

fn names() -> &'static Names {
    static NAMES: OnceLock<Names> = OnceLock::new();
    NAMES.get_or_init(|| toml::from_str(include_str!("../rules/init.toml")).unwrap_or_default())
}

impl Surroundings {
    /// What files and manifests tell.
    pub(crate) fn of(files: &[Found], packages: &[Package], node: &Manifests) -> Self {
        let mut seen = Self::default();
        for file in files.iter().filter(|file| !file.context) {
            if let Some(language) = language(file) {
                seen.languages.insert(language);
            }
            if file.kind == FileKind::Dotenv && !file.hidden {
                seen.environment_files.insert(file.shown.clone());
            }
        }
        let crates = packages.iter().flat_map(|package| &package.dependencies).map(|one| &one.package);
        let (npm, cargo) = (&names().npm, &names().cargo);
        seen.frameworks.extend(crates.filter_map(|name| cargo.get(name)).cloned());
        seen.frameworks.extend(node.dependencies().filter_map(|name| npm.get(name)).cloned());
        seen
    }
}

fn language(file: &Found) -> Option<&'static str> {
    let extension = file.path.extension().and_then(|extension| extension.to_str()).unwrap_or("");
    Some(match file.kind {
        FileKind::Rust => "Rust",
        FileKind::JavaScript if matches!(extension, "ts" | "tsx" | "mts" | "cts") => "TypeScript",
        FileKind::JavaScript => "JavaScript",
        FileKind::Markup => "pages and components",
        _ => return None,
    })
}
