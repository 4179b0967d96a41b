//! Comments that accept findings: in the syntax of each language, at a place where they are comments.

use super::edits::{Edit, edited, line_end, still_parses};
use crate::frontend;
use crate::project::kind::FileKind;
use crate::source::SourceFile;
use crate::span::FileId;
use crate::suppression::by_line;
use std::path::Path;

/// What opens and closes a comment.
type Marks = (&'static str, &'static str);

const SLASHES: Marks = ("// ", "");
const HASH: Marks = ("# ", "");
const ANGLE: Marks = ("<!-- ", " -->");
const BRACED: Marks = ("{/* ", " */}");
const DASHES: Marks = ("-- ", "");

/// Endings of other code whose comments start with two slashes.
const SLASH_ENDINGS: &[&str] = &[
    "c", "cc", "cpp", "cs", "dart", "fs", "go", "gradle", "groovy", "h", "java", "kt", "kts", "php", "scala", "swift",
];
/// Endings and names of text whose comments start with `#`.
const HASH_ENDINGS: &[&str] = &[
    "bash", "bats", "cfg", "cmake", "conf", "ex", "exs", "fish", "jl", "ksh", "mk", "nix", "pl", "pm", "ps1", "py",
    "r", "rake", "rb", "sh", "tcl", "zsh", "service", "timer", "cron",
];
const HASH_NAMES: &[&str] =
    &["Makefile", "makefile", "GNUmakefile", "Rakefile", "Gemfile", "Procfile", "crontab", "justfile"];

/// Ways to write a comment at a byte of a file, the likeliest first; none when its format has no comments.
fn marks(kind: FileKind, path: &Path, text: &str, at: usize) -> Vec<Marks> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or("");
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
    match kind {
        FileKind::Rust => vec![SLASHES],
        FileKind::Shell => vec![HASH],
        FileKind::JavaScript => vec![SLASHES, BRACED],
        FileKind::Markup => {
            let before = text.get(..at).unwrap_or("");
            let in_script =
                before.rfind("<script").is_some_and(|open| before.rfind("</script").is_none_or(|end| end < open));
            // The head of an Astro component is a script as well.
            let in_head = extension == "astro" && text.starts_with("---") && before.matches("\n---").count() == 0;
            if in_script || in_head { vec![SLASHES] } else { vec![ANGLE] }
        }
        FileKind::Toml | FileKind::Yaml | FileKind::Dotenv | FileKind::Ini | FileKind::Hcl | FileKind::Dockerfile => {
            vec![HASH]
        }
        FileKind::Xml | FileKind::Markdown => vec![ANGLE],
        FileKind::Requests if matches!(extension, "http" | "rest") => vec![HASH],
        FileKind::Text if extension == "sql" => vec![DASHES],
        FileKind::Text if SLASH_ENDINGS.contains(&extension) => vec![SLASHES],
        FileKind::Text if HASH_ENDINGS.contains(&extension) || HASH_NAMES.contains(&name) => vec![HASH],
        FileKind::Json | FileKind::Requests | FileKind::Text | FileKind::Generated | FileKind::Binary => Vec::new(),
    }
}

/// The edit that puts a comment with these words above a 1-based line, where it is a comment there. `path` tells the dialect.
pub fn above(kind: FileKind, path: &Path, text: &str, line: u32, words: &str) -> Option<Edit> {
    let file = SourceFile::new("", text.as_bytes());
    let range = file.line_range(line);
    let code = text.get(range.clone())?;
    // A line that goes on would go on in the comment.
    let goes_on =
        line > 1 && text.get(file.line_range(line - 1)).is_some_and(|before| before.trim_end().ends_with('\\'));
    // Nothing may stand above the head of a document or the name of an interpreter.
    if goes_on || code.starts_with("<?xml") || code.starts_with("#!") && !code.starts_with("#![") {
        return None;
    }
    let indent = code.get(..code.len() - code.trim_start().len()).unwrap_or("");
    let bom = if range.start == 0 && code.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    marks(kind, path, text, range.start).into_iter().find_map(|(open, close)| {
        let comment = format!("{open}{words}{close}");
        if !close.is_empty() && words.contains(close.trim().trim_end_matches('}')) {
            return None;
        }
        let indent = if bom > 0 { "" } else { indent };
        let start = range.start + bom;
        let edit = (start..start, format!("{indent}{comment}{}", line_end(text)));
        let after = edited(text, std::slice::from_ref(&edit))?;
        let at = start + indent.len();
        (still_parses(kind, path, text, &after) && is_comment(kind, path, &after, at..at + comment.len()))
            .then_some(edit)
    })
}

