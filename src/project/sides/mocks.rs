//! Tests that answer the requests of the code they test themselves.

use super::Side;
use super::conventions::{Conventions, Meaning};
use super::in_file::imported;
use super::javascript::JavaScriptFile;
use super::outline::Outline;
use super::tables::common;
use std::collections::HashSet;
use std::path::PathBuf;

/// Which files answer requests, and which packages have a file that does so for all their tests.
pub(super) struct Mocks<'a> {
    files: &'a [JavaScriptFile<'a>],
    own: Vec<bool>,
    homes: Vec<Option<PathBuf>>,
    covered: HashSet<PathBuf>,
}

impl<'a> Mocks<'a> {
    pub(super) fn new(
        files: &'a [JavaScriptFile<'a>],
        outlines: &[Outline],
        meanings: &[Option<Meaning>],
        conventions: &mut Conventions,
    ) -> Self {
        let table = &common().evidence;
        let answers = |(file, outline): (&JavaScriptFile<'_>, &Outline)| {
            imported(outline, &table.mocks).is_some() || table.mock_calls.iter().any(|call| file.text.contains(call))
        };
        let own: Vec<bool> = files.iter().zip(outlines).map(answers).collect();
        let homes: Vec<Option<PathBuf>> =
            files.iter().map(|file| conventions.package(file.path).map(|package| package.dir.clone())).collect();
        let prepares = |file: &JavaScriptFile<'_>| {
            let name =
                file.path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
            name.contains("setup") || name.contains("global")
        };
        let covered = files
            .iter()
            .zip(&own)
            .zip(&homes)
            .zip(meanings)
            .filter(|(((file, own), _), meaning)| {
                **own && prepares(file) && meaning.as_ref().is_some_and(|m| m.verdict.side == Side::Test)
            })
            .filter_map(|(((_, _), home), _)| home.clone())
            .collect();
        Self { files, own, homes, covered }
    }

    /// Whether the requests of a test are answered by itself, by what it imports, or by what prepares all tests.
    pub(super) fn answered(&self, index: usize) -> bool {
        let home = self.homes.get(index).and_then(Option::as_ref);
        if home.is_some_and(|home| self.covered.contains(home)) {
            return true;
        }
        let mut seen = HashSet::from([index]);
        let mut pending = vec![index];
        while let Some(at) = pending.pop() {
            if self.own.get(at) == Some(&true) {
                return true;
            }
            let links = self.files.get(at).into_iter().flat_map(|file| file.links.values());
            pending.extend(links.copied().filter(|to| seen.insert(*to)));
        }
        false
    }
}
