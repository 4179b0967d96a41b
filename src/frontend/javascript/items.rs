//! The top level of a file: imports, exports, definitions and statements.

use super::Lowering;
use super::classes::{bound, dotted};
use super::expressions::{expr, file_path, name, required};
use super::prototypes::Prototypes;
use crate::program::tree::{
    ADDED, Anchor, Attribute, Expr, ExprKind, Import, Item, ItemKind, Path, Pattern, PatternKind, TypeDefinition,
};
use crate::span::Span;
use oxc_ast::ast::{
    self, Declaration, ExportDefaultDeclarationKind, Expression, ImportDeclarationSpecifier, ModuleDeclaration,
    ModuleExportName, Statement, TSModuleReference,
};
use oxc_span::GetSpan as _;

/// A name of the file itself.
pub(super) fn own(segment: &str) -> Path {
    Path { anchor: Anchor::Module, segments: vec![segment.to_owned()] }
}

pub(super) fn item(span: Span, name: &str, kind: ItemKind) -> Item {
    Item { span, name_span: span, name: name.to_owned(), public: true, attributes: Vec::new(), kind }
}

fn part(specifier: &str, name: &str) -> Path {
    let mut path = file_path(specifier);
    path.segments.push(name.to_owned());
    path
}

fn import(span: Span, path: Path, alias: &str) -> Item {
    let kind = ItemKind::Import(Import { path, alias: alias.to_owned(), glob: false });
    Item { public: false, ..item(span, "", kind) }
}

fn exported_name<'a>(name: &'a ModuleExportName<'_>) -> &'a str {
    match name {
        ModuleExportName::IdentifierName(name) => name.name.as_str(),
        ModuleExportName::IdentifierReference(name) => name.name.as_str(),
        ModuleExportName::StringLiteral(name) => name.value.as_str(),
    }
}

impl Lowering {
    pub(super) fn program(&mut self, program: &ast::Program<'_>) -> Vec<Item> {
        self.top_level(&program.body)
    }

    pub(super) fn directives(&self, all: &[ast::Directive<'_>]) -> Vec<Attribute> {
        let one = |directive: &ast::Directive<'_>| Attribute {
            span: self.span(directive.span),
            path: Path::scoped([directive.directive.to_string()]),
            arguments: Vec::new(),
        };
        all.iter().map(one).collect()
    }

