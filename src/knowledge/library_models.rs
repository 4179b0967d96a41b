//! What the files under `rules/libraries/` say about calls, types and the rest of other people's code.

use super::commands::CommandModel;
use super::handlers::{Answering, HookModel, ParametersModel};
use crate::facts::SwitchMeaning;
use crate::program::tree::HoleStyle;
use serde::Deserialize;
use std::collections::BTreeMap;

/// One file of models.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LibraryFile {
    /// The library's name, for people.
    #[serde(rename = "library")]
    pub(super) _library: String,
    /// The language whose programs use it; models that come with the tool are told by their folder.
    pub(super) language: Option<String>,
    #[serde(default, rename = "type")]
    pub(super) types: Vec<TypeModel>,
    #[serde(default, rename = "call")]
    pub(super) calls: Vec<CallModel>,
    #[serde(default, rename = "constant")]
    pub(super) constants: Vec<ConstantModel>,
    #[serde(default, rename = "attribute")]
    pub(super) attributes: Vec<AttributeModel>,
    #[serde(default, rename = "printing")]
    pub(super) printings: Vec<PrintingModel>,
    #[serde(default, rename = "switch")]
    pub(super) switches: Vec<SwitchModel>,
    /// Attributes of functions that answer requests.
    #[serde(default)]
    pub(super) answers: Vec<String>,
    #[serde(default, rename = "field")]
    pub(super) fields: Vec<FieldModel>,
    #[serde(default, rename = "command")]
    pub(super) commands: Vec<CommandModel>,
    #[serde(default, rename = "object")]
    pub(super) objects: Vec<ObjectModel>,
    #[serde(default, rename = "environment")]
    pub(super) environments: Vec<EnvironmentModel>,
    #[serde(default, rename = "container")]
    pub(super) containers: Vec<ContainerModel>,
    #[serde(default, rename = "injects")]
    pub(super) injects: Vec<EnvironmentModel>,
    /// Functions that make a value of one type from a value of another; errors are made with the first.
    #[serde(default)]
    pub(super) conversions: Vec<String>,
    /// Attributes of a variant's part by which the variant is made from a value of the part's type.
    #[serde(default)]
    pub(super) converted_parts: Vec<String>,
    /// The function that gives the value a type stands for.
    #[serde(default)]
    pub(super) dereference: Option<String>,
    /// Methods by which an error that such a function gives back becomes an answer.
    #[serde(default)]
    pub(super) answers_by: Vec<String>,
    /// Fields by which an object that the platform gets from a function it runs is an answer.
    #[serde(default)]
    pub(super) replies: Vec<Vec<String>>,
    /// Names of exported functions that frameworks run for requests.
    #[serde(default)]
    pub(super) answers_as: Vec<String>,
    /// Names of functions that a program starts with, whose error it writes out when it ends with one.
    #[serde(default)]
    pub(super) ends_with_error_of: Vec<String>,
    #[serde(default)]
    pub(super) parameters: Vec<ParametersModel>,
    #[serde(default, rename = "exported")]
    pub(super) exported: Vec<ExportedModel>,
    /// Functions of the platform that are handed around under these names.
    #[serde(default)]
    pub(super) handed_on: BTreeMap<String, String>,
    /// In this language a method can be called by the path of its type, with its receiver as the first argument.
    #[serde(default)]
    pub(super) methods_by_path: bool,
}

/// Exported functions that a platform runs, by name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportedModel {
    /// Their names; `default.name` is a method of the object that is the main export.
    pub(super) name: Vec<String>,
    /// What they are called with, each a term.
    pub(super) takes: Vec<String>,
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
pub(super) struct ObjectModel {
    /// Its paths.
    pub(super) name: Vec<String>,
    /// The value, a term.
    pub(super) value: String,
}

/// Names outside the project whose fields are the environment's variables; `*`: every name that nothing defines is one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EnvironmentModel {
    /// Its paths.
    pub(super) name: Vec<String>,
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
    /// The word whose named arguments are logged besides.
    #[serde(default)]
    pub fields: String,
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
pub(super) struct ConstantModel {
    /// Its paths.
    pub(super) name: Vec<String>,
    /// Its text.
    pub(super) value: String,
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
    /// Types that it is made from.
    #[serde(default)]
    pub is: Vec<String>,
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
    /// The result, in the expression language of [`Term`](super::terms::Term); absent: unknown.
    #[serde(rename = "returns")]
    pub result: Option<String>,
    /// The type that its argument has where its result holds.
    pub tells: Option<String>,
    /// Slots set on the result (or receiver), each from an expression.
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    /// What it sends is asked for again and again, one page after the other, until the last.
    #[serde(default)]
    pub pages: bool,
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
    /// When the first argument is an instance whose type has this method, the call is one of it.
    pub by: Option<String>,
    /// The result holds the receiver in this slot: what changes the slot changes the receiver.
    pub whole: Option<String>,
    /// What the function that it is given writes to the program's output goes nowhere: the call's result is that.
    #[serde(default)]
    pub captures: bool,
    /// What the function that it is given does to variables is undone when it ends: it runs in a process of its own.
    #[serde(default)]
    pub apart: bool,
    /// For a request: the type of its error, and what of the request that carries, each a term (`request` is the
    /// request's configuration, `response` its response).
    pub throws: Option<ThrowsModel>,
}

impl CallModel {
    /// Whether it applies to every call of its name.
    pub(super) fn is_unconditional(&self) -> bool {
        self.when.is_empty() && self.within.is_empty() && self.given.is_none() && self.arity.is_none()
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
    /// The number that stands for Sunday in the pattern: 0 when not given, or 1.
    #[serde(default)]
    pub sunday: u8,
    /// A list of what runs: each element has times of its own, and is the receiver in the other terms.
    pub each: Option<String>,
    /// What is started besides the function it is given: values with the names of files, programs and handlers in them.
    #[serde(default)]
    pub starts: Vec<String>,
}

impl ScheduleModel {
    pub(super) fn terms(&self) -> impl Iterator<Item = &String> {
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
    /// A text whose `<…>` and `[…]` stand for arguments that it gets before those.
    pub placeholders: Option<String>,
    /// What it gets when it takes as many arguments as these are.
    #[serde(default)]
    pub with_all: Vec<String>,
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
    /// Sets the rights of the file that the target names to the mode.
    SetRights,
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
    /// Joins what several commands write, each an argument.
    Together,
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
    /// The result's slot `values` also holds the second argument under the first, a dotted key.
    Enter,
    /// The result's slot `values` also holds an option of the command line, by its name, with its default.
    Option,
    /// The result is the receiver with the second argument as the field that the first one names.
    Decorate,
    /// The result's slot `value` is what writing out the first argument shows of it.
    WriteOut,
}
