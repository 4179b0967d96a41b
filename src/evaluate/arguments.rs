//! The arguments of a program, read by its model: options with their values, flags and operands.

use super::commands::{MAX_WORDS, PROGRAMS, beginning, split_once, without_beginning};
use super::effects;
use super::value::{Data, Piece, Value};
use crate::knowledge::libraries::CommandModel;
use crate::span::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Arguments as a model sorts them.
#[derive(Default)]
pub(super) struct Arguments<'m, 'p> {
    /// Values of options, by slot, in order.
    pub values: Vec<(&'m str, Value<'p>)>,
    /// Values of options that stand in files, pipes and what the program reads, by slot, in order.
    pub handed: Vec<(&'m str, Value<'p>)>,
    /// Slots that flags made true.
    pub flags: BTreeSet<&'m str>,
    /// The method that an option asks for.
    pub method: Option<&'m str>,
    /// What is no option, in order.
    pub operands: Vec<Value<'p>>,
}

impl<'m, 'p> Arguments<'m, 'p> {
    /// Sorts the words behind a program's name. `leading`: the first operand ends the program's own options.
    pub fn read(model: &'m CommandModel, words: &[Value<'p>], leading: bool) -> Self {
        let mut all = Self::default();
        let mut words = words.iter().take(MAX_WORDS);
        let mut plain = false;
        while let Some(word) = words.next() {
            let start = beginning(word);
            if plain || !start.starts_with('-') || start == "-" {
                all.operands.push(word.clone());
                plain |= leading;
                continue;
            }
            if start == "--" && word.known_text().is_some() {
                plain = true;
                continue;
            }
            all.option(model, &start, word, &mut words);
        }
        all
    }

    fn option<'w>(
        &mut self,
        model: &'m CommandModel,
        start: &str,
        word: &Value<'p>,
        rest: &mut impl Iterator<Item = &'w Value<'p>>,
    ) where
        'p: 'w,
    {
        if self.flag(model, start) {
            return;
        }
        if let Some(slot) = slot(model, start).filter(|_| word.known_text().is_some()) {
            if let Some(value) = rest.next() {
                self.values.push((slot, value.clone()));
            }
            return;
        }
        if let Some((name, _)) = start.split_once('=')
            && let Some(slot) = slot(model, name)
        {
            self.values.push((slot, without_beginning(word, name.len() + 1)));
            return;
        }
        if start.starts_with("--") {
            return;
        }
        // Short options in one word: `-sSku name`.
        for (at, letter) in start.char_indices().skip(1) {
            let option = format!("-{letter}");
            if self.flag(model, &option) {
                continue;
            }
            let Some(slot) = slot(model, &option) else { continue };
            let behind = at + letter.len_utf8();
            let last = start.len() == behind && word.known_text().is_some();
            let value = if last { rest.next().cloned() } else { Some(without_beginning(word, behind)) };
            self.values.extend(value.map(|value| (slot, value)));
            return;
        }
    }

    fn flag(&mut self, model: &'m CommandModel, option: &str) -> bool {
        let named = |options: &&Vec<String>| options.iter().any(|known| known == option);
        if let Some((method, _)) = model.methods.iter().find(|(_, options)| named(options)) {
            self.method.get_or_insert(method);
        }
        let mut found = self.method.is_some() && model.methods.values().any(|options| named(&options));
        for (slot, _) in model.flags.iter().filter(|(_, options)| named(options)) {
            self.flags.insert(slot);
            found = true;
        }
        found
    }

    /// The last value of a slot.
    pub fn value(&self, slot: &str) -> Option<&Value<'p>> {
        self.values.iter().rev().find(|(known, _)| *known == slot).map(|(_, value)| value)
    }

    /// The requests that the arguments ask for, one for each URL. `input` is what the program reads.
    pub fn requests(&self, model: &CommandModel, input: Option<&Value<'p>>) -> Vec<Value<'p>> {
        let mut request = Request::default();
        let in_url = self.flags.contains("query");
        let all = self.values.iter().map(|given| (given, false)).chain(self.handed.iter().map(|given| (given, true)));
        for ((slot, value), handed) in all {
            if handed && matches!(*slot, "user-secret" | "bearer" | "header" | "user" | "secret") {
                request.state.insert("handed".into(), Value::new(Data::Boolean(true)));
            }
            let from_file = model.from_file.as_ref().is_some_and(|mark| beginning(value).starts_with(mark.as_str()));
            match *slot {
                "user-secret" => request.login(value),
                "bearer" => {
                    request.state.insert("bearer".into(), value.clone());
                }
                "header" if !from_file => request.header(value),
                "method" => request.method = Some(value.clone()),
                "body" if in_url => request.parameter(value),
                "body" => {
                    let read = from_file.then(|| input.cloned().unwrap_or_else(Value::unknown));
                    request.state.insert("body".into(), read.unwrap_or_else(|| value.clone()));
                }
                "query" => request.parameter(value),
                "verbose" | "unverified" if handed => {
                    request.state.insert((*slot).into(), value.clone());
                }
                "verbose" => {
                    request.state.insert("verbose".into(), Value::new(Data::Boolean(true)));
                }
                "unverified" if value.known_text().is_some_and(|text| model.denies.contains(&text)) => {
                    request.state.insert("unverified".into(), Value::new(Data::Boolean(true)));
                }
                "url" => request.urls.push(value.clone()),
                "user" | "secret" if !from_file => {
                    request.state.insert((*slot).into(), value.clone());
                }
                _ => {}
            }
        }
        let truth = || Value::new(Data::Boolean(true));
        for flag in ["verbose", "unverified"].into_iter().filter(|flag| self.flags.contains(flag)) {
            request.state.insert(flag.into(), truth());
        }
        if model.items {
            request.items(&self.operands);
        } else {
            request.urls.extend(urls(&self.operands));
        }
        let method = request.method.take().or_else(|| self.method.map(|name| Value::text(name, Span::default())));
        request.finish(model, method)
    }
}

