//! Credentials of the API that are written down under a name or by themselves: in configuration, in text, and in code
//! where no call was seen to use them.

use crate::config::Config;
use crate::finding::{Confidence, Step};
use crate::knowledge::api::api;
use crate::knowledge::words::{
    CredentialName, Shape, credential_name, decode_pair, is_name, is_placeholder, looks_random, names_product,
    names_secret, owner_words, shape, userinfo,
};
use crate::project::kind::FileKind;
use crate::settings::{FileFacts, Form, Setting, Settings};
use crate::span::Span;
use std::collections::{HashMap, HashSet};

/// Credentials of one file that are told: one of them says what is wrong with it.
const MAX_WRITTEN: usize = 200;
/// Settings of one file that are asked for its address.
const MAX_LOOKED_AT: usize = 2_000;

/// What a written credential is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The secret itself, or `user:secret`.
    Secret,
    /// A ready-made header or an encoded pair.
    Encoded,
    /// In the user part of an address of the API.
    Userinfo,
}

/// A credential written down.
#[derive(Clone, Debug)]
pub(super) struct Written {
    /// What it is.
    pub what: What,
    /// Where the secret stands.
    pub span: Span,
    /// Where its user stands, when it stands beside it.
    pub user: Option<Span>,
    /// How sure it is that it belongs to the API.
    pub confidence: Confidence,
    /// Where an API call takes the variable that holds it, when the code shows that.
    pub used: Option<Step>,
    /// The dotted key under which it stands.
    pub key: String,
    /// It stands in a comment.
    pub commented: bool,
    /// It stands in material that is handed around.
    pub support: bool,
    /// It is what a look-up falls back to.
    pub default: bool,
}

/// What the judgement of one project's settings needs to know.
pub(super) struct Judge<'a> {
    pub settings: &'a Settings,
    pub config: &'a Config,
    /// Variables that an API call takes its secret from, and where.
    pub proven: &'a HashMap<String, Span>,
    /// The same for keys of files of settings, as [`crate::settings::key_of_setting`] writes them.
    pub keys: &'a HashMap<String, Span>,
    /// The project as a whole deals with the API: some file names it.
    pub project: bool,
}

/// The credentials among the settings. `known` are places reported already.
pub(super) fn written(judge: &Judge<'_>, known: &[Span]) -> Vec<Written> {
    let mut found: Vec<Written> = Vec::new();
    let mut taken: HashSet<Span> = HashSet::new();
    let mut counts: HashMap<u32, usize> = HashMap::new();
    for setting in &judge.settings.all {
        if counts.get(&setting.span.file.0).is_some_and(|count| *count >= MAX_WRITTEN) {
            continue;
        }
        let Some(file) = judge.settings.file(setting.span) else { continue };
        if known.iter().any(|span| overlaps(*span, setting.span)) {
            continue;
        }
        let Some(written) = judge.one(setting, file) else { continue };
        // A value that is part of a longer one was judged with it; anchors repeat a place.
        if found.iter().rev().take(64).any(|other| overlaps(other.span, written.span)) || !taken.insert(written.span) {
            continue;
        }
        *counts.entry(written.span.file.0).or_default() += 1;
        found.push(written);
    }
    found
}

fn overlaps(one: Span, other: Span) -> bool {
    one.file == other.file && one.start < other.end && other.start < one.end
}

/// A part of a setting's value, where the file holds the value as it is; else the whole.
pub(super) fn part(setting: &Setting, range: std::ops::Range<usize>) -> Span {
    let Span { file, start, end } = setting.span;
    let length = (end - start) as usize;
    // Literals of code stand with their quotes.
    let quotes = match length.checked_sub(setting.value.len()) {
        Some(0) => 0,
        Some(2) => 1,
        _ => return setting.span,
    };
    if setting.encoded {
        return setting.span;
    }
    Span::new(file, start as usize + quotes + range.start, start as usize + quotes + range.end)
}

