//! Git as a program: merge bases, renames, filters and indexes are then what they are everywhere else.

use crate::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// Git in a folder.
pub(super) struct Git<'a> {
    /// The folder it runs in.
    pub folder: &'a Path,
}

impl Git<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("git");
        command
            .arg("-C")
            .arg(self.folder)
            // Nothing of the repository's own is run.
            .args(["-c", "core.fsmonitor=false", "-c", "core.quotePath=false"])
            .args(arguments)
            // In a hook these name the repository relative to another folder.
            .env_remove("GIT_DIR")
            .env_remove("GIT_WORK_TREE")
            .env_remove("GIT_PREFIX")
            .env_remove("GIT_INDEX_FILE")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C")
            .stdin(Stdio::null());
        // What is being committed may stand in an index of its own: `git commit -a` makes one.
        if let Some(index) = std::env::var_os("GIT_INDEX_FILE").and_then(|index| std::path::absolute(index).ok())
            && index.is_file()
        {
            command.env("GIT_INDEX_FILE", index);
        }
        command
    }

    /// What git prints, as bytes; or the first line of its complaint, when it fails.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn bytes(&self, arguments: &[&str]) -> Result<Result<Vec<u8>, String>, Error> {
        let output = self.command(arguments).output().map_err(|error| not_started(&error))?;
        if output.status.success() {
            return Ok(Ok(output.stdout));
        }
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok(Err(words.lines().next().unwrap_or("it gave no reason").trim_start_matches("fatal: ").to_owned()))
    }

    /// What git prints, as text; or the first line of its complaint, when it fails.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn run(&self, arguments: &[&str]) -> Result<Result<String, String>, Error> {
        Ok(self.bytes(arguments)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// The contents of objects by their names, in order; of each no more than `limit` bytes. None for one that is not there.
    ///
    /// # Errors
    /// When git cannot be started or breaks off.
    pub fn blobs(&self, names: &[String], limit: u64) -> Result<Vec<Option<Vec<u8>>>, Error> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut child = self
            .command(&["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| not_started(&error))?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let read = std::thread::scope(|scope| {
            // Git answers while it is asked: both pipes would be full otherwise.
            scope.spawn(move || {
                if let Some(mut input) = input {
                    let _ = names.iter().try_for_each(|name| writeln!(input, "{name}"));
                }
            });
            let mut output = BufReader::new(output?);
            names.iter().map(|_| blob(&mut output, limit)).collect::<Option<Vec<_>>>()
        });
        let _ = child.wait();
        read.ok_or_else(|| Error::new("git broke off while it was reading what is staged"))
    }
}

/// One answer of `cat-file --batch`; none when there is no more.
fn blob(output: &mut impl BufRead, limit: u64) -> Option<Option<Vec<u8>>> {
    let mut head = String::new();
    output.read_line(&mut head).ok().filter(|length| *length > 0)?;
    let Some(size) = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok()) else {
        // `… missing` has no content behind it.
        return Some(None);
    };
    let mut bytes = Vec::new();
    output.by_ref().take(size.min(limit)).read_to_end(&mut bytes).ok()?;
    let rest = size.saturating_sub(limit) + 1;
    std::io::copy(&mut output.by_ref().take(rest), &mut std::io::sink()).ok()?;
    Some(Some(bytes))
}

fn not_started(error: &std::io::Error) -> Error {
    Error::new(format!("git could not be started: {}", error.kind()))
        .help("--diff-base and --staged need git; leave them out to report everything")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_one_by_one() {
        let mut answers = &b"0a blob 5\nab\ncd\n0b missing\n0c blob 4\nwxyz\n"[..];
        assert_eq!(blob(&mut answers, 100), Some(Some(b"ab\ncd".to_vec())));
        assert_eq!(blob(&mut answers, 100), Some(None));
        assert_eq!(blob(&mut answers, 3), Some(Some(b"wxy".to_vec())));
        assert_eq!(blob(&mut answers, 3), None);
    }
}
