//! How names and values are judged: the product's word, credential names, key shapes, placeholders.

use std::sync::OnceLock;

/// Splits an identifier into lower-case words at case changes, digits' ends and punctuation.
pub fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words = Vec::new();
    let mut word = String::new();
    for (index, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            continue;
        }
        let previous = index.checked_sub(1).and_then(|i| chars.get(i)).copied();
        let next = chars.get(index + 1).copied();
        let starts = c.is_uppercase()
            && previous.is_some_and(|p| {
                p.is_lowercase() || p.is_numeric() || (p.is_uppercase() && next.is_some_and(char::is_lowercase))
            });
        if starts && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        word.extend(c.to_lowercase());
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether a name carries the product's word as a whole word: `cerbo`, `mdhq`, or `md` followed by `hq`.
/// `DiCerbo`, a family name, is not it.
pub fn names_product(name: &str) -> bool {
    if !contains_ignore_case(name, "cerbo") && !contains_ignore_case(name, "md") {
        return false;
    }
    let words = words(name);
    // `victron_cerbo_token` says itself whose it is.
    if words.iter().any(|word| matches!(word.as_str(), "victron" | "victronenergy" | "vrm" | "venusos")) {
        return false;
    }
    words.iter().enumerate().any(|(index, word)| {
        let next = words.get(index + 1).map(String::as_str);
        let previous = index.checked_sub(1).and_then(|i| words.get(i)).map(String::as_str);
        match word.as_str() {
            // "Cerbo GX" is another product; "Di Cerbo" is a person.
            "cerbo" => next != Some("gx") && previous != Some("di"),
            "mdhq" => true,
            "md" => next == Some("hq"),
            _ => false,
        }
    })
}

fn contains_ignore_case(text: &str, word: &str) -> bool {
    text.as_bytes().windows(word.len()).any(|window| window.eq_ignore_ascii_case(word.as_bytes()))
}

/// What a name says its value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialName {
    /// A user name.
    User,
    /// A password, key, token or ready-made header.
    Secret,
}

/// The lists of `rules/words.toml`.
#[derive(Debug, serde::Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Lists {
    secret: Vec<String>,
    secret_maybe: Vec<String>,
    user: Vec<String>,
    about: Vec<String>,
    digest: Vec<String>,
    encryption: Vec<String>,
    encryption_of_others: Vec<String>,
    generic: Vec<String>,
    other_product: Vec<String>,
    message_hosts: Vec<String>,
    change: Vec<String>,
    moment_of_change: Vec<String>,
    counts: Vec<String>,
    envelope: Vec<String>,
    name_keys: Vec<String>,
    value_keys: Vec<String>,
    log_files: Vec<String>,
    credential_files: Vec<String>,
    example_files: Vec<String>,
    placeholders: Vec<String>,
    references: Vec<String>,
}

/// The lists, ready to be asked. An unreadable file would be a build fault; the test below reads it.
fn lists() -> &'static Lists {
    static LISTS: OnceLock<Lists> = OnceLock::new();
    LISTS.get_or_init(|| serde_json::from_str(super::bundled::WORDS).unwrap_or_default())
}

fn whole_values(expressions: &[String]) -> Option<regex::RegexSet> {
    let whole = expressions.iter().map(|expression| format!("^(?:{expression})$"));
    regex::RegexSetBuilder::new(whole).case_insensitive(true).dot_matches_new_line(true).build().ok()
}

fn holds(list: &[String], word: &str) -> bool {
    list.iter().any(|known| known == word)
}

/// Whether an address belongs to a service by which people get mails, tickets or messages.
pub fn delivers_messages(host: &str, path: &str) -> bool {
    let host = host.to_ascii_lowercase();
    lists().message_hosts.iter().any(|entry| {
        let (end, word) = entry.split_once(' ').unwrap_or((entry, ""));
        let of_service =
            host.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with(['.', '\0']));
        of_service && path.contains(word)
    })
}

/// Whether a name says that its value is a credential.
pub fn credential_name(name: &str) -> Option<CredentialName> {
    // `password2` and `SECRET_2` are a password and a secret.
    let mut words = words(name);
    words.iter_mut().for_each(|word| word.truncate(word.trim_end_matches(|c: char| c.is_ascii_digit()).len()));
    words.retain(|word| !word.is_empty());
    let has = |word: &str| words.iter().any(|w| w == word);
    let last = words.last().map_or("", String::as_str);
    // A name of something about the credential: its file, its variable, its length.
    // `checksum/cerbo-secret` is told whenever the secret changes.
    if words.first().is_some_and(|first| holds(&lists().digest, first)) {
        return None;
    }
    let names_user = last == "name" && has("user");
    let names_key = last == "id" && (has("key") || has("client"));
    if holds(&lists().about, last) && !names_user && !names_key {
        return if last == "header" && has("auth") { Some(CredentialName::Secret) } else { None };
    }
    let secret = |word: &String| holds(&lists().secret, word) || holds(&lists().secret_maybe, word);
    if !names_user && !names_key && words.iter().any(secret) && !has("public") && !has("publishable") {
        return Some(CredentialName::Secret);
    }
    (names_key || words.iter().any(|word| holds(&lists().user, word))).then_some(CredentialName::User)
}

