//! What calls of other people's code mean: the models under `rules/libraries/`.

use super::bundled::LIBRARIES;
pub use super::commands::{CommandModel, Gives, RunsModel};
pub use super::handlers::{Answering, HookArgument, HookModel, HookTime, ParametersModel};
pub use super::terms::Term;
use crate::error::suggestion;
use crate::facts::SwitchMeaning;
use crate::program::tree::HoleStyle;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

/// One file of models.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LibraryFile {
    /// The library's name, for people.
    #[serde(rename = "library")]
    _library: String,
    /// The language whose programs use it; models that come with the tool are told by their folder.
    language: Option<String>,
    #[serde(default, rename = "type")]
    types: Vec<TypeModel>,
    #[serde(default, rename = "call")]
    calls: Vec<CallModel>,
    #[serde(default, rename = "constant")]
    constants: Vec<ConstantModel>,
    #[serde(default, rename = "attribute")]
    attributes: Vec<AttributeModel>,
    #[serde(default, rename = "printing")]
    printings: Vec<PrintingModel>,
    #[serde(default, rename = "switch")]
    switches: Vec<SwitchModel>,
    /// Attributes of functions that answer requests.
    #[serde(default)]
    answers: Vec<String>,
    #[serde(default, rename = "field")]
    fields: Vec<FieldModel>,
    #[serde(default, rename = "command")]
    commands: Vec<CommandModel>,
    #[serde(default, rename = "object")]
    objects: Vec<ObjectModel>,
    #[serde(default, rename = "environment")]
    environments: Vec<EnvironmentModel>,
    #[serde(default, rename = "container")]
    containers: Vec<ContainerModel>,
    #[serde(default, rename = "injects")]
    injects: Vec<EnvironmentModel>,
    /// Methods by which an error that such a function gives back becomes an answer.
    #[serde(default)]
    answers_by: Vec<String>,
    /// Fields by which an object that the platform gets from a function it runs is an answer.
    #[serde(default)]
    replies: Vec<Vec<String>>,
    /// Names of exported functions that frameworks run for requests.
    #[serde(default)]
    answers_as: Vec<String>,
    #[serde(default)]
    parameters: Vec<ParametersModel>,
    #[serde(default, rename = "exported")]
    exported: Vec<ExportedModel>,
    /// Functions of the platform that are handed around under these names.
    #[serde(default)]
    handed_on: BTreeMap<String, String>,
    /// In this language a method can be called by the path of its type, with its receiver as the first argument.
    #[serde(default)]
    methods_by_path: bool,
}

/// Exported functions that a platform runs, by name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportedModel {
    /// Their names; `default.name` is a method of the object that is the main export.
    name: Vec<String>,
    /// What they are called with, each a term.
    takes: Vec<String>,
}

/// A decorator that wires the project's classes together: its argument lists what is injected, and into what.
#[derive(Debug, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct ContainerModel {
    /// Its paths.
    pub name: Vec<String>,
    /// Fields that list library instances and further containers.
    pub parts: Vec<String>,
    /// Fields that list the classes that get them, and tokens with what stands for them.
    pub members: Vec<String>,
    /// Field that lists what other containers get by naming this one as a part.
    pub exports: String,
    /// Field of a member that names a token.
    pub token: String,
    /// Field with the token's value.
    pub value: String,
    /// Field with a function that makes the value.
    pub factory: String,
    /// Field that lists what the function gets.
    pub inject: String,
    /// Field with a class that stands for the token.
    pub class: String,
}

/// An environment variable or an option that switches something on or off.
#[derive(Debug, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct SwitchModel {
    /// The variable's or option's name.
    pub field: String,
    /// The value that counts; absent: true; `*`: any.
    pub when: Option<String>,
    /// What it then means.
    pub means: SwitchMeaning,
}

