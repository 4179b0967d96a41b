//! `suppress`: what is left is accepted with a reason, in every language, and files stay what they were.

use crate::support::{CLIENT, MANIFEST, findings, project, run_in, texts};
use std::path::Path;

const REASON: &str = "a key of the demo clinic";
const SCRIPT: &str = "import axios from 'axios';\r\n\r\nexport async function tags(id) {\r\n\treturn axios.get(`https://clinic.md-hq.com/api/v1/patients/${id}/tags`, {\r\n\t\tauth: { username: 'pk_northgate_91', password: 'sk_7Qm2vX9pLr4TzB81' },\r\n\t});\r\n}\r\n";

fn read(folder: &Path, path: &str) -> String {
    std::fs::read_to_string(folder.join(path)).unwrap()
}

fn suppress(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut all = vec!["suppress", "--reason", REASON];
    all.extend(arguments);
    texts(&run_in(folder, &all))
}

#[test]
fn every_language_gets_its_comment_and_the_run_is_quiet() {
    let folder = project(&[
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", CLIENT),
        ("web/tags.js", SCRIPT),
        ("deploy/app.yaml", "ehr:\n  cerbo_secret: sk_4Wd8nR2kPq6YvH03\n"),
        ("deploy/app.json", "{\n  \"cerbo_secret\": \"sk_4Wd8nR2kPq6YvH03\"\n}\n"),
    ]);
    let before = findings(folder.path(), &["."]).1;
    let paths: Vec<&str> = before.iter().filter_map(|found| found.split(':').next()).collect();
    for path in ["src/lib.rs", "web/tags.js", "deploy/app.yaml", "deploy/app.json"] {
        assert!(paths.contains(&path), "{path}: {before:?}");
    }
    let (code, out, errors) = suppress(folder.path(), &[]);
    assert_eq!((code, errors.as_str()), (0, ""), "{out}");
    assert!(out.contains("disable it"), "{out}");
    assert!(!out.contains("sk_"), "{out}");
    assert_eq!(findings(folder.path(), &["."]), (0, Vec::new()));
    // Nothing but lines of comments came in.
    for (path, old) in [("src/lib.rs", CLIENT), ("web/tags.js", SCRIPT)] {
        let new = read(folder.path(), path);
        let kept: Vec<&str> = new.split_inclusive('\n').filter(|line| !line.contains("cerbo-lint: allow(")).collect();
        assert_eq!(kept.concat(), old, "{path}");
    }
    let script = read(folder.path(), "web/tags.js");
    let comment = script.split_inclusive('\n').find(|line| line.contains("cerbo-lint:")).unwrap();
    assert!(comment.starts_with('\t') && comment.ends_with("\r\n"), "{comment:?}");
    assert_eq!(read(folder.path(), "deploy/app.json").matches("cerbo-lint").count(), 0);
    assert!(read(folder.path(), "cerbo-lint.toml").contains("paths = [\"/deploy/app.json\"]"));
    // A second run finds nothing to do; no suppression is in vain.
    let texts_now =
        || ["src/lib.rs", "web/tags.js", "deploy/app.yaml", "cerbo-lint.toml"].map(|path| read(folder.path(), path));
    let written = texts_now();
    let (code, out, _) = suppress(folder.path(), &[]);
    assert_eq!((code, texts_now()), (0, written));
    assert!(out.contains("Nothing is left"), "{out}");
    let (_, out, _) = texts(&run_in(folder.path(), &["--format", "concise", "."]));
    assert!(!out.contains("suppresses nothing"), "{out}");
}

#[test]
fn rules_paths_and_the_baseline_limit_what_is_accepted() {
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT), ("src/two.rs", CLIENT)]);
    suppress(folder.path(), &["--rule", "polling"]);
    assert_eq!(findings(folder.path(), &["."]).1.len(), 2);
    let (code, out, _) = suppress(folder.path(), &["--until", "2999-01-31", "src/two.rs"]);
    assert_eq!(code, 0, "{out}");
    assert_eq!(findings(folder.path(), &["."]).1, ["src/lib.rs:4 embedded-credential"]);
    let two = read(folder.path(), "src/two.rs");
    let comment =
        "    // cerbo-lint: allow(embedded-credential) reason=\"a key of the demo clinic\" until=2999-01-31\n";
    assert!(two.contains(comment), "{two}");
    // What the baseline knows is left to it.
    std::fs::write(folder.path().join("cerbo-lint.toml"), "baseline = \"known.jsonl\"\n").unwrap();
    texts(&run_in(folder.path(), &["baseline"]));
    let (code, out, _) = suppress(folder.path(), &[]);
    assert_eq!((code, read(folder.path(), "src/lib.rs").as_str()), (0, CLIENT), "{out}");
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::PermissionsExt;
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    let path = folder.path().join("src/lib.rs");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o751)).unwrap();
    assert_eq!(suppress(folder.path(), &[]).0, 0);
    assert_ne!(read(folder.path(), "src/lib.rs"), CLIENT);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o751);
}

#[cfg(unix)]
#[test]
fn one_file_that_cannot_be_written_stops_all() {
    use std::os::unix::fs::PermissionsExt;
    const SETTINGS: &str = "{\n  \"cerbo_secret\": \"sk_4Wd8nR2kPq6YvH03\"\n}\n";
    const CONFIG: &str = "fail_on = \"note\"\n";
    let folder = project(&[
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", CLIENT),
        ("src/two.rs", CLIENT),
        ("deploy/app.json", SETTINGS),
        ("cerbo-lint.toml", CONFIG),
    ]);
    std::fs::set_permissions(folder.path().join("src/two.rs"), std::fs::Permissions::from_mode(0o444)).unwrap();
    let (code, _, errors) = suppress(folder.path(), &[]);
    assert_eq!(code, 2, "{errors}");
    assert!(errors.contains("two.rs") && errors.contains("no file was changed"), "{errors}");
    for (path, text) in [("src/lib.rs", CLIENT), ("src/two.rs", CLIENT), ("cerbo-lint.toml", CONFIG)] {
        assert_eq!(read(folder.path(), path), text, "{path}");
    }
    let names = std::fs::read_dir(folder.path().join("src")).unwrap().count();
    assert_eq!(names, 2);
}

#[test]
fn what_no_comment_can_say_is_refused() {
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    for arguments in [
        &["suppress"][..],
        &["suppress", "--reason", " "],
        &["suppress", "--reason", "say \"x\""],
        &["suppress", "--reason", "a\nb"],
        &["suppress", "--reason", "a */ b"],
        &["suppress", "--reason", "a", "--until", "soon"],
        &["suppress", "--reason", "a", "--until", "2020-01-01"],
        &["suppress", "--reason", "a", "--rule", "poling"],
    ] {
        assert_eq!(texts(&run_in(folder.path(), arguments)).0, 2, "{arguments:?}");
    }
    assert_eq!(read(folder.path(), "src/lib.rs"), CLIENT);
}
