//! Programs run as processes: the requests they send, the programs they run in turn, and what they write. Their arguments
//! are read by the programs' models.

use super::arguments::Arguments;
use super::calls::Passed;
use super::filters::{Given, given, named};
use super::value::{Data, Label, Piece, Value};
use super::{Evaluator, Frame};
use crate::facts::{Concurrency, Round, RoundKind, SinkKind, Written};
use crate::knowledge::file_modes::Readers;
use crate::knowledge::libraries::{CommandModel, Gives};
use crate::program::link::{FunctionId, Resolved};
use crate::program::tree::{Anchor, HoleStyle, Path};
use crate::span::Span;

/// Words of one command line that are looked at.
pub(super) const MAX_WORDS: usize = 256;
/// Command lines within command lines, and programs that run programs.
const MAX_LINES: usize = 6;

/// The namespace of the programs' models.
pub(super) const PROGRAMS: &str = "shell";
/// The variable that holds what a program reads.
const INPUT: &str = "<";
/// The variable that holds the arguments of a script.
const ARGUMENTS: &str = "@";
/// The variable that says which rights files are made without.
const MASK: &str = ":umask";
/// The variable that says whether programs are written to the log with their arguments as they start.
const TRACE: &str = "-x";

impl<'p> Evaluator<'p> {
    /// A process with these arguments, the first of which is the program. Gives what it writes.
    pub(super) fn command(&mut self, frame: &mut Frame<'p>, words: &[Value<'p>], span: Span) -> Value<'p> {
        self.command_line(frame, words, span, MAX_LINES)
    }

    /// A process that the program starts and whose output it reads itself.
    pub(super) fn started_process(&mut self, frame: &mut Frame<'p>, words: &[Value<'p>], span: Span) {
        // What most programs do with their arguments is not known; that they have them can be seen by everyone. Those that
        // send requests or run others are followed.
        let name = words.first().and_then(Value::known_text).unwrap_or_default();
        let model = self.models.of(PROGRAMS).command(name.rsplit(['/', '\\']).next().unwrap_or(&name));
        let followed = |model: &CommandModel| {
            model.default_methods.is_some() || model.line_behind.is_some() || model.runs.is_some()
        };
        if !name.is_empty() && !model.is_some_and(followed) {
            let style = HoleStyle::Display;
            let values = words.iter().skip(1).map(|value| Written { value: value.clone(), span, style });
            self.write(span, SinkKind::Process, values.collect(), None);
        }
        self.captured += 1;
        self.command(frame, words, span);
        self.captured -= 1;
    }

    /// A call of a name that nothing defines, where that starts a program.
    pub(super) fn program_named(
        &mut self,
        frame: &mut Frame<'p>,
        name: &str,
        passed: &[Passed<'p>],
        span: Span,
    ) -> Value<'p> {
        let mut words = vec![Value::text(name, Span::default())];
        words.extend(passed.iter().map(|p| p.value.clone()));
        match self.named_function(frame, &words) {
            Some(id) => self.call_by_name(frame, id, &words, span),
            None => {
                // What most programs do with their arguments is not known; that they have them can be seen by everyone.
                if !name.is_empty() && self.models.of(PROGRAMS).command(name).is_none() {
                    let style = HoleStyle::Display;
                    let given = passed.iter().map(|p| Written { value: p.value.clone(), span: p.span, style });
                    self.write(span, SinkKind::Process, given.collect(), None);
                }
                self.command(frame, &words, span)
            }
        }
    }

    fn command_line(&mut self, frame: &mut Frame<'p>, words: &[Value<'p>], span: Span, depth: usize) -> Value<'p> {
        let Some(depth) = depth.checked_sub(1) else { return Value::unknown() };
        let Some((program, words)) = words.split_first() else { return Value::unknown() };
        let Some(program) = program.alternatives().iter().find_map(Value::known_text) else { return Value::unknown() };
        let name = program.rsplit(['/', '\\']).next().unwrap_or(&program);
        let Some(model) = self.models.of(PROGRAMS).command(name) else { return Value::unknown() };
        if let Some(behind) = &model.line_behind {
            let is_option = |word: &Value<'p>| {
                let word = super::commands::beginning(word);
                word == *behind || word.starts_with('-') && !word.starts_with("--") && word.ends_with('c')
            };
            let at = words.iter().position(is_option);
            let Some((line, given)) = at.and_then(|at| words.get(at + 1..)).and_then(<[_]>::split_first) else {
                return Value::unknown();
            };
            return self.line(frame, line, given, span, depth);
        }
        if let Some(runs) = &model.runs {
            return self.runs(frame, model, runs, words, span, depth);
        }
        self.runs_itself(frame, model, words, span)
    }

    /// A line that a shell runs: code that stands there, or text.
    fn line(
        &mut self,
        frame: &mut Frame<'p>,
        line: &Value<'p>,
        given: &[Value<'p>],
        span: Span,
        depth: usize,
    ) -> Value<'p> {
        if matches!(*line.data, Data::Callable(_)) {
            let around = frame.variables.get(ARGUMENTS).cloned();
            if let [_, given @ ..] = given {
                let arguments = Value::new(Data::List { items: given.to_vec(), rest: None });
                frame.variables.insert(ARGUMENTS.into(), arguments);
            }
            let value = self.call_value(Some(frame), line, Vec::new(), span);
            if let Some(around) = around {
                frame.variables.insert(ARGUMENTS.into(), around);
            }
            return value;
        }
        let mut value = Value::unknown();
        for command in commands(line) {
            value = self.command_line(frame, &command, span, depth);
        }
        value
    }

    /// A program that runs another one.
    fn runs(
        &mut self,
        frame: &mut Frame<'p>,
        model: &'p CommandModel,
        runs: &crate::knowledge::libraries::RunsModel,
        words: &[Value<'p>],
        span: Span,
        depth: usize,
    ) -> Value<'p> {
        let arguments = Arguments::read(model, words, true);
        let assigned = |word: &&Value<'p>| {
            let start = beginning(word);
            start.split_once('=').is_some_and(|(name, _)| {
                !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            })
        };
        let mut inner: Vec<Value<'p>> = arguments.operands.iter().skip_while(assigned).cloned().collect();
        inner.drain(..runs.operands.min(inner.len()));
        let mut input = frame.variables.get(INPUT).cloned().unwrap_or_else(Value::unknown);
        if let Some(over) = &runs.over
            && let Some(at) = inner.iter().position(|word| word.known_text().as_ref() == Some(over))
        {
            let items = inner.split_off(at).into_iter().skip(1).collect();
            input = Value::new(Data::List { items, rest: None });
        }
        if inner.is_empty() {
            return Value::unknown();
        }
        if !runs.repeats {
            return self.program_at(frame, &inner, span, depth);
        }
        let element = match &*input.data {
            Data::Text(_) => input.clone(),
            _ => self.element(&input),
        };
        let placed = inner.iter().any(|word| holds_place(word));
        let mut filled: Vec<Value<'p>> = inner.iter().map(|word| put_in(word, &element)).collect();
        // A whole command line in one word.
        if let [line] = filled.as_slice()
            && line.known_text().is_none_or(|line| line.contains(' '))
            && let Some(words) = commands(line).into_iter().next()
        {
            filled = words;
        }
        if !placed {
            filled.push(element);
        }
        let first = self.facts.requests.len();
        self.enter_round(Round {
            span,
            kind: RoundKind::Each,
            over: input,
            waits: Vec::new(),
            retry: None,
            ends: true,
            advances: false,
        });
        let value = self.program_at(frame, &filled, span, depth);
        self.loops.pop();
        let jobs = arguments.value("jobs").and_then(Value::known_text);
        let one = jobs.as_deref() == Some("1") || jobs.is_none() && arguments.value("jobs").is_none() && !runs.many;
        let sent: Vec<usize> = (first..self.facts.requests.len()).collect();
        if !one && !sent.is_empty() {
            self.facts.concurrencies.push(Concurrency {
                span,
                branches: vec![sent],
                many: true,
                limits: self.limits.clone(),
            });
        }
        value
    }

    fn program_at(&mut self, frame: &mut Frame<'p>, words: &[Value<'p>], span: Span, depth: usize) -> Value<'p> {
        match self.named_function(frame, words) {
            Some(id) => self.call_by_name(frame, id, words, span),
            None => self.command_line(frame, words, span, depth),
        }
    }

    /// The function of the project that words name, as seen from here or from any caller.
    fn named_function(&mut self, frame: &Frame<'p>, words: &[Value<'p>]) -> Option<FunctionId> {
        let name = words.first()?.alternatives().iter().find_map(|word| match word.known_text() {
            Some(name) => Some(name),
            // The folder is known only when it runs.
            None => match word.pieces().pop()? {
                Piece::Known(end, _) => end.contains('/').then(|| end.to_string()),
                Piece::Hole(_) => None,
            },
        })?;
        let name = name.rsplit('/').next().unwrap_or(&name).to_owned();
        let path = Path { anchor: Anchor::Definition, segments: vec![name] };
        let callers = self.calls.iter().rev().filter_map(|(id, _)| Some(self.program.functions.get(id.0)?.scope));
        std::iter::once(frame.scope).chain(callers).find_map(|scope| match self.program.resolve(scope, &path) {
            Some(Resolved::Function(id)) => Some(id),
            _ => None,
        })
    }

    fn call_by_name(&mut self, frame: &mut Frame<'p>, id: FunctionId, words: &[Value<'p>], span: Span) -> Value<'p> {
        let arguments = words.iter().skip(1).cloned().collect();
        self.call_among(frame, id, None, arguments, span).0
    }

    /// Runs a function or program by its name. Gives what it writes.
    pub(super) fn program(&mut self, frame: &mut Frame<'p>, passed: &[Passed<'p>], span: Span) -> Value<'p> {
        let words: Vec<Value<'p>> = passed.iter().map(|p| p.value.clone()).collect();
        if let Some(id) = self.named_function(frame, &words) {
            return self.call_by_name(frame, id, &words, span);
        }
        let name = words.first().and_then(Value::known_text).unwrap_or_default();
        if let (Some(model), Some(rest)) = (self.libraries(frame.scope).function(&name), passed.get(1..)) {
            let first = self.facts.requests.len();
            return self.apply(frame, &name, model, None, rest, span, first).0;
        }
        self.command(frame, &words, span)
    }

    /// Writes down that a program starts, when programs are traced.
    pub(super) fn traced(&mut self, frame: &Frame<'p>, passed: &[Passed<'p>], span: Span) {
        let on = |value: &Value<'p>| value.alternatives().iter().any(|one| matches!(*one.data, Data::Boolean(true)));
        if !frame.variables.get(TRACE).is_some_and(on) {
            return;
        }
        let style = HoleStyle::Display;
        let values = passed.iter().map(|p| Written { value: p.value.clone(), span: p.span, style }).collect();
        let before = self.facts.sinks.len();
        self.write(span, SinkKind::Log, values, None);
        // It is the command that is traced, whoever hands it what it is given.
        let site = self.site(span);
        self.facts.sinks.iter_mut().skip(before).for_each(|sink| sink.span = site);
    }

    /// Writes down that files written since a number of sinks are made so that only their owner can read them, when the
    /// mask of the process says so.
    pub(super) fn masked(&mut self, frame: &Frame<'p>, before: usize) {
        let Some(mask) = frame.variables.get(MASK).and_then(Value::known_text) else { return };
        // `077`, `u=rwx,g=,o=`
        if mask.ends_with("77") || mask.contains("g=,") && mask.ends_with("o=") {
            let files = self.facts.sinks.iter_mut().skip(before).filter(|sink| sink.kind == SinkKind::File);
            files.for_each(|sink| sink.readers = Some(Readers::Owner));
        }
    }

    fn runs_itself(
        &mut self,
        frame: &mut Frame<'p>,
        model: &'p CommandModel,
        words: &[Value<'p>],
        span: Span,
    ) -> Value<'p> {
        let mut arguments = Arguments::read(model, words, false);
        let input = frame.variables.get(INPUT).cloned();
        arguments.open(model, input.as_ref());
        let before = self.facts.sinks.len();
        let value = match model.default_methods {
            Some(_) => self.sends(model, &arguments, input.as_ref(), span),
            None => self.written_by(model, &arguments, words, input.as_ref(), span),
        };
        if model.keeps {
            for target in &arguments.operands {
                self.kept(&value, target, span);
            }
        }
        self.masked(frame, before);
        if model.rights {
            self.rights(&arguments, span);
        }
        if model.mails {
            let style = HoleStyle::Display;
            let given = words.iter().chain(&input);
            let values = given.map(|value| Written { value: value.clone(), span, style }).collect();
            self.write(span, SinkKind::Mail, values, None);
        }
        if model.logs || model.default_methods.is_none() && model.gives.is_none() {
            if model.logs {
                let style = HoleStyle::Display;
                let values = words.iter().map(|value| Written { value: value.clone(), span, style }).collect();
                self.write(span, SinkKind::Log, values, None);
            }
            return value;
        }
        if self.captured == 0 && !matches!(*value.data, Data::Nothing) {
            let style = HoleStyle::Display;
            self.write(span, SinkKind::Output, vec![Written { value: value.clone(), span, style }], None);
        }
        value
    }

    fn sends(
        &mut self,
        model: &CommandModel,
        arguments: &Arguments<'_, 'p>,
        input: Option<&Value<'p>>,
        span: Span,
    ) -> Value<'p> {
        let first = self.facts.requests.len();
        for request in arguments.requests(model, input) {
            self.request(&request, span);
        }
        let replies = (first..self.facts.requests.len())
            .map(|number| Value::unknown().label(Label::Body(number)).label(Label::Content(number, "".into())));
        let reply = replies.reduce(Value::or).unwrap_or_else(Value::unknown);
        let about = (first..self.facts.requests.len())
            .map(|number| Value::unknown().label(Label::Meta(number)))
            .reduce(Value::or)
            .unwrap_or_else(Value::nothing);
        let file = arguments.value("file").cloned();
        let shown = file.as_ref().and_then(Value::known_text).is_some_and(|file| file == "-" || file == "/dev/stdout");
        if let Some(file) = file.filter(|_| !shown) {
            self.kept(&reply, &file, span);
            return if arguments.value("format").is_some() { about } else { Value::nothing() };
        }
        if arguments.flags.contains("named") {
            return Value::nothing();
        }
        if arguments.flags.contains("head") { about } else { reply }
    }

    /// Writes down the rights that a program gives to the files it is told: the mode is an option or the first operand.
    fn rights(&mut self, arguments: &Arguments<'_, 'p>, span: Span) {
        let option = arguments.value("mode");
        let mode = option.or_else(|| arguments.operands.first());
        let Some(readers) = mode.and_then(super::sinks::readers) else { return };
        for file in arguments.operands.iter().skip(usize::from(option.is_none())) {
            let before = self.facts.sinks.len();
            self.write(span, SinkKind::Rights, Vec::new(), Some(file.clone()));
            self.facts.sinks.iter_mut().skip(before).for_each(|sink| sink.readers = Some(readers));
        }
    }

    /// Writes down that something goes into a file.
    fn kept(&mut self, value: &Value<'p>, file: &Value<'p>, span: Span) {
        let style = HoleStyle::Display;
        let values = vec![Written { value: value.clone(), span, style }];
        self.write(span, SinkKind::File, values, Some(file.clone()));
    }

    fn written_by(
        &mut self,
        model: &CommandModel,
        arguments: &Arguments<'_, 'p>,
        words: &[Value<'p>],
        input: Option<&Value<'p>>,
        span: Span,
    ) -> Value<'p> {
        if arguments.flags.contains("quiet") {
            return Value::nothing();
        }
        let read = || input.cloned().unwrap_or_else(Value::unknown);
        match model.gives {
            None => Value::unknown(),
            Some(Gives::Nothing) => Value::nothing(),
            Some(Gives::Input) => read(),
            Some(Gives::Part) => about(&read()),
            Some(Gives::Words) => {
                let words = words.iter().skip_while(|word| is_option(word));
                let between = Value::text(" ", Span::default());
                let joined = words.cloned().reduce(|all, word| all.concat(&between).concat(&word));
                joined.unwrap_or_else(|| Value::text("", span))
            }
            Some(Gives::Formatted) => {
                let mut given = arguments.operands.iter();
                let format = given.next().cloned().unwrap_or_else(Value::unknown);
                formatted(&format, given)
            }
            Some(Gives::Encoded) => Value::new(Data::Text(vec![Piece::Hole(read())])).label(Label::Encoded),
            Some(Gives::Fields) => self.chosen(&read(), arguments, &model.readable, span),
        }
    }

    /// The parts of a value that a filter names.
    fn chosen(
        &mut self,
        value: &Value<'p>,
        arguments: &Arguments<'_, 'p>,
        readable: &[String],
        span: Span,
    ) -> Value<'p> {
        let known = arguments.operands.iter().find_map(Value::known_text);
        let Some(filter) = known else { return about(value) };
        // What decides is read too.
        for path in named(&filter) {
            path.iter().fold(value.clone(), |value, name| self.field(&value, name, span));
        }
        match given(&filter, readable) {
            Given::All => value.clone(),
            Given::Computed => about(value),
            Given::Parts(paths) => {
                let parts = paths
                    .iter()
                    .map(|path| path.iter().fold(value.clone(), |value, name| self.field(&value, name, span)));
                let parts: Vec<Value<'p>> = parts.collect();
                parts.into_iter().reduce(|all, one| all.concat(&one)).unwrap_or_else(Value::unknown)
            }
        }
    }
}

