//! `debug-derived-credential`: a type that holds what authenticates API calls can be printed whole.

use super::Context;
use crate::evaluate::value::{Data, Label};
use crate::finding::{Confidence, Finding, Severity};
use crate::program::tree::HoleStyle;
use std::collections::BTreeMap;

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings: BTreeMap<_, Finding> = BTreeMap::new();
    for form in &context.facts.derived_forms {
        // A type inside a type has its own finding.
        let inner = form.value.alternatives().iter().all(|one| matches!(&*one.data, Data::Object { ty: Some(_), .. }));
        let own = Label::Field(form.ty, form.field.as_str().into());
        let holds = context.credentials.is_origin(&own) || context.credentials.held(&form.value).is_some();
        if inner || !holds {
            continue;
        }
        let Some(entry) = context.program.types.get(form.ty.0) else { continue };
        let field = entry.definition.and_then(|definition| definition.fields.iter().find(|f| f.name == form.field));
        let how = match form.style {
            HoleStyle::Data => "Serializing",
            HoleStyle::Debug | HoleStyle::Display | HoleStyle::Long => "Printing",
        };
        let kept = |finding: Finding| match field {
            Some(field) if finding.related.iter().all(|known| known.span != field.span) => {
                finding.related(field.span, "the credential is kept here")
            }
            _ => finding,
        };
        // The fields of a type are told together, and the form it derives first.
        if let Some(known) = findings.remove(&(form.by, form.ty)) {
            findings.insert((form.by, form.ty), kept(known));
            continue;
        }
        let finding = Finding::new(
            "debug-derived-credential",
            Severity::Warning,
            Confidence::High,
            form.by,
            format!("{how} this type shows the API credential it holds. One log or error message that names it is enough."),
        )
        .label(if form.field.is_empty() { "shows the credential" } else { "shows every field" })
        .help("keep the secret in a type that hides it, such as `secrecy::SecretString`, or in a private `#field`; a form written by hand leaves it out");
        findings.insert((form.by, form.ty), kept(finding));
    }
    findings.into_values().collect()
}
