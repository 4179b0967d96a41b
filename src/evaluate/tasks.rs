//! Values still to come, tasks that run by themselves, and what is in flight together.

use super::value::{Data, Value};
use super::{Evaluator, Frame, Task};
use crate::facts::Concurrency;
use crate::span::Span;

/// Pending values within pending values are followed this far.
const MAX_NESTED: usize = 8;
/// Requests that one function is remembered to have waited for.
const MAX_WAITED: usize = 64;

impl<'p> Evaluator<'p> {
    /// A value that comes with the requests sent since `first`, and with those sent before that it waited for.
    pub(super) fn pending(&self, first: usize, waited: &[usize], value: Value<'p>) -> Value<'p> {
        let before = waited.iter().copied().filter(|request| *request < first);
        let mut requests: Vec<usize> = before.chain(first..self.facts.requests.len()).collect();
        requests.sort_unstable();
        requests.dedup();
        Value::new(Data::Pending { requests, task: None, value })
    }

    /// Waits for a pending value and what it holds in turn; its tasks then no longer run beside anything.
    pub(super) fn wait(&mut self, frame: &mut Frame<'p>, value: Value<'p>) -> Value<'p> {
        let here = self.loops.last().copied();
        let mut value = value;
        for _ in 0..MAX_NESTED {
            let inner = match &*value.data {
                Data::Pending { task, value, requests } => {
                    let room = MAX_WAITED.saturating_sub(frame.waited.len());
                    frame.waited.extend(requests.iter().take(room));
                    if let Some(number) = task {
                        frame.tasks.retain(|other| other != number);
                        if let Some(task) = self.tasks.get_mut(*number)
                            && task.started_in == here
                        {
                            task.awaited = true;
                        }
                    }
                    value.clone()
                }
                Data::Union(all) if all.iter().any(|one| matches!(*one.data, Data::Pending { .. })) => {
                    let all = all.clone();
                    let waited = Value::any_of(all.into_iter().map(|one| self.wait(frame, one)));
                    return waited.unwrap_or_else(Value::unknown);
                }
                _ => break,
            };
            value = inner;
        }
        value
    }

    /// Waits for every task of a running function.
    pub(super) fn wait_all(&mut self, frame: &mut Frame<'p>) {
        let here = self.loops.last().copied();
        for number in std::mem::take(&mut frame.tasks) {
            if let Some(task) = self.tasks.get_mut(number)
                && task.started_in == here
            {
                task.awaited = true;
            }
        }
    }

    /// Runs one of several ways through the code. Tasks that one way starts are not beside those of another; afterwards
    /// those of every way that goes on are running. `before` are the tasks from before them all.
    pub(super) fn one_way<T>(
        &mut self,
        frame: &mut Frame<'p>,
        before: &[usize],
        after: &mut Vec<usize>,
        run: impl FnOnce(&mut Self, &mut Frame<'p>) -> T,
    ) -> T {
        frame.tasks = before.to_vec();
        let result = run(self, frame);
        if !frame.left {
            for task in &frame.tasks {
                if !after.contains(task) {
                    after.push(*task);
                }
            }
        }
        result
    }

    /// Starts a task.
    pub(super) fn spawn(&mut self, frame: &mut Frame<'p>, value: &Value<'p>, first: usize, span: Span) -> Value<'p> {
        let (mut requests, inner) = match &*value.data {
            Data::Pending { requests, value, .. } => (requests.clone(), value.clone()),
            _ => (Vec::new(), value.clone()),
        };
        requests.extend(first..self.facts.requests.len());
        requests.sort_unstable();
        requests.dedup();
        let number = self.tasks.len();
        let running = frame.tasks.iter().filter_map(|task| self.tasks.get(*task));
        let beside: Vec<Vec<usize>> =
            running.map(|task| task.requests.clone()).filter(|requests| !requests.is_empty()).collect();
        let started_in = self.loops.last().copied();
        let beside = if requests.is_empty() { Vec::new() } else { beside };
        self.tasks.push(Task { requests: requests.clone(), started_in, span, awaited: false, driven: false, beside });
        frame.tasks.push(number);
        Value::new(Data::Pending { requests, task: Some(number), value: inner })
    }

