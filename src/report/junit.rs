//! JUnit: a suite for each file, a test case for each finding. A clean run is one case that passes: servers that see no case
//! show nothing.

use super::document::{Document, Entry};
use super::word;
use super::xml::{lines, text};
use crate::error::visible;
use std::io::Write;

/// Writes a report.
///
/// # Errors
/// When the writer fails.
pub fn write(document: &Document, out: &mut dyn Write) -> std::io::Result<()> {
    let open: Vec<&Entry> = document.open().collect();
    let count = open.len();
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<testsuites name="cerbo-lint" tests="{}" failures="{count}" errors="0" time="0">"#, count.max(1))?;
    for suite in open.chunk_by(|one, other| one.location.path == other.location.path) {
        let Some(first) = suite.first() else { continue };
        let number = suite.len();
        writeln!(
            out,
            r#"  <testsuite name="{}" tests="{number}" failures="{number}" errors="0" skipped="0" time="0">"#,
            text(&first.location.path)
        )?;
        for entry in suite {
            case(entry, out)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    if count == 0 {
        writeln!(
            out,
            r#"  <testsuite name="cerbo-lint" tests="1" failures="0" errors="0" skipped="0" time="0">
    <testcase name="{}" classname="cerbo-lint" time="0"/>
  </testsuite>"#,
            text(&document.summary())
        )?;
    }
    writeln!(out, "</testsuites>")
}

fn case(entry: &Entry, out: &mut dyn Write) -> std::io::Result<()> {
    let place = &entry.location;
    let path = text(&place.path);
    let (line, column) = (place.start_line, place.start_column);
    writeln!(
        out,
        r#"    <testcase name="{} ({path}:{line}:{column})" classname="{path}" file="{path}" line="{line}" time="0">"#,
        text(&entry.rule),
    )?;
    let mut words = format!("{}:{line}:{column}\n{}", visible(&place.path), visible(&entry.message));
    if !entry.help.is_empty() {
        words.push_str(&format!("\nInstead: {}", visible(&entry.help)));
    }
    for stop in &entry.trail {
        let place = &stop.location;
        words.push_str(&format!("\n  {}:{}: {}", visible(&place.path), place.start_line, visible(&stop.note)));
    }
    writeln!(
        out,
        r#"      <failure message="{}" type="{}">{}</failure>
    </testcase>"#,
        text(entry.headline()),
        word(entry.severity),
        lines(&words)
    )
}
