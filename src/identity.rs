//! What makes a finding the same finding tomorrow, without its line, its layout or the secret in it.
//!
//! The *context* is made of the words under the finding and the one word they belong to (the key of a value, the function
//! of an argument), every secret in them replaced. White space, quotes, brackets and commas do not count, so that neither a
//! formatter nor code that moves changes it.
//!
//! The *check value* tells a new secret in an old place from the old one. A hash of a secret that is long enough to tell
//! all secrets apart lets anybody who has it try guesses until one fits, however slow or salted the hash is, because the
//! salt has to stand beside it. So this one is too short to find a secret by: of all guesses, one in 4096 fits. It gives
//! away 12 bits of a secret, the same 12 wherever the secret stands (there is no salt, so that several reports together
//! give no more than one), and it misses one new secret in 4096.

use crate::source::{MASK, SourceFile, Sources};
use crate::span::Span;
use siphasher::sip::SipHasher24;
use std::collections::BTreeSet;
use std::hash::Hasher as _;

/// Words of a context; what follows does not count, so that an edit far inside a large expression changes nothing.
const MAX_WORDS: usize = 32;
/// What a finding covers is looked at up to this many bytes.
const MAX_BYTES: usize = 4096;
/// What the context keeps of its hash: enough to tell the findings of a rule in one file apart.
const CONTEXT_BITS: u64 = 0xffff_ffff;
/// What the check value keeps of a hash.
const CHECK_BITS: u64 = 0xfff;
/// Between a word and what belongs to it.
const JOINTS: &str = "=:([,.&*>-!";
/// Words that what follows does not belong to.
const STATEMENTS: &[&str] = &["await", "case", "default", "do", "else", "export", "return", "throw", "yield"];
/// What a line of a comment begins with.
const COMMENTS: &[&str] = &["//", "#", "*", "/*", "--", "<!--", ";"];

/// The identity of what is under a span: eight hexadecimal digits for the context, and behind a point three for the secrets
/// there and at `others`, when there are any.
pub fn identity(sources: &Sources, primary: Span, others: &[Span]) -> String {
    let Some(file) = sources.get(primary.file) else { return hash(&[]) };
    let masked = file.redacted();
    let masked = masked.as_str();
    let range = within(masked, primary);
    let mut words = Vec::new();
    words.extend(masked.get(..range.start).and_then(joined_word));
    words.extend(self::words(masked.get(range).unwrap_or("")).take(MAX_WORDS));
    let parts: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
    let mut seen = BTreeSet::new();
    if !secrets_under(file, primary, &mut seen) {
        return hash(&parts);
    }
    for other in others {
        if let Some(file) = sources.get(other.file) {
            secrets_under(file, *other, &mut seen);
        }
    }
    let secrets: Vec<&[u8]> = seen.iter().map(|secret| secret.as_bytes()).collect();
    format!("{}.{:03x}", hash(&parts), sip(&secrets) & CHECK_BITS)
}

/// A number for a text that is the same in every version and on every machine.
pub fn number(text: &str) -> u64 {
    sip(&[text.as_bytes()])
}

/// The identity without what tells secrets apart.
pub fn context(identity: &str) -> &str {
    identity.split('.').next().unwrap_or(identity)
}

/// Whether an identity tells secrets apart.
pub fn has_secret(identity: &str) -> bool {
    identity.contains('.')
}

/// Adds the secrets under a span; tells whether there are any.
fn secrets_under(file: &SourceFile, span: Span, seen: &mut BTreeSet<String>) -> bool {
    let masked = file.redacted();
    let range = within(masked.as_str(), span);
    let (masked, raw) = (masked.as_str().as_bytes(), file.text().as_bytes());
    let before = seen.len();
    let mut any = false;
    let mut secret: Vec<u8> = Vec::new();
    for at in range.start..=range.end {
        let pair = (at < range.end).then(|| Some((*raw.get(at)?, *masked.get(at)?))).flatten();
        match pair {
            Some((raw, masked)) if masked == MASK as u8 && (raw != masked || !secret.is_empty()) => secret.push(raw),
            _ if !secret.is_empty() => {
                any = true;
                seen.insert(String::from_utf8_lossy(&secret).into_owned());
                secret.clear();
            }
            _ => {}
        }
    }
    any || seen.len() > before
}