    /// The definitions of a file or namespace, with what was lifted out of their functions.
    fn top_level(&mut self, statements: &[Statement<'_>]) -> Vec<Item> {
        let outer = std::mem::take(&mut self.lifted);
        let mut items = Vec::new();
        let mut prototypes = Prototypes::of(statements);
        for statement in statements {
            if !self.prototype(statement, &mut prototypes) {
                self.top_statement(statement, &mut items);
            }
        }
        prototypes.apply(&mut items);
        items.append(&mut self.lifted);
        self.lifted = outer;
        items
    }

    fn top_statement(&mut self, statement: &Statement<'_>, items: &mut Vec<Item>) {
        if let Some(declaration) = statement.as_declaration() {
            items.extend(self.declared(declaration, false));
        } else if let Some(declaration) = statement.as_module_declaration() {
            self.module_declaration(declaration, items);
        } else if !self.common_js(statement, items) && !self.global(statement, items) {
            let lowered = self.single(statement);
            if !matches!(&lowered.kind, ExprKind::Block(block) if block.statements.is_empty() && block.value.is_none())
            {
                items.push(Item { public: false, ..item(lowered.span, "", ItemKind::Statement(lowered)) });
            }
        }
    }

    /// `window.NAME = value` defines a name that every script of the page sees.
    fn global(&mut self, statement: &Statement<'_>, items: &mut Vec<Item>) -> bool {
        let Statement::ExpressionStatement(statement) = statement else { return false };
        let Expression::AssignmentExpression(assignment) = &statement.expression else { return false };
        let ast::AssignmentTarget::StaticMemberExpression(target) = &assignment.left else { return false };
        let global = match &target.object {
            Expression::Identifier(object) => match object.name.as_str() {
                "window" | "globalThis" => true,
                "self" => !self.own_self,
                _ => false,
            },
            _ => false,
        };
        // Handlers of the page itself are not names; a name that stands for itself is defined already.
        let name = target.property.name.as_str();
        let same = matches!(&assignment.right, Expression::Identifier(value) if value.name == name);
        let plain = assignment.operator == oxc_syntax::operator::AssignmentOperator::Assign;
        if !global || !plain || same || name.starts_with("on") || name == "location" || name == "name" {
            return false;
        }
        let (span, name_span) = (self.span(statement.span), self.span(target.property.span));
        let value = Some(self.expression(&assignment.right));
        let kind = ItemKind::Constant { ty: None, value };
        items.push(Item { public: false, name_span, ..item(span, name, kind) });
        true
    }

    pub(super) fn function_item(&mut self, function: &ast::Function<'_>) -> ItemKind {
        ItemKind::Function(Box::new(self.function_expression(function)))
    }

    /// The items of a declaration at file or namespace level.
    pub(super) fn declared(&mut self, declaration: &Declaration<'_>, public: bool) -> Vec<Item> {
        let span = self.span(declaration.span());
        let named = |lowering: &Self, id: &ast::BindingIdentifier<'_>, kind: ItemKind| {
            let name_span = lowering.span(id.span);
            vec![Item { public, name_span, ..item(span, &lowering.identifier(&id.name), kind) }]
        };
        match declaration {
            Declaration::VariableDeclaration(variables) => self.top_variables(variables, public),
            Declaration::FunctionDeclaration(function) => match &function.id {
                // A declaration without a body tells of one that has it.
                Some(id) if function.body.is_some() => {
                    let kind = self.function_item(function);
                    named(self, id, kind)
                }
                _ => Vec::new(),
            },
            Declaration::ClassDeclaration(class) => match &class.id {
                Some(id) => {
                    let name = self.identifier(&id.name);
                    vec![self.class_item(class, name, span, public)]
                }
                None => Vec::new(),
            },
            Declaration::TSTypeAliasDeclaration(alias) => {
                let kind = self.alias(alias);
                named(self, &alias.id, kind)
            }
            Declaration::TSInterfaceDeclaration(interface) => {
                let kind = self.interface(interface);
                named(self, &interface.id, kind)
            }
            Declaration::TSEnumDeclaration(declaration) => {
                let kind = ItemKind::Type(self.enumeration(declaration));
                named(self, &declaration.id, kind)
            }
            Declaration::TSNamespaceDeclaration(namespace) => {
                let kind = ItemKind::Namespace(self.namespace(namespace));
                named(self, &namespace.id, kind)
            }
            Declaration::TSImportEqualsDeclaration(declaration) => {
                let path = match &declaration.module_reference {
                    TSModuleReference::ExternalModuleReference(reference) => file_path(&reference.expression.value),
                    TSModuleReference::IdentifierReference(name) => Path::scoped([name.name.to_string()]),
                    TSModuleReference::QualifiedName(name) => {
                        let mut path = self.type_name(&name.left);
                        path.segments.push(name.right.name.to_string());
                        path
                    }
                };
                vec![Item { public, ..import(span, path, &declaration.id.name) }]
            }
            // They describe what is written elsewhere, and add to it.
            Declaration::TSExternalModuleDeclaration(module) => {
                let body = module.body.as_deref().map_or([].as_slice(), |block| &block.body);
                self.additions(&file_path(&module.id.value), body)
            }
            Declaration::TSGlobalDeclaration(global) => self.additions(&Path::default(), &global.body.body),
        }
    }