/// What is known of something made of a value: where it comes from.
fn about<'p>(value: &Value<'p>) -> Value<'p> {
    let mut made = Value::unknown();
    for one in value.alternatives() {
        let kept =
            |label: &&Label| matches!(label, Label::Body(_) | Label::Compared | Label::UserInput | Label::Meta(_));
        made = one.labels.iter().filter(kept).fold(made, |made, label| made.label(label.clone()));
    }
    made
}

/// A format with further arguments put in for its marks.
fn formatted<'v, 'p: 'v>(format: &Value<'p>, mut given: impl Iterator<Item = &'v Value<'p>>) -> Value<'p> {
    let mut pieces = Vec::new();
    for piece in format.pieces() {
        let Piece::Known(known, span) = piece else {
            pieces.push(piece);
            continue;
        };
        let known = known.replace("\\n", "\n").replace("\\t", "\t");
        let mut rest = known.as_str();
        while let Some(at) = rest.find('%') {
            let (before, mark) = rest.split_at(at);
            if !before.is_empty() {
                pieces.push(Piece::Known(before.into(), span));
            }
            let length = mark.char_indices().skip(1).find(|(_, c)| c.is_ascii_alphabetic() || *c == '%');
            let Some((at, kind)) = length else {
                rest = "";
                break;
            };
            if kind == '%' {
                pieces.push(Piece::Known("%".into(), span));
            } else if let Some(value) = given.next() {
                pieces.extend(value.pieces());
            }
            rest = mark.get(at + kind.len_utf8()..).unwrap_or("");
        }
        if !rest.is_empty() {
            pieces.push(Piece::Known(rest.into(), span));
        }
    }
    Value::new(Data::Text(pieces))
}

