//! Classes, enums, interfaces, object types and decorators.

use super::expressions::{expr, name, static_key};
use super::{Lowering, This};
use crate::program::tree::{
    Argument, Attribute, Expr, ExprKind, FieldDefinition, Function, InterfaceDefinition, Item, ItemKind, Literal,
    Parameter, Path, PatternKind, Type, TypeDefinition, VariantDefinition,
};
use crate::span::Span;
use oxc_ast::ast::{self, ClassElement, Expression, MethodDefinitionKind};
use oxc_span::GetSpan as _;

impl Lowering {
    /// `@name(arguments)`.
    pub(super) fn decorators(&mut self, all: &[ast::Decorator<'_>]) -> Vec<Attribute> {
        let one = |decorator: &ast::Decorator<'_>| {
            let (callee, arguments): (&Expression<'_>, Vec<Argument>) = match &decorator.expression {
                Expression::CallExpression(call) => (&call.callee, self.arguments(&call.arguments)),
                other => (other, Vec::new()),
            };
            Some(Attribute { span: self.span(decorator.span), path: dotted(callee)?, arguments })
        };
        all.iter().filter_map(one).collect()
    }

    /// A class in an expression stands beside the file's definitions; the expression is its name.
    pub(super) fn class_expression(&mut self, class: &ast::Class<'_>, span: Span) -> ExprKind {
        let own = class.id.as_ref().map_or_else(|| format!("class@{}", span.start), |id| id.name.to_string());
        self.class_value(class, &own, span)
    }

    /// As [`Lowering::class_expression`], for a class that goes by `name`.
    pub(super) fn class_value(&mut self, class: &ast::Class<'_>, name: &str, span: Span) -> ExprKind {
        let item = self.class_item(class, name.to_owned(), span, false);
        self.lifted.push(item);
        ExprKind::Name(Path::scoped([name]))
    }

    pub(super) fn class_item(&mut self, class: &ast::Class<'_>, name: String, span: Span, public: bool) -> Item {
        let attributes = self.decorators(&class.decorators);
        let definition = self.class(class);
        Item {
            span,
            name_span: class.id.as_ref().map_or(Span { end: span.start, ..span }, |id| self.span(id.span)),
            name,
            public,
            attributes,
            kind: ItemKind::Type(definition),
        }
    }

    fn class(&mut self, class: &ast::Class<'_>) -> TypeDefinition {
        let mut definition = TypeDefinition {
            generics: self.generics(class.type_parameters.as_deref()),
            fields: Vec::new(),
            variants: Vec::new(),
            functions: Vec::new(),
            extends: Vec::new(),
        };
        if let Some(heritage) = &class.heritage {
            let span = self.span(heritage.expression.span());
            match dotted(&heritage.expression) {
                Some(path) => {
                    let arguments = self.type_arguments(heritage.type_arguments.as_deref());
                    definition.extends.push(Type::Named { span, path, arguments });
                }
                // `extends Mixin(Base)`: what the mixin adds is not known, the base is.
                None => {
                    if let Expression::CallExpression(call) = &heritage.expression {
                        let bases = call.arguments.iter().filter_map(|argument| argument.as_expression());
                        let bases = bases.filter_map(|base| Some((self.span(base.span()), dotted(base)?)));
                        let bases = bases.map(|(span, path)| Type::Named { span, path, arguments: Vec::new() });
                        definition.extends.extend(bases);
                    }
                }
            }
        }
        for implemented in &class.implements {
            let path = self.type_name(&implemented.expression);
            let arguments = self.type_arguments(implemented.type_arguments.as_deref());
            definition.extends.push(Type::Named { span: self.span(implemented.span), path, arguments });
        }
        for element in &class.body.body {
            self.class_element(element, &mut definition);
        }
        definition
    }

