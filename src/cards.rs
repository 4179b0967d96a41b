//! Rule cards: what `rules`, `explain` and the reports say about each rule. The texts are in `rules/cards/`.

use crate::finding::{Confidence, Severity};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// One rule's card.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// The rule's id, its only public name.
    pub id: String,
    /// What it reports, in a few words.
    pub title: String,
    /// How bad it is by default.
    pub severity: Severity,
    /// How sure the tool usually is.
    pub confidence: Confidence,
    /// Numbers of the weaknesses in the Common Weakness Enumeration.
    pub cwe: Vec<u32>,
    /// Score from 0.1 to 10.0 for code scanning; rules about security only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_severity: Option<String>,
    /// The practice it comes from.
    pub practice: String,
    /// Why that matters.
    pub why: String,
    /// What to do.
    pub instead: String,
    /// Language of the examples.
    pub language: String,
    /// Code that is reported.
    pub bad: String,
    /// The same done well.
    pub good: String,
    /// The same in other languages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Example>,
}

/// Code that is reported, and the same done well.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// Language of both.
    pub language: String,
    /// Code that is reported.
    pub bad: String,
    /// The same done well.
    pub good: String,
}

impl Card {
    /// Language, reported code and good code, in each language that the card has.
    pub fn examples(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        let own = (self.language.as_str(), self.bad.trim_end(), self.good.trim_end());
        let more = self.also.iter().map(|one| (one.language.as_str(), one.bad.trim_end(), one.good.trim_end()));
        std::iter::once(own).chain(more)
    }
}

/// All cards, sorted by id.
pub fn cards() -> &'static [Card] {
    static CARDS: OnceLock<Vec<Card>> = OnceLock::new();
    // A card that does not parse fails the test below, so none is left out of a release.
    CARDS.get_or_init(|| {
        crate::knowledge::bundled::CARDS.iter().filter_map(|text| serde_json::from_str(text).ok()).collect()
    })
}

/// The card of a rule.
pub fn card(id: &str) -> Option<&'static Card> {
    cards().iter().find(|card| card.id == id)
}

/// All rule ids, sorted.
pub fn ids() -> Vec<&'static str> {
    cards().iter().map(|card| card.id.as_str()).collect()
}

/// The page that explains a rule.
pub fn help_uri(id: &str) -> String {
    format!("{}/blob/main/docs/rules/{id}.md", env!("CARGO_PKG_REPOSITORY"))
}

/// The card as Markdown.
pub fn markdown(card: &Card) -> String {
    let weaknesses: Vec<String> = card
        .cwe
        .iter()
        .map(|number| format!("[CWE-{number}](https://cwe.mitre.org/data/definitions/{number}.html)"))
        .collect();
    let weaknesses = if weaknesses.is_empty() { String::new() } else { format!("\n{}\n", weaknesses.join(", ")) };
    let examples: String = card
        .examples()
        .map(|(language, bad, good)| {
            format!("\n\nReported:\n\n```{language}\n{bad}\n```\n\nFine:\n\n```{language}\n{good}\n```")
        })
        .collect();
    format!(
        "# {}\n\n{}\n\n**Practice:** {}\n\n**Instead:** {}{examples}\n{weaknesses}",
        card.title, card.why, card.practice, card.instead,
    )
}

/// What `explain` prints.
pub fn explain(card: &Card) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    let severity = serde_json::to_value(card.severity).ok().and_then(|v| v.as_str().map(str::to_owned));
    let _ = writeln!(text, "{}: {} ({})\n", card.id, card.title, severity.unwrap_or_default());
    let _ = writeln!(text, "Practice: {}\n\nWhy: {}\n\nInstead: {}\n", card.practice, card.why, card.instead);
    let several = !card.also.is_empty();
    for (language, bad, good) in card.examples() {
        for (name, code) in [("Bad", bad), ("Good", good)] {
            let language = if several { format!(" ({language})") } else { String::new() };
            let _ = writeln!(text, "{name}{language}:");
            for line in code.lines() {
                let _ = writeln!(text, "    {line}");
            }
            text.push('\n');
        }
    }
    for number in &card.cwe {
        let _ = writeln!(text, "CWE-{number}: https://cwe.mitre.org/data/definitions/{number}.html");
    }
    let _ = writeln!(
        text,
        "To accept one place, with a reason and a date:\n    // cerbo-lint: allow({}) reason=\"…\" until=YYYY-MM-DD",
        card.id
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_card_is_read_and_complete() {
        assert_eq!(cards().len(), crate::knowledge::bundled::CARDS.len());
        assert!(cards().is_sorted_by(|a, b| a.id < b.id));
        for card in cards() {
            assert_eq!(card.cwe.is_empty(), card.security_severity.is_none(), "{}", card.id);
            assert!(card.title.chars().count() <= 255 && card.why.chars().count() <= 1024);
            assert!(explain(card).contains(card.bad.trim_end().lines().next().unwrap_or("-")));
        }
    }
}
