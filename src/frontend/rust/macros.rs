//! Macro calls: each becomes the call, template or object it means.

use super::Context;
use crate::program::tree::{
    Argument, Arm, Asynchrony, Block, Entry, EntryKey, Expr, ExprKind, Function, HoleStyle, Item, ItemKind, Literal,
    Parameter, Pattern, PatternKind, TemplatePart,
};
use crate::span::Span;
use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use syn::parse::Parser as _;

impl Context {
    pub(super) fn macro_call(self, call: &syn::Macro, span: Span) -> ExprKind {
        let path = self.path(&call.path);
        let name = path.last().to_owned();
        match name.as_str() {
            "json" => return self.json(call.tokens.clone(), span).kind,
            "vec" => return ExprKind::List(self.macro_arguments(call.tokens.clone())),
            "format" | "format_args" => {
                let mut arguments = self.macro_arguments(call.tokens.clone());
                return if arguments.is_empty() {
                    ExprKind::Opaque(Vec::new())
                } else {
                    arguments.swap_remove(0).value.kind
                };
            }
            "matches" => {
                if let Some(kind) = self.matches(call.tokens.clone(), span) {
                    return kind;
                }
            }
            "concat" => {
                let one = |argument: Argument| match argument.value.kind {
                    ExprKind::Literal(Literal::Text(text)) => TemplatePart::Text { span: argument.value.span, text },
                    _ => TemplatePart::Hole { value: argument.value, style: HoleStyle::Display },
                };
                return ExprKind::Template(self.plain_arguments(call.tokens.clone()).into_iter().map(one).collect());
            }
            "stringify" => return ExprKind::Literal(Literal::Text(call.tokens.to_string())),
            "ensure" => {
                if let Some(kind) = self.ensure(call, span) {
                    return kind;
                }
            }
            "select" => {
                if let Some(kind) = self.select(call, span) {
                    return kind;
                }
            }
            // It gives back a failure with what it makes of its arguments.
            "bail" => return ExprKind::Return(Some(Box::new(self.failed(path, call, span)))),
            // They leave the function with what they make of their arguments.
            "panic" | "unreachable" | "todo" | "unimplemented" => {
                let kind = self.plain_call(path, call);
                return ExprKind::Throw(Box::new(Expr { span, kind }));
            }
            _ => {}
        }
        self.plain_call(path, call)
    }

    /// A macro as the call of a function of its name.
    fn plain_call(self, mut path: crate::program::tree::Path, call: &syn::Macro) -> ExprKind {
        if let Some(last) = path.segments.last_mut() {
            last.push('!');
        }
        let callee = Box::new(Expr { span: self.span(&call.path), kind: ExprKind::Name(path) });
        ExprKind::Call {
            callee,
            types: Vec::new(),
            arguments: self.macro_arguments(call.tokens.clone()),
            construct: false,
        }
    }

    /// `Err` of what a macro makes of its arguments.
    fn failed(self, path: crate::program::tree::Path, call: &syn::Macro, span: Span) -> Expr {
        let error = Expr { span, kind: self.plain_call(path, call) };
        let callee =
            Box::new(Expr { span, kind: ExprKind::Name(crate::program::tree::Path::scoped(["Err".to_owned()])) });
        let arguments = vec![Self::positional(error)];
        Expr { span, kind: ExprKind::Call { callee, types: Vec::new(), arguments, construct: false } }
    }

    /// `ensure!(condition, …)`: leaves when the condition does not hold.
    fn ensure(self, call: &syn::Macro, span: Span) -> Option<ExprKind> {
        let mut pieces = split(call.tokens.clone()).into_iter();
        let condition = syn::parse2::<syn::Expr>(pieces.next()?).ok()?;
        let condition = Box::new(self.expr(&condition));
        let leave = ExprKind::Return(Some(Box::new(self.failed(self.path(&call.path), call, span))));
        let not = ExprKind::Unary { operator: crate::program::tree::UnaryOperator::Not, operand: condition };
        Some(ExprKind::If {
            condition: Box::new(Expr { span, kind: not }),
            then: Box::new(Expr { span, kind: leave }),
            otherwise: None,
        })
    }

