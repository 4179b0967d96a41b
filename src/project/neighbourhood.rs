//! Which files belong together: a folder may hold projects that have nothing to do with each other, and the timetables and
//! settings of one say nothing about another.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// Files that stand at the top of a project.
const MANIFESTS: &[&str] = &["Cargo.toml", "package.json", "deno.json", "go.mod", "pyproject.toml"];

/// Work trees of git; outside of them, the outermost folders that hold a manifest.
#[derive(Debug, Default)]
pub struct Neighbourhoods<'a> {
    tops: HashSet<&'a Path>,
    /// Whether a folder is the top of a work tree, as far as that was asked.
    trees: RefCell<HashMap<&'a Path, bool>>,
}

impl<'a> Neighbourhoods<'a> {
    /// Those of these files.
    pub fn of(files: impl Iterator<Item = &'a Path>) -> Self {
        let manifest = |path: &&Path| path.file_name().is_some_and(|name| MANIFESTS.iter().any(|known| name == *known));
        Self { tops: files.filter(manifest).filter_map(Path::parent).collect(), trees: RefCell::default() }
    }

    /// The folder of what a file belongs to; none for a file beside all projects.
    pub fn around(&self, path: &'a Path) -> Option<&'a Path> {
        let outermost = |top: &dyn Fn(&&'a Path) -> bool| path.ancestors().skip(1).filter(top).last();
        outermost(&|folder| self.is_tree(folder)).or_else(|| outermost(&|folder| self.tops.contains(*folder)))
    }

    fn is_tree(&self, folder: &'a Path) -> bool {
        *self.trees.borrow_mut().entry(folder).or_insert_with(|| folder.join(".git").exists())
    }

    /// Adds to what is `chosen` each of the files that `may` matter to code beside it: those whose project holds something
    /// `telling` that is chosen. What lies beside the projects may start, and may be started by, any of them.
    pub fn add(
        &self,
        files: &[&'a Path],
        chosen: &mut [bool],
        telling: impl Fn(usize) -> bool,
        may: impl Fn(usize) -> bool,
    ) {
        let found: HashSet<Option<&Path>> = files
            .iter()
            .zip(chosen.iter())
            .enumerate()
            .filter(|(index, (_, chosen))| **chosen && telling(*index))
            .map(|(_, (path, _))| self.around(path))
            .collect();
        if found.is_empty() {
            return;
        }
        for (index, (chosen, path)) in chosen.iter_mut().zip(files).enumerate() {
            if !*chosen && may(index) {
                let home = self.around(path);
                *chosen = home.is_none() || found.contains(&home) || found.contains(&None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn chosen(files: &[&str], telling: usize) -> Vec<bool> {
        let paths: Vec<&Path> = files.iter().map(Path::new).collect();
        let mut chosen: Vec<bool> = (0..files.len()).map(|index| index == telling).collect();
        let all = Neighbourhoods::of(paths.iter().copied());
        all.add(&paths, &mut chosen, |_| true, |index| !files.get(index).is_some_and(|name| name.ends_with(".json")));
        chosen
    }

    #[test]
    fn a_timetable_belongs_to_the_project_around_it() {
        let files =
            ["/w/a/package.json", "/w/a/jobs/sync.js", "/w/a/.github/ci.yml", "/w/b/package.json", "/w/b/ci.yml"];
        assert_eq!(chosen(&files, 1), [false, true, true, false, false]);
    }

    #[test]
    fn what_lies_beside_the_projects_belongs_to_all() {
        let files = ["/w/a/package.json", "/w/a/sync.js", "/w/ops/crontab"];
        assert_eq!(chosen(&files, 1), [false, true, true]);
        let files = ["/w/a/package.json", "/w/a/ci.yml", "/w/run.js"];
        assert_eq!(chosen(&files, 2), [false, true, true]);
    }

    #[test]
    fn inner_projects_belong_to_the_outermost() {
        let files = ["/w/package.json", "/w/one/package.json", "/w/one/a.js", "/w/two/package.json", "/w/two/b.yml"];
        assert_eq!(chosen(&files, 2), [false, false, true, false, true]);
    }

    #[test]
    fn one_work_tree_is_one_project() {
        let home = tempfile::tempdir().unwrap();
        let [one, two] = ["one", "two"].map(|name| home.path().join(name).join("package.json"));
        let all = Neighbourhoods::of([one.as_path(), &two].into_iter());
        assert_ne!(all.around(&one), all.around(&two));
        std::fs::create_dir(home.path().join(".git")).unwrap();
        let all = Neighbourhoods::of([one.as_path(), &two].into_iter());
        assert_eq!(all.around(&one), Some(home.path()));
        assert_eq!(all.around(&two), Some(home.path()));
    }
}
