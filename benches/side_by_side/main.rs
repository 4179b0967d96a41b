//! Wall time and peak memory side by side with other tools: `cargo bench` prints a table.
//!
//! Trees are generated, the same each time, below the build folder: 12,000 source files that have nothing to do with the
//! API, and integrations of 50,000 lines in each language. Tools that are not on the PATH are left out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod integration;
mod tree;
mod words;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Each command runs this often; the fastest run counts, as the one least disturbed.
const RUNS: usize = 5;
/// Slow tools run once.
const PATIENCE: Duration = Duration::from_secs(10);

/// The literals of the gate, as `rg` takes them.
const LITERALS: &str = "cerbo|md-hq|md_hq|mdhq|extended_details|pk_|sk_|basic |://|set_password|authorization|basic_auth|reqwest|ureq|hyper|isahc|curl|surf|awc";

fn main() {
    let program =
        PathBuf::from(std::env::var_os("CERBO_LINT").unwrap_or_else(|| env!("CARGO_BIN_EXE_cerbo-lint").into()));
    let folder = std::env::temp_dir().join("cerbo-lint-bench");
    let plain = folder.join("plain");
    let (files, bytes) = tree::write(&plain, tree::FILES);
    println!("(a) {files} files without an integration, {:.1} MB", bytes as f64 / 1e6);
    let plain = plain.as_path();
    let rg = measure("rg -c", Command::new("rg").args(["-c", "-i", "--hidden", "--no-messages", LITERALS]).arg(plain));
    let own = measure("cerbo-lint", Command::new(&program).args(["--no-config", "--fail-on", "never"]).arg(plain));
    let others = [
        measure("ripsecrets", Command::new("ripsecrets").arg(plain)),
        measure(
            "kingfisher",
            Command::new("kingfisher").args(["scan", "--no-validate", "--no-update-check"]).arg(plain),
        ),
        measure("detect-secrets", Command::new("detect-secrets").args(["scan", "--all-files", "."]).current_dir(plain)),
    ];
    if let (Some(rg), Some(own)) = (&rg, &own) {
        println!("    cerbo-lint / rg: {:.2}", own.wall.as_secs_f64() / rg.wall.as_secs_f64());
        for other in others.iter().flatten() {
            println!("    {} / cerbo-lint: {:.1}", other.name, other.wall.as_secs_f64() / own.wall.as_secs_f64());
        }
    }
    stages(&program, plain);
    for (name, write) in
        [("Rust", integration::rust as fn(&Path, usize) -> usize), ("TypeScript", integration::typescript)]
    {
        let folder = folder.join(name);
        let lines = write(&folder, integration::LINES);
        println!("(b) {lines} lines of {name}, evaluated whole");
        measure("cerbo-lint", Command::new(&program).args(["--no-config", "--fail-on", "never"]).arg(&folder));
        stages(&program, &folder);
    }
    hooks(&program, &folder.join("repository"));
}

/// Files around the integration of a repository in which hooks run.
const AROUND: usize = 10_000;
/// Lines of that integration: some 50 files.
const SMALL: usize = 9_000;

/// Runs of a hook on ten files of a large repository, without a cache and with a warm one.
fn hooks(program: &Path, root: &Path) {
    tree::write(root, AROUND);
    integration::typescript(&root.join("integration"), SMALL);
    let cache = root.with_extension("cache");
    // Files count as unchanged when they were left alone for two seconds.
    std::thread::sleep(Duration::from_secs(3));
    let mut jobs: Vec<PathBuf> =
        std::fs::read_dir(root.join("integration/src/jobs")).unwrap().map(|entry| entry.unwrap().path()).collect();
    jobs.sort();
    let named: Vec<PathBuf> = jobs.into_iter().take(10).collect();
    println!("(c) {AROUND} files around an integration; a hook on ten files of it, and the whole repository");
    let rg = measure("rg -c", Command::new("rg").args(["-c", "cerbo"]).current_dir(root));
    for (name, paths) in [("ten files", named), ("whole", vec![PathBuf::from(".")])] {
        for (name, how) in [(name, vec!["--no-cache".into()]), ("  warm", vec!["--cache-dir".into(), cache.clone()])] {
            let mut command = Command::new(program);
            command.args(["--no-config", "--quiet", "--fail-on", "never"]).args(how).args(&paths).current_dir(root);
            let own = measure(name, &mut command);
            if let (Some(rg), Some(own)) = (&rg, &own) {
                println!("    {name} / rg: {:.2}", own.wall.as_secs_f64() / rg.wall.as_secs_f64());
            }
        }
    }
}

struct Measured {
    name: &'static str,
    wall: Duration,
}

/// Runs a command several times and prints its best time and its peak memory.
fn measure(name: &'static str, command: &mut Command) -> Option<Measured> {
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        let clock = Instant::now();
        if command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
            println!("    {name:<16} not installed");
            return None;
        }
        best = best.min(clock.elapsed());
        if best > PATIENCE {
            break;
        }
    }
    let memory = peak(command).map_or_else(|| "?".to_owned(), |kilobytes| format!("{:.0} MB", kilobytes / 1024.0));
    println!("    {name:<16} {:>8.3} s   {memory:>8}", best.as_secs_f64());
    Some(Measured { name, wall: best })
}

/// Peak resident memory in KiB, as GNU `time` tells it; none where it is not installed.
fn peak(command: &Command) -> Option<f64> {
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-f", "peak %M"]).arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        timed.current_dir(folder);
    }
    let output = timed.output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.lines().rev().find_map(|line| line.strip_prefix("peak ")?.parse().ok())
}

/// Where the time goes.
fn stages(program: &Path, folder: &Path) {
    let output = Command::new(program).args(["--no-config", "--verbose"]).arg(folder).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let stages: Vec<&str> = text.lines().filter(|line| line.ends_with(" ms") && !line.contains('/')).collect();
    println!("    stages: {}", stages.join(", "));
    println!("    {}", text.lines().last().unwrap_or(""));
}
