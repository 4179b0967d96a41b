//! An error in the evaluator itself costs the entry point it happened in, not the findings of the whole program.

use super::Evaluator;
use crate::facts::Failure;
use crate::guard::guarded;
use crate::span::Span;

impl Evaluator<'_> {
    /// Starts at an entry point. When that fails, what was under way is forgotten and the failure written down: what
    /// was seen before it stands.
    pub(super) fn start(&mut self, span: Span, work: impl FnOnce(&mut Self)) {
        self.forget_the_way();
        self.refuel();
        self.in_test((self.is_test)(span));
        if let Err(problem) = guarded(|| work(self)) {
            self.forget_the_way();
            self.facts.failures.push(Failure { span, problem });
        }
        self.in_test(false);
    }

    /// What is learned from now on is of tests, or of the program itself.
    fn in_test(&mut self, in_test: bool) {
        if self.in_test == in_test {
            return;
        }
        self.in_test = in_test;
        self.fields.in_test(in_test);
        self.assigned.in_test(in_test);
        self.channels.in_test(in_test);
        self.injected.settings.in_test(in_test);
        // Results may depend on what was learned.
        self.summaries.clear();
    }

    /// Nothing is being run: no caller, no loop, no condition.
    fn forget_the_way(&mut self) {
        self.loops.clear();
        self.guards.clear();
        self.calls.clear();
        self.bodies.clear();
        self.by_name = false;
        self.inside.clear();
        self.running.clear();
        self.converting.clear();
        self.explicit.clear();
        self.thrown.clear();
        self.limits.clear();
        self.asked = None;
        self.making = (None, Span::default());
        self.last_parameter = None;
    }
}

#[cfg(test)]
mod tests {
    use crate::evaluate::evaluate;
    use crate::frontend::rust::lower;
    use crate::knowledge::libraries::Models;
    use crate::program::link::Program;
    use crate::span::FileId;

    #[test]
    fn what_other_entry_points_do_is_still_seen() {
        let text = "fn first() { reqwest::get(\"https://a.example/1\"); }\n\
                    fn fails_in_the_evaluator() { reqwest::get(\"https://a.example/2\"); }\n\
                    fn second() { reqwest::get(\"https://a.example/3\"); }\n";
        let modules = [lower(FileId(0), text).module];
        let program = Program::link(&modules, &["src/lib.rs"], &[]);
        let facts = evaluate(&program, Models::bundled(), &|_| false);
        assert_eq!(facts.requests.len(), 2);
        let [failure] = facts.failures.as_slice() else { panic!("one failure: {:?}", facts.failures) };
        assert!(failure.problem.contains("please report it"), "{failure:?}");
    }
}
