#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
use super::*;
use crate::program::tree::{Anchor, Import, InterfaceDefinition, Path};
use crate::span::{FileId, Span};

fn item(name: &str, kind: ItemKind) -> Item {
    let span = Span::new(FileId(0), 0, 0);
    Item { span, name_span: span, name: name.to_owned(), public: true, attributes: Vec::new(), kind }
}

fn constant(name: &str) -> Item {
    item(name, ItemKind::Constant { ty: None, value: None })
}

fn submodule(name: &str) -> Item {
    item(name, ItemKind::Submodule { items: None, file: None })
}

fn import(anchor: Anchor, segments: &[&str], alias: &str, glob: bool) -> Item {
    let path = Path { anchor, segments: segments.iter().map(|s| (*s).to_owned()).collect() };
    item("", ItemKind::Import(Import { path, alias: alias.to_owned(), glob }))
}

fn module(items: Vec<Item>) -> Module {
    Module { file: FileId(0), namespace: "rust", attributes: Vec::new(), items, comments: Vec::new() }
}

fn root(module: usize, name: &str, dependencies: &[&str]) -> Root {
    let dependencies = dependencies.iter().map(|d| ((*d).to_owned(), (*d).to_owned())).collect();
    Root { module, name: Some(name.to_owned()), dependencies }
}

#[test]
fn a_name_is_found_through_files_re_exports_and_packages() {
    let modules = [
        module(vec![submodule("api"), import(Anchor::Module, &["api", "*"][..1], "", true)]),
        module(vec![submodule("hosts")]),
        module(vec![constant("BASE")]),
        module(vec![import(Anchor::Scope, &["client", "api", "hosts", "BASE"], "ROOT", false)]),
    ];
    let paths = ["client/src/lib.rs", "client/src/api/mod.rs", "client/src/api/hosts.rs", "job/src/main.rs"];
    let program = Program::link(&modules, &paths, &[root(0, "client", &[]), root(3, "job", &["client"])]);
    let job = ScopeId(program.scopes.iter().position(|scope| scope.name == "job").unwrap());
    let found = program.resolve(job, &Path::scoped(["ROOT"])).unwrap();
    let Resolved::Constant(id) = found else { panic!("{found:?}") };
    assert_eq!(program.constants[id.0].item.name, "BASE");
    let through_glob = program.resolve(ScopeId(0), &Path::scoped(["hosts", "BASE"])).unwrap();
    assert_eq!(through_glob, Resolved::Constant(id));
}

#[test]
fn imports_give_outside_names_their_canonical_path() {
    let modules = [module(vec![
        import(Anchor::Scope, &["reqwest", "Client"], "Http", false),
        import(Anchor::Scope, &["tracing", "info"], "info", false),
    ])];
    let program = Program::link(&modules, &["main.rs"], &[]);
    let resolve = |segments: &[&str]| program.resolve(ScopeId(0), &Path::scoped(segments.iter().copied()));
    assert_eq!(resolve(&["Http", "new"]), Some(Resolved::External("reqwest::Client::new".into())));
    assert_eq!(resolve(&["info!"]), Some(Resolved::External("tracing::info!".into())));
    assert_eq!(resolve(&["println!"]), Some(Resolved::External("println!".into())));
}

#[test]
fn cycles_of_re_exports_end() {
    let modules = [module(vec![
        import(Anchor::Module, &["b"], "a", false),
        import(Anchor::Module, &["a"], "b", false),
        import(Anchor::Module, &[], "", true),
    ])];
    let program = Program::link(&modules, &["lib.rs"], &[]);
    let found = program.resolve(ScopeId(0), &Path::scoped(["a"]));
    assert!(matches!(found, None | Some(Resolved::External(_))), "{found:?}");
}

#[test]
fn an_interfaces_method_is_its_implementors() {
    let function = || Function {
        span: Span::default(),
        name: Some("fetch".into()),
        has_receiver: true,
        parameters: Vec::new(),
        returns: None,
        generics: Vec::new(),
        asynchrony: super::super::tree::Asynchrony::None,
        body: Some(Expr { span: Span::default(), kind: super::super::tree::ExprKind::Continue }),
        variadic: false,
        dynamic: false,
    };
    let named = |name: &str| Type::Named { span: Span::default(), path: Path::scoped([name]), arguments: Vec::new() };
    let mut declared = function();
    declared.body = None;
    let interface = InterfaceDefinition {
        generics: Vec::new(),
        extends: Vec::new(),
        items: vec![item("fetch", ItemKind::Function(Box::new(declared)))],
    };
    let definition = TypeDefinition {
        generics: Vec::new(),
        fields: Vec::new(),
        variants: Vec::new(),
        functions: Vec::new(),
        extends: Vec::new(),
    };
    let implementation = Implementation {
        generics: Vec::new(),
        target: named("Live"),
        interface: Some(named("Charts")),
        items: vec![item("fetch", ItemKind::Function(Box::new(function())))],
    };
    let modules = [module(vec![
        item("", ItemKind::Implementation(implementation)),
        item("Charts", ItemKind::Interface(interface)),
        item("Live", ItemKind::Type(definition)),
    ])];
    let program = Program::link(&modules, &["lib.rs"], &[]);
    let interface = program.resolve_type(ScopeId(0), &named("Charts")).unwrap();
    let live = program.resolve_type(ScopeId(0), &named("Live")).unwrap();
    let methods = program.methods(interface, "fetch");
    assert_eq!(methods.len(), 1);
    assert_eq!(program.functions[methods[0].0].owner, Some(live));
}

#[test]
fn a_function_and_the_module_it_comes_from_share_a_name() {
    let function = Function {
        span: Span::new(FileId(0), 0, 0),
        name: Some("client".to_owned()),
        has_receiver: false,
        parameters: Vec::new(),
        returns: None,
        generics: Vec::new(),
        asynchrony: crate::program::tree::Asynchrony::None,
        body: None,
        variadic: false,
        dynamic: false,
    };
    let modules = [
        module(vec![submodule("client"), import(Anchor::Module, &["client", "client"], "client", false)]),
        module(vec![item("client", ItemKind::Function(Box::new(function))), constant("BASE")]),
    ];
    let program = Program::link(&modules, &["main.rs", "client.rs"], &[]);
    let resolve = |segments: &[&str]| program.resolve(ScopeId(0), &Path::scoped(segments.iter().copied()));
    assert!(matches!(resolve(&["client"]), Some(Resolved::Function(_))));
    assert!(matches!(resolve(&["client", "BASE"]), Some(Resolved::Constant(_))));
}