/// The bytes of a span that are in the text, from one letter's start to another's.
fn within(text: &str, span: Span) -> std::ops::Range<usize> {
    let inside = |offset: usize| {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    let start = inside(span.start as usize);
    let end = (span.end as usize).min(start.saturating_add(MAX_BYTES));
    start..inside(end).max(start)
}

/// The words of a masked text; a secret, however long, is one word.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !is_word(letter)).filter(|word| !word.is_empty()).map(short)
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == MASK
}

/// A word, or one mark for one with a secret in it: the mask is as long as the secret.
fn short(word: &str) -> &str {
    if word.contains("**") { "*" } else { word }
}

/// The last word of a text, when what follows is joined to it: `key = `, `call(`, but neither the end of a statement nor a
/// comment before.
fn joined_word(text: &str) -> Option<&str> {
    let tail_start = text.char_indices().rev().nth(MAX_BYTES / 16).map_or(0, |(at, _)| at);
    let tail = text.get(tail_start..)?;
    let bare = tail.trim_end_matches(|letter: char| !is_word(letter));
    let between = tail.get(bare.len()..)?;
    let joined = |letter: char| letter.is_whitespace() || "\"'`".contains(letter) || JOINTS.contains(letter);
    if !between.chars().all(joined) || !between.chars().any(|letter| JOINTS.contains(letter)) {
        return None;
    }
    if let Some((on_its_line, _)) = between.split_once(['\n', '\r']) {
        let line = bare.rsplit(['\n', '\r']).next().unwrap_or(bare).trim_start();
        if on_its_line.contains('.') || COMMENTS.iter().any(|mark| line.starts_with(mark)) {
            return None;
        }
    }
    // `return (` is what formatters make of `return`.
    words(bare).last().filter(|word| !STATEMENTS.contains(word))
}

fn hash(parts: &[&[u8]]) -> String {
    format!("{:08x}", sip(parts) & CONTEXT_BITS)
}

fn sip(parts: &[&[u8]]) -> u64 {
    let mut hasher = SipHasher24::new();
    for part in parts {
        hasher.write(part);
        hasher.write(&[0]);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The identity of the part of a text between `«` and `»`.
    fn of(text: &str) -> String {
        let start = text.find('«').unwrap_or(0);
        let bare = text.replace('«', "");
        let end = bare.find('»').unwrap_or(bare.len());
        let mut sources = Sources::default();
        let file = sources.add(SourceFile::new("a.rs", bare.replace('»', "").as_bytes()));
        identity(&sources, Span::new(file, start, end), &[])
    }

    #[test]
    fn layout_and_quotes_do_not_count() {
        let one = of("client.get(url).basic_auth(user, Some(«\"sk_9920fe1c7a63\"»)).send();");
        assert_eq!(
            one,
            of(
                "client\n    .get(url)\n    .basic_auth(\n        user,\n        Some(\n    «'sk_9920fe1c7a63'»,)\n    )"
            )
        );
        assert_eq!(of("«fetch(url, { method: 'PATCH' })»"), of("«fetch(\n  url,\n  {method: \"PATCH\",},\n)»"));
        assert_eq!(of("let x = 1;\n«send(a)»"), of("other();\n«send(a)»"));
        assert_eq!(of("// It sends.\n«send(a)»"), of("# Only this:\n«send(a)»"));
        assert_eq!(of("return «send(a)»"), of("return (\n  «send(a)»\n)"));
        assert_eq!(of("client\n  .«send(a)»"), of("client.«send(a)»"));
    }

    #[test]
    fn another_secret_and_another_key_are_another_finding() {
        let one = of("CERBO_SECRET=«sk_9920fe1c7a63»");
        let rotated = of("CERBO_SECRET=«sk_4410ab90cdef77aa»");
        assert_ne!(one, rotated);
        assert_eq!(context(&one), context(&rotated));
        assert_ne!(context(&one), context(&of("CERBO_OTHER=«sk_9920fe1c7a63»")));
        assert!(has_secret(&one) && !has_secret(&of("«send(a)»")));
        // Twelve bits of the secret and no more.
        assert_eq!(one.split('.').next_back().map(str::len), Some(3));
    }

    #[test]
    fn spans_beyond_the_text_and_no_text_do_no_harm() {
        let mut sources = Sources::default();
        let file = sources.add(SourceFile::new("a", "é".as_bytes()));
        for (start, end) in [(0, 900), (1, 1), (1, 2), (900, 901)] {
            assert_eq!(identity(&sources, Span::new(file, start, end), &[]).len(), 8);
        }
        assert_eq!(identity(&sources, Span::new(crate::span::FileId(9), 0, 1), &[]).len(), 8);
    }
}
