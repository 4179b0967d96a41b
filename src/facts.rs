//! What the evaluator saw: the only thing rules look at.

use crate::evaluate::value::Value;
use crate::knowledge::file_modes::Readers;
use crate::program::link::{FunctionId, TypeId};
use crate::program::tree::HoleStyle;
use crate::span::Span;

/// All facts of a run.
#[derive(Debug, Default)]
pub struct Facts<'p> {
    /// Requests, in the order they were seen; their position is their number.
    pub requests: Vec<Request<'p>>,
    /// Places where values leave the program.
    pub sinks: Vec<Sink<'p>>,
    /// Requests driven at the same time.
    pub concurrencies: Vec<Concurrency>,
    /// Values taken in when the program is built.
    pub compiled_in: Vec<CompiledIn>,
    /// Fields read from a response.
    pub reads: Vec<Read>,
    /// Requests whose reply a statement waits for and drops, by number.
    pub dropped: Vec<usize>,
    /// What is switched on or off for the whole process or for a library.
    pub switches: Vec<Switch>,
    /// Fields that derived forms of the project's types write out.
    pub derived_forms: Vec<DerivedForm<'p>>,
    /// Loops that were entered; their position is their number.
    pub rounds: Vec<Round<'p>>,
    /// Calls by which a function runs itself again.
    pub recursions: Vec<Recursion>,
    /// Elements of pages.
    pub elements: Vec<Element<'p>>,
    /// Values that are encoded as base64.
    pub encodings: Vec<Encoding<'p>>,
    /// Places where an environment variable is read, once each.
    pub lookups: Vec<Lookup>,
    /// What runs by itself at set times.
    pub schedules: Vec<Schedule<'p>>,
    /// Entry points at which the evaluator itself failed.
    pub failures: Vec<Failure>,
}

impl<'p> Facts<'p> {
    /// Leaves out what is seen in some places besides the requests that are sent there.
    pub fn leave_out(&mut self, there: impl Fn(Span) -> bool) {
        self.sinks.retain(|sink| !there(sink.span));
        self.concurrencies.retain(|one| !there(one.span));
        self.switches.retain(|switch| !there(switch.span));
        self.lookups.retain(|lookup| !there(lookup.span));
        self.schedules.retain(|schedule| !there(schedule.span));
    }

    /// Sinks of one kind.
    pub fn sinks(&self, kind: SinkKind) -> impl Iterator<Item = &Sink<'p>> {
        self.sinks.iter().filter(move |sink| sink.kind == kind)
    }
}

/// A request as the program builds it.
#[derive(Debug)]
pub struct Request<'p> {
    /// Where it is sent.
    pub span: Span,
    /// Its verb.
    pub method: Value<'p>,
    /// Its whole URL.
    pub url: Value<'p>,
    /// Headers of the request and of its client.
    pub headers: Vec<Value<'p>>,
    /// User name of basic authentication.
    pub user: Option<Value<'p>>,
    /// Secret of basic authentication.
    pub secret: Option<Value<'p>>,
    /// Bearer token.
    pub bearer: Option<Value<'p>>,
    /// The client that sends it, without what it holds: its labels say where it comes from.
    pub client: Option<Value<'p>>,
    /// Body.
    pub body: Option<Value<'p>>,
    /// What gives it query parameters besides its URL: maps, structs, pairs and lists of pairs.
    pub query: Vec<Value<'p>>,
    /// Whether it is sent by a child process, which has all of it in its arguments.
    pub by_process: bool,
    /// The verbs that its client tries again when they fail.
    pub retried: Vec<Value<'p>>,
    /// How often its client tries again.
    pub attempts: Vec<Value<'p>>,
    /// Whether its client logs headers.
    pub verbose: Option<Value<'p>>,
    /// Whether its client accepts any certificate.
    pub unverified: Option<Value<'p>>,
    /// Whether its client verifies certificates.
    pub verified: Option<Value<'p>>,
    /// Calls that led here, outermost first: the function entered and where it was called.
    pub calls: Vec<(FunctionId, Span)>,
    /// Loops around it, outermost first: numbers of [`Facts::rounds`].
    pub loops: Vec<usize>,
    /// Conditions that decide whether it runs.
    pub guards: Vec<Guard>,
    /// Limits of one that are held where it is sent, by the places that took them: nothing else that takes them runs
    /// beside it.
    pub limits: Vec<Span>,
}