fn is_option(word: &Value<'_>) -> bool {
    word.known_text().is_some_and(|word| word.len() == 2 && word.starts_with('-') && word != "--")
}

/// What stands for the element in the words of a command that runs once for each.
const PLACE: &str = "{}";

fn holds_place(word: &Value<'_>) -> bool {
    matches!(*word.data, Data::Callable(_))
        || word.pieces().iter().any(|piece| matches!(piece, Piece::Known(known, _) if known.contains(PLACE)))
}

fn put_in<'p>(word: &Value<'p>, element: &Value<'p>) -> Value<'p> {
    if !matches!(*word.data, Data::Text(_)) || !holds_place(word) {
        return word.clone();
    }
    let mut pieces = Vec::new();
    for piece in word.pieces() {
        let Piece::Known(known, span) = piece else {
            pieces.push(piece);
            continue;
        };
        for (index, part) in known.split(PLACE).enumerate() {
            if index > 0 {
                pieces.push(Piece::Hole(element.clone()));
            }
            if !part.is_empty() {
                pieces.push(Piece::Known(part.into(), span));
            }
        }
    }
    Value::new(Data::Text(pieces)).labels_of(word)
}

/// What commands write one after the other. Of what is not known at all nothing is said.
pub(super) fn together<'v, 'p: 'v>(written: impl Iterator<Item = &'v Value<'p>>) -> Value<'p> {
    let told = |value: &&Value<'p>| match &*value.data {
        Data::Unknown => !value.labels.is_empty(),
        Data::Nothing | Data::Boolean(_) => false,
        _ => true,
    };
    let between = Value::text("\n", Span::default());
    let joined = written.filter(told).cloned().reduce(|all, one| all.concat(&between).concat(&one));
    joined.unwrap_or_else(Value::unknown)
}

