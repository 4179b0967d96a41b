//! Statements: lists, pipelines, what commands read and where their output goes.

use super::nodes::{APART, INPUT, assign, block, closure, expr, language, nothing, opaque, variable};
use super::{Lowerer, children, named};
use crate::program::tree::{
    Argument, BinaryOperator, Block, Expr, ExprKind, ItemKind, Literal, Path, TemplatePart, UnaryOperator,
};
use crate::span::Span;
use tree_sitter::Node;

/// Where the output of a command goes.
#[derive(Default)]
enum Output {
    /// To whoever runs it.
    #[default]
    Inherited,
    /// Nowhere.
    Discarded,
    /// Among the errors.
    Errors,
    /// Into a file.
    File(Expr),
}

/// What stands behind a command.
#[derive(Default)]
struct Redirects<'t> {
    input: Option<Expr>,
    output: Output,
    /// Commands that read its output, as a here-document's first line has them.
    stages: Vec<Node<'t>>,
    /// Arguments behind a redirection.
    arguments: Vec<Node<'t>>,
}

impl Lowerer<'_> {
    /// The statements below a node, in order.
    pub(super) fn list(&mut self, node: Node<'_>) -> Vec<Expr> {
        let all = children(node);
        let mut found: Vec<Expr> = Vec::new();
        for (index, child) in all.iter().enumerate() {
            if !child.is_named() || !is_statement(child.kind()) {
                continue;
            }
            if child.kind() == "variable_assignments" {
                // `a=1 b=2`: each is a statement of its own.
                found.extend(named(*child).into_iter().map(|one| self.assignment(one, false)));
                continue;
            }
            let lowered = self.statement(*child);
            let behind = all.get(index + 1).map_or("", |next| next.kind());
            let lowered = if behind == "&" {
                let span = lowered.span;
                language(span, "background", vec![closure(span, lowered)])
            } else {
                lowered
            };
            // What is written right before leaving is what is given back.
            if let ExprKind::Return(None) = lowered.kind
                && let Some(last) = found.pop_if(|last| gives_value(last))
            {
                found.push(expr(last.span.to(lowered.span), ExprKind::Return(Some(Box::new(last)))));
                continue;
            }
            found.push(lowered);
        }
        found
    }

    pub(super) fn statement(&mut self, node: Node<'_>) -> Expr {
        self.deeper(node, |this| this.statement_inside(node))
    }

    fn statement_inside(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        match node.kind() {
            "command" => self.simple(node),
            "declaration_command" => self.declaration(node),
            "variable_assignment" => self.assignment(node, false),
            "variable_assignments" => {
                let all = named(node).into_iter().map(|one| self.assignment(one, false)).collect();
                block(span, all)
            }
            "pipeline" => {
                let stages = named(node).into_iter().filter(|stage| is_statement(stage.kind())).collect();
                self.pipeline(span, None, stages)
            }
            "list" => self.and_or(node),
            "redirected_statement" => self.redirected(node),
            "compound_statement" if self.text(node).starts_with("((") => {
                let parts = named(node).into_iter().map(|part| self.arithmetic(part)).collect();
                block(span, parts)
            }
            "compound_statement" | "subshell" | "do_group" | "ERROR" | "program" => {
                let around = self.folder.clone();
                let statements = self.list(node);
                if node.kind() == "subshell" {
                    self.folder = around;
                }
                match (statements.is_empty(), node.kind()) {
                    (true, _) => nothing(span),
                    // What it does to variables ends with it.
                    (false, "subshell") => language(span, APART, vec![closure(span, block(span, statements))]),
                    (false, _) => block(span, statements),
                }
            }
            "negated_command" | "test_command" => self.condition(node),
            _ => self.control(node),
        }
    }

    /// `a && b`, `a || b`
    fn and_or(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        let parts: Vec<Node<'_>> = named(node).into_iter().filter(|part| is_statement(part.kind())).collect();
        let (Some(first), Some(second)) = (parts.first().copied(), parts.get(1).copied()) else {
            return block(span, self.list(node));
        };
        let either = children(node).iter().any(|child| child.kind() == "||");
        let then = self.statement(second);
        // `a || exit`: what follows runs only when `a` held.
        if either && !leaves(&then) {
            let left = Box::new(self.condition(first));
            return expr(span, ExprKind::Binary { operator: BinaryOperator::Or, left, right: Box::new(then) });
        }
        let condition = self.condition(first);
        let condition = match either {
            true => {
                let operand = Box::new(condition);
                expr(self.span(first), ExprKind::Unary { operator: UnaryOperator::Not, operand })
            }
            false => condition,
        };
        expr(span, ExprKind::If { condition: Box::new(condition), then: Box::new(then), otherwise: None })
    }

    /// Each stage reads what the one before it writes.
    fn pipeline(&mut self, span: Span, first: Option<Expr>, stages: Vec<Node<'_>>) -> Expr {
        let mut input = first;
        let count = stages.len();
        for (index, stage) in stages.into_iter().enumerate() {
            let value = self.stage(stage, input.take());
            if index + 1 == count {
                return Expr { span, ..value };
            }
            let at = value.span;
            input = Some(self.captured(at, vec![value]));
        }
        input.unwrap_or_else(|| nothing(span))
    }

    fn stage(&mut self, node: Node<'_>, input: Option<Expr>) -> Expr {
        let Some(input) = input else { return self.statement(node) };
        if node.kind() == "while_statement"
            && let Some(read) = self.reading_loop(node)
        {
            return self.each_line(node, read, input);
        }
        let span = self.span(node);
        let reads = assign(input.span, variable(input.span, INPUT), input);
        let value = self.statement(node);
        block(span, vec![reads, value])
    }

    fn redirected(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        let mut redirects = Redirects::default();
        for child in named(node) {
            self.redirect(child, &mut redirects);
        }
        let Some(body) = node.child_by_field_name("body") else {
            // `> file` alone, or a here-document for nobody.
            return redirects.input.unwrap_or_else(|| nothing(span));
        };
        let code = named(node)
            .into_iter()
            .filter(|child| child.kind() == "heredoc_redirect" && self.runs_its_input(body))
            .find_map(|redirect| children(redirect).into_iter().find(|child| child.kind() == "heredoc_body"))
            .and_then(|document| self.script_between(document.start_byte(), document.end_byte()));
        let mut value = match (code, redirects.input.take()) {
            (Some(code), _) => language(span, APART, vec![code]),
            (None, Some(input)) => self.stage(body, Some(input)),
            (None, None) => self.statement(body),
        };
        // The grammar leaves out a dash that stands right before a here-document.
        let redirect = named(node).into_iter().find(|child| child.start_byte() >= body.end_byte());
        let between = redirect.and_then(|redirect| self.script.text.get(body.end_byte()..redirect.start_byte()));
        if between.is_some_and(|between| between.trim() == "-") {
            let at = self.range(body.end_byte(), body.end_byte());
            add_argument(&mut value, super::nodes::argument(super::nodes::text(at, "-")));
        }
        for argument in std::mem::take(&mut redirects.arguments) {
            let argument = self.argument(argument);
            add_argument(&mut value, argument);
        }
        if !redirects.stages.is_empty() {
            let first = self.captured(span, vec![value]);
            let stages = std::mem::take(&mut redirects.stages);
            value = self.pipeline(span, Some(first), stages);
        }
        self.written(span, value, redirects.output)
    }

    /// Sends the output of a command where a redirection says.
    fn written(&mut self, span: Span, value: Expr, output: Output) -> Expr {
        match output {
            Output::Inherited => value,
            Output::Discarded => {
                let captured = self.captured(span, vec![value]);
                expr(span, ExprKind::Opaque(vec![captured]))
            }
            Output::Errors => {
                let captured = self.captured(span, vec![value]);
                language(span, "errors", vec![captured])
            }
            Output::File(path) => {
                let captured = self.captured(span, vec![value]);
                language(span, "file", vec![captured, path])
            }
        }
    }

    fn redirect<'t>(&mut self, node: Node<'t>, redirects: &mut Redirects<'t>) {
        match node.kind() {
            "file_redirect" => {
                let descriptor = node.child_by_field_name("descriptor").map_or("", |number| self.text(number));
                let sign = children(node).into_iter().find(|child| !child.is_named()).map_or("", |child| child.kind());
                let Some(destination) = node.child_by_field_name("destination").or_else(|| named(node).last().copied())
                else {
                    return;
                };
                if sign.starts_with('<') {
                    let span = self.span(destination);
                    let word = match destination.kind() {
                        "process_substitution" => {
                            let statements = self.list(destination);
                            self.captured(span, statements)
                        }
                        _ => {
                            let path = self.word(destination);
                            language(span, "contents", vec![path])
                        }
                    };
                    redirects.input = Some(word);
                    return;
                }
                if matches!(descriptor, "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9") {
                    return;
                }
                let path = self.text(destination).trim_matches('"');
                redirects.output = match path {
                    "2" if sign.ends_with('&') => Output::Errors,
                    "/dev/stderr" => Output::Errors,
                    "/dev/null" => Output::Discarded,
                    "/dev/tty" | "/dev/stdout" | "/proc/1/fd/1" => Output::Inherited,
                    number if sign.ends_with('&') && !sign.starts_with('&') && number.len() == 1 => Output::Inherited,
                    _ if destination.kind() == "process_substitution" => {
                        let inner = self.word(destination);
                        Output::File(inner)
                    }
                    _ => Output::File(self.word(destination)),
                };
            }
            "herestring_redirect" => {
                redirects.input = named(node).last().map(|word| self.word(*word));
            }
            "heredoc_redirect" => {
                for child in children(node) {
                    match child.kind() {
                        "heredoc_body" => redirects.input = Some(self.heredoc(node, child)),
                        "pipeline" => redirects.stages.extend(named(child)),
                        "file_redirect" | "herestring_redirect" => self.redirect(child, redirects),
                        _ if node_is_argument(node, child) => redirects.arguments.push(child),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    /// A here-document: with quotes around its mark nothing is replaced in it.
    fn heredoc(&mut self, redirect: Node<'_>, body: Node<'_>) -> Expr {
        let start = named(redirect).into_iter().find(|child| child.kind() == "heredoc_start");
        let quoted = start.is_some_and(|start| self.text(start).contains(['\'', '"', '\\']));
        match quoted {
            true => super::nodes::text(self.span(body), self.text(body)),
            false => self.word(body),
        }
    }

    /// A command with its assignments and redirections.
    fn simple(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        let mut before = Vec::new();
        let mut redirects = Redirects::default();
        for child in named(node) {
            match child.kind() {
                "variable_assignment" => before.push(self.assignment(child, true)),
                "herestring_redirect" | "file_redirect" | "heredoc_redirect" => self.redirect(child, &mut redirects),
                _ => {}
            }
        }
        if let Some(input) = redirects.input.take() {
            before.push(assign(input.span, variable(input.span, INPUT), input));
        }
        let value = self.command(node);
        let value = self.written(span, value, redirects.output);
        before.push(value);
        block(span, before)
    }

    /// `NAME=value`. `local`: it is of the function around.
    pub(super) fn assignment(&mut self, node: Node<'_>, exported: bool) -> Expr {
        let span = self.span(node);
        if node.kind() != "variable_assignment" {
            return self.word(node);
        }
        let value = match node.child_by_field_name("value") {
            Some(value) => self.word(value),
            None => super::nodes::text(Span { start: span.end, ..span }, ""),
        };
        self.may_name_script(&value);
        let Some(name) = node.child_by_field_name("name") else { return value };
        let target = match name.kind() {
            "subscript" => self.subscript_place(name),
            _ => variable(self.span(name), self.text(name)),
        };
        if exported && let ExprKind::Name(path) = &target.kind {
            return self::exported(span, path.last(), value);
        }
        let adds = children(node).iter().any(|child| child.kind() == "+=");
        let operator = adds.then_some(BinaryOperator::Add);
        expr(span, ExprKind::Assign { target: Box::new(target), operator, value: Box::new(value) })
    }

    fn subscript_place(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        let base = node.child_by_field_name("name").map_or("", |name| self.text(name));
        let base = Box::new(variable(span, base));
        let Some(index) = node.child_by_field_name("index") else { return *base };
        let index = match index.kind() {
            "word" | "number" => super::nodes::text(self.span(index), self.text(index)),
            _ => self.word(index),
        };
        expr(span, ExprKind::Index { base, index: Box::new(index) })
    }

    /// `export`, `local`, `readonly`, `declare`.
    fn declaration(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        let keyword = children(node).first().map_or("", |word| self.text(*word));
        let options: String = named(node)
            .into_iter()
            .filter(|word| word.kind() == "word")
            .map(|word| self.text(word))
            .filter(|word| word.starts_with('-'))
            .collect();
        let local = keyword == "local" || matches!(keyword, "declare" | "typeset") && !options.contains('g');
        let local = local && self.functions > 0;
        let exported = keyword == "export" || options.contains('x');
        let mut all = Vec::new();
        for part in named(node) {
            match part.kind() {
                "variable_assignment" if local => {
                    let at = self.span(part);
                    if let ExprKind::Assign { target, operator: None, value } = self.assignment(part, false).kind {
                        let ExprKind::Name(path) = &target.kind else { continue };
                        let pattern = Box::new(super::nodes::bind(target.span, path.last()));
                        let value = Some(value);
                        all.push(expr(at, ExprKind::Let { pattern, ty: None, value, otherwise: None }));
                    }
                }
                "variable_assignment" => {
                    let assigned = self.assignment(part, exported);
                    all.push(assigned);
                }
                "variable_name" if local => {
                    let at = self.span(part);
                    let pattern = Box::new(super::nodes::bind(at, self.text(part)));
                    let value = Some(Box::new(super::nodes::text(Span { start: at.end, ..at }, "")));
                    all.push(expr(at, ExprKind::Let { pattern, ty: None, value, otherwise: None }));
                }
                // `export "$name=value"` and the like.
                "string" | "concatenation" | "simple_expansion" | "expansion" => {
                    let value = self.word(part);
                    all.push(opaque(value.span, vec![value]));
                }
                _ => {}
            }
        }
        match all.is_empty() {
            true => nothing(span),
            false => {
                all.push(nothing(span));
                block(span, all)
            }
        }
    }

    /// A function: seen everywhere in its file.
    pub(super) fn define(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        let (Some(name), Some(body)) = (node.child_by_field_name("name"), node.child_by_field_name("body")) else {
            return nothing(span);
        };
        self.functions += 1;
        let around = std::mem::take(&mut self.folder);
        let body = self.statement(body);
        self.folder = around;
        self.functions -= 1;
        let name_span = self.span(name);
        let name = self.text(name).to_owned();
        self.items.push(super::nodes::definition(span, name_span, &name, body));
        nothing(span)
    }

    /// Makes a file of the project's part of this one: its functions are seen here.
    pub(super) fn import(&mut self, span: Span, specifier: &str) {
        let known = self.items.iter().any(|known| match &known.kind {
            ItemKind::Import(import) => import.path.last() == specifier,
            _ => false,
        });
        if !known {
            self.takes_in(span, specifier);
        }
    }
}

/// `export NAME=value`: the variable is set, and the programs that are started see it.
pub(super) fn exported(span: Span, name: &str, value: Expr) -> Expr {
    let set = assign(span, variable(span, name), value);
    let environment = Path {
        anchor: crate::program::tree::Anchor::External,
        segments: vec!["shell".to_owned(), "environment".to_owned()],
    };
    let base = Box::new(expr(span, ExprKind::Name(environment)));
    let place = expr(span, ExprKind::Field { base, name: name.to_owned(), name_span: span, optional: false });
    let seen = assign(span, place, variable(span, name));
    block(span, vec![set, seen])
}

fn node_is_argument(parent: Node<'_>, child: Node<'_>) -> bool {
    let mut cursor = parent.walk();
    parent.children_by_field_name("argument", &mut cursor).any(|argument| argument.id() == child.id())
}

/// Whether a node is something that runs.
pub(super) fn is_statement(kind: &str) -> bool {
    matches!(
        kind,
        "command"
            | "declaration_command"
            | "variable_assignment"
            | "variable_assignments"
            | "pipeline"
            | "list"
            | "redirected_statement"
            | "compound_statement"
            | "subshell"
            | "negated_command"
            | "test_command"
            | "if_statement"
            | "while_statement"
            | "for_statement"
            | "c_style_for_statement"
            | "case_statement"
            | "function_definition"
            | "unset_command"
            | "do_group"
            | "ERROR"
    )
}

/// Adds an argument to a command, which may stand behind what it reads.
fn add_argument(command: &mut Expr, argument: Argument) {
    match &mut command.kind {
        ExprKind::Call { arguments, .. } => arguments.push(argument),
        ExprKind::Block(Block { value: Some(value), .. }) => {
            if let ExprKind::Call { arguments, .. } = &mut value.kind {
                arguments.push(argument);
            }
        }
        _ => {}
    }
}

/// Whether a statement always leaves the function or loop around it.
fn leaves(statement: &Expr) -> bool {
    match &statement.kind {
        ExprKind::Return(_) | ExprKind::Break(_) | ExprKind::Continue => true,
        ExprKind::Block(Block { statements, value, .. }) => statements.iter().chain(value.as_deref()).any(leaves),
        // `|| ( echo …; exit 1 )` is written for a script that ends when a command fails.
        ExprKind::Call { callee, arguments, .. } => {
            let apart = matches!(&callee.kind, ExprKind::Name(path) if path.last() == APART);
            apart
                && arguments.iter().any(|argument| match &argument.value.kind {
                    ExprKind::Closure(function) => function.body.as_ref().is_some_and(leaves),
                    _ => false,
                })
        }
        _ => false,
    }
}

/// Whether a statement may write something.
fn gives_value(statement: &Expr) -> bool {
    match &statement.kind {
        ExprKind::Call { .. } | ExprKind::If { .. } | ExprKind::Match { .. } => true,
        ExprKind::Block(block) => block.value.as_deref().is_some_and(gives_value),
        _ => false,
    }
}

/// Commands of which everything they write counts, not only what the last of them writes.
pub(super) fn together(span: Span, statements: Vec<Expr>) -> Expr {
    let mut statements = statements;
    // `{ …; } > file`
    if let [Expr { kind: ExprKind::Block(_), .. }] = statements.as_slice()
        && let Some(Expr { kind: ExprKind::Block(inner), .. }) = statements.pop()
    {
        statements = inner.statements.into_iter().chain(inner.value.map(|value| *value)).collect();
    }
    if statements.iter().filter(|statement| gives_value(statement)).count() < 2 {
        return block(span, statements);
    }
    let mut parts = Vec::new();
    let mut before = Vec::new();
    for statement in statements {
        let writes = gives_value(&statement);
        before.push(statement);
        if writes {
            parts.push(block(span, std::mem::take(&mut before)));
        }
    }
    if !before.is_empty() {
        before.push(nothing(span));
        parts.push(block(span, before));
    }
    language(span, "together", parts)
}

/// The text of a word, where everything in it is known; otherwise what stands behind the last part that is not.
pub(super) fn known_end(word: &Expr) -> Option<(&str, bool)> {
    match &word.kind {
        ExprKind::Literal(Literal::Text(text)) => Some((text, true)),
        ExprKind::Template(parts) => match parts.last() {
            Some(TemplatePart::Text { text, .. }) => Some((text, false)),
            _ => None,
        },
        _ => None,
    }
}
