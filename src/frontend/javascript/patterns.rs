//! Patterns: what declarations, parameters and assignments take apart.

use super::Lowering;
use super::expressions::static_key;
use crate::program::tree::{Expr, Pattern, PatternKind};
use crate::span::Span;
use oxc_ast::ast::{
    AssignmentTarget, AssignmentTargetMaybeDefault, AssignmentTargetPattern, AssignmentTargetProperty, BindingPattern,
};
use oxc_span::GetSpan as _;

pub(super) fn bind(span: Span, name: String, default: Option<Expr>) -> Pattern {
    Pattern { span, kind: PatternKind::Bind { name, inner: None, default: default.map(Box::new) } }
}

fn wildcard(span: Span) -> Pattern {
    Pattern { span, kind: PatternKind::Wildcard }
}

/// A pattern with a value for when there is none.
fn with_default(span: Span, pattern: Pattern, default: Expr) -> Pattern {
    match pattern.kind {
        PatternKind::Bind { name, inner, default: None } => {
            Pattern { span, kind: PatternKind::Bind { name, inner, default: Some(Box::new(default)) } }
        }
        _ => {
            let kind = PatternKind::Bind {
                name: String::new(),
                inner: Some(Box::new(pattern)),
                default: Some(Box::new(default)),
            };
            Pattern { span, kind }
        }
    }
}

impl Lowering {
    pub(super) fn pattern(&mut self, pattern: &BindingPattern<'_>) -> Pattern {
        let span = self.span(pattern.span());
        match pattern {
            BindingPattern::BindingIdentifier(name) => bind(span, self.identifier(&name.name), None),
            BindingPattern::AssignmentPattern(with) => {
                let inner = self.nested_pattern(&with.left);
                let default = self.expression(&with.right);
                with_default(span, inner, default)
            }
            BindingPattern::ObjectPattern(object) => {
                let fields = object.properties.iter().filter_map(|property| {
                    let pattern = self.nested_pattern(&property.value);
                    Some((static_key(&property.key)?, pattern))
                });
                let fields = fields.collect();
                let rest = object.rest.as_ref().map(|rest| Box::new(self.nested_pattern(&rest.argument)));
                Pattern { span, kind: PatternKind::Object { ty: None, fields, rest } }
            }
            BindingPattern::ArrayPattern(list) => {
                let element = |element: &Option<BindingPattern<'_>>| match element {
                    Some(element) => self.nested_pattern(element),
                    None => wildcard(span),
                };
                let elements: Vec<Pattern> = list.elements.iter().map(element).collect();
                let at = elements.len();
                let rest = list.rest.as_ref().map(|rest| (at, Box::new(self.nested_pattern(&rest.argument))));
                Pattern { span, kind: PatternKind::List { elements, rest } }
            }
        }
    }

    fn nested_pattern(&mut self, pattern: &BindingPattern<'_>) -> Pattern {
        if self.depth >= super::MAX_DEPTH {
            return wildcard(self.span(pattern.span()));
        }
        self.depth += 1;
        let lowered = stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || self.pattern(pattern));
        self.depth -= 1;
        lowered
    }

    /// The pattern of a destructuring assignment. Places other than variables are left out.
    pub(super) fn target_pattern(&mut self, pattern: &AssignmentTargetPattern<'_>) -> Pattern {
        let span = self.span(pattern.span());
        if self.depth >= super::MAX_DEPTH {
            return wildcard(span);
        }
        self.depth += 1;
        let kind = match pattern {
            AssignmentTargetPattern::ObjectAssignmentTarget(object) => {
                let fields = object.properties.iter().filter_map(|property| match property {
                    AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(short) => {
                        let name = self.identifier(&short.binding.name);
                        let default = short.init.as_ref().map(|init| self.expression(init));
                        Some((short.binding.name.to_string(), bind(self.span(short.span), name, default)))
                    }
                    AssignmentTargetProperty::AssignmentTargetPropertyProperty(property) => {
                        let pattern = self.target_with_default(&property.binding);
                        Some((static_key(&property.name)?, pattern))
                    }
                });
                let fields = fields.collect();
                let rest = object.rest.as_ref().map(|rest| Box::new(self.assigned(&rest.target)));
                PatternKind::Object { ty: None, fields, rest }
            }
            AssignmentTargetPattern::ArrayAssignmentTarget(list) => {
                let element = |element: &Option<AssignmentTargetMaybeDefault<'_>>| match element {
                    Some(element) => self.target_with_default(element),
                    None => wildcard(span),
                };
                let elements: Vec<Pattern> = list.elements.iter().map(element).collect();
                let at = elements.len();
                let rest = list.rest.as_ref().map(|rest| (at, Box::new(self.assigned(&rest.target))));
                PatternKind::List { elements, rest }
            }
        };
        self.depth -= 1;
        Pattern { span, kind }
    }

    fn target_with_default(&mut self, target: &AssignmentTargetMaybeDefault<'_>) -> Pattern {
        match target {
            AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(with) => {
                let inner = self.assigned(&with.binding);
                let default = self.expression(&with.init);
                with_default(self.span(with.span), inner, default)
            }
            target => match target.as_assignment_target() {
                Some(target) => self.assigned(target),
                None => wildcard(self.span(target.span())),
            },
        }
    }

    /// What is assigned to, as a pattern.
    pub(super) fn assigned(&mut self, target: &AssignmentTarget<'_>) -> Pattern {
        let span = self.span(target.span());
        match target {
            AssignmentTarget::AssignmentTargetIdentifier(name) => bind(span, self.identifier(&name.name), None),
            target => match target.as_assignment_target_pattern() {
                Some(pattern) => stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || self.target_pattern(pattern)),
                None => wildcard(span),
            },
        }
    }
}
