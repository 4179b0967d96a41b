//! Timetables written as trees, by the formats of `rules/timetables.toml`.

use super::{Command, Entry, File, Times};
use crate::knowledge::off_peak::Zone;
use crate::knowledge::timetables::{Format, Meaning, Start, formats};
use crate::program::tree::{EntryKey, Expr, ExprKind, ItemKind, Literal, Module, TemplatePart};
use crate::span::Span;
use std::path::Path;

/// Trees deeper than this are not looked into.
const DEPTH: usize = 24;
/// Things that name things that name things are followed this far.
const REFERENCES: usize = 3;

/// The entries of a configuration file; none for any other file.
pub(super) fn entries(file: &File<'_>, all: &[File<'_>]) -> Vec<Entry> {
    let path = Path::new(file.path);
    let mut found: Vec<Entry> = Vec::new();
    for format in formats().iter().filter(|format| format.takes(path)) {
        for document in documents(file.module) {
            let says = |(path, text): (&String, &String)| {
                at(document, path).into_iter().any(|(_, one)| self::text(one).is_some_and(|(known, _)| known == *text))
            };
            if !format.when.iter().all(says) {
                continue;
            }
            let reader = Reader { format, file, document, beside: beside(file, all) };
            for entry in reader.entries() {
                if !found.iter().any(|known| known.span == entry.span) {
                    found.push(entry);
                }
            }
        }
    }
    found
}

/// The trees of a configuration file.
fn documents(module: &Module) -> impl Iterator<Item = &Expr> {
    module.items.iter().filter_map(|item| match &item.kind {
        ItemKind::Constant { value: Some(document), .. } => Some(document),
        _ => None,
    })
}

/// The files of the same kind in the same folder: what is named may stand in any of them.
fn beside<'a>(file: &File<'a>, all: &[File<'a>]) -> Vec<File<'a>> {
    let home = |path: &str| {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        (folder.to_owned(), name.rsplit('.').next().unwrap_or("").to_owned())
    };
    let own = home(file.path);
    all.iter().filter(|other| home(other.path) == own).cloned().collect()
}

struct Reader<'a> {
    format: &'static Format,
    file: &'a File<'a>,
    document: &'a Expr,
    beside: Vec<File<'a>>,
}

/// A node and the file it stands in.
type Node<'a> = (&'a Expr, &'a str);

impl<'a> Reader<'a> {
    fn entries(&self) -> Vec<Entry> {
        let mut found = Vec::new();
        for (name, owner) in at(self.document, &self.format.owner) {
            let holders: Vec<&Expr> = match self.format.entries.as_slice() {
                [] => vec![owner],
                paths => paths.iter().flat_map(|path| at(owner, path)).map(|(_, entry)| entry).collect(),
            };
            for holder in holders {
                let (holder, _) = self.named((holder, self.file.text)).unwrap_or((holder, self.file.text));
                for times in self.times(holder) {
                    let Some((text, span)) = text(times) else { continue };
                    let zone = self.format.zone.as_ref().and_then(|path| at(holder, path).into_iter().next());
                    let zone = match zone.map(|(_, zone)| self::text(zone)) {
                        Some(Some((zone, _))) => Zone::Named(zone),
                        // Given, and not known: nothing is said.
                        Some(None) => continue,
                        None => self.format.default_zone.clone().map_or(Zone::Machine, Zone::Named),
                    };
                    let Some(times) = Times::read(&text, zone) else { continue };
                    let commands = self.commands((owner, self.file.text), name.as_deref(), REFERENCES);
                    let runs = vec![owner.span];
                    found.push(Entry { span, times, commands, runs });
                }
            }
        }
        found
    }

