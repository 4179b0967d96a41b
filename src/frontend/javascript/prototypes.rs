//! Classes written as functions with a prototype.

use super::Lowering;
use super::classes::dotted;
use super::expressions::static_key;
use super::items::{item, unwrapped};
use super::patterns::bind;
use crate::program::tree::{FieldDefinition, Function, Item, ItemKind, Parameter, Path, Type, TypeDefinition};
use crate::span::Span;
use oxc_ast::ast::{self, Expression, ObjectPropertyKind, Statement};
use oxc_span::GetSpan as _;
use std::collections::{BTreeMap, HashSet};

/// What statements add to a function that makes instances.
#[derive(Debug, Default)]
pub(super) struct Added {
    functions: Vec<Item>,
    fields: Vec<FieldDefinition>,
    extends: Vec<Type>,
}

/// The functions of one level of a file and what is added to them.
#[derive(Debug, Default)]
pub(super) struct Prototypes {
    names: HashSet<String>,
    added: BTreeMap<String, Added>,
}

impl Prototypes {
    /// The functions that statements define at their own level.
    pub(super) fn of(statements: &[Statement<'_>]) -> Self {
        let mut names = HashSet::new();
        for statement in statements {
            match statement {
                Statement::FunctionDeclaration(function) => {
                    names.extend(function.id.as_ref().map(|id| id.name.to_string()))
                }
                Statement::VariableDeclaration(variables) => {
                    for declarator in &variables.declarations {
                        if let (ast::BindingPattern::BindingIdentifier(id), Some(Expression::FunctionExpression(_))) =
                            (&declarator.id, &declarator.init)
                        {
                            names.insert(id.name.to_string());
                        }
                    }
                }
                _ => {}
            }
        }
        Self { names, added: BTreeMap::new() }
    }

    /// Makes types of the functions that have a prototype, or that make instances by their name and their use of `this`.
    pub(super) fn apply(mut self, items: &mut [Item]) {
        for item in items {
            let makes = item.name.starts_with(|c: char| c.is_ascii_uppercase());
            let added = self.added.remove(&item.name);
            match &mut item.kind {
                ItemKind::Function(function) if added.is_some() || (makes && function.has_receiver) => {
                    let constructor = constructor_of(function, item.span, item.name_span);
                    let Added { mut functions, fields, extends } = added.unwrap_or_default();
                    functions.insert(0, constructor);
                    let variants = Vec::new();
                    let generics = Vec::new();
                    item.kind = ItemKind::Type(TypeDefinition { generics, fields, variants, functions, extends });
                }
                _ => {}
            }
        }
    }
}

fn constructor_of(function: &Function, span: Span, name_span: Span) -> Item {
    let mut function = function.clone();
    function.name = Some("constructor".to_owned());
    if !function.has_receiver {
        function.has_receiver = true;
        let pattern = bind(Span { end: span.start, ..span }, "self".to_owned(), None);
        function.parameters.insert(0, Parameter { pattern, ty: None, default: None, attributes: Vec::new() });
    }
    Item { name_span, ..item(span, "constructor", ItemKind::Function(Box::new(function))) }
}

impl Lowering {
    /// Takes up a statement that adds to the prototype of a function; false when it does not.
    pub(super) fn prototype(&mut self, statement: &Statement<'_>, prototypes: &mut Prototypes) -> bool {
        let Statement::ExpressionStatement(statement) = statement else { return false };
        match &statement.expression {
            Expression::AssignmentExpression(assignment) => {
                let ast::AssignmentTarget::StaticMemberExpression(target) = &assignment.left else { return false };
                let Some(path) = dotted(&target.object) else { return false };
                let mut segments: Vec<&str> = path.segments.iter().map(String::as_str).collect();
                segments.push(target.property.name.as_str());
                match segments.as_slice() {
                    [name, "prototype", member] if prototypes.names.contains(*name) => {
                        let span = self.span(assignment.span);
                        let name_span = self.span(target.property.span);
                        let added = prototypes.added.entry((*name).to_owned()).or_default();
                        self.prototype_member(member, span, name_span, &assignment.right, added);
                        true
                    }
                    [name, "prototype"] if prototypes.names.contains(*name) => {
                        let added = prototypes.added.entry((*name).to_owned()).or_default();
                        self.prototype_whole(&assignment.right, added)
                    }
                    _ => false,
                }
            }
            Expression::CallExpression(call) => self.inheriting_call(call, prototypes),
            _ => false,
        }
    }

    fn inheriting_call(&mut self, call: &ast::CallExpression<'_>, prototypes: &mut Prototypes) -> bool {
        let Some(callee) = dotted(&call.callee) else { return false };
        let arguments: Vec<&Expression<'_>> = call.arguments.iter().filter_map(|a| a.as_expression()).collect();
        let [target, base, ..] = arguments.as_slice() else { return false };
        let Some(target) = dotted(target) else { return false };
        let Some(name) = target.segments.first().filter(|name| prototypes.names.contains(*name)).cloned() else {
            return false;
        };
        match callee.last() {
            "inherits" | "setPrototypeOf" => {
                let added = prototypes.added.entry(name).or_default();
                added.extends.extend(self.base(base));
                true
            }
            "assign" if target.last() == "prototype" => {
                let added = prototypes.added.entry(name).or_default();
                self.prototype_whole(base, added)
            }
            _ => false,
        }
    }

    fn prototype_whole(&mut self, value: &Expression<'_>, added: &mut Added) -> bool {
        match unwrapped(value) {
            Expression::ObjectExpression(object) => {
                for property in &object.properties {
                    let ObjectPropertyKind::ObjectProperty(property) = property else { continue };
                    let Some(name) = static_key(&property.key) else { continue };
                    let (span, name_span) = (self.span(property.span), self.span(property.key.span()));
                    self.prototype_member(&name, span, name_span, &property.value, added);
                }
                true
            }
            Expression::CallExpression(call) => {
                let base = call.arguments.first().and_then(|argument| argument.as_expression());
                added.extends.extend(base.and_then(|base| self.base(base)));
                true
            }
            Expression::NewExpression(new) => {
                added.extends.extend(self.base(&new.callee));
                true
            }
            _ => false,
        }
    }

    fn prototype_member(&mut self, name: &str, span: Span, name_span: Span, value: &Expression<'_>, added: &mut Added) {
        if name == "constructor" {
            return;
        }
        let function = match unwrapped(value) {
            Expression::FunctionExpression(function) => self.method(function, false),
            value => {
                let default = Some(self.expression(value));
                let (ty, attributes, shared) = (None, Vec::new(), false);
                added.fields.push(FieldDefinition { span, name: name.to_owned(), ty, default, attributes, shared });
                return;
            }
        };
        let method = Item { name_span, ..item(span, name, ItemKind::Function(Box::new(function))) };
        added.functions.push(method);
    }

    /// `Base` and `Base.prototype`.
    fn base(&self, e: &Expression<'_>) -> Option<Type> {
        let mut path: Path = dotted(e)?;
        if path.segments.len() > 1 && path.last() == "prototype" {
            path.segments.pop();
        }
        Some(Type::Named { span: self.span(e.span()), path, arguments: Vec::new() })
    }
}