/// Whether a path is that of a file that is there for the product's credential: its name or that of its folder holds the
/// product's word, and its name or ending is one of files with credentials.
pub fn is_credential_path(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or("");
    let stem = name.trim_start_matches('.');
    let (first, ending) = stem.rsplit_once('.').unwrap_or((stem, ""));
    let said = words(name);
    let example = said.iter().any(|word| holds(&lists().example_files, word));
    let kept = |word: &str| holds(&lists().credential_files, &word.to_ascii_lowercase());
    let named = kept(ending) || kept(first) || kept(stem) || credential_name(first).is_some();
    let of_product = path.rsplit('/').take(2).any(names_product);
    named && of_product && !example && !matches!(ending, "pub" | "md" | "sh")
}

/// Whether a path is that of a log: by its ending, or by a folder it lies in.
pub fn is_log_path(path: &str) -> bool {
    let mut parts = path.split('/').rev();
    let name = parts.next().unwrap_or("");
    let ending = name.rsplit_once('.').is_some_and(|(_, ending)| holds(&lists().log_files, ending));
    ending || parts.any(|folder| holds(&lists().log_files, folder))
}

/// Whether a name says that it holds the path of a log.
pub fn names_log(name: &str) -> bool {
    words(name).iter().any(|word| holds(&lists().log_files, word))
}

/// Whether a name says that its value is encrypted.
pub fn names_encryption(name: &str) -> bool {
    words(name).iter().any(|word| holds(&lists().encryption, word))
}

/// Whether a comment says that what stands below it encrypts.
pub fn says_encryption(comment: &str) -> bool {
    let words = words(comment);
    let encrypts = |word: &String| holds(&lists().encryption, word) || word.starts_with("encrypt");
    words.iter().any(encrypts) && !words.iter().any(|word| holds(&lists().encryption_of_others, word))
}

/// Whether a name says by itself that its value is secret (`password`), not only that it may be (`key`).
pub fn names_secret(name: &str) -> bool {
    credential_name(name) == Some(CredentialName::Secret) && words(name).iter().any(|word| holds(&lists().secret, word))
}

/// The words of a name that say whose credential it is: without the product's word, credential words and words that say
/// nothing.
pub fn owner_words(name: &str) -> Vec<String> {
    let lists = lists();
    let telling = |word: &String| {
        ![&lists.secret, &lists.secret_maybe, &lists.user, &lists.generic, &lists.about]
            .iter()
            .any(|list| holds(list, word))
            && !matches!(word.as_str(), "cerbo" | "mdhq" | "md" | "hq")
            && !word.bytes().all(|b| b.is_ascii_digit())
            && credential_name(word).is_none()
    };
    words(name).into_iter().filter(telling).collect()
}

/// Whether a name says whether something changes.
pub fn says_change(name: &str) -> bool {
    words(name).iter().any(|word| holds(&lists().change, word))
}

/// Whether a name is that of the moment at which something was last changed or sent.
pub fn is_moment_of_change(name: &str) -> bool {
    let words = words(name);
    let any = |list: &[String]| words.iter().any(|word| holds(list, word));
    any(&lists().moment_of_change) && !any(&lists().counts)
}

/// Whether a field of a reply is none of the records' own.
pub fn is_envelope(name: &str) -> bool {
    holds(&lists().envelope, name)
}

/// Whether a word near the product's word makes it another product (an energy system, an authorization service).
pub fn is_other_product(word: &str) -> bool {
    holds(&lists().other_product, word)
}

/// Whether a key of an object holds the name of a setting whose value stands beside it.
pub fn is_name_key(key: &str) -> bool {
    lists().name_keys.iter().any(|known| key.eq_ignore_ascii_case(known))
}

/// Whether a key of an object holds the value of a setting whose name stands beside or above it.
pub fn is_value_key(key: &str) -> bool {
    lists().value_keys.iter().any(|known| key.eq_ignore_ascii_case(known))
}

