//! What text mentions that is not parsed: comments, prose, scripts inside other files, files of languages without a
//! frontend, and files that do not parse. Assignments, headers, keys and addresses are found by their shape alone.

use crate::span::{FileId, Span};
use regex::Regex;
use std::ops::Range;
use std::path::Path;
use std::sync::OnceLock;

/// A value and the name that stands before it; the name is empty for a value that stands alone.
#[derive(Clone)]
pub struct Mention {
    /// The name, or the words before the sign.
    pub name: String,
    /// The value without its quotes.
    pub value: String,
    /// Where the value stands.
    pub span: Span,
    /// Whether the value stands between quotes.
    pub quoted: bool,
}

// A value may be a secret.
impl std::fmt::Debug for Mention {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Mention").field("name", &self.name).field("span", &self.span).finish()
    }
}

/// Lines longer than this are looked at in part.
const MAX_LINE: usize = 20_000;
/// Mentions of one file at most.
const MAX_MENTIONS: usize = 20_000;

struct Shapes {
    /// A name, a sign, and a value in quotes or bare.
    assignment: Regex,
    /// An authentication scheme with its value.
    basic: Regex,
    /// An address with something before its host.
    url: Regex,
    /// `user:secret` with a user of the API.
    pair: Regex,
    /// An option that takes `user:secret`.
    option: Regex,
    /// What a variable falls back to.
    default: Regex,
    /// A name and a value, both in quotes, one behind the other.
    listed: Regex,
    /// A key by its prefix.
    key: Regex,
    /// A row of a table: name and value between bars.
    row: Regex,
    /// A word of a web server or recipe that sets what is named to what follows.
    directive: Regex,
    /// What a template falls back to, under the name it is filled in for.
    filled: Regex,
    /// User and secret behind the scheme, not encoded: clients for requests by hand encode them.
    unencoded: Regex,
}

