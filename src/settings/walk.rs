//! From a tree to its settings: every literal with the names around it, in any language.

use super::{Form, Group, Setting};
use crate::knowledge::words::{is_name_key, is_value_key};
use crate::program::tree::{
    Argument, Attribute, BinaryOperator, Entry, EntryKey, Expr, ExprKind, FieldDefinition, Function, HoleStyle, Item,
    ItemKind, Literal, Module, PatternKind, TemplatePart,
};
use crate::program::visit::children;
use crate::span::Span;

/// Expressions nested deeper than this are not looked into.
const MAX_DEPTH: usize = 400;

/// Enclosing objects whose other entries are still about the same thing.
const AROUND: usize = 3;

/// The settings in a module.
pub(super) fn settings(module: &Module, test: bool) -> Vec<Setting> {
    let configuration = [crate::frontend::configuration::NAMESPACE, crate::frontend::TEXT].contains(&module.namespace);
    let test = test || module.attributes.iter().any(is_test);
    let mut walk = Walk {
        found: Vec::new(),
        path: Vec::new(),
        titles: Vec::new(),
        around: Vec::new(),
        test,
        depth: 0,
        configuration,
    };
    walk.items(&module.items);
    walk.found
}

/// Whether a configuration file describes an interface or other files: its root says so.
pub(super) fn describes(module: &Module) -> bool {
    module.items.iter().any(|item| {
        let ItemKind::Constant { value: Some(Expr { kind: ExprKind::Object { entries, .. }, .. }), .. } = &item.kind
        else {
            return false;
        };
        let has = |name: &str| entry(entries, name).is_some();
        let schema = entry(entries, "$schema").and_then(text_of).is_some_and(|text| text.contains("json-schema.org"));
        (has("openapi") || has("swagger")) && (has("paths") || has("info"))
            || schema && (has("properties") || has("definitions") || has("$defs"))
    })
}

struct Walk {
    found: Vec<Setting>,
    path: Vec<String>,
    titles: Vec<String>,
    around: Vec<Group>,
    test: bool,
    depth: usize,
    configuration: bool,
}

/// What stands around an expression.
#[derive(Clone, Copy)]
struct Place<'n> {
    name: &'n str,
    group: Group,
    form: Form,
}

/// Whether a call may hand on its argument: a function, or one that a type has. A method of a value takes options.
fn wraps(callee: &Expr) -> bool {
    let ExprKind::Field { base, .. } = &callee.kind else { return true };
    matches!(&base.kind, ExprKind::Name(path) if path.last().starts_with(char::is_uppercase))
}

impl Place<'_> {
    const ALONE: Place<'static> = Place { name: "", group: Group::Near, form: Form::Alone };
}

impl Walk {
    fn items(&mut self, items: &[Item]) {
        for item in items {
            let outer = self.test;
            self.test |= item.attributes.iter().any(is_test);
            self.item(item);
            self.test = outer;
        }
    }

    fn item(&mut self, item: &Item) {
        let named = |name| Place { name, group: Group::Near, form: Form::Value };
        match &item.kind {
            // The document of a configuration file goes by a name of its own, which is none of the file's.
            ItemKind::Constant { value: Some(value), .. } if self.configuration => self.expr(value, named("")),
            ItemKind::Constant { value: Some(value), .. } => self.expr(value, named(&item.name)),
            ItemKind::Statement(value) => self.expr(value, Place::ALONE),
            ItemKind::Function(function) => self.inside(&item.name, |walk| walk.function(function)),
            ItemKind::Type(ty) => self.inside(&item.name, |walk| {
                walk.fields(&ty.fields);
                ty.variants.iter().for_each(|variant| {
                    if let Some(value) = &variant.value {
                        walk.expr(value, named(&variant.name));
                    }
                });
                walk.items(&ty.functions);
            }),
            ItemKind::Interface(interface) => self.inside(&item.name, |walk| walk.items(&interface.items)),
            ItemKind::Implementation(implementation) => {
                let name = match &implementation.target {
                    crate::program::tree::Type::Named { path, .. } => path.last().to_owned(),
                    _ => String::new(),
                };
                self.inside(&name, |walk| walk.items(&implementation.items));
            }
            ItemKind::Submodule { items: Some(items), .. } | ItemKind::Namespace(items) => {
                self.inside(&item.name, |walk| walk.items(items));
            }
            _ => {}
        }
    }

    fn inside(&mut self, name: &str, run: impl FnOnce(&mut Self)) {
        self.path.push(name.to_owned());
        run(self);
        self.path.pop();
    }

