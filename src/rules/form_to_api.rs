//! `form-to-api`: an element of a page sends the browser to the API, or holds what authenticates.

use super::{Context, api_call};
use crate::evaluate::value::{Data, Label, Leaf, Value};
use crate::facts::Element;
use crate::finding::{Confidence, Finding, Severity};
use crate::knowledge::words::{CredentialName, Shape, credential_name, is_placeholder, names_product, shape};
use crate::project::sides::Side;

/// Attributes that name a place the browser goes to or fetches.
const PLACES: &[&str] =
    &["action", "formaction", "formAction", "href", "src", "srcset", "data", "poster", "xlink:href", "cite"];

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for element in &context.facts.elements {
        if matches!(context.sides.at(element.span).side, Side::Test | Side::BuildTime) {
            continue;
        }
        let reaches = PLACES.iter().filter_map(|name| attribute(element, name)).any(|url| reaches(context, url));
        if reaches {
            let message = if matches!(element.tag.as_str(), "form" | "input" | "button") {
                "A form sends what its user enters straight to the API. The browser would have to hold the API credential."
            } else {
                "A page sends its user's browser straight to the API. The browser would have to hold the API credential."
            };
            findings.push(
                Finding::new("form-to-api", Severity::Error, Confidence::High, element.span, message)
                    .label("leads to the API")
                    .help("let it lead to an address of your own server, which checks the user and calls the API"),
            );
        } else if element.tag == "input" && holds_credential(context, element) {
            findings.push(
                Finding::new("form-to-api", Severity::Error, Confidence::High, element.span, "A field of a page holds an API credential. Everyone who opens the page has it: disable the API user in the Cerbo interface and request new credentials.")
                    .label("holds a credential")
                    .help("leave credentials on the server and let the form send only what its user enters"),
            );
        }
    }
    findings
}

fn attribute<'e, 'p>(element: &'e Element<'p>, name: &str) -> Option<&'e Value<'p>> {
    match &*element.attributes.data {
        Data::Object { fields, .. } => fields.get(name),
        _ => None,
    }
}

/// Whether a URL leads to an operation of the API, not to a page of the portal.
fn reaches(context: &Context<'_, '_>, url: &Value<'_>) -> bool {
    url.alternatives().iter().any(|url| {
        let text = api_call::text(url, context.config);
        let path = text.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
        api_call::host(context, url).is_some() && path.is_some_and(|path| path.starts_with("/api/"))
    })
}

/// Whether a field is given an API credential: by its shape, by where it comes from, or by the name it goes by.
fn holds_credential(context: &Context<'_, '_>, element: &Element<'_>) -> bool {
    let Some(value) = attribute(element, "value").or_else(|| attribute(element, "defaultValue")) else { return false };
    let secret = |name: &str| names_product(name) && credential_name(name) == Some(CredentialName::Secret);
    let named = attribute(element, "name").and_then(Value::known_text).is_some_and(|name| secret(&name));
    let from = |label: &Label| matches!(label, Label::Environment(name) | Label::Named(name) if secret(name));
    if value.any_label(&from) {
        return true;
    }
    let mut found = false;
    value.leaves(&|_| false, &mut |leaf| {
        if let Leaf::Text(text, ..) = leaf {
            let real = !is_placeholder(text, &context.config.placeholders);
            found |= real && (named || matches!(shape(text), Some(Shape::Secret | Shape::BasicHeader)));
        }
    });
    found
}