/// A condition that decides whether code runs.
#[derive(Clone, Debug)]
pub struct Guard {
    /// The condition.
    pub span: Span,
    /// Whether it asks if anything changes.
    pub asks_for_change: bool,
    /// Fields that it holds against a written value, with that value.
    pub compared: Vec<(String, String)>,
}

/// A loop, or a call that runs a function for each element.
#[derive(Debug)]
pub struct Round<'p> {
    /// The loop.
    pub span: Span,
    /// How it goes round.
    pub kind: RoundKind,
    /// What it goes over; unknown for a loop without a collection.
    pub over: Value<'p>,
    /// Delays in it, in the order they were met, each with how long it waits.
    pub waits: Vec<(Span, Value<'p>)>,
    /// Whether it goes round again because something failed.
    pub retry: Option<Retry>,
    /// Whether it counts something up from round to round.
    pub advances: bool,
    /// Whether it has an end: a collection, a condition, or something in it that leaves it other than by failing.
    pub ends: bool,
}

/// How a loop goes round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundKind {
    /// For each element of a collection.
    Each,
    /// For each job that comes in through a queue.
    Jobs,
    /// For each number of a range, or with a counter.
    Counted,
    /// While a condition holds.
    While,
    /// Until it is left.
    Forever,
}

/// A loop that is left when something succeeds and goes on when it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Whether a counter, a deadline or the collection ends it.
    pub bounded: bool,
    /// Whether it goes round only when the server refused to do anything: too many requests.
    pub refused_only: bool,
}

/// Code that runs by itself at set times.
#[derive(Debug)]
pub struct Schedule<'p> {
    /// Where it is scheduled.
    pub span: Span,
    /// When, as a cron pattern.
    pub pattern: Option<Value<'p>>,
    /// When, as a time of day.
    pub at: Option<Value<'p>>,
    /// How often, as a length of time.
    pub every: Option<Value<'p>>,
    /// The zone of pattern and time of day, where one is given.
    pub zone: Option<Value<'p>>,
    /// The zone they are in when none is given: a name, or empty for that of the machine.
    pub default_zone: String,
    /// The number that stands for Sunday in the pattern: 0 or 1.
    pub sunday: u8,
    /// Requests it leads to, by number.
    pub requests: std::ops::Range<usize>,
    /// What it starts besides: values with the names of files, programs and handlers in them.
    pub starts: Vec<Value<'p>>,
}

/// A call by which a function runs itself again.
#[derive(Clone, Debug)]
pub struct Recursion {
    /// The function.
    pub function: FunctionId,
    /// The call.
    pub span: Span,
    /// Whether the call is made because something failed.
    pub on_failure: bool,
    /// Whether a counter or deadline ends it.
    pub bounded: bool,
    /// Whether it is made only when the server refused to do anything: too many requests.
    pub refused_only: bool,
}

/// An element of a page.
#[derive(Debug)]
pub struct Element<'p> {
    /// Where it stands.
    pub span: Span,
    /// Its tag.
    pub tag: String,
    /// Its attributes.
    pub attributes: Value<'p>,
}

/// An entry point at which the evaluator failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The function or statement.
    pub span: Span,
    /// What to tell; nothing of the source.
    pub problem: String,
}

/// A place where a value is encoded as base64.
#[derive(Debug)]
pub struct Encoding<'p> {
    /// The call.
    pub span: Span,
    /// What is encoded.
    pub value: Value<'p>,
    /// The function or closure that it runs in.
    pub within: Option<&'p crate::program::tree::Function>,
}

