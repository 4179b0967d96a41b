//! Simple commands: what the shell does itself, what runs other commands, and calls of everything else.

use super::nodes::{
    ARGUMENTS, INPUT, MASK, argument, assign, block, call, closure, command, expr, language, nothing, number, opaque,
    text, variable,
};
use super::statements::known_end;
use super::words::unescaped;
use super::{Lowerer, named};
use crate::program::tree::{Argument, BinaryOperator, Expr, ExprKind, HoleStyle, Literal, TemplatePart};
use crate::span::Span;
use tree_sitter::Node;

/// Programs that run a script.
pub(super) const SHELLS: &[&str] = &["sh", "bash", "dash", "zsh", "ksh", "ash"];
/// Programs whose last argument is a command line for another shell.
const REMOTE: &[&str] = &["ssh", "su", "watch", "mosh"];
/// Endings of scripts.
const ENDINGS: &[&str] = &[".sh", ".bash", ".zsh", ".ksh"];
/// Folders of the system: nothing in them is part of the project.
const SYSTEM: &[&str] = &["/usr/", "/bin/", "/sbin/", "/etc/", "/lib/", "/dev/", "/opt/homebrew/"];

/// Two parts of one word.
fn concatenated(before: Expr, behind: Expr) -> Expr {
    let span = before.span.to(behind.span);
    let part = |value: Expr| match value {
        Expr { span, kind: ExprKind::Literal(Literal::Text(text)) } => TemplatePart::Text { span, text },
        value => TemplatePart::Hole { value, style: HoleStyle::Display },
    };
    expr(span, ExprKind::Template(vec![part(before), part(behind)]))
}