    /// `select!`: all futures are driven at once, and the arm of the one that is first goes on with its result.
    fn select(self, call: &syn::Macro, span: Span) -> Option<ExprKind> {
        let branches = branches.parse2(call.tokens.clone()).ok()?;
        let future = |index: usize| format!("future {index}");
        let name = |index: usize| {
            let kind = ExprKind::Name(crate::program::tree::Path::scoped([future(index)]));
            Expr { span, kind }
        };
        let mut statements = Vec::new();
        let mut arms = Vec::new();
        let mut driven = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            let mut body = self.expr(&branch.body);
            if let Some((pattern, value)) = &branch.waits {
                let kind = PatternKind::Bind { name: future(index), inner: None, default: None };
                let value = self.expr(value);
                let bound = ExprKind::Let {
                    pattern: Box::new(Pattern { span: value.span, kind }),
                    ty: None,
                    value: Some(Box::new(value)),
                    otherwise: None,
                };
                statements.push(Expr { span, kind: bound });
                driven.push(Self::positional(name(index)));
                let waited = Expr { span, kind: ExprKind::Await(Box::new(name(index))) };
                let bound = ExprKind::Let {
                    pattern: Box::new(self.pattern(pattern)),
                    ty: None,
                    value: Some(Box::new(waited)),
                    otherwise: None,
                };
                let statements = vec![Expr { span, kind: bound }];
                let block = Block { statements, value: Some(Box::new(body)), asynchrony: Asynchrony::None };
                body = Expr { span, kind: ExprKind::Block(block) };
            }
            let pattern = Pattern { span, kind: PatternKind::Value(Box::new(unknown(span))) };
            arms.push(Arm { pattern, guard: None, body });
        }
        let mut path = self.path(&call.path);
        path.segments.last_mut()?.push('!');
        let callee = Box::new(Expr { span: self.span(&call.path), kind: ExprKind::Name(path) });
        let drive = ExprKind::Call { callee, types: Vec::new(), arguments: driven, construct: false };
        statements.push(Expr { span, kind: drive });
        let chosen = ExprKind::Match { subject: Box::new(unknown(span)), arms };
        let value = Some(Box::new(Expr { span, kind: chosen }));
        Some(ExprKind::Block(Block { statements, value, asynchrony: Asynchrony::None }))
    }

    fn matches(self, tokens: TokenStream, span: Span) -> Option<ExprKind> {
        let parser = |input: syn::parse::ParseStream| {
            let subject: syn::Expr = input.parse()?;
            input.parse::<syn::Token![,]>()?;
            let pattern = syn::Pat::parse_multi_with_leading_vert(input)?;
            let guard = match input.parse::<Option<syn::Token![if]>>()? {
                Some(_) => Some(input.parse::<syn::Expr>()?),
                None => None,
            };
            let _: TokenStream = input.parse()?;
            Ok((subject, pattern, guard))
        };
        let (subject, pattern, guard) = parser.parse2(tokens).ok()?;
        let truth = |value| Expr { span, kind: ExprKind::Literal(Literal::Boolean(value)) };
        let other = Pattern { span, kind: PatternKind::Wildcard };
        Some(ExprKind::Match {
            subject: Box::new(self.expr(&subject)),
            arms: vec![
                Arm { guard: guard.as_ref().map(|guard| self.expr(guard)), ..self.arm(&pattern, truth(true)) },
                Arm { pattern: other, guard: None, body: truth(false) },
            ],
        })
    }

    /// Arguments that no format string takes up.
    fn plain_arguments(self, tokens: TokenStream) -> Vec<Argument> {
        split(tokens).into_iter().filter_map(|piece| self.macro_argument(piece)).collect()
    }

    /// Arguments of any macro. A format string takes the arguments behind it into one template.
    pub(super) fn macro_arguments(self, tokens: TokenStream) -> Vec<Argument> {
        let pieces = split(tokens);
        let mut arguments = Vec::new();
        let mut pieces = pieces.into_iter();
        while let Some(piece) = pieces.next() {
            // `{ a = 1, b = %c }, "text"`: fields in braces.
            if let Some(fields) = self.braced_fields(&piece) {
                arguments.extend(fields);
                continue;
            }
            if let Ok(format) = syn::parse2::<syn::LitStr>(piece.clone())
                && format.value().contains('{')
            {
                let behind = pieces.by_ref().filter_map(|piece| self.macro_argument(piece)).collect();
                arguments.push(Self::positional(self.template(&format, behind)));
                break;
            }
            arguments.extend(self.macro_argument(piece));
        }
        arguments
    }

    fn braced_fields(self, piece: &TokenStream) -> Option<Vec<Argument>> {
        let mut tokens = piece.clone().into_iter();
        let (Some(TokenTree::Group(group)), None) = (tokens.next(), tokens.next()) else { return None };
        if group.delimiter() != Delimiter::Brace {
            return None;
        }
        let fields = self.plain_arguments(group.stream());
        (!fields.is_empty() && fields.iter().all(|field| field.name.is_some())).then_some(fields)
    }

    fn macro_argument(self, tokens: TokenStream) -> Option<Argument> {
        let mut all: Vec<TokenTree> = tokens.into_iter().collect();
        let mut name = None;
        // `"key" => value`.
        let arrow = all.windows(2).position(|pair| match pair {
            [TokenTree::Punct(a), TokenTree::Punct(b)] => a.as_char() == '=' && b.as_char() == '>',
            _ => false,
        });
        if let Some(at @ 1) = arrow {
            name = all.first().map(|key| key.to_string().trim_matches('"').to_owned());
            all.drain(..at + 2);
        }
        // `key:? = value`, `key:% = value`.
        if let [TokenTree::Ident(key), TokenTree::Punct(colon), TokenTree::Punct(how), TokenTree::Punct(sign), ..] =
            all.as_slice()
            && (colon.as_char(), sign.as_char()) == (':', '=')
            && matches!(how.as_char(), '?' | '%')
        {
            name = Some(key.to_string());
            let how = all.get(2).cloned();
            all.drain(..4);
            all.splice(0..0, how);
        }
        // `name = value`, `a.b = %value`, `target: "x"`.
        let sign = all.iter().position(|token| {
            matches!(token, TokenTree::Punct(p) if p.spacing() == Spacing::Alone && matches!(p.as_char(), '=' | ':'))
        });
        if let Some(at) = sign
            && at > 0
            && all.iter().take(at).enumerate().all(|(index, token)| match token {
                TokenTree::Ident(_) => index % 2 == 0,
                TokenTree::Punct(p) => index % 2 == 1 && p.as_char() == '.',
                TokenTree::Literal(_) => at == 1,
                TokenTree::Group(_) => false,
            })
        {
            let words = all.iter().take(at).map(ToString::to_string);
            name = Some(words.collect::<String>().trim_matches('"').to_owned());
            all.drain(..=at);
        }
        let style = match all.first() {
            Some(TokenTree::Punct(p)) if p.as_char() == '%' => Some(HoleStyle::Display),
            Some(TokenTree::Punct(p)) if p.as_char() == '?' => Some(HoleStyle::Debug),
            _ => None,
        };
        if style.is_some() {
            all.remove(0);
        }
        let tokens: TokenStream = all.into_iter().collect();
        let expression = match syn::parse2::<syn::Expr>(tokens.clone()) {
            Ok(expression) => self.expr(&expression),
            Err(_) => {
                let block = |input: syn::parse::ParseStream| syn::Block::parse_within(input);
                let statements = block.parse2(tokens).ok().filter(|statements| !statements.is_empty())?;
                let block = syn::Block { brace_token: syn::token::Brace::default(), stmts: statements };
                self.block_expr(&block, Asynchrony::None)
            }
        };
        let value = match style {
            Some(style) => {
                let span = expression.span;
                Expr { span, kind: ExprKind::Template(vec![TemplatePart::Hole { value: expression, style }]) }
            }
            None => expression,
        };
        Some(Argument { name, value, spread: false })
    }

    fn json(self, tokens: TokenStream, span: Span) -> Expr {
        let all: Vec<TokenTree> = tokens.clone().into_iter().collect();
        let [TokenTree::Group(group)] = all.as_slice() else {
            return self
                .macro_argument(tokens)
                .map_or(Expr { span, kind: ExprKind::Literal(Literal::Null) }, |argument| argument.value);
        };
        let span = self.of(group.span());
        match group.delimiter() {
            Delimiter::Brace => {
                let mut entries = Vec::new();
                for piece in split(group.stream()) {
                    let piece: Vec<TokenTree> = piece.into_iter().collect();
                    let colon = |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == ':');
                    let Some(at) = piece.iter().position(colon) else { continue };
                    let key: TokenStream = piece.iter().take(at).cloned().collect();
                    let value: TokenStream = piece.iter().skip(at + 1).cloned().collect();
                    let Ok(key) = syn::parse2::<syn::Expr>(key) else { continue };
                    let key = self.expr(&key);
                    let key_span = key.span;
                    let key = match key.kind {
                        ExprKind::Literal(Literal::Text(text)) => EntryKey::Name(text),
                        kind => EntryKey::Computed(Box::new(Expr { span: key_span, kind })),
                    };
                    entries.push(Entry { key, key_span, value: self.json(value, key_span) });
                }
                Expr { span, kind: ExprKind::Object { ty: None, entries } }
            }
            Delimiter::Bracket => {
                let items = split(group.stream()).into_iter().map(|piece| Self::positional(self.json(piece, span)));
                Expr { span, kind: ExprKind::List(items.collect()) }
            }
            _ => self
                .macro_argument(tokens)
                .map_or(Expr { span, kind: ExprKind::Literal(Literal::Null) }, |argument| argument.value),
        }
    }

    /// A macro in item position: statics of `lazy_static!`, the branches of `cfg_if!`, a `macro_rules!` definition, or
    /// items that parse.
    pub(super) fn item_macro(self, item: &syn::ItemMacro, span: Span) -> Vec<Item> {
        let name = item.mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        if name == "macro_rules" {
            return item
                .ident
                .as_ref()
                .map(|ident| self.macro_rules(ident, item.mac.tokens.clone(), span))
                .unwrap_or_default();
        }
        if name == "cfg_if" {
            // Each of its branches is built somewhere.
            let branches = item.mac.tokens.clone().into_iter().filter_map(|token| match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
                _ => None,
            });
            let files = branches.filter_map(|branch| syn::parse2::<syn::File>(branch).ok());
            return files.flat_map(|file| self.items(&file.items)).collect();
        }
        let tokens = if name == "lazy_static" { without_ref(item.mac.tokens.clone()) } else { item.mac.tokens.clone() };
        syn::parse2::<syn::File>(tokens).map(|file| self.items(&file.items)).unwrap_or_default()
    }

    /// Each arm becomes a function whose parameters are its metavariables: a macro that forwards its arguments is a call of what it forwards to.
    fn macro_rules(self, name: &syn::Ident, tokens: TokenStream, span: Span) -> Vec<Item> {
        let mut groups = tokens.into_iter().filter_map(|token| match token {
            TokenTree::Group(group) => Some(group),
            _ => None,
        });
        let mut items = Vec::new();
        while let (Some(matcher), Some(body)) = (groups.next(), groups.next()) {
            let mut parameters = Vec::new();
            let mut variadic = false;
            metavariables(matcher.stream(), false, &mut parameters, &mut variadic);
            let Some(argument) = self.macro_argument(forwarded(body.stream())) else { continue };
            let parameters = parameters.into_iter().map(|name| Parameter {
                pattern: Pattern { span, kind: PatternKind::Bind { name, inner: None, default: None } },
                ty: None,
                default: None,
                attributes: Vec::new(),
            });
            let name = format!("{name}!");
            let function = Function {
                span,
                name: Some(name.clone()),
                has_receiver: false,
                parameters: parameters.collect(),
                returns: None,
                generics: Vec::new(),
                asynchrony: Asynchrony::None,
                body: Some(argument.value),
                variadic,
                dynamic: false,
            };
            let kind = ItemKind::Function(Box::new(function));
            items.push(Item { span, name_span: span, name, public: true, attributes: Vec::new(), kind });
        }
        items
    }
}

