//! Branches, loops, cases and functions.

use super::conditions::{constant, not};
use super::nodes::{ARGUMENTS, INPUT, bind, block, expr, language, nothing, opaque, text, variable};
use super::{Lowerer, children, named};
use crate::program::tree::{Arm, BinaryOperator, Expr, ExprKind, Literal, LoopKind, Pattern, PatternKind};
use crate::span::Span;
use tree_sitter::Node;

impl Lowerer<'_> {
    pub(super) fn control(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        match node.kind() {
            "if_statement" => self.branches(node),
            "while_statement" => self.while_loop(node),
            "for_statement" => self.for_loop(node),
            "c_style_for_statement" => self.counted_loop(node),
            "case_statement" => self.case(node),
            "function_definition" => self.define(node),
            _ => nothing(span),
        }
    }

    /// The statements of a clause: those between `then` and what ends it.
    fn body_of(&mut self, node: Node<'_>, from: usize) -> Expr {
        let mut statements = Vec::new();
        let mut started = false;
        let all = children(node);
        let mut index = 0;
        while let Some(child) = all.get(index) {
            index += 1;
            started |= child.kind() == "then" || from == 0;
            if !started || !child.is_named() || !super::statements::is_statement(child.kind()) {
                continue;
            }
            let lowered = self.statement(*child);
            let background = all.get(index).is_some_and(|next| next.kind() == "&");
            statements.push(if background {
                let at = lowered.span;
                language(at, "background", vec![super::nodes::closure(at, lowered)])
            } else {
                lowered
            });
        }
        let span = self.span(node);
        match statements.is_empty() {
            true => nothing(span),
            false => given_back(span, statements),
        }
    }

    fn branches(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        let condition = self.conditions(node);
        let then = self.body_of(node, 1);
        let clauses: Vec<Node<'_>> =
            named(node).into_iter().filter(|child| matches!(child.kind(), "elif_clause" | "else_clause")).collect();
        let mut otherwise = None;
        for clause in clauses.into_iter().rev() {
            if clause.kind() == "else_clause" {
                otherwise = Some(Box::new(self.body_of(clause, 0)));
                continue;
            }
            let at = self.span(clause);
            let condition = Box::new(self.clause_condition(clause));
            let then = Box::new(self.body_of(clause, 1));
            let rest = otherwise.take();
            otherwise = Some(Box::new(expr(at, ExprKind::If { condition, then, otherwise: rest })));
        }
        expr(span, ExprKind::If { condition: Box::new(condition), then: Box::new(then), otherwise })
    }

    /// The condition of `if` and `while`: the last of its commands decides.
    fn conditions(&mut self, node: Node<'_>) -> Expr {
        let mut cursor = node.walk();
        let all: Vec<Node<'_>> =
            node.children_by_field_name("condition", &mut cursor).filter(|child| child.is_named()).collect();
        let all: Vec<Node<'_>> =
            all.into_iter().filter(|child| super::statements::is_statement(child.kind())).collect();
        self.last_decides(node, &all)
    }

    fn clause_condition(&mut self, node: Node<'_>) -> Expr {
        let before: Vec<Node<'_>> = children(node)
            .into_iter()
            .take_while(|child| child.kind() != "then")
            .filter(|child| child.is_named() && super::statements::is_statement(child.kind()))
            .collect();
        self.last_decides(node, &before)
    }

    fn last_decides(&mut self, node: Node<'_>, all: &[Node<'_>]) -> Expr {
        let Some((last, before)) = all.split_last() else { return opaque(self.span(node), Vec::new()) };
        let mut statements: Vec<Expr> = before.iter().map(|one| self.statement(*one)).collect();
        let condition = self.condition(*last);
        if statements.is_empty() {
            return condition;
        }
        let span = condition.span;
        statements.push(condition);
        block(span, statements)
    }

    /// The command `read` that decides a loop, when one does.
    pub(super) fn reading_loop<'t>(&self, node: Node<'t>) -> Option<Node<'t>> {
        let condition = node.child_by_field_name("condition")?;
        let read = match condition.kind() {
            "command" => condition,
            // `read -r line || [ -n "$line" ]`
            "list" => named(condition).first().copied()?,
            _ => return None,
        };
        let name = read.child_by_field_name("name")?;
        (self.text(name) == "read" && self.text(node).starts_with("while")).then_some(read)
    }

    /// A loop over what is read, line by line.
    pub(super) fn each_line(&mut self, node: Node<'_>, read: Node<'_>, input: Expr) -> Expr {
        let span = self.span(node);
        let mut cursor = read.walk();
        let words: Vec<Node<'_>> = read.children_by_field_name("argument", &mut cursor).collect();
        let mut patterns: Vec<Pattern> = self.read_names(&words).iter().map(|(name, at)| bind(*at, name)).collect();
        let pattern = match patterns.len() {
            1 => patterns.pop().unwrap_or_else(|| bind(span, "REPLY")),
            _ => Pattern { span: self.span(read), kind: PatternKind::Or(patterns) },
        };
        let body = node.child_by_field_name("body").map(|body| self.statement(body));
        let kind = LoopKind::Each { pattern: Box::new(pattern), iterable: Box::new(input), awaited: false };
        let body = Box::new(body.unwrap_or_else(|| nothing(span)));
        expr(span, ExprKind::Loop { kind, body })
    }

    fn while_loop(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        if let Some(read) = self.reading_loop(node) {
            let input = variable(self.span(read), INPUT);
            return self.each_line(node, read, input);
        }
        let until = self.text(node).starts_with("until");
        let condition = self.conditions(node);
        let body = node.child_by_field_name("body").map(|body| self.statement(body));
        let body = body.unwrap_or_else(|| nothing(span));
        let (until, condition) = match condition.kind {
            ExprKind::Unary { operator: crate::program::tree::UnaryOperator::Not, operand } => (!until, *operand),
            kind => (until, Expr { span: condition.span, kind }),
        };
        if constant(&condition) == Some(!until) {
            return expr(span, ExprKind::Loop { kind: LoopKind::Forever, body: Box::new(body) });
        }
        // Until a command succeeds: it is tried again and again.
        if until && is_command(&condition) {
            let at = condition.span;
            let leave = Box::new(expr(at, ExprKind::Break(None)));
            let tried = ExprKind::If { condition: Box::new(condition), then: leave, otherwise: None };
            let body = Box::new(block(body.span, vec![expr(at, tried), body]));
            return expr(span, ExprKind::Loop { kind: LoopKind::Forever, body });
        }
        let condition = if until { not(condition.span, condition) } else { condition };
        expr(span, ExprKind::Loop { kind: LoopKind::While(Box::new(condition)), body: Box::new(body) })
    }

    fn for_loop(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        let Some(name) = node.child_by_field_name("variable") else { return nothing(span) };
        let pattern = Box::new(bind(self.span(name), self.text(name)));
        let mut cursor = node.walk();
        let values: Vec<Node<'_>> = node.children_by_field_name("value", &mut cursor).collect();
        let iterable = match values.as_slice() {
            [] => variable(span, ARGUMENTS),
            [only] => self.gone_over(*only),
            many => {
                let at = self.span(many.first().copied().unwrap_or(node));
                let items = many.iter().map(|value| self.argument(*value)).collect();
                expr(at, ExprKind::List(items))
            }
        };
        let body = node.child_by_field_name("body").map(|body| self.statement(body));
        let body = Box::new(body.unwrap_or_else(|| nothing(span)));
        let kind = LoopKind::Each { pattern, iterable: Box::new(iterable), awaited: false };
        expr(span, ExprKind::Loop { kind, body })
    }

    /// What a loop over one word goes over: a range of numbers, or whatever the word stands for.
    fn gone_over(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        let raw = self.text(node);
        let seq = raw.trim_start_matches(['$', '(', '`']).starts_with("seq ");
        if seq || raw.starts_with('{') && raw.contains("..") {
            let bound = |text: &str| super::nodes::number(span, text.trim());
            let inner = raw.trim_matches(['{', '}', '(', ')', '$', '`']);
            let mut numbers = inner.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty());
            let first = numbers.next().unwrap_or("1").to_owned();
            let last = numbers.next().map_or_else(|| first.clone(), str::to_owned);
            let (left, right) = (Box::new(bound(&first)), Box::new(bound(&last)));
            return expr(span, ExprKind::Binary { operator: BinaryOperator::Range, left, right });
        }
        let value = self.argument(node);
        match &value.value.kind {
            ExprKind::Literal(Literal::Text(_)) => expr(span, ExprKind::List(vec![value])),
            _ => value.value,
        }
    }

    fn counted_loop(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        let part =
            |this: &mut Self, name: &str| node.child_by_field_name(name).map(|part| Box::new(this.arithmetic(part)));
        let start = part(self, "initializer");
        let condition = part(self, "condition");
        let update = part(self, "update");
        let body = node.child_by_field_name("body").map(|body| self.statement(body));
        let body = Box::new(body.unwrap_or_else(|| nothing(span)));
        let kind = match (&start, &condition) {
            (None, None) => LoopKind::Forever,
            _ => LoopKind::Counted { start, condition, update },
        };
        expr(span, ExprKind::Loop { kind, body })
    }

    fn case(&mut self, node: Node<'_>) -> Expr {
        let span = self.span(node);
        let subject = node.child_by_field_name("value").map(|value| self.word(value));
        let subject = Box::new(subject.unwrap_or_else(|| nothing(span)));
        let mut arms = Vec::new();
        for item in named(node).into_iter().filter(|child| child.kind() == "case_item") {
            let mut cursor = item.walk();
            let values: Vec<Node<'_>> = item.children_by_field_name("value", &mut cursor).collect();
            let mut patterns: Vec<Pattern> = values.into_iter().map(|value| self.case_pattern(value)).collect();
            let at = self.span(item);
            let pattern = match patterns.len() {
                1 => patterns.pop().unwrap_or(Pattern { span: at, kind: PatternKind::Wildcard }),
                _ => Pattern { span: at, kind: PatternKind::Or(patterns) },
            };
            let body = self.body_of(item, 0);
            arms.push(Arm { pattern, guard: None, body });
        }
        expr(span, ExprKind::Match { subject, arms })
    }

    fn case_pattern(&mut self, node: Node<'_>) -> Pattern {
        let span = self.span(node);
        let raw = self.text(node);
        let kind = match raw {
            "*" => PatternKind::Wildcard,
            raw if raw.contains(['*', '?', '[', '(']) => PatternKind::Value(Box::new(opaque(span, Vec::new()))),
            raw if raw.contains('$') => PatternKind::Value(Box::new(self.word(node))),
            raw => PatternKind::Value(Box::new(text(span, raw.trim_matches(['"', '\''])))),
        };
        Pattern { span, kind }
    }
}

/// A block; what is written right before leaving is what is given back.
fn given_back(span: Span, statements: Vec<Expr>) -> Expr {
    let mut found: Vec<Expr> = Vec::new();
    for statement in statements {
        if let ExprKind::Return(None) = statement.kind
            && let Some(last) = found.pop_if(|last| matches!(last.kind, ExprKind::Call { .. }))
        {
            found.push(expr(last.span.to(statement.span), ExprKind::Return(Some(Box::new(last)))));
            continue;
        }
        found.push(statement);
    }
    block(span, found)
}

fn is_command(condition: &Expr) -> bool {
    matches!(&condition.kind, ExprKind::Call { .. } | ExprKind::Block(_))
}
