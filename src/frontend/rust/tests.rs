#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
use super::*;
use crate::evaluate::evaluate;
use crate::facts::Facts;
use crate::knowledge::libraries::Models;
use crate::program::link::Program;

/// Lowers files, links and evaluates them, and shows what was seen.
fn facts<T>(files: &[(&str, &str)], look: impl FnOnce(&Facts<'_>) -> T) -> T {
    let lowered: Vec<Lowered> =
        files.iter().enumerate().map(|(index, (_, text))| lower(FileId(index as u32), text)).collect();
    for file in &lowered {
        assert!(file.problems.is_empty(), "{:?}", file.problems);
    }
    let modules: Vec<Module> = lowered.into_iter().map(|file| file.module).collect();
    let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    let program = Program::link(&modules, &paths, &[]);
    look(&evaluate(&program, Models::bundled(), &|_| false))
}

#[test]
fn a_credential_reaches_a_request_through_files_fields_and_a_generic_wrapper() {
    let files = [
        (
            "src/main.rs",
            "mod client; mod settings;\nfn main() { let c = client::Client::new(settings::load()); c.fetch(7); }",
        ),
        (
            "src/settings.rs",
            "pub struct Settings { pub user: String, pub secret: String }\nconst SECRET: &str = \"sk_9f8a7d6c5b4e3f2a\";\npub fn load() -> Settings { Settings { user: std::env::var(\"CERBO_USER\").unwrap(), secret: SECRET.to_string() } }",
        ),
        (
            "src/client.rs",
            "use crate::settings::Settings;\nuse reqwest::Method;\npub struct Client { http: reqwest::blocking::Client, settings: Settings }\nimpl Client {\n pub fn new(settings: Settings) -> Self { Self { http: reqwest::blocking::Client::new(), settings } }\n fn send(&self, method: Method, path: &str) { self.http.request(method, format!(\"https://x.md-hq.com/api/v1{path}\")).basic_auth(&self.settings.user, Some(&self.settings.secret)).send().unwrap(); }\n pub fn fetch(&self, id: u64) { self.send(Method::GET, &format!(\"/patients/{id}\")); }\n}",
        ),
    ];
    facts(&files, |facts| {
        let request = facts
            .requests
            .iter()
            .find(|request| request.secret.as_ref().is_some_and(|s| s.known_text().is_some()))
            .unwrap();
        assert_eq!(request.secret.as_ref().unwrap().known_text().unwrap(), "sk_9f8a7d6c5b4e3f2a");
        let mut texts = String::new();
        request.url.leaves(&|_| false, &mut |leaf| {
            if let crate::evaluate::value::Leaf::Text(text, ..) = leaf {
                texts.push_str(text);
            }
        });
        assert_eq!(texts, "https://x.md-hq.com/api/v1/patients/");
    });
}

const CLIENT: &str = "use reqwest::Client;\nasync fn get(c: &Client, id: u64) -> String { c.get(format!(\"https://x.md-hq.com/api/v1/patients/{id}\")).send().await.unwrap().text().await.unwrap() }\n";

fn concurrencies(body: &str) -> usize {
    let text = format!("{CLIENT}{body}");
    facts(&[("src/main.rs", &text)], |facts| facts.concurrencies.len())
}

#[test]
fn requests_driven_together_are_seen_and_those_in_turn_are_not() {
    assert_eq!(concurrencies("async fn run(c: Client) { tokio::join!(get(&c, 1), get(&c, 2)); }"), 1);
    assert_eq!(
        concurrencies(
            "use futures::future::join_all;\nasync fn run(c: Client, ids: Vec<u64>) { join_all(vec![get(&c, 1), get(&c, 2)]).await; }"
        ),
        1
    );
    assert_eq!(
        concurrencies("async fn run(c: Client, ids: Vec<u64>) { for id in ids { tokio::spawn(get(&c, id)); } }"),
        1
    );
    assert_eq!(
        concurrencies("async fn run(c: Client, ids: Vec<u64>) { for id in ids { tokio::spawn(get(&c, id)).await; } }"),
        0
    );
    assert_eq!(concurrencies("async fn run(c: Client, ids: Vec<u64>) { for id in ids { get(&c, id).await; } }"), 0);
    assert_eq!(concurrencies("async fn run(c: Client) { tokio::join!(get(&c, 1), async { 2 }); }"), 0);
}

fn asked(body: &str) -> Vec<bool> {
    let text = format!("use reqwest::blocking::Client;\n{body}");
    facts(&[("src/main.rs", &text)], |facts| {
        facts.requests.iter().map(|r| r.guards.iter().any(|g| g.asks_for_change)).collect()
    })
}

#[test]
fn a_patch_behind_a_comparison_is_told_from_one_that_is_not() {
    let bare = "fn f(c: &Client, new: &str) { c.patch(\"https://x.md-hq.com/api/v1/patients/1\").body(new.to_string()).send(); }";
    assert_eq!(asked(bare), [false]);
    let compared = "fn f(c: &Client, old: &str, new: &str) { if old == new { return; } c.patch(\"https://x.md-hq.com/api/v1/patients/1\").send(); }";
    assert_eq!(asked(compared), [true]);
    let switch = "fn f(c: &Client, on: bool) { if on { c.patch(\"https://x.md-hq.com/api/v1/patients/1\").send(); } }";
    assert_eq!(asked(switch), [false]);
    let empty = "fn f(c: &Client, patch: Vec<u8>) { if patch.is_empty() { return; } c.patch(\"https://x.md-hq.com/api/v1/patients/1\").send(); }";
    assert_eq!(asked(empty), [true]);
}

#[test]
fn a_log_macro_of_the_project_is_a_log() {
    let text = "macro_rules! note { ($($arg:tt)*) => { tracing::info!($($arg)*) } }\nfn f() { let secret = std::env::var(\"CERBO_SECRET\").unwrap(); note!(\"using {}\", secret); }";
    facts(&[("src/main.rs", text)], |facts| {
        let named = |written: &crate::facts::Written<'_>| {
            written
                .value
                .any_label(&|l| matches!(l, crate::evaluate::value::Label::Environment(n) if &**n == "CERBO_SECRET"))
        };
        assert!(facts.sinks(crate::facts::SinkKind::Log).any(|log| log.values.iter().any(named)));
    });
}

