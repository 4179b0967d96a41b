//! Which JavaScript files and shell scripts are read closely: those that mention the API, those whose code they run with, and what all of
//! them are built from.

use super::Manifests;
use crate::project::gate::GateHits;
use crate::project::kind::FileKind;
use crate::project::select::Seen;
use std::path::Path;

/// Whether each file is pulled in. `imports` gives the files each file names; `about` is what makes a file matter.
pub fn pulled(files: &[Seen<'_>], imports: &[Vec<usize>], manifests: &Manifests, about: GateHits) -> Vec<bool> {
    let script = |file: &Seen<'_>| file.kind.is_script() || file.kind == FileKind::Shell;
    let home = |path: &Path| manifests.package_of(path).map(|(folder, _)| folder);
    let names = |index: usize| imports.get(index).is_some_and(|all| !all.is_empty());
    let mut matters: Vec<bool> =
        files.iter().enumerate().map(|(index, file)| (script(file) || names(index)) && file.hits.any(about)).collect();
    // The host may stand in configuration only. It is read by the package around it, or by what lies below its folder.
    for configuration in files.iter().filter(|file| file.kind.is_configuration() && file.hits.any(GateHits::API)) {
        let around = home(configuration.path);
        let folder = configuration.path.parent().unwrap_or(configuration.path);
        for (file, matters) in files.iter().zip(&mut matters) {
            let near = file.path.starts_with(folder) || (around.is_some() && home(file.path) == around);
            *matters |= script(file) && near && file.hits.any(GateHits::CLIENT);
        }
    }
    let mut importers = vec![Vec::new(); files.len()];
    for (from, all) in imports.iter().enumerate() {
        for to in all {
            if let Some(importers) = importers.get_mut(*to) {
                importers.push(from);
            }
        }
    }
    let callers = reached(matters, &importers);
    reached(callers, imports)
}

fn reached(mut set: Vec<bool>, edges: &[Vec<usize>]) -> Vec<bool> {
    let mut pending: Vec<usize> = (0..set.len()).filter(|index| set.get(*index) == Some(&true)).collect();
    while let Some(from) = pending.pop() {
        for to in edges.get(from).into_iter().flatten() {
            if let Some(flag) = set.get_mut(*to).filter(|flag| !**flag) {
                *flag = true;
                pending.push(*to);
            }
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_and_what_they_are_built_from_are_pulled_in() {
        let file = |path: &'static str, kind, hits| Seen { path: Path::new(path), kind, hits };
        let (script, none) = (FileKind::JavaScript, GateHits::default());
        let files = [
            file("/p/server.js", script, none),
            file("/p/ehr.js", script, GateHits::API),
            file("/p/http.js", script, GateHits::CLIENT),
            file("/p/log.js", script, none),
            file("/p/other.js", script, GateHits::CLIENT),
        ];
        let imports = [vec![1, 3], vec![2], vec![], vec![], vec![2]];
        let chosen = pulled(&files, &imports, &Manifests::default(), GateHits::API);
        assert_eq!(chosen, [true, true, true, true, false]);
        // The host in configuration: code near it that sends requests.
        let mut files = files;
        files[1] = file("/p/.env", FileKind::Dotenv, GateHits::API);
        let chosen = pulled(&files, &[vec![4], vec![], vec![], vec![], vec![]], &Manifests::default(), GateHits::API);
        assert_eq!(chosen, [true, false, true, false, true]);
    }
}
