//! What is left of a value when it is written out: types hide, omit or write by hand what they hold.

use super::Evaluator;
use super::value::{Data, Label, Piece, Value};
use crate::hash::FastMap;
use crate::program::link::{ScopeId, TypeId};
use crate::program::tree::{Argument, Attribute, ExprKind, HoleStyle};
use crate::span::Span;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Deeper structure than this is not written out.
const MAX_DEPTH: usize = 12;
/// Values that one writing out writes at most. Whoever looks at the result looks at fewer.
const MAX_WRITTEN: usize = 8192;

/// One writing out of a value.
struct Printing<'p> {
    scope: ScopeId,
    style: HoleStyle,
    /// What was written out already, by where it is kept. The first value keeps it there.
    done: FastMap<usize, (Value<'p>, Value<'p>)>,
    /// How many more are written.
    left: usize,
}

impl<'p> Evaluator<'p> {
    /// What is left of a value when it is written out in a style: what a type hides, or writes by hand, is not there.
    pub(super) fn printed(&mut self, scope: ScopeId, value: &Value<'p>, style: HoleStyle) -> Value<'p> {
        self.printed_within(
            &mut Printing { scope, style, done: FastMap::default(), left: MAX_WRITTEN },
            value,
            MAX_DEPTH,
        )
    }

    /// What several places share is written out once: the tree they would make can be exponentially larger.
    fn printed_within(&mut self, printing: &mut Printing<'p>, value: &Value<'p>, depth: usize) -> Value<'p> {
        let whole = matches!(
            &*value.data,
            Data::Object { .. }
                | Data::Instance { .. }
                | Data::List { .. }
                | Data::Union(_)
                | Data::Failed(_)
                | Data::Text(_)
        );
        if !whole {
            return self.printed_once(printing, value, depth);
        }
        if let Some((written, printed)) = printing.done.get(&value.data.address())
            && written.labels == value.labels
        {
            return printed.clone();
        }
        let printed = self.printed_once(printing, value, depth);
        printing.done.insert(value.data.address(), (value.clone(), printed.clone()));
        printed
    }

