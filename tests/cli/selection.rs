//! Which files of a folder are read closely.

use crate::support::{CLIENT, MANIFEST, project, run_in, texts};

const WORKFLOW: &str = "on:
  schedule:
    - cron: '0 3 * * *'
jobs:
  run:
    runs-on: ubuntu-latest
    steps:
      - run: cargo run
        env:
          SERVICE_TOKEN: ${{ secrets.SERVICE_TOKEN }}
";

fn read_closely(files: &[(&str, &str)]) -> Vec<String> {
    let folder = project(files);
    let (_, out, error) = texts(&run_in(folder.path(), &["check", "--verbose", "--exit-zero", "."]));
    let told = |line: &str| line.strip_prefix("read closely: ").map(str::to_owned);
    out.lines().chain(error.lines()).filter_map(told).collect()
}

#[test]
fn settings_and_timetables_belong_to_the_project_around_them() {
    let settings = "service:\n  password: changeme\n";
    let seen = read_closely(&[
        ("app/Cargo.toml", MANIFEST),
        ("app/src/main.rs", CLIENT),
        ("app/.github/workflows/night.yml", WORKFLOW),
        ("app/config/service.yml", settings),
        ("other/Cargo.toml", MANIFEST),
        ("other/src/main.rs", "fn main() {}\n"),
        ("other/.github/workflows/night.yml", WORKFLOW),
        ("other/config/service.yml", settings),
    ]);
    for path in ["app/src/main.rs", "app/.github/workflows/night.yml", "app/config/service.yml"] {
        assert!(seen.iter().any(|one| one == path), "{path} in {seen:?}");
    }
    assert!(!seen.iter().any(|one| one.starts_with("other/")), "{seen:?}");
}

#[test]
fn what_no_project_holds_belongs_to_all() {
    let seen = read_closely(&[
        ("app/Cargo.toml", MANIFEST),
        ("app/src/main.rs", CLIENT),
        ("ops/crontab", "0 3 * * * /usr/local/bin/x\n"),
    ]);
    assert!(seen.iter().any(|one| one == "ops/crontab"), "{seen:?}");
}

#[test]
fn without_an_integration_nothing_is_read() {
    let seen = read_closely(&[
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", "//! Basic functionality: inserting.\npub fn sk_X509_new_null() {}\npub struct CerbosClient;\n"),
        (".github/workflows/night.yml", WORKFLOW),
        ("config/service.yml", "service:\n  password: changeme\n  token: abc\n"),
    ]);
    assert!(seen.is_empty(), "{seen:?}");
}
