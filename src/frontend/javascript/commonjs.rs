//! What a CommonJS file exports: assignments to `module.exports` and `exports` at file level.

use super::Lowering;
use super::classes::dotted;
use super::expressions::{call, expr, file_path, required, static_key};
use super::items::{imported, item, own, unwrapped};
use crate::program::tree::{ExprKind, Import, Item, ItemKind};
use crate::span::Span;
use oxc_ast::ast::{self, AssignmentTarget, Expression, ObjectPropertyKind, PropertyKind, Statement};
use oxc_span::GetSpan as _;

/// The name under which a file's value as a whole is exported.
const WHOLE: &str = "=";

impl Lowering {
    /// Lowers a statement that exports something; false when it does not.
    pub(super) fn common_js(&mut self, statement: &Statement<'_>, items: &mut Vec<Item>) -> bool {
        let Statement::ExpressionStatement(statement) = statement else { return false };
        let span = self.span(statement.span);
        match &statement.expression {
            Expression::AssignmentExpression(assignment) => {
                let (names, value) = exports_of(assignment);
                let Some(first) = names.first() else { return false };
                if is_nothing(value) {
                    return true;
                }
                self.export_value(first, value, span, items);
                for other in names.iter().skip(1) {
                    let path = if first == WHOLE { own_whole() } else { own(&hidden(first)) };
                    items.push(item(span, other, ItemKind::Export(path)));
                }
                true
            }
            Expression::CallExpression(call) => self.exporting_call(call, span, items),
            _ => false,
        }
    }

    /// `const name = module.exports = value` exports the constant. Gives the value.
    pub(super) fn assigned_exports<'a, 'b>(
        &mut self,
        init: &'a Expression<'b>,
        name: &str,
        span: Span,
        items: &mut Vec<Item>,
    ) -> Option<&'a Expression<'b>> {
        let Expression::AssignmentExpression(assignment) = init else { return Some(init) };
        let (names, value) = exports_of(assignment);
        for exported in &names {
            items.push(item(span, exported, ItemKind::Export(own(name))));
        }
        Some(if names.is_empty() { init } else { value })
    }

    /// `Object.assign(module.exports, …)`, `Object.defineProperty(exports, 'x', …)`, `__exportStar(require('…'), exports)`.
    fn exporting_call(&mut self, call: &ast::CallExpression<'_>, span: Span, items: &mut Vec<Item>) -> bool {
        let Some(path) = dotted(&call.callee) else { return false };
        let arguments: Vec<&Expression<'_>> = call.arguments.iter().filter_map(|a| a.as_expression()).collect();
        match (path.segments.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), arguments.as_slice()) {
            (["Object", "assign"], [target, sources @ ..]) if exported(target) == Some(WHOLE) => {
                for source in sources {
                    self.export_all(source, span, items);
                }
                true
            }
            (
                ["Object", "defineProperty"],
                [target, Expression::StringLiteral(key), Expression::ObjectExpression(how)],
            ) if exported(target) == Some(WHOLE) => {
                for property in &how.properties {
                    let ObjectPropertyKind::ObjectProperty(property) = property else { continue };
                    match static_key(&property.key).as_deref() {
                        Some("value") => self.export_value(&key.value, &property.value, span, items),
                        Some("get") => {
                            let at = self.span(property.value.span());
                            let value = call_of(at, self.expression(&property.value));
                            self.export_constant(&key.value, value, span, items);
                        }
                        _ => {}
                    }
                }
                true
            }
            ([.., "__exportStar" | "__export" | "_export_star"], [source, ..]) => match imported(source) {
                Some(path) => {
                    items.push(item(span, "", ItemKind::Import(Import { path, alias: String::new(), glob: true })));
                    true
                }
                None => false,
            },
            _ => false,
        }
    }

    /// Every entry of an object, or every name of a file.
    fn export_all(&mut self, source: &Expression<'_>, span: Span, items: &mut Vec<Item>) {
        match source {
            Expression::ObjectExpression(object) if simple(object) => self.export_entries(object, span, items),
            source => {
                if let Some(path) = imported(source).or_else(|| dotted(source)) {
                    items.push(item(span, "", ItemKind::Import(Import { path, alias: String::new(), glob: true })));
                }
            }
        }
    }

    fn export_entries(&mut self, object: &ast::ObjectExpression<'_>, span: Span, items: &mut Vec<Item>) {
        for property in &object.properties {
            match property {
                ObjectPropertyKind::ObjectProperty(property) => {
                    let Some(key) = static_key(&property.key) else { continue };
                    let at = self.span(property.span);
                    if property.kind == PropertyKind::Get {
                        let value = call_of(at, self.expression(&property.value));
                        self.export_constant(&key, value, at, items);
                    } else {
                        self.export_value(&key, &property.value, at, items);
                    }
                }
                ObjectPropertyKind::SpreadProperty(spread) => self.export_all(&spread.argument, span, items),
            }
        }
    }

    /// Exports a value under a name; `=` for the file as a whole.
    pub(super) fn export_value(&mut self, name: &str, value: &Expression<'_>, span: Span, items: &mut Vec<Item>) {
        let own_name = hidden(name);
        match unwrapped(value) {
            Expression::Identifier(id) if id.name != "undefined" => {
                let path = own(&self.identifier(&id.name));
                items.push(item(span, name, ItemKind::Export(path)));
            }
            value if imported(value).is_some() => {
                let path = imported(value).unwrap_or_else(|| file_path(""));
                items.push(item(span, name, ItemKind::Export(path)));
            }
            Expression::ObjectExpression(object) if name == WHOLE && simple(object) => {
                self.export_entries(object, span, items);
            }
            Expression::ArrowFunctionExpression(function) => {
                let mut function = self.arrow(function);
                function.name = Some(name.to_owned());
                items.push(item(span, &own_name, ItemKind::Function(Box::new(function))));
                items.push(item(span, name, ItemKind::Export(own(&own_name))));
            }
            Expression::FunctionExpression(function) => {
                // A function can call itself by its own name.
                let own_name = function.id.as_ref().map_or(own_name, |id| id.name.to_string());
                let kind = self.function_item(function);
                items.push(item(span, &own_name, kind));
                items.push(item(span, name, ItemKind::Export(own(&own_name))));
            }
            Expression::ClassExpression(class) => {
                let own_name = class.id.as_ref().map_or(own_name, |id| id.name.to_string());
                let class = self.class_item(class, own_name.clone(), span, true);
                items.push(class);
                items.push(item(span, name, ItemKind::Export(own(&own_name))));
            }
            value => {
                let value = self.expression(value);
                self.export_constant(name, value, span, items);
            }
        }
    }

    fn export_constant(&mut self, name: &str, value: crate::program::tree::Expr, span: Span, items: &mut Vec<Item>) {
        let own_name = hidden(name);
        items.push(item(span, &own_name, ItemKind::Constant { ty: None, value: Some(value) }));
        items.push(item(span, name, ItemKind::Export(own(&own_name))));
    }
}

