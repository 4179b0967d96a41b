//! What the places of files mean in the frameworks that a project uses.

use super::node::{NodePackage, package};
use super::tables::{Framework, Place, common, frameworks};
use super::{Evidence, Side, Verdict};
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// What a place means.
#[derive(Debug)]
pub(super) struct Meaning {
    /// Where the file runs, with the evidence.
    pub verdict: Verdict,
    /// Code for clients that imports the file gets something else than its code.
    pub boundary: bool,
    /// Exports that stay on the server.
    pub server_exports: &'static [String],
}

/// An application of a framework.
struct Application {
    dir: PathBuf,
    framework: &'static Framework,
    /// The dependency or file that shows it.
    evidence: Evidence,
    /// A file of the framework stands in the folder.
    configured: bool,
}

/// Looks up folders, manifests and applications once.
#[derive(Default)]
pub(super) struct Conventions {
    names: HashMap<PathBuf, Rc<HashSet<OsString>>>,
    packages: HashMap<PathBuf, Option<Rc<NodePackage>>>,
    applications: HashMap<PathBuf, Rc<Vec<Application>>>,
    end: Option<PathBuf>,
    root: Option<PathBuf>,
}

impl Conventions {
    pub(super) fn new(folders: super::Folders<'_>) -> Self {
        Self { end: folders.end.map(Path::to_owned), root: folders.root.map(Path::to_owned), ..Self::default() }
    }