/// A place where an environment variable is read.
#[derive(Debug)]
pub struct Lookup {
    /// Where.
    pub span: Span,
    /// The variable.
    pub name: String,
}

/// A place where values leave the program: a log, a response, a file.
#[derive(Debug)]
pub struct Sink<'p> {
    /// The call.
    pub span: Span,
    /// What kind of place it is.
    pub kind: SinkKind,
    /// What is written.
    pub values: Vec<Written<'p>>,
    /// Where to, when the call says so: the path of a file, the name of a program, the location of a redirect.
    pub target: Option<Value<'p>>,
    /// Who can read the file, where the program says so.
    pub readers: Option<Readers>,
    /// Where a logger is made that can be told to leave fields of its first argument out.
    pub leaves_out: Option<Span>,
    /// Calls that led here, outermost first: the function entered and where it was called.
    pub calls: Vec<(FunctionId, Span)>,
}

/// A value as a sink writes it.
#[derive(Clone, Debug)]
pub struct Written<'p> {
    /// What is left of the value in the form it is written in.
    pub value: Value<'p>,
    /// The argument that gives it.
    pub span: Span,
    /// The form it is written in.
    pub style: HoleStyle,
}

/// Something switched on or off for the whole process or for a library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switch {
    /// Where.
    pub span: Span,
    /// What it means.
    pub meaning: SwitchMeaning,
}

/// What a switch means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SwitchMeaning {
    /// Certificates are not verified.
    Unverified,
    /// An error tracker is sent headers and other private parts of requests.
    TracksRequests,
    /// What an error tracker is sent is cleaned before.
    CleansEvents,
    /// Pages about errors show what the program knows.
    ErrorPages,
    /// Requests are logged with their headers.
    LogsHeaders,
}

/// A field that a derived form of its type writes out, or what a form written by hand gives.
#[derive(Debug)]
pub struct DerivedForm<'p> {
    /// The type.
    pub ty: TypeId,
    /// The field; empty when the form is written by hand.
    pub field: String,
    /// What derives the form, or the method that writes it.
    pub by: Span,
    /// The form.
    pub style: HoleStyle,
    /// What is written of the field.
    pub value: Value<'p>,
}

/// Kinds of sinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SinkKind {
    /// A log.
    Log,
    /// The program's standard output: a log to some, what the program is for to others.
    Output,
    /// A reply to whoever called the program.
    Response,
    /// A service that collects errors.
    Tracker,
    /// The message a program dies with.
    Panic,
    /// A page made from a template.
    Page,
    /// Storage of a browser: local storage, databases, cookies.
    BrowserStore,
    /// A file.
    File,
    /// The rights of a file, which the target names.
    Rights,
    /// The arguments of another program.
    Process,
    /// A mail or message to people.
    Mail,
    /// Another address the caller is sent to.
    Redirect,
    /// A server that hands out the files of a folder.
    Served,
}

/// Requests in flight together.
#[derive(Debug)]
pub struct Concurrency {
    /// What drives them.
    pub span: Span,
    /// Each branch's requests.
    pub branches: Vec<Vec<usize>>,
    /// Whether a branch stands for any number of the same kind.
    pub many: bool,
    /// Limits of one that are held around all of it: they hold none of its branches back.
    pub limits: Vec<Span>,
}

/// A value taken in at build time.
#[derive(Debug)]
pub struct CompiledIn {
    /// The macro or directive.
    pub span: Span,
    /// What it does, as the library names it.
    pub how: String,
    /// Name of the variable, or path of the file.
    pub name: Option<String>,
}

/// A field read from a response.
#[derive(Debug)]
pub struct Read {
    /// Number of the request.
    pub request: usize,
    /// The field.
    pub field: String,
    /// Where.
    pub span: Span,
}
