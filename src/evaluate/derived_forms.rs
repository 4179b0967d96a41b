//! Forms that types derive: which of their fields everyone can have printed.

use super::Evaluator;
use super::printing::says_any;
use crate::facts::DerivedForm;
use crate::knowledge::libraries::PrintingModel;
use crate::program::link::{Resolved, ScopeId, TypeId};
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
