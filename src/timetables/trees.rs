//! Timetables written as trees: workflows, cron jobs of clusters, and the schedules of hosts.

use super::{Entry, Times};
use crate::knowledge::off_peak::Zone;
use crate::program::tree::{EntryKey, Expr, ExprKind, ItemKind, Literal, Module, TemplatePart};
use crate::span::Span;

/// Trees deeper than this are not looked into.
const DEPTH: usize = 24;

/// The entries of a configuration file; none for any other file.
pub(super) fn entries(path: &str, module: &Module) -> Vec<Entry> {
    let documents = module.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Constant { value: Some(document), .. } => Some(document),
        _ => None,
    });
    let name = path.rsplit('/').next().unwrap_or(path);
    let workflow = path
        .rsplit_once('/')
        .is_some_and(|(folder, _)| folder == ".github/workflows" || folder.ends_with("/.github/workflows"));
    documents
        .flat_map(|document| {
            if workflow {
                self::workflow(document)
            } else if name == "vercel.json" {
                vercel(document)
            } else if name.starts_with("serverless.") {
                serverless(document)
            } else if get(document, "kind").and_then(text).is_some_and(|(kind, _)| kind == "CronJob") {
                cron_job(document)
            } else {
                Vec::new()
            }
        })
        .collect()
}

fn utc() -> Zone {
    Zone::Named("UTC".to_owned())
}

fn workflow(document: &Expr) -> Vec<Entry> {
    let Some(schedule) = get(document, "on").or_else(|| get(document, "true")).and_then(|on| get(on, "schedule"))
    else {
        return Vec::new();
    };
    let mut commands = Vec::new();
    if let Some(jobs) = get(document, "jobs") {
        texts_under(jobs, &["run"], false, &mut commands, DEPTH);
    }
    let patterns = elements(schedule).filter_map(|one| text(get(one, "cron")?));
    patterns.map(|(pattern, span)| entry(span, pattern, utc(), &commands)).collect()
}

fn cron_job(document: &Expr) -> Vec<Entry> {
    let Some(spec) = get(document, "spec") else { return Vec::new() };
    let Some((pattern, span)) = get(spec, "schedule").and_then(text) else { return Vec::new() };
    let zone = get(spec, "timeZone").and_then(text).map_or(Zone::Machine, |(zone, _)| Zone::Named(zone));
    let mut commands = Vec::new();
    texts_under(spec, &["command", "args", "image"], false, &mut commands, DEPTH);
    vec![entry(span, pattern, zone, &commands)]
}

fn vercel(document: &Expr) -> Vec<Entry> {
    let Some(crons) = get(document, "crons") else { return Vec::new() };
    let each = elements(crons).filter_map(|one| {
        let (pattern, span) = text(get(one, "schedule")?)?;
        let (path, _) = text(get(one, "path")?)?;
        Some(entry(span, pattern, utc(), &[format!("route:{path}")]))
    });
    each.collect()
}

fn serverless(document: &Expr) -> Vec<Entry> {
    let mut found = Vec::new();
    let Some(ExprKind::Object { entries, .. }) = get(document, "functions").map(|functions| &functions.kind) else {
        return found;
    };
    for function in entries {
        let Some((handler, _)) = get(&function.value, "handler").and_then(text) else { continue };
        let Some(events) = get(&function.value, "events") else { continue };
        for event in elements(events) {
            let Some(schedule) = get(event, "schedule") else { continue };
            let rates: Vec<&Expr> = match get(schedule, "rate") {
                Some(rate) if matches!(rate.kind, ExprKind::List(_)) => elements(rate).collect(),
                Some(rate) => vec![rate],
                None => vec![schedule],
            };
            for (rate, span) in rates.into_iter().filter_map(text) {
                let commands = vec![handler.rsplit_once('.').map_or(handler.clone(), |(file, _)| format!("{file}.js"))];
                if let Some(times) = rate_or_cron(&rate) {
                    found.push(Entry { span, times, commands });
                }
            }
        }
    }
    found
}

/// Reads `cron(0 15 * * ? *)` and `rate(2 hours)`.
fn rate_or_cron(text: &str) -> Option<Times> {
    if let Some(inner) = text.trim().strip_prefix("cron(").and_then(|rest| rest.strip_suffix(')')) {
        // Minutes first, the year last.
        let fields: Vec<&str> = inner.split_whitespace().take(5).collect();
        return (fields.len() == 5).then(|| Times::Pattern(fields.join(" "), utc()));
    }
    let inner = text.trim().strip_prefix("rate(")?.strip_suffix(')')?;
    let (number, unit) = inner.trim().split_once(' ')?;
    let unit = match unit.trim().trim_end_matches('s') {
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        _ => return None,
    };
    Some(Times::Every(number.parse::<u32>().ok()?.checked_mul(unit)?))
}