    /// A value that comes once the receiver does, with the requests sent since; waiting for it waits for the receiver, and
    /// for the task that what ran then gave back.
    pub(super) fn following(
        &mut self,
        frame: &mut Frame<'p>,
        receiver: Option<&Value<'p>>,
        given_back: Option<&Value<'p>>,
        value: Value<'p>,
        first: usize,
    ) -> Value<'p> {
        let Some(Data::Pending { task, requests, .. }) = receiver.map(|receiver| &*receiver.data) else { return value };
        let mut requests = requests.clone();
        requests.extend(first..self.facts.requests.len());
        requests.sort_unstable();
        requests.dedup();
        let task = match (*task, given_back.map(|given| &*given.data)) {
            (None, Some(Data::Pending { task: Some(inner), .. })) => Some(*inner),
            (Some(own), Some(Data::Pending { task: Some(inner), .. })) if own != *inner => {
                frame.tasks.retain(|other| other != inner);
                let absorbed = self.tasks.get_mut(*inner).map(|inner| {
                    inner.driven = true;
                    inner.requests.clone()
                });
                if let Some(own) = self.tasks.get_mut(own) {
                    own.requests.extend(absorbed.unwrap_or_default());
                }
                Some(own)
            }
            (own, _) => own,
        };
        Value::new(Data::Pending { requests, task, value })
    }

    /// Drives values at the same time. The tasks among them are reported here, not where they were started.
    pub(super) fn concurrent(&mut self, frame: &mut Frame<'p>, driven: &[Value<'p>], span: Span) {
        let mut branches = Vec::new();
        let mut many = false;
        for value in driven {
            self.take_over(frame, value, MAX_NESTED);
            // A list that a loop may have filled is joined with what it was before.
            let lists = value.alternatives();
            let filled = lists
                .iter()
                .find(|one| matches!(&*one.data, Data::List { items, rest } if !items.is_empty() || rest.is_some()));
            match filled.map_or(&*value.data, |list| &*list.data) {
                Data::List { items, rest } => {
                    branches.extend(items.iter().map(|item| requests(item, MAX_NESTED)));
                    if let Some(rest) = rest {
                        let rest = requests(rest, MAX_NESTED);
                        many |= !rest.is_empty();
                        branches.push(rest);
                    }
                }
                _ => branches.push(requests(value, MAX_NESTED)),
            }
        }
        branches.retain(|branch| !branch.is_empty());
        if many || branches.len() > 1 {
            self.facts.concurrencies.push(Concurrency { span, branches, many, limits: self.limits.clone() });
        }
    }

    /// Marks the tasks started since then, in this round of the loop around, as part of something that is reported itself.
    pub(super) fn drive_since(&mut self, started: usize) {
        let here = self.loops.last().copied();
        let own = self.tasks.iter_mut().skip(started).filter(|task| task.started_in == here);
        own.for_each(|task| task.driven = true);
    }

    /// Marks the tasks in a value as driven by something that is reported itself, or that limits them.
    pub(super) fn take_over(&mut self, frame: &mut Frame<'p>, value: &Value<'p>, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match &*value.data {
            Data::Pending { task, value, .. } => {
                if let Some(number) = task {
                    frame.tasks.retain(|other| other != number);
                    if let Some(task) = self.tasks.get_mut(*number) {
                        task.driven = true;
                    }
                }
                self.take_over(frame, &value.clone(), depth);
            }
            Data::List { items, rest } => {
                for item in items.iter().chain(rest).cloned().collect::<Vec<_>>() {
                    self.take_over(frame, &item, depth);
                }
            }
            Data::Union(all) => {
                for one in all.clone() {
                    self.take_over(frame, &one, depth);
                }
            }
            _ => {}
        }
    }
}

/// The requests that a value still to come sends.
fn requests(value: &Value<'_>, depth: usize) -> Vec<usize> {
    let Some(depth) = depth.checked_sub(1) else { return Vec::new() };
    match &*value.data {
        Data::Pending { requests: own, value, .. } => {
            let mut all = own.clone();
            all.extend(requests(value, depth));
            all
        }
        Data::Union(all) => all.iter().flat_map(|one| requests(one, depth)).collect(),
        _ => Vec::new(),
    }
}
