//! Scripts keep their places, and broken ones are read as far as they go.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;
use crate::program::tree::{ExprKind, Literal};
use crate::program::visit::children;

/// Every text of a script, each as it is and as its place shows it.
fn texts(source: &str) -> Vec<(String, String)> {
    let lowered = lower(Path::new("a.sh"), FileId(0), source);
    let mut found = Vec::new();
    let mut pending: Vec<Expr> = Vec::new();
    for item in &lowered.module.items {
        if let ItemKind::Function(function) = &item.kind {
            pending.extend(function.body.clone());
        }
    }
    while let Some(next) = pending.pop() {
        if let ExprKind::Literal(Literal::Text(text)) = &next.kind {
            found.push((text.clone(), source[next.span.range()].to_owned()));
        }
        children(&next, &mut |child| pending.push(child.clone()));
    }
    found
}

#[test]
fn words_stand_where_they_are_written() {
    for source in ["curl -s 'a b' \"c d\" e\n", "f() { curl x; }\nf y\n", "A=b; if [ \"$A\" = c ]; then echo d; fi\n"] {
        let found = texts(source);
        assert!(!found.is_empty(), "{source}");
        for (text, shown) in found {
            assert_eq!(text, shown, "{source}");
        }
    }
}

#[test]
fn broken_and_deep_scripts_are_read_in_part() {
    assert!(texts("if then curl -u a:b 'x y'\n").iter().any(|(text, _)| text == "x y"));
    for (open, close) in [("$(", ")"), ("{ ", "; }"), ("( ", ")")] {
        let deep = format!("{}echo a{}\n", open.repeat(2_000), close.repeat(2_000));
        lower(Path::new("a.sh"), FileId(0), &deep);
    }
}

#[test]
fn assignments_in_a_row_end_with_their_line() {
    for text in ["a=1 b=\"$2\"\necho x\n", "a=$1 b='x y'\nc=3\n"] {
        let ended = String::from_utf8(assignments_ended(text)).unwrap();
        assert_eq!(ended, text.replacen('\n', ";", 1));
    }
    // Of one command, alone, before the mark of a here-document, or not understood.
    for text in ["a=1 b=2 run\n", "a=1\necho\n", "cat <<END\nA=1 B=2\nEND\n", "a=1 b=\"\necho\n", "a=1 b=$(\necho)\n"] {
        assert_eq!(assignments_ended(text), text.as_bytes(), "{text}");
    }
}

/// A command inside a command is lowered once at every level: what is written so deep would otherwise never end.
#[test]
fn what_is_nested_is_lowered_once() {
    for (open, close) in [
        ("$(", ")"),
        ("\"$(", ")\""),
        ("bash $(", ")"),
        ("bash -x \"$(", ")\""),
        ("bash -c \"$(", ")\""),
        ("eval \"", "\""),
        ("trap \"$(", ")\" EXIT"),
        ("echo ${A:=$(", ")}"),
        ("echo ${A:-${B:=", "}}"),
        ("echo ${a[${a[0]:=", "}]:=x}"),
        ("[ -n \"$(", ")\" ]"),
        ("a || { ", "; }"),
        ("cat <(", ")"),
        ("f() { ", "; }"),
        ("if ", "; then :; fi"),
    ] {
        let deep = format!("{}echo a{}\n", open.repeat(60), close.repeat(60));
        lower(Path::new("a.sh"), FileId(0), &deep);
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(96))]

    #[test]
    fn any_text_is_lowered(text in "\\PC{0,200}") {
        lower(Path::new("a.sh"), FileId(0), &text);
        specifiers(&text);
    }

    #[test]
    fn any_row_of_tokens_is_lowered(tokens in proptest::collection::vec(proptest::sample::select(TOKENS.to_vec()), 0..60)) {
        for between in ["", " "] {
            let text = tokens.join(between);
            let lowered = lower(Path::new("a.sh"), FileId(0), &text);
            for item in &lowered.module.items {
                proptest::prop_assert!(text.get(item.span.range()).is_some());
            }
        }
    }
}

const TOKENS: &[&str] = &[
    "$(", ")", "`", "\"", "'", "${", "}", "{", "(", "((", "))", "[[", "]]", "[", "]", "if", "then", "elif", "else",
    "fi", "for", "in", "do", "done", "while", "until", "case", "esac", ";;", ";", "&", "&&", "||", "|", "\n",
    "<<EOF\n", "\nEOF\n", "<<<", "<(", ">(", ">", "2>&1", "<", "$@", "$1", "$A", "A=", "A+=(", "${A:-", "${A:=",
    "${A[@]}", "$((", "bash", "-c", "eval", "trap", "curl", "-u", "a:b", "export", "local", "set", "-x", "source",
    "./lib.sh", "read", "é", "\\", "#", "!", "function", "f()", "*", "xargs", "-P4", "ssh",
];
