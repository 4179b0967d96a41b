//! What holds an API credential: where the secrets of API calls come from, and what of that is in another value.

use super::{api_call, secret_leaves, secrets, written_secret};
use crate::config::Config;
use crate::evaluate::value::{Data, Label, Leaf, Piece, Value};
use crate::facts::Request;
use crate::knowledge::words::{CredentialName, credential_name, names_product, userinfo, words};
use crate::span::Span;
use std::collections::HashSet;

/// Where the secrets of API calls come from.
#[derive(Debug, Default)]
pub(super) struct Credentials {
    origins: HashSet<Label>,
    literals: HashSet<Span>,
    /// Where the names of API users come from, whatever word they go by: a name alone opens nothing.
    users: HashSet<Label>,
    /// Values of which nothing else is known: what tells them apart is where they are kept.
    unknown: HashSet<usize>,
    placeholders: Vec<String>,
}

/// A credential found in a value.
pub(super) struct Held<'v, 'p> {
    /// The part that is the credential.
    pub part: &'v Value<'p>,
    /// The request whose error carries it, when it is part of one.
    pub failure: Option<usize>,
}

impl Credentials {
    /// Collects the secrets of requests that reach the API.
    pub fn of<'r, 'p: 'r>(requests: impl Iterator<Item = &'r Request<'p>>, config: &Config) -> Self {
        let mut all = Self { placeholders: config.placeholders.clone(), ..Self::default() };
        for request in requests {
            for secret in secrets(request) {
                all.add(secret);
            }
            for user in request.user.iter() {
                user.leaves(&|_| false, &mut |leaf| {
                    let (Leaf::Text(_, _, holder) | Leaf::Unknown(holder)) = leaf;
                    all.users.extend(holder.labels.iter().cloned());
                });
            }
            for url in request.url.alternatives() {
                all.add_userinfo(&url, config);
            }
        }
        all
    }

    /// What a value that authenticates is made of. Of `user:secret` the secret alone counts.
    fn add(&mut self, secret: &Value<'_>) {
        let written = secret_leaves(&self.placeholders, secret);
        self.literals.extend(written.into_iter().map(|(span, _)| span));
        let mut leaves = Vec::new();
        secret.leaves(&|_| false, &mut |leaf| match leaf {
            Leaf::Text(text, _, holder) => leaves.push((text.contains(':'), holder)),
            Leaf::Unknown(holder) => leaves.push((false, holder)),
        });
        let colon = leaves.iter().position(|(colon, _)| *colon).unwrap_or(0);
        let labels = leaves.iter().skip(colon).flat_map(|(_, holder)| holder.labels.iter());
        self.origins.extend(labels.filter(|label| is_secret_origin(label)).cloned());
        let unknown = leaves.iter().skip(colon).map(|(_, holder)| *holder);
        self.unknown.extend(unknown.filter(|holder| matches!(*holder.data, Data::Unknown)).map(place));
    }

    /// The secret in the userinfo of a URL.
    fn add_userinfo(&mut self, url: &Value<'_>, config: &Config) {
        let text = api_call::text(url, config);
        if userinfo(&text.replace('\0', "{}")).is_none() {
            return;
        }
        let Data::Text(pieces) = &*url.data else { return };
        let (mut before, mut user, mut done) = (String::new(), false, false);
        for piece in pieces {
            if done {
                return;
            }
            match piece {
                Piece::Known(known, span) => {
                    if userinfo(known).is_some() && *span != Span::default() {
                        self.literals.insert(*span);
                    }
                    before.push_str(known);
                    let authority = before.split_once("://").map_or("", |(_, rest)| rest);
                    user = authority.contains(':');
                    done = authority.contains('@');
                }
                Piece::Hole(value) if user && before.contains("://") => {
                    self.add(value);
                }
                Piece::Hole(_) => before.push('\0'),
            }
        }
    }

    /// Whether a label says where a secret comes from.
    pub fn is_origin(&self, label: &Label) -> bool {
        self.origins.contains(label)
    }

    /// The credential that a value holds as it is written, if it holds one.
    pub fn held<'v, 'p>(&self, value: &'v Value<'p>) -> Option<Held<'v, 'p>> {
        let mut found: Option<Held<'v, 'p>> = None;
        value.parts(&mut |part| {
            if found.is_none() && self.is_secret(part) {
                found = Some(Held { part, failure: None });
            }
            found.is_none()
        });
        let mut held = found?;
        // The same again from the errors in it: what they carry is theirs.
        let mut failure = None;
        value.parts(&mut |part| {
            let number = part.labels.iter().find_map(|label| match label {
                Label::Failure(number) => Some(*number),
                _ => None,
            });
            if let Some(number) = number
                && failure.is_none()
            {
                let mut inside = false;
                part.parts(&mut |inner| {
                    inside |= std::ptr::eq(inner, held.part) || self.is_secret(inner);
                    !inside
                });
                failure = inside.then_some(number);
            }
            failure.is_none()
        });
        held.failure = failure;
        Some(held)
    }

    /// The fields of an object that hold the credentials in it; none when one is not in a field.
    pub fn paths(&self, value: &Value<'_>) -> Option<Vec<Vec<String>>> {
        fn of(all: &Credentials, value: &Value<'_>, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) -> bool {
            if all.held(value).is_none() {
                return true;
            }
            match &*value.data {
                Data::Object { fields, .. } if path.len() < 8 => fields.iter().all(|(name, held)| {
                    path.push(name.to_string());
                    let told = of(all, held, path, found);
                    path.pop();
                    told
                }),
                _ if path.is_empty() => false,
                _ => {
                    found.push(path.clone());
                    true
                }
            }
        }
        let mut found = Vec::new();
        (of(self, value, &mut Vec::new(), &mut found) && !found.is_empty()).then_some(found)
    }

    /// Whether a label tells that a value is a secret.
    fn tells(&self, label: &Label) -> bool {
        // A setting holds its parts.
        let holds = |whole: &str| {
            let part = |known: &Label| matches!(known, Label::Environment(known) if known.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.')));
            self.origins.iter().any(part)
        };
        self.origins.contains(label)
            || (is_named_secret(label) && !self.users.contains(label))
            || matches!(label, Label::Environment(name) if holds(name))
    }

    /// Whether a part of a value, without what is in it, is a secret.
    fn is_secret(&self, part: &Value<'_>) -> bool {
        match &*part.data {
            Data::Unknown => {
                (self.unknown.contains(&place(part)) || part.labels.iter().any(|label| self.tells(label)))
                    && !part.labels.iter().any(|label| matches!(label, Label::Body(_) | Label::Meta(_)))
            }
            Data::Text(pieces) => {
                let encoded = part.labels.iter().any(|label| matches!(label, Label::Encoded));
                let known = |piece: &Piece<'_>| match piece {
                    Piece::Known(text, span) => {
                        self.literals.contains(span)
                            || (part.labels.iter().any(|label| self.tells(label))
                                && !encoded
                                && pieces.len() == 1
                                && written_secret(&self.placeholders, text, *span).is_some())
                    }
                    Piece::Hole(_) => false,
                };
                pieces.iter().any(known)
            }
            _ => false,
        }
    }
}