/// A value of which nothing is known.
fn unknown(span: Span) -> Expr {
    Expr { span, kind: ExprKind::Opaque(Vec::new()) }
}

/// An arm of `select!`: what it waits for, if it is not the `else` arm, and what runs then.
struct Branch {
    waits: Option<(syn::Pat, syn::Expr)>,
    body: syn::Expr,
}

fn branches(input: syn::parse::ParseStream) -> syn::Result<Vec<Branch>> {
    let mut found = Vec::new();
    if input.peek(syn::Ident) && input.peek2(syn::Token![;]) {
        input.parse::<syn::Ident>()?;
        input.parse::<syn::Token![;]>()?;
    }
    while !input.is_empty() {
        let mut waits = None;
        if input.peek(syn::Token![else]) || (input.peek(syn::Ident) && input.peek2(syn::Token![=>])) {
            // `else => …`, `complete => …`, `default => …`
            input.parse::<TokenTree>()?;
        } else {
            let pattern = syn::Pat::parse_multi_with_leading_vert(input)?;
            input.parse::<syn::Token![=]>()?;
            let future = input.parse::<syn::Expr>()?;
            if input.parse::<Option<syn::Token![,]>>()?.is_some() {
                input.parse::<syn::Token![if]>()?;
                input.parse::<syn::Expr>()?;
            }
            waits = Some((pattern, future));
        }
        input.parse::<syn::Token![=>]>()?;
        let body = if input.peek(syn::token::Brace) {
            syn::Expr::Block(syn::ExprBlock { attrs: Vec::new(), label: None, block: input.parse()? })
        } else {
            input.parse()?
        };
        input.parse::<Option<syn::Token![,]>>()?;
        found.push(Branch { waits, body });
    }
    Ok(found)
}

