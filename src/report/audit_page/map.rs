//! Which file calls which operation: drawn when it is small enough to be read, and as a table always.

use super::super::Report;
use super::escaped;
use crate::project::sides::Side;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// A map of more files or operations than this is a table only.
const MAX_DRAWN: usize = 40;
/// Height of a row, and of the box in it.
const ROW: usize = 34;
const BOX: usize = 26;
/// Where the boxes of the files end, and where those of the operations begin.
const LEFT: usize = 400;
const RIGHT: usize = 560;
const WIDTH: usize = 960;

/// How a file calls an operation.
#[derive(Clone, Copy, Default)]
struct Line {
    writes: bool,
    bulk: bool,
    tests: bool,
}

type Calls<'r> = BTreeMap<&'r str, BTreeMap<String, Line>>;

/// Writes the map, or that there is nothing to draw.
pub(super) fn write(report: &Report, page: &mut String) {
    if report.uses.is_empty() {
        page.push_str(
            "<h2 id=\"map\">Where the API is called</h2>\n<div class=\"card\"><p>No call of the API was found in this project.</p></div>\n",
        );
        return;
    }
    let mut calls: Calls<'_> = BTreeMap::new();
    let mut clients = BTreeSet::new();
    for one in &report.uses {
        let path = report.sources.get(one.place.file).map_or("", |file| file.path.as_str());
        let name = format!("{} {}", one.method, one.path);
        let line = calls.entry(path).or_default().entry(name).or_insert(Line {
            writes: one.writes(),
            bulk: false,
            tests: true,
        });
        line.bulk |= one.bulk;
        line.tests &= one.test();
        if one.runs.iter().any(|side| side.ships()) {
            clients.insert(path);
        }
    }
    page.push_str("<h2 id=\"map\">Where the API is called</h2>\n<div class=\"card\">\n");
    let operations = in_order(&calls);
    if calls.len() <= MAX_DRAWN && operations.len() <= MAX_DRAWN {
        legend(&calls, &clients, page);
        draw(&calls, &operations, &clients, page);
    }
    table(&calls, report, page);
    page.push_str("</div>\n");
}

/// The operations, ordered by the files that call them, so that lines cross little.
fn in_order(calls: &Calls<'_>) -> Vec<String> {
    let mut callers: BTreeMap<&String, Vec<usize>> = BTreeMap::new();
    for (index, operations) in calls.values().enumerate() {
        operations.keys().for_each(|operation| callers.entry(operation).or_default().push(index));
    }
    let mut all: Vec<(usize, &String)> = callers
        .into_iter()
        .map(|(operation, files)| (files.iter().sum::<usize>() * 100 / files.len().max(1), operation))
        .collect();
    all.sort();
    all.into_iter().map(|(_, operation)| operation.clone()).collect()
}

fn legend(calls: &Calls<'_>, clients: &BTreeSet<&str>, page: &mut String) {
    let lines = || calls.values().flat_map(BTreeMap::values);
    page.push_str("<ul class=\"key\" aria-hidden=\"true\"><li><span></span>reads</li>");
    for (class, words, there) in [
        ("writes", "writes", lines().any(|line| line.writes)),
        ("bulk", "in bulk", lines().any(|line| line.bulk)),
        ("tests", "in tests only", lines().any(|line| line.tests)),
    ] {
        if there {
            let _ = write!(page, "<li><span class=\"{class}\"></span>{words}</li>");
        }
    }
    if !clients.is_empty() {
        page.push_str("<li>a red frame: runs at a client</li>");
    }
    page.push_str("</ul>\n");
}