fn call_of(span: Span, callee: crate::program::tree::Expr) -> crate::program::tree::Expr {
    match &callee.kind {
        ExprKind::Closure(_) => call(span, callee, Vec::new()),
        _ => expr(span, ExprKind::Opaque(vec![callee])),
    }
}

fn own_whole() -> crate::program::tree::Path {
    own(&hidden(WHOLE))
}

/// The name of a definition that exists only as an export; no identifier can be written like this.
fn hidden(name: &str) -> String {
    match name {
        WHOLE => "module.exports".to_owned(),
        "default" => "default".to_owned(),
        name => format!("exports.{name}"),
    }
}

/// Whether every entry of an object can be exported by itself.
fn simple(object: &ast::ObjectExpression<'_>) -> bool {
    object.properties.iter().all(|property| match property {
        ObjectPropertyKind::ObjectProperty(property) => {
            property.kind != PropertyKind::Set && static_key(&property.key).is_some()
        }
        ObjectPropertyKind::SpreadProperty(spread) => match &spread.argument {
            Expression::CallExpression(call) => required(call).is_some(),
            Expression::ObjectExpression(inner) => simple(inner),
            _ => false,
        },
    })
}

fn is_nothing(e: &Expression<'_>) -> bool {
    match e {
        Expression::NullLiteral(_) => true,
        Expression::Identifier(id) => id.name == "undefined",
        Expression::UnaryExpression(e) => e.operator == oxc_syntax::operator::UnaryOperator::Void,
        _ => false,
    }
}

/// The exported names of `exports.a = exports.b = value` and the value.
fn exports_of<'a, 'b>(assignment: &'a ast::AssignmentExpression<'b>) -> (Vec<String>, &'a Expression<'b>) {
    let mut names = Vec::new();
    let mut at = assignment;
    loop {
        match exported_target(&at.left) {
            Some(name) => names.push(name),
            None => return (names, &assignment.right),
        }
        match &at.right {
            Expression::AssignmentExpression(next) if exported_target(&next.left).is_some() => at = next,
            value => {
                // `exports` alone is a variable; assigning it exports nothing, but it is done along with `module.exports`.
                names.sort_by_key(|name| name != WHOLE);
                names.dedup();
                return (names, value);
            }
        }
    }
}

fn exported_target(target: &AssignmentTarget<'_>) -> Option<String> {
    match target {
        AssignmentTarget::AssignmentTargetIdentifier(id) if id.name == "exports" => Some(WHOLE.to_owned()),
        AssignmentTarget::StaticMemberExpression(member) => match (&member.object, member.property.name.as_str()) {
            (Expression::Identifier(object), "exports") if object.name == "module" => Some(WHOLE.to_owned()),
            (object, name) if exported(object) == Some(WHOLE) => Some(name.to_owned()),
            _ => None,
        },
        AssignmentTarget::ComputedMemberExpression(member) => match &member.expression {
            Expression::StringLiteral(name) if exported(&member.object) == Some(WHOLE) => Some(name.value.to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// `module.exports` or `exports`.
fn exported(e: &Expression<'_>) -> Option<&'static str> {
    let path = dotted(e)?;
    let segments: Vec<&str> = path.segments.iter().map(String::as_str).collect();
    matches!(segments.as_slice(), ["exports"] | ["module", "exports"]).then_some(WHOLE)
}
