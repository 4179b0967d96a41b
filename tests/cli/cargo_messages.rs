//! `--message-format json`: what cargo prints for its own check, in form.

use crate::support::{CLIENT, MANIFEST, project, texts};
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// The messages of the cargo subcommand, with its exit code.
fn messages(folder: &Path, arguments: &[&str]) -> (i32, Vec<Value>) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_cargo-cerbo-lint")).current_dir(folder).args(arguments).output().unwrap();
    let (code, out, errors) = texts(&output);
    assert_eq!(errors, "");
    assert!(!out.contains("sk_9920") && !out.contains("pk_a81f"), "{out}");
    (code, out.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// Which keys a value has, at every depth; lists by their first element. Nothing is known of an empty list or null.
fn shape(value: &Value, at: &str, all: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let at = format!("{at}.{name}");
                all.push(at.clone());
                shape(value, &at, all);
            }
        }
        Value::Array(elements) => elements.iter().take(1).for_each(|element| shape(element, at, all)),
        _ => {}
    }
}

#[test]
fn messages_have_the_form_of_cargo_and_point_at_the_place() {
    let manifest = "[package]\nname = \"intake-jobs\"\nversion = \"0.3.1\"\nedition = \"2024\"\n";
    let broken = format!("{CLIENT}fn unused_one() {{}}\nconst TEXT: u32 = \"é\";\n");
    let folder = project(&[("Cargo.toml", manifest), ("src/lib.rs", &broken)]);
    let base = folder.path().canonicalize().unwrap();
    for arguments in [&["cerbo-lint", "--message-format", "json"][..], &["check", "--message-format=json"]] {
        let (code, lines) = messages(folder.path(), arguments);
        assert_eq!((code, lines.len()), (1, 2), "{lines:?}");
        assert_eq!(lines[1], serde_json::json!({"reason": "build-finished", "success": true}));
        let line = &lines[0];
        assert_eq!(line["manifest_path"], base.join("Cargo.toml").to_str().unwrap());
        assert!(line["package_id"].as_str().unwrap().ends_with("#intake-jobs@0.3.1"));
        let message = &line["message"];
        assert_eq!(message["code"]["code"], "embedded-credential");
        let span = &message["spans"][0];
        let (start, end) = (span["byte_start"].as_u64().unwrap() as usize, span["byte_end"].as_u64().unwrap() as usize);
        assert!(broken[start..end].contains("sk_9920"), "{}", &broken[start..end]);
        assert_eq!(span["line_start"], 4);
        let column = broken[..start].rsplit('\n').next().unwrap().chars().count() as u64 + 1;
        assert_eq!(span["column_start"].as_u64().unwrap(), column);
        assert!(message["rendered"].as_str().unwrap().contains("embedded-credential"));
    }
    // The compiler's own messages about the same file have the same keys.
    let cargo = Command::new(env!("CARGO"))
        .args(["check", "--offline", "--message-format", "json"])
        .env("CARGO_TARGET_DIR", folder.path().join("target"))
        .current_dir(folder.path())
        .output()
        .unwrap();
    let out = String::from_utf8(cargo.stdout).unwrap();
    let real = out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let with_place = |line: &Value| line["reason"] == "compiler-message" && line["message"]["spans"][0].is_object();
    let real = real.into_iter().find(with_place).unwrap_or_else(|| panic!("cargo gave no message: {out}"));
    let keys = |line: &Value| {
        let mut all = Vec::new();
        shape(line, "", &mut all);
        // What a span in a child holds, a span of the message holds as well; not every diagnostic has one.
        all.retain(|key| !key.contains(".children") && !key.contains(".code."));
        all.sort();
        all
    };
    let own = messages(folder.path(), &["--message-format", "json"]).1.remove(0);
    assert_eq!(keys(&own), keys(&real));
}

#[test]
fn a_project_without_a_package_has_messages_too() {
    let script = "export const key = 'sk_7Qm2vX9pLr4TzB81';\nfetch('https://clinic.md-hq.com/api/v1/users', { headers: { Authorization: `Basic ${btoa('pk_northgate_91:' + key)}` } });\n";
    let folder = project(&[("src/users.js", script)]);
    let (code, lines) = messages(folder.path(), &["cerbo-lint", "--message-format", "json"]);
    assert_eq!(code, 1);
    assert!(
        lines.len() > 1 && lines[0]["message"]["spans"][0]["file_name"].as_str().unwrap().ends_with("src/users.js")
    );
}

#[test]
fn the_workspace_is_scanned_from_one_of_its_packages() {
    let folder = project(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"jobs\", \"sync\"]\n"),
        ("jobs/Cargo.toml", MANIFEST),
        ("jobs/src/lib.rs", ""),
        ("sync/Cargo.toml", MANIFEST),
        ("sync/src/lib.rs", CLIENT),
    ]);
    let jobs = folder.path().join("jobs");
    assert_eq!(messages(&jobs, &["cerbo-lint", "--message-format", "json"]).0, 0);
    for arguments in [
        &["cerbo-lint", "--workspace", "--message-format", "json"][..],
        &["--workspace", "--manifest-path", "Cargo.toml", "--message-format", "json"],
        &["--all", "--message-format", "json"],
    ] {
        assert_eq!(messages(&jobs, arguments).0, 1, "{arguments:?}");
    }
}

#[test]
fn what_editors_read_cargo_with_reads_the_messages() {
    use cargo_metadata::Message;
    use cargo_metadata::diagnostic::DiagnosticLevel;
    let text = format!(
        "{CLIENT}const PLAIN: &str = \"http://hazel.md-hq.com/api/v1/tags\";\npub async fn tags() {{ let _ = reqwest::get(PLAIN).await; }}\n"
    );
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", &text)]);
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-cerbo-lint"))
        .current_dir(folder.path())
        .args(["cerbo-lint", "--message-format", "json"])
        .output()
        .unwrap();
    let messages: Vec<Message> = Message::parse_stream(output.stdout.as_slice()).map(Result::unwrap).collect();
    let Some((Message::BuildFinished(last), findings)) = messages.split_last() else { panic!("{messages:?}") };
    assert!(last.success);
    let mut codes = Vec::new();
    for message in findings {
        let Message::CompilerMessage(message) = message else { panic!("{message:?}") };
        let diagnostic = &message.message;
        assert!(matches!(diagnostic.level, DiagnosticLevel::Error | DiagnosticLevel::Warning), "{diagnostic:?}");
        assert!(message.target.src_path.is_absolute() && diagnostic.spans.iter().any(|span| span.is_primary));
        codes.extend(diagnostic.code.as_ref().map(|code| code.code.clone()));
        // What can be mended without looking is offered as an editor offers it.
        let suggested = diagnostic
            .children
            .iter()
            .flat_map(|child| &child.spans)
            .find_map(|span| span.suggested_replacement.as_deref());
        assert_eq!(suggested.is_some(), code_is(diagnostic, "cleartext-transport"), "{diagnostic:?}");
    }
    codes.sort();
    assert_eq!(codes, ["cleartext-transport", "embedded-credential"]);
}

fn code_is(diagnostic: &cargo_metadata::diagnostic::Diagnostic, rule: &str) -> bool {
    diagnostic.code.as_ref().is_some_and(|code| code.code == rule)
}