impl Judge<'_> {
    fn one(&self, setting: &Setting, file: &FileFacts) -> Option<Written> {
        let value = setting.value.trim();
        if value.len() < 4 || value.len() > 4096 {
            return None;
        }
        let written = |what, span, user, confidence| Written {
            what,
            span,
            user,
            confidence,
            used: None,
            key: setting.key_path(),
            commented: setting.commented,
            support: self.is_support(setting, file),
            default: setting.form == Form::Default,
        };
        if let Some((_, secret, host)) = userinfo(&setting.value) {
            let (text, host) = (setting.value.get(secret.clone())?, setting.value.get(host)?);
            let real = self.is_api_host(setting, host) && !self.is_stand_in(text);
            return real.then(|| written(What::Userinfo, part(setting, secret), None, Confidence::High));
        }
        if value.contains("://") || self.is_silent(setting, file) {
            return None;
        }
        if let Some(secret) = plain_pair(&setting.value) {
            let text = setting.value.get(secret.clone())?;
            let ours =
                file.evidence.host || file.evidence.product || file.named || self.is_ours(setting, file).is_some();
            return (ours && !self.is_stand_in(text))
                .then(|| written(What::Secret, part(setting, secret), None, Confidence::High));
        }
        let named = credential_name(&setting.name);
        match shape(value) {
            Some(shape @ (Shape::BasicHeader | Shape::EncodedPair)) => {
                let encoded = value.get(6..).filter(|_| shape == Shape::BasicHeader).unwrap_or(value);
                let (user, secret) = decode_pair(encoded.trim())?;
                let position = named.is_some() || shape == Shape::BasicHeader;
                let confidence = match user.starts_with("pk_") {
                    true => self.of_shape(setting, file, true)?,
                    false => self.is_ours(setting, file)?,
                };
                (position && !self.is_stand_in(&secret)).then(|| written(What::Encoded, setting.span, None, confidence))
            }
            Some(Shape::Secret) => {
                let user = self.user_of(setting);
                let confidence = self.of_shape(setting, file, user.is_some())?;
                let random = is_key(value) || names_secret(&setting.name) && names_product(&setting.name);
                (random && !self.is_stand_in(value)).then(|| written(What::Secret, setting.span, user, confidence))
            }
            Some(Shape::User) | None => {
                let proven = self.proven_at(setting, file);
                let asked_for = proven.is_some() && file.kind.is_configuration() && named != Some(CredentialName::User);
                if named != Some(CredentialName::Secret) && !asked_for || shape(value) == Some(Shape::User) {
                    return None;
                }
                let confidence = match proven {
                    Some(_) => Confidence::High,
                    None => self.is_ours(setting, file)?,
                };
                let is_secret = self.is_secret_value(setting, file, proven.is_some());
                is_secret.then(|| Written {
                    used: proven
                        .map(|span| Step { span: *span, note: "and an API call takes it from there".to_owned() }),
                    ..written(What::Secret, setting.span, self.user_of(setting), confidence)
                })
            }
        }
    }

    /// The API call that takes its secret from a setting: by the name of a variable, or by the keys of a file.
    fn proven_at(&self, setting: &Setting, file: &FileFacts) -> Option<&Span> {
        if setting.form == Form::Alone {
            return None;
        }
        self.proven.get(&setting.name).or_else(|| {
            let keyed = file.kind.is_configuration() && !setting.commented && !self.keys.is_empty();
            setting.key().filter(|_| keyed).and_then(|key| self.keys.get(&key))
        })
    }

    /// Whether a value stands in material that is handed around. What the cells of a notebook are made of is code; their
    /// results and texts are what people send each other.
    fn is_support(&self, setting: &Setting, file: &FileFacts) -> bool {
        if !file.path.ends_with(".ipynb") {
            return file.kind.is_support_material();
        }
        let of_cell = |other: &&Setting| {
            other.span.contains(setting.span) && other.path.iter().chain([&other.name]).any(|name| name == "source")
        };
        let Some(line) = self.settings.of_file(setting.span).find(of_cell) else { return true };
        self.settings.around(line).any(|other| other.name == "cell_type" && other.value != "code")
    }

    fn is_stand_in(&self, value: &str) -> bool {
        is_placeholder(value, &self.config.placeholders)
    }

    /// Descriptions, translations, and tests that speak to this machine hold no credentials.
    fn is_silent(&self, setting: &Setting, file: &FileFacts) -> bool {
        // A test's code is judged by the calls it makes.
        let double = setting.test && (file.kind.is_code() || !file.evidence.host);
        let local = file.evidence.local && !file.evidence.host && file.kind.is_configuration();
        file.descriptive || double || local && self.names_local_host(setting)
    }

    /// Whether the address written beside a credential, or in the same file under the product's name, is one of this machine.
    fn names_local_host(&self, setting: &Setting) -> bool {
        let local = |other: &Setting| {
            other.value.contains("://")
                && ["localhost", "127.0.0.1", "0.0.0.0", "[::1]", "mock"].iter().any(|host| other.value.contains(host))
                && (names_product(&other.name) || credential_name(&other.name).is_none())
                && owner_words(&other.name).iter().all(|word| owner_words(&setting.name).contains(word))
        };
        self.settings.siblings(setting).any(local)
            || self
                .settings
                .of_file(setting.span)
                .take(MAX_LOOKED_AT)
                .any(|other| names_product(&other.name) && local(other))
    }

    fn is_api_host(&self, setting: &Setting, host: &str) -> bool {
        let bare = host.split([':', '/', '?']).next().unwrap_or("").to_ascii_lowercase();
        api().host_suffixes.iter().any(|suffix| bare.ends_with(suffix.as_str()))
            || self.config.hosts.iter().chain(&self.config.sandbox_hosts).any(|declared| *declared == bare)
            // The host stands in a variable that is named after the product.
            || host.starts_with(['$', '{', '%']) && (names_product(host) || names_product(&setting.name))
    }

    /// How sure it is that a value with the shape of the API's secret is one. `paired`: its user has the API's shape.
    fn of_shape(&self, setting: &Setting, file: &FileFacts, paired: bool) -> Option<Confidence> {
        if let Some(confidence) = self.is_ours(setting, file) {
            return Some(confidence);
        }
        let evident = (file.evidence.product && !file.evidence.other) || file.evidence.host || file.named;
        // A name that says whose key it is, and it is not the API's.
        let foreign = !owner_words(&setting.name).is_empty() && credential_name(&setting.name).is_some();
        match (evident, paired, foreign) {
            (true, true, _) => Some(Confidence::High),
            (true, false, false) => Some(Confidence::High),
            (false, true, false) if self.project => Some(Confidence::Medium),
            _ => None,
        }
    }

    /// Whether a named value is the API's by its names and what stands beside it.
    fn is_ours(&self, setting: &Setting, file: &FileFacts) -> Option<Confidence> {
        if file.evidence.other && !file.evidence.host {
            return None;
        }
        if names_product(&setting.name) {
            return Some(Confidence::High);
        }
        let owners = owner_words(&setting.name);
        let around = setting.path.iter().chain(&setting.titles).any(|name| names_product(name));
        if around && owners.is_empty() {
            return Some(Confidence::High);
        }
        // The address of the API beside it, under names that belong together.
        let address = |other: &Setting| {
            self.holds_api_address(other) && {
                let theirs = owner_words(&other.name);
                owners.iter().all(|word| theirs.contains(word))
                    && (!names_product(&other.name) || self.is_small_group(setting))
            }
        };
        if self.settings.siblings(setting).any(address) {
            return Some(Confidence::High);
        }
        // The same in the objects around it, when nothing in between is about something else.
        let own: Vec<String> =
            setting.path.iter().flat_map(|name| owner_words(name)).chain(owners.iter().cloned()).collect();
        let outer = |other: &Setting| {
            self.holds_api_address(other) && {
                let theirs: Vec<String> =
                    other.path.iter().chain([&other.name]).flat_map(|name| owner_words(name)).collect();
                own.iter().all(|word| theirs.contains(word))
            }
        };
        if self.settings.around(setting).any(outer) {
            return Some(Confidence::High);
        }
        // A user of the API's shape beside it, in a file about the API.
        let evident = file.evidence.host || file.evidence.product;
        if evident && setting.form != Form::Alone && self.user_of(setting).is_some() {
            return Some(Confidence::High);
        }
        (file.named && owners.is_empty() && setting.form != Form::Alone).then_some(Confidence::Medium)
    }

    /// Whether what stands beside it is the description of one service, not a whole application's variables.
    fn is_small_group(&self, setting: &Setting) -> bool {
        const MANY: usize = 8;
        self.settings.siblings(setting).filter(|other| !other.name.is_empty()).count() < MANY
            && self.settings.siblings(setting).all(|other| {
                let theirs = owner_words(&other.name);
                theirs.is_empty() || credential_name(&other.name).is_none()
            })
    }

    fn holds_api_address(&self, setting: &Setting) -> bool {
        let value = setting.value.trim();
        let host = value.split_once("://").map_or(value, |(_, rest)| rest);
        let host = host.split(['/', '?', ':']).next().unwrap_or("");
        !host.contains(char::is_whitespace) && self.is_api_host(setting, host.rsplit('@').next().unwrap_or(""))
    }

    /// The user beside a secret: a value of the API's shape, or one named so.
    fn user_of(&self, setting: &Setting) -> Option<Span> {
        let owners = owner_words(&setting.name);
        let related = |other: &&Setting| {
            other.form != Form::Default && (other.name.is_empty() || owner_words(&other.name) == owners)
        };
        let users: Vec<&Setting> = self.settings.siblings(setting).filter(related).collect();
        let by_shape = users.iter().find(|other| shape(other.value.trim()) == Some(Shape::User));
        by_shape.map(|user| user.span)
    }

    /// Whether a value under a credential's name is a secret and no word, name, number or expression.
    fn is_secret_value(&self, setting: &Setting, file: &FileFacts, proven: bool) -> bool {
        let value = setting.value.trim();
        if self.is_stand_in(value) || is_name(value) || value.contains("${") {
            return false;
        }
        let prose = value.contains(char::is_whitespace);
        let strong = names_secret(&setting.name);
        let variable = setting.name.chars().any(char::is_uppercase) && !setting.name.chars().any(char::is_lowercase);
        let settings_file = matches!(file.kind, FileKind::Dotenv) || file.kind.is_configuration() && variable;
        match setting.form {
            // Bare words of prose and expressions of code.
            Form::Bare => looks_random(value) && !is_expression(value),
            _ if prose => strong && settings_file && looks_random(&value.replace(' ', "_")),
            _ if looks_random(value) => !is_expression(value) || file.kind.is_configuration(),
            _ => (strong || proven) && settings_file && value.len() >= 6,
        }
    }
}