/// Where a value is kept.
fn place(value: &Value<'_>) -> usize {
    value.data.address()
}

/// Whether a label says where a secret comes from, and not only the user's name that goes with it.
fn is_secret_origin(label: &Label) -> bool {
    let user = |name: &str| credential_name(name) == Some(CredentialName::User);
    match label {
        Label::Environment(name) | Label::Field(_, name) => !user(name),
        Label::CompiledIn(..) => true,
        _ => false,
    }
}

/// Whether a name alone says that it holds the API's secret.
fn is_named_secret(label: &Label) -> bool {
    // What these words say about a credential is not the credential.
    const ABOUT: &[&str] = &[
        "has",
        "is",
        "was",
        "set",
        "present",
        "missing",
        "configured",
        "valid",
        "invalid",
        "exists",
        "found",
        "ok",
        "loaded",
        "rotated",
        "expired",
        "enabled",
        "age",
        "expires",
        "updated",
        "size",
        "source",
        "status",
        "result",
        "masked",
        "redacted",
        "safe",
        "short",
        "preview",
        "suffix",
        "last4",
        "mode",
        "method",
        "state",
        "created",
        "changed",
    ];
    match label {
        Label::Environment(name) | Label::Field(_, name) | Label::Named(name) => {
            names_product(name)
                && credential_name(name) == Some(CredentialName::Secret)
                && !words(name).iter().any(|word| ABOUT.contains(&word.as_str()))
        }
        _ => false,
    }
}
