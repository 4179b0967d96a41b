//! Expressions, statements and patterns of the program tree.

use super::definitions::{Argument, Asynchrony, Function, Item, Path, Type};
use crate::span::Span;

/// An expression or statement.
#[derive(Clone, Debug)]
pub struct Expr {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: ExprKind,
}

/// What an [`Expr`] is.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A constant written in place.
    Literal(Literal),
    /// Text with holes: format strings, template literals, string interpolation.
    Template(Vec<TemplatePart>),
    /// A variable, function, constant, type or variant.
    Name(Path),
    /// `base.name`.
    Field {
        /// The object.
        base: Box<Expr>,
        /// The field's name; tuple fields are `0`, `1`, ….
        name: String,
        /// Where the name stands.
        name_span: Span,
        /// `base?.name`: nothing when the base is nothing.
        optional: bool,
    },
    /// `base[index]`.
    Index {
        /// The collection.
        base: Box<Expr>,
        /// The key.
        index: Box<Expr>,
    },
    /// `callee(arguments)`; a method call has a [`ExprKind::Field`] as callee.
    Call {
        /// What is called.
        callee: Box<Expr>,
        /// Explicit type arguments (`::<T>`).
        types: Vec<Type>,
        /// Arguments in order.
        arguments: Vec<Argument>,
        /// Makes a new instance (`new C(…)`).
        construct: bool,
    },
    /// An object, struct, map or keyed configuration node. A key that is not known is left out of `key`.
    Object {
        /// The constructed type or variant, when named.
        ty: Option<Path>,
        /// Entries in order.
        entries: Vec<Entry>,
    },
    /// A list, array, tuple or set.
    List(Vec<Argument>),
    /// A function value.
    Closure(Box<Function>),
    /// `target = value`, or `target op= value` with `operator`.
    Assign {
        /// The place.
        target: Box<Expr>,
        /// The operator of a compound assignment.
        operator: Option<BinaryOperator>,
        /// The value.
        value: Box<Expr>,
    },
    /// Binds a pattern. As a condition (`if let`) its value is whether the pattern matched.
    Let {
        /// What is bound.
        pattern: Box<Pattern>,
        /// Declared type.
        ty: Option<Type>,
        /// The value; none for a declaration.
        value: Option<Box<Expr>>,
        /// What runs when the pattern does not match (it leaves the block).
        otherwise: Option<Box<Expr>>,
    },
    /// A condition with its two branches.
    If {
        /// The condition.
        condition: Box<Expr>,
        /// When it holds.
        then: Box<Expr>,
        /// When it does not.
        otherwise: Option<Box<Expr>>,
    },
    /// Chooses an arm by pattern.
    Match {
        /// The value looked at.
        subject: Box<Expr>,
        /// Arms in order.
        arms: Vec<Arm>,
    },
    /// Repeats its body.
    Loop {
        /// What it iterates over or tests.
        kind: LoopKind,
        /// The body.
        body: Box<Expr>,
    },
    /// Waits for a pending value.
    Await(Box<Expr>),
    /// Hands an error or nothing on to the caller, otherwise gives the inner value (`?`).
    Try(Box<Expr>),
    /// Runs the body and, when it fails, the handler with the error bound.
    Catch {
        /// What may fail.
        body: Box<Expr>,
        /// The error's name in the handler.
        pattern: Option<Box<Pattern>>,
        /// What runs on failure.
        handler: Option<Box<Expr>>,
        /// What runs in any case.
        finally: Option<Box<Expr>>,
    },
    /// Leaves the function.
    Return(Option<Box<Expr>>),
    /// Raises an error.
    Throw(Box<Expr>),
    /// Leaves the loop or labelled block, with its value.
    Break(Option<Box<Expr>>),
    /// Goes on with the loop's next round.
    Continue,
    /// An operator between two values.
    Binary {
        /// The operator.
        operator: BinaryOperator,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
    },
    /// An operator before one value.
    Unary {
        /// The operator.
        operator: UnaryOperator,
        /// The operand.
        operand: Box<Expr>,
    },
    /// Statements in a scope of their own.
    Block(Block),
    /// A definition inside a function.
    Item(Box<Item>),
    /// The same value under another type.
    Cast {
        /// The value.
        value: Box<Expr>,
        /// The type it is taken as.
        ty: Type,
    },
    /// Something the tree has no word for; the parts are evaluated for what they do.
    Opaque(Vec<Expr>),
}

/// Statements and the value of the last one.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// Statements in order; definitions are visible in the whole block.
    pub statements: Vec<Expr>,
    /// The block's value, when it has one.
    pub value: Option<Box<Expr>>,
    /// The body runs when awaited (`async { }`).
    pub asynchrony: Asynchrony,
}

