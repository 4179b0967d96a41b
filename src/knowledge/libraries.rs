//! What calls of other people's code mean: the models under `rules/libraries/`.

use super::bundled::LIBRARIES;
pub use super::commands::{CommandModel, Gives, RunsModel};
pub use super::handlers::{Answering, HookArgument, HookModel, HookTime, ParametersModel};
use super::library_models::LibraryFile;
pub use super::library_models::{
    AttributeModel, CallModel, CallsModel, ContainerModel, Effect, FieldModel, PrintingModel, Repetition,
    ScheduleModel, ShapeModel, ShiftModel, SwitchModel, ThrowsModel, TypeModel,
};
pub use super::terms::Term;
use crate::error::suggestion;
use crate::facts::SwitchMeaning;
use crate::program::tree::HoleStyle;
use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

/// All models of one language.
#[derive(Clone, Debug, Default)]
pub struct Libraries {
    types: HashMap<String, TypeModel>,
    methods: HashMap<(String, String), Vec<CallModel>>,
    functions: HashMap<String, CallModel>,
    constants: HashMap<String, String>,
    attributes: HashMap<String, AttributeModel>,
    printings: HashMap<HoleStyle, PrintingModel>,
    switches: HashMap<String, SwitchModel>,
    answers: std::collections::HashSet<String>,
    objects: HashMap<String, String>,
    fields: HashMap<String, FieldModel>,
    commands: HashMap<String, CommandModel>,
    /// Methods whose result is a part of the receiver, or holds it: the slot, and whether it is the whole.
    views: HashMap<String, (String, bool)>,
    environments: std::collections::BTreeSet<String>,
    containers: HashMap<String, ContainerModel>,
    injects: std::collections::BTreeSet<String>,
    answers_by: Vec<String>,
    conversions: Vec<String>,
    converted_parts: Vec<String>,
    dereference: Option<String>,
    replies: Vec<Vec<String>>,
    answers_as: std::collections::HashSet<String>,
    ends_with_error_of: Vec<String>,
    parameters: Vec<ParametersModel>,
    exported: HashMap<String, Vec<String>>,
    handed_on: BTreeMap<String, String>,
    methods_by_path: bool,
    /// Every term of these models, read once.
    terms: HashMap<String, Term>,
}

impl Libraries {
    /// Adds one file's models, as JSON, the form in which the program carries them.
    fn add_bundled(&mut self, text: &str) -> Result<(), String> {
        self.add(serde_json::from_str(text).map_err(|error| error.to_string())?)
    }