#[test]
fn deep_nesting_and_broken_files_are_problems_not_crashes() {
    for text in [
        "(".repeat(100_000),
        format!("fn f() {{ {}1{} }}", "(".repeat(5000), ")".repeat(5000)),
        "fn (".to_owned(),
        "\u{feff}fn f( {".to_owned(),
    ] {
        assert_eq!(lower(FileId(0), &text).problems.len(), 1);
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_lowered_without_a_panic(text in ".{0,400}") {
        lower(FileId(0), &text);
    }
}

#[test]
fn a_file_that_does_not_parse_gives_its_other_definitions_and_its_texts() {
    let source = "const A: &str = \"first\";\nfn broken(x) -> { let b = \"second\"; }\nfn whole() { \"third\"; }\n";
    for text in [source, "const A: &str = \"first\"; fn b() { ) \"second\" r#\"third\"#"] {
        let lowered = lower(FileId(0), text);
        assert_eq!(lowered.problems.len(), 1);
        let shown = format!("{:?}", lowered.module.items);
        for word in ["first", "second", "third"] {
            assert!(shown.contains(word), "{word} of {text}");
        }
    }
    assert!(lower(FileId(0), source).module.items.iter().any(|item| item.name == "whole"));
}

#[test]
fn deep_files_are_refused_or_read_but_never_overflow() {
    let nested = [
        ("fn f() { ", "(", "", ")", " }"),
        ("fn f() { ", "!", "a", "", " }"),
        ("fn f() { ", "a + ", "a", "", " }"),
        ("fn f() { a", ".b()", "", "", "; }"),
        ("fn f() { a", "?", "", "", "; }"),
        ("fn f() { a", "[0]", "", "", "; }"),
        ("fn f() { a", " as u8", "", "", "; }"),
        ("fn f() { let a = ", "|x| ", "1", "", "; }"),
        ("fn f() { ", "return ", "1", "", " }"),
        ("fn f() { ", "a = ", "1", "", "; }"),
        ("fn f() { ", "if a == 1 { } else ", "{ }", "", " }"),
        ("fn f() { ", "if let a = ", "1 {}", "", " }"),
        ("fn f(a: ", "&", "u8", "", ") {}"),
        ("fn f(a: ", "*const ", "u8", "", ") {}"),
        ("type T = ", "Vec<", "u8", ">", ";"),
        ("type T = ", "fn() -> ", "u8", "", ";"),
        ("use ", "a::", "b", "", ";"),
        ("fn f() { match a { ", "&", "b => {}", "", " } }"),
        ("fn f() { match a { ", "b @ ", "c => {}", "", " } }"),
        ("fn f() { ", "a::<", "b", ">", "; }"),
    ];
    for (before, open, inside, close, behind) in nested {
        for count in [100, 20_000] {
            let text = format!("{before}{}{inside}{}{behind}", open.repeat(count), close.repeat(count));
            let lowered = lower(FileId(0), &text);
            assert!(count < 30_000 || !lowered.problems.is_empty(), "{open}");
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]

    #[test]
    fn any_text_is_lowered(text in "\\PC{0,200}") {
        lower(FileId(0), &text);
    }

    #[test]
    fn any_row_of_tokens_is_lowered(tokens in proptest::collection::vec(proptest::sample::select(TOKENS.to_vec()), 0..60)) {
        lower(FileId(0), &tokens.join(" "));
        lower(FileId(0), &format!("fn f() {{ {} }}", tokens.join(" ")));
        lower(FileId(0), &format!("macro_rules! m {{ ({}) => {{ {} }} }}", tokens.join(" "), tokens.join(" ")));
    }
}

const TOKENS: &[&str] = &[
    "fn",
    "f",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "<",
    ">",
    ";",
    ",",
    ":",
    "::",
    "=",
    "=>",
    "->",
    "|",
    "&",
    "*",
    "!",
    "?",
    ".",
    "..",
    "#",
    "$",
    "$x",
    "expr",
    "let",
    "mut",
    "if",
    "else",
    "match",
    "for",
    "in",
    "loop",
    "while",
    "async",
    "await",
    "move",
    "return",
    "impl",
    "trait",
    "struct",
    "enum",
    "use",
    "mod",
    "pub",
    "const",
    "static",
    "\"a{b}{}c\"",
    "r#\"x\"#",
    "'a",
    "'b'",
    "1",
    "1.0",
    "true",
    "self",
    "Self",
    "crate",
    "super",
    "format!",
    "println!",
    "json!",
    "vec!",
    "select!",
    "matches!",
    "ensure!",
    "macro_rules!",
    "@",
    "\u{e9}",
];
