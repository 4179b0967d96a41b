//! The cache: whatever changes between two runs, a run with it says what a run without it says.

use crate::support::{CLIENT, FORMATS, MANIFEST, findings, fixtures, git, project, run_in, texts};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Files that were written later than this before a run are looked at again in the next.
const SETTLED: Duration = Duration::from_millis(2_100);

/// A folder with projects, and the cache and the reports of runs on them beside it.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["projects", "cache", "reports"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { folder }
    }

    fn projects(&self) -> PathBuf {
        self.folder.path().join("projects")
    }

    fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    /// Every report of a run in a folder, as one text behind the exit code.
    fn reports(&self, root: &Path, how: &[&str], what: &[&str]) -> String {
        let name = root.file_name().unwrap().to_string_lossy().into_owned();
        let folder = self.folder.path().join("reports").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_cerbo-lint"));
        command.current_dir(root).args(["--threads", "1", "--include-suppressed"]).args(how).args(what);
        for format in FORMATS {
            command.arg("--output").arg(format!("{format}={}", folder.join(format).display()));
        }
        let output = command.output().unwrap();
        let mut all = format!("{:?}\n{}", output.status.code(), String::from_utf8_lossy(&output.stderr));
        for format in FORMATS {
            all.push_str(&format!("--- {format}\n"));
            let text = std::fs::read_to_string(folder.join(format)).unwrap();
            // How long a run took is the one thing that may differ.
            match text.rsplit_once("suppressed; ").filter(|_| *format == "human") {
                Some((text, _)) => all.push_str(text),
                None => all.push_str(&text),
            }
        }
        all
    }

    fn cached(&self, root: &Path, what: &[&str]) -> String {
        self.reports(root, &["--cache-dir", &self.cache().display().to_string()], what)
    }

    /// Two runs with the cache say what one without it says: the first may have to look again, the second need not.
    fn agree(&self, root: &Path, what: &[&str], change: &str) -> String {
        self.agree_in(root, what, change, &["first", "second"])
    }

    fn agree_in(&self, root: &Path, what: &[&str], change: &str, runs: &[&str]) -> String {
        let fresh = self.reports(root, &["--no-cache"], what);
        for run in runs {
            let cached = self.cached(root, what);
            assert!(cached == fresh, "{}, {change}, {run} run: {}", root.display(), difference(&cached, &fresh));
        }
        fresh
    }
}

/// The first line in which two texts differ.
fn difference(cached: &str, fresh: &str) -> String {
    let pair = cached.lines().zip(fresh.lines()).find(|(cached, fresh)| cached != fresh);
    pair.map_or("one goes on".to_owned(), |(cached, fresh)| format!("\ncached: {cached}\nfresh:  {fresh}"))
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true if entry.file_name() == ".git" => {}
            true => all.extend(files(&entry.path())),
            false => all.push(entry.path()),
        }
    }
    all.sort();
    all
}

/// Changes a project in many ways, one after the other, each undone before the next.
fn change_everything(place: &Place, root: &Path) {
    let agree = |change: &str| place.agree(root, &["."], change);
    let before = agree("as it is");
    for (index, path) in files(root).into_iter().enumerate() {
        let text = std::fs::read(&path).unwrap();
        let name = path.display();
        match index % 4 {
            // Everything moves by a line.
            0 => std::fs::write(&path, [b"\n", text.as_slice()].concat()).unwrap(),
            1 => std::fs::remove_file(&path).unwrap(),
            2 => std::fs::rename(&path, path.with_file_name(format!("x{}", path.file_name().unwrap().display())))
                .unwrap(),
            // Of the same length and, as far as one can set it, of the same time.
            _ => {
                let time = std::fs::metadata(&path).unwrap().modified().unwrap();
                let words: &[(&str, &str)] = &[("cerbo", "other"), ("CERBO", "OTHER"), ("get", "put"), ("id", "no")];
                let text = words
                    .iter()
                    .fold(String::from_utf8_lossy(&text).into_owned(), |text, (from, to)| text.replace(from, to));
                std::fs::write(&path, text).unwrap();
                std::fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
            }
        }
        // Every run takes its time: what the first one keeps is used by some.
        let runs = if index % 3 == 0 { &["first", "second"][..] } else { &["first"] };
        place.agree_in(root, &["."], &format!("{name} changed ({})", index % 4), runs);
        let _ = std::fs::remove_file(path.with_file_name(format!("x{}", path.file_name().unwrap().display())));
        std::fs::write(&path, text).unwrap();
    }
    assert!(agree("all undone") == before);
}

