//! URLs put together from parts.

use super::value::{Data, Leaf, Piece, Value};
use crate::span::Span;

/// Text from pieces, labels of the first value kept.
fn text<'p>(pieces: Vec<Piece<'p>>, of: &Value<'p>) -> Value<'p> {
    Value { data: Data::Text(pieces).into(), labels: std::rc::Rc::default(), trail: of.trail.clone() }
}

/// The pieces before a byte offset counted over known text only (a hole counts as nothing), and those behind it.
fn split_at<'p>(pieces: &[Piece<'p>], index: usize, at: usize) -> (Vec<Piece<'p>>, Vec<Piece<'p>>) {
    let (mut before, mut behind) = (Vec::new(), Vec::new());
    for (number, piece) in pieces.iter().enumerate() {
        match (piece, number.cmp(&index)) {
            (piece, std::cmp::Ordering::Less) => before.push(piece.clone()),
            (Piece::Known(known, span), std::cmp::Ordering::Equal) => {
                if let (Some(first), Some(second)) = (known.get(..at), known.get(at..)) {
                    before.push(Piece::Known(first.into(), *span));
                    behind.push(Piece::Known(second.into(), *span));
                }
            }
            (piece, _) => behind.push(piece.clone()),
        }
    }
    (before, behind)
}

/// Holes that hold text are opened, so that what is known is seen as one row of pieces.
fn flat<'p>(value: &Value<'p>, depth: usize) -> Vec<Piece<'p>> {
    let Some(depth) = depth.checked_sub(1) else { return value.pieces() };
    let open = |piece: Piece<'p>| match &piece {
        Piece::Hole(inner) if matches!(*inner.data, Data::Text(_)) => flat(inner, depth),
        _ => vec![piece],
    };
    value.pieces().into_iter().flat_map(open).collect()
}

/// Where the host begins: behind `://`, and behind the user when there is one.
fn authority(pieces: &[Piece<'_>]) -> Option<(usize, usize)> {
    pieces.iter().enumerate().find_map(|(index, piece)| match piece {
        Piece::Known(known, _) => Some((index, known.find("://")? + 3)),
        Piece::Hole(_) => None,
    })
}

/// Where the path begins: at the first `/` behind the host.
fn path(pieces: &[Piece<'_>]) -> Option<(usize, usize)> {
    let (first, from) = authority(pieces).unwrap_or((0, 0));
    pieces.iter().enumerate().skip(first).find_map(|(index, piece)| match piece {
        Piece::Known(known, _) => {
            let start = if index == first { from } else { 0 };
            Some((index, start + known.get(start..)?.find(['/', '?', '#'])?))
        }
        Piece::Hole(_) => None,
    })
}

fn starts_with(pieces: &[Piece<'_>], beginning: &str) -> bool {
    matches!(pieces.first(), Some(Piece::Known(known, _)) if known.starts_with(beginning))
}

fn is_absolute(pieces: &[Piece<'_>]) -> bool {
    matches!(pieces.first(), Some(Piece::Known(known, _)) if known.contains("://"))
}

/// A URL that may be relative, resolved against a base.
pub(super) fn join<'p>(base: &Value<'p>, relative: &Value<'p>, span: Span) -> Value<'p> {
    let relative = flat(relative, 8);
    if is_absolute(&relative) {
        return text(relative, base);
    }
    let pieces = flat(base, 8);
    let before = if starts_with(&relative, "/") {
        path(&pieces).map_or_else(|| pieces.clone(), |(index, at)| split_at(&pieces, index, at).0)
    } else {
        // The last segment of the base is replaced, unless it is not known.
        let last = pieces.iter().enumerate().next_back().and_then(|(index, piece)| match piece {
            Piece::Known(known, _) => Some((index, known.rfind('/')? + 1)),
            Piece::Hole(_) => None,
        });
        match last.filter(|at| path(&pieces).is_some_and(|path| *at > path)) {
            Some((index, at)) => split_at(&pieces, index, at).0,
            None => {
                let mut before = pieces;
                before.push(Piece::Known("/".into(), span));
                before
            }
        }
    };
    text(before.into_iter().chain(relative).collect(), base)
}

/// A URL with another path.
pub(super) fn with_path<'p>(url: &Value<'p>, new: &Value<'p>, span: Span) -> Value<'p> {
    let pieces = flat(url, 8);
    let mut before = path(&pieces).map_or_else(|| pieces.clone(), |(index, at)| split_at(&pieces, index, at).0);
    let new = flat(new, 8);
    if !starts_with(&new, "/") {
        before.push(Piece::Known("/".into(), span));
    }
    text(before.into_iter().chain(new).collect(), url)
}

/// The path of a URL, from its first `/` to its query.
pub(super) fn path_of<'p>(url: &Value<'p>) -> Value<'p> {
    if let Data::Union(_) = &*url.data {
        return url.map_alternatives(&mut |one| path_of(one));
    }
    let pieces = flat(url, 8);
    if !is_absolute(&pieces) && !starts_with(&pieces, "/") {
        return Value::unknown().labels_of(url);
    }
    let Some((index, at)) = path(&pieces) else {
        return if is_absolute(&pieces) { Value::text("/", Span::default()) } else { Value::unknown().labels_of(url) };
    };
    let behind = split_at(&pieces, index, at).1;
    let end = behind.iter().enumerate().find_map(|(index, piece)| match piece {
        Piece::Known(known, _) => Some((index, known.find(['?', '#'])?)),
        Piece::Hole(_) => None,
    });
    let kept = end.map_or(behind.clone(), |(index, at)| split_at(&behind, index, at).0);
    text(kept, url)
}

/// The host of a URL, its port included; a base of which nothing is known stands for its host.
pub(super) fn host_of<'p>(url: &Value<'p>) -> Value<'p> {
    if let Data::Union(_) = &*url.data {
        return url.map_alternatives(&mut |one| host_of(one));
    }
    let pieces = flat(url, 8);
    let whole = path(&pieces).map_or_else(|| pieces.clone(), |(index, at)| split_at(&pieces, index, at).0);
    let host = authority(&whole).map_or_else(|| whole.clone(), |(index, at)| split_at(&whole, index, at).1);
    let host: Vec<Piece<'p>> =
        host.into_iter().filter(|piece| !matches!(piece, Piece::Known(known, _) if known.is_empty())).collect();
    match host.as_slice() {
        [Piece::Hole(only)] => only.clone(),
        _ => text(host, url),
    }
}

