//! Definitions, imports and attributes.

use super::Context;
use crate::program::tree::{
    Argument, Asynchrony, Attribute, Expr, ExprKind, FieldDefinition, Function, Implementation, Import,
    InterfaceDefinition, Item, ItemKind, Parameter, Path, Pattern, PatternKind, Type, TypeDefinition,
    VariantDefinition,
};
use crate::span::Span;
use syn::parse::Parser as _;

impl Context {
    pub(super) fn items(self, items: &[syn::Item]) -> Vec<Item> {
        items.iter().flat_map(|item| self.item(item)).collect()
    }

    pub(super) fn item(self, item: &syn::Item) -> Vec<Item> {
        let span = self.span(item);
        let make = |name: Option<&syn::Ident>,
                    visibility: Option<&syn::Visibility>,
                    attributes: &[syn::Attribute],
                    kind: ItemKind| {
            vec![Item {
                span,
                name_span: name.map_or(span, |name| self.span(name)),
                name: name.map(ToString::to_string).unwrap_or_default(),
                public: visibility.is_some_and(|v| !matches!(v, syn::Visibility::Inherited)),
                attributes: self.attributes(attributes),
                kind,
            }]
        };
        match item {
            syn::Item::Fn(i) => {
                let function = self.function(&i.sig, Some(&i.block), span);
                make(Some(&i.sig.ident), Some(&i.vis), &i.attrs, ItemKind::Function(Box::new(function)))
            }
            syn::Item::Const(i) => {
                let kind = ItemKind::Constant { ty: Some(self.ty(&i.ty)), value: Some(self.expr(&i.expr)) };
                make(Some(&i.ident), Some(&i.vis), &i.attrs, kind)
            }
            syn::Item::Static(i) => {
                let kind = ItemKind::Constant { ty: Some(self.ty(&i.ty)), value: Some(self.expr(&i.expr)) };
                make(Some(&i.ident), Some(&i.vis), &i.attrs, kind)
            }
            syn::Item::Struct(i) => {
                let fields = self.fields(&i.fields);
                let kind = TypeDefinition {
                    generics: self.generics(&i.generics),
                    fields,
                    variants: Vec::new(),
                    functions: Vec::new(),
                    extends: Vec::new(),
                };
                make(Some(&i.ident), Some(&i.vis), &i.attrs, ItemKind::Type(kind))
            }
            syn::Item::Enum(i) => {
                let variants = i.variants.iter().map(|variant| VariantDefinition {
                    span: self.span(variant),
                    name: variant.ident.to_string(),
                    fields: self.fields(&variant.fields),
                    value: variant.discriminant.as_ref().map(|(_, value)| self.expr(value)),
                    attributes: self.attributes(&variant.attrs),
                });
                let kind = TypeDefinition {
                    generics: self.generics(&i.generics),
                    fields: Vec::new(),
                    variants: variants.collect(),
                    functions: Vec::new(),
                    extends: Vec::new(),
                };
                make(Some(&i.ident), Some(&i.vis), &i.attrs, ItemKind::Type(kind))
            }
            syn::Item::Trait(i) => {
                let items = i.items.iter().flat_map(|item| match item {
                    syn::TraitItem::Fn(f) => {
                        let function = self.function(&f.sig, f.default.as_ref(), self.span(f));
                        vec![self.member_item(
                            &f.sig.ident,
                            self.span(f),
                            &f.attrs,
                            ItemKind::Function(Box::new(function)),
                        )]
                    }
                    syn::TraitItem::Const(c) => {
                        let value = c.default.as_ref().map(|(_, value)| self.expr(value));
                        let kind = ItemKind::Constant { ty: Some(self.ty(&c.ty)), value };
                        vec![self.member_item(&c.ident, self.span(c), &c.attrs, kind)]
                    }
                    _ => Vec::new(),
                });
                let kind = InterfaceDefinition {
                    generics: self.generics(&i.generics),
                    extends: self.bounds(&i.supertraits),
                    items: items.collect(),
                };
                make(Some(&i.ident), Some(&i.vis), &i.attrs, ItemKind::Interface(kind))
            }
            syn::Item::Impl(i) => {
                let items = i.items.iter().flat_map(|item| match item {
                    syn::ImplItem::Fn(f) => {
                        let function = self.function(&f.sig, Some(&f.block), self.span(f));
                        vec![self.member_item(
                            &f.sig.ident,
                            self.span(f),
                            &f.attrs,
                            ItemKind::Function(Box::new(function)),
                        )]
                    }
                    syn::ImplItem::Const(c) => {
                        let kind = ItemKind::Constant { ty: Some(self.ty(&c.ty)), value: Some(self.expr(&c.expr)) };
                        vec![self.member_item(&c.ident, self.span(c), &c.attrs, kind)]
                    }
                    syn::ImplItem::Type(t) => {
                        vec![self.member_item(&t.ident, self.span(t), &t.attrs, ItemKind::Alias(self.ty(&t.ty)))]
                    }
                    _ => Vec::new(),
                });
                let interface = i.trait_.as_ref().map(|(path, _)| Type::Named {
                    span,
                    path: self.path(path),
                    arguments: self.path_arguments(path),
                });
                let kind = Implementation {
                    generics: self.generics(&i.generics),
                    target: self.ty(&i.self_ty),
                    interface,
                    items: items.collect(),
                };
                make(None, None, &i.attrs, ItemKind::Implementation(kind))
            }
            syn::Item::Type(i) => make(Some(&i.ident), Some(&i.vis), &i.attrs, ItemKind::Alias(self.ty(&i.ty))),
            syn::Item::Mod(i) => {
                let attributes = self.attributes(&i.attrs);
                let file = attributes.iter().find(|a| a.path.single() == Some("path")).and_then(text_argument);
                let items = i.content.as_ref().map(|(_, items)| self.items(items));
                make(Some(&i.ident), Some(&i.vis), &i.attrs, ItemKind::Submodule { items, file })
            }
            syn::Item::Use(i) => {
                let mut prefix = if i.leading_colon.is_some() { vec![String::new()] } else { Vec::new() };
                let mut found = Vec::new();
                use_tree(&i.tree, &mut prefix, &mut found);
                let imports = found.into_iter().flat_map(|(segments, alias, glob)| {
                    let path = anchored(segments);
                    make(None, Some(&i.vis), &i.attrs, ItemKind::Import(Import { path, alias, glob }))
                });
                imports.collect()
            }
            syn::Item::Macro(i) => self.item_macro(i, span),
            _ => Vec::new(),
        }
    }

