//! `init`: a first configuration, hook and workflow. What is there already is never written over.

use super::options::InitOptions;
use super::{configured, output};
use crate::adopt::starter;
use crate::config::repository_root;
use crate::error::Error;
use crate::report::counted;
use crate::scan::{Request, scan};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

const CONFIGURATION: &str = "cerbo-lint.toml";
const HOOKS: &str = ".pre-commit-config.yaml";
const PIPELINE: &str = ".gitlab-ci.yml";
const WORKFLOWS: &str = ".github/workflows";

/// A file to write.
struct Made {
    path: PathBuf,
    text: String,
}

/// Writes what is missing and says what is there.
///
/// # Errors
/// When the folder is none, cannot be scanned, or a file cannot be written.
pub(super) fn init(options: &InitOptions) -> Result<(), Error> {
    let named = options.path.clone().unwrap_or_else(|| PathBuf::from("."));
    let no_folder = || Error::new("no such folder").in_file(&named).help("give the folder of a project");
    let folder = std::fs::canonicalize(&named).map_err(|_| no_folder())?;
    if !folder.is_dir() {
        return Err(no_folder());
    }
    let before = configured(false, None, &folder)?;
    let report = scan(&Request { paths: vec![folder.clone()], ..Request::default() }, &before)?;
    let found = &report.surroundings;
    let repository = repository_root(&folder);
    let root = repository.clone().unwrap_or_else(|| folder.clone());
    let below = folder.strip_prefix(&root).ok().and_then(Path::to_str).filter(|path| !path.is_empty()).unwrap_or(".");
    let below = below.replace('\\', "/");
    let (mut made, mut told) = (Vec::new(), String::new());
    let shown = |path: &Path| crate::project::walk::show(path, &root);

    match &before.path {
        None => {
            let text = starter::configuration(found, crate::baseline::NAME);
            made.push(Made { path: folder.join(CONFIGURATION), text });
        }
        Some(path) => {
            let lines = starter::missing(found, &before, crate::baseline::NAME);
            say(&mut told, &shown(path), "holds a configuration", "to its keys", &lines.join("\n"));
        }
    }
    if repository.is_some() && !options.no_hook {
        let (path, entry) = (root.join(HOOKS), starter::hook(&below));
        match read(&path)? {
            None => made.push(Made { path, text: format!("repos:\n{entry}") }),
            Some(text) if text.contains("cerbo-lint") => say(&mut told, HOOKS, "has the hook", "", ""),
            Some(_) => say(&mut told, HOOKS, "is there", "below `repos:`", &entry),
        }
    }
    if repository.is_some() && !options.no_ci {
        ci(&root, &below, &mut made, &mut told)?;
    }

    let mut words = String::new();
    for Made { path, text } in &made {
        let path_shown = shown(path);
        if options.dry_run {
            let _ = writeln!(words, "# {path_shown}\n{text}");
        } else {
            create(path, text)?;
            let _ = writeln!(words, "{path_shown}: written");
        }
    }
    words.push_str(&told);
    if !options.dry_run {
        let number = report.findings.len();
        let next = match number {
            0 => "Nothing is found now.".to_owned(),
            _ => format!(
                "{} now: `cerbo-lint baseline` accepts what is there, so that only what is new fails.",
                counted(number, "finding")
            ),
        };
        let _ = writeln!(words, "{next}");
    }
    output::to_stdout(words.as_bytes())
}

/// What runs the tool on a server: a workflow, or the lines for GitLab.
fn ci(root: &Path, below: &str, made: &mut Vec<Made>, told: &mut String) -> Result<(), Error> {
    let pipeline = root.join(PIPELINE);
    let git = git_folder(root);
    let remotes = std::fs::read_to_string(git.join("config")).unwrap_or_default();
    match read(&pipeline)? {
        Some(text) if text.contains("cerbo-lint") => say(told, PIPELINE, "runs it", "", ""),
        Some(_) => say(told, PIPELINE, "is there", "to it", &starter::pipeline(below)),
        None if remotes.contains("gitlab") => made.push(Made { path: pipeline, text: starter::pipeline(below) }),
        None => {
            let folder = root.join(WORKFLOWS);
            let all = std::fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path());
            let mut running: Vec<PathBuf> = Vec::new();
            for path in all.filter(|path| path.is_file()) {
                if read(&path)?.is_some_and(|text| text.contains("cerbo-lint")) {
                    running.push(path);
                }
            }
            running.sort();
            match running.first() {
                Some(path) => say(told, &crate::project::walk::show(path, root), "runs it", "", ""),
                None => made
                    .push(Made { path: folder.join("cerbo-lint.yml"), text: starter::workflow(&branch(&git), below) }),
            }
        }
    }
    Ok(())
}

fn say(told: &mut String, path: &str, state: &str, place: &str, add: &str) {
    let path = crate::error::visible(path);
    let _ = match add.is_empty() {
        true => writeln!(told, "{path}: {state}; nothing to add"),
        false => writeln!(told, "{path}: {state} and stays as it is; add {place}:\n{}\n", add.trim_end()),
    };
}

/// The text of a file; none when there is no such file.
fn read(path: &Path) -> Result<Option<String>, Error> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::new(format!("cannot be read: {}", error.kind())).in_file(path)),
    }
}

/// Writes a file that is not there.
fn create(path: &Path, text: &str) -> Result<(), Error> {
    let failed = |error: std::io::Error| Error::new(format!("cannot be written: {}", error.kind())).in_file(path);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

/// The folder of git's own files; a worktree's `.git` is a file that names it.
fn git_folder(root: &Path) -> PathBuf {
    let git = root.join(".git");
    let named = std::fs::read_to_string(&git).ok();
    let named = named.as_deref().and_then(|text| text.trim().strip_prefix("gitdir: ")).map(|path| root.join(path));
    let Some(own) = named else { return git };
    match std::fs::read_to_string(own.join("commondir")) {
        Ok(common) => own.join(common.trim()),
        Err(_) => own,
    }
}

/// The main branch: the remote's, else the one that is checked out.
fn branch(git: &Path) -> String {
    let head = |path: &str, before: &str| {
        let text = std::fs::read_to_string(git.join(path)).ok()?;
        text.trim().strip_prefix(before).map(str::to_owned)
    };
    head("refs/remotes/origin/HEAD", "ref: refs/remotes/origin/")
        .or_else(|| head("HEAD", "ref: refs/heads/"))
        .unwrap_or_else(|| "main".to_owned())
}
