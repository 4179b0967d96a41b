//! Options, exit codes, errors, suppressions and configuration.

use crate::support::{CLIENT, FORMATS, MANIFEST, findings, fixtures, project, run_in, run_with_input, texts};

#[test]
fn wrong_usage_is_told_with_exit_code_2() {
    let folder = project(&[("src/lib.rs", "")]);
    for (arguments, part) in [
        (&["missing"][..], "missing"),
        (&["--select", "loged-credential"], "did you mean `logged-credential`"),
        (&["--fail-on", "never-ever"], "never"),
        (&["--output", "xml=a"], "unknown format `xml`"),
        (&["--output", "sarif=no/such/folder/a"], "its folder does not exist"),
        (&["--output", "sarif=-", "--output", "json=-"], "two reports"),
        (&["--output", "sarif=a", "--output", "json=a"], "two reports go to this file"),
        (&["--config", "nowhere.toml"], "nowhere.toml"),
        (&["explain", "nothing"], "there is no rule"),
        (&["--bogus"], "--bogus"),
    ] {
        let (code, out, errors) = texts(&run_in(folder.path(), arguments));
        assert_eq!(code, 2, "{arguments:?}");
        assert!(errors.contains(part), "{arguments:?}: {errors}");
        assert_eq!(out, "", "{arguments:?}");
    }
}

#[test]
fn nothing_to_scan_is_said() {
    let folder = project(&[]);
    let (code, out, _) = texts(&run_in(folder.path(), &["."]));
    assert_eq!(code, 0);
    assert!(out.contains("No files were scanned"));
}

#[test]
fn thresholds_decide_the_exit_code_in_every_format() {
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    for format in FORMATS {
        let code = |more: &[&str]| {
            let mut arguments = vec!["--format", format];
            arguments.extend(more);
            texts(&run_in(folder.path(), &arguments)).0
        };
        assert_eq!(code(&[]), 1);
        assert_eq!(code(&["--exit-zero"]), 0);
        assert_eq!(code(&["--fail-on", "never"]), 0);
        assert_eq!(code(&["--ignore", "embedded-credential"]), 0);
        assert_eq!(code(&["--select", "unconditional-patch"]), 0);
    }
}

#[test]
fn several_reports_are_written_at_once() {
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    let (code, out, _) = texts(&run_in(folder.path(), &["--output", "sarif=a.sarif", "--output", "json=a.json"]));
    assert_eq!(code, 1);
    assert!(out.contains("embedded-credential"));
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(folder.path().join(name)).unwrap()).unwrap()
    };
    assert_eq!(read("a.json")["version"], 1);
    let run = &read("a.sarif")["runs"][0];
    let result = &run["results"][0];
    let region = &result["locations"][0]["physicalLocation"]["region"];
    assert_eq!(region["startLine"], 4);
    // Columns count characters, from one: they lead to the text that is reported.
    let line = CLIENT.lines().nth(3).unwrap();
    let start = usize::try_from(region["startColumn"].as_u64().unwrap()).unwrap() - 1;
    assert!(line[start..].starts_with("\"pk_") || line[start..].starts_with("\"sk_"));
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(rules[index]["id"], result["ruleId"]);
    assert!(folder.path().read_dir().unwrap().all(|e| !e.unwrap().file_name().to_string_lossy().ends_with(".tmp")));
}

