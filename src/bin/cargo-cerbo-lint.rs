//! The `cargo cerbo-lint` subcommand.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Cargo passes the subcommand's own name first.
    let mut arguments: Vec<_> = std::env::args_os().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "cerbo-lint") {
        arguments.remove(0);
    }
    cerbo_lint::cli::run(arguments)
}