    /// Adds one file's models.
    ///
    /// # Errors
    /// Which term in it is none.
    fn add(&mut self, file: LibraryFile) -> Result<(), String> {
        for call in &file.calls {
            let calls = call.calls.as_ref();
            let terms = call
                .result
                .iter()
                .chain(call.set.values())
                .chain(calls.map(|c| &c.function))
                .chain(
                    calls
                        .into_iter()
                        .flat_map(|c| c.with.iter().chain(&c.with_all).chain(&c.endless).chain(&c.placeholders)),
                )
                .chain(call.drives.iter().chain(&call.limit))
                .chain(call.schedule.iter().flat_map(ScheduleModel::terms))
                .chain(call.channel.iter().chain(&call.payload).chain(&call.given))
                .chain(call.writes.iter().chain(&call.target).chain(&call.mode).chain(call.puts.values()))
                .chain(call.sends.values())
                .chain(call.shift.iter().flat_map(|shift| std::iter::once(&shift.by).chain(&shift.units)))
                .chain(call.then.iter().flat_map(|c| c.with.iter().chain([&c.function])))
                .chain(call.shape.iter().flat_map(|s| [&s.input, &s.schema].into_iter().chain(&s.more)));
            terms.map(String::as_str).try_for_each(|term| self.read_term(term))?;
        }
        file.types
            .iter()
            .flat_map(|ty| ty.fields.values().chain(&ty.takes))
            .try_for_each(|term| self.read_term(term))?;
        for exported in file.exported {
            exported.takes.iter().try_for_each(|term| self.read_term(term))?;
            self.exported.extend(exported.name.into_iter().map(|name| (name, exported.takes.clone())));
        }
        for object in file.objects {
            self.read_term(&object.value)?;
            for name in object.name {
                self.objects.insert(name, object.value.clone());
            }
        }
        for container in file.containers {
            for name in &container.name {
                self.containers.insert(name.clone(), container.clone());
            }
        }
        self.injects.extend(file.injects.into_iter().flat_map(|injects| injects.name));
        self.environments.extend(file.environments.into_iter().flat_map(|environment| environment.name));
        for constant in file.constants {
            for name in constant.name {
                self.constants.insert(name, constant.value.clone());
            }
        }
        for attribute in file.attributes {
            let terms = attribute.schedule.iter().flat_map(ScheduleModel::terms).chain(&attribute.limit);
            let terms: Vec<String> = terms.cloned().collect();
            terms.iter().try_for_each(|term| self.read_term(term))?;
            for name in &attribute.name {
                self.attributes.insert(name.clone(), attribute.clone());
            }
        }
        self.answers.extend(file.answers);
        self.answers_by.extend(file.answers_by);
        self.conversions.extend(file.conversions);
        self.converted_parts.extend(file.converted_parts);
        self.dereference = file.dereference.or(self.dereference.take());
        self.replies.extend(file.replies);
        self.answers_as.extend(file.answers_as);
        self.ends_with_error_of.extend(file.ends_with_error_of);
        self.parameters.extend(file.parameters);
        self.handed_on.extend(file.handed_on);
        self.methods_by_path |= file.methods_by_path;
        self.switches.extend(file.switches.into_iter().map(|switch| (switch.field.clone(), switch)));
        for printing in file.printings {
            self.printings.insert(printing.style, printing);
        }
        for field in file.fields {
            for name in &field.name {
                self.fields.insert(name.clone(), field.clone());
            }
        }
        for command in file.commands {
            for name in &command.name {
                self.commands.insert(name.clone(), command.clone());
            }
        }
        for call in file.calls.iter().filter(|call| call.on.is_some()) {
            let slot = call.part.clone().map(|slot| (slot, false)).or(call.whole.clone().map(|slot| (slot, true)));
            if let Some(slot) = slot {
                self.views.extend(call.name.iter().map(|name| (name.clone(), slot.clone())));
            }
        }
        for ty in file.types {
            for alias in &ty.aliases {
                self.types.insert(alias.clone(), ty.clone());
            }
            self.types.insert(ty.name.clone(), ty);
        }
        for call in file.calls {
            for name in &call.name {
                match &call.on {
                    Some(on) => self.add_method(on, name, &call),
                    None => {
                        self.functions.insert(name.clone(), call.clone());
                    }
                }
            }
        }
        Ok(())
    }

    fn read_term(&mut self, text: &str) -> Result<(), String> {
        // Most terms stand in many models.
        if self.terms.contains_key(text) {
            return Ok(());
        }
        let term = Term::parse(text).ok_or_else(|| format!("`{text}` is not a term of the models' language"))?;
        self.terms.insert(text.to_owned(), term);
        Ok(())
    }

    /// A term of these models.
    pub fn term(&self, text: &str) -> Option<&Term> {
        self.terms.get(text)
    }

    /// Models with a condition are tried before the one without, which a later file replaces.
    fn add_method(&mut self, on: &str, name: &str, call: &CallModel) {
        let known = self.methods.entry((on.to_owned(), name.to_owned())).or_default();
        if call.is_unconditional() {
            known.retain(|other| !other.is_unconditional());
            known.push(call.clone());
        } else {
            known.insert(0, call.clone());
        }
    }

    /// The term of a value that a name outside the project stands for.
    pub fn object(&self, path: &str) -> Option<&str> {
        self.objects.get(path).map(String::as_str)
    }

    /// How a decorator wires classes together.
    pub fn container(&self, path: &str) -> Option<&ContainerModel> {
        self.containers.get(path)
    }

    /// Whether a decorator asks for the value of the token that is its argument.
    pub fn injects(&self, path: &str) -> bool {
        self.injects.contains(path)
    }

    /// Whether a name's fields are the environment's variables.
    pub fn environment(&self, path: &str) -> bool {
        self.environments.contains(path)
    }

    /// The model of an attribute that logs arguments.
    pub fn attribute(&self, path: &str) -> Option<&AttributeModel> {
        self.attributes.get(path)
    }