#[test]
fn whatever_changes_in_a_project_is_seen() {
    let place = Place::new();
    copy(&fixtures().join("projects"), &place.projects());
    let projects: Vec<PathBuf> =
        std::fs::read_dir(place.projects()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(projects.len() > 20);
    for project in &projects {
        git(project, &["init", "-q", "-b", "main"]);
    }
    std::thread::sleep(SETTLED);
    let (first, second) = projects.split_at(projects.len() / 2);
    std::thread::scope(|scope| {
        for half in [first, second] {
            let place = &place;
            scope.spawn(move || half.iter().for_each(|project| change_everything(place, project)));
        }
    });
    // There was something to be seen, and it was kept.
    assert!(files(&place.cache()).len() > projects.len());
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// A folder with these files, left alone for long enough.
fn settled(files: &[(&str, &str)]) -> (Place, PathBuf) {
    let place = Place::new();
    let root = place.projects().join("one");
    files.iter().for_each(|(path, text)| write(&root, path, text));
    git(&root, &["init", "-q", "-b", "main"]);
    std::thread::sleep(SETTLED);
    (place, root)
}

const SERVER: &str = "import { get } from '@/ehr';\nconsole.log(await get(1));\n";
const EHR: &str = "export async function get(id) {\n  const key = 'Basic ' + btoa('pk_northgate_11:sk_4f81c0aa93de');\n  return fetch(`https://northgate.md-hq.com/api/v1/patients/${id}`, { headers: { Authorization: key } });\n}\n";

#[test]
fn what_links_files_is_seen() {
    let (place, root) = settled(&[
        ("package.json", "{ \"name\": \"app\", \"type\": \"module\" }\n"),
        ("src/server.js", SERVER),
        ("lib/ehr.js", EHR),
        ("crate/Cargo.toml", MANIFEST),
        ("crate/src/lib.rs", "pub fn one() {}\n"),
        ("crate/src/client.rs", CLIENT),
        ("crate/src/log.rs", "pub fn log(text: &str) { println!(\"{text}\"); }\n"),
        (".env", "CERBO_SECRET=sk_4f81c0aa93de77\n"),
    ]);
    let agree = |change: &str| place.agree(&root, &["."], change);
    let mut seen = vec![agree("as it is")];
    write(&root, "jsconfig.json", "{ \"compilerOptions\": { \"paths\": { \"@/*\": [\"./lib/*\"] } } }\n");
    seen.push(agree("a name for a folder"));
    write(
        &root,
        "crate/src/lib.rs",
        "mod client;\nmod log;\npub async fn one() { log::log(&client::get(1).await); }\n",
    );
    seen.push(agree("new modules"));
    write(&root, ".gitignore", ".env\n");
    seen.push(agree("an ignored file"));
    git(&root, &["add", "-f", ".env"]);
    seen.push(agree("a tracked file"));
    write(&root, ".gitignore", "crate\n");
    seen.push(agree("an ignored folder"));
    write(&root, "cerbo-lint.toml", "[severity]\nembedded-credential = \"note\"\n");
    seen.push(agree("a severity"));
    write(&root, "cerbo-lint.toml", "exclude = [\"lib\"]\n");
    seen.push(agree("an exclusion"));
    write(&root, "cerbo-lint.toml", "[[ignore]]\npaths = [\"lib\"]\nreason = \"a sample\"\n");
    seen.push(agree("an entry that ignores"));
    std::fs::remove_file(root.join("cerbo-lint.toml")).unwrap();
    write(
        &root,
        "lib/ehr.js",
        &EHR.replace("  const", "  // cerbo-lint: allow(embedded-credential) reason=\"a sample\"\n  const"),
    );
    seen.push(agree("a suppression"));
    write(&root, "lib/Dockerfile", "FROM node:22\nCOPY . .\n");
    seen.push(agree("a recipe"));
    write(&root, "lib/.dockerignore", "ehr.js\n");
    seen.push(agree("what the recipe leaves out"));
    // Most of these changes are seen in the reports.
    let different: std::collections::BTreeSet<&String> = seen.iter().collect();
    assert!(different.len() >= 8, "{}", different.len());
}

#[cfg(unix)]
#[test]
fn what_judging_asks_of_the_disk_is_asked_again() {
    use std::os::unix::fs::PermissionsExt as _;
    let server = "import express from 'express';\nconst app = express();\napp.use(express.static('public'));\nconst key = process.env.CERBO_SECRET;\nfetch('https://northgate.md-hq.com/api/v1/patients', { headers: { Authorization: 'Basic ' + btoa('pk:' + key) } });\n";
    let (place, root) = settled(&[
        ("package.json", "{ \"name\": \"app\", \"dependencies\": { \"express\": \"^4\" } }\n"),
        ("server.js", server),
        ("site/.env", "CERBO_SECRET=sk_4f81c0aa93de77\n"),
        ("Dockerfile", "FROM node:22\nCOPY . .\nCMD node server.js\n"),
        ("netlify.toml", "[build]\npublish = \"site\"\n"),
    ]);
    let agree = |change: &str| place.agree(&root, &["."], change);
    let warm = || {
        let cache = place.cache().display().to_string();
        texts(&run_in(&root, &["--verbose", "--cache-dir", &cache, "."])).1
    };
    let mut seen = vec![agree("as it is")];
    // Nothing is judged again while nothing changes.
    assert!(warm().contains("evaluate: 0.0 ms"), "{}", warm());
    std::fs::set_permissions(root.join("site/.env"), std::fs::Permissions::from_mode(0o600)).unwrap();
    seen.push(agree("permissions"));
    git(&root, &["add", "-A"]);
    seen.push(agree("a tracked file"));
    git(&root, &["rm", "-q", "-r", "--cached", "."]);
    agree("nothing tracked");
    // Ignored by git, and so outside of what is walked.
    write(&root, ".git/info/exclude", ".dockerignore\npublic\n");
    write(&root, ".dockerignore", "site\n");
    seen.push(agree("what an image leaves out"));
    write(&root, ".dockerignore", "");
    agree("what an image takes in again");
    std::fs::create_dir(root.join("public")).unwrap();
    seen.push(agree("a folder that is handed out"));
    std::fs::remove_dir(root.join("public")).unwrap();
    agree("no folder that is handed out");
    std::fs::rename(root.join("site"), root.join("web")).unwrap();
    seen.push(agree("another name for a folder"));
    let different: std::collections::BTreeSet<&String> = seen.iter().collect();
    assert!(different.len() >= 4, "{}", different.len());
    assert!(warm().contains("evaluate: 0.0 ms"));
    // The environment counts as well.
    let reports = |how: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cerbo-lint"));
        command.current_dir(&root).env("CI", "1").args(["--format", "json"]).args(how).arg(".");
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    assert!(reports(&["--cache-dir", &place.cache().display().to_string()]) == reports(&["--no-cache"]));
}

#[test]
fn hosts_of_the_configuration_are_looked_for_in_what_was_seen_before() {
    let code = EHR
        .replace("northgate.md-hq.com", "ehr.northgate.example")
        .replace("pk_northgate_11:sk_4f81c0aa93de", "${user}:${word}");
    let (place, root) = settled(&[("package.json", "{ \"name\": \"app\" }\n"), ("src/ehr.js", &code)]);
    let before = place.agree(&root, &["."], "as it is");
    write(&root, "cerbo-lint.toml", "hosts = [\"ehr.northgate.example\"]\n");
    assert!(place.agree(&root, &["."], "a host") != before);
}

#[test]
fn single_files_and_what_is_staged_are_judged_as_without_a_cache() {
    let (place, root) = settled(&[
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", "mod client;\n"),
        ("src/client.rs", CLIENT),
        ("src/a.rs", ""),
    ]);
    git(&root, &["add", "-A"]);
    git(&root, &["commit", "-q", "-m", "start"]);
    for what in [&["."][..], &["src/client.rs", "src/lib.rs"], &["src/a.rs"], &["src"], &["--staged"]] {
        place.agree(&root, what, "as it is");
    }
    write(&root, "src/a.rs", CLIENT);
    place.agree(&root, &["--staged"], "nothing staged");
    git(&root, &["add", "-A"]);
    let staged = place.agree(&root, &["--staged"], "staged");
    assert!(staged.contains("src/a.rs"), "{staged}");
    write(&root, "src/a.rs", "");
    assert!(place.agree(&root, &["--staged"], "mended in the work tree only") == staged);
    assert!(place.agree(&root, &["src/a.rs"], "mended in the work tree only") != staged);
}

#[test]
fn options_are_heeded_by_runs_that_share_a_cache() {
    let place = Place::new();
    let root = place.projects().join("one");
    for name in ["clinic-platform", "chart-export", "appointments-express"] {
        copy(&fixtures().join("projects").join(name), &root.join(name));
    }
    git(&root, &["init", "-q", "-b", "main"]);
    git(&root, &["add", "-A"]);
    git(&root, &["commit", "-q", "-m", "start"]);
    std::thread::sleep(SETTLED);
    let all: &[&[&str]] = &[
        &["."],
        &["--scope", "any", "."],
        &["--min-confidence", "low", "."],
        &["--select", "concurrent-requests,unconditional-patch", "."],
        &["--ignore", "concurrent-requests", "."],
        &["--shard", "1/2", "."],
        &["--shard", "2/2", "."],
        &["--diff-base", "HEAD", "."],
        &["chart-export"],
        &["chart-export", "clinic-platform"],
        &["chart-export/Cargo.toml", "appointments-express/app.js"],
        &["--fail-on", "never", "."],
        &["--no-config", "."],
        &["."],
    ];
    let told: std::collections::BTreeSet<String> =
        all.iter().map(|what| place.agree(&root, what, &what.join(" "))).collect();
    assert!(told.len() >= 6, "{}", told.len());
}

#[cfg(unix)]
#[test]
fn only_its_user_can_look_into_the_cache_and_it_holds_no_secret() {
    use std::os::unix::fs::PermissionsExt as _;
    let client = CLIENT.replace("reqwest::Client::new();", "reqwest::Client::new(); // correct horse battery staple");
    let script = "import a from 'hunter22';\nimport b from './pk_northgate_1a2b3c4d';\nimport c from 'Tr0ub4dor';\n";
    let (place, root) =
        settled(&[("Cargo.toml", MANIFEST), ("src/lib.rs", &client), ("a.js", script), ("b.js", "require('./a')\n")]);
    let told = place.cached(&root, &["."]);
    assert!(told.contains("embedded-credential"), "{told}");
    let mut kept = 0;
    for path in files(&place.cache()) {
        let bytes = std::fs::read(&path).unwrap();
        for word in
            ["sk_9920", "pk_a81f", "horse", "hunter", "pk_north", "Tr0ub", "md-hq.com", "basic_auth", "patients"]
        {
            let found = bytes.windows(word.len()).any(|window| window == word.as_bytes());
            assert!(!found, "{word} in {}", path.display());
        }
        kept += usize::from(bytes.windows(7).any(|window| window == b"src/lib"));
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        let shelf = std::fs::metadata(path.parent().unwrap()).unwrap().permissions().mode();
        if path.extension().is_some_and(|ending| ending == "kept") {
            assert_eq!((mode & 0o777, shelf & 0o777), (0o600, 0o700), "{}", path.display());
        }
    }
    assert!(kept > 0);
    // What others can write to is neither believed nor written.
    for shelf in
        std::fs::read_dir(place.cache()).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir())
    {
        std::fs::set_permissions(&shelf, std::fs::Permissions::from_mode(0o777)).unwrap();
    }
    place.agree(&root, &["."], "a cache open to others");
}

#[test]
fn a_damaged_or_foreign_cache_is_no_cache() {
    let (place, root) = settled(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    let fresh = place.agree(&root, &["."], "as it is");
    let kept: Vec<(PathBuf, Vec<u8>)> = files(&place.cache())
        .into_iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "kept"))
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    assert!(!kept.is_empty());
    type Damage = fn(&[u8]) -> Vec<u8>;
    let damages: &[Damage] = &[
        |_| Vec::new(),
        |bytes| bytes[..bytes.len() / 2].to_vec(),
        |bytes| [bytes, b"x"].concat(),
        |bytes| {
            bytes.iter().enumerate().map(|(index, byte)| if index + 3 == bytes.len() { !byte } else { *byte }).collect()
        },
        |bytes| vec![0xff; bytes.len()],
        |_| b"{\"version\": 1}".to_vec(),
    ];
    for damage in damages {
        for (path, bytes) in &kept {
            std::fs::write(path, damage(bytes)).unwrap();
        }
        assert!(place.cached(&root, &["."]) == fresh);
    }
    // Files of one project in the place of another's.
    for (path, _) in &kept {
        std::fs::remove_file(path).unwrap();
        std::fs::create_dir(path).unwrap();
    }
    assert!(place.cached(&root, &["."]) == fresh);
}