/// Splits at commas and semicolons outside groups and closures' bars.
fn split(tokens: TokenStream) -> Vec<TokenStream> {
    let mut pieces = Vec::new();
    let mut piece: Vec<TokenTree> = Vec::new();
    for token in tokens {
        if matches!(&token, TokenTree::Punct(p) if matches!(p.as_char(), ',' | ';')) {
            pieces.push(std::mem::take(&mut piece));
        } else {
            piece.push(token);
        }
    }
    pieces.push(piece);
    pieces.into_iter().filter(|piece| !piece.is_empty()).map(|piece| piece.into_iter().collect()).collect()
}

fn without_ref(tokens: TokenStream) -> TokenStream {
    tokens.into_iter().filter(|token| !matches!(token, TokenTree::Ident(ident) if ident == "ref")).collect()
}

fn metavariables(tokens: TokenStream, repeated: bool, found: &mut Vec<String>, variadic: &mut bool) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(p) if p.as_char() == '$' => match tokens.next() {
                Some(TokenTree::Ident(name)) => {
                    found.push(name.to_string());
                    *variadic |= repeated;
                }
                Some(TokenTree::Group(group)) => metavariables(group.stream(), true, found, variadic),
                _ => {}
            },
            TokenTree::Group(group) => metavariables(group.stream(), repeated, found, variadic),
            _ => {}
        }
    }
}

/// The transcriber with `$x` as `x`, `$($x)*` as `x`, and `$crate::` left out.
fn forwarded(tokens: TokenStream) -> TokenStream {
    let mut output: Vec<TokenTree> = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(p) if p.as_char() == '$' => match tokens.next() {
                Some(TokenTree::Group(group)) => {
                    output.extend(forwarded(group.stream()));
                    // The separator and the repetition mark.
                    while matches!(tokens.peek(), Some(TokenTree::Punct(p)) if matches!(p.as_char(), ',' | '*' | '+' | '?' | ';'))
                    {
                        tokens.next();
                    }
                }
                Some(other) => output.push(other),
                None => {}
            },
            TokenTree::Group(group) => {
                let mut inner = proc_macro2::Group::new(group.delimiter(), forwarded(group.stream()));
                inner.set_span(group.span());
                output.push(TokenTree::Group(inner));
            }
            other => output.push(other),
        }
    }
    output.into_iter().collect()
}