    /// The environment variable of this name, when it is a switch.
    pub fn switch(&self, variable: &str) -> Option<&SwitchModel> {
        self.switches.get(variable)
    }

    /// Whether an environment variable with this value means this.
    pub fn switches(&self, variable: &str, value: &str, meaning: SwitchMeaning) -> bool {
        self.switch(variable).is_some_and(|switch| {
            switch.means == meaning && switch.when.as_deref().is_none_or(|when| when == "*" || when == value)
        })
    }

    /// Whether an attribute says that its function answers requests.
    pub fn answers(&self, attribute: &str) -> bool {
        self.answers.contains(attribute)
    }

    /// Whether a program starts with a function of this name and writes out its error.
    pub fn ends_with_error_of(&self, name: &str) -> bool {
        self.ends_with_error_of.iter().any(|known| known == name)
    }

    /// Whether frameworks run an exported function of this name for requests.
    pub fn answers_as(&self, name: &str) -> bool {
        self.answers_as.contains(name)
    }

    /// What a platform calls an exported function of this name with, each a term.
    pub fn exported(&self, name: &str) -> Option<&[String]> {
        // `actions.*` are all functions of an exported object.
        let any = || self.exported.get(&format!("{}.*", name.rsplit_once('.')?.0));
        self.exported.get(name).or_else(any).map(Vec::as_slice)
    }

    /// Functions that make a value of one type from a value of another; errors are made with the first.
    pub fn conversions(&self) -> &[String] {
        &self.conversions
    }

    /// Whether an attribute of a variant's part lets the variant be made from a value of the part's type.
    pub fn converts_part(&self, attribute: &str) -> bool {
        self.converted_parts.iter().any(|name| name == attribute)
    }

    /// The function that gives the value a type stands for.
    pub fn dereference(&self) -> Option<&str> {
        self.dereference.as_deref()
    }

    /// Methods by which an error becomes an answer.
    pub fn answers_by(&self) -> &[String] {
        &self.answers_by
    }

    /// Parameters that by convention get instances of a library.
    pub fn parameters(&self) -> &[ParametersModel] {
        &self.parameters
    }

    /// The function of the platform that a parameter of this name gets when nothing says what it gets.
    pub fn handed_on(&self, name: &str) -> Option<&str> {
        self.handed_on.get(name).map(String::as_str)
    }

    /// Fields by which an object that the platform gets from a function it runs is an answer.
    pub fn replies(&self) -> &[Vec<String>] {
        &self.replies
    }

    /// How values of the project's own types are written out in a style.
    pub fn printing(&self, style: HoleStyle) -> Option<&PrintingModel> {
        let style = if style == HoleStyle::Long { HoleStyle::Display } else { style };
        self.printings.get(&style)
    }

    /// The model of a field's attribute.
    pub fn field(&self, name: &str) -> Option<&FieldModel> {
        self.fields.get(name)
    }

    /// Whether a method can be called by the path of its type, with its receiver as the first argument.
    pub fn methods_by_path(&self) -> bool {
        self.methods_by_path
    }

    /// Whether calls of names that nothing defines start programs of those names.
    pub fn runs_programs(&self) -> bool {
        !self.commands.is_empty()
    }

    /// The model of a program run as a process.
    pub fn command(&self, name: &str) -> Option<&CommandModel> {
        self.commands.get(name)
    }

    /// The slot that a method's result is of its receiver, or (with `true`) holds it in.
    pub fn view(&self, method: &str) -> Option<(&str, bool)> {
        self.views.get(method).map(|(slot, whole)| (slot.as_str(), *whole))
    }

    /// The text a library's constant stands for.
    pub fn constant(&self, path: &str) -> Option<&str> {
        self.constants.get(path).map(String::as_str)
    }

    /// The canonical name of a library type.
    pub fn canonical<'a>(&'a self, path: &'a str) -> &'a str {
        self.types.get(path).map_or(path, |ty| &ty.name)
    }

    /// A type's model.
    pub fn ty(&self, path: &str) -> Option<&TypeModel> {
        self.types.get(path)
    }

    /// Whether a method of exactly this type has a model.
    pub fn exact(&self, on: &str, name: &str) -> bool {
        self.methods.contains_key(&(on.to_owned(), name.to_owned()))
    }