fn shapes() -> Option<&'static Shapes> {
    static SHAPES: OnceLock<Option<Shapes>> = OnceLock::new();
    let compile = || {
        Some(Shapes {
            assignment: Regex::new(concat!(
                r#"(?P<name>[A-Za-z_][\w.\-]*(?: [A-Za-z]\w*){0,4})[*`"'\])]{0,3}[ \t]*(?:=>|:=|\?=|=|:[*`"']{0,2}[ \t]|:)[ \t]*[*]{0,2}[ \t]*"#,
                r#"(?:[rbf]?"(?P<double>(?:[^"\\\n]|\\.)*)"|\\"(?P<escaped>[^"\\\n]*)\\"|'(?P<single>(?:[^'\\\n]|\\.)*)'|`(?P<tick>[^`\n]*)`|(?P<basic>(?i:basic)[ ]+[A-Za-z0-9+/=_\-]{8,})|(?P<bare>[^\s"'`,;<>|]+))"#
            ))
            .ok()?,
            basic: Regex::new(r"(?i)\b(?P<value>basic\s+[A-Za-z0-9+/=_\-]{12,})").ok()?,
            url: Regex::new(r#"(?P<value>[A-Za-z][A-Za-z0-9+.\-]*://[^\s"'`<>|/?#]*@[^\s"'`<>|]*)"#).ok()?,
            pair: Regex::new(r#"(?P<value>\bpk_[A-Za-z0-9_\-]{2,}:[^\s"'`@<>,;)]+)"#).ok()?,
            option: Regex::new(r#"(?:^|\s)(?:-u|--user|-U)(?:[ =]+)["']?(?P<value>[^\s"':]+:[^\s"']+)"#).ok()?,
            default: Regex::new(r"\$\{(?P<name>[A-Za-z_]\w*):?[-=](?P<value>[^${}\s]+)\}").ok()?,
            listed: Regex::new(r#"\\?["'](?P<name>[A-Za-z_][\w.\-]*)\\?["']\]?\)?[ \t]*,[ \t]*\\?["'](?P<value>[^"'\\\n]+)\\?["']"#).ok()?,
            key: Regex::new(r"(?P<value>\b[ps]k_[A-Za-z0-9_\-]{4,})").ok()?,
            directive: Regex::new(concat!(
                r"^[ \t]*(?:ENV|SetEnv|fastcgi_param|uwsgi_param|scgi_param|passenger_env_var|proxy_set_header|grpc_set_header|header_up|request_header|RequestHeader[ \t]+\w+|set)",
                r#"[ \t]+[$+]?(?P<name>[A-Za-z_][\w\-]*)[ \t]+["']?(?P<value>(?i:basic[ ]+)?[^\s"';=]+=*)"#
            ))
            .ok()?,
            filled: Regex::new(
                r#"(?P<name>[A-Za-z_][\w.\-]*)["']?[ \t]*[:=][ \t]*["']?\{\{[^}]*\bdefault[ \t]+["'](?P<value>[^"'\n]+)["']"#,
            )
            .ok()?,
            unencoded: Regex::new(r"(?i:\bbasic)[ \t]+(?P<user>pk_[A-Za-z0-9_\-]+)[ \t]+(?P<value>[^\s]+)").ok()?,
            row: Regex::new(r"\|[ \t]*[`*]*(?P<name>[A-Za-z][\w \-]*?)[`*]*[ \t]*\|[ \t]*[`*]*(?P<value>[^|`*\s]+)[`*]*[ \t]*(?:\||$)").ok()?,
        })
    };
    SHAPES.get_or_init(compile).as_ref()
}

/// What the text in these ranges mentions, in order.
pub fn mentions(file: FileId, source: &str, ranges: &[Range<usize>]) -> Vec<Mention> {
    let mut found = Vec::new();
    for range in ranges {
        let Some(text) = source.get(range.clone()) else { continue };
        let mut start = range.start;
        for line in text.split_inclusive('\n') {
            // Making the expressions costs more than evaluating a small project, so they are made when a line needs them.
            if found.len() < MAX_MENTIONS
                && worth_a_look(line)
                && let Some(shapes) = shapes()
            {
                let shown = line.get(..MAX_LINE).unwrap_or(line);
                of_line(shapes, file, start, shown, &mut found);
            }
            start += line.len();
        }
    }
    found
}

/// The name of a file that holds nothing but an API credential, as files of mounted secrets do: `cerbo_secret.txt`.
pub fn credential_file(path: &Path) -> Option<&str> {
    const ENDINGS: &[&str] = &["", "txt", "secret", "key", "pass", "password", "cred"];
    let ending = path.extension().map_or("", |ending| ending.to_str().unwrap_or("?"));
    // Every file of a run is asked: what most have is looked at first.
    if !ENDINGS.contains(&ending) {
        return None;
    }
    let name = path.file_stem()?.to_str()?;
    let named =
        crate::knowledge::words::names_product(name) && crate::knowledge::words::credential_name(name).is_some();
    named.then_some(name)
}

/// What such a file mentions: its only word, under its name.
pub fn whole_file(file: FileId, path: &Path, source: &str) -> Option<Mention> {
    let name = credential_file(path)?;
    let value = source.trim();
    let start = source.len() - source.trim_start().len();
    let single = !value.is_empty() && value.len() < 256 && !value.contains(char::is_whitespace);
    let span = Span::new(file, start, start + value.len());
    single.then(|| Mention { name: name.to_owned(), value: value.to_owned(), span, quoted: false })
}

/// A line without any of these signs mentions nothing.
fn worth_a_look(line: &str) -> bool {
    memchr::memchr3(b'=', b':', b'|', line.as_bytes()).is_some()
        || ["k_", "asic ", "',", "\",", "ENV ", "SetEnv ", "_param ", "env_var ", "set "]
            .iter()
            .any(|sign| line.contains(sign))
}

fn of_line(shapes: &Shapes, file: FileId, start: usize, line: &str, found: &mut Vec<Mention>) {
    let mut taken: Vec<Range<usize>> = Vec::new();
    let mut add = |name: &str, range: Range<usize>, taken: &mut Vec<Range<usize>>| {
        let overlaps = taken.iter().any(|other| other.start < range.end && range.start < other.end);
        if overlaps || range.is_empty() {
            return;
        }
        let value = line.get(range.clone()).unwrap_or("").to_owned();
        found.push(Mention {
            name: name.to_owned(),
            value,
            span: Span::new(file, start + range.start, start + range.end),
            quoted: line.get(..range.start).is_some_and(|before| before.ends_with(['"', '\'', '`'])),
        });
        taken.push(range);
    };
    for captures in shapes.default.captures_iter(line) {
        if let (Some(name), Some(value)) = (captures.name("name"), captures.name("value")) {
            add(name.as_str(), value.range(), &mut taken);
        }
    }
    // An address first: its scheme and its user look like names before a sign.
    // So do the two parts of a pair.
    for (shape, name) in [(&shapes.url, ""), (&shapes.option, "user"), (&shapes.pair, "")] {
        for captures in shape.captures_iter(line) {
            if let Some(value) = captures.name("value") {
                add(name, trimmed(line, value.range()), &mut taken);
            }
        }
    }
    for captures in shapes.unencoded.captures_iter(line) {
        if let (Some(user), Some(value)) = (captures.name("user"), captures.name("value")) {
            add("user", user.range(), &mut taken);
            add("password", value.range(), &mut taken);
        }
    }
    for shape in [&shapes.directive, &shapes.filled] {
        for captures in shape.captures_iter(line) {
            if let (Some(name), Some(value)) = (captures.name("name"), captures.name("value"))
                && crate::knowledge::words::credential_name(name.as_str()).is_some()
            {
                add(name.as_str(), value.range(), &mut taken);
            }
        }
    }
    let mut at = 0;
    // Assignments are looked for one behind the other, each from behind the sign of the one before: `Header: name=value`.
    while let Some(captures) = shapes.assignment.captures_at(line, at) {
        let Some(whole) = captures.get(0) else { break };
        let value =
            ["double", "escaped", "single", "tick", "basic", "bare"].iter().find_map(|group| captures.name(group));
        let name = captures.name("name").map_or("", |name| name.as_str());
        at = whole.end().max(at + 1);
        let Some(value) = value else { continue };
        let range = trimmed(line, value.range());
        // A value that is itself `name=value` or an address is looked at again.
        let inner = line.get(range.clone()).unwrap_or("");
        let bare = captures.name("bare").is_some();
        let goes_on = line.get(range.end..).is_some_and(|behind| behind.trim_start().starts_with('='));
        if bare && goes_on {
            at = value.start().max(whole.start() + 1);
            continue;
        }
        if bare && inner.contains('=') && !inner.ends_with('=') && !inner.contains("://") {
            at = value.start().max(whole.start() + 1);
            continue;
        }
        // What looks like a name before a colon is the scheme of an address.
        if inner.starts_with("//") {
            at = value.start().max(whole.start() + 1);
            continue;
        }
        if crate::knowledge::words::credential_name(name).is_some()
            || inner.contains("://")
            || name.len() < 40 && inner.contains("k_")
        {
            add(name, range, &mut taken);
        }
    }
    for captures in shapes.basic.captures_iter(line) {
        if let Some(value) = captures.name("value") {
            add("authorization", trimmed(line, value.range()), &mut taken);
        }
    }
    for captures in shapes.row.captures_iter(line) {
        if let (Some(name), Some(value)) = (captures.name("name"), captures.name("value"))
            && crate::knowledge::words::credential_name(name.as_str()).is_some()
        {
            add(name.as_str(), value.range(), &mut taken);
        }
    }
    let mut at = 0;
    while let Some(captures) = shapes.listed.captures_at(line, at) {
        let (Some(name), Some(value)) = (captures.name("name"), captures.name("value")) else { break };
        // The value may be the name of the next.
        at = value.start() - 1;
        if crate::knowledge::words::credential_name(name.as_str()).is_some() {
            add(name.as_str(), value.range(), &mut taken);
        }
    }
    for captures in shapes.key.captures_iter(line) {
        if let Some(value) = captures.name("value") {
            add("", value.range(), &mut taken);
        }
    }
}

/// Without the punctuation of a sentence around it.
fn trimmed(line: &str, range: Range<usize>) -> Range<usize> {
    let text = line.get(range.clone()).unwrap_or("");
    let text_end = text.trim_end_matches(['.', ',', ';', ')', ']', '*', '`', '\\']).len();
    range.start..range.start + text_end
}

/// What a file's text says about the product, whatever its format.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// It names the product.
    pub product: bool,
    /// It names a host of the API.
    pub host: bool,
    /// It names a host of this machine or of a test double.
    pub local: bool,
    /// It names another product that goes by the same word.
    pub other: bool,
}

/// Looks for the evidence. `hosts` are the configured ones.
pub fn evidence(source: &str, hosts: &[String]) -> Evidence {
    let mut evidence = Evidence::default();
    let bytes = source.as_bytes();
    let suffixes = &crate::knowledge::api::api().host_suffixes;
    evidence.host = suffixes.iter().chain(hosts).any(|host| holds_ignoring_case(bytes, host));
    evidence.local =
        ["localhost", "127.0.0.1", "0.0.0.0", "[::1]", "wiremock", "mockserver", "://mock", "-mock", "msw"]
            .iter()
            .any(|host| memchr::memmem::find(bytes, host.as_bytes()).is_some());
    if !holds_ignoring_case(bytes, "cerbo") && !holds_ignoring_case(bytes, "md") {
        return evidence;
    }
    for line in source.lines().filter(|line| line.len() <= MAX_LINE) {
        for word in line.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'))) {
            if word.len() >= 4 {
                evidence.product |= !evidence.product && crate::knowledge::words::names_product(word);
                evidence.other |= crate::knowledge::words::is_other_product(&word.to_ascii_lowercase());
            }
        }
        evidence.other |= holds_ignoring_case(line.as_bytes(), "cerbo gx");
    }
    evidence
}

fn holds_ignoring_case(bytes: &[u8], word: &str) -> bool {
    let word = word.as_bytes();
    let Some(first) = word.first() else { return false };
    memchr::memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), bytes)
        .any(|at| bytes.get(at..at + word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let whole = 0..text.len();
        let all = mentions(FileId(0), text, std::slice::from_ref(&whole));
        all.iter()
            .map(|mention| {
                assert_eq!(text.get(mention.span.range()), Some(mention.value.as_str()));
                format!("{}={}", mention.name, mention.value)
            })
            .collect()
    }

    #[test]
    fn assignments_of_all_languages() {
        for (text, expected) in [
            ("CERBO_SECRET=abc123", "CERBO_SECRET=abc123"),
            ("  cerbo_secret = 'abc 123', # x", "cerbo_secret=abc 123"),
            ("\"password\": \"a\\\"b\",", "password=a\\\"b"),
            ("$config['secret'] => \"x1\"", "secret=x1"),
            ("key := `raw`", "key=raw"),
            ("- **API password**: `Xy12`", "API password=Xy12"),
            ("The Cerbo secret is: abc.", "The Cerbo secret is=abc"),
            ("-H 'Authorization: Basic cGtfYTpza19iYmJiYg=='", "Authorization=Basic cGtfYTpza19iYmJiYg=="),
            ("| Secret | sk_0a1b2c3d |", "Secret=sk_0a1b2c3d"),
            ("curl -u pk_a:sk_b https://x", "user=pk_a:sk_b"),
            ("see https://u:p@host/x for", "=https://u:p@host/x"),
            ("use sk_0a1b2c3d4e5f.", "=sk_0a1b2c3d4e5f"),
        ] {
            assert_eq!(found(text), [expected], "{text}");
        }
    }

    #[test]
    fn ordinary_text_mentions_nothing() {
        for text in ["let x = 1;", "see section 3: how to", "task_id: 12", "disk_usage = 4", "a | b | c"] {
            assert!(found(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn evidence_is_whole_words() {
        let of = |text: &str| evidence(text, &[]);
        assert!(of("CERBO_URL=https://a.MD-HQ.com").host && of("the cerbo API").product);
        assert!(!of("Cerbos and Cerberus").product);
        assert!(of("cerbo via modbus").other);
    }
}
