//! Texts in which a part is replaced.

use super::value::{Callable, Data, Piece, Value};
use std::rc::Rc;

/// Replacements of one text at most.
const MAX_REPLACED: usize = 64;

/// A text with every place that a pattern matches replaced. Where the pattern is not known the text stays as it is: what is
/// replaced in an address is a placeholder, a trailing slash or the like.
pub(super) fn replaced<'p>(text: &Value<'p>, pattern: &Value<'p>, with: &Value<'p>) -> Value<'p> {
    if let Data::Union(_) = &*text.data {
        return text.map_alternatives(&mut |one| replaced(one, pattern, with));
    }
    let Data::Text(pieces) = &*text.data else { return text.clone() };
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
    fn expressions_match_what_they_say() {
        let state = BTreeMap::from([("pattern".into(), known(r"/+$"))]);
        let expression = Value::new(Data::Instance { ty: "RegExp".into(), state });
        let shown = |text: &str| replaced(&known(text), &expression, &known("")).known_text().unwrap();
        assert_eq!(shown("https://a.example//"), "https://a.example");
        assert_eq!(shown("https://a.example/x"), "https://a.example/x");
    }
}
