//! `concurrent-requests`: several API calls in flight at once.

use super::Context;
use crate::finding::{Confidence, Finding, Severity, Step};

pub(super) fn check(context: &Context<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for together in &context.facts.concurrencies {
        // A limit of one that each branch takes by itself lets them run one after the other.
        let beside = |number: usize| {
            context.api.contains_key(&number)
                && context
                    .facts
                    .requests
                    .get(number)
                    .is_some_and(|request| request.limits.iter().all(|limit| together.limits.contains(limit)))
        };
        let reaching: Vec<usize> = together
            .branches
            .iter()
            .filter_map(|branch| branch.iter().copied().find(|number| beside(*number)))
            .collect();
        // One call that several branches wait for is one call.
        let reaching: Vec<usize> =
            reaching.into_iter().collect::<std::collections::BTreeSet<_>>().into_iter().collect();
        if reaching.is_empty() || (reaching.len() < 2 && !together.many) {
            continue;
        }
        let trail = reaching.iter().filter_map(|number| context.facts.requests.get(*number));
        let trail = trail
            .map(|request| Step { span: request.span, note: "this API call is one of those in flight".to_owned() })
            .collect();
        findings.push(
            Finding::new("concurrent-requests", Severity::Warning, Confidence::High, together.span, "Several API calls run at the same time. They load the clinic's database together and can trigger the rate-limit lock.")
                .label("drives several API calls at once")
                .help("await the calls one after the other, or limit them to one at a time")
                .trail(trail),
        );
    }
    findings
}
