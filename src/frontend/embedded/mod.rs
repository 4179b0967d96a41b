//! Shell commands inside other files: workflows, recipes of images, make files, crontabs, units, workloads. Each script is
//! a function of its file, with what its surroundings put into its environment.

mod decoded;
mod dockerfile;
mod justfile;
mod lines;
mod makefile;
mod markdown;
mod trees;
mod words;

use super::configuration::yaml::Texts;
use super::shell::{self, script::Script};
use crate::knowledge::embedded::by_path;
use crate::program::tree::{Item, ItemKind, Module};
use crate::project::kind::{self, FileKind};
use crate::span::{FileId, Span};
use std::ops::Range;
use std::path::Path;

/// Scripts of one file that are looked into.
const MAX_SNIPPETS: usize = 400;

/// A script and where it stands.
struct Snippet {
    /// The name by which scripts call it.
    name: String,
    /// Where it stands.
    whole: Range<usize>,
    /// Its text, with what sets its environment before it.
    script: Script,
}

/// Whether a file may hold scripts, by its path alone.
pub fn holds_scripts(path: &Path) -> bool {
    kind::is_crontab(path)
        || makefile::is_makefile(path)
        || justfile::is_justfile(path)
        || lines::is_unit(path)
        || lines::is_procfile(path)
        || FileKind::of(path) == FileKind::Dockerfile
        || by_path(path)
}

/// Adds the scripts of a file to its module. `texts` are those that a YAML file writes in another way.
pub fn add(kind: FileKind, path: &Path, text: &str, module: &mut Module, texts: &Texts) {
    let mut found = match kind {
        FileKind::Yaml | FileKind::Json => trees::snippets(path, text, module, texts),
        FileKind::Dockerfile => dockerfile::snippets(text),
        FileKind::Markdown => markdown::snippets(text),
        _ if kind::is_crontab(path) => lines::crontab(path, text),
        _ if makefile::is_makefile(path) => makefile::snippets(text),
        _ if justfile::is_justfile(path) => justfile::snippets(text),
        _ if lines::is_unit(path) => lines::unit(path, text),
        _ if lines::is_procfile(path) => lines::procfile(text),
        _ => return,
    };
    found.truncate(MAX_SNIPPETS);
    let file = module.file;
    module.items.extend(found.into_iter().map(|snippet| item(file, snippet)));
}

fn item(file: FileId, snippet: Snippet) -> Item {
    let span = Span::new(file, snippet.whole.start, snippet.whole.end);
    let part = shell::lower_part(file, &snippet.script);
    let mut items = part.items;
    items.push(shell::called(&snippet.name, span, part.statements));
    Item {
        span,
        name_span: Span { end: span.start, ..span },
        name: snippet.name,
        public: true,
        attributes: Vec::new(),
        kind: ItemKind::Embedded(shell::NAMESPACE, items),
    }
}