    fn folders<'p>(&self, path: &'p Path) -> Vec<&'p Path> {
        let mut folders = Vec::new();
        for folder in path.ancestors().skip(1) {
            folders.push(folder);
            if self.end.as_deref() == Some(folder) {
                break;
            }
        }
        folders
    }

    fn names(&mut self, folder: &Path) -> Rc<HashSet<OsString>> {
        let read = || Rc::new(crate::project::disk::names(folder));
        self.names.entry(folder.to_owned()).or_insert_with(read).clone()
    }

    /// The manifest of a folder.
    pub(super) fn manifest(&mut self, folder: &Path) -> Option<Rc<NodePackage>> {
        if !self.names(folder).contains("package.json".as_ref() as &std::ffi::OsStr) {
            return None;
        }
        self.packages.entry(folder.to_owned()).or_insert_with(|| package(folder).map(Rc::new)).clone()
    }

    /// The innermost manifest around a file.
    pub(super) fn package(&mut self, path: &Path) -> Option<Rc<NodePackage>> {
        self.folders(path).into_iter().find_map(|folder| self.manifest(folder))
    }

    /// The applications whose folder a folder is.
    fn applications(&mut self, folder: &Path) -> Rc<Vec<Application>> {
        if let Some(known) = self.applications.get(folder) {
            return known.clone();
        }
        let names = self.names(folder);
        let own = self.manifest(folder);
        let inner = folder.join("package.json");
        let around: Vec<Rc<NodePackage>> =
            self.folders(&inner).into_iter().skip(1).filter_map(|outer| self.manifest(outer)).collect();
        let mut found = Vec::new();
        for framework in frameworks() {
            let file = framework.files.iter().find(|name| names.contains(name.as_str().as_ref() as &std::ffi::OsStr));
            let depends = |package: &Rc<NodePackage>| {
                let dependency = framework.packages.iter().find_map(|name| package.dependencies.get_key_value(name));
                dependency.map(|(name, range)| {
                    Evidence::at(&package.manifest, range.clone(), format!("`{name}`: {}", framework.name))
                })
            };
            let evidence = if framework.packages.is_empty() {
                file.map(|name| folder.join(name))
                    .filter(|path| framework.file_says.as_ref().is_none_or(|says| says_so(path, says)))
                    .map(|path| Evidence::of_file(&path, format!("a file of {}", framework.name)))
            } else {
                // With its own file an application may take its packages from a manifest further out.
                let inherited = || file.and_then(|_| around.iter().find_map(depends));
                own.as_ref().and_then(depends).or_else(inherited)
            };
            if let Some(evidence) = evidence {
                found.push(Application { dir: folder.to_owned(), framework, evidence, configured: file.is_some() });
            }
        }
        let found = Rc::new(found);
        self.applications.insert(folder.to_owned(), found.clone());
        found
    }

    /// What names alone say, whatever the framework.
    pub(super) fn by_name(&mut self, path: &Path) -> Option<Meaning> {
        self.common_place(path, &common().first)
    }

    /// What remains when no framework decides.
    pub(super) fn otherwise(&mut self, path: &Path) -> Option<Meaning> {
        self.common_place(path, &common().last)
    }

    fn common_place(&mut self, path: &Path, places: &'static [Place]) -> Option<Meaning> {
        let package = self.package(path).map(|package| package.dir.clone());
        let asked = self.root.clone().filter(|root| path.starts_with(root));
        // The innermost of the two: what the folders around it are called says nothing about the file.
        let base = package.into_iter().chain(asked).max_by_key(|dir| dir.as_os_str().len());
        let base = base.or_else(|| self.end.clone()).or_else(|| path.parent().map(Path::to_owned))?;
        let below = path.strip_prefix(&base).ok()?;
        let place = places.iter().find(|place| place.glob.is_match(below))?;
        Some(meaning(place, vec![Evidence::of_file(path, place.note.clone())]))
    }

    /// What the frameworks around a file say about its place; `exports` are the names it exports.
    pub(super) fn by_framework(&mut self, path: &Path, exports: &dyn Fn(&str) -> bool) -> Option<Meaning> {
        for folder in self.folders(path) {
            for application in self.applications(folder).iter() {
                let Ok(below) = path.strip_prefix(&application.dir) else { continue };
                let fits = |place: &&Place| {
                    let beside = |name: &String| {
                        path.parent().is_some_and(|parent| crate::project::disk::is_file(&parent.join(name)))
                    };
                    place.glob.is_match(below)
                        && (place.beside.is_empty() || place.beside.iter().any(beside))
                        && (place.exports.is_empty() || place.exports.iter().any(|name| exports(name)))
                };
                if let Some(place) = application.framework.places.iter().find(fits) {
                    let evidence = vec![application.evidence.clone(), Evidence::of_file(path, place.note.clone())];
                    return Some(meaning(place, evidence));
                }
            }
            // What lies beyond the package's own manifest is another program.
            if self.manifest(folder).is_some() && !self.applications(folder).is_empty() {
                break;
            }
        }
        None
    }

    /// Where code runs that nothing else decides.
    pub(super) fn by_default(&mut self, path: &Path) -> Option<Verdict> {
        for folder in self.folders(path) {
            let applications = self.applications(folder);
            let mut defaults = applications.iter().filter_map(|application| {
                let default = application.framework.default.as_ref()?;
                // Dependencies of a whole repository say nothing about one of its folders.
                let near = application.configured || application.framework.files.is_empty();
                near.then_some((application, default))
            });
            let clients = applications.iter().any(|application| application.framework.serves_clients);
            let fits = defaults.find(|(_, default)| default.side == Side::Client || !clients);
            if let Some((application, default)) = fits {
                let evidence = vec![application.evidence.clone(), Evidence::of_file(path, default.note.clone())];
                return Some(Verdict { weak: default.side == Side::Client, ..Verdict::new(default.side, evidence) });
            }
            if self.manifest(folder).is_some() {
                break;
            }
        }
        None
    }

    /// The beginnings of variables that frameworks around a file publish, each below its folder.
    pub(super) fn published(&mut self, path: &Path) -> Vec<(PathBuf, String)> {
        let mut found = Vec::new();
        for folder in self.folders(path) {
            for application in self.applications(folder).iter() {
                let prefixes = application.framework.published.iter();
                found.extend(prefixes.map(|prefix| (application.dir.clone(), prefix.clone())));
            }
        }
        found
    }

    /// The files of frameworks that stand around a file.
    pub(super) fn settings(&mut self, path: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        for folder in self.folders(path) {
            let names = self.names(folder);
            for application in self.applications(folder).iter() {
                let there = |name: &&String| names.contains(name.as_str().as_ref() as &std::ffi::OsStr);
                found.extend(application.framework.files.iter().filter(there).map(|name| folder.join(name)));
            }
        }
        found
    }

    /// Whether the manifest's `main` starts a program of the machine.
    pub(super) fn starts(&mut self, package: &NodePackage) -> bool {
        let dir = package.dir.clone();
        self.applications(&dir).iter().any(|application| application.framework.main_is_server)
    }
}

fn meaning(place: &'static Place, evidence: Vec<Evidence>) -> Meaning {
    let verdict = Verdict::new(place.side, evidence);
    Meaning { verdict, boundary: place.boundary, server_exports: &place.server_exports }
}

fn says_so(path: &Path, says: &str) -> bool {
    super::manifest::text(path).is_some_and(|text| text.contains(says))
}
