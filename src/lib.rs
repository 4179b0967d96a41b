//! `cerbo-lint` finds code that breaks the Cerbo API's best practices. It evaluates programs with
//! abstract values; see `ARCHITECTURE.md`.

pub mod analysis;
pub mod check;
pub mod config;
pub mod error;
pub mod evaluate;
pub mod facts;
pub mod finding;
pub mod frontend;
pub mod knowledge;
pub mod program;
pub mod project;
pub mod rules;
pub mod source;
pub mod span;

/// The command line of both programs: `[check] [PATH…]`; without a path the current folder is scanned.
pub fn cli(mut arguments: Vec<std::ffi::OsString>) -> std::process::ExitCode {
    if arguments.first().is_some_and(|first| first == "check") {
        arguments.remove(0);
    }
    let option = arguments.iter().find(|argument| argument.to_string_lossy().starts_with('-'));
    if let Some(option) = option {
        let help = option == "--help" || option == "-h";
        let text = "usage: cerbo-lint [check] [PATH…]\nexit codes: 0 clean, 1 findings, 2 a path that cannot be read or a wrong option";
        if help {
            anstream::println!("{text}");
            return std::process::ExitCode::SUCCESS;
        }
        anstream::eprintln!("cerbo-lint: there is no option `{}`\n{text}", option.to_string_lossy());
        return std::process::ExitCode::from(2);
    }
    let mut paths: Vec<std::path::PathBuf> = arguments.into_iter().map(Into::into).collect();
    if paths.is_empty() {
        paths.push(".".into());
    }
    // A closed pipe ends the run quietly.
    match check::run(&paths, &mut std::io::stdout().lock(), &mut std::io::stderr().lock()) {
        Ok(code) => std::process::ExitCode::from(code),
        Err(_) => std::process::ExitCode::SUCCESS,
    }
}
