//! The `cargo cerbo-lint` subcommand.

fn main() -> std::process::ExitCode {
    eprintln!("cerbo-lint: no command is built in yet");
    std::process::ExitCode::from(2)
}
