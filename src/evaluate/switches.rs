//! Options and environment variables that switch something on or off for a library or the whole process.

use super::Evaluator;
use super::calls::Passed;
use super::value::{Callable, Data, Value};
use crate::facts::{Switch, SwitchMeaning};
use crate::knowledge::libraries::{CallModel, SwitchModel};
use crate::program::link::ScopeId;
use crate::program::tree::{Argument, Block, Expr, ExprKind};
use crate::span::Span;

impl<'p> Evaluator<'p> {
    /// Writes down what a call of a library switches on or off.
    pub(super) fn switches(&mut self, model: &CallModel, passed: &[Passed<'p>]) {
        for switch in &model.switches {
            for p in passed {
                let mut at = None;
                p.value.parts(&mut |part| {
                    if let Data::Object { fields, .. } = &*part.data
                        && let Some(value) = fields.get(switch.field.as_str())
                        && counts(switch, value)
                    {
                        at = Some(value.steps().last().map_or(p.span, |step| step.span));
                    }
                    at.is_none()
                });
                if let Some(span) = at {
                    self.switched(switch, span);
                }
            }
        }
    }

    /// Writes down that the program sets an environment variable that is a switch.
    pub(super) fn variable_set(&mut self, scope: ScopeId, name: &str, value: &Value<'p>, span: Span) {
        if let Some(switch) = self.libraries(scope).switch(name)
            && counts(switch, value)
        {
            self.switched(switch, span);
        }
    }

    /// Writes down that certificates are judged by a value of the project that accepts all.
    pub(super) fn trusted(&mut self, judge: &Value<'p>, span: Span) {
        for one in judge.alternatives() {
            let (Data::Object { ty: Some(ty), .. } | Data::Callable(Callable::Constructor(ty, _))) = &*one.data else {
                continue;
            };
            let Some(entry) = self.program.types.get(ty.0) else { continue };
            let judging = entry.methods.iter().filter(|(name, _)| JUDGES.contains(name)).flat_map(|(_, all)| all);
            let bodies = judging.filter_map(|id| self.program.functions.get(id.0)?.function.body.as_ref());
            if bodies.into_iter().any(accepts_all) {
                let switch = Switch { span, meaning: SwitchMeaning::Unverified };
                if !self.facts.switches.contains(&switch) {
                    self.facts.switches.push(switch);
                }
            }
        }
    }

    fn switched(&mut self, switch: &SwitchModel, span: Span) {
        let switch = Switch { span, meaning: switch.means };
        if !self.facts.switches.contains(&switch) {
            self.facts.switches.push(switch);
        }
    }
}

/// Methods by which certificates are judged.
const JUDGES: &[&str] = &["verify_server_cert"];

/// Whether a body says that all is well without looking: one call with nothing before it.
fn accepts_all(body: &Expr) -> bool {
    let last = match &body.kind {
        ExprKind::Block(Block { value: Some(value), .. }) => value,
        _ => body,
    };
    let alone = match &body.kind {
        ExprKind::Block(block) => block.statements.is_empty(),
        _ => true,
    };
    let plain = |argument: &Argument| match &argument.value.kind {
        ExprKind::Call { arguments, .. } => arguments.is_empty(),
        ExprKind::Literal(_) | ExprKind::Name(_) => true,
        _ => false,
    };
    let well = |callee: &Expr| matches!(&callee.kind, ExprKind::Name(path) if path.last() == "Ok");
    alone
        && matches!(&last.kind, ExprKind::Call { callee, arguments, .. } if well(callee) && arguments.iter().all(plain))
}

fn counts(switch: &SwitchModel, value: &Value<'_>) -> bool {
    match switch.when.as_deref() {
        Some("*") => !matches!(*value.data, Data::Nothing),
        when => value.known_text().as_deref() == Some(when.unwrap_or("true")),
    }
}
