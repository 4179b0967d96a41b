//! Abstract values: what an expression may be, where it came from, and what is known about it.

use super::shared::Shared;
use crate::finding::Step;
use crate::hash::FastSet;
use crate::program::link::{FunctionId, TypeId};
use crate::program::tree::Function;
use crate::span::Span;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Deeper structure than this is not looked into.
const MAX_DEPTH: usize = 12;
/// A union keeps this many alternatives; more are dropped.
const MAX_ALTERNATIVES: usize = 8;
/// A walk through a value visits at most this many parts.
const MAX_VISITED: usize = 4096;
/// Text keeps this many pieces; what is joined behind them is dropped.
const MAX_PIECES: usize = 256;
/// A trail keeps this many steps, those nearest its source.
const MAX_STEPS: usize = 16;

/// A value with its labels and the way it came.
#[derive(Clone)]
pub struct Value<'p> {
    /// What it is.
    pub data: Shared<'p>,
    /// What is known about it, sorted.
    pub labels: Rc<Vec<Label>>,
    /// Where it has been, newest first.
    pub trail: Option<Rc<Trail>>,
}

// A value may hold a secret: its debug form shows its kind only.
impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = match &*self.data {
            Data::Unknown => "unknown",
            Data::Text(_) => "text",
            Data::Number(_) => "number",
            Data::Boolean(_) => "boolean",
            Data::Nothing => "nothing",
            Data::Object { .. } => "object",
            Data::List { .. } => "list",
            Data::Callable(_) => "function",
            Data::Instance { ty, .. } => ty,
            Data::Pending { .. } => "pending",
            Data::Failed(_) => "failed",
            Data::Namespace(_) => "namespace",
            Data::Union(_) => "union",
        };
        write!(formatter, "Value({kind})")
    }
}

