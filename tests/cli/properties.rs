//! Any text, in any kind of file: no panic, and every place that is told lies within the text. The same question as the
//! targets in `fuzz/` ask, with texts put together from what the languages are made of.

use cerbo_lint::frontend;
use cerbo_lint::project::gate::Gate;
use cerbo_lint::project::kind::FileKind;
use cerbo_lint::source::SourceFile;
use cerbo_lint::span::FileId;
use proptest::prelude::*;
use std::path::Path;

const NAMES: &[&str] = &[
    "a.rs",
    "a.js",
    "a.ts",
    "a.tsx",
    "a.html",
    "a.vue",
    ".env",
    "a.ini",
    "a.xml",
    "a.tf",
    "Dockerfile",
    "a.md",
    "a.toml",
    "a.yaml",
    "a.json",
    "a.sh",
    "a.http",
    "a.txt",
    ".netrc",
];

const PARTS: &[&str] = &[
    "fn ",
    "let ",
    "const ",
    "async ",
    "await",
    "impl ",
    "if ",
    "else ",
    "match ",
    "=> ",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "<",
    ">",
    "<script>",
    "</script>",
    "<!--",
    "-->",
    "/*",
    "*/",
    "//",
    "#",
    "---\n",
    "- ",
    ": ",
    "= ",
    "&a ",
    "*a ",
    "\"",
    "'",
    "`",
    "${",
    "}}",
    "{{",
    "\\",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "é",
    "🩺",
    "\u{feff}",
    "\0",
    "cerbo",
    "sk_1234567890ab",
    "Basic ",
    "https://a:b@c/",
    "export default ",
    "import x from 'y';",
    "\"\"\"",
    "'''",
    "r#\"",
    "\"#",
    "0x",
    "1e",
    ".",
    ",",
    ";",
    "?",
    "!",
    "$(",
    "<<EOF\n",
    "EOF\n",
    "|",
    "FROM a\n",
    "[a]\n",
    "GET http://x\n",
    "function ",
    "class ",
    "=>",
    "<a b={c}>",
];

fn check(name: &str, bytes: &[u8]) {
    let path = Path::new(name);
    let file = SourceFile::new(name, bytes);
    let text = file.text();
    for code in [false, true] {
        Gate::new(&[]).matters(bytes, code);
    }
    let lowered = frontend::lower(FileKind::of(path), path, FileId(0), text);
    for place in frontend::unparsed(&lowered, text) {
        assert!(text.get(place.clone()).is_some(), "{name}: {place:?}");
    }
    for comment in &lowered.module.comments {
        assert!(text.get(comment.span.range()).is_some(), "{name}: {:?}", comment.span);
    }
    for problem in &lowered.problems {
        assert!(problem.span.end as usize <= text.len(), "{name}: {:?}", problem.span);
    }
    assert_eq!(file.redacted().as_str().len(), text.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn texts_made_of_parts(parts in prop::collection::vec(prop::sample::select(PARTS), 0..60)) {
        let text = parts.concat();
        NAMES.iter().for_each(|name| check(name, text.as_bytes()));
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        NAMES.iter().for_each(|name| check(name, &bytes));
    }
}