/// The words in a value, as a list. What may be one of several is the one with the most words.
pub(super) fn words<'p>(value: &Value<'p>) -> Value<'p> {
    let of = |one: &Value<'p>| -> Vec<Value<'p>> {
        match &*one.data {
            Data::List { items, .. } => items.clone(),
            Data::Text(_) => split_words(one),
            Data::Nothing => Vec::new(),
            _ => vec![one.clone()],
        }
    };
    let items = value.alternatives().iter().map(of).max_by_key(Vec::len).unwrap_or_default();
    Value::new(Data::List { items, rest: None })
}

fn split_words<'p>(value: &Value<'p>) -> Vec<Value<'p>> {
    let mut words: Vec<Vec<Piece<'p>>> = vec![Vec::new()];
    for piece in value.pieces() {
        let Piece::Known(known, span) = piece else {
            if let Some(last) = words.last_mut() {
                last.push(piece);
            }
            continue;
        };
        for (index, part) in known.split(char::is_whitespace).enumerate() {
            if index > 0 {
                words.push(Vec::new());
            }
            if let Some(last) = words.last_mut().filter(|_| !part.is_empty()) {
                last.push(Piece::Known(part.into(), span));
            }
        }
    }
    let one = |pieces: Vec<Piece<'p>>| match pieces.as_slice() {
        [Piece::Hole(only)] => only.clone(),
        _ => Value::new(Data::Text(pieces)).labels_of(value),
    };
    words.into_iter().filter(|word| !word.is_empty()).map(one).collect()
}