/// Whether the whole value says where a credential is kept, or is one that is encrypted or hashed.
pub fn is_reference(value: &str) -> bool {
    static WHOLE: OnceLock<Option<regex::RegexSet>> = OnceLock::new();
    let value = value.trim();
    WHOLE.get_or_init(|| whole_values(&lists().references)).as_ref().is_some_and(|set| set.is_match(value))
}

/// Whether a value is made of words that name things (`cerbo-api-credentials`) and so is a name itself.
pub fn is_name(value: &str) -> bool {
    let lists = lists();
    let known = |word: &String| {
        [&lists.secret, &lists.secret_maybe, &lists.user, &lists.generic, &lists.about]
            .iter()
            .any(|list| holds(list, word))
            || matches!(word.as_str(), "cerbo" | "mdhq" | "md" | "hq")
    };
    let mut words = words(value);
    // `api-secret-2` and `cerboPassword1` are the second and the first of their name.
    let several = words.len() > 1;
    let numbered = |word: &String| word.len() == 1 && word.bytes().all(|b| b.is_ascii_digit());
    if let Some(last) = words.last_mut().filter(|_| several) {
        let digits = last.len() - last.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        if digits == 1 && last.len() > 1 {
            last.truncate(last.len() - digits);
        }
    }
    if several && words.last().is_some_and(numbered) {
        words.pop();
    }
    !words.is_empty() && words.iter().all(known)
}

/// Whether a value looks like a secret rather than a word: it mixes letters with digits or signs, or changes case inside.
pub fn looks_random(value: &str) -> bool {
    let has = |test: fn(char) -> bool| value.chars().any(test);
    let letters = has(char::is_alphabetic);
    let digits = has(|c| c.is_ascii_digit());
    let signs = has(|c| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.' | ' ' | '/' | ':'));
    let upper = value.chars().skip(1).any(char::is_uppercase) && has(char::is_lowercase);
    value.len() >= 6
        && !value.contains(char::is_whitespace)
        && ((letters && (digits || signs)) || (upper && value.len() >= 10))
}

/// The shape of a value by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// `pk_…`: an API user name.
    User,
    /// `sk_…`: an API secret.
    Secret,
    /// `Basic …` with a decodable pair.
    BasicHeader,
    /// Base64 of `user:secret`.
    EncodedPair,
}

/// Judges a value by its shape. Other vendors' `sk_live_`, `sk_test_`, `pk_live_`, `pk_test_` keys are not the API's.
pub fn shape(value: &str) -> Option<Shape> {
    let value = value.trim();
    if value.len() > 512 {
        return None;
    }
    let foreign = ["live_", "test_", "prod_", "proj-", "ant-"];
    let key = |prefix: &str, min: usize| {
        value.strip_prefix(prefix).is_some_and(|rest| {
            rest.len() >= min
                && rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
                && !foreign.iter().any(|f| rest.starts_with(f))
        })
    };
    if key("pk_", 2) {
        return Some(Shape::User);
    }
    if key("sk_", 12) {
        return Some(Shape::Secret);
    }
    if let Some(rest) = value.strip_prefix("Basic ").or_else(|| value.strip_prefix("basic ")) {
        return decode_pair(rest.trim()).map(|_| Shape::BasicHeader);
    }
    decode_pair(value).map(|_| Shape::EncodedPair)
}

/// The `user:secret` pair that a base64 text holds, when both halves are printable and there is one colon at least.
pub fn decode_pair(text: &str) -> Option<(String, String)> {
    use base64::Engine as _;
    if text.len() < 8
        || !text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'='))
    {
        return None;
    }
    let trimmed = text.trim_end_matches('=');
    let bytes = base64::engine::general_purpose::STANDARD_NO_PAD
        .decode(trimmed)
        .or_else(|_| base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(trimmed))
        .ok()?;
    let decoded = String::from_utf8(bytes).ok()?;
    let (user, secret) = decoded.trim_end().split_once(':')?;
    let printable = |s: &str| s.chars().all(|c| c.is_ascii_graphic());
    (user.len() >= 2 && secret.len() >= 4 && printable(user) && printable(secret))
        .then(|| (user.to_owned(), secret.to_owned()))
}

