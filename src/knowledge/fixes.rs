//! How changes are written in each language, read from `rules/fixes.toml`.

use serde::Deserialize;
use std::sync::OnceLock;

/// All of it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixes {
    default: Vec<DefaultForm>,
    limit: Vec<LimitForm>,
    sequence: Vec<SequenceForm>,
    derived: Vec<DerivedForm>,
    left_out: Vec<LeftOutForm>,
    looked_up: Vec<LookedUpForm>,
}

/// How a default stands behind the look-up of a variable.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultForm {
    language: String,
    /// It stands behind an operator.
    #[serde(default)]
    pub operator: bool,
    /// It is the argument of one of these methods of the look-up.
    #[serde(default)]
    pub methods: Vec<String>,
    /// What stands for the call of the method; `{name}` is the variable's name.
    #[serde(default)]
    pub instead: String,
}

/// Calls that take the number of what runs at once.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitForm {
    language: String,
    /// Last words of what is called.
    pub calls: Vec<String>,
    /// The number's position among the arguments, 0-based.
    pub argument: Option<usize>,
    /// The name of the option that holds it.
    pub option: Option<String>,
}

/// What drives all that is made of the elements of a list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SequenceForm {
    language: String,
    /// Functions that wait for all.
    pub all: Vec<String>,
    /// The method that makes something of each element.
    pub each: String,
}

/// What stands for a derived form that shows every field.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DerivedForm {
    language: String,
    /// The last word of what is derived.
    pub name: String,
    /// The form written by hand: `{type}` is the type's name, `{fields}` the fields that may be seen.
    pub written: Option<String>,
    /// One of these fields; `{field}` is its name.
    #[serde(default)]
    pub field: String,
    /// What stands before a field to leave it out.
    pub marked: Option<String>,
    /// Words in an attribute of a field that leave it out already.
    #[serde(default)]
    pub unless: Vec<String>,
}

/// How a logger is told to leave fields out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOutForm {
    language: String,
    /// The option of the call that makes it.
    pub option: String,
    /// The field of the option that is the list of paths, where the option is an object.
    pub list: String,
    /// The option; `{paths}` are the paths.
    pub entry: String,
    /// All options where there are none.
    pub options: String,
    /// One of the paths; `{path}` is the path itself.
    pub path: String,
}

/// How a variable of the environment is looked up.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookedUpForm {
    language: String,
    /// The look-up; `{name}` is the variable's name.
    pub look_up: String,
    /// What in a text tells that there is an environment where it runs.
    pub evidence: String,
}

/// The file. An unreadable one would be a build fault; the test below reads it.
fn fixes() -> &'static Fixes {
    static ALL: OnceLock<Fixes> = OnceLock::new();
    ALL.get_or_init(|| serde_json::from_str(super::bundled::FIXES).unwrap_or_default())
}

/// How a language writes defaults.
pub fn default_form(language: &str) -> Option<&'static DefaultForm> {
    fixes().default.iter().find(|form| form.language == language)
}

/// The calls of a language that take a limit, by the last word of what is called.
pub fn limit_forms<'f>(language: &'f str, call: &'f str) -> impl Iterator<Item = &'static LimitForm> + 'f {
    fixes().limit.iter().filter(move |form| form.language == language && form.calls.iter().any(|name| name == call))
}

/// How a language drives all elements of a list at once.
pub fn sequence_form(language: &str) -> Option<&'static SequenceForm> {
    fixes().sequence.iter().find(|form| form.language == language)
}

/// What stands for something that a type derives, by its last word.
pub fn derived_form(language: &str, name: &str) -> Option<&'static DerivedForm> {
    fixes().derived.iter().find(|form| form.language == language && form.name == name)
}

/// How a language's loggers leave fields out.
pub fn left_out_form(language: &str) -> Option<&'static LeftOutForm> {
    fixes().left_out.iter().find(|form| form.language == language)
}

/// How a language looks a variable up.
pub fn looked_up_form(language: &str) -> Option<&'static LookedUpForm> {
    fixes().looked_up.iter().find(|form| form.language == language)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_file_is_read() {
        let all: Fixes = serde_json::from_str(crate::knowledge::bundled::FIXES).unwrap();
        assert!(
            !all.left_out.is_empty()
                && !all.looked_up.is_empty()
                && !all.default.is_empty()
                && !all.limit.is_empty()
                && !all.sequence.is_empty()
        );
        assert!(all.limit.iter().all(|form| form.argument.is_some() != form.option.is_some()));
        assert!(all.derived.iter().all(|form| form.written.is_some() != form.marked.is_some()));
        assert!(all.default.iter().all(|form| form.operator == form.methods.is_empty()));
    }
}