/// How values of the project's own types are written out in one style.
#[derive(Debug, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct PrintingModel {
    /// The style.
    pub style: HoleStyle,
    /// Interfaces and methods by which a type decides by hand what is written.
    #[serde(default)]
    pub by_hand: Vec<String>,
    /// Attributes of a field that leave it out, each as its name and one word of its arguments: `serde skip`.
    #[serde(default)]
    pub leaves_out: Vec<String>,
    /// Attributes of a type that derive the form, each as its name and one word of its arguments: `derive Debug`.
    #[serde(default)]
    pub derived_by: Vec<String>,
    /// Nothing that an object holds is written.
    #[serde(default)]
    pub opaque: bool,
    /// What the names of fields begin with that are never written.
    pub private: Option<String>,
    /// The form in which sinks write arguments that are not text, when it is another one.
    pub arguments: Option<HoleStyle>,
}

/// Names outside the project that stand for a value the program can change: a library's shared client.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ObjectModel {
    /// Its paths.
    name: Vec<String>,
    /// The value, a term.
    value: String,
}

/// Names outside the project whose fields are the environment's variables; `*`: every name that nothing defines is one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnvironmentModel {
    /// Its paths.
    name: Vec<String>,
}

/// An attribute or decorator that logs a function's arguments when it is entered.
#[derive(Debug, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct AttributeModel {
    /// Its paths.
    pub name: Vec<String>,
    /// The word whose arguments name parameters that are left out.
    #[serde(default)]
    pub skip: String,
    /// The word that leaves all parameters out.
    #[serde(default)]
    pub skip_all: String,
    /// When the function runs by itself; it then logs nothing.
    pub schedule: Option<ScheduleModel>,
    /// How many times the function runs at once, in the attribute's arguments; it then logs nothing.
    pub limit: Option<String>,
    /// For an attribute of a class: the method that runs.
    pub runs: Option<String>,
}

/// An attribute of a field that says where its value comes from.
#[derive(Debug, Deserialize, Clone, Default)]
#[serde(deny_unknown_fields)]
pub struct FieldModel {
    /// Its names as written.
    pub name: Vec<String>,
    /// The words whose value is the environment variable that fills the field. Alone, the variable is named after the field.
    #[serde(default)]
    pub variable: Vec<String>,
    /// The words whose value is what the field holds when nothing fills it.
    #[serde(default)]
    pub default: Vec<String>,
    /// The words whose value names the function that gives what the field holds when nothing fills it.
    #[serde(default)]
    pub default_function: Vec<String>,
}

/// A library's constant that stands for text.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConstantModel {
    /// Its paths.
    name: Vec<String>,
    /// Its text.
    value: String,
}

/// A type of a library.
#[derive(Debug, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct TypeModel {
    /// Canonical name.
    pub name: String,
    /// Other paths of the same type.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What it holds is never printed.
    #[serde(default)]
    pub sealed: bool,
    /// Fields that are sinks: assigning to one does this.
    #[serde(default)]
    pub assigned: BTreeMap<String, Effect>,
    /// Methods without a model of their own give the value itself: those of a builder.
    #[serde(default)]
    pub fluent: bool,
    /// A function that gives this back answers requests.
    #[serde(default)]
    pub answers: bool,
    /// For the type of a function: what it is called with, each a term.
    #[serde(default)]
    pub takes: Vec<String>,
    /// What is put into a field of one of these is there in all of them: what a framework hands from one function to the
    /// next.
    #[serde(default)]
    pub shared: bool,
    /// A parameter of this type holds what the caller of the program chose.
    #[serde(default)]
    pub input: bool,
    /// Slots that are written out with a value of this type; absent: all.
    pub prints: Option<Vec<String>>,
    /// Slots that are written out for people; absent: those of `prints`.
    pub shows: Option<Vec<String>>,
    /// A value of this type is used as the value of its type argument at this position (0-based).
    pub transparent: Option<usize>,
    /// The position (0-based) of the type argument that its errors have.
    pub error_at: Option<usize>,
    /// The type of its errors.
    pub error: Option<String>,
    /// Fields, each a term in which `self` is the instance: `body` and `meta` are those of the response it is.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// For a response: what of its request it carries, each `request` or a slot of it.
    #[serde(default)]
    pub carries: BTreeMap<String, String>,
    /// For a response: what a failed request leaves in its place.
    pub throws: Option<ThrowsModel>,
    /// Where else a request's slots come from when this is its client or options, each a list of dotted paths from it.
    #[serde(default)]
    pub slots: BTreeMap<String, Vec<String>>,
    /// Slots of a client or its options that hold functions run around each request.
    #[serde(default)]
    pub hooks: BTreeMap<String, HookModel>,
    /// The method that waiting for a value of this type calls.
    pub awaited: Option<String>,
    /// The slot that holds what an instance is as text. The type `*` gives fields to every value.
    pub text: Option<String>,
    /// The slot that holds the query that is written behind that text.
    pub query: Option<String>,
}