    fn times<'e>(&self, holder: &'e Expr) -> Vec<&'e Expr> {
        if self.format.times.is_empty() {
            return vec![holder];
        }
        let found = self.format.times.iter().map(|path| at(holder, path));
        let first = found.map(|all| all.into_iter().filter(|(_, one)| text(one).is_some()).collect::<Vec<_>>());
        first.into_iter().find(|all| !all.is_empty()).unwrap_or_default().into_iter().map(|(_, one)| one).collect()
    }

    fn commands(&self, owner: Node<'a>, name: Option<&str>, depth: usize) -> Vec<Command> {
        let Some(depth) = depth.checked_sub(1) else { return Vec::new() };
        let mut commands = Vec::new();
        for start in &self.format.starts {
            let mut nodes = Vec::new();
            match start {
                Start { under: Some(under), keys, .. } => {
                    for (_, tree) in at(owner.0, under) {
                        nodes_under(tree, keys, false, &mut nodes, DEPTH);
                    }
                }
                Start { at: Some(path), .. } => nodes.extend(at(owner.0, path).into_iter().map(|(_, node)| node)),
                Start { name: Some(pattern), .. } => {
                    commands.extend(name.map(|name| Command::new(pattern.replace('*', name), Meaning::File)));
                }
                _ => {}
            }
            let mut words = Vec::new();
            for node in nodes {
                match self.named((node, owner.1)) {
                    Some(other) if !std::ptr::eq(other.0, owner.0) => {
                        commands.extend(self.commands(other, None, depth))
                    }
                    _ => words.extend(written(node, owner.1)),
                }
            }
            if !words.is_empty() {
                commands.push(Command::new(words.join(" "), start.means));
            }
        }
        commands
    }

    /// What a node names among the things that the format lets it name.
    fn named(&self, (node, source): Node<'a>) -> Option<Node<'a>> {
        let roots = self.format.refers.as_ref()?;
        if matches!(node.kind, ExprKind::Object { .. }) {
            return None;
        }
        let raw = source.get(node.span.range()).unwrap_or("");
        let raw = text(node).map_or(raw.to_owned(), |(known, _)| format!("{known} {raw}"));
        let words = raw.split(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.')));
        for word in words.filter(|word| !word.is_empty()) {
            for file in &self.beside {
                for root in documents(file.module).flat_map(|document| at(document, roots)).map(|(_, root)| root) {
                    let mut found = root;
                    for part in word.split('.') {
                        match get(found, part) {
                            Some(inner) if matches!(inner.kind, ExprKind::Object { .. }) => found = inner,
                            _ => break,
                        }
                    }
                    if !std::ptr::eq(found, root) {
                        return Some((found, file.text));
                    }
                }
            }
        }
        None
    }
}

/// The nodes at a path of a tree, each with the last key that the path leaves open.
fn at<'e>(tree: &'e Expr, path: &str) -> Vec<(Option<String>, &'e Expr)> {
    let mut found: Vec<(Option<String>, &'e Expr)> = vec![(None, tree)];
    for part in path.split('.').filter(|part| !part.is_empty()) {
        found = found
            .into_iter()
            .flat_map(|(name, tree)| -> Vec<(Option<String>, &'e Expr)> {
                match part {
                    // A block that may be given several times is given once as itself.
                    "[]" if matches!(tree.kind, ExprKind::Object { .. }) => vec![(name, tree)],
                    "[]" => elements(tree).map(|one| (name.clone(), one)).collect(),
                    "*" => entries_of(tree).map(|(key, value)| (Some(key.to_owned()), value)).collect(),
                    key => entries_of(tree)
                        .filter(|(known, _)| *known == key)
                        .map(|(_, value)| (name.clone(), value))
                        .collect(),
                }
            })
            .collect();
    }
    found
}

fn entries_of(tree: &Expr) -> impl Iterator<Item = (&str, &Expr)> {
    let entries = match &tree.kind {
        ExprKind::Object { entries, .. } => entries.as_slice(),
        _ => &[],
    };
    entries.iter().filter_map(|entry| match &entry.key {
        EntryKey::Name(name) => Some((name.as_str(), &entry.value)),
        _ => None,
    })
}

/// The value under a key.
fn get<'e>(tree: &'e Expr, key: &str) -> Option<&'e Expr> {
    entries_of(tree).find(|(name, _)| *name == key).map(|(_, value)| value)
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

