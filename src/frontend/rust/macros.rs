//! Macro calls: each becomes the call, template or object it means.

use super::Context;
use crate::program::tree::{
    Argument, Arm, Asynchrony, Entry, EntryKey, Expr, ExprKind, Function, HoleStyle, Item, ItemKind, Literal,
    Parameter, Pattern, PatternKind, TemplatePart,
};
use crate::span::Span;
use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use syn::parse::Parser as _;

impl Context {
    pub(super) fn macro_call(self, call: &syn::Macro, span: Span) -> ExprKind {
        let mut path = self.path(&call.path);
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
            _ => {}
        }
        if let Some(last) = path.segments.last_mut() {
            last.push('!');
        }
        let callee = Box::new(Expr { span: self.span(&call.path), kind: ExprKind::Name(path) });
        let called = ExprKind::Call {
            callee,
            types: Vec::new(),
            arguments: self.macro_arguments(call.tokens.clone()),
            construct: false,
        };
        match name.as_str() {
            // What never comes back.
            "bail" | "panic" | "unreachable" | "todo" | "unimplemented" => {
                ExprKind::Throw(Box::new(Expr { span, kind: called }))
            }
            _ => called,
        }
    }

    fn matches(self, tokens: TokenStream, span: Span) -> Option<ExprKind> {
        let parser = |input: syn::parse::ParseStream| {
            let subject: syn::Expr = input.parse()?;
            input.parse::<syn::Token![,]>()?;
            let pattern = syn::Pat::parse_multi_with_leading_vert(input)?;
            let _: TokenStream = input.parse()?;
            Ok((subject, pattern))
        };
        let (subject, pattern) = parser.parse2(tokens).ok()?;
        let truth = |value| Expr { span, kind: ExprKind::Literal(Literal::Boolean(value)) };
        let other = Pattern { span, kind: PatternKind::Wildcard };
        Some(ExprKind::Match {
            subject: Box::new(self.expr(&subject)),
            arms: vec![
                Arm { pattern: self.pattern(&pattern), guard: None, body: truth(true) },
                Arm { pattern: other, guard: None, body: truth(false) },
            ],
        })
    }

    /// Arguments of any macro. A format string takes the arguments behind it into one template.
    pub(super) fn macro_arguments(self, tokens: TokenStream) -> Vec<Argument> {
        let pieces = split(tokens);
        let mut arguments = Vec::new();
        let mut pieces = pieces.into_iter();
        while let Some(piece) = pieces.next() {
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

    fn macro_argument(self, tokens: TokenStream) -> Option<Argument> {
        let mut all: Vec<TokenTree> = tokens.into_iter().collect();
        let mut name = None;
        // `name = value`, `a.b = %value`, `target: "x"`.
        let sign = all.iter().position(|token| {
            matches!(token, TokenTree::Punct(p) if p.spacing() == Spacing::Alone && matches!(p.as_char(), '=' | ':'))
        });
        if let Some(at) = sign
            && at > 0
            && all.iter().take(at).enumerate().all(|(index, token)| match token {
                TokenTree::Ident(_) => index % 2 == 0,
                TokenTree::Punct(p) => index % 2 == 1 && p.as_char() == '.',
                _ => false,
            })
        {
            name = Some(all.iter().take(at).map(ToString::to_string).collect::<String>());
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

    /// A macro in item position: statics of `lazy_static!`, a `macro_rules!` definition, or items that parse.
    pub(super) fn item_macro(self, item: &syn::ItemMacro, span: Span) -> Vec<Item> {
        let name = item.mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default();
        if name == "macro_rules" {
            return item
                .ident
                .as_ref()
                .map(|ident| self.macro_rules(ident, item.mac.tokens.clone(), span))
                .unwrap_or_default();
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
            };
            let kind = ItemKind::Function(Box::new(function));
            items.push(Item { span, name_span: span, name, public: true, attributes: Vec::new(), kind });
        }
        items
    }
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