/// What a call does.
#[derive(Debug, Deserialize, Clone, Default)]
#[serde(deny_unknown_fields)]
pub struct CallModel {
    /// Receiver type's canonical name; `*` is any receiver. Absent for functions.
    pub on: Option<String>,
    /// Method names, or paths of functions.
    pub name: Vec<String>,
    /// How many arguments it has; absent: any number. With another number it is another method of the name.
    pub arity: Option<usize>,
    /// The result, in the expression language of [`Term`]; absent: unknown.
    #[serde(rename = "returns")]
    pub result: Option<String>,
    /// Slots set on the result (or receiver), each from an expression.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    /// What the call does besides.
    #[serde(default)]
    pub does: Vec<Effect>,
    /// The receiver's place holds the result afterwards.
    #[serde(default)]
    pub mutates: bool,
    /// It applies only where these terms, by position of the argument, are these texts.
    #[serde(default)]
    pub when: BTreeMap<String, String>,
    /// It applies only where these arguments, by position, are numbers from the first to the second.
    #[serde(default)]
    pub within: BTreeMap<String, [f64; 2]>,
    /// It applies only where this term is something.
    pub given: Option<String>,
    /// The result, a moment, is moved.
    pub shift: Option<ShiftModel>,
    /// A function argument called, and with what.
    pub calls: Option<CallsModel>,
    /// The request that it sends at once, by slots. `options`, `more`, `before`, `request` and `client` are instances whose
    /// own slots fill those that are not given, nearest first.
    #[serde(default)]
    pub sends: BTreeMap<String, String>,
    /// Function arguments called afterwards; in their terms `sent` is the result.
    #[serde(default)]
    pub then: Vec<CallsModel>,
    /// The result is an object whose fields a schema describes.
    pub shape: Option<ShapeModel>,
    /// Which terms `concurrent` drives; absent: all arguments.
    #[serde(default)]
    pub drives: Vec<String>,
    /// How many are in flight at most; 1 means one after the other.
    pub limit: Option<String>,
    /// When the function that it is given runs by itself.
    pub schedule: Option<ScheduleModel>,
    /// What names the channel, queue or event that `send` puts its payload into and `received` takes it from.
    pub channel: Option<String>,
    /// What `send` puts into the channel.
    pub payload: Option<String>,
    /// What a sink writes; absent: all arguments.
    #[serde(default)]
    pub writes: Vec<String>,
    /// Options that switch something on or off, anywhere in its arguments.
    #[serde(default)]
    pub switches: Vec<SwitchModel>,
    /// Where a sink writes to.
    pub target: Option<String>,
    /// Unix mode of the file that a sink makes.
    pub mode: Option<String>,
    /// How a sink writes arguments out that are not text.
    pub prints: Option<HoleStyle>,
    /// Of an error that a sink is given it writes the message only.
    #[serde(default)]
    pub without_errors: bool,
    /// What places given as arguments hold afterwards, by the argument's 0-based position.
    #[serde(default)]
    pub puts: BTreeMap<String, String>,
    /// The result is of the type that is asked for: what the project's conversions make of a value of its own types.
    #[serde(default)]
    pub converts: bool,
    /// The result is the receiver itself: what changes it changes the receiver.
    #[serde(default)]
    pub same: bool,
    /// The result is this part of the receiver: what changes it changes the receiver.
    pub part: Option<String>,
    /// The result holds the receiver in this slot: what changes the slot changes the receiver.
    pub whole: Option<String>,
    /// What the function that it is given writes to the program's output goes nowhere: the call's result is that.
    #[serde(default)]
    pub captures: bool,
    /// For a request: the type of its error, and what of the request that carries, each a term (`request` is the
    /// request's configuration, `response` its response).
    pub throws: Option<ThrowsModel>,
}

impl CallModel {
    /// Whether it applies to every call of its name.
    fn is_unconditional(&self) -> bool {
        self.when.is_empty() && self.within.is_empty() && self.given.is_none()
    }
}