/// The known text a word begins with.
pub(super) fn beginning(word: &Value<'_>) -> String {
    match &*word.data {
        Data::Text(pieces) => match pieces.first() {
            Some(Piece::Known(known, _)) => known.to_string(),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

pub(super) fn without_beginning<'p>(word: &Value<'p>, length: usize) -> Value<'p> {
    let mut pieces = word.pieces();
    if let Some(Piece::Known(known, span)) = pieces.first().cloned()
        && let Some(first) = pieces.first_mut()
    {
        *first = Piece::Known(known.get(length..).unwrap_or("").into(), span);
    }
    Value::new(Data::Text(pieces)).labels_of(word)
}

/// A value before and behind the first separator in its known text.
pub(super) fn split_once<'p>(value: &Value<'p>, separator: &str) -> (Value<'p>, Option<Value<'p>>) {
    let pieces = value.pieces();
    let found = pieces.iter().enumerate().find_map(|(index, piece)| match piece {
        Piece::Known(known, span) => {
            known.split_once(separator).map(|(a, b)| (index, a.to_owned(), b.to_owned(), *span))
        }
        Piece::Hole(_) => None,
    });
    let Some((index, a, b, span)) = found else { return (value.clone(), None) };
    let part = |pieces: Vec<Piece<'p>>| {
        let mut pieces: Vec<Piece<'p>> =
            pieces.into_iter().filter(|p| !matches!(p, Piece::Known(known, _) if known.is_empty())).collect();
        match (pieces.len(), pieces.pop()) {
            (1, Some(Piece::Hole(value))) => value,
            (_, Some(last)) => {
                pieces.push(last);
                Value::new(Data::Text(pieces))
            }
            (_, None) => Value::text("", span),
        }
    };
    let before = pieces.iter().take(index).cloned().chain([Piece::Known(a.into(), span)]).collect();
    let behind = [Piece::Known(b.into(), span)].into_iter().chain(pieces.iter().skip(index + 1).cloned()).collect();
    (part(before), Some(part(behind)))
}