/// A request as its arguments describe it so far.
#[derive(Default)]
struct Request<'p> {
    state: BTreeMap<Rc<str>, Value<'p>>,
    headers: BTreeMap<Rc<str>, Value<'p>>,
    query: Vec<Value<'p>>,
    urls: Vec<Value<'p>>,
    method: Option<Value<'p>>,
}

impl<'p> Request<'p> {
    fn login(&mut self, value: &Value<'p>) {
        let (user, secret) = split_once(value, ":");
        // One value that holds both.
        if secret.is_none() && value.known_text().is_none() {
            self.state.insert("secret".into(), value.clone());
            return;
        }
        self.state.insert("user".into(), user);
        if let Some(secret) = secret {
            self.state.insert("secret".into(), secret);
        }
    }

    fn header(&mut self, value: &Value<'p>) {
        if let (name, Some(value)) = split_once(value, ":")
            && let Some(name) = name.known_text()
        {
            self.headers.insert(name.trim().to_ascii_lowercase().into(), effects::trimmed(&value));
        }
    }

    /// `name=value`, or several of them joined by `&`.
    fn parameter(&mut self, value: &Value<'p>) {
        let pair = |key: Value<'p>, value: Value<'p>| Value::new(Data::List { items: vec![key, value], rest: None });
        match value.known_text() {
            Some(text) => {
                let span = match &*value.data {
                    Data::Text(pieces) => pieces.iter().find_map(|piece| match piece {
                        Piece::Known(_, span) => Some(*span),
                        Piece::Hole(_) => None,
                    }),
                    _ => None,
                };
                for one in text.split('&') {
                    let (key, value) = one.split_once('=').unwrap_or((one, ""));
                    self.query.push(pair(
                        Value::text(key, span.unwrap_or_default()),
                        Value::text(value, span.unwrap_or_default()),
                    ));
                }
            }
            None => {
                if let (key, Some(value)) = split_once(value, "=") {
                    self.query.push(pair(key, value));
                }
            }
        }
    }

    /// Operands that name the method, the URL and the parts of the request.
    fn items(&mut self, operands: &[Value<'p>]) {
        let mut operands = operands.iter().peekable();
        let is_method = |word: &Value<'p>| {
            word.known_text().is_some_and(|word| word.len() > 2 && word.chars().all(|c| c.is_ascii_uppercase()))
        };
        if operands.peek().is_some_and(|word| is_method(word)) {
            self.method = operands.next().cloned();
        }
        self.urls.extend(operands.next().cloned());
        for item in operands {
            let start = beginning(item);
            let name = start.find(['=', ':', '@']);
            let sign = name.and_then(|at| start.get(at..)).unwrap_or("");
            if sign.starts_with("==") {
                if let (key, Some(value)) = split_once(item, "==") {
                    let items = vec![key, value];
                    self.query.push(Value::new(Data::List { items, rest: None }));
                }
            } else if sign.starts_with('=') || sign.starts_with(":=") {
                self.state.insert("body".into(), item.clone());
            } else if sign.starts_with(':') {
                self.header(item);
            }
        }
    }

    fn finish(mut self, model: &CommandModel, method: Option<Value<'p>>) -> Vec<Value<'p>> {
        let sends = self.state.contains_key("body");
        let default = model.default_methods.as_ref().map(|(without, with)| if sends { with } else { without });
        let method = method.or_else(|| default.map(|name| Value::text(name, Span::default())));
        if let Some(method) = method {
            self.state.insert("method".into(), method);
        }
        if !self.headers.is_empty() {
            let data = Data::Object { ty: None, variant: None, fields: self.headers, open: true };
            self.state.insert("headers".into(), Value::new(data));
        }
        if !self.query.is_empty() {
            self.state.insert("query".into(), Value::new(Data::List { items: self.query, rest: None }));
        }
        let one = |url| {
            let mut state = self.state.clone();
            state.insert("url".into(), url);
            Value::new(Data::Instance { ty: PROGRAMS.into(), state })
        };
        self.urls.into_iter().map(one).collect()
    }
}

/// The operands that are URLs: those that look like one; otherwise the last of which nothing is known.
fn urls<'p>(operands: &[Value<'p>]) -> Vec<Value<'p>> {
    let looks = |word: &&Value<'p>| {
        word.alternatives().iter().any(|one| match &*one.data {
            Data::Text(pieces) => pieces.iter().any(|piece| match piece {
                Piece::Known(known, _) => known.contains('/') || known.contains('.') || known.contains("://"),
                Piece::Hole(value) => value.known_text().is_some_and(|text| text.contains("://")),
            }),
            _ => false,
        })
    };
    let sure: Vec<Value<'p>> = operands.iter().filter(looks).cloned().collect();
    if !sure.is_empty() {
        return sure;
    }
    let unknown = |word: &&Value<'p>| word.known_text().is_none();
    operands.iter().rfind(unknown).cloned().into_iter().collect()
}

fn slot<'m>(model: &'m CommandModel, option: &str) -> Option<&'m str> {
    model.options.iter().find(|(_, options)| options.iter().any(|known| known == option)).map(|(slot, _)| slot.as_str())
}
