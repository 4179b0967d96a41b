//! `credential-in-support-material`: a credential stands in documentation, recorded requests or collections.

use super::Context;
use crate::finding::{Finding, Severity};

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let written = context.written.iter().filter(|written| written.support);
    written
        .map(|written| {
            let finding = Finding::new("credential-in-support-material", Severity::Error, written.confidence, written.span, "An API credential is written in material that is handed around. Disable the API user in the Cerbo interface and request new credentials: removing the line does not undo the exposure.")
                .label("credential")
                .help("write a placeholder such as `<secret>` or a variable there, and share credentials by a secret manager only");
            match written.user {
                Some(user) => finding.related(user, "its user name"),
                None => finding,
            }
        })
        .collect()
}
