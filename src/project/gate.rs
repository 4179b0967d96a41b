//! The literal gate: whether a file can matter, from its bytes alone. It may let a file pass that has nothing to report,
//! never the other way round.

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// What was seen in a file, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct GateHits(u16);

impl GateHits {
    /// A word or host that names the API.
    pub const API: GateHits = GateHits(1);
    /// `pk_…` or `sk_…`, long enough to be a key.
    pub const KEY: GateHits = GateHits(1 << 1);
    /// `Basic` followed by what may be base64.
    pub const BASIC: GateHits = GateHits(1 << 2);
    /// `scheme://user:secret@`, or a place where one may be put together.
    pub const USERINFO: GateHits = GateHits(1 << 3);
    /// Code that authenticates or sends requests.
    pub const CLIENT: GateHits = GateHits(1 << 4);
    /// An operation of the API with a rule of its own.
    pub const OPERATION: GateHits = GateHits(1 << 5);
    /// A word for a credential, whosever it is.
    pub const CREDENTIAL: GateHits = GateHits(1 << 6);
    /// What starts programs at set times.
    pub const SCHEDULE: GateHits = GateHits(1 << 7);
    /// Code that hands out the files of a folder.
    pub const SERVES: GateHits = GateHits(1 << 8);

    /// Both sets.
    #[must_use]
    pub const fn with(self, other: GateHits) -> GateHits {
        GateHits(self.0 | other.0)
    }

    /// Whether anything of `other` was seen.
    pub fn any(self, other: GateHits) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether the file can have findings by itself, whatever else is in the project.
    pub fn matters_alone(self) -> bool {
        self.any(Self::API.with(Self::KEY).with(Self::BASIC).with(Self::USERINFO).with(Self::OPERATION))
    }
}

#[derive(Clone, Copy)]
enum Check {
    /// The literal itself decides.
    Plain(GateHits),
    /// A key prefix: what stands around it decides.
    Key,
    /// An authentication scheme: what follows decides.
    Scheme,
    /// Between scheme and host of a URL: what follows decides.
    Url,
    /// The product's name: what follows decides.
    Product,
}

const LITERALS: &[(&str, Check)] = &[
    ("cerbo", Check::Product),
    ("md-hq", Check::Plain(GateHits::API)),
    ("md_hq", Check::Plain(GateHits::API)),
    ("mdhq", Check::Plain(GateHits::API)),
    ("extended_details", Check::Plain(GateHits::OPERATION)),
    ("password", Check::Plain(GateHits::CREDENTIAL)),
    ("passwd", Check::Plain(GateHits::CREDENTIAL)),
    ("secret", Check::Plain(GateHits::CREDENTIAL)),
    ("token", Check::Plain(GateHits::CREDENTIAL)),
    ("api_key", Check::Plain(GateHits::CREDENTIAL)),
    ("apikey", Check::Plain(GateHits::CREDENTIAL)),
    ("pk_", Check::Key),
    ("sk_", Check::Key),
    ("basic ", Check::Scheme),
    ("://", Check::Url),
    ("set_password", Check::Plain(GateHits::USERINFO.with(GateHits::CLIENT))),
    ("authorization", Check::Plain(GateHits::CLIENT)),
    ("basic_auth", Check::Plain(GateHits::CLIENT)),
    ("reqwest", Check::Plain(GateHits::CLIENT)),
    ("ureq", Check::Plain(GateHits::CLIENT)),
    ("hyper", Check::Plain(GateHits::CLIENT)),
    ("isahc", Check::Plain(GateHits::CLIENT)),
    ("curl", Check::Plain(GateHits::CLIENT)),
    ("wget", Check::Plain(GateHits::CLIENT)),
    ("surf", Check::Plain(GateHits::CLIENT)),
    ("awc", Check::Plain(GateHits::CLIENT)),
    ("axios", Check::Plain(GateHits::CLIENT)),
    ("fetch(", Check::Plain(GateHits::CLIENT)),
    ("fetch.", Check::Plain(GateHits::CLIENT)),
    ("fetch'", Check::Plain(GateHits::CLIENT)),
    ("fetch\"", Check::Plain(GateHits::CLIENT)),
    ("usefetch", Check::Plain(GateHits::CLIENT)),
    ("undici", Check::Plain(GateHits::CLIENT)),
    ("superagent", Check::Plain(GateHits::CLIENT)),
    ("needle", Check::Plain(GateHits::CLIENT)),
    ("'got'", Check::Plain(GateHits::CLIENT)),
    ("\"got\"", Check::Plain(GateHits::CLIENT)),
    ("'ky'", Check::Plain(GateHits::CLIENT)),
    ("\"ky\"", Check::Plain(GateHits::CLIENT)),
    ("'ky-universal'", Check::Plain(GateHits::CLIENT)),
    ("'request'", Check::Plain(GateHits::CLIENT)),
    ("\"request\"", Check::Plain(GateHits::CLIENT)),
    ("request-promise", Check::Plain(GateHits::CLIENT)),
    ("xmlhttprequest", Check::Plain(GateHits::CLIENT)),
    ("httpclient", Check::Plain(GateHits::CLIENT)),
    ("httpservice", Check::Plain(GateHits::CLIENT)),
    ("http.request", Check::Plain(GateHits::CLIENT)),
    ("https.request", Check::Plain(GateHits::CLIENT)),
    ("http.get", Check::Plain(GateHits::CLIENT)),
    ("https.get", Check::Plain(GateHits::CLIENT)),
    ("ajax(", Check::Plain(GateHits::CLIENT)),
    (".getjson(", Check::Plain(GateHits::CLIENT)),
    ("express.static", Check::Plain(GateHits::SERVES)),
    ("serve-static", Check::Plain(GateHits::SERVES)),
    ("servestatic", Check::Plain(GateHits::SERVES)),
    ("koa-static", Check::Plain(GateHits::SERVES)),
    ("fastify/static", Check::Plain(GateHits::SERVES)),
    ("sirv", Check::Plain(GateHits::SERVES)),
    ("serve-handler", Check::Plain(GateHits::SERVES)),
    ("servedir", Check::Plain(GateHits::SERVES)),
    ("actix_files", Check::Plain(GateHits::SERVES)),
    ("fileserver", Check::Plain(GateHits::SERVES)),
    ("fs::dir", Check::Plain(GateHits::SERVES)),
    ("serve_dir", Check::Plain(GateHits::SERVES)),
];

