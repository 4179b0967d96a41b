//! Filters of `jq` and its kin: which parts of a reply they give.

/// The parts of what it reads that a filter gives.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// All of it.
    All,
    /// These parts, put together: each a path of names.
    Parts(Vec<Vec<String>>),
    /// Something computed from it.
    Computed,
}

/// Every path that a filter names, whatever it does with what it finds there.
pub(super) fn named(filter: &str) -> Vec<Vec<String>> {
    paths(filter)
}

/// What a filter gives of what it reads; `readable` are the functions that leave what they are given readable.
pub(super) fn given(filter: &str, readable: &[String]) -> Given {
    let keeps = |word: &str| readable.iter().any(|known| known == word);
    let mut around: Vec<String> = Vec::new();
    let mut last: Option<Vec<Vec<String>>> = None;
    for step in steps(filter) {
        let step = step.trim();
        if step.trim_matches(['.', '[', ']', ' ']).is_empty() {
            continue;
        }
        let inner = step.strip_prefix("map(").and_then(|inner| inner.strip_suffix(')')).unwrap_or(step);
        if inner.starts_with("select(") || inner.starts_with('@') || keeps(inner) {
            continue;
        }
        if steps(inner).len() > 1 {
            match given(inner, readable) {
                Given::Parts(parts) => last = Some(below(&around, parts)),
                Given::All => {}
                Given::Computed => return Given::Computed,
            }
            continue;
        }
        if last.is_some() || !words(inner).iter().all(|word| keeps(word)) {
            return Given::Computed;
        }
        let paths = paths(inner);
        // A path alone leads to what the next step is about.
        match (paths.as_slice(), is_path(inner)) {
            ([only], true) => around.extend(only.iter().cloned()),
            ([], _) => return Given::Computed,
            _ => last = Some(below(&around, paths)),
        }
    }
    match (last, around.is_empty()) {
        (Some(parts), _) => Given::Parts(parts),
        (None, true) => Given::All,
        (None, false) => Given::Parts(vec![around]),
    }
}

fn below(around: &[String], parts: Vec<Vec<String>>) -> Vec<Vec<String>> {
    parts.into_iter().map(|part| around.iter().cloned().chain(part).collect()).collect()
}

/// The steps of a filter: what stands between bars outside brackets and quotes.
fn steps(filter: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut depth, mut quoted, mut start) = (0_usize, false, 0);
    for (at, c) in filter.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth = depth.saturating_sub(1),
            '|' if !quoted && depth == 0 => {
                found.extend(filter.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    found.extend(filter.get(start..));
    found
}

/// Whether a step is one path: `.data[].id`.
fn is_path(step: &str) -> bool {
    step.starts_with('.')
        && step.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '[' | ']' | '?' | '"'))
}

/// The functions that a step calls: words outside quotes that are neither names of a path nor keys.
fn words(step: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut quoted = false;
    let mut word = String::new();
    let mut before = ' ';
    for c in step.chars().chain([' ']) {
        if c == '"' {
            quoted = !quoted;
        }
        if !quoted && (c.is_ascii_alphabetic() || c == '_' || !word.is_empty() && c.is_ascii_digit()) {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            let name = std::mem::take(&mut word);
            let is_key = c == ':' || step.starts_with('{') && matches!(c, ',' | '}' | ' ');
            if !matches!(before, '.' | '$') && !is_key {
                found.push(name);
            }
        }
        before = c;
    }
    found
}

/// The names in a step, each path in order: `{id, name: .first_name}` reads `id` and `first_name`.
fn paths(step: &str) -> Vec<Vec<String>> {
    let mut paths: Vec<Vec<String>> = Vec::new();
    for (at, _) in step.match_indices('.') {
        let before = step.get(..at).and_then(|before| before.chars().last());
        if before.is_some_and(|b| b.is_alphanumeric() || matches!(b, '_' | ']' | '?' | '.')) {
            continue;
        }
        let mut path = Vec::new();
        for part in step.get(at..).unwrap_or("").split('.').skip(1) {
            let part = part.trim_start_matches('"');
            let name: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            let behind = part.get(name.len()..).unwrap_or("");
            if !name.is_empty() {
                path.push(name);
            }
            if !matches!(behind.trim_matches('"'), "" | "[]" | "?" | "[]?" | "[0]") {
                break;
            }
        }
        if !path.is_empty() && !paths.contains(&path) {
            paths.push(path);
        }
    }
    // `{id, name}`
    for inside in step.split('{').skip(1) {
        for entry in inside.split('}').next().unwrap_or("").split(',') {
            let name = entry.trim();
            if !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_') {
                paths.push(vec![name.to_owned()]);
            }
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_give_the_parts_they_name() {
        let readable = ["map", "select", "csv"].map(str::to_owned);
        let parts = |filter: &str| match given(filter, &readable) {
            Given::Parts(parts) => parts.iter().map(|part| part.join(".")).collect::<Vec<_>>().join(" "),
            other => format!("{other:?}"),
        };
        for (filter, expected) in [
            (".", "All"),
            (".[]", "All"),
            (".id", "id"),
            (".data[].id", "data.id"),
            (".data[] | .id", "data.id"),
            (".[] | select(.last_name == \"Hale\") | .id", "id"),
            (".first_name + \" \" + .last_name", "first_name last_name"),
            (".data[] | \"\\(.first_name) \\(.dob)\"", "data.first_name data.dob"),
            (".[] | [.id, .email1] | @csv", "id email1"),
            (".data | map({id, name: .last_name})", "data.last_name data.id"),
            ("length", "Computed"),
            (".data | length", "Computed"),
            (".[] | .tags | any(.name == \"vip\")", "Computed"),
            ("map(.id) | length", "Computed"),
        ] {
            assert_eq!(parts(filter), expected, "{filter}");
        }
    }
}
