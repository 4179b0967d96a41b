//! Files, definitions and the types they name, as the program tree has them.

use super::expressions::{Expr, Pattern};
use crate::span::{FileId, Span};

/// One file, lowered.
#[derive(Clone, Debug)]
pub struct Module {
    /// The file it came from.
    pub file: FileId,
    /// Which set of library models names resolve against: the folder under `rules/libraries/`.
    pub namespace: &'static str,
    /// Attributes of the whole file.
    pub attributes: Vec<Attribute>,
    /// Definitions, imports and, where the language has them, top-level statements.
    pub items: Vec<Item>,
    /// Comments, in order. Their text is without the comment marks.
    pub comments: Vec<Comment>,
}

/// A comment's text (marks removed) and the span of the whole comment.
#[derive(Clone, Debug)]
pub struct Comment {
    /// Where it stands, marks included.
    pub span: Span,
    /// Its text, marks removed, lines joined by `\n`.
    pub text: String,
    /// Whether it is documentation that belongs to an item.
    pub doc: bool,
}

/// A definition, an import, or a statement at file level.
#[derive(Clone, Debug)]
pub struct Item {
    /// The whole item.
    pub span: Span,
    /// Where the name stands (the item's start if it has none).
    pub name_span: Span,
    /// The defined name; empty for imports, implementations and statements.
    pub name: String,
    /// Visible outside its module.
    pub public: bool,
    /// Attributes and decorators, in order.
    pub attributes: Vec<Attribute>,
    /// What is defined.
    pub kind: ItemKind,
}

/// What an [`Item`] defines.
#[derive(Clone, Debug)]
pub enum ItemKind {
    /// A function, or a macro that forwards its arguments (its name then ends in `!`).
    Function(Box<Function>),
    /// A struct, class, enum or union.
    Type(TypeDefinition),
    /// An interface or trait.
    Interface(InterfaceDefinition),
    /// Functions and constants added to a type, for an interface if one is named.
    Implementation(Implementation),
    /// A constant or static with its initial value.
    Constant {
        /// Declared type.
        ty: Option<Type>,
        /// Initial value; none for a declaration.
        value: Option<Expr>,
    },
    /// Another name for a type.
    Alias(Type),
    /// A name brought in from elsewhere. The item's `public` flag marks a re-export.
    Import(Import),
    /// A nested module; `None` when its content is another file.
    Submodule {
        /// Content, when it stands in place.
        items: Option<Vec<Item>>,
        /// Where its file is, when the source says so (`#[path = "…"]`), relative to the folder of this file.
        file: Option<String>,
    },
    /// Another name under which other files see a definition: the item's name. `=` stands for the file as a whole.
    Export(Path),
    /// Definitions under a name of their own, which see the names around them too.
    Namespace(Vec<Item>),
    /// Code of another language that stands in the file, with the namespace of that language.
    Embedded(&'static str, Vec<Item>),
    /// A statement that runs when the file is loaded.
    Statement(Expr),
}

/// Name of a type that adds fields to one outside the project, which its attribute names. No source can write it.
pub const ADDED: &str = "#added";

/// How a path's first segment is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Anchor {
    /// In the scopes around the path, then imports, then packages.
    #[default]
    Scope,
    /// From the root of the same package (`crate::`).
    Package,
    /// From the same module (`self::`).
    Module,
    /// From the module this many levels up (`super::` is 1).
    Parent(u8),
    /// From the packages only (`::reqwest`).
    External,
    /// As [`Anchor::Scope`], but definitions only: a variable of the name is not meant.
    Definition,
    /// From the file or package that the first segment names as the source does (`./client`, `axios`).
    File,
}

/// A dotted or colon-separated name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Path {
    /// How the first segment is looked up.
    pub anchor: Anchor,
    /// The segments; macros keep their `!` on the last one. `Self` stays as written.
    pub segments: Vec<String>,
}

impl Path {
    /// A path looked up in scope.
    pub fn scoped<S: Into<String>>(segments: impl IntoIterator<Item = S>) -> Self {
        Self { anchor: Anchor::Scope, segments: segments.into_iter().map(Into::into).collect() }
    }

    /// The last segment, or an empty text.
    pub fn last(&self) -> &str {
        self.segments.last().map_or("", String::as_str)
    }

    /// The only segment of a scoped path of one segment.
    pub fn single(&self) -> Option<&str> {
        match (&self.anchor, self.segments.as_slice()) {
            (Anchor::Scope, [one]) => Some(one),
            _ => None,
        }
    }
}

/// `use a::b as c`, `import { b as c } from 'a'`: one name each; groups are split into several items.
#[derive(Clone, Debug)]
pub struct Import {
    /// What is imported. For a glob, the module whose names are.
    pub path: Path,
    /// The local name. Empty for a glob and for `as _`.
    pub alias: String,
    /// Whether all public names come in.
    pub glob: bool,
}

