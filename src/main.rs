//! The `cerbo-lint` program: `cerbo-lint [check] [PATH…]`.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cerbo_lint::cli::run(std::env::args_os().skip(1).collect())
}