/// An object whose fields a schema describes: each is the input's field of that name, or its default.
#[derive(Debug, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct ShapeModel {
    /// What is read.
    pub input: String,
    /// The schema: an object with an entry for each field.
    pub schema: String,
    /// A second schema.
    pub more: Option<String>,
    /// The part of an entry that holds the default; empty: an entry that is no object is its own default.
    pub default: String,
    /// The part of an entry that names the environment variable it is read from.
    pub variable: Option<String>,
    /// The object stands under these names in the result; empty: it is the result.
    #[serde(default)]
    pub into: Vec<String>,
}

/// How far a moment is moved.
#[derive(Debug, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct ShiftModel {
    /// The length of time, or a number of units.
    pub by: String,
    /// The unit of the number; milliseconds when neither this nor `units` is given.
    pub unit: Option<String>,
    /// What names the unit of the number.
    pub units: Option<String>,
    /// Into the past.
    #[serde(default)]
    pub back: bool,
}

/// The error a failed request leaves.
#[derive(Debug, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct ThrowsModel {
    /// Its type.
    #[serde(rename = "type")]
    pub ty: String,
    /// Its fields, each `request`, `response`, or a slot of the request.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// When the function that a call is given runs by itself.
#[derive(Debug, Deserialize, Clone, Default)]
#[serde(deny_unknown_fields)]
pub struct ScheduleModel {
    /// The cron pattern.
    pub pattern: Option<String>,
    /// The time of day.
    pub at: Option<String>,
    /// The length of time between two runs.
    pub every: Option<String>,
    /// The zone of pattern and time of day.
    pub zone: Option<String>,
    /// The zone when none is given; empty for that of the machine.
    #[serde(default)]
    pub default_zone: String,
    /// A list of what runs: each element has times of its own, and is the receiver in the other terms.
    pub each: Option<String>,
    /// What is started besides the function it is given: values with the names of files, programs and handlers in them.
    #[serde(default)]
    pub starts: Vec<String>,
}

impl ScheduleModel {
    fn terms(&self) -> impl Iterator<Item = &String> {
        let times = self.pattern.iter().chain(&self.at).chain(&self.every);
        times.chain(&self.zone).chain(&self.each).chain(&self.starts)
    }
}

/// A function argument that the call runs.
#[derive(Debug, Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct CallsModel {
    /// Which argument.
    pub function: String,
    /// What it gets.
    #[serde(default)]
    pub with: Vec<String>,
    /// Once, for each element in turn, or for each element at the same time. A list of functions is run through.
    #[serde(default)]
    pub how: Repetition,
    /// What becomes of what it gives back, when that leaves the program.
    pub answers: Option<Answering>,
    /// For what runs afterwards: the slot of the result that holds what it gives back.
    pub into: Option<String>,
    /// Terms that say of `retry` that it never gives up: true, a number without end, or the text `endless`.
    #[serde(default)]
    pub endless: Vec<String>,
}

/// How often a function argument runs.
#[derive(Debug, Deserialize, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Repetition {
    /// Once.
    #[default]
    Once,
    /// For each element, one after the other.
    Each,
    /// For each element, several at the same time.
    Concurrent,
    /// For each element in turn, the first thing it gets being what it gave for the element before.
    Fold,
    /// Once, and again a few times while it fails.
    Retry,
    /// Once for each time someone outside asks: apart from what runs where it is handed over.
    Inbound,
    /// Once for each job that comes in through a queue, several at the same time.
    Jobs,
}