/// A type as written. References, boxes of the language itself and lifetimes are dropped by frontends.
#[derive(Clone, Debug)]
pub enum Type {
    /// A named type with its arguments.
    Named {
        /// Where it stands.
        span: Span,
        /// Its name.
        path: Path,
        /// Type arguments.
        arguments: Vec<Type>,
    },
    /// Anything that implements these (`dyn A + B`, `impl A`).
    Interface(Vec<Type>),
    /// A tuple; empty is the unit type.
    Tuple(Vec<Type>),
    /// An array or slice.
    List(Box<Type>),
    /// An object written by its fields, without a name.
    Record(Vec<(String, Type)>),
    /// A function or closure type.
    Function {
        /// Parameter types.
        parameters: Vec<Type>,
        /// Result type.
        returns: Option<Box<Type>>,
    },
    /// Not known or not written.
    Unknown,
}

/// Whether a function suspends, and when its body starts to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Asynchrony {
    /// A plain function.
    #[default]
    None,
    /// The body runs when the result is awaited (Rust, Python).
    Lazy,
    /// The body starts at the call (JavaScript).
    Eager,
}

/// A function, method, closure or forwarding macro.
#[derive(Clone, Debug)]
pub struct Function {
    /// The whole function.
    pub span: Span,
    /// Its name; none for closures.
    pub name: Option<String>,
    /// Whether the first parameter is the receiver (named `self`).
    pub has_receiver: bool,
    /// Parameters in order, the receiver included (as pattern `self`).
    pub parameters: Vec<Parameter>,
    /// Declared result type.
    pub returns: Option<Type>,
    /// Type parameters with their bounds, `where` clauses included.
    pub generics: Vec<Generic>,
    /// Whether and how it suspends.
    pub asynchrony: Asynchrony,
    /// The body; none for a declaration.
    pub body: Option<Expr>,
    /// Parameters are the arms' forwarded arguments: extra arguments go to the last, variadic one.
    pub variadic: bool,
    /// It runs among the variables of whoever calls it: names that it does not bind are theirs.
    pub dynamic: bool,
}

/// A type parameter and what it must implement.
#[derive(Clone, Debug)]
pub struct Generic {
    /// Its name.
    pub name: String,
    /// Bounds.
    pub bounds: Vec<Type>,
}

/// One parameter of a function.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// What the argument is bound to.
    pub pattern: Pattern,
    /// Declared type.
    pub ty: Option<Type>,
    /// Value when no argument is given.
    pub default: Option<Expr>,
    /// Attributes and decorators.
    pub attributes: Vec<Attribute>,
}

/// A struct, class or enum.
#[derive(Clone, Debug, Default)]
pub struct TypeDefinition {
    /// Type parameters.
    pub generics: Vec<Generic>,
    /// Fields of a struct or class; tuple fields are named `0`, `1`, ….
    pub fields: Vec<FieldDefinition>,
    /// Variants of an enum.
    pub variants: Vec<VariantDefinition>,
    /// Methods written inside the type (classes).
    pub functions: Vec<Item>,
    /// Base classes and implemented interfaces named at the definition.
    pub extends: Vec<Type>,
}

/// A field of a type.
#[derive(Clone, Debug)]
pub struct FieldDefinition {
    /// Where it stands.
    pub span: Span,
    /// Its name.
    pub name: String,
    /// Declared type.
    pub ty: Option<Type>,
    /// Value when none is given.
    pub default: Option<Expr>,
    /// Attributes and decorators.
    pub attributes: Vec<Attribute>,
    /// Belongs to the type, not to its instances.
    pub shared: bool,
}

/// A variant of an enum.
#[derive(Clone, Debug)]
pub struct VariantDefinition {
    /// Where it stands.
    pub span: Span,
    /// Its name.
    pub name: String,
    /// Its payload; tuple payloads are named `0`, `1`, ….
    pub fields: Vec<FieldDefinition>,
    /// Its explicit value.
    pub value: Option<Expr>,
    /// Attributes.
    pub attributes: Vec<Attribute>,
}

/// A trait or interface.
#[derive(Clone, Debug)]
pub struct InterfaceDefinition {
    /// Type parameters.
    pub generics: Vec<Generic>,
    /// Interfaces it builds on.
    pub extends: Vec<Type>,
    /// Methods, with bodies where it gives defaults, and associated constants.
    pub items: Vec<Item>,
}

/// `impl Trait for Type { … }`.
#[derive(Clone, Debug)]
pub struct Implementation {
    /// Type parameters.
    pub generics: Vec<Generic>,
    /// The type that gets the members.
    pub target: Type,
    /// The interface implemented, if any.
    pub interface: Option<Type>,
    /// Functions, constants and associated types (as aliases).
    pub items: Vec<Item>,
}

/// `#[name(arguments)]` or `@name(arguments)`.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Where it stands.
    pub span: Span,
    /// Its name as written.
    pub path: Path,
    /// Arguments; `name = value` is a named one, `name(…)` a positional [`ExprKind::Call`], a bare word an [`ExprKind::Name`].
    pub arguments: Vec<Argument>,
}

/// One argument of a call.
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its name, where it is passed by name (keyword arguments, fields of a log macro).
    pub name: Option<String>,
    /// The value.
    pub value: Expr,
    /// Whether a list is spread into several arguments.
    pub spread: bool,
}