/// Whether the whole value is a stand-in rather than a credential. `extra` are the configuration's own placeholders.
pub fn is_placeholder(value: &str, extra: &[String]) -> bool {
    static WHOLE: OnceLock<Option<regex::RegexSet>> = OnceLock::new();
    let value = value.trim();
    if value.len() < 3 || extra.iter().any(|p| p == value) {
        return true;
    }
    let set = WHOLE.get_or_init(|| whole_values(&lists().placeholders)).as_ref();
    let body = ["pk_", "sk_", "pk-", "sk-", "PK_", "SK_"]
        .iter()
        .find_map(|prefix| value.strip_prefix(prefix))
        .unwrap_or(value);
    let body = ["live_", "test_", "prod_"].iter().find_map(|prefix| body.strip_prefix(prefix)).unwrap_or(body);
    if set.is_some_and(|set| set.is_match(value) || set.is_match(body)) || is_reference(value) {
        return true;
    }
    let mut chars = body.chars();
    let first = chars.next();
    if chars.all(|c| Some(c) == first) {
        return true;
    }
    // The name of a variable: CERBO_API_SECRET.
    value.len() > 3
        && value.contains('_')
        && value.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        && value.chars().filter(char::is_ascii_digit).count() * 4 < value.len()
}

/// Splits `scheme://user:secret@host` found anywhere in `text`: byte ranges of the user, the secret and the host.
pub fn userinfo(text: &str) -> Option<(std::ops::Range<usize>, std::ops::Range<usize>, std::ops::Range<usize>)> {
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("://")) {
        let start = from + at + 3;
        let rest = text.get(start..)?;
        let end = rest
            .find(|c: char| {
                c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '<' | '>' | '`' | ')' | '|')
            })
            .unwrap_or(rest.len());
        let authority = rest.get(..end).unwrap_or("");
        if let Some((info, host)) = authority.rsplit_once('@')
            && let Some((user, secret)) = info.split_once(':')
            && !secret.is_empty()
            && host.chars().next().is_some_and(|c| c.is_alphanumeric() || matches!(c, '[' | '{' | '$' | '%'))
        {
            let secret_start = start + user.len() + 1;
            let host_start = start + info.len() + 1;
            return Some((
                start..start + user.len(),
                secret_start..secret_start + secret.len(),
                host_start..host_start + host.len(),
            ));
        }
        from = start;
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn identifiers_split_into_words() {
        assert_eq!(words("CERBO_API_KEY"), ["cerbo", "api", "key"]);
        assert_eq!(words("cerboApiKey"), ["cerbo", "api", "key"]);
        assert_eq!(words("HTTPClient"), ["http", "client"]);
        assert_eq!(words("cerbo-lint"), ["cerbo", "lint"]);
    }

    #[test]
    fn the_product_is_a_whole_word() {
        for name in ["CERBO_URL", "cerboClient", "CerboApi", "MDHQ_BASE", "md_hq_base", "cerbo"] {
            assert!(names_product(name), "{name}");
        }
        for name in
            ["Cerbos", "cerberus", "soccerBoard", "DiCerbo", "cerbo_gx", "CerboGX", "md_file", "victron_cerbo_token"]
        {
            assert!(!names_product(name), "{name}");
        }
    }

    #[test]
    fn names_may_be_counted() {
        for value in ["cerbo-api-credentials", "api-secret-2", "cerboPassword1", "secretKey"] {
            assert!(is_name(value), "{value}");
        }
        for value in ["api-secret-24", "Gl4ss-0rchid-8", "cerbo7", "2"] {
            assert!(!is_name(value), "{value}");
        }
    }

    #[test]
    fn placeholders_are_whole_values() {
        for value in [
            "",
            "your_secret_here",
            "<secret>",
            "${SECRET}",
            "xxxxxxxx",
            "changeme",
            "CERBO_API_SECRET",
            "sk_xxxxxxxxxxxxxxxx",
            "aaaaaaaa",
        ] {
            assert!(is_placeholder(value, &[]), "{value}");
        }
        for value in ["sk_9f8a7d6c5b4e3f2a1b0c", "exampleclinic-9Fq2", "Tr0ub4dor-changeme-77", "pk_lakeside"] {
            assert!(!is_placeholder(value, &[]), "{value}");
        }
    }

    #[test]
    fn other_vendors_keys_have_another_shape() {
        assert_eq!(shape("sk_live_51H8xJ2eZvKYlo2C"), None);
        assert_eq!(shape("sk_9f8a7d6c5b4e3f2a1b0c"), Some(Shape::Secret));
        assert_eq!(shape("pk_lakeside"), Some(Shape::User));
        assert_eq!(shape("Basic cGtfbGFrZXNpZGU6c2tfOWY4YTdkNmM1YjRl"), Some(Shape::BasicHeader));
    }

    #[test]
    fn userinfo_needs_a_secret_and_a_host() {
        assert!(userinfo("https://pk_a:sk_b@x.md-hq.com/api").is_some());
        for text in ["git@github.com:a/b", "https://user@host/", "http://host:8080/@scope/x", "https://a/b:c@d"] {
            assert!(userinfo(text).is_none(), "{text}");
        }
    }
}