/// An entry of an object.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its key; computed keys are expressions too.
    pub key: EntryKey,
    /// Where the key stands.
    pub key_span: Span,
    /// Its value.
    pub value: Expr,
}

/// How an entry is addressed.
#[derive(Clone, Debug)]
pub enum EntryKey {
    /// A key written in place.
    Name(String),
    /// A key that is computed.
    Computed(Box<Expr>),
    /// All entries of the value (`..base`, `...spread`).
    Spread,
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// Text, escapes resolved.
    Text(String),
    /// Bytes, escapes resolved.
    Bytes(Vec<u8>),
    /// A number as written, without separators and suffix.
    Number(String),
    /// A truth value.
    Boolean(bool),
    /// A regular expression, without its delimiters and flags.
    Pattern(String),
    /// Nothing (`null`, `None` is a [`ExprKind::Name`]).
    Null,
}

/// A part of a template.
#[derive(Clone, Debug)]
pub enum TemplatePart {
    /// Text between holes, escapes resolved.
    Text {
        /// Where it stands.
        span: Span,
        /// The text.
        text: String,
    },
    /// A value put in.
    Hole {
        /// The value.
        value: Expr,
        /// How it is written out.
        style: HoleStyle,
    },
}

/// How a template writes a value out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoleStyle {
    /// For people (`{}`).
    #[default]
    Display,
    /// For people, with what stands behind it (`{:#}`).
    Long,
    /// Whole structure (`{:?}`, `%o`).
    Debug,
    /// As data for another program (JSON).
    Data,
}

/// What a loop goes over.
#[derive(Clone, Debug)]
pub enum LoopKind {
    /// Each element of a collection, stream or range.
    Each {
        /// What each element is bound to.
        pattern: Box<Pattern>,
        /// What is iterated over.
        iterable: Box<Expr>,
        /// Elements are awaited one after the other.
        awaited: bool,
    },
    /// While a condition holds.
    While(Box<Expr>),
    /// Until it is left.
    Forever,
    /// `for (init; condition; update)`.
    Counted {
        /// Runs first.
        start: Option<Box<Expr>>,
        /// Tested before each round.
        condition: Option<Box<Expr>>,
        /// Runs after each round.
        update: Option<Box<Expr>>,
    },
}

/// An arm of a match.
#[derive(Clone, Debug)]
pub struct Arm {
    /// What the subject must look like.
    pub pattern: Pattern,
    /// A further condition.
    pub guard: Option<Expr>,
    /// What runs.
    pub body: Expr,
}

/// A pattern.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: PatternKind,
}

/// What a [`Pattern`] is.
#[derive(Clone, Debug)]
pub enum PatternKind {
    /// Binds a name, perhaps to what an inner pattern matches too.
    Bind {
        /// The name. A frontend that cannot tell a binding from a constant's name says Bind; the linker looks.
        name: String,
        /// The inner pattern (`name @ inner`).
        inner: Option<Box<Pattern>>,
        /// Value when there is none (`{ a = 1 }`).
        default: Option<Box<Expr>>,
    },
    /// Anything.
    Wildcard,
    /// Fields by name.
    Object {
        /// The type or variant, when named.
        ty: Option<Path>,
        /// Field and its pattern.
        fields: Vec<(String, Pattern)>,
        /// What takes the other fields.
        rest: Option<Box<Pattern>>,
    },
    /// A tuple struct or variant with its payload by position.
    Variant {
        /// The type or variant.
        path: Path,
        /// Payload in order.
        elements: Vec<Pattern>,
    },
    /// A tuple or list by position.
    List {
        /// Elements in order.
        elements: Vec<Pattern>,
        /// Position and pattern of what takes the others.
        rest: Option<(usize, Box<Pattern>)>,
    },
    /// A constant, unit variant or range.
    Value(Box<Expr>),
    /// Any of these.
    Or(Vec<Pattern>),
}

/// Operators between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOperator {
    /// Sum or concatenation.
    Add,
    /// Difference.
    Subtract,
    /// Product.
    Multiply,
    /// Quotient.
    Divide,
    /// Remainder, bit operations, and changes in place other than by a sum.
    Arithmetic,
    /// Equal.
    Equal,
    /// Not equal.
    NotEqual,
    /// Less, greater and their or-equal forms.
    Order,
    /// The left value is of the type that the right one stands for, or of one made from it.
    Is,
    /// Both hold.
    And,
    /// Either holds, or the first that is not empty.
    Or,
    /// The right value when the left is nothing (`??`).
    Default,
    /// A range of values.
    Range,
    /// The right value, both evaluated.
    Sequence,
}

/// Operators before one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    /// Not.
    Not,
    /// Minus, plus, bit complement.
    Arithmetic,
    /// A reference that may not change the value, or a dereference: the value itself.
    Reference,
    /// A reference through which the value may be changed.
    MutableReference,
}