    fn class_element(&mut self, element: &ClassElement<'_>, definition: &mut TypeDefinition) {
        match element {
            ClassElement::MethodDefinition(method) => {
                let Some(key) = static_key(&method.key) else {
                    // Its name is computed: nobody can tell who calls it, but its body is code.
                    let function = self.method(&method.value, method.r#static);
                    let span = self.span(method.span);
                    let name = symbol(&method.key).unwrap_or_else(|| span.start.to_string());
                    definition.functions.push(member(format!("[{name}]"), span, span, Vec::new(), function));
                    return;
                };
                let abstract_method = method.r#type == ast::MethodDefinitionType::TSAbstractMethodDefinition;
                if method.value.body.is_none() && !abstract_method {
                    // An overload: the one with a body follows.
                    return;
                }
                let mut function = self.method(&method.value, method.r#static);
                let mut attributes = self.decorators(&method.decorators);
                let name = match method.kind {
                    MethodDefinitionKind::Constructor => {
                        self.parameter_properties(&method.value, &mut function, definition);
                        "constructor".to_owned()
                    }
                    MethodDefinitionKind::Get => {
                        let at = self.span(method.key.span());
                        attributes.push(Attribute { span: at, path: Path::scoped(["getter"]), arguments: Vec::new() });
                        key
                    }
                    MethodDefinitionKind::Set => format!("set {key}"),
                    MethodDefinitionKind::Method => key,
                };
                function.name = Some(name.clone());
                let (span, name_span) = (self.span(method.span), self.span(method.key.span()));
                let mut item = member(name, span, name_span, attributes, function);
                item.public = !matches!(method.accessibility, Some(ast::TSAccessibility::Private));
                definition.functions.push(item);
            }
            ClassElement::PropertyDefinition(property) => {
                let ty = property.type_annotation.as_deref();
                let parts = (&property.key, ty, property.value.as_ref(), property.r#static);
                self.class_field(property.span, parts, &property.decorators, definition);
            }
            ClassElement::AccessorProperty(property) => {
                let ty = property.type_annotation.as_deref();
                let parts = (&property.key, ty, property.value.as_ref(), property.r#static);
                self.class_field(property.span, parts, &property.decorators, definition);
            }
            ClassElement::StaticBlock(block) => {
                self.receivers.push((This::Class, false));
                let mut statements = Vec::new();
                self.statements(&block.body, &mut statements);
                self.receivers.pop();
                let span = self.span(block.span);
                let body =
                    expr(span, ExprKind::Block(crate::program::tree::Block { statements, ..Default::default() }));
                let name = format!("static@{}", span.start);
                definition.functions.push(member(
                    name.clone(),
                    span,
                    span,
                    Vec::new(),
                    plain_function(span, name, body),
                ));
            }
            ClassElement::TSIndexSignature(_) => {}
        }
    }

    fn class_field(
        &mut self,
        span: oxc_span::Span,
        (key, ty, value, shared): (
            &ast::PropertyKey<'_>,
            Option<&ast::TSTypeAnnotation<'_>>,
            Option<&Expression<'_>>,
            bool,
        ),
        decorators: &[ast::Decorator<'_>],
        definition: &mut TypeDefinition,
    ) {
        let span = self.span(span);
        let Some(name) = static_key(key) else { return };
        let ty = self.annotation(ty);
        self.receivers.push((if shared { This::Class } else { This::Receiver }, false));
        let value = value.map(|value| self.expression(value));
        self.receivers.pop();
        let attributes = self.decorators(decorators);
        definition.fields.push(FieldDefinition { span, name, ty, default: value, attributes, shared });
    }

    /// `constructor(private http: HttpService)` declares a field and assigns it.
    fn parameter_properties(
        &mut self,
        value: &ast::Function<'_>,
        function: &mut Function,
        definition: &mut TypeDefinition,
    ) {
        let mut assignments = Vec::new();
        for parameter in &value.params.items {
            if parameter.accessibility.is_none() && !parameter.readonly && !parameter.r#override {
                continue;
            }
            let ast::BindingPattern::BindingIdentifier(id) = &parameter.pattern else { continue };
            let span = self.span(id.span);
            definition.fields.push(FieldDefinition {
                span,
                name: id.name.to_string(),
                ty: self.annotation(parameter.type_annotation.as_deref()),
                default: None,
                attributes: self.decorators(&parameter.decorators),
                shared: false,
            });
            let base = Box::new(name(span, Path::scoped(["self"])));
            let target = ExprKind::Field { base, name: id.name.to_string(), name_span: span, optional: false };
            let value = Box::new(name(span, Path::scoped([self.identifier(&id.name)])));
            let assign = ExprKind::Assign { target: Box::new(expr(span, target)), operator: None, value };
            assignments.push(expr(span, assign));
        }
        if let Some(Expr { kind: ExprKind::Block(block), .. }) = &mut function.body {
            assignments.append(&mut block.statements);
            block.statements = assignments;
        }
    }

    pub(super) fn enumeration(&mut self, declaration: &ast::TSEnumDeclaration<'_>) -> TypeDefinition {
        let mut next = Some(0i64);
        let mut variants = Vec::new();
        for member in &declaration.body.members {
            let span = self.span(member.span);
            let name = match &member.id {
                ast::TSEnumMemberName::Identifier(id) => id.name.to_string(),
                ast::TSEnumMemberName::String(text) | ast::TSEnumMemberName::ComputedString(text) => {
                    text.value.to_string()
                }
                ast::TSEnumMemberName::ComputedTemplateString(_) => continue,
            };
            let value = match &member.initializer {
                Some(value) => Some(self.expression(value)),
                None => next.map(|next| expr(span, ExprKind::Literal(Literal::Number(next.to_string())))),
            };
            next = match value.as_ref().map(|value| &value.kind) {
                Some(ExprKind::Literal(Literal::Number(number))) => number.parse().ok().map(|n: i64| n.wrapping_add(1)),
                _ => None,
            };
            variants.push(VariantDefinition { span, name, fields: Vec::new(), value, attributes: Vec::new() });
        }
        TypeDefinition {
            generics: Vec::new(),
            fields: Vec::new(),
            variants,
            functions: Vec::new(),
            extends: Vec::new(),
        }
    }

    pub(super) fn interface(&mut self, declaration: &ast::TSInterfaceDeclaration<'_>) -> ItemKind {
        let generics = self.generics(declaration.type_parameters.as_deref());
        let extends = declaration.extends.iter().map(|base| Type::Named {
            span: self.span(base.span),
            path: self.type_name(&base.type_name),
            arguments: self.type_arguments(base.type_arguments.as_deref()),
        });
        let extends: Vec<Type> = extends.collect();
        let members = &declaration.body.body;
        let functions: Vec<Item> = members.iter().filter_map(|member| self.signature(member)).collect();
        let fields = self.properties(members);
        if functions.is_empty() {
            return ItemKind::Type(TypeDefinition { generics, fields, variants: Vec::new(), functions, extends });
        }
        let data = fields.into_iter().filter(|field| !functions.iter().any(|function| function.name == field.name));
        let properties: Vec<Item> = data
            .map(|field| Item {
                span: field.span,
                name_span: field.span,
                name: field.name,
                public: true,
                attributes: Vec::new(),
                kind: ItemKind::Constant { ty: field.ty, value: None },
            })
            .collect();
        let items = functions.into_iter().chain(properties).collect();
        ItemKind::Interface(InterfaceDefinition { generics, extends, items })
    }

    /// A method of an interface, or a property that holds a function.
    fn signature(&mut self, signature: &ast::TSSignature<'_>) -> Option<Item> {
        let (span, key, params, returns) = match signature {
            ast::TSSignature::TSMethodSignature(method) => {
                (method.span, &method.key, &method.params, method.return_type.as_deref())
            }
            ast::TSSignature::TSPropertySignature(property) => {
                match property.type_annotation.as_ref().map(|annotation| &annotation.type_annotation) {
                    Some(ast::TSType::TSFunctionType(function)) => {
                        (property.span, &property.key, &function.params, Some(&*function.return_type))
                    }
                    _ => return None,
                }
            }
            _ => return None,
        };
        let (span, name_span) = (self.span(span), self.span(key.span()));
        let name = static_key(key)?;
        let mut function = plain_function(span, name.clone(), super::expressions::nothing(span));
        function.body = None;
        function.has_receiver = true;
        function.returns = self.annotation(returns);
        let receiver = super::patterns::bind(name_span, "self".to_owned(), None);
        function.parameters.push(Parameter { pattern: receiver, ty: None, default: None, attributes: Vec::new() });
        for parameter in &params.items {
            function.parameters.push(Parameter {
                pattern: self.pattern(&parameter.pattern),
                ty: self.annotation(parameter.type_annotation.as_deref()),
                default: None,
                attributes: Vec::new(),
            });
        }
        Some(member(name, span, name_span, Vec::new(), function))
    }

    /// `type Name = …`: an object type is a type of its own, everything else another name.
    pub(super) fn alias(&mut self, declaration: &ast::TSTypeAliasDeclaration<'_>) -> ItemKind {
        let generics = self.generics(declaration.type_parameters.as_deref());
        let object = |fields, extends| {
            ItemKind::Type(TypeDefinition { generics, fields, variants: Vec::new(), functions: Vec::new(), extends })
        };
        match &declaration.type_annotation {
            ast::TSType::TSTypeLiteral(literal) => object(self.properties(&literal.members), Vec::new()),
            ast::TSType::TSIntersectionType(all)
                if all.types.iter().any(|ty| matches!(ty, ast::TSType::TSTypeLiteral(_))) =>
            {
                let (mut fields, mut extends) = (Vec::new(), Vec::new());
                for ty in &all.types {
                    match ty {
                        ast::TSType::TSTypeLiteral(literal) => fields.extend(self.properties(&literal.members)),
                        ty => extends.push(self.ty(ty)),
                    }
                }
                object(fields, extends)
            }
            ty => ItemKind::Alias(self.ty(ty)),
        }
    }
}

fn member(name: String, span: Span, name_span: Span, attributes: Vec<Attribute>, function: Function) -> Item {
    Item { span, name_span, name, public: true, attributes, kind: ItemKind::Function(Box::new(function)) }
}

fn plain_function(span: Span, name: String, body: Expr) -> Function {
    Function {
        span,
        name: Some(name),
        has_receiver: false,
        parameters: Vec::new(),
        returns: None,
        generics: Vec::new(),
        asynchrony: crate::program::tree::Asynchrony::None,
        body: Some(body),
        variadic: false,
        dynamic: false,
    }
}

/// What a computed name says of itself: the last two words of a path, or the text of a symbol made on the spot.
fn symbol(key: &ast::PropertyKey<'_>) -> Option<String> {
    let key = key.as_expression()?;
    if let Expression::CallExpression(call) = key
        && let Some(Expression::StringLiteral(text)) =
            call.arguments.first().and_then(|argument| argument.as_expression())
    {
        return Some(text.value.to_string());
    }
    let path = dotted(key)?;
    let from = path.segments.len().saturating_sub(2);
    path.segments.get(from..).map(|last| last.join("."))
}

/// A name with dots in it, as a path.
pub(super) fn dotted(e: &Expression<'_>) -> Option<Path> {
    let mut segments = Vec::new();
    let mut at = e;
    loop {
        match at {
            Expression::Identifier(name) => {
                segments.push(name.name.to_string());
                break;
            }
            Expression::StaticMemberExpression(member) => {
                segments.push(member.property.name.to_string());
                at = &member.object;
            }
            Expression::CallExpression(call) if !segments.is_empty() => {
                let specifier = super::expressions::required(call)?;
                segments.push(specifier.to_owned());
                segments.reverse();
                return Some(Path { anchor: crate::program::tree::Anchor::File, segments });
            }
            _ => return None,
        }
    }
    segments.reverse();
    Some(Path::scoped(segments))
}

/// The name a pattern binds, when it is only a name.
pub(super) fn bound(kind: &PatternKind) -> Option<&str> {
    match kind {
        PatternKind::Bind { name, inner: None, .. } => Some(name),
        _ => None,
    }
}
