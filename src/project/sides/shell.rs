//! Where shell scripts run: their places tell which of them are tests.

use super::tables::shell;
use super::{Evidence, FileSides, Verdict};
use std::path::Path;

/// What the place of a script says. `root` is the folder that was asked for: the names of those around it say nothing.
pub(super) fn decide(path: &Path, root: Option<&Path>) -> Option<FileSides> {
    let around = || crate::config::repository_root(path.parent().unwrap_or(path));
    let base = root.filter(|root| path.starts_with(root)).map(Path::to_owned).or_else(around);
    let below = base.as_deref().and_then(|base| path.strip_prefix(base).ok());
    let below = below.or_else(|| path.file_name().map(Path::new))?;
    let place = shell().places.iter().find(|place| place.glob.is_match(below))?;
    let evidence = vec![Evidence::of_file(path, place.note.clone())];
    Some(FileSides::uniform(Verdict::new(place.side, evidence)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::project::sides::Side;

    #[test]
    fn places_below_the_folder_asked_for_tell_tests() {
        let side = |path: &str| {
            decide(Path::new(path), Some(Path::new("/home/me/tests/clinic"))).map(|sides| sides.whole.side)
        };
        for path in ["tests/smoke.sh", "bin/chart.bats", "lib/url_test.sh"] {
            assert_eq!(side(&format!("/home/me/tests/clinic/{path}")), Some(Side::Test), "{path}");
        }
        for path in ["bin/chart.sh", "bin/test-connection.sh", "latest/sync.sh"] {
            assert_eq!(side(&format!("/home/me/tests/clinic/{path}")), None, "{path}");
        }
    }
}
