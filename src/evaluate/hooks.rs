//! Functions of the program that a client runs around each of its requests.

use super::requests::{MAX_SOURCES, SOURCES};
use super::value::{Data, Value};
use super::{Evaluator, Frame};
use crate::knowledge::libraries::{HookArgument, HookModel, HookTime};
use crate::span::Span;

impl<'p> Evaluator<'p> {
    /// Runs the functions around the request sent since `first`: what they get is what the client gives them.
    pub(super) fn run_hooks(
        &mut self,
        frame: &mut Frame<'p>,
        builder: &Value<'p>,
        pending: &Value<'p>,
        first: usize,
        span: Span,
    ) {
        let hooks = self.hooks(builder, MAX_SOURCES);
        if hooks.is_empty() {
            return;
        }
        let Some(request) = self.request_configuration(first) else { return };
        let (response, failure) = (Self::arrived(pending.clone()), self.failures(first));
        for time in [HookTime::Sending, HookTime::Done, HookTime::Failed] {
            for (function, hook) in hooks.iter().filter(|(_, hook)| hook.when == time) {
                let part = |name: &str| match name {
                    "request" => request.clone(),
                    "response" => response.clone(),
                    "failure" => failure.clone(),
                    slot => self.slots(builder, slot, MAX_SOURCES).into_iter().next().unwrap_or_else(Value::unknown),
                };
                let given = hook.with.iter().map(|argument| match argument {
                    HookArgument::Part(name) => part(name),
                    HookArgument::Object(parts) => {
                        let fields = parts.iter().map(|(field, name)| (field.as_str().into(), part(name))).collect();
                        Value::new(Data::Object { ty: None, variant: None, fields, open: true })
                    }
                });
                let given = given.collect();
                self.call_value(Some(frame), function, given, span);
            }
        }
    }

    /// The functions that a request's options and client, and those that these were made from, hold for this.
    fn hooks(&self, holder: &Value<'p>, depth: usize) -> Vec<(Value<'p>, &'p HookModel)> {
        let mut found = Vec::new();
        let Some(depth) = depth.checked_sub(1) else { return found };
        for one in holder.alternatives() {
            let Data::Instance { ty, state } = &*one.data else { continue };
            for (slot, hook) in self.libraries(self.at).ty(ty).into_iter().flat_map(|model| &model.hooks) {
                for held in self.slots(&one, slot, 1) {
                    found.extend(functions(&held).into_iter().map(|function| (function, hook)));
                }
            }
            for source in SOURCES.iter().filter_map(|source| state.get(*source)) {
                found.extend(self.hooks(source, depth));
            }
        }
        found
    }
}

/// The functions that a slot holds, one or a list.
pub(super) fn functions<'p>(held: &Value<'p>) -> Vec<Value<'p>> {
    let one = |one: Value<'p>| match &*one.data {
        Data::List { items, rest } => items.iter().chain(rest).cloned().collect(),
        _ => vec![one],
    };
    let all = held.alternatives().into_iter().flat_map(one);
    all.filter(|one| matches!(*one.data, Data::Callable(_))).collect()
}