/// What a call does besides giving a value.
#[derive(Debug, Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Sends a request from the slots `method`, `url`, `base`, `headers`, `user`, `secret`, `authorization`, `body`.
    Request,
    /// Puts an element on a page; its first argument holds the attributes.
    Element,
    /// Writes to a log.
    Log,
    /// Writes to the program's standard output.
    Output,
    /// Replies to whoever called the program.
    Respond,
    /// Hands over to a service that collects errors.
    Track,
    /// The result is the first argument as text, written out as `prints` says.
    Print,
    /// Ends the program with a message.
    Panic,
    /// Makes a page from a template.
    Render,
    /// Keeps in the storage of a browser.
    Store,
    /// Writes a file; `target` is its path.
    WriteFile,
    /// Starts another program; `target` is its name.
    Run,
    /// Sends a mail or message to people.
    Mail,
    /// Sends the caller to another address, its `target`.
    Redirect,
    /// Hands out the files of a folder, its `target`.
    Serve,
    /// Starts its argument as a task of its own.
    Spawn,
    /// Drives all its arguments, or all elements of one, at the same time.
    Concurrent,
    /// The result is what whoever asks for the token that the call's channel names gets.
    Provide,
    /// The result holds settings, under the namespace that the channel names.
    Configure,
    /// Reads the setting named by the first argument, otherwise the environment variable of that name.
    Setting,
    /// Reads an environment variable named by the first argument.
    Environment,
    /// Takes a value in when the program is built.
    CompiledIn,
    /// The result is the receiver with the second argument under the key that the first one names.
    Insert,
    /// The result's slot `headers` holds the second argument under the key that the first one names.
    Header,
    /// The result's slot `query` also holds its argument, or its arguments as one pair.
    Query,
    /// Waits as long as its first argument says, or the receiver's slot `period`.
    Wait,
    /// The result is the receiver's part that the first argument names.
    Index,
    /// The result is the receiver's texts joined, with the first argument between them.
    Join,
    /// The called function chooses which elements stay.
    Filter,
    /// The first argument is added to the receiver's elements.
    Push,
    /// Encodes its first argument as base64.
    Encode,
    /// Sets the environment variable that the first argument names to the second.
    SetEnvironment,
    /// Uses its first argument to decide whom to trust.
    Trust,
    /// Puts the payload into the channel.
    Send,
    /// The result is still to come, with all requests sent since the call began, and is under way.
    Start,
    /// The result is still to come when the receiver is; it is waited for with the receiver.
    Follow,
    /// Limits what the receiver, the arguments or the result drive to one at a time: they are not reported.
    Sequence,
    /// Waits for the receiver.
    Awaits,
    /// When the limit is 1: what follows in the same block runs alone.
    Exclusive,
    /// When the receiver's place is given the result in turn, what runs stands in a line: it runs alone.
    Line,
    /// Holds a lock until the end of the statement, or of the block when the statement keeps what holds it: what runs
    /// meanwhile runs alone.
    Lock,
    /// The result is the first argument, a URL that may be relative, resolved against the receiver.
    UrlJoin,
    /// The result's slot `url` has the elements of the first argument as further segments of its path.
    UrlSegments,
    /// The result is the receiver, a URL, with the first argument as its path.
    UrlPath,
    /// The result is the receiver, a URL, with the first argument as its user.
    UrlUser,
    /// The result is the receiver, a URL, with the first argument as its user's secret.
    UrlSecret,
    /// The result is a configuration whose parts are named after the receiver's slot `prefix`.
    Settings,
    /// The result is the receiver as text, as its type writes it.
    Display,
    /// The arguments, lists among them opened, are added to the result's slot `arguments`.
    Arguments,
    /// Runs another program with the receiver's slot `arguments`, of which the first is the program.
    Command,
    /// Runs the function of the project or the program that the first argument names, with the others.
    Program,
    /// The result is the list of the words in the first argument.
    Words,
    /// Waits for every task of the running function.
    WaitAll,
    /// The result also holds the entries of every argument, objects or lists of pairs.
    Merge,
    /// The result is the list of the result's entries, each a pair.
    Entries,
    /// The result is what the arguments, called one after the other, make of it.
    Pipe,
    /// The result is its own texts with `/` between them.
    JoinPath,
    /// Settles the promise that the receiver settles with the last argument.
    Resolve,
    /// The result's slot `values` also holds an option of the command line, by its name, with its default.
    Option,
    /// The result is the receiver with the second argument as the field that the first one names.
    Decorate,
    /// The result's slot `value` is what writing out the first argument shows of it.
    WriteOut,
}

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
    replies: Vec<Vec<String>>,
    answers_as: std::collections::HashSet<String>,
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
                .chain(calls.into_iter().flat_map(|c| c.with.iter().chain(&c.endless)))
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
        self.replies.extend(file.replies);
        self.answers_as.extend(file.answers_as);
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
