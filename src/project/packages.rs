//! Cargo packages, read from their manifests alone.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// What a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetKind {
    /// The library.
    Library,
    /// A program.
    Binary,
    /// An example.
    Example,
    /// An integration test.
    Test,
    /// A benchmark.
    Bench,
    /// The build script.
    BuildScript,
}

/// A compilation unit of a package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// What it is.
    pub kind: TargetKind,
    /// Its name, as code writes it (dashes are underscores).
    pub name: String,
    /// The file it starts at, absolute.
    pub root_path: PathBuf,
}

/// A dependency as a package names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The name in code (dashes are underscores).
    pub name: String,
    /// The package's real name.
    pub package: String,
    /// The folder of a path dependency, absolute.
    pub path: Option<PathBuf>,
    /// Only with a feature.
    pub optional: bool,
    /// Only for tests, examples and benches.
    pub dev: bool,
    /// Only for the build script.
    pub build: bool,
    /// Only for a target: `cfg(…)` or a triple.
    pub target_cfg: Option<String>,
    /// Features switched on.
    pub features: Vec<String>,
}

/// A package.
#[derive(Clone, Debug)]
pub struct Package {
    /// Its manifest, absolute.
    pub manifest: PathBuf,
    /// Its folder, absolute.
    pub dir: PathBuf,
    /// Its name.
    pub name: String,
    /// The name of its library in code.
    pub lib_name: String,
    /// Its targets.
    pub targets: Vec<Target>,
    /// Its dependencies.
    pub dependencies: Vec<Dependency>,
    /// Features and what they switch on.
    pub features: BTreeMap<String, Vec<String>>,
    /// The library's crate types.
    pub crate_types: Vec<String>,
    /// Whether its manifest is a workspace's root.
    pub is_workspace_root: bool,
    /// `build.target` of the nearest `.cargo/config.toml`.
    pub build_targets: Vec<String>,
    /// Whether a `Trunk.toml` stands beside the manifest.
    pub has_trunk: bool,
}

/// The packages of these manifests, sorted by folder; `read` gives a file's text. A manifest that is not valid gives none.
pub fn packages(manifests: &[PathBuf], read: &dyn Fn(&Path) -> Option<String>) -> Vec<Package> {
    let tables: BTreeMap<PathBuf, toml::Table> = manifests
        .iter()
        .filter_map(|path| Some((path.clone(), read(path)?.trim_start_matches('\u{feff}').parse().ok()?)))
        .collect();
    let workspaces: BTreeMap<&Path, &toml::Table> =
        tables.iter().filter_map(|(path, table)| Some((path.parent()?, table.get("workspace")?.as_table()?))).collect();
    let mut packages: Vec<Package> = tables
        .iter()
        .filter_map(|(path, table)| {
            let dir = path.parent()?;
            let workspace = dir.ancestors().find_map(|folder| Some((folder, *workspaces.get(folder)?)));
            package(path, dir, table, workspace)
        })
        .collect();
    packages.sort_by(|a, b| a.dir.cmp(&b.dir));
    packages
}

/// The manifests of the folders around the roots, up to the repository's root: a run on `src/` belongs to a package too.
pub fn enclosing_manifests(roots: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut manifests = BTreeSet::new();
    for root in roots {
        let end = crate::config::repository_root(root);
        for folder in root.ancestors() {
            let manifest = folder.join("Cargo.toml");
            if manifest.is_file() {
                manifests.insert(manifest);
            }
            if end.as_deref() == Some(folder) {
                break;
            }
        }
    }
    manifests
}

/// The packages by their folders, to ask which one a file belongs to.
#[derive(Debug)]
pub struct Homes<'p> {
    by_folder: HashMap<&'p Path, usize>,
}

impl<'p> Homes<'p> {
    /// The folders of these packages.
    pub fn new(packages: &'p [Package]) -> Self {
        Self { by_folder: packages.iter().enumerate().map(|(index, package)| (package.dir.as_path(), index)).collect() }
    }

    /// The number of the package a file belongs to: that of the innermost folder.
    pub fn of(&self, path: &Path) -> Option<usize> {
        path.ancestors().find_map(|folder| self.by_folder.get(folder).copied())
    }
}