#[test]
fn a_cache_that_cannot_be_made_changes_nothing() {
    let (place, root) = settled(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    let fresh = place.reports(&root, &["--no-cache"], &["."]);
    let file = place.projects().join("one/Cargo.toml").display().to_string();
    for folder in [file.as_str(), "/proc/nowhere", "/dev/null/x", ""] {
        assert!(place.reports(&root, &["--cache-dir", folder], &["."]) == fresh, "{folder}");
    }
    // No home at all.
    let mut command = Command::new(env!("CARGO_BIN_EXE_cerbo-lint"));
    command.current_dir(&root).env_remove("HOME").env_remove("XDG_CACHE_HOME").env_remove("USERPROFILE");
    assert_eq!(command.arg(".").output().unwrap().status.code(), Some(1));
}

#[test]
fn runs_at_the_same_time_do_not_disturb_each_other() {
    let (place, root) = settled(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    let fresh = place.reports(&root, &["--no-cache"], &["."]);
    let cache = place.cache().display().to_string();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    let (code, found) = findings(&root, &["--cache-dir", &cache, "."]);
                    assert_eq!((code, found.len()), (1, found.len()));
                    assert!(found.iter().any(|one| one.contains("embedded-credential")), "{found:?}");
                }
            });
        }
    });
    assert!(place.cached(&root, &["."]) == fresh);
    assert!(files(&place.cache()).iter().all(|path| !path.to_string_lossy().ends_with("unfinished")));
}