    /// What the declarations of a module outside the project add to its types: each a type named [`ADDED`] with the path of
    /// what it adds to as its attribute.
    fn additions(&mut self, to: &Path, statements: &[Statement<'_>]) -> Vec<Item> {
        let mut items = Vec::new();
        for statement in statements {
            let declaration = match statement {
                Statement::ExportDeclaration(exported) => Some(&exported.declaration),
                statement => statement.as_declaration(),
            };
            let below = |name: &str| {
                let mut path = to.clone();
                path.segments.push(name.to_owned());
                path
            };
            match declaration {
                Some(Declaration::TSInterfaceDeclaration(interface)) => {
                    let span = self.span(interface.span);
                    let kind = ItemKind::Type(TypeDefinition {
                        fields: self.properties(&interface.body.body),
                        ..TypeDefinition::default()
                    });
                    let adds = Attribute { span, path: below(&interface.id.name), arguments: Vec::new() };
                    items.push(Item { public: false, attributes: vec![adds], ..item(span, ADDED, kind) });
                }
                Some(Declaration::TSNamespaceDeclaration(namespace)) => {
                    if let ast::TSNamespaceDeclarationBody::TSModuleBlock(block) = &namespace.body {
                        items.extend(self.additions(&below(&namespace.id.name), &block.body));
                    }
                }
                _ => {}
            }
        }
        items
    }

    fn namespace(&mut self, namespace: &ast::TSNamespaceDeclaration<'_>) -> Vec<Item> {
        match &namespace.body {
            ast::TSNamespaceDeclarationBody::TSModuleBlock(block) => self.top_level(&block.body),
            ast::TSNamespaceDeclarationBody::TSNamespaceDeclaration(inner) => {
                let span = self.span(inner.span);
                let items = stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || self.namespace(inner));
                vec![item(span, &inner.id.name, ItemKind::Namespace(items))]
            }
        }
    }

    fn top_variables(&mut self, variables: &ast::VariableDeclaration<'_>, public: bool) -> Vec<Item> {
        let mut items = Vec::new();
        for declarator in &variables.declarations {
            self.top_variable(declarator, public, &mut items);
        }
        items
    }

    fn top_variable(&mut self, declarator: &ast::VariableDeclarator<'_>, public: bool, items: &mut Vec<Item>) {
        let span = self.span(declarator.span);
        let ty = self.annotation(declarator.type_annotation.as_deref());
        if let Some(path) = declarator.init.as_ref().and_then(imported)
            && self.imported_pattern(&declarator.id, &path, span, public, items)
        {
            return;
        }
        let pattern = self.pattern(&declarator.id);
        let Some(bound_name) = bound(&pattern.kind).map(str::to_owned) else {
            let value = declarator.init.as_ref().map(|init| self.expression(init));
            // What is taken apart is kept under a name that no source can have.
            let whole = format!("#{}", span.start);
            let kind = ItemKind::Constant { ty, value };
            items.push(Item { public: false, name_span: pattern.span, ..item(span, &whole, kind) });
            self.parts(&pattern, name(span, own(&whole)), public, items, 8);
            return;
        };
        let name_span = pattern.span;
        let init = match &declarator.init {
            Some(init) => self.assigned_exports(init, &bound_name, span, items),
            None => None,
        };
        let kind = match init.map(unwrapped) {
            Some(Expression::ArrowFunctionExpression(function)) => ItemKind::Function(Box::new(self.arrow(function))),
            Some(Expression::FunctionExpression(function)) => self.function_item(function),
            Some(Expression::ClassExpression(class)) => {
                let class = self.class_item(class, bound_name, span, public);
                items.push(Item { name_span, ..class });
                return;
            }
            init => ItemKind::Constant { ty, value: init.map(|init| self.expression(init)) },
        };
        let kind = match kind {
            ItemKind::Function(mut function) => {
                function.name = Some(bound_name.clone());
                ItemKind::Function(function)
            }
            kind => kind,
        };
        items.push(Item { public, name_span, ..item(span, &bound_name, kind) });
    }