    fn member_item(self, name: &syn::Ident, span: Span, attributes: &[syn::Attribute], kind: ItemKind) -> Item {
        Item {
            span,
            name_span: self.span(name),
            name: name.to_string(),
            public: true,
            attributes: self.attributes(attributes),
            kind,
        }
    }

    fn fields(self, fields: &syn::Fields) -> Vec<FieldDefinition> {
        let one = |(index, field): (usize, &syn::Field)| FieldDefinition {
            span: self.span(field),
            name: field.ident.as_ref().map_or_else(|| index.to_string(), ToString::to_string),
            ty: Some(self.ty(&field.ty)),
            default: None,
            attributes: self.attributes(&field.attrs),
            shared: false,
        };
        fields.iter().enumerate().map(one).collect()
    }

    fn function(self, signature: &syn::Signature, body: Option<&syn::Block>, span: Span) -> Function {
        let parameters = signature.inputs.iter().map(|input| match input {
            syn::FnArg::Receiver(receiver) => {
                let kind = PatternKind::Bind { name: "self".to_owned(), inner: None, default: None };
                let ty = Type::Named { span: self.span(receiver), path: Path::scoped(["Self"]), arguments: Vec::new() };
                Parameter {
                    pattern: Pattern { span: self.span(receiver), kind },
                    ty: Some(ty),
                    default: None,
                    attributes: Vec::new(),
                }
            }
            syn::FnArg::Typed(typed) => Parameter {
                pattern: self.pattern(&typed.pat),
                ty: Some(self.ty(&typed.ty)),
                default: None,
                attributes: self.attributes(&typed.attrs),
            },
        });
        Function {
            span,
            name: Some(signature.ident.to_string()),
            has_receiver: matches!(signature.inputs.first(), Some(syn::FnArg::Receiver(_))),
            parameters: parameters.collect(),
            returns: self.returned(&signature.output),
            generics: self.generics(&signature.generics),
            asynchrony: if signature.asyncness.is_some() { Asynchrony::Lazy } else { Asynchrony::None },
            body: body.map(|block| self.block_expr(block, Asynchrony::None)),
            variadic: false,
            dynamic: false,
        }
    }

