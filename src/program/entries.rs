//! What a linked program is made of: scopes with their names, functions, types and constants with where they belong.

use super::tree::{Expr, Function, Implementation, Item, Path, Type, TypeDefinition};
use crate::hash::FastMap;
use std::cell::RefCell;

/// Index of a scope in [`Program::scopes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScopeId(pub usize);
/// Index of a function in [`Program::functions`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId(pub usize);
/// Index of a type or interface in [`Program::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub usize);
/// Index of a constant in [`Program::constants`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConstantId(pub usize);

/// What a path means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// A function of the project.
    Function(FunctionId),
    /// A type or interface of the project.
    Type(TypeId),
    /// A variant of an enum of the project.
    Variant(TypeId, String),
    /// A constant of the project.
    Constant(ConstantId),
    /// A module of the project.
    Scope(ScopeId),
    /// A part of a constant of the project, by the names of the fields that lead to it.
    Field(ConstantId, Vec<String>),
    /// A name outside the project, `::`-joined, imports applied.
    External(String),
}

/// A module's names.
#[derive(Debug, Default)]
pub struct Scope<'p> {
    /// The module around it.
    pub parent: Option<ScopeId>,
    /// The root module of its package.
    pub root: Option<ScopeId>,
    /// Which set of library models its names resolve against.
    pub namespace: &'static str,
    /// Name within the package, `::`-joined; the root's is the package's.
    pub name: String,
    /// Whether names not found here are looked up in the module around it.
    pub(super) open: bool,
    pub(super) names: FastMap<&'p str, Vec<Resolved>>,
    pub(super) imports: FastMap<&'p str, &'p Path>,
    pub(super) exports: FastMap<&'p str, &'p Path>,
    pub(super) globs: Vec<&'p Path>,
    /// Names for types that are more than a name: with arguments, or of no name.
    pub(super) aliases: FastMap<&'p str, &'p Type>,
}

/// A function with where it belongs.
#[derive(Debug)]
pub struct FunctionEntry<'p> {
    /// The function.
    pub function: &'p Function,
    /// The item that defines it.
    pub item: &'p Item,
    /// The module whose names it sees.
    pub scope: ScopeId,
    /// The type it is a method of.
    pub owner: Option<TypeId>,
    /// The last segment of the interface it was written for.
    pub interface: Option<&'p str>,
    /// Type parameters of the implementation it is written in.
    pub generics: &'p [crate::program::tree::Generic],
}

/// A method that the project adds to types outside it.
#[derive(Debug)]
pub struct Extension {
    /// The method.
    pub function: FunctionId,
    /// The name of the type outside the project; none when it is added to any type.
    pub target: Option<String>,
}

/// A type or interface with its members.
#[derive(Debug)]
pub struct TypeEntry<'p> {
    /// The item that defines it.
    pub item: &'p Item,
    /// The module whose names it sees.
    pub scope: ScopeId,
    /// Fields and variants; none for an interface.
    pub definition: Option<&'p TypeDefinition>,
    /// Methods by name, several when written for several interfaces.
    pub methods: FastMap<&'p str, Vec<FunctionId>>,
    /// Associated constants.
    pub constants: FastMap<&'p str, ConstantId>,
    /// Interfaces of the project it implements.
    pub interfaces: Vec<TypeId>,
    /// Last segments of all interfaces written by hand for it, `Debug` for instance.
    pub written_interfaces: Vec<&'p str>,
    /// For an interface: the types that implement it.
    pub implementors: Vec<TypeId>,
}

/// A constant with where it belongs.
#[derive(Debug)]
pub struct ConstantEntry<'p> {
    /// The item that defines it.
    pub item: &'p Item,
    /// Its declared type.
    pub ty: Option<&'p Type>,
    /// Its value.
    pub value: Option<&'p Expr>,
    /// The module whose names it sees.
    pub scope: ScopeId,
}

/// A root file of a package: where its module tree starts.
#[derive(Clone, Debug)]
pub struct Root {
    /// Index into the modules given to [`Program::link`].
    pub module: usize,
    /// The name other packages use for it; `None` for programs, tests and examples.
    pub name: Option<String>,
    /// Names under which it sees other roots: local name → that root's `name`.
    pub dependencies: Vec<(String, String)>,
}

/// Which module (by index) the specifiers written in a module (by index) lead to.
pub type Specifiers = FastMap<usize, FastMap<String, usize>>;

/// The whole project, linked.
#[derive(Debug, Default)]
pub struct Program<'p> {
    /// All modules' names.
    pub scopes: Vec<Scope<'p>>,
    /// All functions, forwarding macros and interface defaults included.
    pub functions: Vec<FunctionEntry<'p>>,
    /// All types and interfaces.
    pub types: Vec<TypeEntry<'p>>,
    /// All constants.
    pub constants: Vec<ConstantEntry<'p>>,
    /// Statements that run when a file is loaded.
    pub statements: Vec<(ScopeId, &'p Expr)>,
    /// What the project's own files set environment variables to, and where. No secrets.
    pub environment: FastMap<String, Vec<(String, crate::span::Span)>>,
    /// The comments of each file.
    pub comments: FastMap<crate::span::FileId, &'p [super::tree::Comment]>,
    /// The project's files of settings.
    pub documents: Vec<super::documents::Document>,
    /// Scopes of blocks that define or import names, by the block's address.
    pub(crate) blocks: FastMap<usize, ScopeId>,
    pub(super) macros: FastMap<(ScopeId, &'p str), FunctionId>,
    /// Methods added to types outside the project, by name.
    pub extensions: FastMap<&'p str, Vec<Extension>>,
    pub(super) packages: FastMap<ScopeId, FastMap<String, ScopeId>>,
    pub(super) specifiers: FastMap<ScopeId, FastMap<String, ScopeId>>,
    pub(super) implementations: Vec<(ScopeId, &'p Implementation)>,
    /// Paths and methods that were looked up, once everything is linked.
    pub(super) memo: RefCell<Option<Memo>>,
}

/// Answers that stay the same once everything is linked.
#[derive(Debug, Default)]
pub(super) struct Memo {
    pub(super) paths: FastMap<ScopeId, FastMap<Path, Option<Resolved>>>,
    pub(super) methods: FastMap<TypeId, FastMap<String, Vec<FunctionId>>>,
}
