//! `attest`: writes down who states that a practice is kept, and until when that holds.

use super::options::AttestOptions;
use super::output;
use crate::config::{self, Statement};
use crate::error::{Error, suggestion};
use crate::knowledge::practices;
use jiff::civil::Date;

/// Writes a statement into the configuration.
///
/// # Errors
/// For a practice, date, length or name that is none, for a statement that is still valid, and when the configuration
/// cannot be read or written.
pub(super) fn attest(options: &AttestOptions) -> Result<(), Error> {
    let ids: Vec<&str> = practices::all().iter().map(|practice| practice.id.as_str()).collect();
    if !ids.contains(&options.practice.as_str()) {
        let known = format!("{}; `cerbo-lint audit` shows all with their ids", suggestion(&options.practice, &ids));
        return Err(Error::new(format!("there is no practice `{}`", options.practice)).help(known));
    }
    let by = options.by.trim();
    if by.is_empty() {
        return Err(Error::new("`--by` is empty").help("name the person who states it"));
    }
    let today = crate::today::today();
    let on: Date = match &options.on {
        None => today,
        Some(text) => text.parse().map_err(|_| {
            Error::new(format!("`--on {text}` is not a date")).help("write it as YYYY-MM-DD: the day it was looked at")
        })?,
    };
    if on > today {
        return Err(Error::new(format!("`--on {on}` is still to come")).help("give the day it was looked at"));
    }
    let wrong = || {
        Error::new(format!("`--valid-for {}` is not a length of time", options.valid_for))
            .help("write `90d`, `12w`, `6m` or `1y`")
    };
    let length = config::declarations::length(&options.valid_for).ok_or_else(wrong)?;
    let until = on.checked_add(length).map_err(|_| wrong())?;
    if until < today {
        return Err(Error::new(format!("a statement of {on} that holds for {} ran out on {until}", options.valid_for))
            .help("look again and give a later date, or a longer time"));
    }
    let rules = crate::cards::ids();
    let path = match &options.config {
        Some(path) => std::path::absolute(path).unwrap_or_else(|_| path.clone()),
        None => {
            let here = std::env::current_dir()
                .map_err(|error| Error::new(format!("the current folder cannot be read: {}", error.kind())))?;
            config::place(&here, &rules)?
        }
    };
    let statement = Statement {
        practice: &options.practice,
        by,
        on,
        valid_for: &options.valid_for,
        note: options.note.as_deref().map(str::trim).filter(|note| !note.is_empty()),
    };
    let stated = config::state(&path, &rules, &statement, today, options.replace)?;
    output::to_file(&path, stated.text.as_bytes())?;
    let instead = match stated.replaced {
        Some(old) => format!(", in the place of the statement of {} of {}", old.by, old.on),
        None => String::new(),
    };
    let shown = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    let told = format!("{shown}: `{}` is stated by {by}, valid until {until}{instead}\n", options.practice);
    output::to_stdout(told.as_bytes())
}