impl Lowerer<'_> {
    /// A command without its assignments and redirections.
    pub(super) fn command(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        let Some(name) = node.child_by_field_name("name") else { return nothing(span) };
        let mut cursor = node.walk();
        let words: Vec<Node<'_>> = node.children_by_field_name("argument", &mut cursor).collect();
        let called = self.word(name);
        let known = match &called.kind {
            ExprKind::Literal(Literal::Text(name)) => name.clone(),
            _ => String::new(),
        };
        if let Some(built_in) = self.built_in(span, &known, &words) {
            return built_in;
        }
        if let Some(task) = self.task(span, &known, &words) {
            return task;
        }
        let base = known.rsplit('/').next().unwrap_or(&known).to_owned();
        let arguments = self.arguments(&base, &words);
        // A script by its path: `"$HERE/fetch.sh"`, `./bin/fetch`.
        if let Some((end, whole)) = known_end(&called)
            && end.contains('/')
            && let Some(script) = self.script_name(called.span, end, whole)
        {
            return call(span, command(called.span, &script), arguments);
        }
        if base.is_empty() {
            // Lowered once: a command inside a command inside a command would be lowered twice at every level.
            let first = match named(name).first() {
                Some(only) => self.argument_of(*only, called),
                None => argument(called),
            };
            let all = std::iter::once(first).chain(arguments).collect();
            return self.language_call(span, "run", all);
        }
        call(span, command(called.span, &base), arguments)
    }

    /// Scripts that a manifest or a make file holds, by the names they go by: `npm run sync`, `make sync`.
    fn task(&mut self, span: Span, program: &str, words: &[Node<'_>]) -> Option<Expr> {
        let words: Vec<&str> = words.iter().map(|word| self.text(*word)).collect();
        let tasks = super::sources::tasks(program, &words);
        let all: Vec<Expr> = tasks
            .into_iter()
            .map(|(file, name)| {
                let inside = self.below(file);
                self.takes_in_one(span, inside.as_deref().unwrap_or(file), &name);
                call(span, command(span, &name), Vec::new())
            })
            .collect();
        (!all.is_empty()).then(|| block(span, all))
    }

    /// The arguments of a command. Scripts among them become code that runs.
    fn arguments(&mut self, name: &str, words: &[Node<'_>]) -> Vec<Argument> {
        let is_shell = |node: &Node<'_>| {
            let word = self.text(*node);
            SHELLS.contains(&word.rsplit('/').next().unwrap_or(word))
        };
        let shell = if SHELLS.contains(&name) { Some(0) } else { words.iter().position(is_shell).map(|at| at + 1) };
        let line = shell.and_then(|from| {
            let behind = words.get(from..)?;
            let option = behind.iter().position(|word| {
                let word = self.text(*word);
                word.starts_with('-') && !word.starts_with("--") && word.ends_with('c')
            })?;
            Some(from + option + 1)
        });
        let line = line.or_else(|| {
            let last = words.len().checked_sub(1)?;
            let line = words.get(last)?;
            (REMOTE.contains(&name) && matches!(line.kind(), "string" | "raw_string")).then_some(last)
        });
        let mut arguments = Vec::new();
        for (index, word) in words.iter().enumerate() {
            if Some(index) == line
                && let Some(code) = self.line(*word)
            {
                arguments.push(argument(code));
                continue;
            }
            let given = self.argument(*word);
            self.may_name_script(&given.value);
            // `@<(…)`: the grammar makes two words of it.
            let joined = word.kind() == "process_substitution"
                && index
                    .checked_sub(1)
                    .and_then(|before| words.get(before))
                    .is_some_and(|before| before.end_byte() == word.start_byte());
            match arguments.pop_if(|_| joined) {
                Some(before) => arguments.push(argument(concatenated(before.value, given.value))),
                None => arguments.push(given),
            }
        }
        arguments
    }

    /// Brings in the script that a word names, when it looks like the path of one.
    pub(super) fn may_name_script(&mut self, word: &Expr) {
        if let Some((end, whole)) = known_end(word)
            && ENDINGS.iter().any(|ending| end.ends_with(ending))
        {
            self.script_name(word.span, end, whole);
        }
    }

    /// Brings a script in by what is known of its path, which is the whole path or its end. Gives the name of its main
    /// function.
    fn script_name(&mut self, span: Span, path: &str, whole: bool) -> Option<String> {
        if whole && SYSTEM.iter().any(|folder| path.starts_with(folder)) || path.contains(['*', ' ', '$']) {
            return None;
        }
        let specifier = super::sources::specifier(path)?;
        let inside = if whole && !path.starts_with('/') { self.below(path) } else { None };
        if let Some(inside) = inside {
            self.import(span, &inside);
        }
        self.import(span, &specifier);
        specifier.rsplit('/').next().map(str::to_owned)
    }

    /// Code in quotes that another shell runs.
    fn line(&mut self, node: Node<'_>) -> Option<Expr> {
        let (start, end) = match node.kind() {
            "string" | "raw_string" => (node.start_byte() + 1, node.end_byte().checked_sub(1)?),
            _ => return None,
        };
        let raw = self.script.text.get(start..end)?;
        if raw.contains("\\\"") && node.kind() == "string" {
            return None;
        }
        self.script_between(start, end)
    }

    /// Whether a command runs what it reads as a script: a shell without one of its own, here or elsewhere.
    pub(super) fn runs_its_input(&self, command: Node<'_>) -> bool {
        let Some(name) = command.child_by_field_name("name").map(|name| self.text(name)) else { return false };
        let mut cursor = command.walk();
        let words: Vec<&str> = command
            .children_by_field_name("argument", &mut cursor)
            .map(|word| self.text(word))
            .filter(|word| !word.starts_with('-'))
            .collect();
        let is_shell = |word: &str| SHELLS.contains(&word.rsplit('/').next().unwrap_or(word));
        match words.as_slice() {
            [] => is_shell(name),
            [.., last] => is_shell(last) || name == "ssh" && !last.contains([' ', '"', '\'']),
        }
    }

    /// Code that stands between two places and that another shell runs.
    pub(super) fn script_between(&mut self, start: usize, end: usize) -> Option<Expr> {
        let raw = self.script.text.get(start..end)?;
        if self.quoted >= super::MAX_QUOTED {
            return None;
        }
        let span = self.range(start, end);
        // The text before it keeps every place; it is blank.
        let mut script = super::script::Script::default();
        let mut at = start;
        for piece in raw.split_inclusive('\n') {
            script.push(piece, self.range(at, at + piece.len()).start as usize);
            at += piece.len();
        }
        let part = super::lower_inside(self.file, &script, self.quoted + 1);
        self.items.extend(part.items);
        Some(closure(span, block(span, part.statements)))
    }

    /// What the shell does itself.
    fn built_in(&mut self, span: Span, name: &str, words: &[Node<'_>]) -> Option<Expr> {
        Some(match name {
            "true" | "false" => expr(span, ExprKind::Literal(Literal::Boolean(name == "true"))),
            ":" => {
                let words = words.iter().map(|word| self.argument(*word)).collect();
                call(span, command(Span { end: span.start + 1, ..span }, ":"), words)
            }
            "return" | "exit" => expr(span, ExprKind::Return(None)),
            "break" => expr(span, ExprKind::Break(None)),
            "continue" => expr(span, ExprKind::Continue),
            "set" => self.set(span, words),
            "cd" | "pushd" => {
                let named = words.first().map_or("", |word| self.text(*word)).trim_matches(['"', '\'']);
                let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
                let inside = !named.starts_with(['/', '-']) && named.chars().all(plain);
                self.folder = if inside { super::sources::joined(&self.folder, named) } else { String::new() };
                return None;
            }
            "umask" => match words.first() {
                Some(mask) => {
                    let mask = self.word(*mask);
                    assign(span, variable(span, MASK), mask)
                }
                None => nothing(span),
            },
            "shift" => {
                let count = words.first().map_or("1", |word| self.text(*word)).to_owned();
                let base = Box::new(variable(span, ARGUMENTS));
                let (left, right) = (Box::new(number(span, count)), Box::new(nothing(span)));
                let range = expr(span, ExprKind::Binary { operator: BinaryOperator::Range, left, right });
                let rest = expr(span, ExprKind::Index { base, index: Box::new(range) });
                assign(span, variable(span, ARGUMENTS), rest)
            }
            "source" | "." => self.source(span, words),
            // What bats calls taking in another file.
            "load" => self.source(span, words),
            "eval" => self.eval(span, words),
            "read" => self.read(span, words),
            "mapfile" | "readarray" => {
                let name = words.iter().rev().find(|word| !self.text(**word).starts_with('-'));
                let name = name.map_or("MAPFILE", |word| self.text(*word)).to_owned();
                assign(span, variable(span, &name), variable(span, INPUT))
            }
            "printf" if words.first().is_some_and(|word| self.text(*word) == "-v") => {
                let target = words.get(1).map_or("", |word| self.text(*word)).to_owned();
                let arguments = words.iter().skip(2).map(|word| self.argument(*word)).collect();
                let value = call(span, command(span, "printf"), arguments);
                let value = self.captured(span, vec![value]);
                assign(span, variable(span, &target), value)
            }
            "test" | "[" => self.tested(span, words),
            "let" => {
                let parts = words.iter().map(|word| self.let_word(*word)).collect();
                opaque(span, parts)
            }
            "trap" => {
                let code = words.first().and_then(|word| self.line(*word));
                match code {
                    Some(code) => language(span, "deferred", vec![code]),
                    None => {
                        // `trap cleanup EXIT`
                        let name = words.first().map_or("", |word| self.text(*word)).to_owned();
                        let called = call(span, command(span, &name), Vec::new());
                        language(span, "deferred", vec![closure(span, called)])
                    }
                }
            }
            shell if SHELLS.contains(&shell.rsplit('/').next().unwrap_or(shell)) => self.shell(span, words)?,
            _ => return None,
        })
    }

    /// `bash script.sh …`, perhaps with `-x`.
    fn shell(&mut self, span: Span, words: &[Node<'_>]) -> Option<Expr> {
        let first = words.iter().position(|word| !self.text(*word).starts_with(['-', '+']))?;
        let options: Vec<&str> = words.iter().take(first).map(|word| self.text(*word)).collect();
        let short = |option: &&&str| !option.starts_with("--");
        if options.iter().filter(short).any(|option| option.contains('c')) {
            let traced = options.iter().filter(short).any(|option| option.contains('x'));
            let arguments = self.arguments("sh", words);
            let value = call(span, command(span, "sh"), arguments);
            return Some(if traced { block(span, vec![super::trace(span, true), value]) } else { value });
        }
        let path = self.word(*words.get(first)?);
        let end = known_end(&path).map(|(end, whole)| (end.to_owned(), whole));
        let script = end.and_then(|(end, whole)| self.script_name(path.span, &end, whole));
        let rest: Vec<Argument> = words.iter().skip(first + 1).map(|word| self.argument(*word)).collect();
        let value = match script {
            Some(script) => call(span, command(path.span, &script), rest),
            None => call(span, command(span, "sh"), std::iter::once(argument(path)).chain(rest).collect()),
        };
        let traced = options.iter().filter(short).any(|option| option.contains('x'));
        Some(if traced { block(span, vec![super::trace(span, true), value]) } else { value })
    }

    fn set(&mut self, span: Span, words: &[Node<'_>]) -> Expr {
        let mut all = Vec::new();
        let mut index = 0;
        while let Some(word) = words.get(index) {
            let word_text = self.text(*word);
            index += 1;
            match word_text {
                // The arguments are replaced.
                "--" => {
                    let items = words.iter().skip(index).map(|word| self.argument(*word)).collect();
                    all.push(assign(span, variable(span, ARGUMENTS), expr(span, ExprKind::List(items))));
                    break;
                }
                "-o" | "+o" => {
                    let named = words.get(index).map_or("", |word| self.text(*word));
                    index += 1;
                    if named == "xtrace" {
                        all.push(super::trace(span, word_text == "-o"));
                    }
                }
                option if option.starts_with(['-', '+']) => {
                    if option.contains('x') {
                        all.push(super::trace(span, option.starts_with('-')));
                    }
                    // `set -euxo pipefail`
                    if option.ends_with('o') {
                        index += 1;
                    }
                }
                _ => {}
            }
        }
        all.push(nothing(span));
        block(span, all)
    }

    /// Runs another file here. What is known of its path names it.
    fn source(&mut self, span: Span, words: &[Node<'_>]) -> Expr {
        let Some(path) = words.first().map(|word| self.word(*word)) else { return nothing(span) };
        let end = known_end(&path).map(|(end, whole)| (end.to_owned(), whole));
        let script = end.and_then(|(end, whole)| self.script_name(path.span, &end, whole));
        let arguments = words.iter().skip(1).map(|word| self.argument(*word)).collect();
        match script {
            Some(script) => call(span, command(path.span, &script), arguments),
            None => opaque(span, vec![path]),
        }
    }

    fn eval(&mut self, span: Span, words: &[Node<'_>]) -> Expr {
        if let [only] = words
            && let Some(code) = self.line(*only)
        {
            return call(span, code, Vec::new());
        }
        let words = words.iter().map(|word| self.argument(*word)).collect();
        self.language_call(span, "run", words)
    }

    /// `read a b`: the names hold what is read.
    fn read(&mut self, span: Span, words: &[Node<'_>]) -> Expr {
        let mut all = Vec::new();
        for (name, at) in self.read_names(words) {
            let value = language(at, "line", vec![variable(at, INPUT)]);
            all.push(assign(at, variable(at, &name), value));
        }
        all.push(nothing(span));
        block(span, all)
    }

    /// The names that `read` fills, and whether it reads into one list.
    pub(super) fn read_names(&self, words: &[Node<'_>]) -> Vec<(String, Span)> {
        let mut names = Vec::new();
        let mut skip = false;
        for word in words {
            let text = self.text(*word);
            if std::mem::take(&mut skip) {
                continue;
            }
            if let Some(options) = text.strip_prefix('-') {
                skip = options.ends_with(['d', 'n', 'N', 'p', 't', 'u', 'i']);
                continue;
            }
            names.push((unescaped(text), self.span(*word)));
        }
        if names.is_empty() {
            let at = words.first().map_or(Span { file: self.file, start: 0, end: 0 }, |word| self.span(*word));
            names.push(("REPLY".to_owned(), at));
        }
        names
    }

    /// `let n+=1`, `let "n = n + 1"`
    fn let_word(&mut self, word: Node<'_>) -> Expr {
        let span = self.span(word);
        let raw = self.text(word).trim_matches(['"', '\'']);
        let name: String = raw.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        let rest = raw.get(name.len()..).unwrap_or("").trim_start();
        if name.is_empty() || !(rest.starts_with("++") || rest.starts_with('=') || rest.get(1..2) == Some("=")) {
            return text(span, raw);
        }
        let adds = rest.contains('+');
        let operator = Some(if adds { BinaryOperator::Add } else { BinaryOperator::Arithmetic });
        let (target, value) = (Box::new(variable(span, &name)), Box::new(opaque(span, Vec::new())));
        expr(span, ExprKind::Assign { target, operator, value })
    }
}
