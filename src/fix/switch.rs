//! A switch is turned the other way.

use super::{Place, fix};
use crate::finding::Fix;

/// The place holds nothing but the switch's value: it becomes the other one.
pub(super) fn turned(place: &Place<'_>) -> Option<Fix> {
    let text = place.source.slice(place.span);
    let value = text.trim_matches(['"', '\'', '`']);
    let other = match value {
        "true" => "false",
        "false" => "true",
        "True" => "False",
        "False" => "True",
        "0" => "1",
        _ => return None,
    };
    let start = place.span.start + u32::try_from(text.find(value)?).ok()?;
    let end = start + u32::try_from(value.len()).ok()?;
    fix("verify certificates", false, vec![place.edit(start, end, other)])
}
