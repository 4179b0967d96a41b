//! Source files that have nothing to do with the API, in the mixture of a large repository.

use crate::words::Words;
use std::fmt::Write as _;
use std::path::Path;

/// Files of the tree that other tools are measured on.
pub const FILES: usize = 12_000;

/// Writes a tree of so many files, if it is not there, and gives its files and bytes.
pub fn write(root: &Path, count: usize) -> (usize, usize) {
    let done = root.join(".complete");
    if let Some((files, bytes)) = std::fs::read_to_string(&done).ok().and_then(|text| {
        let (files, bytes) = text.split_once(' ')?;
        Some((files.parse().ok()?, bytes.parse().ok()?))
    }) {
        return (files, bytes);
    }
    let _ = std::fs::remove_dir_all(root);
    let (mut files, mut bytes) = (0, 0);
    for number in 0..count {
        let mut words = Words::new(number as u64 + 1);
        let folder = root.join(format!("services/{:03}/{}", number % 240, words.noun()));
        std::fs::create_dir_all(&folder).unwrap();
        let (name, text) = file(number, &mut words);
        bytes += text.len();
        files += 1;
        std::fs::write(folder.join(name), text).unwrap();
    }
    std::fs::write(done, format!("{files} {bytes}")).unwrap();
    (files, bytes)
}

fn file(number: usize, words: &mut Words) -> (String, String) {
    let (noun, verb) = (words.noun(), words.verb());
    let name = |ending: &str| format!("{verb}_{noun}_{number}.{ending}");
    let parts = 6 + words.below(16);
    match number % 20 {
        0..8 => (name("ts"), repeat(parts, words, typescript)),
        8..13 => (name("rs"), repeat(parts, words, rust)),
        13..16 => (name("py"), repeat(parts, words, python)),
        16 => (name("json"), json(parts, words)),
        17 => (name("yaml"), repeat(parts, words, yaml)),
        18 => (
            name("md"),
            repeat(parts, words, |words| {
                format!("## {}\n\n{} {}\n\n", words.noun(), words.sentence(), words.sentence())
            }),
        ),
        _ => (name("go"), repeat(parts, words, go)),
    }
}

fn repeat(parts: usize, words: &mut Words, part: fn(&mut Words) -> String) -> String {
    (0..parts).map(|_| part(words)).collect()
}

fn typescript(words: &mut Words) -> String {
    let (a, b, c, v) = (words.noun(), words.noun(), words.noun(), words.verb());
    format!(
        "/** {} */\nexport async function {v}{}(input: {}Input, {b}: Map<string, number>): Promise<{}[]> {{\n  const {c}s = input.{a}s.filter((one) => one.{b}Count > {});\n  for (const one of {c}s) {{\n    {b}.set(one.id, ({b}.get(one.id) ?? 0) + one.{b}Count);\n    logger.debug(`{v} {a} ${{one.id}} of {b}`);\n  }}\n  const response = await fetch(`/api/{a}s/${{input.{b}Id}}/{c}`, {{ headers: {{ accept: 'application/json' }} }});\n  if (!response.ok) {{\n    throw new Error(`could not {v} {a}: ${{response.status}}`);\n  }}\n  return (await response.json()).{c}s;\n}}\n\n",
        words.sentence(),
        capital(a),
        capital(a),
        capital(c),
        words.below(90)
    )
}

fn rust(words: &mut Words) -> String {
    let (a, b, c, v) = (words.noun(), words.noun(), words.noun(), words.verb());
    format!(
        "/// {}\npub fn {v}_{a}(&mut self, {b}: &[{}], limit: usize) -> Result<Vec<{}>, Error> {{\n    let mut {c}s = Vec::with_capacity({b}.len());\n    for (index, one) in {b}.iter().enumerate().take(limit) {{\n        // {}\n        if one.{a}_count() > {} && self.{c}s.contains_key(&one.id) {{\n            {c}s.push({}::from_{a}(one, index)?);\n            tracing::debug!(%one.id, index, \"{v} {a}\");\n        }}\n    }}\n    self.{b}_total += {c}s.len();\n    Ok({c}s)\n}}\n\n",
        words.sentence(),
        capital(b),
        capital(c),
        words.sentence(),
        words.below(90),
        capital(c)
    )
}

fn python(words: &mut Words) -> String {
    let (a, b, c, v) = (words.noun(), words.noun(), words.noun(), words.verb());
    format!(
        "def {v}_{a}(self, {b}s, *, limit={}):\n    \"\"\"{}\"\"\"\n    {c}s = []\n    for one in {b}s[:limit]:\n        if one.{a}_count and one.id in self.{c}s:\n            {c}s.append({}(one.id, one.{a}_count))\n            log.debug(\"{v} %s of %s\", one.id, self.{b})\n    self.{b}_total += len({c}s)\n    return {c}s\n\n\n",
        words.below(500),
        words.sentence(),
        capital(c)
    )
}

fn go(words: &mut Words) -> String {
    let (a, b, c, v) = (words.noun(), words.noun(), words.noun(), words.verb());
    format!(
        "// {}\nfunc (s *{}) {}{}({b} []{}) ([]{}, error) {{\n\tvar {c}s []{}\n\tfor _, one := range {b} {{\n\t\tif one.{}Count > {} {{\n\t\t\t{c}s = append({c}s, s.{c}s[one.ID])\n\t\t}}\n\t}}\n\treturn {c}s, nil\n}}\n\n",
        words.sentence(),
        capital(a),
        capital(v),
        capital(a),
        capital(b),
        capital(c),
        capital(c),
        capital(a),
        words.below(90)
    )
}

fn yaml(words: &mut Words) -> String {
    let (a, b, c) = (words.noun(), words.noun(), words.noun());
    format!(
        "{a}-{}:\n  # {}\n  image: registry.example.org/{b}/{c}:{}\n  replicas: {}\n  env:\n    - name: {}_{}\n      value: \"{}\"\n",
        words.below(1000),
        words.sentence(),
        words.below(100),
        words.below(9),
        b.to_uppercase(),
        c.to_uppercase(),
        words.below(9000)
    )
}

fn json(parts: usize, words: &mut Words) -> String {
    let mut text = String::from("{\n");
    for number in 0..parts {
        let _ = writeln!(
            text,
            "  \"{}{number}\": {{ \"{}\": {}, \"{}\": \"{}\", \"{}\": [{}, {}] }},",
            words.noun(),
            words.noun(),
            words.below(900),
            words.noun(),
            words.sentence(),
            words.noun(),
            words.below(9),
            words.below(9)
        );
    }
    text.push_str("  \"end\": true\n}\n");
    text
}

pub fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}
