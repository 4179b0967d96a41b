//! Which Rust packages are read closely: those that mention the API and the workspace packages their code runs with.

use super::gate::GateHits;
use super::kind::FileKind;
use super::neighbourhood::Neighbourhoods;
use super::packages::{Homes, Package};
use crate::config::Scope;
use std::path::Path;

/// A file and what the gate saw in it.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// What it is read as.
    pub kind: FileKind,
    /// What is in it.
    pub hits: GateHits,
}

/// What makes code matter.
pub fn about(scope: Scope) -> GateHits {
    match scope {
        Scope::Api => GateHits::API.with(GateHits::OPERATION),
        Scope::Any => GateHits::API.with(GateHits::OPERATION).with(GateHits::CLIENT).with(GateHits::USERINFO),
    }
}

/// Whether each file is read closely, in the order of `files`.
///
/// In scope `any`, code that sends requests or authenticates matters whatever service it talks to.
pub fn select(files: &[Seen<'_>], packages: &[Package], scope: Scope) -> Vec<bool> {
    let about = about(scope);
    let folders = Homes::new(packages);
    let homes: Vec<Option<usize>> = files.iter().map(|file| folders.of(file.path)).collect();
    let mut sends = vec![false; packages.len()];
    let mut matters = vec![false; packages.len()];
    let mut loose = false;
    for (file, home) in files.iter().zip(&homes) {
        if file.kind != FileKind::Rust {
            continue;
        }
        match home {
            Some(home) => {
                set(&mut sends, *home, file.hits.any(GateHits::CLIENT));
                set(&mut matters, *home, file.hits.any(about));
            }
            None => loose |= file.hits.any(about),
        }
    }
    // The host may stand in configuration only. It is read by the package around it, or by those below its folder that
    // send requests.
    for (file, home) in files.iter().zip(&homes) {
        if !file.kind.is_configuration() || !file.hits.any(GateHits::API) {
            continue;
        }
        if let Some(home) = home {
            set(&mut matters, *home, true);
        }
        let folder = file.path.parent().unwrap_or(file.path);
        for (index, package) in packages.iter().enumerate() {
            let sending = sends.get(index).copied().unwrap_or(false);
            set(&mut matters, index, sending && package.dir.starts_with(folder));
        }
        loose |= home.is_none();
    }
    let needs = edges(packages);
    // Callers of an integration, then all that they and it are built from.
    let callers = closure(matters, |from, to| needs.contains(&(to, from)));
    let all = closure(callers, |from, to| needs.contains(&(from, to)));
    files
        .iter()
        .zip(&homes)
        .map(|(file, home)| {
            let pulled = match home {
                Some(home) => all.get(*home).copied().unwrap_or(false),
                None => loose,
            };
            file.hits.matters_alone() || (file.kind == FileKind::Rust && pulled)
        })
        .collect()
}

/// Folders up to which settings of the code below are looked for, from the folder of the settings' file.
const LEVELS: usize = 3;

/// Code may read a credential under a name that says nothing: settings near chosen files that are `telling` are chosen too.
pub fn add_settings<'a>(
    files: &[Seen<'a>],
    chosen: &mut [bool],
    neighbourhoods: &Neighbourhoods<'a>,
    telling: impl Fn(usize) -> bool,
) {
    let folders: std::collections::HashSet<&Path> = files
        .iter()
        .zip(chosen.iter())
        .enumerate()
        .filter(|(index, (_, chosen))| **chosen && telling(*index))
        .flat_map(|(_, (file, _))| file.path.ancestors().skip(1))
        .collect();
    if folders.is_empty() {
        return;
    }
    for (file, chosen) in files.iter().zip(chosen) {
        let recipe = super::image::hands_files_on(file.path);
        let serves = file.kind.is_code() && file.hits.any(GateHits::SERVES);
        if !*chosen && (recipe || serves || file.kind.is_configuration() && file.hits.any(GateHits::CREDENTIAL)) {
            // The folder that holds the file, or one shortly above it, holds the code as well.
            let mut own =
                file.path.ancestors().skip(1).take(LEVELS).filter(|folder| folders.contains(folder)).peekable();
            if own.peek().is_some() {
                let home = neighbourhoods.around(file.path);
                *chosen = own.any(|folder| home.is_none_or(|home| folder.starts_with(home)));
            }
        }
    }
}

fn set(flags: &mut [bool], index: usize, value: bool) {
    if let Some(flag) = flags.get_mut(index) {
        *flag |= value;
    }
}

/// Pairs (package, dependency) within the project.
fn edges(packages: &[Package]) -> std::collections::HashSet<(usize, usize)> {
    let by_folder: std::collections::HashMap<&Path, usize> =
        packages.iter().enumerate().map(|(index, package)| (package.dir.as_path(), index)).collect();
    let mut edges = std::collections::HashSet::new();
    for (from, package) in packages.iter().enumerate() {
        for dependency in &package.dependencies {
            if let Some(to) = dependency.path.as_deref().and_then(|path| by_folder.get(path)) {
                edges.insert((from, *to));
            }
        }
    }
    edges
}

fn closure(mut set: Vec<bool>, linked: impl Fn(usize, usize) -> bool) -> Vec<bool> {
    let mut pending: Vec<usize> = (0..set.len()).filter(|index| set.get(*index) == Some(&true)).collect();
    while let Some(from) = pending.pop() {
        for (to, flag) in set.iter_mut().enumerate() {
            if !*flag && linked(from, to) {
                *flag = true;
                pending.push(to);
            }
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use super::super::packages::Dependency;
    use super::*;

    fn package(name: &str, needs: &[&str]) -> Package {
        let dependency = |name: &&str| Dependency {
            name: (*name).to_owned(),
            package: (*name).to_owned(),
            path: Some(Path::new("/w").join(name)),
            optional: false,
            dev: false,
            build: false,
            target_cfg: None,
            features: Vec::new(),
        };
        Package {
            manifest: Path::new("/w").join(name).join("Cargo.toml"),
            dir: Path::new("/w").join(name),
            name: name.to_owned(),
            lib_name: name.to_owned(),
            targets: Vec::new(),
            dependencies: needs.iter().map(dependency).collect(),
            features: Default::default(),
            crate_types: Vec::new(),
            is_workspace_root: false,
            build_targets: Vec::new(),
            has_trunk: false,
        }
    }

    fn chosen(files: &[(&str, FileKind, GateHits)]) -> Vec<bool> {
        chosen_in(Scope::Api, files)
    }

    fn chosen_in(scope: Scope, files: &[(&str, FileKind, GateHits)]) -> Vec<bool> {
        let packages = [
            package("app", &["client", "log"]),
            package("client", &["http"]),
            package("http", &[]),
            package("log", &[]),
            package("other", &["http"]),
        ];
        let files: Vec<_> =
            files.iter().map(|(path, kind, hits)| Seen { path: Path::new(path), kind: *kind, hits: *hits }).collect();
        select(&files, &packages, scope)
    }

    const NONE: fn() -> GateHits = GateHits::default;

    #[test]
    fn callers_and_what_they_need_are_pulled_in() {
        let rust = FileKind::Rust;
        let files = [
            ("/w/app/src/main.rs", rust, NONE()),
            ("/w/client/src/lib.rs", rust, GateHits::API),
            ("/w/http/src/lib.rs", rust, NONE()),
            ("/w/log/src/lib.rs", rust, NONE()),
            ("/w/other/src/lib.rs", rust, NONE()),
            ("/w/client/README.md", FileKind::Text, NONE()),
        ];
        assert_eq!(chosen(&files), [true, true, true, true, false, false]);
    }

    #[test]
    fn configuration_pulls_in_packages_that_send() {
        let rust = FileKind::Rust;
        let files = [
            ("/w/.env", FileKind::Dotenv, GateHits::API),
            ("/w/other/src/lib.rs", rust, GateHits::CLIENT),
            ("/w/log/src/lib.rs", rust, NONE()),
        ];
        assert_eq!(chosen(&files), [true, true, false]);
    }

    #[test]
    fn nothing_is_read_without_the_api() {
        let client = [("/w/app/src/main.rs", FileKind::Rust, GateHits::CLIENT)];
        assert_eq!(chosen(&client), [false]);
        assert_eq!(chosen_in(Scope::Any, &client), [true]);
        assert_eq!(chosen(&[("/w/app/src/main.rs", FileKind::Rust, GateHits::KEY)]), [true]);
    }
}