#[test]
fn reports_match_their_schemas() {
    let output = run_in(&fixtures(), &["--format", "json", "."]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let validator = jsonschema::validator_for(&cerbo_lint::report::json::schema()).unwrap();
    assert!(report["findings"].as_array().is_some_and(|all| !all.is_empty()));
    assert!(validator.is_valid(&report));
    assert!(!validator.is_valid(&serde_json::json!({"version": "one"})));
}

#[test]
fn a_suppression_with_a_reason_suppresses_and_others_are_told() {
    let allowed = "    // cerbo-lint: allow(embedded-credential) reason=\"a sandbox key\"\n    client.get";
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", &CLIENT.replace("    client.get", allowed))]);
    assert_eq!(findings(folder.path(), &[]), (0, Vec::new()));
    for (comment, part) in [
        ("allow(embedded-credential)", "no reason"),
        ("allow(embeded-credential) reason=\\\"x\\\"", "unknown rule"),
        ("allow(embedded-credential) reason=\"x\" until=2020-01-01", "expired"),
    ] {
        let comment = comment.replace('\\', "");
        let text = CLIENT.replace("    client.get", &format!("    // cerbo-lint: {comment}\n    client.get"));
        let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", &text)]);
        let (code, out, _) = texts(&run_in(folder.path(), &[]));
        assert_eq!(code, 1, "{comment}");
        assert!(out.contains(part), "{comment}: {out}");
    }
    let unused = format!("// cerbo-lint: allow(logged-credential) reason=\"x\"\n{CLIENT}");
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", &unused)]);
    let (_, out, _) = texts(&run_in(folder.path(), &[]));
    assert!(out.contains("suppresses nothing"));
    // In a string it is no comment.
    let text = CLIENT.replace("Client::new();", "Client::new(); let _s = \"// cerbo-lint: allow(x)\";");
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", &text)]);
    assert!(!texts(&run_in(folder.path(), &[])).1.contains("suppression"));
}

#[test]
fn the_configuration_is_found_and_its_mistakes_are_placed() {
    let ehr = CLIENT.replace("clinic.md-hq.com", "ehr.example.org");
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", &ehr)]);
    assert_eq!(findings(folder.path(), &[]).0, 0);
    std::fs::write(folder.path().join("cerbo-lint.toml"), "hosts = [\"ehr.example.org\"]\n").unwrap();
    assert_eq!(findings(folder.path(), &[]).0, 1);
    assert_eq!(findings(folder.path(), &["--no-config"]).0, 0);
    let off = "hosts = [\"ehr.example.org\"]\n[severity]\nembedded-credential = \"off\"\n";
    std::fs::write(folder.path().join("cerbo-lint.toml"), off).unwrap();
    assert_eq!(findings(folder.path(), &[]), (0, Vec::new()));
    std::fs::write(folder.path().join("cerbo-lint.toml"), "fail_on = \"note\"\nhost = []\n").unwrap();
    let (code, out, errors) = texts(&run_in(folder.path(), &[]));
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(errors.contains("cerbo-lint.toml:2:1") && errors.contains("did you mean `hosts`?"), "{errors}");
}

#[test]
fn scope_any_reports_users_in_addresses_of_every_service() {
    let folder = project(&[
        ("deploy/app.env", "QUEUE_URL=amqp://worker:Gq71xWm20z@mq.fernhill-clinic.org:5672/jobs\nAPI_TOKEN=x\n"),
        (
            "compose.yaml",
            "services:\n  app:\n    environment:\n      DATABASE_URL: postgres://app:Gq71xWm20y@db:5432/app\n",
        ),
        (
            "docs/run.md",
            "Use `redis://user:${PASSWORD}@cache.fernhill-clinic.org` or `postgres://postgres:postgres@localhost/x`.\n",
        ),
    ]);
    let found = |scope: &str| findings(folder.path(), &["--no-config", "--scope", scope, "."]).1;
    assert_eq!(found("api"), Vec::<String>::new());
    assert_eq!(found("any"), ["compose.yaml:4 url-userinfo", "deploy/app.env:1 url-userinfo"]);
}

#[test]
fn scope_any_looks_at_every_service() {
    let other = CLIENT.replace("clinic.md-hq.com/api/v1/patients", "stock.example.org/items");
    let url = "pub fn all() { reqwest::blocking::get(\"https://depot:Wm4kPq81@stock.example.org/items\"); }\n";
    let local = CLIENT.replace("https://clinic.md-hq.com", "http://localhost:8080").replace("fn get", "fn local");
    let folder = project(&[
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", &other),
        ("src/bin/url.rs", url),
        ("src/bin/local.rs", &local),
    ]);
    assert_eq!(findings(folder.path(), &[]), (0, Vec::new()));
    let (code, found) = findings(folder.path(), &["--scope", "any"]);
    assert_eq!(code, 1);
    assert_eq!(
        found,
        ["src/bin/local.rs:4 embedded-credential", "src/bin/url.rs:1 url-userinfo", "src/lib.rs:4 embedded-credential"]
    );
    let out = texts(&run_in(folder.path(), &["--scope", "any"])).1;
    assert!(!out.contains("Cerbo") && !out.contains("Wm4kPq81"), "{out}");
    assert!(out.contains("note[embedded-credential]"), "{out}");
    std::fs::write(folder.path().join("cerbo-lint.toml"), "scope = \"any\"\n").unwrap();
    assert_eq!(findings(folder.path(), &[]).1.len(), 3);
    assert_eq!(findings(folder.path(), &["--scope", "api"]).1.len(), 0);
}

#[test]
fn rules_are_listed_and_explained() {
    let (code, out, _) = texts(&run_in(&fixtures(), &["rules", "--format", "json"]));
    assert_eq!(code, 0);
    let cards: serde_json::Value = serde_json::from_str(&out).unwrap();
    for card in cards.as_array().unwrap() {
        let (code, out, _) = texts(&run_in(&fixtures(), &["explain", card["id"].as_str().unwrap()]));
        assert_eq!(code, 0);
        assert!(out.contains("Bad") && out.contains("Good"));
    }
}

#[test]
fn a_project_can_model_its_own_libraries() {
    let code = "pub fn get() {
    ehr_http::fetch(\"https://clinic.md-hq.com/api/v1/patients\", \"oak-Lantern-4471\"); tracing::info!(\"GET\");
}
";
    let model = "library = \"ehr_http\"
[[call]]
name = [\"ehr_http::fetch\"]
returns = \"new ehr_http::Reply\"
set = { method = \"'GET'\", url = \"0\", secret = \"1\" }
does = [\"request\"]
";
    let config = "libraries = [\"models/ehr.toml\"]\n";
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", code)]);
    assert_eq!(findings(folder.path(), &[]), (0, Vec::new()));
    let folder = project(&[
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", code),
        ("cerbo-lint.toml", config),
        ("models/ehr.toml", model),
    ]);
    assert_eq!(findings(folder.path(), &[]), (1, vec!["src/lib.rs:2 embedded-credential".to_owned()]));
    std::fs::write(folder.path().join("models/ehr.toml"), model.replace("\"0\"", "\"slef\"")).unwrap();
    let (code, out, errors) = texts(&run_in(folder.path(), &[]));
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(errors.contains("ehr.toml") && errors.contains("slef"), "{errors}");
}

#[test]
fn single_files_are_judged_within_their_project() {
    let main = "mod ehr;\nfn main() { ehr::get(\"pk_a81f3c55d0\", \"sk_9920fe1c7a63\"); }\n";
    let ehr = "pub fn get(user: &str, secret: &str) {
    let client = reqwest::blocking::Client::new();
    client.get(\"https://clinic.md-hq.com/api/v1/users\").basic_auth(user, Some(secret)).send();
}
";
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/main.rs", main), ("src/ehr.rs", ehr)]);
    let there = ["src/main.rs:2 embedded-credential".to_owned()];
    let credentials = |path: &str| findings(folder.path(), &["--select", "embedded-credential", path]);
    assert_eq!(credentials(".").1, there);
    assert_eq!(credentials("src/main.rs").1, there);
    assert_eq!(credentials("src/ehr.rs"), (0, Vec::new()));
    let given = |path: &str, text: &str| {
        let output = run_with_input(
            folder.path(),
            &["--format", "json", "--select", "embedded-credential", "--stdin-filename", path],
            text,
        );
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let found = report["findings"].as_array().unwrap().iter().map(|found| found["location"]["path"].to_string());
        (output.status.code().unwrap(), found.collect::<Vec<_>>())
    };
    assert_eq!(given("src/main.rs", main), (1, vec!["\"src/main.rs\"".to_owned()]));
    assert_eq!(given("src/main.rs", "mod ehr;\nfn main() { ehr::get(user(), secret()); }\n"), (0, Vec::new()));
    // A file that is not there yet.
    assert_eq!(given("src/bin/new.rs", CLIENT), (1, vec!["\"src/bin/new.rs\"".to_owned()]));
    let (code, _, errors) = texts(&run_with_input(folder.path(), &["--stdin-filename", "src"], ""));
    assert_eq!(code, 2);
    assert!(errors.contains("names no file"), "{errors}");
}

#[test]
fn packages_of_a_workspace_are_chosen_by_name() {
    let workspace = "[workspace]\nmembers = [\"sync\", \"jobs\"]\n";
    let manifest = |name: &str| MANIFEST.replace("\"x\"", &format!("\"{name}\""));
    let (sync, jobs) = (manifest("sync"), manifest("jobs"));
    let folder = project(&[
        ("Cargo.toml", workspace),
        ("sync/Cargo.toml", &sync),
        ("sync/src/lib.rs", CLIENT),
        ("jobs/Cargo.toml", &jobs),
        ("jobs/src/lib.rs", CLIENT),
    ]);
    assert_eq!(findings(folder.path(), &[]).1.len(), 2);
    assert_eq!(findings(folder.path(), &["-p", "jobs"]).1, ["jobs/src/lib.rs:4 embedded-credential"]);
    let inside = findings(&folder.path().join("sync"), &["--package", "jobs"]);
    assert_eq!(inside.1.len(), 1);
    let (code, _, errors) = texts(&run_in(folder.path(), &["-p", "job"]));
    assert_eq!(code, 2);
    assert!(errors.contains("did you mean `jobs`?"), "{errors}");
}

#[test]
fn excluded_files_are_read_when_named_unless_forced() {
    let folder =
        project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT), ("cerbo-lint.toml", "exclude = [\"src\"]\n")]);
    assert_eq!(findings(folder.path(), &["."]).1.len(), 0);
    assert_eq!(findings(folder.path(), &["src/lib.rs"]).1.len(), 1);
    assert_eq!(findings(folder.path(), &["--force-exclude", "src/lib.rs"]).1.len(), 0);
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_ends_the_run_quietly() {
    let script = format!(
        "{} --color always fixtures/projects | true; echo ${{PIPESTATUS[0]}}",
        env!("CARGO_BIN_EXE_cerbo-lint")
    );
    let output = std::process::Command::new("bash")
        .args(["-c", &script])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let (_, out, errors) = texts(&output);
    assert_eq!((out.trim(), errors.as_str()), ("1", ""));
}

#[test]
fn cargo_passes_its_own_word_on() {
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT)]);
    for arguments in [&["cerbo-lint"][..], &[], &["cerbo-lint", "check", "src"], &["cerbo-lint", "."]] {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_cargo-cerbo-lint"))
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    }
}

