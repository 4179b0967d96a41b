//! What a project declares about itself: its purpose, the permissions it needs, and what somebody states that no code shows.

use super::node::{Node, Value};
use super::read::Reader;
use crate::error::Error;
use crate::knowledge::{api::api, practices};
use jiff::civil::Date;
use jiff::{Span, ToSpan};

/// What a project is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// General data analysis: nobody needs to know who the patients are.
    Analytics,
    /// Anything else.
    Application,
}

pub(super) const PURPOSES: &[(&str, Purpose)] =
    &[("analytics", Purpose::Analytics), ("application", Purpose::Application)];

/// The permissions that a project declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Permissions {
    /// Nothing is ever written.
    pub read_only: bool,
    /// Resources that are read; none means any.
    pub read: Option<Vec<String>>,
    /// Resources that are written; none means any, unless [`Permissions::read_only`].
    pub write: Option<Vec<String>>,
    /// The credentials force anonymized replies.
    pub anonymize: bool,
}

impl Permissions {
    /// Whether reading a resource is declared.
    pub fn reads(&self, resource: &str) -> bool {
        self.read.as_ref().is_none_or(|all| all.iter().any(|known| known == resource))
    }

    /// Whether writing a resource is declared.
    pub fn writes(&self, resource: &str) -> bool {
        !self.read_only && self.write.as_ref().is_none_or(|all| all.iter().any(|known| known == resource))
    }
}

/// A practice that somebody states to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attestation {
    /// Id of the practice.
    pub practice: String,
    /// Who states it.
    pub by: String,
    /// When it was looked at.
    pub on: Date,
    /// The last day it holds.
    pub until: Date,
    /// What was looked at.
    pub note: Option<String>,
}

impl Reader<'_> {
    pub(super) fn permissions(&self, node: &Node) -> Result<Permissions, Error> {
        const KEYS: &[&str] = &["read_only", "read", "write", "anonymize"];
        let mut permissions = Permissions::default();
        for (key, span, value) in self.table(node)? {
            match key.as_str() {
                "read_only" => permissions.read_only = self.boolean(value)?,
                "anonymize" => permissions.anonymize = self.boolean(value)?,
                "read" => permissions.read = Some(self.resources(value)?),
                "write" => permissions.write = Some(self.resources(value)?),
                _ => return Err(self.unknown("key", key, span, KEYS)),
            }
        }
        Ok(permissions)
    }

    fn boolean(&self, node: &Node) -> Result<bool, Error> {
        match node.value {
            Value::Boolean(value) => Ok(value),
            _ => Err(self.expected(node, "true or false")),
        }
    }

    fn resources(&self, node: &Node) -> Result<Vec<String>, Error> {
        let valid = api().resources();
        for element in self.list(node)? {
            let name = self.text(element)?;
            if !valid.contains(&name) {
                return Err(self.unknown("resource", name, &element.span, &valid));
            }
        }
        self.texts(node)
    }

    pub(super) fn attestation(&self, node: &Node) -> Result<Attestation, Error> {
        const KEYS: &[&str] = &["practice", "by", "on", "valid_for", "note"];
        let (mut practice, mut by, mut on, mut valid, mut note) = (None, None, None, None, None);
        for (key, span, value) in self.table(node)? {
            match key.as_str() {
                "practice" => {
                    let name = self.text(value)?;
                    let ids: Vec<&str> = practices::all().iter().map(|practice| practice.id.as_str()).collect();
                    if !ids.contains(&name) {
                        return Err(self.unknown("practice", name, &value.span, &ids));
                    }
                    practice = Some(name.to_owned());
                }
                "by" => by = Some(self.text(value)?.to_owned()),
                "note" => note = Some(self.text(value)?.to_owned()),
                "on" => on = Some(self.date(value)?),
                "valid_for" => {
                    let length = length(self.text(value)?);
                    valid = Some(length.ok_or_else(|| {
                        self.error(&value.span, "expected a length of time").help("write `90d`, `12w`, `6m` or `1y`")
                    })?);
                }
                _ => return Err(self.unknown("key", key, span, KEYS)),
            }
        }
        let missing = |key: &str| self.error(&node.span, format!("`{key}` is missing in this entry of `attest`"));
        let on = on.ok_or_else(|| missing("on"))?;
        let valid = valid.ok_or_else(|| missing("valid_for"))?;
        let until = on.checked_add(valid).map_err(|_| self.error(&node.span, "this time is too long"))?;
        Ok(Attestation {
            practice: practice.ok_or_else(|| missing("practice"))?,
            by: by.filter(|name| !name.trim().is_empty()).ok_or_else(|| missing("by"))?,
            on,
            until,
            note,
        })
    }

    fn date(&self, node: &Node) -> Result<Date, Error> {
        let (Value::Text(text) | Value::Date(text)) = &node.value else { return Err(self.expected(node, "a date")) };
        text.parse().map_err(|_| self.error(&node.span, "expected a date").help("write it as YYYY-MM-DD"))
    }
}

/// Reads `90d`, `12w`, `6m` or `1y`.
pub(crate) fn length(text: &str) -> Option<Span> {
    let unit = text.chars().last()?;
    let number: i32 = text.strip_suffix(unit)?.parse().ok().filter(|number| (1..=3650).contains(number))?;
    match unit {
        'd' => Some(number.days()),
        'w' => Some(number.weeks()),
        'm' => Some(number.months()),
        'y' => Some(number.years()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declaration_says_what_is_read_and_written() {
        let one = |name: &str| Some(vec![name.to_owned()]);
        let declared = Permissions { read: one("patients"), write: one("tags"), ..Permissions::default() };
        assert!(declared.reads("patients") && !declared.reads("documents"));
        assert!(declared.writes("tags") && !declared.writes("patients"));
        let read_only = Permissions { read_only: true, ..Permissions::default() };
        assert!(read_only.reads("anything") && !read_only.writes("anything"));
    }

    #[test]
    fn lengths_of_time_have_a_unit() {
        let until = |text: &str| length(text).and_then(|span| jiff::civil::date(2026, 1, 31).checked_add(span).ok());
        assert_eq!(until("1m"), Some(jiff::civil::date(2026, 2, 28)));
        assert_eq!(until("1y"), Some(jiff::civil::date(2027, 1, 31)));
        assert_eq!(until("90d"), Some(jiff::civil::date(2026, 5, 1)));
        for wrong in ["", "90", "d", "-3d", "0d", "1h", "99999y"] {
            assert_eq!(until(wrong), None, "{wrong}");
        }
    }
}
