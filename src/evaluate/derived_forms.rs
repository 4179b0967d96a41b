//! Forms that types derive or write by hand: what of them everyone can have printed.

use super::Evaluator;
use super::printing::says_any;
use crate::facts::DerivedForm;
use crate::knowledge::libraries::PrintingModel;
use crate::program::link::{FunctionId, Resolved, ScopeId, TypeId};
use crate::program::tree::{HoleStyle, Type};

/// Types within types are looked at this far.
const MAX_DEPTH: usize = 6;

impl<'p> Evaluator<'p> {
    /// The fields of the project's types that a derived form writes out, as the whole run left them.
    pub(super) fn derived_forms(&mut self) -> Vec<DerivedForm<'p>> {
        let mut forms = Vec::new();
        let program = self.program;
        for (index, entry) in program.types.iter().enumerate() {
            let Some(definition) = entry.definition else { continue };
            for style in [HoleStyle::Debug, HoleStyle::Data, HoleStyle::Display] {
                let Some(model) = self.libraries(entry.scope).printing(style) else { continue };
                for name in &model.by_hand {
                    for id in program.methods_of(TypeId(index), name) {
                        forms.extend(self.form_by_hand(TypeId(index), id, style));
                    }
                }
                let by = entry.item.attributes.iter().find(|attribute| says_any(attribute, &model.derived_by));
                let Some(by) = by else { continue };
                for field in &definition.fields {
                    let left_out = field.attributes.iter().any(|attribute| says_any(attribute, &model.leaves_out));
                    let hidden = field.ty.as_ref().is_some_and(|ty| self.hides(entry.scope, ty, model, MAX_DEPTH));
                    if left_out || hidden {
                        continue;
                    }
                    let value = self.declared_field(TypeId(index), &field.name);
                    let value = self.printed(entry.scope, &value, style);
                    forms.push(DerivedForm { ty: TypeId(index), field: field.name.clone(), by: by.span, style, value });
                }
            }
        }
        forms
    }

    /// What a method gives that decides by hand how its type is written out.
    fn form_by_hand(&mut self, ty: TypeId, id: FunctionId, style: HoleStyle) -> Option<DerivedForm<'p>> {
        let entry = self.program.functions.get(id.0)?;
        let (requests, sinks) = (self.facts.requests.len(), self.facts.sinks.len());
        let mut given = None;
        self.start(entry.function.span, |this| {
            given = Some(this.call_function(id, Some(Self::open(ty)), Vec::new(), entry.function.span).0);
        });
        // What it does besides was seen where it is called.
        self.facts.requests.truncate(requests);
        self.facts.sinks.truncate(sinks);
        let value = self.printed(entry.scope, &given?, style);
        Some(DerivedForm { ty, field: String::new(), by: entry.item.name_span, style, value })
    }

    /// Whether a written type, or one it is made of, keeps what it holds to itself.
    fn hides(&self, scope: ScopeId, ty: &Type, model: &PrintingModel, depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        let Type::Named { path, arguments, .. } = ty else { return false };
        let hides = match self.program.resolve(scope, path) {
            Some(Resolved::Type(id)) => self.program.types.get(id.0).is_some_and(|entry| {
                model.by_hand.iter().any(|name| entry.written_interfaces.contains(&name.as_str()))
            }),
            Some(Resolved::External(name)) => self.libraries(scope).ty(&name).is_some_and(|ty| ty.sealed),
            _ => false,
        };
        hides || arguments.iter().any(|inner| self.hides(scope, inner, model, depth))
    }
}
