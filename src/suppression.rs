//! Suppressions: `cerbo-lint: allow(rule) reason="…" until=YYYY-MM-DD` in a comment on the line of a finding, or on
//! lines of their own above it.

use crate::error::suggestion;
use crate::finding::{Finding, Notification};
use crate::program::tree::Comment;
use crate::source::{SourceFile, Sources};
use crate::span::{FileId, Span};
use jiff::civil::Date;

const MARK: &str = "cerbo-lint:";
/// What opens a comment in the languages that are read.
const OPENERS: &[&str] = &["//", "#", "<!--", "/*", "--", ";"];
const FORM: &str = "write `cerbo-lint: allow(rule) reason=\"why\" until=2030-12-31`";

/// A suppression that can be used.
struct Allow {
    rules: Vec<String>,
    reason: String,
    /// 1-based line of the comment.
    line: u32,
    /// 1-based line it is about.
    about: u32,
    used: bool,
}

/// Marks the findings that comments of a file suppress and says what is wrong with the comments. A suppression that is
/// unknown, malformed or expired suppresses nothing.
pub fn apply(
    sources: &Sources,
    comments: &[(crate::span::FileId, Vec<Comment>)],
    rules: &[&str],
    today: Date,
    findings: &mut [Finding],
    notifications: &mut Vec<Notification>,
) {
    for (id, comments) in comments {
        let Some(file) = sources.get(*id) else { continue };
        let mut allows = Vec::new();
        for comment in comments.iter().filter(|comment| !comment.doc) {
            let line = file.position(comment.span.start).line;
            let Some(text) = content(&comment.text).strip_prefix(MARK) else { continue };
            match parse(text, rules, today) {
                Ok((rules, reason)) => {
                    allows.push(Allow { rules, reason, line, about: about(file, comment, comments), used: false });
                }
                Err(message) => notifications.push(told(file, line, message)),
            }
        }
        if allows.is_empty() {
            continue;
        }
        for finding in findings.iter_mut().filter(|finding| finding.primary.file == *id) {
            let line = file.position(finding.primary.start).line;
            let allow = allows.iter_mut().find(|a| a.about == line && a.rules.iter().any(|rule| rule == finding.rule));
            if let Some(allow) = allow {
                allow.used = true;
                finding.suppressed = Some(allow.reason.clone());
            }
        }
        for allow in allows.iter().filter(|allow| !allow.used) {
            let message = format!("this suppression of {} suppresses nothing; remove it", allow.rules.join(", "));
            notifications.push(told(file, allow.line, message));
        }
    }
}

/// A comment's words without what opens and closes it.
fn content(text: &str) -> &str {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || "/*#<!-;".contains(c)).trim_end();
    text.strip_suffix("-->").or_else(|| text.strip_suffix("*/")).unwrap_or(text).trim_end()
}

/// The comments of a text that no frontend reads for comments, as far as they hold a suppression: those that start a line
/// or follow a blank, outside the quotes of their line.
pub fn by_line(id: FileId, file: &SourceFile) -> Vec<Comment> {
    let text = file.text();
    let mut comments = Vec::new();
    for at in memchr::memmem::find_iter(text.as_bytes(), MARK) {
        let line = file.line_range(file.position(u32::try_from(at).unwrap_or(u32::MAX)).line);
        let Some(before) = text.get(line.start..at) else { continue };
        let before = before.trim_end();
        let Some(code) = OPENERS.iter().find_map(|opener| before.strip_suffix(opener)) else { continue };
        let own = code.trim_start_matches('\u{feff}');
        let apart = own.is_empty() || code.ends_with(char::is_whitespace);
        let quoted = ['"', '\'', '`'].iter().any(|quote| code.matches(*quote).count() % 2 == 1);
        if apart && !quoted {
            let span = Span::new(id, line.start + code.len(), line.end);
            comments.push(Comment { span, text: file.slice(span).to_owned(), doc: false });
        }
    }
    comments
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

/// The rules a suppression names, and its reason.
fn parse(text: &str, rules: &[&str], today: Date) -> Result<(Vec<String>, String), String> {
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
        return Ok((allowed, reason.to_owned()));
    }
    let until = rest.strip_prefix("until=").ok_or_else(|| malformed("goes on after its reason"))?;
    let date: Date = until.trim_matches('"').parse().map_err(|_| malformed("has no valid date behind `until=`"))?;
    if date < today {
        return Err(format!(
            "this suppression of {} expired on {date}; mend the code or set a new date",
            allowed.join(", ")
        ));
    }
    Ok((allowed, reason.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parsed(text: &str) -> Result<Vec<String>, String> {
        parse(text, &["logged-credential", "extended-details"], jiff::civil::date(2026, 6, 1)).map(|(rules, _)| rules)
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

    #[test]
    fn comments_are_told_by_their_lines_and_strings_are_none() {
        let found = |text: &str| {
            let file = SourceFile::new("a", text.as_bytes());
            let comments = by_line(FileId(0), &file);
            comments.iter().map(|comment| content(&comment.text).to_owned()).collect::<Vec<_>>()
        };
        let allow = "cerbo-lint: allow(x) reason=\"a\"";
        for line in [
            format!("# {allow}"),
            format!("KEY=1 # {allow}"),
            format!("<!-- {allow} -->"),
            format!("  -- {allow}"),
            format!("a: b /* {allow} */"),
            format!("; {allow}"),
            format!("//{allow}"),
        ] {
            assert_eq!(found(&format!("first\n{line}\nlast")), [allow], "{line}");
        }
        for line in [format!("a: \"# {allow}"), format!("a#{allow}"), format!("say {allow}"), format!("'// {allow}'")] {
            assert_eq!(found(&line), [""; 0], "{line}");
        }
    }
}