/// What a value is.
pub enum Data<'p> {
    /// Not known.
    Unknown,
    /// Text made of known pieces and holes.
    Text(Vec<Piece<'p>>),
    /// A number as written.
    Number(Rc<str>),
    /// A truth value.
    Boolean(bool),
    /// Null, none, unit.
    Nothing,
    /// A struct, map or variant. `open`: there may be more fields than are known.
    Object {
        /// The project's type, when it has one.
        ty: Option<TypeId>,
        /// The variant of an enum.
        variant: Option<Rc<str>>,
        /// Known fields.
        fields: BTreeMap<Rc<str>, Value<'p>>,
        /// Whether other fields may exist.
        open: bool,
    },
    /// A list: elements known by position, and what any further element is.
    List {
        /// Known elements.
        items: Vec<Value<'p>>,
        /// What each of any number of further elements is.
        rest: Option<Value<'p>>,
    },
    /// Something that can be called.
    Callable(Callable<'p>),
    /// An instance of a library's type with the state its models keep.
    Instance {
        /// The type's canonical name.
        ty: Rc<str>,
        /// Slots filled by models.
        state: BTreeMap<Rc<str>, Value<'p>>,
    },
    /// A value still to come, with the requests that making it sends.
    Pending {
        /// Requests, by number.
        requests: Vec<usize>,
        /// Number of the task, when it already runs by itself.
        task: Option<usize>,
        /// What it will be.
        value: Value<'p>,
    },
    /// A result that failed, with its error. Among alternatives there is one at most.
    Failed(Value<'p>),
    /// A module of the project, whose fields are its exports.
    Namespace(crate::program::link::ScopeId),
    /// One of these.
    Union(Vec<Value<'p>>),
}

/// A piece of text.
#[derive(Clone)]
pub enum Piece<'p> {
    /// Known text, with where it is written.
    Known(Rc<str>, Span),
    /// A value put in.
    Hole(Value<'p>),
}

/// Something that can be called.
#[derive(Clone)]
pub enum Callable<'p> {
    /// A function of the project, with its receiver when bound.
    Function(FunctionId, Option<Value<'p>>),
    /// A closure with the variables it captured.
    Closure {
        /// The code.
        function: &'p Function,
        /// The module whose names it sees.
        scope: crate::program::link::ScopeId,
        /// The type around it.
        owner: Option<TypeId>,
        /// Number of the frame it was made in.
        frame: usize,
        /// Captured variables.
        captured: super::variables::Variables<'p>,
    },
    /// Makes a variant of an enum or a tuple struct of the project.
    Constructor(TypeId, Option<Rc<str>>),
    /// A function of a type of the project that was derived: it gives an instance.
    Derived(TypeId),
    /// A function outside the project, with its receiver when bound.
    External(Rc<str>, Option<Value<'p>>),
}

/// What is known about a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// Read from this environment variable.
    Environment(Rc<str>),
    /// A configuration read under this prefix: its parts are named after it.
    Prefix(Rc<str>),
    /// Held by this name: a constant, field, parameter or variable whose name carries the product's word or a credential word,
    /// or says that it identifies a patient.
    Named(Rc<str>),
    /// Taken in when the program is built, at this place; of a file of settings the part under this dotted key.
    CompiledIn(Span, Rc<str>),
    /// The value another one falls back to.
    Default,
    /// Read from the body of this request's response.
    Body(usize),
    /// The status, headers or length of this request's response.
    Meta(usize),
    /// This part of the body of this request's response, as it came: the fields that lead to it, joined by dots, nothing for
    /// the whole. What is computed from it no longer has this label.
    Content(usize, Rc<str>),
    /// What failed in this request.
    Failure(usize),
    /// Decided by a comparison of values that can both change.
    Compared,
    /// Encoded as base64.
    Encoded,
    /// Field of a project type whose value is not known.
    Field(TypeId, Rc<str>),
    /// Chosen by the user of the program.
    UserInput,
}

/// Steps a value took, newest first.
#[derive(Debug)]
pub struct Trail {
    step: Step,
    before: Option<Rc<Trail>>,
    length: usize,
}

/// A leaf of a value: text as written, or an unknown value with labels.
pub enum Leaf<'v, 'p> {
    /// Text as written. The value is what holds it.
    Text(&'v str, Span, &'v Value<'p>),
    /// A value that is not known.
    Unknown(&'v Value<'p>),
}

impl<'p> Value<'p> {
    /// A value without labels.
    pub fn new(data: Data<'p>) -> Self {
        Self { data: data.into(), labels: Rc::default(), trail: None }
    }

    /// A value that is not known.
    pub fn unknown() -> Self {
        Self::new(Data::Unknown)
    }

    /// Nothing.
    pub fn nothing() -> Self {
        Self::new(Data::Nothing)
    }

    /// Known text and where it is written.
    pub fn text(text: &str, span: Span) -> Self {
        Self::new(Data::Text(vec![Piece::Known(text.into(), span)]))
    }

    /// A new library instance.
    pub fn instance(ty: &str) -> Self {
        Self::new(Data::Instance { ty: ty.into(), state: BTreeMap::new() })
    }

    /// Any number of one element.
    pub fn many(element: Self) -> Self {
        Self::new(Data::List { items: Vec::new(), rest: Some(element) })
    }

    /// The same value with one more label.
    #[must_use]
    pub fn label(mut self, label: Label) -> Self {
        if let Err(at) = self.labels.binary_search(&label) {
            Rc::make_mut(&mut self.labels).insert(at, label);
        }
        self
    }

    /// The same value with all labels of another.
    #[must_use]
    pub fn labels_of(mut self, other: &Self) -> Self {
        for label in other.labels.iter() {
            self = self.label(label.clone());
        }
        self
    }

    /// The same value one step further. Beyond the bound the oldest steps stay and new ones are dropped.
    #[must_use]
    pub fn step(mut self, span: Span, note: impl Into<String>) -> Self {
        let length = self.trail.as_ref().map_or(0, |trail| trail.length);
        if length < MAX_STEPS && self.trail.as_ref().is_none_or(|trail| trail.step.span != span) {
            self.trail =
                Some(Rc::new(Trail { step: Step { span, note: note.into() }, before: self.trail, length: length + 1 }));
        }
        self
    }

    /// Its trail, oldest step first.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut at = self.trail.as_deref();
        while let Some(trail) = at {
            steps.push(trail.step.clone());
            at = trail.before.as_deref();
        }
        steps.reverse();
        steps
    }

    /// One of two values. What is built alike is kept once.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::any_of([self, other]).unwrap_or_else(Self::unknown)
    }

    /// One of several values; none when there are none. What is built alike is kept once.
    pub fn any_of(values: impl IntoIterator<Item = Self>) -> Option<Self> {
        let (mut kept, mut seen): (Vec<Self>, Vec<u64>) = (Vec::new(), Vec::new());
        let mut errors: Vec<Self> = Vec::new();
        let mut keep = |value: Self| {
            if let Data::Failed(error) = &*value.data {
                errors.push(error.clone());
                return;
            }
            let fingerprint = value.fingerprint();
            if kept.len() < MAX_ALTERNATIVES && !seen.contains(&fingerprint) {
                seen.push(fingerprint);
                kept.push(value);
            }
        };
        for value in values {
            match &*value.data {
                Data::Union(inner) => inner.iter().cloned().for_each(&mut keep),
                _ => keep(value),
            }
        }
        // What may go wrong in many ways is one alternative: it takes no room from what may come out right.
        if !errors.is_empty() {
            kept.extend(Self::any_of(errors).map(|error| Self::new(Data::Failed(error))));
        }
        match kept.len() {
            0 | 1 => kept.pop(),
            _ => Some(Self::new(Data::Union(kept))),
        }
    }

    /// The values it may be.
    pub fn alternatives(&self) -> Vec<Self> {
        match &*self.data {
            Data::Union(all) => all.clone(),
            _ => vec![self.clone()],
        }
    }

    /// What it is when it did not fail, and the error when it did, each where that may be.
    pub fn parted(&self) -> (Option<Self>, Option<Self>) {
        match &*self.data {
            Data::Failed(error) => (None, Some(error.clone())),
            Data::Union(all) => {
                let error = all.iter().find_map(|one| match &*one.data {
                    Data::Failed(error) => Some(error.clone()),
                    _ => None,
                });
                if error.is_none() {
                    return (Some(self.clone()), None);
                }
                let rest = all.iter().filter(|one| !matches!(*one.data, Data::Failed(_))).cloned();
                (Self::any_of(rest).map(|rest| rest.labels_of(self)), error)
            }
            _ => (Some(self.clone()), None),
        }
    }

    /// The whole text when every piece is known.
    pub fn known_text(&self) -> Option<String> {
        match &*self.data {
            Data::Text(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Known(text, _) => Some(text.to_string()),
                    Piece::Hole(value) => value.known_text(),
                })
                .collect(),
            Data::Number(text) => Some(text.to_string()),
            Data::Boolean(value) => Some(value.to_string()),
            _ => None,
        }
    }

    /// The pieces of the value as text; anything that is not text is one hole.
    pub fn pieces(&self) -> Vec<Piece<'p>> {
        match &*self.data {
            Data::Text(pieces) => pieces.clone(),
            _ => vec![Piece::Hole(self.clone())],
        }
    }

    /// Text joined behind this one.
    #[must_use]
    pub fn concat(&self, other: &Self) -> Self {
        let mut pieces = self.pieces();
        pieces.extend(other.pieces());
        pieces.truncate(MAX_PIECES);
        Self { data: Data::Text(pieces).into(), labels: Rc::default(), trail: self.trail.clone() }
    }

    /// Visits every leaf. `sealed` says which library types keep what they hold.
    pub fn leaves<'v>(&'v self, sealed: &dyn Fn(&str) -> bool, visit: &mut dyn FnMut(Leaf<'v, 'p>)) {
        self.leaves_once(sealed, visit, &mut FastSet::default(), MAX_DEPTH);
    }

    /// Parts that several places share are visited once: the tree they would make can be exponentially larger.
    fn leaves_once<'v>(
        &'v self,
        sealed: &dyn Fn(&str) -> bool,
        visit: &mut dyn FnMut(Leaf<'v, 'p>),
        seen: &mut FastSet<usize>,
        depth: usize,
    ) {
        let Some(depth) = depth.checked_sub(1) else { return };
        if !matches!(*self.data, Data::Unknown) && (seen.len() >= MAX_VISITED || !seen.insert(self.data.address())) {
            return;
        }
        let mut go =
            |value: &'v Self, visit: &mut dyn FnMut(Leaf<'v, 'p>)| value.leaves_once(sealed, visit, seen, depth);
        match &*self.data {
            Data::Unknown => visit(Leaf::Unknown(self)),
            Data::Text(pieces) => {
                for piece in pieces {
                    match piece {
                        Piece::Known(text, span) => visit(Leaf::Text(text, *span, self)),
                        Piece::Hole(value) => go(value, visit),
                    }
                }
            }
            Data::Object { fields, .. } => fields.values().for_each(|value| go(value, visit)),
            Data::List { items, rest } => items.iter().chain(rest).for_each(|value| go(value, visit)),
            Data::Instance { ty, state } if !sealed(ty) => state.values().for_each(|value| go(value, visit)),
            Data::Pending { value, .. } => go(value, visit),
            Data::Union(all) => all.iter().for_each(|value| go(value, visit)),
            Data::Instance { .. }
            | Data::Failed(_)
            | Data::Callable(_)
            | Data::Number(_)
            | Data::Boolean(_)
            | Data::Nothing
            | Data::Namespace(_) => {}
        }
    }

    /// The same value with each alternative changed.
    #[must_use]
    pub fn map_alternatives(&self, change: &mut dyn FnMut(&Self) -> Self) -> Self {
        match &*self.data {
            Data::Union(all) => Self::any_of(all.iter().map(change)).unwrap_or_else(Self::unknown).labels_of(self),
            _ => change(self),
        }
    }

    /// Visits this value and everything in it, outermost first; shared parts once. `visit` says whether to go on into a part.
    pub fn parts<'v>(&'v self, visit: &mut dyn FnMut(&'v Self) -> bool) {
        self.parts_once(visit, &mut FastSet::default(), MAX_DEPTH);
    }

    fn parts_once<'v>(&'v self, visit: &mut dyn FnMut(&'v Self) -> bool, seen: &mut FastSet<usize>, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        if seen.len() >= MAX_VISITED || !visit(self) || !seen.insert(self.data.address()) {
            return;
        }
        let mut go = |value: &'v Self| value.parts_once(visit, seen, depth);
        match &*self.data {
            Data::Text(pieces) => {
                for piece in pieces {
                    if let Piece::Hole(value) = piece {
                        go(value);
                    }
                }
            }
            Data::Object { fields, .. } => fields.values().for_each(go),
            Data::List { items, rest } => items.iter().chain(rest).for_each(go),
            Data::Instance { state, .. } => state.values().for_each(go),
            Data::Pending { value, .. } | Data::Failed(value) => go(value),
            Data::Union(all) => all.iter().for_each(go),
            _ => {}
        }
    }

    /// Whether this value or anything in it has a label for which `test` holds.
    pub fn any_label(&self, test: &dyn Fn(&Label) -> bool) -> bool {
        let mut found = self.labels.iter().any(test);
        self.leaves(&|_| false, &mut |leaf| {
            let value = match leaf {
                Leaf::Text(_, _, value) | Leaf::Unknown(value) => value,
            };
            found = found || value.labels.iter().any(test);
        });
        found
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;
    use crate::span::FileId;

    fn at(start: usize) -> Span {
        Span::new(FileId(0), start, start + 1)
    }

    #[test]
    fn a_value_never_prints_what_it_holds() {
        let value = Value::text("sk_9f8a7d6c5b4e3f2a1b0c", at(0));
        assert_eq!(format!("{value:?}"), "Value(text)");
    }

    #[test]
    fn leaves_are_found_through_text_and_fields_but_not_in_sealed_types() {
        let secret = Value::text("a", at(1));
        let header = Value::text("Basic ", at(0)).concat(&secret);
        let fields = BTreeMap::from([(Rc::from("h"), header)]);
        let object = Value::new(Data::Object { ty: None, variant: None, fields, open: false });
        let state = BTreeMap::from([(Rc::from("inner"), object)]);
        let sealed = Value::new(Data::Instance { ty: "Sealed".into(), state });
        let count = |seal: bool| {
            let mut texts = Vec::new();
            sealed.leaves(&|_| seal, &mut |leaf| {
                if let Leaf::Text(text, ..) = leaf {
                    texts.push(text.to_owned());
                }
            });
            texts
        };
        assert_eq!(count(false), ["Basic ", "a"]);
        assert!(count(true).is_empty());
    }

    #[test]
    fn unions_are_flat_bounded_and_without_repeats() {
        let mut value = Value::text("a", at(0));
        value = value.or(Value::text("a", at(0)));
        assert!(matches!(&*value.data, Data::Text(_)));
        for index in 0..100 {
            value = value.or(Value::text("b", at(index)));
        }
        assert_eq!(value.alternatives().len(), MAX_ALTERNATIVES);
    }

    #[test]
    fn a_trail_is_in_order_and_bounded() {
        let mut value = Value::unknown();
        for index in 0..100 {
            value = value.step(at(index), format!("{index}"));
        }
        let steps = value.steps();
        assert_eq!(steps.len(), MAX_STEPS);
        assert_eq!(steps[0].note, "0");
    }
}
