//! Elements: calls of their component or tag with an object of attributes, then the children.

use super::Lowering;
use super::expressions::{expr, name, outside, positional};
use crate::program::tree::{Argument, Entry, EntryKey, Expr, ExprKind, Literal, Path};
use oxc_ast::ast;

impl Lowering {
    pub(super) fn element(&mut self, e: &ast::JSXElement<'_>) -> ExprKind {
        let opening = &e.opening_element;
        let callee = self.element_name(&opening.name);
        let entries = opening.attributes.iter().map(|attribute| self.attribute(attribute)).collect();
        let attributes = expr(self.span(opening.span), ExprKind::Object { ty: None, entries });
        let mut arguments = vec![positional(attributes)];
        self.children(&e.children, &mut arguments);
        let types = self.type_arguments(opening.type_arguments.as_deref());
        ExprKind::Call { callee: Box::new(callee), types, arguments, construct: false }
    }

    pub(super) fn fragment(&mut self, e: &ast::JSXFragment<'_>) -> ExprKind {
        let mut arguments = Vec::new();
        self.children(&e.children, &mut arguments);
        ExprKind::List(arguments)
    }

    fn element_name(&mut self, element: &ast::JSXElementName<'_>) -> Expr {
        match element {
            ast::JSXElementName::Identifier(tag) => name(self.span(tag.span), outside(["html", &tag.name])),
            ast::JSXElementName::IdentifierReference(component) => {
                name(self.span(component.span), Path::scoped([self.identifier(&component.name)]))
            }
            ast::JSXElementName::NamespacedName(tag) => {
                let full = format!("{}:{}", tag.namespace.name, tag.name.name);
                name(self.span(tag.span), outside(["html", &full]))
            }
            ast::JSXElementName::MemberExpression(member) => self.element_member(member),
            ast::JSXElementName::ThisExpression(this) => {
                let span = self.span(this.span);
                name(span, self.this())
            }
        }
    }

    fn element_member(&mut self, member: &ast::JSXMemberExpression<'_>) -> Expr {
        let mut names = vec![&member.property];
        let mut object = &member.object;
        let mut base = loop {
            match object {
                ast::JSXMemberExpressionObject::IdentifierReference(first) => {
                    break name(self.span(first.span), Path::scoped([self.identifier(&first.name)]));
                }
                ast::JSXMemberExpressionObject::ThisExpression(this) => {
                    let span = self.span(this.span);
                    break name(span, self.this());
                }
                ast::JSXMemberExpressionObject::MemberExpression(inner) => {
                    names.push(&inner.property);
                    object = &inner.object;
                }
            }
        };
        for part in names.into_iter().rev() {
            let name_span = self.span(part.span);
            let span = base.span.to(name_span);
            let kind =
                ExprKind::Field { base: Box::new(base), name: part.name.to_string(), name_span, optional: false };
            base = expr(span, kind);
        }
        base
    }

    fn attribute(&mut self, attribute: &ast::JSXAttributeItem<'_>) -> Entry {
        match attribute {
            ast::JSXAttributeItem::SpreadAttribute(spread) => {
                let value = self.expression(&spread.argument);
                Entry { key: EntryKey::Spread, key_span: value.span, value }
            }
            ast::JSXAttributeItem::Attribute(attribute) => {
                let (key, span) = match &attribute.name {
                    ast::JSXAttributeName::Identifier(name) => (name.name.to_string(), name.span),
                    ast::JSXAttributeName::NamespacedName(name) => {
                        (format!("{}:{}", name.namespace.name, name.name.name), name.span)
                    }
                };
                let key_span = self.span(span);
                let value = match &attribute.value {
                    // Without a value an attribute holds.
                    None => expr(key_span, ExprKind::Literal(Literal::Boolean(true))),
                    Some(ast::JSXAttributeValue::StringLiteral(text)) => {
                        expr(self.span(text.span), ExprKind::Literal(Literal::Text(text.value.to_string())))
                    }
                    Some(ast::JSXAttributeValue::ExpressionContainer(container)) => self.container(container),
                    Some(ast::JSXAttributeValue::Element(element)) => {
                        let span = self.span(element.span);
                        self.nested(span, |lowering| lowering.element(element))
                    }
                    Some(ast::JSXAttributeValue::Fragment(fragment)) => {
                        let span = self.span(fragment.span);
                        self.nested(span, |lowering| lowering.fragment(fragment))
                    }
                };
                Entry { key: EntryKey::Name(key), key_span, value }
            }
        }
    }

    fn container(&mut self, container: &ast::JSXExpressionContainer<'_>) -> Expr {
        match container.expression.as_expression() {
            Some(value) => self.expression(value),
            None => expr(self.span(container.span), ExprKind::Opaque(Vec::new())),
        }
    }

    fn nested(&mut self, span: crate::span::Span, lower: impl FnOnce(&mut Self) -> ExprKind) -> Expr {
        if self.depth >= super::MAX_DEPTH {
            return expr(span, ExprKind::Opaque(Vec::new()));
        }
        self.depth += 1;
        let kind = stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || lower(self));
        self.depth -= 1;
        expr(span, kind)
    }

    fn children(&mut self, children: &[ast::JSXChild<'_>], arguments: &mut Vec<Argument>) {
        for child in children {
            arguments.push(match child {
                ast::JSXChild::Text(text) if text.value.trim().is_empty() => continue,
                ast::JSXChild::Text(text) => {
                    let kind = ExprKind::Literal(Literal::Text(text.value.to_string()));
                    positional(expr(self.span(text.span), kind))
                }
                ast::JSXChild::Element(element) => {
                    let span = self.span(element.span);
                    positional(self.nested(span, |lowering| lowering.element(element)))
                }
                ast::JSXChild::Fragment(fragment) => {
                    let span = self.span(fragment.span);
                    positional(self.nested(span, |lowering| lowering.fragment(fragment)))
                }
                ast::JSXChild::ExpressionContainer(container) => positional(self.container(container)),
                ast::JSXChild::Spread(spread) => {
                    Argument { name: None, value: self.expression(&spread.expression), spread: true }
                }
            });
        }
    }
}