fn package(
    manifest: &Path,
    dir: &Path,
    table: &toml::Table,
    workspace: Option<(&Path, &toml::Table)>,
) -> Option<Package> {
    let name = table.get("package")?.as_table()?.get("name")?.as_str()?.to_owned();
    let library = table.get("lib").and_then(toml::Value::as_table);
    let lib_name = library.and_then(|lib| text(lib, "name")).unwrap_or_else(|| code_name(&name));
    let crate_types =
        library.and_then(|lib| lib.get("crate-type").or_else(|| lib.get("crate_type"))).map(texts).unwrap_or_default();
    let features = table.get("features").and_then(toml::Value::as_table);
    Some(Package {
        manifest: manifest.to_owned(),
        dir: dir.to_owned(),
        targets: targets(dir, &name, &lib_name, table),
        dependencies: dependencies(dir, table, workspace),
        features: features.into_iter().flatten().map(|(name, value)| (name.clone(), texts(value))).collect(),
        crate_types,
        is_workspace_root: table.contains_key("workspace"),
        build_targets: build_targets(dir),
        has_trunk: dir.join("Trunk.toml").is_file(),
        name,
        lib_name,
    })
}

fn code_name(name: &str) -> String {
    name.replace('-', "_")
}

fn text(table: &toml::Table, key: &str) -> Option<String> {
    table.get(key).and_then(toml::Value::as_str).map(str::to_owned)
}

