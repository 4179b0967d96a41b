//! Scripts inside other files: what stands in them is told once, where it stands.

use crate::support::{findings, project};
use std::collections::BTreeSet;

/// Files that hold the same command, with the line on which it stands.
const FILES: &[(&str, &str, usize)] = &[
    ("chart.sh", "@\n", 1),
    ("Makefile", "chart:\n\t@\n", 2),
    ("justfile", "chart:\n    @\n", 2),
    ("Dockerfile", "FROM alpine\nRUN @\n", 2),
    ("deploy/crontab", "0 3 * * * @\n", 1),
    ("deploy/chart.service", "[Service]\nExecStart=/usr/bin/@\n", 2),
    ("Procfile", "web: @\n", 1),
    ("package.json", "{\n  \"scripts\": {\n    \"chart\": \"@\"\n  }\n}\n", 3),
    ("compose.yaml", "services:\n  chart:\n    image: alpine\n    command: @\n", 4),
    ("Taskfile.yml", "tasks:\n  chart:\n    cmds:\n      - @\n", 4),
    (".gitlab-ci.yml", "chart:\n  script:\n    - @\n", 3),
    (
        ".github/workflows/chart.yml",
        "on: push\njobs:\n  chart:\n    steps:\n      - run: |\n          echo start\n          @\n",
        7,
    ),
    (
        "k8s/job.yaml",
        "kind: Job\nspec:\n  template:\n    spec:\n      containers:\n        - name: chart\n          command: [sh, -c, '@']\n",
        7,
    ),
];

/// Rules about a credential that is written down: one of them tells it.
const WRITTEN: &[&str] =
    &["embedded-credential", "base64-credential", "url-userinfo", "credential-in-support-material"];

fn told(path: &str, text: &str) -> Vec<String> {
    let folder = project(&[(path, text)]);
    findings(folder.path(), &["--no-config", "--ignore", "missing-request-log,no-sandbox", "."]).1
}

#[test]
fn a_credential_in_a_script_is_told_once_where_it_stands() {
    let commands = [
        ("curl -sS -u pk_harbor:sk_8Zq0LmVx72RtWb https://harbor.md-hq.com/api/v1/patients/1", "embedded-credential"),
        ("curl -sS https://LOGIN@harbor.md-hq.com/api/v1/patients/1", "url-userinfo"),
    ];
    for (command, rule) in commands {
        let command = command.replace("LOGIN", "pk_harbor:sk_8Zq0LmVx72RtWb");
        for (path, shape, line) in FILES {
            let found = told(path, &shape.replacen('@', &command, 1));
            let written: Vec<&String> =
                found.iter().filter(|found| WRITTEN.iter().any(|rule| found.ends_with(&format!(" {rule}")))).collect();
            assert_eq!(written, [&format!("{path}:{line} {rule}")], "{found:?}");
            let once: BTreeSet<&String> = found.iter().collect();
            assert_eq!(once.len(), found.len(), "{found:?}");
        }
    }
}

#[test]
fn a_credential_in_a_block_of_a_document_is_told_once_as_what_it_is() {
    let text = "# Ask\n\n```sh\ncurl -u pk_harbor:sk_8Zq0LmVx72RtWb https://harbor.md-hq.com/api/v1/patients/1\n```\n";
    assert_eq!(told("RUNBOOK.md", text), ["RUNBOOK.md:4 credential-in-support-material"]);
}

#[test]
fn a_script_without_a_credential_is_told_nothing() {
    for (path, shape, _) in FILES {
        let command = "curl -sS --netrc -o chart.json https://harbor.md-hq.com/api/v1/patients/1";
        assert_eq!(told(path, &shape.replacen('@', command, 1)), [""; 0], "{path}");
    }
}
