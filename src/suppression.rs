//! Suppressions: `cerbo-lint: allow(rule) reason="…" until=YYYY-MM-DD` in a comment on the line of a finding, or on
//! lines of their own above it.

use crate::error::suggestion;
use crate::finding::{Finding, Notification};
use crate::program::tree::Comment;
use crate::source::{SourceFile, Sources};
use jiff::civil::Date;

const MARK: &str = "cerbo-lint:";
const FORM: &str = "write `cerbo-lint: allow(rule) reason=\"why\" until=2030-12-31`";

/// A suppression that can be used.
struct Allow {
    rules: Vec<String>,
    /// 1-based line of the comment.
    line: u32,
    /// 1-based line it is about.
    about: u32,
    used: bool,
}

/// Takes out the findings that comments of a file suppress and says what is wrong with the comments. Gives how many
/// findings were suppressed. A suppression that is unknown, malformed or expired suppresses nothing.
pub fn apply(
    sources: &Sources,
    comments: &[(crate::span::FileId, &[Comment])],
    rules: &[&str],
    today: Date,
    findings: &mut Vec<Finding>,
    notifications: &mut Vec<Notification>,
) -> usize {
    let before = findings.len();
    for (id, comments) in comments {
        let Some(file) = sources.get(*id) else { continue };
        let mut allows = Vec::new();
        for comment in comments.iter().filter(|comment| !comment.doc) {
            let line = file.position(comment.span.start).line;
            let Some(text) = comment.text.strip_prefix(MARK) else { continue };
            match parse(text, rules, today) {
                Ok(rules) => allows.push(Allow { rules, line, about: about(file, comment, comments), used: false }),
                Err(message) => notifications.push(told(file, line, message)),
            }
        }
        findings.retain(|finding| {
            if finding.primary.file != *id {
                return true;
            }
            let line = file.position(finding.primary.start).line;
            let allow = allows.iter_mut().find(|a| a.about == line && a.rules.iter().any(|rule| rule == finding.rule));
            allow.map(|allow| allow.used = true).is_none()
        });
        for allow in allows.iter().filter(|allow| !allow.used) {
            let message = format!("this suppression of {} suppresses nothing; remove it", allow.rules.join(", "));
            notifications.push(told(file, allow.line, message));
        }
    }
    before - findings.len()
}

fn told(file: &SourceFile, line: u32, message: String) -> Notification {
    Notification { path: file.path.clone(), line: Some(line), message, skipped: false }
}

/// The line a comment is about: its own when code stands before it, else the next that is not a comment's or empty.
fn about(file: &SourceFile, comment: &Comment, comments: &[Comment]) -> u32 {
    let first = file.position(comment.span.start).line;
    let range = file.line_range(first);
    let own = file.text().get(range.start..comment.span.start as usize).is_some_and(|before| !before.trim().is_empty());
    if own {
        return first;
    }
    let mut line = file.position(comment.span.end).line + 1;
    while line <= file.line_count() {
        let range = file.line_range(line);
        let blank = file.text().get(range.clone()).is_none_or(|text| text.trim().is_empty());
        let start = range.start + file.text().get(range.clone()).map_or(0, |text| text.len() - text.trim_start().len());
        let commented = comments.iter().any(|other| other.span.start as usize == start);
        if !blank && !commented {
            break;
        }
        line += 1;
    }
    line
}

fn parse(text: &str, rules: &[&str], today: Date) -> Result<Vec<String>, String> {
    let malformed = |what: &str| format!("this suppression {what}; {FORM}");
    let rest = text.trim_start().strip_prefix("allow(").ok_or_else(|| malformed("does not say `allow(…)`"))?;
    let (names, rest) = rest.split_once(')').ok_or_else(|| malformed("has no closing `)`"))?;
    let mut allowed = Vec::new();
    for name in names.split(',').map(str::trim) {
        if !rules.contains(&name) {
            return Err(format!("this suppression names the unknown rule `{name}`; {}", suggestion(name, rules)));
        }
        allowed.push(name.to_owned());
    }
    let rest = rest.trim_start().strip_prefix("reason=\"").ok_or_else(|| malformed("gives no reason"))?;
    let (reason, rest) = rest.split_once('"').ok_or_else(|| malformed("has a reason without a closing quote"))?;
    if reason.trim().is_empty() {
        return Err(malformed("gives no reason"));
    }
    let rest = rest.trim();
    if rest.is_empty() {
        return Ok(allowed);
    }
    let until = rest.strip_prefix("until=").ok_or_else(|| malformed("goes on after its reason"))?;
    let date: Date = until.trim_matches('"').parse().map_err(|_| malformed("has no valid date behind `until=`"))?;
    if date < today {
        return Err(format!(
            "this suppression of {} expired on {date}; mend the code or set a new date",
            allowed.join(", ")
        ));
    }
    Ok(allowed)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parsed(text: &str) -> Result<Vec<String>, String> {
        parse(text, &["logged-credential", "extended-details"], jiff::civil::date(2026, 6, 1))
    }

    #[test]
    fn well_formed_suppressions_are_read() {
        assert_eq!(parsed(" allow(logged-credential) reason=\"a test key\"").unwrap(), ["logged-credential"]);
        let both = parsed("allow(logged-credential, extended-details) reason=\"x\" until=2026-06-01").unwrap();
        assert_eq!(both.len(), 2);
    }

    #[test]
    fn each_mistake_is_named() {
        for (text, part) in [
            ("allow(loged-credential) reason=\"x\"", "did you mean `logged-credential`"),
            ("allow(*) reason=\"x\"", "unknown rule"),
            ("allow(logged-credential)", "no reason"),
            ("allow(logged-credential) reason=\" \"", "no reason"),
            ("allow(logged-credential) reason=\"x\" until=soon", "no valid date"),
            ("allow(logged-credential) reason=\"x\" until=2026-05-31", "expired"),
            ("ignore(logged-credential)", "allow(…)"),
        ] {
            let message = parsed(text).unwrap_err();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
