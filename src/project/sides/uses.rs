//! The names that a piece of code takes from around it, and what running it may do.

use crate::program::tree::{
    Anchor, Expr, ExprKind, Function, Item, ItemKind, Literal, LoopKind, Path, Pattern, PatternKind, TypeDefinition,
};
use crate::program::visit::children;
use std::collections::HashSet;
use std::ops::Range;

/// Code nested deeper than this is not looked at.
const MAX_DEPTH: usize = 400;

/// A name taken from around the code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Use {
    /// A name, and the field read from it when it is one that is written down.
    Name(String, Option<String>),
    /// A file named in place (`import('./x')`, `require('./x').y`), with the part of it that is taken.
    File(String, Option<String>),
}

/// What is found in a piece of code.
#[derive(Debug, Default)]
pub(super) struct Uses {
    /// Names, each with the first place.
    pub names: Vec<(Use, Range<usize>)>,
    /// Functions that say they run on the server, and code that runs there only by its condition.
    pub server: Vec<Range<usize>>,
    known: HashSet<Use>,
    bound: Vec<HashSet<String>>,
}

impl Uses {
    fn add(&mut self, found: Use, range: Range<usize>) {
        if self.known.insert(found.clone()) {
            self.names.push((found, range));
        }
    }

    fn path(&mut self, path: &Path, field: Option<&str>, range: Range<usize>) {
        let mut segments = path.segments.iter();
        let (Some(first), second) = (segments.next(), segments.next().map(String::as_str).or(field)) else { return };
        match path.anchor {
            Anchor::File => self.add(Use::File(first.clone(), second.map(str::to_owned)), range),
            Anchor::Module => self.add(Use::Name(first.clone(), second.map(str::to_owned)), range),
            Anchor::Scope if !self.bound.iter().any(|names| names.contains(first)) => {
                self.add(Use::Name(first.clone(), second.map(str::to_owned)), range);
            }
            _ => {}
        }
    }

    /// Looks through a definition.
    pub(super) fn item(&mut self, item: &Item, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        for argument in item.attributes.iter().flat_map(|attribute| &attribute.arguments) {
            self.expression(&argument.value, depth + 1);
        }
        for attribute in &item.attributes {
            self.path(&attribute.path, None, attribute.span.range());
        }
        match &item.kind {
            ItemKind::Function(function) => self.function(function, depth + 1),
            ItemKind::Type(definition) => self.class(definition, depth + 1),
            ItemKind::Constant { value: Some(value), .. } | ItemKind::Statement(value) => {
                self.expression(value, depth + 1);
            }
            ItemKind::Namespace(items) | ItemKind::Submodule { items: Some(items), .. } => {
                items.iter().for_each(|item| self.item(item, depth + 1));
            }
            ItemKind::Implementation(implementation) => {
                implementation.items.iter().for_each(|item| self.item(item, depth + 1));
            }
            _ => {}
        }
    }

    fn class(&mut self, definition: &TypeDefinition, depth: usize) {
        for base in &definition.extends {
            if let crate::program::tree::Type::Named { path, span, .. } = base {
                self.path(path, None, span.range());
            }
        }
        for field in &definition.fields {
            if let Some(value) = &field.default {
                self.expression(value, depth);
            }
        }
        definition.functions.iter().for_each(|item| self.item(item, depth));
    }

    fn function(&mut self, function: &Function, depth: usize) {
        let mut names = HashSet::new();
        for parameter in &function.parameters {
            bind(&parameter.pattern, &mut names, 0);
        }
        if let Some(body) = &function.body {
            locals(body, &mut names, 0);
            if says_server(body) {
                self.server.push(function.span.range());
            }
        }
        self.bound.push(names);
        for parameter in &function.parameters {
            if let Some(default) = &parameter.default {
                self.expression(default, depth);
            }
            self.pattern(&parameter.pattern, depth);
            for attribute in &parameter.attributes {
                attribute.arguments.iter().for_each(|argument| self.expression(&argument.value, depth));
            }
        }
        if let Some(body) = &function.body {
            self.expression(body, depth);
        }
        self.bound.pop();
    }