fn draw(calls: &Calls<'_>, operations: &[String], clients: &BTreeSet<&str>, page: &mut String) {
    let rows = calls.len().max(operations.len());
    let height = rows * ROW + 8;
    // The shorter column stands in the middle.
    let y = |index: usize, of: usize| (rows - of) * ROW / 2 + index * ROW + 4;
    let _ = write!(
        page,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Map of the calls\">\
         <svg role=\"img\" aria-label=\"Files on the left, the operations they call on the right; the table below says the same\" viewBox=\"0 0 {WIDTH} {height}\">"
    );
    for (index, (path, called)) in calls.iter().enumerate() {
        let top = y(index, calls.len());
        let _ = write!(page, "<g class=\"file\"><title>{}</title>", escaped(path));
        for (operation, line) in called {
            let Some(to) = operations.iter().position(|known| known == operation) else { continue };
            let (from, to) = (top + BOX / 2, y(to, operations.len()) + BOX / 2);
            let middle = (LEFT + RIGHT) / 2;
            let class: Vec<&str> = [(line.writes, "writes"), (line.bulk, "bulk"), (line.tests, "tests")]
                .into_iter()
                .filter_map(|(is, class)| is.then_some(class))
                .collect();
            let class = if class.is_empty() { String::new() } else { format!(" class=\"{}\"", class.join(" ")) };
            let _ = write!(page, "<path{class} d=\"M{LEFT} {from}C{middle} {from} {middle} {to} {RIGHT} {to}\"/>");
        }
        let leaks = if clients.contains(path) { " class=\"leaks\"" } else { "" };
        let _ = write!(
            page,
            "<rect{leaks} x=\"2\" y=\"{top}\" width=\"{}\" height=\"{BOX}\" rx=\"6\"/><text x=\"12\" y=\"{}\">{}</text></g>",
            LEFT - 2,
            top + 18,
            escaped(&short(path, 48))
        );
    }
    for (index, operation) in operations.iter().enumerate() {
        let top = y(index, operations.len());
        let _ = write!(
            page,
            "<g><title>{}</title><rect x=\"{RIGHT}\" y=\"{top}\" width=\"{}\" height=\"{BOX}\" rx=\"6\"/><text x=\"{}\" y=\"{}\">{}</text></g>",
            escaped(operation),
            WIDTH - RIGHT - 2,
            RIGHT + 10,
            top + 18,
            escaped(&short(operation, 47))
        );
    }
    page.push_str("</svg></div>\n");
}

fn table(calls: &Calls<'_>, report: &Report, page: &mut String) {
    page.push_str(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Table of the calls\"><table><caption>Each file with the operations it calls</caption>\
         <thead><tr><th scope=\"col\">File</th><th scope=\"col\">Operation</th><th scope=\"col\">Access</th><th scope=\"col\">Lines</th></tr></thead><tbody>",
    );
    for (path, operations) in calls {
        for (index, (operation, line)) in operations.iter().enumerate() {
            let mut lines = BTreeSet::new();
            let mut sides: BTreeSet<Side> = BTreeSet::new();
            for one in &report.uses {
                let Some(file) = report.sources.get(one.place.file).filter(|file| file.path == *path) else { continue };
                if format!("{} {}", one.method, one.path) == *operation {
                    lines.insert(file.position(one.place.start).line);
                    sides.extend(&one.runs);
                }
            }
            page.push_str("<tr>");
            if index == 0 {
                let _ = write!(
                    page,
                    "<th scope=\"rowgroup\" rowspan=\"{}\"><code>{}</code></th>",
                    operations.len(),
                    escaped(path)
                );
            }
            let lines: Vec<String> = lines.iter().map(u32::to_string).collect();
            let mut access = vec![if line.writes { "write" } else { "read" }.to_owned()];
            access.extend(line.bulk.then(|| "in bulk".to_owned()));
            let told = sides.iter().filter(|side| !matches!(side, Side::Unknown | Side::Server));
            access.extend(told.map(|side| side.word().to_owned()));
            let _ = write!(
                page,
                "<td><code>{}</code></td><td>{}</td><td>{}</td></tr>",
                escaped(operation),
                escaped(&access.join(", ")),
                lines.join(", ")
            );
        }
    }
    page.push_str("</tbody></table></div>\n");
}

/// The end of a long text, from the beginning of a folder where that fits.
fn short(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    let end: String = text.chars().skip(length + 1 - most).collect();
    let whole = end.find('/').and_then(|at| end.get(at..)).filter(|whole| whole.len() > 1);
    format!("…{}", whole.unwrap_or(&end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_paths_keep_their_end() {
        let path = format!("{}main.rs", "folder/".repeat(12));
        assert_eq!(short(&path, 48), "…/folder/folder/folder/folder/folder/main.rs");
        assert_eq!(short(&"x".repeat(60), 48).chars().count(), 48);
        assert_eq!(short("src/main.rs", 48), "src/main.rs");
    }

    #[test]
    fn operations_stand_near_the_files_that_call_them() {
        let line = Line::default();
        let calls = BTreeMap::from([
            ("a.rs", BTreeMap::from([("GET /z".to_owned(), line)])),
            ("b.rs", BTreeMap::from([("GET /a".to_owned(), line)])),
        ]);
        assert_eq!(in_order(&calls), ["GET /z", "GET /a"]);
    }
}
