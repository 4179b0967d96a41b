//! Who else gets a file: git, an image that is built, other users of the machine, visitors of a web site.

use super::disk::{self, Tracked};
use std::path::{Path, PathBuf};

/// What git does with a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Git {
    /// It lies in no repository that the run covers.
    #[default]
    None,
    /// It is tracked.
    Tracked,
    /// It is neither tracked nor ignored: the next `git add` takes it.
    Untracked,
}

/// Who else gets one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exposure {
    /// What git does with it.
    pub git: Git,
    /// Others than its owner can read it.
    pub readable_by_others: bool,
    /// The folder around it that a server hands out.
    pub served: Option<String>,
}

/// Looks at the files of a run. `roots` are the folders that were asked for: what is said about a repository is asked of
/// the whole repository. `below` are the files' paths below them.
pub fn exposures(files: &[(&Path, &str)], roots: &[PathBuf]) -> Vec<Exposure> {
    let mut repositories: Vec<Tracked> = Vec::new();
    let mut all = Vec::new();
    for (path, below) in files {
        let repository = crate::config::repository_root(path.parent().unwrap_or(path));
        let covered = repository.filter(|root| roots.iter().any(|asked| root.starts_with(asked)));
        let git = covered.map_or(Git::None, |root| {
            let known = repositories.iter().position(|known| known.root() == root);
            let shown = super::walk::show(path, &root);
            let index = known.unwrap_or_else(|| {
                repositories.push(Tracked::in_repository(root));
                repositories.len() - 1
            });
            match repositories.get(index) {
                Some(repository) if repository.holds(&shown) => Git::Tracked,
                _ => Git::Untracked,
            }
        });
        all.push(Exposure { git, readable_by_others: disk::is_open_to_others(path), served: served(below) });
    }
    all
}

/// The outermost folder of a path that frameworks and servers hand out by convention.
fn served(below: &str) -> Option<String> {
    const SERVED: &[&str] = &["public", "public_html", "static", "www", "htdocs", "wwwroot", "webroot", "httpdocs"];
    let (folders, _) = below.rsplit_once('/')?;
    let mut end = 0;
    for folder in folders.split('/') {
        end += folder.len();
        if SERVED.contains(&folder) {
            return folders.get(..end).map(str::to_owned);
        }
        end += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn served_folders_are_whole_names() {
        assert_eq!(served("web/public/config.json").as_deref(), Some("web/public"));
        assert_eq!(served("publications/config.json"), None);
        assert_eq!(served("public"), None);
    }
}
