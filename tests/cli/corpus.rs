//! Credentials and look-alikes in every kind of file: `fixtures/corpus/`. Each row is a file of its own; a credential gives
//! exactly one finding, a look-alike none. The test prints the figures per kind and holds them.

use crate::support::{findings, fixtures};
use std::collections::{BTreeMap, HashMap};

const RULES: &[&str] = &["base64-credential", "credential-in-support-material", "embedded-credential", "url-userinfo"];

/// What may be missed of all credentials, and reported of all look-alikes, at most: one in a hundred.
const WRONG: usize = 100;

struct Row {
    kind: String,
    file: String,
    text: String,
}

fn rows(name: &str) -> Vec<Row> {
    let text = std::fs::read_to_string(fixtures().join("corpus").join(name)).unwrap();
    let row = |line: &str| {
        let mut fields = line.splitn(3, '\t').map(str::to_owned);
        let (kind, file) = (fields.next().unwrap(), fields.next().unwrap());
        let text = fields.next().unwrap();
        let text = text.replace("\\\\", "\0").replace("\\n", "\n").replace("\\t", "\t").replace('\0', "\\");
        Row { kind, file, text: text + "\n" }
    };
    text.lines().filter(|line| !line.starts_with('#')).map(row).collect()
}

/// Findings of each row, by its number.
fn found(rows: &[Row]) -> HashMap<usize, usize> {
    let folder = tempfile::tempdir().unwrap();
    for (number, row) in rows.iter().enumerate() {
        let path = folder.path().join(format!("{number:04}")).join(&row.file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, &row.text).unwrap();
    }
    let (_, all) = findings(folder.path(), &["--no-config", "."]);
    let mut counts = HashMap::new();
    for finding in all {
        let (place, rule) = finding.rsplit_once(' ').unwrap();
        if RULES.contains(&rule) {
            *counts.entry(place[..4].parse().unwrap()).or_insert(0) += 1;
        }
    }
    counts
}

#[test]
fn credentials_are_told_from_what_looks_like_them() {
    let (credentials, look_alikes) = (rows("credentials.tsv"), rows("look-alikes.tsv"));
    assert!(credentials.len() >= 300 && look_alikes.len() >= 300);
    // By kind: credentials, found exactly once, look-alikes, reported.
    let mut table: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    let mut wrong = Vec::new();
    let counts = found(&credentials);
    for (number, row) in credentials.iter().enumerate() {
        let count = counts.get(&number).copied().unwrap_or(0);
        let figures = table.entry(&row.kind).or_default();
        figures[0] += 1;
        figures[1] += usize::from(count == 1);
        if count != 1 {
            wrong.push(format!("credentials.tsv: {} in row {number}: {count} findings", row.kind));
        }
    }
    let counts = found(&look_alikes);
    for (number, row) in look_alikes.iter().enumerate() {
        let count = counts.get(&number).copied().unwrap_or(0);
        let figures = table.entry(&row.kind).or_default();
        figures[2] += 1;
        figures[3] += usize::from(count > 0);
        if count > 0 {
            wrong.push(format!("look-alikes.tsv: {} in row {number}: {count} findings", row.kind));
        }
    }
    println!("{:<12} {:>11} {:>7} {:>11} {:>9}", "kind", "credentials", "recall", "look-alikes", "precision");
    let (mut missed, mut alarms) = (0, 0);
    for (kind, [all, once, others, reported]) in &table {
        let share = |part: usize, whole: usize| part as f64 * 100.0 / (whole.max(1)) as f64;
        let (recall, precision) = (share(*once, *all), share(*once, once + reported));
        println!("{kind:<12} {all:>11} {recall:>6.1}% {others:>11} {precision:>8.1}%");
        missed += all - once;
        alarms += reported;
    }
    assert!(missed * WRONG <= credentials.len() && alarms * WRONG <= look_alikes.len(), "{}", wrong.join("\n"));
}