#[test]
fn every_key_of_the_json_report_is_always_there() {
    let folder = project(&[("Cargo.toml", MANIFEST), ("src/lib.rs", CLIENT), ("src/broken.rs", "fn cerbo( {")]);
    let report: serde_json::Value =
        serde_json::from_slice(&run_in(folder.path(), &["--format", "json"]).stdout).unwrap();
    let schema = cerbo_lint::report::json::schema();
    let keys = |schema: &serde_json::Value| -> Vec<String> {
        schema["properties"].as_object().unwrap().keys().cloned().collect()
    };
    let held = |value: &serde_json::Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(held(&report), keys(&schema));
    for (list, name) in [("findings", "Entry"), ("notifications", "Told")] {
        let definition = &schema["$defs"][name];
        let items = report[list].as_array().unwrap();
        assert!(!items.is_empty(), "{list}");
        for item in items {
            assert_eq!(held(item), keys(definition), "{list}");
        }
        assert_eq!(definition["required"].as_array().unwrap().len(), keys(definition).len(), "{name}");
    }
}

#[test]
fn suppressions_work_in_every_comment_style() {
    let cases = [
        (
            "deploy/.env",
            "# cerbo-lint: allow(embedded-credential) reason=\"a sandbox\"\nCERBO_API_SECRET=sk_9920fe1c7a63\n"
                .to_owned(),
        ),
        (
            "conf/app.yaml",
            "cerbo:\n  secret: sk_9920fe1c7a63 # cerbo-lint: allow(embedded-credential) reason=\"a sandbox\"\n"
                .to_owned(),
        ),
        (
            "conf/app.toml",
            "# cerbo-lint: allow(embedded-credential) reason=\"a sandbox\"\ncerbo_secret = \"sk_9920fe1c7a63\"\n"
                .to_owned(),
        ),
    ];
    for (path, text) in &cases {
        let bare = text.lines().map(|line| line.split('#').next().unwrap()).collect::<Vec<_>>().join("\n");
        let folder = project(&[(path, &bare)]);
        let (_, open) = findings(folder.path(), &["--select", "embedded-credential", "."]);
        let folder = project(&[(path, text)]);
        let (_, closed) = findings(folder.path(), &["--select", "embedded-credential", "."]);
        assert_eq!((open.len(), closed.len()), (1, 0), "{path}");
    }
}