    pub(super) fn attributes(self, attributes: &[syn::Attribute]) -> Vec<Attribute> {
        let one = |attribute: &syn::Attribute| Attribute {
            span: self.span(attribute),
            path: self.path(attribute.path()),
            arguments: match &attribute.meta {
                syn::Meta::Path(_) => Vec::new(),
                syn::Meta::NameValue(pair) => {
                    vec![Argument { name: None, value: self.expr(&pair.value), spread: false }]
                }
                syn::Meta::List(list) => self.nested(list.tokens.clone()),
            },
        };
        attributes.iter().map(one).collect()
    }

    fn nested(self, tokens: proc_macro2::TokenStream) -> Vec<Argument> {
        let parser = syn::punctuated::Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated;
        if let Ok(all) = parser.parse2(tokens.clone()) {
            let one = |meta: &syn::Meta| {
                let span = self.span(meta);
                let name = Expr { span, kind: ExprKind::Name(self.path(meta.path())) };
                match meta {
                    syn::Meta::Path(_) => Argument { name: None, value: name, spread: false },
                    syn::Meta::NameValue(pair) => Argument {
                        name: pair.path.segments.last().map(|s| s.ident.to_string()),
                        value: self.expr(&pair.value),
                        spread: false,
                    },
                    syn::Meta::List(list) => {
                        let kind = ExprKind::Call {
                            callee: Box::new(name),
                            types: Vec::new(),
                            arguments: self.nested(list.tokens.clone()),
                            construct: false,
                        };
                        Argument { name: None, value: Expr { span, kind }, spread: false }
                    }
                }
            };
            return all.iter().map(one).collect();
        }
        self.macro_arguments(tokens)
    }
}

fn text_argument(attribute: &Attribute) -> Option<String> {
    match attribute.arguments.first().map(|argument| &argument.value.kind) {
        Some(ExprKind::Literal(crate::program::tree::Literal::Text(text))) => Some(text.clone()),
        _ => None,
    }
}

fn anchored(mut segments: Vec<String>) -> Path {
    use crate::program::tree::Anchor;
    let anchor = match segments.first().map(String::as_str) {
        Some("") => Anchor::External,
        Some("crate") => Anchor::Package,
        Some("self") => Anchor::Module,
        Some("super") => {
            let levels = segments.iter().take_while(|segment| *segment == "super").count();
            segments.drain(..levels);
            return Path { anchor: Anchor::Parent(u8::try_from(levels).unwrap_or(u8::MAX)), segments };
        }
        _ => return Path { anchor: Anchor::Scope, segments },
    };
    segments.remove(0);
    Path { anchor, segments }
}

fn use_tree(tree: &syn::UseTree, prefix: &mut Vec<String>, found: &mut Vec<(Vec<String>, String, bool)>) {
    let mut leaf = |name: String, alias: String| {
        let mut segments = prefix.clone();
        if name != "self" || segments.is_empty() {
            segments.push(name);
        }
        found.push((segments, alias, false));
    };
    match tree {
        syn::UseTree::Name(name) => {
            let name = name.ident.to_string();
            let alias = if name == "self" { prefix.last().cloned().unwrap_or_default() } else { name.clone() };
            leaf(name, alias);
        }
        syn::UseTree::Rename(rename) => {
            let alias = rename.rename.to_string();
            leaf(rename.ident.to_string(), if alias == "_" { String::new() } else { alias });
        }
        syn::UseTree::Glob(_) => found.push((prefix.clone(), String::new(), true)),
        syn::UseTree::Path(path) => {
            prefix.push(path.ident.to_string());
            use_tree(&path.tree, prefix, found);
            prefix.pop();
        }
        syn::UseTree::Group(group) => group.items.iter().for_each(|tree| use_tree(tree, prefix, found)),
    }
}
