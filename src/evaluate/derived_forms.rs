//! Forms that types derive: which of their fields everyone can have printed.

use super::Evaluator;
use super::sinks::says_any;
use crate::facts::DerivedForm;
use crate::program::link::TypeId;
use crate::program::tree::HoleStyle;

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
                    if field.attributes.iter().any(|attribute| says_any(attribute, &model.leaves_out)) {
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
}
