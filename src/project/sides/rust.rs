//! Where Rust code runs: by its package's manifest, then by attributes.

use super::manifest::{text, toml_key};
use super::tables::{CrateTable, rust as tables};
use super::{Evidence, FileSides, Side, Verdict, rust_items};
use crate::program::tree::Module;
use crate::project::packages::{Dependency, Homes, Package, TargetKind};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// A Rust file and what was read in it.
#[derive(Clone, Copy, Debug)]
pub struct RustFile<'a> {
    /// Where it is, absolute.
    pub path: &'a Path,
    /// Its tree.
    pub module: &'a Module,
}

/// Where the files of these packages run. Files of no package are judged by their attributes alone.
pub(super) fn decide(packages: &[Package], files: &[RustFile<'_>]) -> BTreeMap<PathBuf, FileSides> {
    let verdicts = of_packages(packages);
    let homes = Homes::new(packages);
    let wholes: Vec<(Verdict, Option<&Package>)> = files
        .iter()
        .map(|file| match homes.of(file.path).and_then(|index| Some((index, packages.get(index)?))) {
            Some((index, package)) => {
                let own = verdicts.get(index).cloned().unwrap_or_else(unknown);
                (of_target(packages, package, file.path).unwrap_or(own), Some(package))
            }
            None => (alone(file), None),
        })
        .collect();
    rust_items::with_attributes(files, wholes)
}

fn unknown() -> Verdict {
    Verdict::new(Side::Unknown, Vec::new())
}

/// A file of no package: a program if it has a main function.
fn alone(file: &RustFile<'_>) -> Verdict {
    match file.module.items.iter().find(|item| item.name == "main") {
        Some(main) => {
            let note = "a program that runs natively";
            Verdict::new(Side::Server, vec![Evidence::at(file.path, main.name_span.range(), note)])
        }
        None => unknown(),
    }
}

/// Tests, examples, benchmarks and build scripts, by where the file stands or which target starts at it.
fn of_target(packages: &[Package], package: &Package, path: &Path) -> Option<Verdict> {
    let verdict = |kind| {
        let (side, note) = match kind {
            TargetKind::Test => (Side::Test, "an integration test of the package"),
            TargetKind::Example => (Side::Test, "an example of the package"),
            TargetKind::Bench => (Side::Test, "a benchmark of the package"),
            TargetKind::BuildScript => (Side::BuildTime, "the build script of the package"),
            TargetKind::Library | TargetKind::Binary => return None,
        };
        Some(Verdict::new(side, vec![Evidence::of_file(path, note)]))
    };
    if let Some(target) = package.targets.iter().find(|target| target.root_path == path) {
        return verdict(target.kind);
    }
    let folder_of = |below: &Path| match below.components().next()?.as_os_str().to_str()? {
        "tests" => Some(TargetKind::Test),
        "examples" => Some(TargetKind::Example),
        "benches" => Some(TargetKind::Bench),
        _ => None,
    };
    let own = path.strip_prefix(&package.dir).ok().filter(|below| below.components().count() > 1);
    if let Some(kind) = own.and_then(folder_of) {
        return verdict(kind);
    }
    // A package of its own in such a folder of its workspace.
    let around = packages.iter().filter(|other| other.dir != package.dir && package.dir.starts_with(&other.dir));
    around.filter_map(|other| folder_of(package.dir.strip_prefix(&other.dir).ok()?)).find_map(verdict)
}

/// Where each package runs.
fn of_packages(packages: &[Package]) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = packages.iter().map(by_manifest).collect();
    let by_folder: HashMap<&Path, usize> =
        packages.iter().enumerate().map(|(index, package)| (package.dir.as_path(), index)).collect();
    let reached = |starts: &dyn Fn(Side) -> bool, for_client: bool| -> HashMap<usize, (Side, Vec<Evidence>)> {
        let mut found: HashMap<usize, (Side, Vec<Evidence>)> = HashMap::new();
        let mut pending: Vec<(usize, Side, Vec<Evidence>)> = verdicts
            .iter()
            .enumerate()
            .filter(|(_, verdict)| starts(verdict.side))
            .map(|(index, verdict)| (index, verdict.side, verdict.evidence.clone()))
            .collect();
        let mut seen: HashSet<usize> = pending.iter().map(|(index, ..)| *index).collect();
        while let Some((index, side, evidence)) = pending.pop() {
            let Some(package) = packages.get(index) else { continue };
            for dependency in package.dependencies.iter().filter(|d| !d.dev && !d.build) {
                let Some(to) = dependency.path.as_deref().and_then(|path| by_folder.get(path)).copied() else {
                    continue;
                };
                if (for_client && only_on_servers(package, dependency)) || !seen.insert(to) {
                    continue;
                }
                let mut evidence = evidence.clone();
                evidence.push(dependency_evidence(package, dependency, "which depends on this package"));
                found.insert(to, (side, evidence.clone()));
                pending.push((to, side, evidence));
            }
        }
        found
    };
    let by_clients = reached(&Side::ships, true);
    let by_servers = reached(&|side| side == Side::Server, false);
    for (index, verdict) in verdicts.iter_mut().enumerate() {
        if verdict.side != Side::Unknown {
            continue;
        }
        *verdict = match (by_clients.get(&index), by_servers.get(&index)) {
            (Some((side, evidence)), None) => Verdict::new(*side, evidence.clone()),
            (Some((_, evidence)), Some(_)) => Verdict { shared: true, ..Verdict::new(Side::Both, evidence.clone()) },
            (None, Some((side, evidence))) => Verdict::new(*side, evidence.clone()),
            (None, None) => continue,
        };
    }
    verdicts
}