    fn fields(&mut self, fields: &[FieldDefinition]) {
        for field in fields {
            if let Some(value) = &field.default {
                self.expr(value, Place { name: &field.name, group: Group::Near, form: Form::Default });
            }
        }
    }

    fn function(&mut self, function: &Function) {
        for parameter in &function.parameters {
            if let (Some(value), PatternKind::Bind { name, .. }) = (&parameter.default, &parameter.pattern.kind) {
                self.expr(value, Place { name, group: Group::Near, form: Form::Default });
            }
        }
        if let Some(body) = &function.body {
            self.expr(body, Place::ALONE);
        }
    }

    fn expr(&mut self, expr: &Expr, place: Place<'_>) {
        if self.depth > MAX_DEPTH {
            return;
        }
        self.depth += 1;
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.kind(expr, place));
        self.depth -= 1;
    }

    fn kind(&mut self, expr: &Expr, place: Place<'_>) {
        match &expr.kind {
            ExprKind::Literal(Literal::Text(text) | Literal::Number(text)) => self.push(text, expr.span, place, false),
            ExprKind::Literal(Literal::Bytes(bytes)) => {
                if let Ok(text) = std::str::from_utf8(bytes) {
                    self.push(text, expr.span, place, false);
                }
            }
            ExprKind::Template(parts) => self.template(expr, parts, place),
            ExprKind::Binary { operator: BinaryOperator::Default | BinaryOperator::Or, left, right } => {
                self.expr(left, place);
                let looked_up = looked_up(left);
                let name = if looked_up.is_empty() { place.name } else { looked_up };
                self.expr(right, Place { name, form: Form::Default, ..place });
            }
            ExprKind::Object { ty, entries } => {
                let ty = ty.as_ref().map_or("", |ty| ty.last());
                self.inside(if ty.is_empty() { place.name } else { ty }, |walk| {
                    walk.object(expr.span, entries, place.group)
                });
            }
            ExprKind::List(items) => {
                let group = Group::of(expr.span);
                let mut option = None;
                for item in items {
                    // The value behind an option of a command line goes by the option's name.
                    let name = std::mem::replace(&mut option, text_of(&item.value).and_then(option_name));
                    let place = name.map_or(place, |name| Place { name, form: Form::Value, ..place });
                    self.list_item(&item.value, Place { group, ..place });
                }
            }
            ExprKind::Assign { target, value, .. } => {
                self.expr(value, Place { name: last_name(target), form: Form::Value, ..place });
            }
            ExprKind::Let { pattern, value, otherwise, .. } => {
                let name = match &pattern.kind {
                    PatternKind::Bind { name, .. } => name,
                    _ => "",
                };
                if let Some(value) = value {
                    self.expr(value, Place { name, group: Group::Near, form: Form::Value });
                }
                if let Some(otherwise) = otherwise {
                    self.expr(otherwise, Place::ALONE);
                }
            }
            ExprKind::Call { callee, arguments, .. } => self.call(expr, callee, arguments, place),
            ExprKind::Closure(function) => self.function(function),
            ExprKind::Item(item) => self.items(std::slice::from_ref(item)),
            ExprKind::Await(inner) | ExprKind::Try(inner) | ExprKind::Cast { value: inner, .. } => {
                self.expr(inner, place)
            }
            ExprKind::Unary { operand, .. } => self.expr(operand, place),
            ExprKind::Block(block) => {
                block.statements.iter().for_each(|statement| self.expr(statement, Place::ALONE));
                if let Some(value) = &block.value {
                    self.expr(value, place);
                }
            }
            ExprKind::If { condition, then, otherwise } => {
                self.expr(condition, Place::ALONE);
                self.expr(then, place);
                if let Some(otherwise) = otherwise {
                    self.expr(otherwise, place);
                }
            }
            _ => {
                let mut inner = Vec::new();
                children(expr, &mut |child| inner.push(child));
                inner.into_iter().for_each(|child| self.expr(child, Place::ALONE));
            }
        }
    }

    /// A list under a name holds several values of that name, or lines `NAME=value`.
    fn list_item(&mut self, item: &Expr, place: Place<'_>) {
        if self.configuration
            && let Some(text) = text_of(item)
            && let Some((name, value)) = text.split_once('=')
            && !name.is_empty()
            && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'))
        {
            let exact = (item.span.end - item.span.start) as usize == text.len();
            let start = item.span.start + u32::try_from(name.len() + 1).unwrap_or(0);
            let span = if exact { Span { start, ..item.span } } else { item.span };
            let path = place.name.to_owned();
            self.inside(&path, |walk| walk.push(value, span, Place { name, ..place }, false));
            return;
        }
        if let ExprKind::Template(parts) = &item.kind
            && let Some(TemplatePart::Text { text, .. }) = parts.first()
            && let Some((name, _)) = text.split_once('=')
        {
            self.template(item, parts, Place { name, ..place });
            return;
        }
        self.expr(item, place);
    }

    /// `outer` is the group of what holds the object.
    fn object(&mut self, span: Span, entries: &[Entry], outer: Group) {
        let group = Group::of(span);
        self.around.push(outer);
        self.entries(group, outer, entries);
        self.around.pop();
    }

    fn entries(&mut self, group: Group, outer_group: Group, entries: &[Entry]) {
        let titles = self.titles.len();
        self.titles.extend(titles_of(entries));
        let kind = entry(entries, "kind").and_then(text_of).unwrap_or("");
        let sealed = kind.starts_with("Sealed") || kind.starts_with("External");
        // A list of settings: each element says its name and its value.
        let named =
            entries.iter().find(|entry| key(entry).is_some_and(is_name_key)).and_then(|entry| text_of(&entry.value));
        for entry in entries {
            let Some(name) = key(entry) else {
                self.expr(&entry.value, Place::ALONE);
                continue;
            };
            if sealed && matches!(name, "spec" | "encryptedData") {
                continue;
            }
            if kind == "Secret" && name == "data" {
                self.inside(name, |walk| walk.decoded(&entry.value));
                continue;
            }
            let outer = self.path.last().cloned().unwrap_or_default();
            let (name, form, group) = match named {
                // The elements of such a list stand side by side.
                Some(named) if is_value_key(name) => (named, Form::Value, outer_group),
                // `default` and `value` say nothing: the key above them does.
                _ if is_value_key(name) && named.is_none() && text_of(&entry.value).is_some() => {
                    (outer.as_str(), if name == "default" { Form::Default } else { Form::Value }, group)
                }
                _ => (name, Form::Value, group),
            };
            self.expr(&entry.value, Place { name, group, form });
        }
        self.titles.truncate(titles);
    }

    /// The values of a Kubernetes Secret.
    fn decoded(&mut self, data: &Expr) {
        use base64::Engine as _;
        let ExprKind::Object { entries, .. } = &data.kind else { return };
        for entry in entries {
            let (Some(name), Some(text)) = (key(entry), text_of(&entry.value)) else { continue };
            let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
            let bytes = base64::engine::general_purpose::STANDARD.decode(compact).unwrap_or_default();
            if let Ok(text) = String::from_utf8(bytes) {
                let place = Place { name, group: Group::of(data.span), form: Form::Value };
                self.push(text.trim_end_matches('\n'), entry.value.span, place, true);
            }
        }
    }

    /// `name = value` by position (`set_var("A", "b")`), by the method's own name (`.password("b")`), or by an argument's name.
    fn call(&mut self, expr: &Expr, callee: &Expr, arguments: &[Argument], place: Place<'_>) {
        let group = Group::of(expr.span);
        if let ExprKind::Field { base, .. } = &callee.kind {
            self.expr(
                base,
                Place { form: place.form, ..Place { name: place.name, group: Group::Near, form: Form::Value } },
            );
        }
        let method = last_name(callee);
        let texts: Vec<Option<&str>> = arguments.iter().map(|argument| text_of(&argument.value)).collect();
        let by_position = match texts.as_slice() {
            [Some(name), ..] if arguments.len() >= 2 && is_identifier(name) => Some(*name),
            _ => None,
        };
        for (position, argument) in arguments.iter().enumerate() {
            let one = arguments.len() == 1 && crate::knowledge::words::credential_name(method).is_some();
            let name = match (&argument.name, by_position) {
                (Some(name), _) => name.as_str(),
                (None, Some(name)) if position == 1 => name,
                (None, _) if one => method,
                (None, _) if !looked_up(callee).is_empty() => looked_up(callee),
                // A wrapper around the value: `Some("…")`, `SecretString::from("…")`, `"…".to_owned()`.
                (None, _) if arguments.len() == 1 && wraps(callee) => place.name,
                _ => "",
            };
            let form = match name {
                "" => Form::Alone,
                name if name == looked_up(callee) => Form::Default,
                _ => Form::Value,
            };
            let group = if arguments.len() == 1 && !one { place.group } else { group };
            self.expr(&argument.value, Place { name, group, form });
        }
    }

    fn template(&mut self, expr: &Expr, parts: &[TemplatePart], place: Place<'_>) {
        let mut text = String::new();
        for part in parts {
            match part {
                TemplatePart::Text { text: known, .. } => text.push_str(known),
                TemplatePart::Hole { value, style } => {
                    let name = match &value.kind {
                        ExprKind::Name(path) => path.last(),
                        _ => "",
                    };
                    text.push_str("${");
                    text.push_str(name);
                    text.push('}');
                    if *style == HoleStyle::Display {
                        self.expr(value, Place { form: Form::Default, ..place });
                    }
                }
            }
        }
        self.push(&text, expr.span, place, false);
    }

    fn push(&mut self, value: &str, span: Span, place: Place<'_>, encoded: bool) {
        self.found.push(Setting {
            name: place.name.to_owned(),
            path: self.path.iter().filter(|name| !name.is_empty()).cloned().collect(),
            titles: self.titles.clone(),
            value: value.to_owned(),
            span,
            group: place.group,
            around: self.around.iter().rev().take(AROUND).copied().collect(),
            form: if place.name.is_empty() && place.form == Form::Value { Form::Alone } else { place.form },
            commented: false,
            encoded,
            test: self.test,
        });
    }
}