fn texts(value: &toml::Value) -> Vec<String> {
    match value {
        toml::Value::String(text) => vec![text.clone()],
        toml::Value::Array(array) => array.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn targets(dir: &Path, name: &str, lib_name: &str, table: &toml::Table) -> Vec<Target> {
    let mut targets = BTreeSet::new();
    let mut add = |kind, name: &str, root_path: PathBuf| {
        if root_path.is_file() {
            targets.insert(Target { kind, name: code_name(name), root_path });
        }
    };
    let library = table.get("lib").and_then(toml::Value::as_table);
    let library_path = library.and_then(|lib| text(lib, "path")).unwrap_or_else(|| "src/lib.rs".to_owned());
    add(TargetKind::Library, lib_name, dir.join(library_path));
    add(TargetKind::Binary, name, dir.join("src/main.rs"));
    let build = table.get("package").and_then(|package| package.get("build"));
    match build {
        Some(toml::Value::String(path)) => add(TargetKind::BuildScript, "build_script_build", dir.join(path)),
        Some(toml::Value::Boolean(false)) => {}
        _ => add(TargetKind::BuildScript, "build_script_build", dir.join("build.rs")),
    }
    let kinds = [
        (TargetKind::Binary, "bin", "src/bin"),
        (TargetKind::Example, "example", "examples"),
        (TargetKind::Test, "test", "tests"),
        (TargetKind::Bench, "bench", "benches"),
    ];
    for (kind, key, folder) in kinds {
        for entry in table.get(key).and_then(toml::Value::as_array).into_iter().flatten() {
            let Some(entry) = entry.as_table() else { continue };
            let Some(entry_name) = text(entry, "name") else { continue };
            match text(entry, "path") {
                Some(path) => add(kind, &entry_name, dir.join(path)),
                None => {
                    add(kind, &entry_name, dir.join(folder).join(format!("{entry_name}.rs")));
                    add(kind, &entry_name, dir.join(folder).join(&entry_name).join("main.rs"));
                }
            }
        }
        for entry in std::fs::read_dir(dir.join(folder)).into_iter().flatten().flatten() {
            let path = entry.path();
            let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned) else { continue };
            if path.extension().is_some_and(|extension| extension == "rs") {
                add(kind, &stem, path);
            } else {
                add(kind, &stem, path.join("main.rs"));
            }
        }
    }
    // A file named by an entry and found in its folder as well is one target; the entry's name wins by coming first in
    // no order cargo promises, so the first is as good.
    let mut seen = BTreeSet::new();
    targets.into_iter().filter(|target| seen.insert(target.root_path.clone())).collect()
}

fn dependencies(dir: &Path, table: &toml::Table, workspace: Option<(&Path, &toml::Table)>) -> Vec<Dependency> {
    let mut all = Vec::new();
    let mut add = |table: &toml::Table, target_cfg: Option<&str>| {
        for (key, dev, build) in
            [("dependencies", false, false), ("dev-dependencies", true, false), ("build-dependencies", false, true)]
        {
            for (name, value) in table.get(key).and_then(toml::Value::as_table).into_iter().flatten() {
                let mut dependency = dependency(dir, name, value, workspace);
                dependency.dev = dev;
                dependency.build = build;
                dependency.target_cfg = target_cfg.map(str::to_owned);
                all.push(dependency);
            }
        }
    };
    add(table, None);
    for (target, value) in table.get("target").and_then(toml::Value::as_table).into_iter().flatten() {
        if let Some(table) = value.as_table() {
            add(table, Some(target));
        }
    }
    all
}

fn dependency(dir: &Path, name: &str, value: &toml::Value, workspace: Option<(&Path, &toml::Table)>) -> Dependency {
    let own = value.as_table();
    let inherits = own.and_then(|own| own.get("workspace")).and_then(toml::Value::as_bool) == Some(true);
    let inherited = workspace
        .filter(|_| inherits)
        .and_then(|(folder, table)| Some((folder, table.get("dependencies")?.as_table()?.get(name)?.as_table()?)));
    let (folder, source) = match inherited {
        Some((folder, table)) => (folder, Some(table)),
        None => (dir, own),
    };
    let get = |key: &str| source.and_then(|table| text(table, key));
    let features_of =
        |table: Option<&toml::Table>| table.and_then(|t| t.get("features")).map(texts).unwrap_or_default();
    let mut features = features_of(source);
    if inherits {
        features.extend(features_of(own));
    }
    Dependency {
        name: code_name(name),
        package: get("package").unwrap_or_else(|| name.to_owned()),
        path: get("path").map(|path| {
            let path = folder.join(path);
            std::fs::canonicalize(&path).unwrap_or(path)
        }),
        optional: own.and_then(|own| own.get("optional")).and_then(toml::Value::as_bool) == Some(true),
        dev: false,
        build: false,
        target_cfg: None,
        features,
    }
}

fn build_targets(dir: &Path) -> Vec<String> {
    let end = crate::config::repository_root(dir);
    for folder in dir.ancestors() {
        for name in [".cargo/config.toml", ".cargo/config"] {
            let path = folder.join(name);
            if !path.is_file() {
                continue;
            }
            let super::read::Content::Text(bytes) = super::read::read(&path) else { continue };
            let table: Option<toml::Table> = String::from_utf8_lossy(&bytes).parse().ok();
            let target = table.as_ref().and_then(|table| table.get("build")?.as_table()?.get("target"));
            if let Some(target) = target {
                return texts(target);
            }
        }
        // Cargo goes on to the user's home; a report must not depend on it.
        if end.as_deref() == Some(folder) || end.is_none() {
            break;
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn project(files: &[(&str, &str)]) -> (tempfile::TempDir, Vec<Package>) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let mut manifests = Vec::new();
        for (name, text) in files {
            let path = root.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, text).unwrap();
            if path.ends_with("Cargo.toml") {
                manifests.push(path);
            }
        }
        let packages = packages(&manifests, &|path| std::fs::read_to_string(path).ok());
        (folder, packages)
    }

    #[test]
    fn targets_are_found_where_cargo_finds_them() {
        let (_folder, packages) = project(&[
            (
                "Cargo.toml",
                "[package]\nname='my-app'\n[[bin]]\nname='tool'\npath='tools/t.rs'\n[lib]\ncrate-type=['cdylib']",
            ),
            ("src/lib.rs", ""),
            ("src/main.rs", ""),
            ("tools/t.rs", ""),
            ("src/bin/other/main.rs", ""),
            ("tests/it.rs", ""),
            ("build.rs", ""),
        ]);
        let package = &packages[0];
        assert_eq!(package.lib_name, "my_app");
        assert_eq!(package.crate_types, ["cdylib"]);
        let names: Vec<_> = package.targets.iter().map(|target| (target.kind, target.name.as_str())).collect();
        assert_eq!(
            names,
            [
                (TargetKind::Library, "my_app"),
                (TargetKind::Binary, "my_app"),
                (TargetKind::Binary, "other"),
                (TargetKind::Binary, "tool"),
                (TargetKind::Test, "it"),
                (TargetKind::BuildScript, "build_script_build"),
            ]
        );
    }

    #[test]
    fn dependencies_follow_renames_and_the_workspace() {
        let (_folder, packages) = project(&[
            ("Cargo.toml", "[workspace]\nmembers=['a','b']\n[workspace.dependencies]\nb={path='b'}"),
            (
                "a/Cargo.toml",
                "[package]\nname='a'\n[dependencies]\nb.workspace=true\nhttp-two={package='b',path='../b',optional=true}\n\
                 [target.'cfg(target_arch = \"wasm32\")'.dependencies]\njs-sys='1'",
            ),
            ("b/Cargo.toml", "[package]\nname='b'"),
        ]);
        let [a, b] = packages.as_slice() else { panic!("two packages") };
        assert_eq!(a.dependencies[0].path.as_deref(), Some(b.dir.as_path()));
        let renamed = a.dependencies.iter().find(|d| d.name == "http_two").unwrap();
        assert_eq!((renamed.package.as_str(), renamed.optional), ("b", true));
        let wasm = a.dependencies.iter().find(|d| d.name == "js_sys").unwrap();
        assert_eq!(wasm.target_cfg.as_deref(), Some("cfg(target_arch = \"wasm32\")"));
    }

    #[test]
    fn broken_manifests_give_no_package() {
        let (_folder, packages) = project(&[("Cargo.toml", "[package\nname=")]);
        assert!(packages.is_empty());
    }
}