#[test]
fn clean_takes_out_what_is_ours() {
    let (place, root) = settled(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    let cache = place.cache();
    place.cached(&root, &["."]);
    write(&cache, "notes.txt", "mine");
    let shelf =
        std::fs::read_dir(&cache).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.is_dir()).unwrap();
    write(&shelf, "other.txt", "mine too");
    let run = || texts(&run_in(&root, &["clean", "--cache-dir", &cache.display().to_string()]));
    let (code, told, _) = run();
    assert!(code == 0 && told.ends_with("MB removed\n"), "{told}");
    assert_eq!(files(&cache), [cache.join("notes.txt"), shelf.join("other.txt")]);
    std::fs::remove_file(cache.join("notes.txt")).unwrap();
    std::fs::remove_dir_all(&shelf).unwrap();
    assert_eq!(run().0, 0);
    // Nothing is there any more, and that is no error either.
    assert!(!cache.exists());
    assert_eq!(run().0, 0);
}

#[test]
fn no_cache_leaves_nothing() {
    let root = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    let place = Place::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cerbo-lint"));
    command.current_dir(root.path()).env("CERBO_LINT_CACHE_DIR", place.cache()).args(["--no-cache", "."]);
    assert_eq!(command.output().unwrap().status.code(), Some(1));
    assert!(files(&place.cache()).is_empty());
}