fn is_test(attribute: &Attribute) -> bool {
    let test = |name: &str| matches!(name, "test" | "tests" | "rstest" | "test_case" | "proptest");
    let cfg_test = |argument: &Argument| matches!(&argument.value.kind, ExprKind::Name(path) if path.last() == "test");
    test(attribute.path.last()) || attribute.path.last() == "cfg" && attribute.arguments.iter().any(cfg_test)
}

/// The texts that name an object: `name`, `id`, `service`, `metadata.name`.
fn titles_of(entries: &[Entry]) -> Vec<String> {
    const TITLES: &[&str] = &[
        "name",
        "id",
        "title",
        "label",
        "service",
        "provider",
        "vendor",
        "integration",
        "system",
        "machine",
        "host",
        "server",
        "resource",
    ];
    let of = |entries: &[Entry]| -> Vec<String> {
        entries
            .iter()
            .filter(|entry| key(entry).is_some_and(|key| TITLES.contains(&key.to_ascii_lowercase().as_str())))
            .filter_map(|entry| text_of(&entry.value).map(str::to_owned))
            .collect()
    };
    let mut titles = of(entries);
    if let Some(ExprKind::Object { entries, .. }) = entry(entries, "metadata").map(|value| &value.kind) {
        titles.extend(of(entries));
    }
    titles
}

