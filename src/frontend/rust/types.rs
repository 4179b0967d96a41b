//! Types and paths.

use super::Context;
use crate::program::tree::{Anchor, Generic, Path, Type};

impl Context {
    pub(super) fn path(self, path: &syn::Path) -> Path {
        let mut segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let mut anchor = if path.leading_colon.is_some() { Anchor::External } else { Anchor::Scope };
        match segments.first().map(String::as_str) {
            Some("crate") => {
                anchor = Anchor::Package;
                segments.remove(0);
            }
            Some("self") if segments.len() > 1 => {
                anchor = Anchor::Module;
                segments.remove(0);
            }
            Some("super") => {
                let levels = segments.iter().take_while(|segment| *segment == "super").count();
                anchor = Anchor::Parent(u8::try_from(levels).unwrap_or(u8::MAX));
                segments.drain(..levels);
            }
            _ => {}
        }
        Path { anchor, segments }
    }

    pub(super) fn ty(self, ty: &syn::Type) -> Type {
        match ty {
            syn::Type::Path(inner) => {
                let arguments = inner
                    .path
                    .segments
                    .last()
                    .map(|segment| self.type_arguments(&segment.arguments))
                    .unwrap_or_default();
                Type::Named { span: self.span(inner), path: self.path(&inner.path), arguments }
            }
            syn::Type::Reference(inner) => self.ty(&inner.elem),
            syn::Type::Ptr(inner) => self.ty(&inner.elem),
            syn::Type::Paren(inner) => self.ty(&inner.elem),
            syn::Type::Group(inner) => self.ty(&inner.elem),
            syn::Type::Array(inner) => Type::List(Box::new(self.ty(&inner.elem))),
            syn::Type::Slice(inner) => Type::List(Box::new(self.ty(&inner.elem))),
            syn::Type::Tuple(inner) => Type::Tuple(inner.elems.iter().map(|ty| self.ty(ty)).collect()),
            syn::Type::ImplTrait(inner) => Type::Interface(self.bounds(&inner.bounds)),
            syn::Type::TraitObject(inner) => Type::Interface(self.bounds(&inner.bounds)),
            syn::Type::FnPtr(inner) => Type::Function {
                parameters: inner.inputs.iter().map(|input| self.ty(&input.ty)).collect(),
                returns: self.returned(&inner.output).map(Box::new),
            },
            _ => Type::Unknown,
        }
    }

    /// Explicit type arguments of the last segment that has any: `parse::<T>`, `Vec::<T>::new`.
    pub(super) fn path_arguments(self, path: &syn::Path) -> Vec<Type> {
        let given = path.segments.iter().rev().map(|segment| self.type_arguments(&segment.arguments));
        given.into_iter().find(|types| !types.is_empty()).unwrap_or_default()
    }

    pub(super) fn returned(self, output: &syn::ReturnType) -> Option<Type> {
        match output {
            syn::ReturnType::Type(_, ty) => Some(self.ty(ty)),
            syn::ReturnType::Default => None,
        }
    }

    pub(super) fn type_arguments(self, arguments: &syn::PathArguments) -> Vec<Type> {
        match arguments {
            syn::PathArguments::AngleBracketed(all) => self.generic_arguments(all),
            _ => Vec::new(),
        }
    }

    pub(super) fn generic_arguments(self, all: &syn::AngleBracketedGenericArguments) -> Vec<Type> {
        let types = all.args.iter().filter_map(|argument| match argument {
            syn::GenericArgument::Type(ty) => Some(self.ty(ty)),
            _ => None,
        });
        types.collect()
    }

    pub(super) fn bounds(self, bounds: &syn::punctuated::Punctuated<syn::TypeParamBound, syn::Token![+]>) -> Vec<Type> {
        let named = bounds.iter().filter_map(|bound| match bound {
            syn::TypeParamBound::Trait(bound) => Some(Type::Named {
                span: self.span(bound),
                path: self.path(&bound.path),
                arguments: bound
                    .path
                    .segments
                    .last()
                    .map(|segment| self.type_arguments(&segment.arguments))
                    .unwrap_or_default(),
            }),
            _ => None,
        });
        named.collect()
    }

    pub(super) fn generics(self, generics: &syn::Generics) -> Vec<Generic> {
        let mut found: Vec<Generic> = generics
            .type_params()
            .map(|parameter| Generic { name: parameter.ident.to_string(), bounds: self.bounds(&parameter.bounds) })
            .collect();
        for predicate in generics.where_clause.iter().flat_map(|clause| &clause.predicates) {
            if let syn::WherePredicate::Type(predicate) = predicate
                && let Type::Named { path, .. } = self.ty(&predicate.bounded_ty)
                && let Some(generic) = found.iter_mut().find(|generic| Some(generic.name.as_str()) == path.single())
            {
                generic.bounds.extend(self.bounds(&predicate.bounds));
            }
        }
        found
    }
}