    fn printed_once(&mut self, printing: &mut Printing<'p>, value: &Value<'p>, depth: usize) -> Value<'p> {
        let (Some(depth), Some(left)) = (depth.checked_sub(1), printing.left.checked_sub(1)) else {
            return Value::unknown();
        };
        printing.left = left;
        let (scope, style) = (printing.scope, printing.style);
        let libraries = self.libraries(scope);
        // What stands for a text is written as that text.
        if let Data::Instance { ty, .. } = &*value.data
            && libraries.ty(ty).is_some_and(|model| model.text.is_some())
            && let Some(text) = self.as_text(value)
        {
            return self.printed_within(printing, &text, depth).labels_of(value);
        }
        // A moment is written out as the time it is.
        if super::times::from_now(value).is_some() {
            return value.clone();
        }
        let known = match &*value.data {
            Data::Object { ty: Some(ty), fields, open, .. } => {
                let set = self.set_from_outside(value, *ty);
                match self.written_fields(*ty, set.as_ref().unwrap_or(fields), *open, style) {
                    Some(fields) => Some(fields),
                    None => return Value::unknown(),
                }
            }
            _ => None,
        };
        let mut inside = |value: &Value<'p>| self.printed_within(printing, value, depth);
        let data = match &*value.data {
            Data::Object { ty, variant, fields, open } => {
                let model = libraries.printing(style);
                if model.is_some_and(|model| model.opaque) {
                    return Value::unknown();
                }
                let fields = known
                    .as_ref()
                    .unwrap_or(fields)
                    .iter()
                    .map(|(name, value)| (name.clone(), inside(value)))
                    .collect();
                // What was written out has what it has: its type adds nothing when it is written out again.
                Data::Object { ty: *ty, variant: variant.clone(), fields, open: *open && ty.is_none() }
            }
            Data::List { items, rest } => {
                Data::List { items: items.iter().map(&mut inside).collect(), rest: rest.as_ref().map(&mut inside) }
            }
            Data::Text(pieces) if pieces.iter().any(|piece| matches!(piece, Piece::Hole(_))) => Data::Text(
                pieces
                    .iter()
                    .map(|piece| match piece {
                        Piece::Known(text, span) => Piece::Known(text.clone(), *span),
                        Piece::Hole(value) => Piece::Hole(inside(value)),
                    })
                    .collect(),
            ),
            Data::Instance { ty, state } => match libraries.ty(ty) {
                Some(model) if model.sealed => return Value::unknown(),
                _ if libraries.printing(style).is_some_and(|model| model.opaque) => return Value::unknown(),
                model => {
                    let brief = model.and_then(|model| model.shows.as_ref()).filter(|_| style == HoleStyle::Display);
                    let shown = brief.or(model.and_then(|model| model.prints.as_ref()));
                    let state = state.iter().filter(|(slot, _)| shown.is_none_or(|s| s.iter().any(|s| **s == ***slot)));
                    let state = state.map(|(slot, value)| (slot.clone(), inside(value))).collect();
                    Data::Instance { ty: ty.clone(), state }
                }
            },
            Data::Pending { value: inner, .. } => return inside(inner).labels_of(value),
            Data::Failed(error) => Data::Failed(inside(error)),
            Data::Union(all) => Data::Union(all.iter().map(inside).collect()),
            _ => return value.clone(),
        };
        Value { data: data.into(), labels: value.labels.clone(), trail: value.trail.clone() }
    }

    /// The fields of a value that a reader of settings filled: what the type holds otherwise stands in where nothing is set.
    fn set_from_outside(&mut self, value: &Value<'p>, ty: TypeId) -> Option<BTreeMap<Rc<str>, Value<'p>>> {
        value.labels.iter().find(|label| matches!(label, Label::Prefix(_)))?;
        let definition = self.program.types.get(ty.0)?.definition?;
        let fields = definition.fields.iter();
        Some(
            fields.map(|field| (field.name.as_str().into(), self.field(value, &field.name, Span::default()))).collect(),
        )
    }

    /// The fields that are written out with a value of a project type; none when the type writes itself by hand.
    fn written_fields(
        &mut self,
        ty: TypeId,
        known: &BTreeMap<Rc<str>, Value<'p>>,
        open: bool,
        style: HoleStyle,
    ) -> Option<BTreeMap<Rc<str>, Value<'p>>> {
        let program = self.program;
        let Some(entry) = program.types.get(ty.0) else { return Some(known.clone()) };
        let Some(model) = self.libraries(entry.scope).printing(style) else { return Some(known.clone()) };
        let by_hand = |name: &String| {
            entry.written_interfaces.contains(&name.as_str()) || entry.methods.contains_key(name.as_str())
        };
        if model.by_hand.iter().any(by_hand) {
            return None;
        }
        let mut fields = known.clone();
        for field in entry.definition.iter().flat_map(|definition| &definition.fields) {
            let kept = field.ty.as_ref().is_some_and(|ty| self.keeps(entry.scope, ty, MAX_DEPTH));
            if kept || field.attributes.iter().any(|attribute| says_any(attribute, &model.leaves_out)) {
                fields.remove(field.name.as_str());
            } else if open && !fields.contains_key(field.name.as_str()) {
                fields.insert(field.name.as_str().into(), self.declared_field(ty, &field.name));
            }
        }
        if let Some(private) = &model.private {
            fields.retain(|name, _| !name.starts_with(private.as_str()));
        }
        Some(fields)
    }
}

/// Whether an attribute's name and one of its words are listed.
pub(super) fn says_any(attribute: &Attribute, listed: &[String]) -> bool {
    fn says(arguments: &[Argument], word: &str, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        arguments.iter().any(|argument| {
            argument.name.as_deref() == Some(word)
                || match &argument.value.kind {
                    ExprKind::Name(path) => path.last() == word,
                    ExprKind::Call { callee, arguments, .. } => {
                        matches!(&callee.kind, ExprKind::Name(path) if path.last() == word)
                            || says(arguments, word, depth)
                    }
                    _ => false,
                }
        })
    }
    listed
        .iter()
        .filter_map(|entry| entry.split_once(' '))
        .any(|(name, word)| attribute.path.last() == name && says(&attribute.arguments, word, 4))
}
