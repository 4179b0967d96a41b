//! Statements inside functions and blocks.

use super::Lowering;
use super::expressions::{expr, nothing};
use super::patterns::bind;
use crate::program::tree::{Arm, Block, Expr, ExprKind, Item, LoopKind, Pattern, PatternKind, UnaryOperator};
use oxc_ast::ast::{self, Declaration, ForStatementInit, ForStatementLeft, Statement};
use oxc_span::GetSpan as _;

/// How many further cases of a `switch` a case without an end runs into, at most.
const MAX_FALL_THROUGH: usize = 4;

impl Lowering {
    pub(super) fn statements(&mut self, all: &[Statement<'_>], out: &mut Vec<Expr>) {
        for statement in all {
            self.statement(statement, out);
        }
    }

    fn block(&mut self, all: &[Statement<'_>], span: oxc_span::Span) -> Expr {
        let mut statements = Vec::new();
        self.statements(all, &mut statements);
        expr(self.span(span), ExprKind::Block(Block { statements, ..Block::default() }))
    }

    /// A statement as one expression.
    /// The body of a loop that is left at its end unless a condition holds.
    fn done_until(&mut self, body: &Statement<'_>, again: Box<Expr>) -> Expr {
        let span = self.span(body.span());
        let test = again.span;
        let ended = expr(test, ExprKind::Unary { operator: UnaryOperator::Not, operand: again });
        let leave = Box::new(expr(test, ExprKind::Break(None)));
        let body = self.single(body);
        let statement = ExprKind::If { condition: Box::new(ended), then: leave, otherwise: None };
        expr(span, ExprKind::Block(Block { statements: vec![body, expr(test, statement)], ..Block::default() }))
    }

    pub(super) fn single(&mut self, statement: &Statement<'_>) -> Expr {
        let mut statements = Vec::new();
        self.statement(statement, &mut statements);
        match statements.pop() {
            Some(only) if statements.is_empty() => only,
            last => {
                statements.extend(last);
                let span = self.span(statement.span());
                expr(span, ExprKind::Block(Block { statements, ..Block::default() }))
            }
        }
    }

    fn statement(&mut self, statement: &Statement<'_>, out: &mut Vec<Expr>) {
        if self.depth >= super::MAX_DEPTH {
            return;
        }
        self.depth += 1;
        stacker::maybe_grow(128 * 1024, 4 * 1024 * 1024, || self.statement_kind(statement, out));
        self.depth -= 1;
    }

    fn statement_kind(&mut self, statement: &Statement<'_>, out: &mut Vec<Expr>) {
        let span = self.span(statement.span());
        let kind = match statement {
            Statement::BlockStatement(s) => self.block(&s.body, s.span).kind,
            Statement::BreakStatement(_) => ExprKind::Break(None),
            Statement::ContinueStatement(_) => ExprKind::Continue,
            Statement::DebuggerStatement(_) | Statement::EmptyStatement(_) => return,
            Statement::DoWhileStatement(s) => {
                let again = self.boxed(&s.test);
                ExprKind::Loop { kind: LoopKind::Forever, body: Box::new(self.done_until(&s.body, again)) }
            }
            Statement::WhileStatement(s) => {
                ExprKind::Loop { kind: LoopKind::While(self.boxed(&s.test)), body: Box::new(self.single(&s.body)) }
            }
            Statement::ExpressionStatement(s) => {
                out.push(self.expression(&s.expression));
                return;
            }
            Statement::ForInStatement(s) => {
                let iterable = Box::new(self.keys(&s.right));
                let pattern = Box::new(self.each(&s.left));
                let kind = LoopKind::Each { pattern, iterable, awaited: false };
                ExprKind::Loop { kind, body: Box::new(self.single(&s.body)) }
            }
            Statement::ForOfStatement(s) => {
                let iterable = self.boxed(&s.right);
                let pattern = Box::new(self.each(&s.left));
                let kind = LoopKind::Each { pattern, iterable, awaited: s.r#await };
                ExprKind::Loop { kind, body: Box::new(self.single(&s.body)) }
            }
            Statement::ForStatement(s) => {
                let start = s.init.as_ref().map(|init| match init {
                    ForStatementInit::VariableDeclaration(declaration) => {
                        let mut statements = Vec::new();
                        self.variables(declaration, &mut statements);
                        Box::new(match statements.pop() {
                            // What it declares is seen by the loop.
                            Some(only) if statements.is_empty() => only,
                            last => {
                                statements.extend(last);
                                let kind = ExprKind::Block(Block { statements, ..Block::default() });
                                expr(self.span(declaration.span), kind)
                            }
                        })
                    }
                    init => Box::new(match init.as_expression() {
                        Some(init) => self.expression(init),
                        None => nothing(span),
                    }),
                });
                let condition = s.test.as_ref().map(|test| self.boxed(test));
                let update = s.update.as_ref().map(|update| self.boxed(update));
                let kind = LoopKind::Counted { start, condition, update };
                ExprKind::Loop { kind, body: Box::new(self.single(&s.body)) }
            }
            Statement::IfStatement(s) => ExprKind::If {
                condition: self.boxed(&s.test),
                then: Box::new(self.single(&s.consequent)),
                otherwise: s.alternate.as_ref().map(|alternate| Box::new(self.single(alternate))),
            },
            Statement::LabeledStatement(s) => return self.statement(&s.body, out),
            Statement::ReturnStatement(s) => self.returned(s.argument.as_ref(), span),
            Statement::SwitchStatement(s) => self.switch(s),
            Statement::ThrowStatement(s) => ExprKind::Throw(self.boxed(&s.argument)),
            Statement::TryStatement(s) => ExprKind::Catch {
                body: Box::new(self.block(&s.block.body, s.block.span)),
                pattern: s
                    .handler
                    .as_ref()
                    .and_then(|handler| handler.param.as_ref())
                    .map(|param| Box::new(self.pattern(&param.pattern))),
                handler: s.handler.as_ref().map(|handler| Box::new(self.block(&handler.body.body, handler.body.span))),
                finally: s.finalizer.as_ref().map(|block| Box::new(self.block(&block.body, block.span))),
            },
            Statement::WithStatement(s) => {
                let parts = vec![self.expression(&s.object), self.single(&s.body)];
                ExprKind::Opaque(parts)
            }
            statement => match statement.as_declaration() {
                Some(declaration) => return self.declaration(declaration, out),
                None => return,
            },
        };
        out.push(expr(span, kind));
    }

    /// What each round of a `for` loop binds.
    fn each(&mut self, left: &ForStatementLeft<'_>) -> Pattern {
        match left {
            ForStatementLeft::VariableDeclaration(declaration) => match declaration.declarations.first() {
                Some(first) => self.pattern(&first.id),
                None => Pattern { span: self.span(declaration.span), kind: PatternKind::Wildcard },
            },
            left => match left.as_assignment_target() {
                Some(target) => self.assigned(target),
                None => Pattern { span: self.span(left.span()), kind: PatternKind::Wildcard },
            },
        }
    }

    pub(super) fn variables(&mut self, declaration: &ast::VariableDeclaration<'_>, out: &mut Vec<Expr>) {
        for declarator in &declaration.declarations {
            let value = declarator.init.as_ref().map(|init| Box::new(self.value_named(&declarator.id, init)));
            let kind = ExprKind::Let {
                pattern: Box::new(self.pattern(&declarator.id)),
                ty: self.annotation(declarator.type_annotation.as_deref()),
                value,
                otherwise: None,
            };
            out.push(expr(self.span(declarator.span), kind));
        }
    }

    /// An initial value; a class without a name goes by the variable's.
    pub(super) fn value_named(&mut self, id: &ast::BindingPattern<'_>, init: &ast::Expression<'_>) -> Expr {
        match (id, init) {
            (ast::BindingPattern::BindingIdentifier(id), ast::Expression::ClassExpression(class)) => {
                let span = self.span(class.span);
                expr(span, self.class_value(class, &id.name, span))
            }
            _ => self.expression(init),
        }
    }

    fn declaration(&mut self, declaration: &Declaration<'_>, out: &mut Vec<Expr>) {
        match declaration {
            Declaration::VariableDeclaration(variables) => self.variables(variables, out),
            Declaration::FunctionDeclaration(function) => {
                if function.body.is_none() {
                    return;
                }
                let span = self.span(function.span);
                let kind = self.function_item(function);
                let name = function.id.as_ref();
                let item = Item {
                    span,
                    name_span: name.map_or(span, |name| self.span(name.span)),
                    name: name.map(|name| self.identifier(&name.name)).unwrap_or_default(),
                    public: false,
                    attributes: Vec::new(),
                    kind,
                };
                out.push(expr(span, ExprKind::Item(Box::new(item))));
            }
            // Types see no variables: they stand beside those of the file.
            declaration => {
                let items = self.declared(declaration, false);
                self.lifted.extend(items);
            }
        }
    }

    fn switch(&mut self, s: &ast::SwitchStatement<'_>) -> ExprKind {
        let subject = self.boxed(&s.discriminant);
        let mut arms = Vec::new();
        let mut labels: Vec<Pattern> = Vec::new();
        for (index, case) in s.cases.iter().enumerate() {
            let span = self.span(case.span);
            labels.push(match &case.test {
                Some(test) => Pattern { span: self.span(test.span()), kind: PatternKind::Value(self.boxed(test)) },
                None => Pattern { span, kind: PatternKind::Wildcard },
            });
            if case.consequent.is_empty() && index + 1 < s.cases.len() {
                continue;
            }
            let mut statements = Vec::new();
            for case in s.cases.iter().skip(index).take(MAX_FALL_THROUGH) {
                self.statements(&case.consequent, &mut statements);
                if ends(&mut statements) {
                    break;
                }
            }
            let pattern = match labels.len() {
                1 => labels.pop().unwrap_or_else(|| bind(span, String::new(), None)),
                _ => Pattern { span, kind: PatternKind::Or(std::mem::take(&mut labels)) },
            };
            let body = expr(span, ExprKind::Block(Block { statements, ..Block::default() }));
            arms.push(Arm { pattern, guard: None, body });
        }
        ExprKind::Match { subject, arms }
    }
}

/// Whether the statements of a case leave the `switch`. A `break` that only does that is taken off.
fn ends(statements: &mut Vec<Expr>) -> bool {
    match statements.last_mut().map(|last| &mut last.kind) {
        Some(ExprKind::Break(None)) => {
            statements.pop();
            true
        }
        Some(ExprKind::Return(_) | ExprKind::Throw(_) | ExprKind::Continue) => true,
        Some(ExprKind::Block(block)) if block.value.is_none() => ends(&mut block.statements),
        _ => false,
    }
}