/// Lines with where they start, without their ends.
fn lines_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let at = start;
        start += line.len();
        (at, line.trim_end_matches(['\n', '\r']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontend::lower;

    /// The texts that the commands of a file's scripts begin with, and every word of them with its place.
    fn read(path: &str, text: &str) -> Vec<String> {
        let lowered = lower(FileKind::of(Path::new(path)), Path::new(path), FileId(0), text);
        let mut found = Vec::new();
        for item in &lowered.module.items {
            let ItemKind::Embedded(_, inner) = &item.kind else { continue };
            for one in inner {
                if let ItemKind::Function(function) = &one.kind {
                    found.push(format!("{}:", one.name));
                    words(function.body.iter().collect(), text, &mut found);
                }
            }
        }
        found
    }

    fn words(mut pending: Vec<&crate::program::tree::Expr>, source: &str, found: &mut Vec<String>) {
        use crate::program::tree::{ExprKind, Literal};
        while let Some(expr) = pending.pop() {
            let covered = source.get(expr.span.range()).unwrap_or("?");
            match &expr.kind {
                ExprKind::Literal(Literal::Text(text)) if text == covered => found.push(text.clone()),
                ExprKind::Literal(Literal::Text(text)) => found.push(format!("{text} @ {covered}")),
                ExprKind::Name(path) if path.last() != covered => found.push(format!("{} @ {covered}", path.last())),
                ExprKind::Name(path) => found.push(format!("={}", path.last())),
                ExprKind::Closure(function) => words(function.body.iter().collect(), source, found),
                _ => {}
            }
            let mut inner = Vec::new();
            crate::program::visit::children(expr, &mut |child| inner.push(child));
            pending.extend(inner.into_iter().rev());
        }
    }

    #[test]
    fn block_scalars_keep_their_places() {
        let text = "on: push\njobs:\n  a:\n    env:\n      KEY: ${{ secrets.CERBO_KEY }}\n    steps:\n      - run: |\n          echo é one\n          if x; then\n            get two\n          fi\n      - run: >-\n          send three\n          four\n";
        let all = read(".github/workflows/a.yml", text);
        for word in ["é", "one", "two", "three", "four", "=echo", "=get", "=send"] {
            assert!(all.iter().any(|known| known == word), "{word} in {all:?}");
        }
        assert!(all.contains(&"=CERBO_KEY".to_owned()), "{all:?}");
    }

    #[test]
    fn quoted_texts_lose_their_escapes() {
        let all = read("package.json", "{ \"scripts\": { \"sync\": \"get \\\"a b\\\" && put c\" } }");
        assert_eq!(all.first().map(String::as_str), Some("npm run sync:"), "{all:?}");
        assert!(all.contains(&"c".to_owned()) && all.contains(&"a b".to_owned()), "{all:?}");
        let all = read(
            "compose.yaml",
            "services:\n  a:\n    command: [\"sh\", \"-c\", \"get $$KEY 'it''s'\"]\n  b:\n    command: 'put ''x y'''\n",
        );
        assert!(all.contains(&"=get".to_owned()) && all.iter().any(|one| one.contains("KEY")), "{all:?}");
        assert!(all.contains(&"=put".to_owned()), "{all:?}");
    }

    #[test]
    fn recipes_of_images_and_targets_are_scripts() {
        let all = read(
            "Dockerfile",
            "FROM a\nARG KEY=dflt\nENV URL=here\nRUN get one \\\n  # why\n  two\nRUN <<EOF\nput three\nEOF\nCMD [\"send\", \"fo ur\"]\n",
        );
        for word in ["dflt", "here", "one", "two", "three", "=get", "=put", "=send"] {
            assert!(all.contains(&word.to_owned()), "{word} in {all:?}");
        }
        let all = read("Makefile", "KEY := k1\nsync: fetch\n\t@get $(KEY) $$HOME \\\n\t  more\n\nfetch:\n\t-put it\n");
        for word in ["make sync:", "make fetch:", "k1", "more", "it", "=get", "=put"] {
            assert!(all.contains(&word.to_owned()), "{word} in {all:?}");
        }
        assert!(all.contains(&"=KEY".to_owned()), "{all:?}");
        assert!(all.iter().any(|one| one.starts_with("HOME @")), "{all:?}");
    }

    #[test]
    fn each_line_of_a_recipe_runs_in_a_shell_of_its_own() {
        let apart = |all: &[String]| all.iter().filter(|one| one.starts_with("apart")).count();
        let text = "sync:\n\tkey=k1; (get $$key)\n\tput \\\n\t  it # there\n";
        let all = read("Makefile", text);
        assert_eq!(apart(&all), 3, "{all:?}");
        for word in ["k1", "it", "=get", "=put"] {
            assert!(all.contains(&word.to_owned()), "{word} in {all:?}");
        }
        let all = read("Makefile", &format!(".ONESHELL:\n{text}"));
        assert_eq!(apart(&all), 1, "{all:?}");
    }

    #[test]
    fn recipes_of_just_are_scripts() {
        let text = "set dotenv-load\nkey := \"k1\"\nbase := env_var_or_default(\"BASE\", 'dflt')\n\n# Syncs.\nsync id limit=\"100\": fetch\n    @get {{key}} {{ id }} $HOME \\\n      more\n\nfetch:\n    #!/usr/bin/env bash\n    a=1\n    put it\n\nplot:\n    #!/usr/bin/env python3\n    print(1)\n";
        let all = read("justfile", text);
        for word in ["just sync:", "just fetch:", "k1", "dflt", "100", "more", "it", "=get", "=put"] {
            assert!(all.contains(&word.to_owned()), "{word} in {all:?}");
        }
        for word in ["=key", "=id"] {
            assert!(all.contains(&word.to_owned()), "{word} in {all:?}");
        }
        assert!(
            all.iter().any(|one| one.starts_with("apart")) && !all.iter().any(|one| one.contains("print")),
            "{all:?}"
        );
    }

    #[test]
    fn blocks_of_documents_are_scripts() {
        let text = "# Ops\n\n1. Ask:\n\n   ```sh title=x\n   get one \\\n     two\n   ```\n\n```console\n$ put three\nput: done\n```\n\n```python\nsend(4)\n```\n";
        let all = read("RUNBOOK.md", text);
        for word in ["one", "two", "three", "=get", "=put"] {
            assert!(all.contains(&word.to_owned()), "{word} in {all:?}");
        }
        assert!(!all.iter().any(|one| one.contains("done") || one.contains("send")), "{all:?}");
        read("a.md", "```sh");
    }

    #[test]
    fn lines_of_crontabs_and_units_are_scripts() {
        let all =
            read("deploy/crontab", "MAILTO=x\nCERBO_URL=here\n0 3 * * * /srv/sync.sh --all 50\\%\n@daily put it\n");
        for word in ["here", "--all", "=put", "it"] {
            assert!(all.contains(&word.to_owned()), "{word} in {all:?}");
        }
        let all = read(
            "deploy/sync.service",
            "[Service]\nEnvironment=A=one \"B=two three\"\nExecStart=-/opt/bin/get $A \\\n  x\n",
        );
        for word in ["one", "two three", "get @ /opt/bin/get", "x"] {
            assert!(all.contains(&word.to_owned()), "{word} in {all:?}");
        }
    }

    #[test]
    fn broken_files_end() {
        for text in
            ["jobs: {a: {steps: [{run: \"$(\"}]}}", "jobs:\n  a:\n    steps:\n      - run: |", "\u{feff}a:\n\t$(", ""]
        {
            for path in [
                ".github/workflows/a.yml",
                "Makefile",
                "Dockerfile",
                "crontab",
                "a.service",
                "package.json",
                "justfile",
            ] {
                read(path, text);
            }
        }
    }
}