/// Whether what was put in is a comment, and part of no value.
fn is_comment(kind: FileKind, path: &Path, text: &str, range: std::ops::Range<usize>) -> bool {
    let lowered = frontend::lower(kind, path, FileId(0), text);
    let found = if frontend::finds_comments(kind) {
        lowered.module.comments
    } else {
        let words = text.get(range.clone()).unwrap_or("");
        // A text that spans lines can take in what is meant as a comment.
        if format!("{:?}", lowered.module.items).contains(&format!("{words:?}").trim_matches('"').to_owned()) {
            return false;
        }
        by_line(FileId(0), &SourceFile::new("", text.as_bytes()))
    };
    found.iter().any(|comment| {
        let span = comment.span.range();
        // Braces of JSX stand around the comment itself.
        !comment.doc && span.start >= range.start && span.start <= range.start + 1 && span.end <= range.end
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn put(path: &str, text: &str, line: u32) -> Option<String> {
        let path = Path::new(path);
        let edit = above(FileKind::of(path), path, text, line, "cerbo-lint: allow(polling) reason=\"agreed\"")?;
        edited(text, &[edit])
    }

    #[test]
    fn comments_have_the_form_of_the_language_and_the_indentation_of_the_line() {
        let words = "cerbo-lint: allow(polling) reason=\"agreed\"";
        for (path, text, line, expected) in [
            ("a.rs", "fn f() {\r\n\tg();\r\n}\r\n", 2, format!("fn f() {{\r\n\t// {words}\r\n\tg();\r\n}}\r\n")),
            ("a.ts", "  f();", 1, format!("  // {words}\n  f();")),
            ("a.yaml", "a:\n  b: 1\n", 2, format!("a:\n  # {words}\n  b: 1\n")),
            (".env", "A=1\n", 1, format!("# {words}\nA=1\n")),
            ("a.toml", "\u{feff}a = 1\n", 1, format!("\u{feff}# {words}\na = 1\n")),
            (
                "a.xml",
                "<?xml version=\"1.0\"?>\n<a/>\n",
                2,
                format!("<?xml version=\"1.0\"?>\n<!-- {words} -->\n<a/>\n"),
            ),
            ("a.html", "<p>\n<b>x</b>\n</p>\n", 2, format!("<p>\n<!-- {words} -->\n<b>x</b>\n</p>\n")),
            ("a.vue", "<script>\nf()\n</script>\n", 2, format!("<script>\n// {words}\nf()\n</script>\n")),
            ("a.sql", "select 1;\n", 1, format!("-- {words}\nselect 1;\n")),
            (
                "a.jsx",
                "const a = (\n  <p>\n    {f()}\n  </p>\n);\n",
                3,
                format!("const a = (\n  <p>\n    {{/* {words} */}}\n    {{f()}}\n  </p>\n);\n"),
            ),
        ] {
            assert_eq!(put(path, text, line).unwrap(), expected, "{path}");
        }
    }

    #[test]
    fn no_comment_is_put_where_it_would_be_none() {
        for (path, text, line) in [
            ("a.json", "{\n\"a\": 1\n}\n", 2),
            ("a.rs", "const A: &str = \"x\n y\";\n", 2),
            ("a.ts", "const a = `x\n y`;\n", 2),
            ("a.toml", "a = \"\"\"\nx\ny\"\"\"\n", 2),
            ("a.yaml", "a: |\n  x\n  y\n", 2),
            ("a.sh", "curl \\\n  -u a:b\n", 2),
            ("a.xml", "<?xml version=\"1.0\"?>\n", 1),
            ("a.txt", "x\n", 1),
        ] {
            assert_eq!(put(path, text, line), None, "{path}");
        }
    }
}