    /// `const … = require('…')`: the names come from that file.
    fn imported_pattern(
        &mut self,
        pattern: &ast::BindingPattern<'_>,
        path: &Path,
        span: Span,
        public: bool,
        items: &mut Vec<Item>,
    ) -> bool {
        match pattern {
            ast::BindingPattern::BindingIdentifier(id) => {
                let alias = self.identifier(&id.name);
                items.push(import(span, path.clone(), &alias));
                if public {
                    items.push(item(span, &alias, ItemKind::Export(own(&alias))));
                }
                true
            }
            ast::BindingPattern::ObjectPattern(object) if object.rest.is_none() => {
                let mut found = Vec::new();
                for property in &object.properties {
                    let (Some(key), ast::BindingPattern::BindingIdentifier(id)) =
                        (super::expressions::static_key(&property.key), &property.value)
                    else {
                        return false;
                    };
                    let mut path = path.clone();
                    path.segments.push(key);
                    let alias = self.identifier(&id.name);
                    found.push(import(self.span(property.span), path, &alias));
                    if public {
                        found.push(item(span, &alias, ItemKind::Export(own(&alias))));
                    }
                }
                items.append(&mut found);
                true
            }
            _ => false,
        }
    }

    /// A constant for each name that a pattern binds, read from the whole.
    fn parts(&mut self, pattern: &Pattern, whole: Expr, public: bool, items: &mut Vec<Item>, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        let span = pattern.span;
        match &pattern.kind {
            PatternKind::Bind { name, inner, default } => {
                let value = match default {
                    Some(default) => {
                        let (left, right) = (Box::new(whole), default.clone());
                        expr(
                            span,
                            ExprKind::Binary { operator: crate::program::tree::BinaryOperator::Default, left, right },
                        )
                    }
                    None => whole,
                };
                if let Some(inner) = inner {
                    self.parts(inner, value, public, items, depth);
                } else {
                    let kind = ItemKind::Constant { ty: None, value: Some(value) };
                    items.push(Item { public, ..item(span, name, kind) });
                }
            }
            PatternKind::Object { fields, rest, .. } => {
                for (name, inner) in fields {
                    let kind = ExprKind::Field {
                        base: Box::new(whole.clone()),
                        name: name.clone(),
                        name_span: inner.span,
                        optional: false,
                    };
                    self.parts(inner, expr(inner.span, kind), public, items, depth);
                }
                if let Some(rest) = rest {
                    self.parts(rest, whole, public, items, depth);
                }
            }
            PatternKind::List { elements, rest } => {
                for (index, inner) in elements.iter().enumerate() {
                    let kind = ExprKind::Field {
                        base: Box::new(whole.clone()),
                        name: index.to_string(),
                        name_span: inner.span,
                        optional: false,
                    };
                    self.parts(inner, expr(inner.span, kind), public, items, depth);
                }
                if let Some((_, rest)) = rest {
                    self.parts(rest, whole, public, items, depth);
                }
            }
            _ => {}
        }
    }

