//! Files of the project that a program starts by their paths: workers, and processes of its own.

use super::value::{Data, Leaf, Value};
use super::{Evaluator, Frame};
use crate::program::link::{Resolved, ScopeId};
use crate::span::Span;

impl<'p> Evaluator<'p> {
    /// The file that a path leads to, as the file that runs names it; unknown when it names none.
    pub(super) fn file_at(&self, path: &Value<'p>) -> Value<'p> {
        let Some(path) = self.as_text(path) else { return Value::unknown() };
        let mut known = String::new();
        path.leaves(&|_| false, &mut |leaf| match leaf {
            // What stands before the name within the folder is where the folder is.
            Leaf::Text(text, ..) if text.starts_with('{') => known.clear(),
            Leaf::Unknown(_) => known.clear(),
            Leaf::Text(text, ..) => known.push_str(text),
        });
        let file = self.program.file_started(self.at, &known);
        file.map_or_else(Value::unknown, |scope| Value::new(Data::Namespace(scope)))
    }

    /// Runs a file as the program that starts it does: its main export, or else its statements.
    pub(super) fn run_file(
        &mut self,
        frame: Option<&mut Frame<'p>>,
        scope: ScopeId,
        arguments: Vec<Value<'p>>,
        span: Span,
    ) -> Value<'p> {
        if self.running.contains(&scope) {
            return Value::unknown();
        }
        self.running.push(scope);
        let main = match self.program.whole(scope) {
            Resolved::Scope(_) => self.program.export(scope, "default").filter(|it| !matches!(it, Resolved::Scope(_))),
            whole => Some(whole),
        };
        let main = main.map(|main| self.resolved(main)).filter(|main| matches!(*main.data, Data::Callable(_)));
        let result = match main {
            Some(main) => self.call_value(frame, &main, arguments, span),
            None => {
                let (around, started) = (std::mem::replace(&mut self.at, scope), self.tasks.len());
                let program = self.program;
                for (_, statement) in program.statements.iter().filter(|(own, _)| *own == scope) {
                    let mut own = self.frame(scope, None);
                    self.expression(&mut own, statement);
                }
                self.drive_since(started);
                self.at = around;
                Value::nothing()
            }
        };
        self.running.pop();
        result
    }
}
