//! Running the program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A client of the API with a credential written in line 4.
pub const CLIENT: &str = "pub async fn get(id: u32) -> String {
    let client = reqwest::Client::new(); tracing::info!(id, \"GET\");
    let url = format!(\"https://clinic.md-hq.com/api/v1/patients/{id}\");
    client.get(url).basic_auth(\"pk_a81f3c55d0\", Some(\"sk_9920fe1c7a63\")).send().await.unwrap().text().await.unwrap()
}
";
/// A manifest without dependencies.
pub const MANIFEST: &str = "[package]\nname = \"x\"\nedition = \"2024\"\n";

/// Every format of a report.
pub const FORMATS: &[&str] =
    &["human", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "checkstyle", "rdjson", "markdown"];

/// The fixtures' folder.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// Runs the program in a folder.
pub fn run_in(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cerbo-lint")).current_dir(folder).args(arguments).output().unwrap()
}

/// Runs the program in a folder with text on standard input.
pub fn run_with_input(folder: &Path, arguments: &[&str], input: &str) -> Output {
    use std::io::Write;
    use std::process::Stdio;
    let mut command = Command::new(env!("CARGO_BIN_EXE_cerbo-lint"));
    command.current_dir(folder).args(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that has an error to tell need not read its input.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// Exit code, standard output and standard error.
pub fn texts(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// A folder with files.
pub fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// `path:line rule` of each finding, from the JSON report, and the exit code.
pub fn findings(folder: &Path, arguments: &[&str]) -> (i32, Vec<String>) {
    let mut all = vec!["--format", "json"];
    all.extend(arguments);
    let output = run_in(folder, &all);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(&output.stderr)));
    let found = report["findings"].as_array().unwrap().iter().map(|finding| {
        let place = &finding["location"];
        format!("{}:{} {}", place["path"].as_str().unwrap(), place["start_line"], finding["rule"].as_str().unwrap())
    });
    (output.status.code().unwrap(), found.collect())
}

/// Runs git in a folder, with nobody's configuration.
pub fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Commits everything.
pub fn commit(folder: &Path, words: &str) {
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-q", "-m", words]);
}
