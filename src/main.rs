//! The `cerbo-lint` program: `cerbo-lint [check] [PATH…]`.

use std::process::ExitCode;

fn main() -> ExitCode {
    cerbo_lint::cli::run(std::env::args_os().skip(1).collect())
}