/// Whether `sk_…` goes on like a key and not like an identifier: letters and digits mixed, or long.
fn is_key(value: &str) -> bool {
    const LONG: usize = 20;
    value.split(['_', '-']).skip(1).any(|part| {
        let has = |test: fn(u8) -> bool| part.bytes().any(test);
        let mixed = has(|b| b.is_ascii_digit()) && has(|b| b.is_ascii_alphabetic())
            || part.bytes().skip(1).any(|b| b.is_ascii_uppercase()) && has(|b| b.is_ascii_lowercase());
        mixed && part.len() >= 4 || part.len() >= LONG
    })
}

/// Whether bare text is code rather than a value: a call, an index, a dotted name.
fn is_expression(value: &str) -> bool {
    let dotted = value.contains('.')
        && value.split('.').all(|part| {
            part.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && part.chars().all(|c| c.is_alphanumeric() || c == '_')
        });
    dotted || value.contains(['(', ')', '[', ']', '{', '}', '<', '>']) || value.contains("::") || value.contains("->")
}

/// The secret's range in `pk_user:secret`.
fn plain_pair(value: &str) -> Option<std::ops::Range<usize>> {
    let start = value.find("pk_").filter(|at| *at == 0)?;
    let (user, secret) = value.get(start..)?.split_once(':')?;
    let whole = user.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')) && user.len() > 4;
    let plain = secret.len() >= 4 && !secret.contains(char::is_whitespace) && !secret.starts_with('/');
    (whole && plain).then(|| user.len() + 1..value.len())
}