    fn pattern(&mut self, pattern: &Pattern, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match &pattern.kind {
            PatternKind::Bind { inner, default, .. } => {
                inner.iter().for_each(|inner| self.pattern(inner, depth + 1));
                default.iter().for_each(|default| self.expression(default, depth + 1));
            }
            PatternKind::Object { fields, rest, .. } => {
                fields.iter().for_each(|(_, inner)| self.pattern(inner, depth + 1));
                rest.iter().for_each(|rest| self.pattern(rest, depth + 1));
            }
            PatternKind::Variant { elements, .. } | PatternKind::Or(elements) => {
                elements.iter().for_each(|inner| self.pattern(inner, depth + 1));
            }
            PatternKind::List { elements, rest } => {
                elements.iter().for_each(|inner| self.pattern(inner, depth + 1));
                rest.iter().for_each(|(_, rest)| self.pattern(rest, depth + 1));
            }
            PatternKind::Value(value) => self.expression(value, depth + 1),
            PatternKind::Wildcard => {}
        }
    }

    /// Looks through an expression.
    pub(super) fn expression(&mut self, expression: &Expr, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.inner(expression, depth + 1));
    }

    fn inner(&mut self, expression: &Expr, depth: usize) {
        match &expression.kind {
            ExprKind::Name(path) => self.path(path, None, expression.span.range()),
            ExprKind::Field { base, name, .. } => match &base.kind {
                ExprKind::Name(path) => self.path(path, Some(name), expression.span.range()),
                _ => self.expression(base, depth),
            },
            // `typeof window` asks whether there is one.
            ExprKind::Call { callee, .. } if is_typeof(callee) => {}
            ExprKind::Call { callee, arguments, .. } => {
                if starts_on_server(callee) {
                    self.server.push(expression.span.range());
                }
                self.expression(callee, depth);
                arguments.iter().for_each(|argument| self.expression(&argument.value, depth));
            }
            ExprKind::If { condition, then, otherwise } => {
                match runs_on_server(condition) {
                    Some(true) => self.server.push(then.span.range()),
                    Some(false) => self.server.extend(otherwise.iter().map(|otherwise| otherwise.span.range())),
                    None => {}
                }
                self.expression(condition, depth);
                self.expression(then, depth);
                otherwise.iter().for_each(|otherwise| self.expression(otherwise, depth));
            }
            ExprKind::Closure(function) => self.function(function, depth),
            ExprKind::Item(item) => self.item(item, depth),
            ExprKind::Let { pattern, value, otherwise, .. } => {
                self.pattern(pattern, depth);
                value.iter().chain(otherwise).for_each(|value| self.expression(value, depth));
            }
            ExprKind::Match { subject, arms } => {
                self.expression(subject, depth);
                for arm in arms {
                    self.pattern(&arm.pattern, depth);
                    arm.guard.iter().for_each(|guard| self.expression(guard, depth));
                    self.expression(&arm.body, depth);
                }
            }
            ExprKind::Loop { kind: LoopKind::Each { pattern, iterable, .. }, body } => {
                self.pattern(pattern, depth);
                self.expression(iterable, depth);
                self.expression(body, depth);
            }
            _ => children(expression, &mut |child| self.expression(child, depth)),
        }
    }
}

/// Names that a pattern binds.
fn bind(pattern: &Pattern, names: &mut HashSet<String>, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    match &pattern.kind {
        PatternKind::Bind { name, inner, .. } => {
            names.insert(name.clone());
            inner.iter().for_each(|inner| bind(inner, names, depth + 1));
        }
        PatternKind::Object { fields, rest, .. } => {
            fields.iter().for_each(|(_, inner)| bind(inner, names, depth + 1));
            rest.iter().for_each(|rest| bind(rest, names, depth + 1));
        }
        PatternKind::Variant { elements, .. } | PatternKind::Or(elements) => {
            elements.iter().for_each(|inner| bind(inner, names, depth + 1));
        }
        PatternKind::List { elements, rest } => {
            elements.iter().for_each(|inner| bind(inner, names, depth + 1));
            rest.iter().for_each(|(_, rest)| bind(rest, names, depth + 1));
        }
        PatternKind::Wildcard | PatternKind::Value(_) => {}
    }
}