fn key(entry: &Entry) -> Option<&str> {
    match &entry.key {
        EntryKey::Name(name) => Some(name),
        EntryKey::Computed(key) => text_of(key),
        EntryKey::Spread => None,
    }
}

fn entry<'e>(entries: &'e [Entry], name: &str) -> Option<&'e Expr> {
    entries.iter().find(|entry| key(entry) == Some(name)).map(|entry| &entry.value)
}

fn text_of(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Literal(Literal::Text(text)) => Some(text),
        _ => None,
    }
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty() && text.len() < 80 && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// The name of what an expression looks up: `process.env.NAME`, `var("NAME")`, `var("NAME").ok()`, and methods of these.
fn looked_up(expr: &Expr) -> &str {
    let mut expr = expr;
    for _ in 0..8 {
        expr = match &expr.kind {
            ExprKind::Call { callee, arguments, .. } => match arguments.first().and_then(|first| text_of(&first.value))
            {
                Some(name) if is_identifier(name) && name.chars().any(char::is_uppercase) => return name,
                _ => callee,
            },
            ExprKind::Field { name, .. } if name.len() > 2 && !name.chars().any(char::is_lowercase) => return name,
            ExprKind::Field { base, .. } => base,
            ExprKind::Name(path) if path.last().len() > 2 && !path.last().chars().any(char::is_lowercase) => {
                return path.last();
            }
            ExprKind::Try(inner) | ExprKind::Await(inner) => inner,
            _ => return "",
        };
    }
    ""
}

/// The name of an option that takes the next argument.
fn option_name(text: &str) -> Option<&str> {
    let name = text.strip_prefix("--")?;
    (is_identifier(name) && crate::knowledge::words::credential_name(name).is_some()).then_some(name)
}

/// The last segment of a name or field.
fn last_name(expr: &Expr) -> &str {
    match &expr.kind {
        ExprKind::Name(path) => path.last(),
        ExprKind::Field { name, .. } => name,
        ExprKind::Index { index, .. } => text_of(index).unwrap_or(""),
        _ => "",
    }
}