/// The words of a node: its text or texts, or what is written where it is an expression.
fn written(node: &Expr, source: &str) -> Vec<String> {
    match &node.kind {
        ExprKind::List(_) => elements(node).flat_map(|one| written(one, source)).collect(),
        ExprKind::Opaque(_) => {
            let raw = source.get(node.span.range()).unwrap_or("");
            vec![raw.replace(['[', ']', '{', '}', ',', '"', '\'', '=', '(', ')'], " ")]
        }
        _ => text(node).map(|(text, _)| text).into_iter().collect(),
    }
}

/// The nodes anywhere under some keys.
fn nodes_under<'e>(tree: &'e Expr, keys: &[String], under: bool, found: &mut Vec<&'e Expr>, depth: usize) {
    let Some(depth) = depth.checked_sub(1) else { return };
    match &tree.kind {
        ExprKind::Object { .. } => {
            for (name, value) in entries_of(tree) {
                let named = keys.iter().any(|key| key == name);
                nodes_under(value, keys, under || named, found, depth);
            }
        }
        ExprKind::List(_) => elements(tree).for_each(|element| nodes_under(element, keys, under, found, depth)),
        _ if under => found.push(tree),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::frontend::configuration::{hcl, json, toml, yaml};
    use crate::span::FileId;

    /// Times, zone and commands of each entry of the first of some files.
    fn of(files: &[(&str, &str)]) -> Vec<String> {
        let modules: Vec<Module> = files
            .iter()
            .map(|(path, source)| match path.rsplit('.').next() {
                Some("json") => json::lower(FileId(0), source).module,
                Some("toml") => toml::lower(FileId(0), source).module,
                Some("tf") => hcl::lower(FileId(0), source).module,
                _ => yaml::lower(FileId(0), source).module,
            })
            .collect();
        let files: Vec<File<'_>> =
            files.iter().zip(&modules).map(|((path, text), module)| File { path, module, text }).collect();
        let shown = |entry: Entry| {
            let commands: Vec<&str> = entry.commands.iter().map(|command| command.text.as_str()).collect();
            let times = match entry.times {
                Times::Every(seconds) => format!("every {seconds}"),
                Times::Pattern(pattern, Zone::Named(zone)) => format!("{pattern} {zone}"),
                Times::Pattern(pattern, Zone::Machine) => pattern,
            };
            format!("{times} -> {}", commands.join(" | "))
        };
        entries(&files[0], &files).into_iter().map(shown).collect()
    }

    #[test]
    fn workflows_run_in_utc() {
        let source = "on:\n  schedule:\n    - cron: '0 15 * * 1-5'\njobs:\n  mirror:\n    steps:\n      - uses: actions/checkout@v4\n      - run: npm run mirror\n";
        assert_eq!(of(&[(".github/workflows/mirror.yml", source)]), ["0 15 * * 1-5 UTC -> npm run mirror"]);
        assert!(of(&[("config/mirror.yml", source)]).is_empty());
    }

    #[test]
    fn cron_jobs_of_clusters_have_a_zone_of_their_own() {
        let job = |zone: &str| {
            format!(
                "kind: CronJob\nspec:\n  schedule: \"0 2 * * *\"\n{zone}  jobTemplate:\n    spec:\n      template:\n        spec:\n          containers:\n            - image: registry.example.org/mirror:4\n              command: [\"npm\"]\n              args: [\"run\", \"mirror\"]\n"
            )
        };
        let tail = "-> npm run mirror | registry.example.org/mirror:4";
        let zoned = job("  timeZone: America/Chicago\n");
        assert_eq!(of(&[("deploy/any-name.yaml", &zoned)]), [format!("0 2 * * * America/Chicago {tail}")]);
        assert_eq!(of(&[("deploy/any-name.yaml", &job(""))]), [format!("0 2 * * * {tail}")]);
        let prefixed = job("").replace("\"0 2", "\"CRON_TZ=America/Denver 0 2");
        assert_eq!(of(&[("deploy/any-name.yaml", &prefixed)]), [format!("0 2 * * * America/Denver {tail}")]);
        assert!(of(&[("deploy/any-name.yaml", &zoned.replace("CronJob", "Job"))]).is_empty());
    }

    #[test]
    fn schedules_of_hosts_are_read() {
        let crons = r#"{ "crons": [{ "path": "/api/sync", "schedule": "0 18 * * *" }] }"#;
        assert_eq!(of(&[("vercel.json", crons)]), ["0 18 * * * UTC -> /api/sync"]);
        let functions = "functions:\n  sync:\n    handler: src/sync.handler\n    events:\n      - schedule: rate(2 hours)\n      - schedule:\n          rate:\n            - cron(0 15 * * ? *)\n          timezone: America/Denver\n";
        assert_eq!(
            of(&[("serverless.yml", functions)]),
            ["every 7200 -> src/sync.handler", "0 15 * * ? America/Denver -> src/sync.handler"]
        );
        let netlify = "[functions.\"nightly\"]\nschedule = \"@daily\"\n";
        assert_eq!(of(&[("netlify.toml", netlify)]), ["@daily UTC -> netlify/functions/nightly.js"]);
        let worker = "main = \"src/index.ts\"\n[triggers]\ncrons = [\"0 15 * * *\", \"0 3 * * *\"]\n";
        assert_eq!(
            of(&[("wrangler.toml", worker)]),
            ["0 15 * * * UTC -> src/index.ts", "0 3 * * * UTC -> src/index.ts"]
        );
    }

    #[test]
    fn templates_of_clouds_name_what_they_start_elsewhere() {
        let sam = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Sync:\n    Type: AWS::Serverless::Function\n    Metadata: { BuildProperties: { Binary: nightly-sync } }\n    Properties:\n      Handler: bootstrap\n      Events:\n        Daily:\n          Type: ScheduleV2\n          Properties: { ScheduleExpression: \"cron(0 9 * * ? *)\", ScheduleExpressionTimezone: America/Denver }\n";
        assert_eq!(of(&[("template.yaml", sam)]), ["0 9 * * ? America/Denver -> bootstrap | nightly-sync"]);
        let cloud = "Resources:\n  Fn:\n    Properties:\n      Handler: dist/sync.handler\n  Daily:\n    Type: AWS::Events::Rule\n    Properties:\n      ScheduleExpression: cron(0 15 * * ? *)\n      Targets:\n        - { Id: one, Arn: !GetAtt Fn.Arn }\n";
        assert_eq!(of(&[("stack.yaml", cloud)]), ["0 15 * * ? UTC -> dist/sync.handler"]);
        let rule =
            "resource \"aws_cloudwatch_event_rule\" \"daily\" {\n  schedule_expression = \"cron(0 15 * * ? *)\"\n}\n";
        let target = "resource \"aws_cloudwatch_event_target\" \"daily\" {\n  rule = aws_cloudwatch_event_rule.daily.name\n  arn  = aws_lambda_function.sync.arn\n}\n";
        let function = "resource \"aws_lambda_function\" \"sync\" {\n  handler = \"jobs/sync.handler\"\n}\n";
        assert_eq!(
            of(&[("infra/targets.tf", target), ("infra/rules.tf", rule), ("infra/functions.tf", function)]),
            ["0 15 * * ? UTC -> jobs/sync.handler"]
        );
        let task = "resource \"aws_scheduler_schedule\" \"daily\" {\n  schedule_expression = \"rate(6 hours)\"\n  target {\n    arn = aws_ecs_cluster.main.arn\n    ecs_parameters { task_definition_arn = aws_ecs_task_definition.sync.arn }\n  }\n}\nresource \"aws_ecs_task_definition\" \"sync\" {\n  container_definitions = jsonencode([{ image = \"x\", command = [\"node\", \"dist/sync.js\"] }])\n}\n";
        let found = of(&[("infra/main.tf", task)]);
        assert!(
            found.len() == 1 && found[0].starts_with("every 21600") && found[0].contains("dist/sync.js"),
            "{found:?}"
        );
    }
}