/// What is added to the query of a URL, before anything is: nothing. The query that the URL was given with stays in its
/// text; what is known about that text is known about its parts.
pub(super) fn search_of<'p>(url: &Value<'p>, span: Span) -> Value<'p> {
    let mut search = Value::text("", span).labels_of(url);
    url.leaves(&|_| false, &mut |leaf| {
        if let Leaf::Unknown(unknown) = leaf {
            search = search.clone().labels_of(unknown);
        }
    });
    search
}

/// Names and values as the query of a URL.
pub(super) fn query_of<'p>(value: &Value<'p>, span: Span) -> Value<'p> {
    let pair = |name: Piece<'p>, held: &Value<'p>| [name, Piece::Known("=".into(), span), Piece::Hole(held.clone())];
    let pairs: Vec<[Piece<'p>; 3]> = match &*value.data {
        Data::Object { fields, .. } => {
            fields.iter().map(|(name, held)| pair(Piece::Known(name.clone(), span), held)).collect()
        }
        Data::List { items, rest: None } => items
            .iter()
            .filter_map(|item| match &*item.data {
                Data::List { items, .. } => match items.as_slice() {
                    [name, held] => Some(pair(Piece::Hole(name.clone()), held)),
                    _ => None,
                },
                _ => None,
            })
            .collect(),
        Data::Text(_) => return value.clone(),
        Data::Nothing => Vec::new(),
        _ => return Value::new(Data::Text(vec![Piece::Hole(value.clone())])),
    };
    let mut pieces = Vec::new();
    for pair in pairs {
        if !pieces.is_empty() {
            pieces.push(Piece::Known("&".into(), span));
        }
        pieces.extend(pair);
    }
    text(pieces, value)
}

/// A URL with a query behind it.
pub(super) fn with_query<'p>(url: &Value<'p>, query: &Value<'p>) -> Value<'p> {
    let pieces = query.pieces();
    let empty = pieces.iter().all(|piece| matches!(piece, Piece::Known(known, _) if known.is_empty()));
    let begun = starts_with(&pieces, "?");
    let start = if empty || begun { url.clone() } else { url.concat(&Value::text("?", Span::default())) };
    if empty { start } else { start.concat(query) }
}

