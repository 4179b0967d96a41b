//! A logger is told which fields it leaves out.

use super::{Edit, Place, fix};
use crate::finding::Fix;
use crate::knowledge::fixes::{LeftOutForm, left_out_form};
use crate::program::tree::{Argument, Entry, EntryKey, Expr, ExprKind};

/// The call that makes the logger, at the place, with the paths among its options.
pub(super) fn told(place: &Place<'_>, paths: &[Vec<String>]) -> Option<Fix> {
    let around = place.around();
    let form = left_out_form(around.language)?;
    let call = around.all.iter().rev().find(|expr| expr.span == place.span)?;
    let ExprKind::Call { arguments, .. } = &call.kind else { return None };
    let paths = paths.iter().map(|path| Some(form.path.replace("{path}", &written(path)?)));
    let paths = paths.collect::<Option<Vec<_>>>()?.join(", ");
    let edit = match arguments.as_slice() {
        [] => {
            let end = call.span.end.checked_sub(1).filter(|end| place.text(*end, call.span.end) == ")")?;
            place.edit(end, end, form.options.replace("{paths}", &paths))
        }
        [Argument { value, spread: false, .. }, ..] => option(place, form, value, &paths)?,
        _ => return None,
    };
    fix("leave the credential out of what the logger writes", false, vec![edit])
}

/// The options with the paths among them.
fn option(place: &Place<'_>, form: &LeftOutForm, options: &Expr, paths: &str) -> Option<Edit> {
    let ExprKind::Object { entries, .. } = &options.kind else { return None };
    if let Some(known) = entry(entries, &form.option) {
        let list = match &known.kind {
            ExprKind::Object { entries, .. } => entry(entries, &form.list)?,
            _ => known,
        };
        let ExprKind::List(items) = &list.kind else { return None };
        let end = list.span.end.checked_sub(1)?;
        let comma = place.text(list.span.start, end).trim_end().ends_with(',');
        let joined = if items.is_empty() || comma { paths.to_owned() } else { format!(", {paths}") };
        return Some(place.edit(end, end, joined));
    }
    // What is spread in may hold the option.
    if entries.iter().any(|entry| !matches!(entry.key, EntryKey::Name(_))) {
        return None;
    }
    let start = options.span.start + 1;
    let inside = place.text(start, options.span.end);
    let blank = inside.get(..inside.len() - inside.trim_start().len())?;
    let new = form.entry.replace("{paths}", paths);
    Some(match entries.is_empty() {
        true => place.edit(start, start, format!(" {new} ")),
        false => place.edit(start, start, format!("{blank}{new},{}", if blank.is_empty() { " " } else { "" })),
    })
}

fn entry<'a>(entries: &'a [Entry], name: &str) -> Option<&'a Expr> {
    entries.iter().find_map(|Entry { key, value, .. }| match key {
        EntryKey::Name(known) if known == name => Some(value),
        _ => None,
    })
}

/// A path as loggers read it: `headers.authorization`, `headers["x-api-key"]`.
fn written(path: &[String]) -> Option<String> {
    let mut text = String::new();
    for part in path {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$');
        if part.is_empty() || !part.chars().all(|c| plain(c) || matches!(c, '-' | ':' | '/')) {
            return None;
        }
        match part.chars().all(plain) && !part.starts_with(|c: char| c.is_ascii_digit()) {
            true if text.is_empty() => text.push_str(part),
            true => text.extend([".", part]),
            false => text.extend(["[\"", part, "\"]"]),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_loggers_read_them() {
        let path = |parts: &[&str]| written(&parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>());
        assert_eq!(path(&["headers", "authorization"]).as_deref(), Some("headers.authorization"));
        assert_eq!(path(&["x-api-key", "value"]).as_deref(), Some("[\"x-api-key\"].value"));
        assert_eq!(path(&["a", "0"]).as_deref(), Some("a[\"0\"]"));
        assert_eq!(path(&["it's"]), None);
    }
}
