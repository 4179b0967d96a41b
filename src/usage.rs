//! Which operations of the API a program calls: what `permissions` and `audit` report.

use crate::facts::RoundKind;
use crate::knowledge::api::{Need, Operation, Segment, api};
use crate::project::sides::Side;
use crate::rules::{
    Context, runs,
    usage::operation::{path_text, shared_places},
};
use crate::span::Span;

/// One call of the API in the program.
#[derive(Clone, Debug)]
pub struct Use {
    /// The operation, when it is one of the catalogue's.
    pub operation: Option<&'static Operation>,
    /// Verb; `?` when it is not known.
    pub method: String,
    /// The operation's path, or the path as far as it is known.
    pub path: String,
    /// What an API user must be allowed to do for it; none when that is not known.
    pub need: Option<Need<'static>>,
    /// Where it is called.
    pub place: Span,
    /// Whether it is repeated: in a loop over records or pages.
    pub bulk: bool,
    /// Where the code runs that calls it, in order, each once.
    pub runs: Vec<Side>,
}

impl Use {
    /// Whether only tests call it.
    pub fn test(&self) -> bool {
        self.runs.iter().all(|side| *side == Side::Test)
    }

    /// Whether it changes something.
    pub fn writes(&self) -> bool {
        self.need.map_or(!matches!(self.method.as_str(), "GET" | "HEAD"), |need| need.writes)
    }

    /// The resource it works on; `?` when that is not known.
    pub fn resource(&self) -> &str {
        self.need.map_or("?", |need| need.resource)
    }
}

/// Every call of the API, each place and operation once.
pub(crate) fn uses(context: &Context<'_, '_>) -> Vec<Use> {
    let mut all: Vec<Use> = Vec::new();
    let shared = shared_places(&context.calls);
    for call in &context.calls {
        let bulk = call.rounds(context).iter().any(|round| round.retry.is_none() && round.kind != RoundKind::Forever)
            || call.pages_through(context).is_some();
        let place = call.told_at(&|place| shared.contains(&place));
        // What only tests call so far is there for others too, unless it is a part of the tests.
        let own = context.sides.at(place).side;
        let side = runs(context, call.request);
        let sides = [side].into_iter().chain((side == Side::Test).then_some(own));
        let methods = if call.methods.is_empty() { vec!["?".to_owned()] } else { call.methods.clone() };
        for method in methods {
            let operation = call.operation.filter(|operation| operation.method == method);
            let path = match operation {
                // Which changes are asked for is told by the last word.
                Some(operation) if operation.kind != "delta" || call.path.last() == Some(&Segment::Hole) => {
                    operation.path.clone()
                }
                _ => path_text(&call.path),
            };
            let need = api().need(&method, &call.path);
            let known = all.iter_mut().find(|one| one.place == place && one.method == method && one.path == path);
            match known {
                Some(known) => {
                    known.bulk |= bulk;
                    known.runs.extend(sides.clone());
                }
                None => all.push(Use { operation, method, path, need, place, bulk, runs: sides.clone().collect() }),
            }
        }
    }
    all.iter_mut().for_each(|one| {
        one.runs.sort();
        one.runs.dedup();
    });
    all.sort_by(|a, b| (&a.path, &a.method, a.place).cmp(&(&b.path, &b.method, b.place)));
    all
}

/// Whether every call that can ask for anonymized data does, and there is one.
pub(crate) fn anonymized(context: &Context<'_, '_>) -> bool {
    let mut asks = context
        .calls
        .iter()
        .filter(|call| call.operation.is_some_and(|op| op.query.iter().any(|name| name == "anonymize")))
        .map(|call| {
            call.parameters.values("anonymize").any(|value| value.known_text().is_some_and(|text| text == "true"))
        })
        .peekable();
    asks.peek().is_some() && asks.all(|asks| asks)
}
