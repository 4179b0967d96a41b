//! Texts in which a part is replaced, or of which a part is left.

use super::value::{Callable, Data, Label, Piece, Value};
use std::rc::Rc;

/// Replacements of one text at most.
const MAX_REPLACED: usize = 64;

/// A text with every place that a pattern matches replaced. Where the pattern is not known the text stays as it is: what is
/// replaced in an address is a placeholder, a trailing slash or the like.
pub(super) fn replaced<'p>(text: &Value<'p>, pattern: &Value<'p>, with: &Value<'p>) -> Value<'p> {
    if let Data::Union(_) = &*text.data {
        return text.map_alternatives(&mut |one| replaced(one, pattern, with));
    }
    let Data::Text(pieces) = &*text.data else {
        return if matches!(*text.data, Data::Unknown) && masks(pattern, with) { few_of(text) } else { text.clone() };
    };
    let Some(pattern) = Pattern::of(pattern) else { return text.clone() };
    let put = match &*with.data {
        // What a function makes of each place is not known before it runs.
        Data::Callable(Callable::Closure { .. } | Callable::Function(..)) => Value::unknown(),
        _ => with.clone(),
    };
    let mut left = MAX_REPLACED;
    let mut all = Vec::new();
    for piece in pieces {
        let Piece::Known(known, span) = piece else {
            all.push(piece.clone());
            continue;
        };
        let mut from = 0;
        for (start, end) in pattern.places(known) {
            if left == 0 {
                break;
            }
            left -= 1;
            if let Some(before) = known.get(from..start).filter(|before| !before.is_empty()) {
                all.push(Piece::Known(before.into(), *span));
            }
            match &*put.data {
                Data::Text(inner) if put.labels.is_empty() => all.extend(inner.iter().cloned()),
                _ => all.push(Piece::Hole(put.clone())),
            }
            from = end;
        }
        if let Some(rest) = known.get(from..).filter(|rest| from == 0 || !rest.is_empty()) {
            all.push(Piece::Known(if from == 0 { Rc::clone(known) } else { rest.into() }, *span));
        }
    }
    Value { data: Data::Text(all).into(), ..text.clone() }
}

/// A few characters of a text, without what says where the text comes from; anything else as it is.
pub(super) fn few_of<'p>(value: &Value<'p>) -> Value<'p> {
    let kept = |label: &&Label| !matches!(label, Label::Environment(_) | Label::Named(_) | Label::Field(..));
    match &*value.data {
        Data::Text(_) | Data::Unknown => value.labels.iter().filter(kept).cloned().fold(Value::unknown(), Value::label),
        Data::Union(all) => Value::any_of(all.iter().map(few_of)).unwrap_or_else(Value::unknown),
        _ => value.clone(),
    }
}

/// Whether next to nothing is left of any text when what an expression matches is replaced: it hides the text.
fn masks(pattern: &Value<'_>, with: &Value<'_>) -> bool {
    // A long word and an address in characters that no mask is made of, and how many of them may be left.
    const SAMPLES: [&str; 2] = ["q7w3k9z2v8j4n6m1g5h0", "https://k9.wzq7.hnm/g5j4/v8n6m1"];
    const LEFT: usize = 8;
    let Data::Instance { state, .. } = &*pattern.data else { return false };
    let (Some(written), Some(with)) = (state.get("pattern").and_then(Value::known_text), with.known_text()) else {
        return false;
    };
    // What must stand before or behind leaves a few characters as they are, and has no place in these expressions.
    let Ok(around) = regex::Regex::new(r"\(\?<?[=!][^()]*\)") else { return false };
    let written = around.replace_all(&written, "");
    let Ok(expression) = regex::RegexBuilder::new(&written).size_limit(1 << 18).build() else { return false };
    let with = with.replace("$&", "$0");
    SAMPLES.iter().all(|sample| {
        let left = expression.replace_all(sample, with.as_str());
        left.chars().filter(|c| c.is_ascii_alphanumeric() && sample.contains(*c)).count() <= LEFT
    })
}

enum Pattern {
    Text(String),
    Expression(regex::Regex),
}

impl Pattern {
    fn of(value: &Value<'_>) -> Option<Self> {
        match &*value.data {
            Data::Instance { state, .. } => {
                let written = state.get("pattern")?.known_text()?;
                let limits = regex::RegexBuilder::new(&written).size_limit(1 << 18).build();
                limits.ok().map(Self::Expression)
            }
            _ => value.known_text().filter(|text| !text.is_empty()).map(Self::Text),
        }
    }

    /// Byte ranges of what it matches; matches of nothing are left out.
    fn places(&self, text: &str) -> Vec<(usize, usize)> {
        let places: Vec<(usize, usize)> = match self {
            Self::Text(searched) => text.match_indices(searched).map(|(at, found)| (at, at + found.len())).collect(),
            Self::Expression(expression) => {
                expression.find_iter(text).map(|found| (found.start(), found.end())).collect()
            }
        };
        places.into_iter().filter(|(start, end)| start < end).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::span::Span;
    use std::collections::BTreeMap;

    fn known(text: &str) -> Value<'static> {
        Value::text(text, Span::default())
    }

    #[test]
    fn placeholders_are_filled() {
        let path = known("/patients/{id}/notes/{id}");
        assert_eq!(replaced(&path, &known("{id}"), &known("41")).known_text().unwrap(), "/patients/41/notes/41");
        let pieces = replaced(&path, &known("{id}"), &Value::unknown()).pieces();
        assert!(matches!(pieces.as_slice(), [Piece::Known(..), Piece::Hole(_), Piece::Known(..), Piece::Hole(_)]));
        assert_eq!(replaced(&path, &known(""), &known("41")).known_text(), path.known_text());
        assert_eq!(replaced(&path, &Value::unknown(), &known("41")).known_text(), path.known_text());
    }

    #[test]
    fn a_text_of_which_next_to_nothing_is_left_is_masked() {
        let expression = |text: &str| {
            let state = BTreeMap::from([("pattern".into(), known(text))]);
            Value::new(Data::Instance { ty: "RegExp".into(), state })
        };
        for (pattern, with) in
            [(".", "*"), (r".(?=.{4})", "*"), (r"^(.{3}).*$", "$1…"), (r"\w", "•"), (r"(?<=.{2}).", "x"), (r"\S+", "")]
        {
            assert!(masks(&expression(pattern), &known(with)), "{pattern}");
        }
        for (pattern, with) in
            [(r"\s", ""), (r"/+$", ""), (r"[^/]+$", ""), ("^sk_", ""), (r"^.", "*"), (".", "$&"), ("-", "_")]
        {
            assert!(!masks(&expression(pattern), &known(with)), "{pattern}");
        }
        let secret = Value::unknown().label(Label::Environment("CERBO_SECRET".into()));
        assert!(replaced(&secret, &expression("."), &known("*")).labels.is_empty());
        assert!(!replaced(&secret, &expression(r"\s"), &known("")).labels.is_empty());
    }

    #[test]
    fn expressions_match_what_they_say() {
        let state = BTreeMap::from([("pattern".into(), known(r"/+$"))]);
        let expression = Value::new(Data::Instance { ty: "RegExp".into(), state });
        let shown = |text: &str| replaced(&known(text), &expression, &known("")).known_text().unwrap();
        assert_eq!(shown("https://a.example//"), "https://a.example");
        assert_eq!(shown("https://a.example/x"), "https://a.example/x");
    }
}