/// Names that a function's body binds, those of functions inside it left out.
fn locals(expression: &Expr, names: &mut HashSet<String>, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    match &expression.kind {
        ExprKind::Let { pattern, .. } => bind(pattern, names, depth),
        ExprKind::Item(item) => {
            names.insert(item.name.clone());
        }
        ExprKind::Loop { kind: LoopKind::Each { pattern, .. }, .. } => bind(pattern, names, depth),
        ExprKind::Catch { pattern: Some(pattern), .. } => bind(pattern, names, depth),
        ExprKind::Match { arms, .. } => arms.iter().for_each(|arm| bind(&arm.pattern, names, depth)),
        _ => {}
    }
    stacker::maybe_grow(64 * 1024, 1024 * 1024, || {
        children(expression, &mut |child| locals(child, names, depth + 1));
    });
}

/// Whether a function's body begins with `'use server'`.
fn says_server(body: &Expr) -> bool {
    let ExprKind::Block(block) = &body.kind else { return false };
    let directive = |statement: &Expr| match &statement.kind {
        ExprKind::Literal(Literal::Text(text)) => Some(text == "use server"),
        _ => None,
    };
    block.statements.iter().map_while(directive).any(|server| server)
}

/// Whether code under a condition runs on the server (`true`) or in the client (`false`) by that condition.
fn runs_on_server(condition: &Expr) -> Option<bool> {
    use crate::program::tree::{BinaryOperator, UnaryOperator};
    match &condition.kind {
        ExprKind::Unary { operator: UnaryOperator::Not, operand } => runs_on_server(operand).map(|server| !server),
        ExprKind::Binary { operator: BinaryOperator::And, left, right } => {
            [left, right].into_iter().find_map(|side| runs_on_server(side).filter(|server| *server))
        }
        ExprKind::Binary { operator: operator @ (BinaryOperator::Equal | BinaryOperator::NotEqual), left, right } => {
            let (ExprKind::Call { callee, arguments, .. }, ExprKind::Literal(Literal::Text(what))) =
                (&left.kind, &right.kind)
            else {
                return None;
            };
            let ExprKind::Name(path) = &arguments.first()?.value.kind else { return None };
            let global = matches!(path.single(), Some("window" | "document"));
            let missing = (what == "undefined") == (*operator == BinaryOperator::Equal);
            (is_typeof(callee) && global).then_some(missing)
        }
        _ => match dotted(condition)?.as_str() {
            "import.meta.env.SSR" | "import.meta.server" | "process.server" => Some(true),
            "import.meta.client" | "process.client" | "import.meta.browser" | "browser" => Some(false),
            _ => None,
        },
    }
}

/// Whether a chain of calls begins with a function whose arguments run on the server.
fn starts_on_server(callee: &Expr) -> bool {
    let mut at = callee;
    for _ in 0..MAX_DEPTH {
        at = match &at.kind {
            ExprKind::Field { base, .. } => base,
            ExprKind::Call { callee, .. } => callee,
            ExprKind::Name(path) => {
                return path.single().is_some_and(|name| {
                    super::tables::common().evidence.server_wrappers.iter().any(|wrapper| wrapper == name)
                });
            }
            _ => return false,
        };
    }
    false
}

fn dotted(expression: &Expr) -> Option<String> {
    match &expression.kind {
        ExprKind::Name(path) => Some(path.segments.join(".")),
        ExprKind::Field { base, name, .. } => Some(format!("{}.{name}", dotted(base)?)),
        _ => None,
    }
}

fn is_typeof(callee: &Expr) -> bool {
    matches!(&callee.kind, ExprKind::Name(path) if path.anchor == Anchor::External && path.last() == "typeof")
}

/// Whether evaluating an expression does nothing that a bundler must keep when nobody uses the value.
pub(super) fn is_pure(expression: &Expr, depth: usize) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    match &expression.kind {
        ExprKind::Literal(_) | ExprKind::Name(_) | ExprKind::Closure(_) => true,
        ExprKind::Call { callee, .. } if is_typeof(callee) => true,
        ExprKind::Call { .. }
        | ExprKind::Assign { .. }
        | ExprKind::Await(_)
        | ExprKind::Throw(_)
        | ExprKind::Opaque(_)
        | ExprKind::Loop { .. }
        | ExprKind::Item(_)
        | ExprKind::Block(_)
        | ExprKind::Catch { .. } => false,
        _ => {
            let mut pure = true;
            children(expression, &mut |child| pure = pure && is_pure(child, depth + 1));
            pure
        }
    }
}