    fn module_declaration(&mut self, declaration: &ModuleDeclaration<'_>, items: &mut Vec<Item>) {
        let span = self.span(declaration.span());
        match declaration {
            ModuleDeclaration::ImportDeclaration(declaration) => {
                let source = declaration.source.value.as_str();
                let Some(specifiers) = &declaration.specifiers else {
                    items.push(import(span, file_path(source), ""));
                    return;
                };
                for specifier in specifiers {
                    let (path, local) = match specifier {
                        ImportDeclarationSpecifier::ImportSpecifier(one) => {
                            (part(source, exported_name(&one.imported)), &one.local)
                        }
                        ImportDeclarationSpecifier::ImportDefaultSpecifier(one) => {
                            (part(source, "default"), &one.local)
                        }
                        ImportDeclarationSpecifier::ImportNamespaceSpecifier(one) => (file_path(source), &one.local),
                    };
                    items.push(import(self.span(local.span), path, &self.identifier(&local.name)));
                }
            }
            ModuleDeclaration::ExportAllDeclaration(declaration) => {
                let source = file_path(&declaration.source.value);
                items.push(match &declaration.exported {
                    Some(exported) => item(span, exported_name(exported), ItemKind::Export(source)),
                    None => item(span, "", ItemKind::Import(Import { path: source, alias: String::new(), glob: true })),
                });
            }
            ModuleDeclaration::ExportDefaultDeclaration(declaration) => self.export_default(declaration, span, items),
            ModuleDeclaration::ExportDeclaration(declaration) => {
                items.extend(self.declared(&declaration.declaration, true));
            }
            ModuleDeclaration::ExportNamedDeclaration(declaration) => {
                for specifier in &declaration.specifiers {
                    let local = own(&self.identifier(exported_name(&specifier.local)));
                    let span = self.span(specifier.span);
                    items.push(item(span, exported_name(&specifier.exported), ItemKind::Export(local)));
                }
            }
            ModuleDeclaration::ExportFromDeclaration(declaration) => {
                for specifier in &declaration.specifiers {
                    let path = part(&declaration.source.value, exported_name(&specifier.local));
                    let span = self.span(specifier.span);
                    items.push(item(span, exported_name(&specifier.exported), ItemKind::Export(path)));
                }
            }
            ModuleDeclaration::TSExportAssignment(assignment) => {
                self.export_value("=", &assignment.expression, span, items);
            }
            ModuleDeclaration::TSNamespaceExportDeclaration(_) => {}
        }
    }

    fn export_default(&mut self, declaration: &ast::ExportDefaultDeclaration<'_>, span: Span, items: &mut Vec<Item>) {
        match &declaration.declaration {
            ExportDefaultDeclarationKind::FunctionDeclaration(function) => {
                if function.body.is_none() {
                    return;
                }
                let own_name = function.id.as_ref().map_or("default", |id| id.name.as_str()).to_owned();
                let kind = self.function_item(function);
                items.push(item(span, &own_name, kind));
                items.push(item(span, "default", ItemKind::Export(own(&own_name))));
            }
            ExportDefaultDeclarationKind::ClassDeclaration(class) => {
                let own_name = class.id.as_ref().map_or("default", |id| id.name.as_str()).to_owned();
                let class = self.class_item(class, own_name.clone(), span, true);
                items.push(class);
                items.push(item(span, "default", ItemKind::Export(own(&own_name))));
            }
            ExportDefaultDeclarationKind::TSInterfaceDeclaration(interface) => {
                let kind = self.interface(interface);
                items.push(item(span, &interface.id.name, kind));
                items.push(item(span, "default", ItemKind::Export(own(&interface.id.name))));
            }
            value => {
                if let Some(value) = value.as_expression() {
                    self.export_value("default", value, span, items);
                }
            }
        }
    }
}

/// The path of `require('…')`, also of a part of it.
pub(super) fn imported(e: &Expression<'_>) -> Option<Path> {
    match e {
        Expression::CallExpression(call) => required(call).map(file_path),
        Expression::StaticMemberExpression(_) => dotted(e).filter(|path| path.anchor == Anchor::File),
        Expression::TSAsExpression(e) => imported(&e.expression),
        _ => None,
    }
}

/// An expression without what only says its type.
pub(super) fn unwrapped<'a, 'b>(e: &'a Expression<'b>) -> &'a Expression<'b> {
    let mut at = e;
    loop {
        at = match at {
            Expression::TSAsExpression(e) => &e.expression,
            Expression::TSSatisfiesExpression(e) => &e.expression,
            Expression::TSNonNullExpression(e) => &e.expression,
            Expression::TSTypeAssertion(e) => &e.expression,
            Expression::ParenthesizedExpression(e) => &e.expression,
            other => return other,
        };
    }
}