/// Characters of a key after its prefix, at least; ours are longer.
const KEY_LENGTH: usize = 8;
/// Characters of base64 after `Basic `, at least.
const BASIC_LENGTH: usize = 12;
/// How far from `://` an `@` is looked for.
const USERINFO_LENGTH: usize = 512;

/// The literals, ready to be searched for.
#[derive(Debug)]
pub struct Gate {
    automaton: Option<AhoCorasick>,
    /// How many words of schedules follow the literals.
    schedules: usize,
}

impl Gate {
    /// A gate for the API's own words and these further words: configured hosts, client names, variables.
    pub fn new(words: &[String]) -> Self {
        let own = LITERALS.iter().map(|(literal, _)| (*literal).to_owned());
        let schedules = crate::knowledge::timetables::words().map(str::to_owned);
        let configured = words.iter().filter(|word| !word.is_empty()).cloned();
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(own.chain(schedules).chain(configured))
            .ok();
        Self { automaton, schedules: crate::knowledge::timetables::words().count() }
    }

    /// What is in these bytes, which may be `code`: names of variables and functions look like keys.
    pub fn matters(&self, bytes: &[u8], code: bool) -> GateHits {
        // Only an absurd configuration (gigabytes of hosts) makes no automaton; then nothing may be left out.
        let Some(automaton) = &self.automaton else { return GateHits::API };
        let mut hits = GateHits::default();
        for found in automaton.find_overlapping_iter(bytes) {
            let number = found.pattern().as_usize();
            let seen = match LITERALS.get(number).map(|(_, check)| *check) {
                None if number < LITERALS.len() + self.schedules => GateHits::SCHEDULE,
                None => GateHits::API,
                Some(Check::Plain(seen)) => seen,
                Some(Check::Key) if is_key(bytes, found.start(), found.end(), code) => GateHits::KEY,
                Some(Check::Scheme) if is_basic(bytes, found.end()) => GateHits::BASIC,
                Some(Check::Url) if has_userinfo(bytes, found.end()) => GateHits::USERINFO,
                Some(Check::Product) if !is_namesake(bytes, found.end()) => GateHits::API,
                Some(_) => continue,
            };
            hits = hits.with(seen);
            if hits.any(GateHits::API) && hits.any(GateHits::CLIENT) {
                // Nothing seen later changes what is done with the file.
                break;
            }
        }
        hits
    }
}

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// `task_…` and `disk_…` are no keys: the prefix starts a word, in its lower-case spelling.
fn is_key(bytes: &[u8], start: usize, end: usize, code: bool) -> bool {
    let before = start.checked_sub(1).and_then(|index| bytes.get(index));
    let starts_word = before.is_none_or(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
    let rest = bytes.get(end..).unwrap_or_default();
    let length = rest.iter().take_while(|byte| is_key_byte(**byte)).count();
    let lower = bytes.get(start).is_some_and(u8::is_ascii_lowercase);
    // A digit, a capital or sheer length: identifiers such as `sk_buff_list` have none of them.
    let rest = rest.get(..length).unwrap_or_default();
    let digit = rest.iter().any(u8::is_ascii_digit);
    let after = bytes.get(end + rest.len());
    let value = |byte: Option<&u8>| byte.is_some_and(|byte| b"\"'`=:/@".contains(byte));
    let called = after == Some(&b'(');
    starts_word
        && lower
        && !called
        && (!code || value(before) || value(after))
        && length >= KEY_LENGTH
        && (digit || rest.iter().any(u8::is_ascii_uppercase) || length >= 16)
}

/// Cerbos is another product: `cerbos` and `CerbosClient`, but not `cerboSync`, `cerbosync` or `CERBO_SECRET`.
fn is_namesake(bytes: &[u8], end: usize) -> bool {
    let next = bytes.get(end + 1).copied().unwrap_or(b' ');
    match bytes.get(end) {
        Some(b's') => !next.is_ascii_lowercase(),
        Some(b'S') => !next.is_ascii_alphabetic(),
        _ => false,
    }
}

/// What follows is long enough, and it is no word: base64 has capitals or digits where words have none.
fn is_basic(bytes: &[u8], end: usize) -> bool {
    let rest = bytes.get(end..).unwrap_or_default();
    let encoded = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=');
    let rest: &[u8] = rest.get(..rest.iter().take_while(encoded).count()).unwrap_or_default();
    let mixed = rest.iter().skip(1).any(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    rest.len() >= BASIC_LENGTH && mixed
}

/// An `@` before the host ends, with a `:` before it; or a format string's hole there.
fn has_userinfo(bytes: &[u8], end: usize) -> bool {
    let rest = bytes.get(end..).unwrap_or_default();
    let mut colon = false;
    for byte in rest.iter().take(USERINFO_LENGTH) {
        match byte {
            b'@' => return colon,
            b':' => colon = true,
            b'/' | b'?' | b'#' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' => return false,
            byte if byte.is_ascii_whitespace() => return false,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(text: &str) -> GateHits {
        Gate::new(&["ehr.example.org".to_owned()]).matters(text.as_bytes(), false)
    }

    #[test]
    fn api_words_matter_in_any_case() {
        for text in ["CERBO_BASE_URL", "https://x.md-hq.com/api", "MdHq", "https://EHR.example.org/"] {
            assert!(hits(text).any(GateHits::API), "{text}");
        }
        for text in ["cerboSync", "https://cerbosync.example.org", "CERBO_SECRET", "CERBOSYNC_URL", "a cerbos", "Cerbo"]
        {
            assert_eq!(hits(text).any(GateHits::API), text != "a cerbos", "{text}");
        }
        for text in ["Cerberus and a soccer board, in reqwest", "@cerbos/grpc", "CerbosClient", "CERBOS_HOST"] {
            assert!(!hits(text).matters_alone(), "{text}");
        }
    }

    #[test]
    fn keys_start_a_word_and_are_long() {
        assert!(hits("\"pk_clinic_1a2b3c\"").any(GateHits::KEY));
        assert!(hits("x=sk_abcdefghijklmnop").any(GateHits::KEY));
        for text in ["task_1234567890", "pk_1", "sk_buff_list", "RISK_1234567890", "primary_pk_123456789"] {
            assert!(!hits(text).any(GateHits::KEY), "{text}");
        }
    }

    #[test]
    fn identifiers_of_code_are_no_keys() {
        let in_code = |text: &str| Gate::new(&[]).matters(text.as_bytes(), true).any(GateHits::KEY);
        for text in
            ["let key = \"sk_live1234567\";", "`pk_a1b2c3d4:sk_e5f6g7h8i9`", "curl -u pk_a1b2c3d4e5:sk_f6g7h8i9j0"]
        {
            assert!(in_code(text), "{text}");
        }
        for text in ["pub fn sk_X509_new_null() -> i32", "typedef sk_X509_cmp_func", "x = sk_X509_pop(y)"] {
            assert!(!in_code(text), "{text}");
        }
    }

    #[test]
    fn userinfo_stands_before_the_host() {
        assert!(hits("https://user:pw@host/").any(GateHits::USERINFO));
        assert!(hits("format!(\"https://{}:{}@{}\")").any(GateHits::USERINFO));
        for text in ["https://host:80/@scope/a", "https://user@host", "https://host a:b@c", "\"https://\" x:y@z"] {
            assert!(!hits(text).any(GateHits::USERINFO), "{text}");
        }
    }

    #[test]
    fn basic_needs_its_value() {
        assert!(hits("Authorization: Basic dXNlcjpzZWNyZXQ=").any(GateHits::BASIC));
        for text in ["basic knowledge of things", "basic functionality: insert", "Basic Instructions"] {
            assert!(!hits(text).any(GateHits::BASIC), "{text}");
        }
    }

    #[test]
    fn literals_that_overlap_are_both_seen() {
        let gate = Gate::new(&["api.cerbo.example".to_owned()]);
        assert!(gate.matters(b"https://a:b@api.cerbo.example", true).any(GateHits::API));
        assert!(gate.matters(b"https://a:b@api.other.example", true).any(GateHits::USERINFO));
    }
}