    /// The model of a method whose condition holds: the receiver's type first, then any receiver.
    pub fn method(
        &self,
        on: Option<&str>,
        name: &str,
        mut holds: impl FnMut(&CallModel) -> bool,
    ) -> Option<&CallModel> {
        let mut find = |on: &str| {
            let all = self.methods.get(&(on.to_owned(), name.to_owned()));
            all.into_iter().flatten().find(|model| model.is_unconditional() || holds(model))
        };
        on.and_then(|on| find(self.canonical(on))).or_else(|| find("*"))
    }

    /// A name whose fields are the environment's variables.
    pub fn any_environment(&self) -> Option<&str> {
        self.environments.first().map(String::as_str)
    }

    /// The model of a function by path. A path that ends in a known type's method finds it by that type.
    pub fn function(&self, path: &str) -> Option<&CallModel> {
        if let Some(model) = self.functions.get(path) {
            return Some(model);
        }
        let (ty, name) = path.rsplit_once("::")?;
        self.functions.get(&format!("{}::{name}", self.canonical(ty)))
    }
}

/// The models of every language, each a namespace of its own. Those that come with the tool are read when they are first
/// asked for: most projects have one language.
#[derive(Clone, Debug, Default)]
pub struct Models {
    sets: BTreeMap<&'static str, OnceLock<Libraries>>,
    none: Libraries,
}

/// The models of a language that come with the tool.
fn bundled(namespace: &str) -> Libraries {
    let mut all = Libraries::default();
    for (_, _, text) in LIBRARIES.iter().filter(|(language, ..)| *language == namespace) {
        // A bundled file that does not read is caught by this module's test.
        let _ = all.add_bundled(text);
    }
    all
}

impl Models {
    /// The models that come with the tool.
    pub fn bundled() -> &'static Models {
        static BUNDLED: OnceLock<Models> = OnceLock::new();
        BUNDLED.get_or_init(|| {
            let sets = LIBRARIES.iter().map(|(namespace, ..)| (*namespace, OnceLock::new())).collect();
            Models { sets, none: Libraries::default() }
        })
    }

    /// The models of a namespace; none when there are none.
    pub fn of(&self, namespace: &str) -> &Libraries {
        let set = self.sets.get_key_value(namespace);
        set.map_or(&self.none, |(namespace, set)| set.get_or_init(|| bundled(namespace)))
    }

    /// Adds one file's models to the language it names, Rust by default.
    ///
    /// # Errors
    /// What is wrong with the file, with its place, as the TOML reader words it; or that it names a language that has no
    /// models.
    pub fn add(&mut self, text: &str) -> Result<(), String> {
        let file: LibraryFile = toml::from_str(text).map_err(|error| error.to_string())?;
        let language = file.language.as_deref().unwrap_or("rust");
        let Some((namespace, set)) = self.sets.iter_mut().find(|(namespace, _)| **namespace == language) else {
            let known: Vec<&str> = self.sets.keys().copied().collect();
            return Err(format!("`{language}` is not a language with models; {}", suggestion(language, &known)));
        };
        let mut all = set.take().unwrap_or_else(|| bundled(namespace));
        let added = all.add(file);
        *set = OnceLock::from(all);
        added
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn every_bundled_file_reads() {
        for (namespace, name, text) in LIBRARIES {
            let mut libraries = Libraries::default();
            libraries.add_bundled(text).unwrap_or_else(|error| panic!("{namespace}/{name}: {error}"));
        }
    }

    #[test]
    fn models_are_found_by_alias_and_by_any_receiver() {
        let rust = Models::bundled().of("rust");
        assert!(rust.method(Some("reqwest::blocking::Client"), "get", |_| true).is_some());
        assert!(rust.method(None, "clone", |_| true).is_some());
        assert!(rust.function("reqwest::blocking::Client::new").is_some());
        assert!(rust.method(Some("reqwest::Client"), "no_such_method", |_| true).is_none());
    }

    #[test]
    fn a_term_that_is_not_one_is_refused_by_name() {
        let file = "library = 'x'\n[[call]]\nname = ['f']\nreturns = 'slef'\n";
        assert!(Models::bundled().clone().add(file).unwrap_err().contains("slef"));
    }
}
