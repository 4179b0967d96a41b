//! Types as written.

use super::Lowering;
use super::expressions::file_path;
use crate::program::tree::{FieldDefinition, Generic, Path, Type};
use oxc_ast::ast::{self, TSType, TSTypeName};
use oxc_span::GetSpan as _;

/// Types of the language that say how their argument may be used, not what it is.
const TRANSPARENT: &[&str] = &["Readonly", "Partial", "Required", "NonNullable", "Awaited", "Pick", "Omit", "NoInfer"];

impl Lowering {
    pub(super) fn ty(&mut self, ty: &TSType<'_>) -> Type {
        if self.depth >= super::MAX_DEPTH {
            return Type::Unknown;
        }
        self.depth += 1;
        let lowered = stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || self.ty_kind(ty));
        self.depth -= 1;
        lowered
    }

    fn ty_kind(&mut self, ty: &TSType<'_>) -> Type {
        let span = self.span(ty.span());
        let plain = |name: &str| Type::Named { span, path: Path::scoped([name]), arguments: Vec::new() };
        match ty {
            TSType::TSStringKeyword(_) => plain("string"),
            TSType::TSNumberKeyword(_) => plain("number"),
            TSType::TSBooleanKeyword(_) => plain("boolean"),
            TSType::TSThisType(_) => plain("Self"),
            TSType::TSTypeReference(reference) => {
                let mut arguments = self.type_arguments(reference.type_arguments.as_deref());
                let path = self.type_name(&reference.type_name);
                match path.single() {
                    Some("Array" | "ReadonlyArray") if arguments.len() == 1 => {
                        Type::List(Box::new(arguments.pop().unwrap_or(Type::Unknown)))
                    }
                    Some(name) if TRANSPARENT.contains(&name) && !arguments.is_empty() => arguments.swap_remove(0),
                    _ => Type::Named { span, path, arguments },
                }
            }
            TSType::TSArrayType(list) => Type::List(Box::new(self.ty(&list.element_type))),
            TSType::TSTupleType(tuple) => {
                let one = |element: &ast::TSTupleElement<'_>| match element {
                    ast::TSTupleElement::TSOptionalType(inner) => self.ty(&inner.type_annotation),
                    ast::TSTupleElement::TSRestType(inner) => self.ty(&inner.type_annotation),
                    element => element.as_ts_type().map_or(Type::Unknown, |ty| self.ty(ty)),
                };
                Type::Tuple(tuple.element_types.iter().map(one).collect())
            }
            TSType::TSUnionType(union) => {
                let absent = |ty: &&TSType<'_>| {
                    !matches!(ty, TSType::TSNullKeyword(_) | TSType::TSUndefinedKeyword(_) | TSType::TSVoidKeyword(_))
                };
                let mut present = union.types.iter().filter(absent);
                match (present.next(), present.next()) {
                    (Some(only), None) => self.ty(only),
                    _ => Type::Unknown,
                }
            }
            TSType::TSIntersectionType(all) => {
                let all: Vec<Type> = all.types.iter().map(|ty| self.ty(ty)).collect();
                Type::Interface(all.into_iter().filter(|ty| !matches!(ty, Type::Unknown)).collect())
            }
            TSType::TSFunctionType(function) => Type::Function {
                parameters: function
                    .params
                    .items
                    .iter()
                    .map(|p| p.type_annotation.as_ref().map_or(Type::Unknown, |ty| self.ty(&ty.type_annotation)))
                    .collect(),
                returns: Some(Box::new(self.ty(&function.return_type.type_annotation))),
            },
            TSType::TSTypeLiteral(literal) => {
                let fields = self.properties(&literal.members).into_iter();
                Type::Record(fields.filter_map(|field| Some((field.name, field.ty?))).collect())
            }
            TSType::TSParenthesizedType(inner) => self.ty(&inner.type_annotation),
            TSType::TSTypeOperatorType(inner) if inner.operator == ast::TSTypeOperatorOperator::Readonly => {
                self.ty(&inner.type_annotation)
            }
            TSType::JSDocNullableType(inner) => self.ty(&inner.type_annotation),
            TSType::JSDocNonNullableType(inner) => self.ty(&inner.type_annotation),
            TSType::TSImportType(import) => {
                let mut path = file_path(&import.source.value);
                match &import.qualifier {
                    Some(ast::TSImportTypeQualifier::Identifier(name)) => path.segments.push(name.name.to_string()),
                    _ => return Type::Unknown,
                }
                Type::Named { span, path, arguments: self.type_arguments(import.type_arguments.as_deref()) }
            }
            _ => Type::Unknown,
        }
    }

    pub(super) fn annotation(&mut self, annotation: Option<&ast::TSTypeAnnotation<'_>>) -> Option<Type> {
        match annotation.map(|annotation| self.ty(&annotation.type_annotation)) {
            Some(Type::Unknown) | None => None,
            known => known,
        }
    }

    pub(super) fn type_arguments(&mut self, all: Option<&ast::TSTypeParameterInstantiation<'_>>) -> Vec<Type> {
        all.map(|all| all.params.iter().map(|ty| self.ty(ty)).collect()).unwrap_or_default()
    }

    pub(super) fn type_name(&self, name: &TSTypeName<'_>) -> Path {
        let mut segments = Vec::new();
        let mut at = name;
        loop {
            match at {
                TSTypeName::IdentifierReference(first) => {
                    segments.push(first.name.to_string());
                    break;
                }
                TSTypeName::QualifiedName(qualified) => {
                    segments.push(qualified.right.name.to_string());
                    at = &qualified.left;
                }
                TSTypeName::ThisExpression(_) => {
                    segments.push("Self".to_owned());
                    break;
                }
            }
        }
        segments.reverse();
        Path::scoped(segments)
    }

    pub(super) fn generics(&mut self, all: Option<&ast::TSTypeParameterDeclaration<'_>>) -> Vec<Generic> {
        let one = |parameter: &ast::TSTypeParameter<'_>| Generic {
            name: parameter.name.name.to_string(),
            bounds: parameter.constraint.iter().map(|ty| self.ty(ty)).collect(),
        };
        all.map(|all| all.params.iter().map(one).collect()).unwrap_or_default()
    }

    /// The properties of an interface or object type.
    pub(super) fn properties(&mut self, members: &[ast::TSSignature<'_>]) -> Vec<FieldDefinition> {
        let one = |member: &ast::TSSignature<'_>| match member {
            ast::TSSignature::TSPropertySignature(property) => Some(FieldDefinition {
                span: self.span(property.span),
                name: super::expressions::static_key(&property.key)?,
                ty: self.annotation(property.type_annotation.as_deref()),
                default: None,
                attributes: Vec::new(),
                shared: false,
            }),
            _ => None,
        };
        members.iter().filter_map(one).collect()
    }
}
