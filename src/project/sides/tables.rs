//! What is known about frameworks, from `rules/frameworks/`.

use super::Side;
use serde::Deserialize;
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
    RUST.get_or_init(|| toml::from_str(include_str!("../../../rules/frameworks/rust.toml")).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_read() {
        assert!(!rust().crates.is_empty() && !rust().attributes.is_empty());
    }
}