/// The commands of a line as words. Quotes hold words together; what is put into the line stays whole.
pub(super) fn commands<'p>(line: &Value<'p>) -> Vec<Vec<Value<'p>>> {
    let mut all = vec![Vec::new()];
    let mut word: Vec<Piece<'p>> = Vec::new();
    let mut quote = None;
    fn end<'p>(all: &mut [Vec<Value<'p>>], word: &mut Vec<Piece<'p>>) {
        if !word.is_empty()
            && let Some(last) = all.last_mut()
        {
            last.push(Value::new(Data::Text(std::mem::take(word))));
        }
    }
    for piece in line.pieces() {
        let Piece::Known(known, span) = piece else {
            word.push(piece);
            continue;
        };
        let mut text = String::new();
        for c in known.chars() {
            match (quote, c) {
                (Some(open), c) if c == open => quote = None,
                (None, '"' | '\'') => quote = Some(c),
                (None, c) if c.is_whitespace() || matches!(c, '|' | ';' | '&') => {
                    if !text.is_empty() {
                        word.push(Piece::Known(std::mem::take(&mut text).into(), span));
                    }
                    end(&mut all, &mut word);
                    if !c.is_whitespace() {
                        all.push(Vec::new());
                    }
                }
                (_, c) => text.push(c),
            }
        }
        if !text.is_empty() {
            word.push(Piece::Known(text.into(), span));
        }
    }
    end(&mut all, &mut word);
    all.retain(|words| !words.is_empty());
    all
}
