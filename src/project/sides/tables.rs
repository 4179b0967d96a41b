//! What is known about frameworks, from `rules/frameworks/`.

use super::Side;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::OnceLock;

/// What is known about Rust's frameworks and targets.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RustTables {
    /// Package features that build the part for clients.
    pub client_features: Vec<String>,
    /// Package features that build the part for servers.
    pub server_features: Vec<String>,
    /// Crates whose use says where a package runs.
    #[serde(rename = "crate")]
    pub crates: Vec<CrateTable>,
    /// Attributes that say where an item runs.
    #[serde(rename = "attribute")]
    pub attributes: Vec<AttributeTable>,
}

/// Crates whose use says where a package runs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CrateTable {
    /// Their names.
    pub name: Vec<String>,
    /// Only with one of these features; always when empty.
    #[serde(default)]
    pub features: Vec<String>,
    /// Not when the only features are among these.
    #[serde(default)]
    pub not_features: Vec<String>,
    /// Only in libraries built as a WebAssembly module.
    #[serde(default)]
    pub module_only: bool,
    /// Where the package runs.
    pub side: Side,
    /// A few words for the evidence.
    pub note: String,
}

/// Attributes that say where an item runs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AttributeTable {
    /// Last segments of their paths.
    pub name: Vec<String>,
    /// Only in packages that use one of these crates; always when empty.
    #[serde(default)]
    pub crates: Vec<String>,
    /// Where the item runs.
    pub side: Side,
    /// A few words for the evidence.
    pub note: String,
}

/// The tables of Rust. A file that does not read is caught by this module's test.
pub(super) fn rust() -> &'static RustTables {
    static RUST: OnceLock<RustTables> = OnceLock::new();
    RUST.get_or_init(|| serde_json::from_str(crate::knowledge::bundled::RUST_FRAMEWORKS).unwrap_or_default())
}

/// What is known about places of shell scripts.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ShellTables {
    /// Places with a meaning; the first that fits decides.
    #[serde(rename = "place")]
    pub places: Vec<Place>,
}

/// The tables of shell scripts. A file that does not read is caught by this module's test.
pub(super) fn shell() -> &'static ShellTables {
    static SHELL: OnceLock<ShellTables> = OnceLock::new();
    SHELL.get_or_init(|| serde_json::from_str(crate::knowledge::bundled::SHELL_FRAMEWORKS).unwrap_or_default())
}

/// What holds in every JavaScript project.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Common {
    #[allow(dead_code, reason = "says in the file what it is about")]
    name: String,
    /// Places that decide before anything else.
    pub first: Vec<Place>,
    /// Places that decide when no framework does.
    pub last: Vec<Place>,
    /// What in a file tells where it runs.
    pub evidence: InFile,
    /// Variables that any of the usual tools publish.
    pub published: Published,
}

/// What in a file tells where it runs.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct InFile {
    /// Names that browsers alone provide.
    pub client_names: Vec<String>,
    /// Names that servers alone provide.
    pub server_names: Vec<String>,
    /// Beginnings of packages that run on servers alone.
    pub server_packages: Vec<String>,
    /// Packages that run in clients alone.
    pub client_packages: Vec<String>,
    /// Packages with which an application is started in the client.
    pub mounts: Vec<String>,
    /// Names of packages that only code of clients takes.
    pub client_imports: HashMap<String, Vec<String>>,
    /// Packages that a framework refuses in clients.
    pub server_only: Vec<String>,
    /// Packages that a framework refuses on servers.
    pub client_only: Vec<String>,
    /// Functions whose arguments run on the server.
    pub server_wrappers: Vec<String>,
    /// Packages with which a test answers requests itself.
    pub mocks: Vec<String>,
    /// Calls with which a test answers requests itself.
    pub mock_calls: Vec<String>,
}

