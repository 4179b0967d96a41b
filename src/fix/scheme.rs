//! `http:` becomes `https:`.

use super::{Place, fix};
use crate::finding::Fix;

const OPEN: &str = "http://";

/// The URL with encryption. Where a port is written the server may speak plain HTTP only behind it.
pub(super) fn encrypted(place: &Place<'_>) -> Option<Fix> {
    let text = place.source.slice(place.span);
    let at = text.to_ascii_lowercase().find(OPEN)?;
    let authority = text.get(at + OPEN.len()..)?.split(['/', '"', '\'', '`', '?', '#']).next().unwrap_or("");
    let port = authority.rsplit('@').next().is_some_and(|host| host.contains(':'));
    let end = place.span.start + u32::try_from(at + "http".len()).ok()?;
    let added = if text.get(at..at + 4)?.bytes().all(|byte| byte.is_ascii_uppercase()) { "S" } else { "s" };
    fix("use `https://`", !port, vec![place.edit(end, end, added)])
}