fn entry(span: Span, pattern: String, zone: Zone, commands: &[String]) -> Entry {
    Entry { span, times: Times::Pattern(pattern, zone), commands: commands.to_vec() }
}

/// The value under a key.
fn get<'e>(tree: &'e Expr, key: &str) -> Option<&'e Expr> {
    let ExprKind::Object { entries, .. } = &tree.kind else { return None };
    let found = entries.iter().find(|entry| matches!(&entry.key, EntryKey::Name(name) if name == key));
    found.map(|entry| &entry.value)
}

fn elements(tree: &Expr) -> impl Iterator<Item = &Expr> {
    let all = match &tree.kind {
        ExprKind::List(all) => all.as_slice(),
        _ => &[],
    };
    all.iter().map(|argument| &argument.value)
}

/// Text with where it stands. Holes are left out.
fn text(tree: &Expr) -> Option<(String, Span)> {
    match &tree.kind {
        ExprKind::Literal(Literal::Text(text)) => Some((text.clone(), tree.span)),
        ExprKind::Template(parts) => {
            let known = parts.iter().filter_map(|part| match part {
                TemplatePart::Text { text, .. } => Some(text.as_str()),
                TemplatePart::Hole { .. } => None,
            });
            Some((known.collect(), tree.span))
        }
        _ => None,
    }
}

/// The texts anywhere under some keys.
fn texts_under(tree: &Expr, keys: &[&str], under: bool, found: &mut Vec<String>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match &tree.kind {
        ExprKind::Object { entries, .. } => {
            for entry in entries {
                let named = matches!(&entry.key, EntryKey::Name(name) if keys.contains(&name.as_str()));
                texts_under(&entry.value, keys, under || named, found, depth);
            }
        }
        ExprKind::List(_) => elements(tree).for_each(|element| texts_under(element, keys, under, found, depth)),
        _ if under => found.extend(text(tree).map(|(text, _)| text)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontend::configuration::{json, yaml};
    use crate::span::FileId;

    fn of(path: &str, source: &str) -> Vec<(Times, Vec<String>)> {
        let lowered =
            if path.ends_with("json") { json::lower(FileId(0), source) } else { yaml::lower(FileId(0), source) };
        entries(path, &lowered.module).into_iter().map(|entry| (entry.times, entry.commands)).collect()
    }

    #[test]
    fn workflows_run_in_utc() {
        let source = "on:\n  schedule:\n    - cron: '0 15 * * 1-5'\njobs:\n  mirror:\n    steps:\n      - uses: actions/checkout@v4\n      - run: npm run mirror\n";
        let pattern = Times::Pattern("0 15 * * 1-5".to_owned(), utc());
        assert_eq!(of(".github/workflows/mirror.yml", source), [(pattern, vec!["npm run mirror".to_owned()])]);
        assert!(of("config/mirror.yml", source).is_empty());
    }

    #[test]
    fn cron_jobs_of_clusters_have_a_zone_of_their_own() {
        let source = "kind: CronJob\nspec:\n  schedule: \"0 2 * * *\"\n  timeZone: America/Chicago\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          containers:\n            - image: registry.example.org/mirror:4\n              command: [\"/app/mirror\"]\n";
        let zone = Zone::Named("America/Chicago".to_owned());
        let commands = vec!["registry.example.org/mirror:4".to_owned(), "/app/mirror".to_owned()];
        assert_eq!(of("deploy/mirror.yaml", source), [(Times::Pattern("0 2 * * *".to_owned(), zone), commands)]);
    }

    #[test]
    fn schedules_of_hosts_are_read() {
        let crons = r#"{ "crons": [{ "path": "/api/sync", "schedule": "0 18 * * *" }] }"#;
        let pattern = Times::Pattern("0 18 * * *".to_owned(), utc());
        assert_eq!(of("vercel.json", crons), [(pattern, vec!["route:/api/sync".to_owned()])]);
        let functions = "functions:\n  sync:\n    handler: src/sync.handler\n    events:\n      - schedule: rate(2 hours)\n      - schedule:\n          rate:\n            - cron(0 15 * * ? *)\n";
        let commands = vec!["src/sync.js".to_owned()];
        let cron = Times::Pattern("0 15 * * ?".to_owned(), utc());
        assert_eq!(of("serverless.yml", functions), [(Times::Every(7200), commands.clone()), (cron, commands)]);
    }
}