/// Whether a dependency is optional and the features that switch it on are those of the server's build.
fn only_on_servers(package: &Package, dependency: &Dependency) -> bool {
    let name = &dependency.name;
    let switches = |entry: &String| {
        let entry = entry.strip_prefix("dep:").unwrap_or(entry);
        let entry = entry.split(['/', '?']).next().unwrap_or(entry);
        entry.replace('-', "_") == *name
    };
    let mut by = package.features.iter().filter(|(_, list)| list.iter().any(switches)).map(|(key, _)| key).peekable();
    dependency.optional && by.peek().is_some() && by.all(|key| tables().server_features.contains(key))
}

fn dependency_evidence(package: &Package, dependency: &Dependency, note: &str) -> Evidence {
    let dashed = dependency.name.replace('_', "-");
    let names = [dependency.name.as_str(), dashed.as_str(), dependency.package.as_str()];
    let ways: Vec<Vec<&str>> =
        names.iter().flat_map(|name| [vec!["dependencies", name], vec!["target", "*", "dependencies", name]]).collect();
    let ways: Vec<&[&str]> = ways.iter().map(Vec::as_slice).collect();
    let range = text(&package.manifest).map_or(0..0, |text| toml_key(&text, &ways));
    Evidence::at(&package.manifest, range, note)
}

/// What a package's own manifest and the files beside it say.
fn by_manifest(package: &Package) -> Verdict {
    let of_crate =
        |side: Side| tables().crates.iter().filter(|table| table.side == side).find_map(|table| uses(package, table));
    if let Some(evidence) = of_crate(Side::Server) {
        return Verdict::new(Side::Server, vec![evidence]);
    }
    let wasm = package.build_targets.iter().any(|target| target.starts_with("wasm32-unknown"));
    let client = if package.has_trunk {
        Some(Evidence::of_file(&package.dir.join("Trunk.toml"), "Trunk builds the package for the browser"))
    } else if wasm {
        Some(Evidence::of_file(&package.manifest, "the package is built for WebAssembly"))
    } else {
        of_crate(Side::Client)
    };
    let server_feature = package.features.keys().find(|key| tables().server_features.contains(key));
    match (client, server_feature) {
        (Some(client), Some(feature)) => {
            let range = text(&package.manifest).map_or(0..0, |text| toml_key(&text, &[&["features", feature]]));
            let server = Evidence::at(&package.manifest, range, "and is built for the server as well");
            Verdict::new(Side::Both, vec![client, server])
        }
        (Some(client), None) => Verdict::new(Side::Client, vec![client]),
        (None, _) => match package.targets.iter().find(|target| target.kind == TargetKind::Binary) {
            Some(target) => {
                let note = "a program that runs natively, without a crate for browsers";
                Verdict::new(Side::Server, vec![Evidence::of_file(&target.root_path, note)])
            }
            None => unknown(),
        },
    }
}

fn uses(package: &Package, table: &CrateTable) -> Option<Evidence> {
    let module = package.crate_types.iter().any(|ty| ty == "cdylib");
    if table.module_only && !module {
        return None;
    }
    let used = |dependency: &&Dependency| {
        if dependency.dev || dependency.build || !table.name.contains(&dependency.package) {
            return false;
        }
        let prefix = [format!("{}/", dependency.name.replace('_', "-")), format!("{}/", dependency.name)];
        let weak = prefix.clone().map(|prefix| prefix.replace('/', "?/"));
        let switched = package
            .features
            .values()
            .flatten()
            .filter_map(|entry| prefix.iter().chain(&weak).find_map(|prefix| entry.strip_prefix(prefix.as_str())));
        let features: Vec<&str> = dependency.features.iter().map(String::as_str).chain(switched).collect();
        let asked = table.features.is_empty() || features.iter().any(|f| table.features.iter().any(|t| t == f));
        let excluded = features.iter().any(|f| table.not_features.iter().any(|t| t == f))
            && !features.iter().any(|f| tables().client_features.iter().any(|t| t == f));
        asked && !excluded
    };
    let dependency = package.dependencies.iter().find(used)?;
    Some(dependency_evidence(package, dependency, &format!("`{}`: {}", dependency.package, table.note)))
}
