//! The pages under `docs/rules/`: one for each rule, made from its card, and a list of them by practice.

use crate::cards::{Card, cards};
use crate::knowledge::practices;
use crate::report::word;
use std::fmt::Write as _;

const MADE: &str = "<!-- Made from the rule's card by `cerbo-lint pages docs/rules`; change the card. -->\n\n";

/// Name and text of each page.
pub fn pages() -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = cards().iter().map(|card| (format!("{}.md", card.id), page(card))).collect();
    all.push(("README.md".to_owned(), list()));
    all
}

fn page(card: &Card) -> String {
    let confidence = serde_json::to_value(card.confidence).ok().and_then(|value| value.as_str().map(str::to_owned));
    let mut facts = vec![word(card.severity).to_owned(), format!("confidence {}", confidence.unwrap_or_default())];
    facts.extend(
        card.cwe.iter().map(|number| format!("[CWE-{number}](https://cwe.mitre.org/data/definitions/{number}.html)")),
    );
    let mut text = format!("{MADE}# {}\n\n`{}` · {}\n\n", card.title, card.id, facts.join(" · "));
    let _ =
        write!(text, "**The practice.** {}\n\n**Why.** {}\n\n**Instead.** {}\n", card.practice, card.why, card.instead);
    for (language, bad, good) in card.examples() {
        let name = name(language);
        let _ = write!(
            text,
            "\n{name}, reported:\n\n```{language}\n{bad}\n```\n\n{name}, fine:\n\n```{language}\n{good}\n```\n"
        );
    }
    let _ = write!(
        text,
        "\n## Where it is right as it is\n\nOne place, with a reason and a date, in any comment of the language:\n\n```\n\
        // cerbo-lint: allow({id}) reason=\"why\" until=YYYY-MM-DD\n```\n\n\
        In `cerbo-lint.toml`, for paths or for good:\n\n```toml\n[[ignore]]\npaths = [\"tools/**\"]\nrules = [\"{id}\"]\nreason = \"why\"\n\n\
        [severity]\n{id} = \"off\" # or \"note\", \"warning\", \"error\"\n```\n",
        id = card.id
    );
    text
}

/// A language's name for people.
fn name(language: &str) -> &str {
    match language {
        "css" => "CSS",
        "dockerfile" => "Dockerfile",
        "html" => "HTML",
        "javascript" => "JavaScript",
        "json" => "JSON",
        "markdown" => "Markdown",
        "rust" => "Rust",
        "shell" => "Shell",
        "sql" => "SQL",
        "toml" => "TOML",
        "typescript" => "TypeScript",
        "yaml" => "YAML",
        other => other,
    }
}

/// Every rule under the practices that it checks, in the vendor's order; then those of no practice.
fn list() -> String {
    let mut text = format!("{MADE}# Rules\n");
    let mut named: Vec<&str> = Vec::new();
    let row = |text: &mut String, card: &Card| {
        let _ = writeln!(text, "| [{0}]({0}.md) | {1} | {2} |", card.id, word(card.severity), card.title);
    };
    for practice in practices::all() {
        let rules: Vec<&Card> = practice.rules.iter().filter_map(|rule| crate::cards::card(rule)).collect();
        if rules.is_empty() {
            continue;
        }
        let _ = write!(text, "\n## {}\n\n| Rule | Severity | What it reports |\n|---|---|---|\n", practice.text);
        for card in rules {
            named.push(&card.id);
            row(&mut text, card);
        }
    }
    let others: Vec<&Card> = cards().iter().filter(|card| !named.contains(&card.id.as_str())).collect();
    if !others.is_empty() {
        text.push_str("\n## Beside the practices\n\n| Rule | Severity | What it reports |\n|---|---|---|\n");
        others.into_iter().for_each(|card| row(&mut text, card));
    }
    text
}