/// Variables that a tool publishes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Published {
    /// Beginnings of their names.
    pub prefixes: Vec<String>,
    /// Files of settings that can publish more.
    #[serde(deserialize_with = "globs")]
    pub files: globset::GlobSet,
    /// Keys whose texts are further beginnings.
    pub prefix_keys: Vec<String>,
    /// Calls whose entries are put into what clients load.
    pub calls: Vec<String>,
    /// Keys whose entries are put into what clients load.
    pub keys: Vec<PublishingKey>,
    /// Settings by which a build says that it makes a program for a server: keys, and values that say so.
    pub server_builds: ServerBuilds,
}

/// How a build says that what it makes runs on a server.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ServerBuilds {
    /// Keys that name the platform.
    pub keys: Vec<String>,
    /// Beginnings of the names of platforms that are no browser.
    pub platforms: Vec<String>,
}

/// Keys whose entries are put into what clients load.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PublishingKey {
    /// In these files.
    #[serde(deserialize_with = "globs")]
    pub file: globset::GlobSet,
    /// The key, with those around it.
    pub key: Vec<String>,
}

/// A framework.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Framework {
    /// Its name.
    pub name: String,
    /// Packages that a project with it depends on; none when files alone tell.
    #[serde(default)]
    pub packages: Vec<String>,
    /// Files that stand in the folder of an application with it.
    #[serde(default)]
    pub files: Vec<String>,
    /// What one of these files says.
    pub file_says: Option<String>,
    /// Whether it makes code for clients.
    #[serde(default)]
    pub serves_clients: bool,
    /// Whether the manifest's `main` starts a program of the machine.
    #[serde(default)]
    pub main_is_server: bool,
    /// Beginnings of variables it publishes.
    #[serde(default)]
    pub published: Vec<String>,
    /// Where code runs that nothing else decides.
    pub default: Option<DefaultSide>,
    /// Places with a meaning, relative to the application's folder; the first that fits decides.
    #[serde(default, rename = "place")]
    pub places: Vec<Place>,
}

/// Where code runs that nothing else decides.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DefaultSide {
    pub side: Side,
    pub note: String,
}

/// A place with a meaning.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    /// Which files.
    #[serde(deserialize_with = "globs")]
    pub glob: globset::GlobSet,
    /// Only when one of these stands beside the file.
    #[serde(default)]
    pub beside: Vec<String>,
    /// Only when the file exports one of these.
    #[serde(default)]
    pub exports: Vec<String>,
    /// Where they run.
    pub side: Side,
    /// Code for clients that imports them gets something else than their code.
    #[serde(default)]
    pub boundary: bool,
    /// Exports that stay on the server.
    #[serde(default)]
    pub server_exports: Vec<String>,
    /// A few words for the evidence.
    pub note: String,
}

fn globs<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<globset::GlobSet, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    let mut set = globset::GlobSetBuilder::new();
    for text in &texts {
        let glob = globset::GlobBuilder::new(text).literal_separator(true).empty_alternates(true).build();
        set.add(glob.map_err(serde::de::Error::custom)?);
    }
    set.build().map_err(serde::de::Error::custom)
}

/// What holds in every JavaScript project. A file that does not read is caught by this module's test.
pub(super) fn common() -> &'static Common {
    static COMMON: OnceLock<Common> = OnceLock::new();
    COMMON.get_or_init(|| {
        let text = crate::knowledge::bundled::FRAMEWORKS.iter().find(|(name, _)| *name == "common");
        text.and_then(|(_, text)| serde_json::from_str(text).ok()).unwrap_or_default()
    })
}

/// The frameworks of JavaScript.
pub(super) fn frameworks() -> &'static [Framework] {
    static ALL: OnceLock<Vec<Framework>> = OnceLock::new();
    ALL.get_or_init(|| {
        let texts = crate::knowledge::bundled::FRAMEWORKS.iter().filter(|(name, _)| *name != "common");
        texts.filter_map(|(_, text)| serde_json::from_str(text).ok()).collect()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
    use super::*;

    #[test]
    fn the_tables_are_read() {
        assert!(!rust().crates.is_empty() && !rust().attributes.is_empty());
        assert!(!shell().places.is_empty());
        for (name, text) in crate::knowledge::bundled::FRAMEWORKS {
            if *name == "common" {
                serde_json::from_str::<Common>(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            } else {
                serde_json::from_str::<Framework>(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            }
        }
    }
}