/// A URL with a user before its host. What is put in stands at the place of the call.
pub(super) fn with_user<'p>(url: &Value<'p>, user: &Value<'p>, span: Span) -> Value<'p> {
    let pieces = flat(url, 8);
    let Some((index, at)) = authority(&pieces) else {
        // The base is not known: what is added to it is, and that a URL holds it.
        let row =
            vec![Piece::Known("https://".into(), span), Piece::Hole(user.clone()), Piece::Known("@".into(), span)];
        return text(row.into_iter().chain(pieces).collect(), url);
    };
    let (mut before, behind) = split_at(&pieces, index, at);
    before.push(Piece::Hole(user.clone()));
    before.push(Piece::Known("@".into(), span));
    text(before.into_iter().chain(behind).collect(), url)
}

/// A URL with the secret of its user; without one the user is empty.
pub(super) fn with_secret<'p>(url: &Value<'p>, secret: &Value<'p>, span: Span) -> Value<'p> {
    let pieces = flat(url, 8);
    let row = [Piece::Known(":".into(), span), Piece::Hole(secret.clone())];
    let (first, from) = authority(&pieces).unwrap_or((0, 0));
    let sign = pieces.iter().enumerate().skip(first).find_map(|(index, piece)| match piece {
        Piece::Known(known, _) => {
            let start = if index == first { from } else { 0 };
            Some((index, start + known.get(start..)?.find('@')?))
        }
        Piece::Hole(_) => None,
    });
    match sign {
        Some((index, at)) => {
            let (before, behind) = split_at(&pieces, index, at);
            // The sign that ends the user stands where the secret was put in.
            let behind = behind.into_iter().enumerate().map(|(number, piece)| match piece {
                Piece::Known(known, _) if number == 0 && &*known == "@" => Piece::Known(known, span),
                piece => piece,
            });
            text(before.into_iter().chain(row).chain(behind).collect(), url)
        }
        None => {
            let (before, behind) = match authority(&pieces) {
                Some((index, at)) => split_at(&pieces, index, at),
                None => (vec![Piece::Known("https://".into(), span)], pieces),
            };
            let row = row.into_iter().chain([Piece::Known("@".into(), span)]);
            text(before.into_iter().chain(row).chain(behind).collect(), url)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::FileId;

    fn at() -> Span {
        Span::new(FileId(0), 1, 2)
    }

    fn known(text: &str) -> Value<'static> {
        Value::text(text, at())
    }

    fn shown(value: &Value<'_>) -> String {
        value.known_text().unwrap_or_default()
    }

    #[test]
    fn relative_urls_are_resolved() {
        let base = known("https://a.example/api/v1/");
        assert_eq!(shown(&join(&base, &known("patients/3"), at())), "https://a.example/api/v1/patients/3");
        assert_eq!(shown(&join(&base, &known("/x"), at())), "https://a.example/x");
        assert_eq!(shown(&join(&base, &known("https://b.example/y"), at())), "https://b.example/y");
        assert_eq!(shown(&join(&known("https://a.example/api/v1"), &known("v2"), at())), "https://a.example/api/v2");
        assert_eq!(shown(&join(&known("https://a.example"), &known("v2"), at())), "https://a.example/v2");
        assert!(matches!(join(&Value::unknown(), &known("v2"), at()).pieces().as_slice(), [Piece::Hole(_), _, _]));
    }

    #[test]
    fn paths_of_urls() {
        assert_eq!(shown(&path_of(&known("https://a.example/x/y?z=1"))), "/x/y");
        assert_eq!(shown(&path_of(&known("https://a.example"))), "/");
        assert_eq!(shown(&path_of(&known("/x?y"))), "/x");
        let open = Value::unknown().concat(&known("?a=1"));
        assert!(path_of(&open).known_text().is_none());
    }

    #[test]
    fn hosts_of_urls() {
        assert_eq!(shown(&host_of(&known("https://a.example/x/y"))), "a.example");
        assert_eq!(shown(&host_of(&known("https://a.example"))), "a.example");
        let open = Value::unknown().concat(&known("/x"));
        assert!(matches!(*host_of(&open).data, Data::Unknown));
    }

    #[test]
    fn users_and_secrets_stand_before_the_host() {
        let user = with_user(&known("https://a.example/x"), &known("u"), at());
        assert_eq!(shown(&user), "https://u@a.example/x");
        assert_eq!(shown(&with_secret(&user, &known("s"), at())), "https://u:s@a.example/x");
        assert_eq!(shown(&with_secret(&known("https://a.example"), &known("s"), at())), "https://:s@a.example");
        assert_eq!(shown(&with_path(&known("https://a.example/x?y"), &known("z"), at())), "https://a.example/z");
    }
}
