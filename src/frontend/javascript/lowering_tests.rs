//! Each construct, shown in a short notation: what it is lowered to and that its parts stand where they stand.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;
use crate::program::tree::{
    Arm, Block, EntryKey, Function, LoopKind, Pattern, PatternKind, TemplatePart, Type, TypeDefinition,
};

/// The items of a file, one a line.
fn shown(name: &str, text: &str) -> String {
    let lowered = lower(Path::new(name), FileId(0), text);
    assert_eq!(lowered.problems.len(), 0, "{text}");
    let all = lowered.module.items.iter().map(|item| Show(text).item(item));
    all.collect::<Vec<_>>().join("\n")
}

/// A statement inside a function.
fn inside(text: &str) -> String {
    let whole = shown("a.ts", &format!("async function f() {{ {text} }}"));
    whole.strip_prefix("fn f async() { ").unwrap().strip_suffix(" }").unwrap().to_owned()
}

struct Show<'t>(&'t str);

impl Show<'_> {
    fn item(&self, item: &Item) -> String {
        let attributes: String = item
            .attributes
            .iter()
            .map(|a| format!("@{}({}) ", a.path.segments.join("."), self.arguments(&a.arguments)))
            .collect();
        let public = if item.public { "pub " } else { "" };
        // A name that the source has stands where its span says.
        let made =
            item.name.contains(['.', '#', '@']) || ["", "=", "default", "constructor"].contains(&item.name.as_str());
        if !made && item.name_span != item.span && item.name_span.start < item.name_span.end {
            let name = item.name.trim_start_matches("set ").trim_start_matches('_');
            assert!(self.0[item.name_span.range()].contains(name), "{name}");
        }
        let kind = match &item.kind {
            ItemKind::Function(f) => format!("fn {}{}", item.name, self.function(f)),
            ItemKind::Type(t) => format!("type {}{}", item.name, self.definition(t)),
            ItemKind::Interface(i) => {
                let all: Vec<String> = i.items.iter().map(|i| self.item(i)).collect();
                format!("interface {} {{ {} }}", item.name, all.join("; "))
            }
            ItemKind::Constant { ty, value } => {
                let ty = ty.as_ref().map(|ty| format!(": {}", self.ty(ty))).unwrap_or_default();
                let value = value.as_ref().map(|v| format!(" = {}", self.expr(v))).unwrap_or_default();
                format!("const {}{ty}{value}", item.name)
            }
            ItemKind::Alias(ty) => format!("alias {} = {}", item.name, self.ty(ty)),
            ItemKind::Import(i) if i.glob => format!("import * from {}", i.path.segments.join(" ")),
            ItemKind::Import(i) => format!("import {} from {}", i.alias, i.path.segments.join(" ")),
            ItemKind::Export(path) => format!("export {} = {:?}[{}]", item.name, path.anchor, path.segments.join(" ")),
            ItemKind::Namespace(items) | ItemKind::Embedded(_, items) => {
                let all: Vec<String> = items.iter().map(|i| self.item(i)).collect();
                format!("namespace {} {{ {} }}", item.name, all.join("; "))
            }
            ItemKind::Statement(e) => self.expr(e),
            other => format!("{other:?}"),
        };
        format!("{attributes}{public}{kind}")
    }

    fn definition(&self, t: &TypeDefinition) -> String {
        let extends: Vec<String> = t.extends.iter().map(|ty| self.ty(ty)).collect();
        let extends = if extends.is_empty() { String::new() } else { format!(" : {}", extends.join(", ")) };
        let fields = t.fields.iter().map(|f| {
            let ty = f.ty.as_ref().map(|ty| format!(": {}", self.ty(ty))).unwrap_or_default();
            let value = f.default.as_ref().map(|v| format!(" = {}", self.expr(v))).unwrap_or_default();
            let attributes: String = f.attributes.iter().map(|a| format!("@{} ", a.path.last())).collect();
            format!("{attributes}{}{}{ty}{value}", if f.shared { "shared " } else { "" }, f.name)
        });
        let variants = t
            .variants
            .iter()
            .map(|v| format!("{} = {}", v.name, v.value.as_ref().map(|v| self.expr(v)).unwrap_or_default()));
        let functions = t.functions.iter().map(|f| self.item(f));
        let all: Vec<String> = fields.chain(variants).chain(functions).collect();
        format!("{extends} {{ {} }}", all.join("; "))
    }

    fn function(&self, f: &Function) -> String {
        let parameters: Vec<String> = f
            .parameters
            .iter()
            .enumerate()
            .map(|(index, p)| {
                let attributes: String = p.attributes.iter().map(|a| format!("@{} ", a.path.last())).collect();
                let rest = if f.variadic && index + 1 == f.parameters.len() { "..." } else { "" };
                let ty = p.ty.as_ref().filter(|_| !(index == 0 && f.has_receiver));
                let ty = ty.map(|ty| format!(": {}", self.ty(ty))).unwrap_or_default();
                let default = p.default.as_ref().map(|v| format!(" = {}", self.expr(v))).unwrap_or_default();
                format!("{attributes}{rest}{}{ty}{default}", self.pattern(&p.pattern))
            })
            .collect();
        let eager = if f.asynchrony == crate::program::tree::Asynchrony::Eager { " async" } else { "" };
        let returns = f.returns.as_ref().map(|ty| format!(" -> {}", self.ty(ty))).unwrap_or_default();
        let body = f.body.as_ref().map(|b| format!(" {}", self.expr(b))).unwrap_or_default();
        format!("{eager}({}){returns}{body}", parameters.join(", "))
    }

    fn ty(&self, ty: &Type) -> String {
        match ty {
            Type::Named { path, arguments, .. } if arguments.is_empty() => path.segments.join("."),
            Type::Named { path, arguments, .. } => {
                let all: Vec<String> = arguments.iter().map(|ty| self.ty(ty)).collect();
                format!("{}<{}>", path.segments.join("."), all.join(", "))
            }
            Type::List(inner) => format!("{}[]", self.ty(inner)),
            Type::Record(fields) => {
                let fields: Vec<String> = fields.iter().map(|(name, ty)| format!("{name}: {}", self.ty(ty))).collect();
                format!("{{{}}}", fields.join(", "))
            }
            Type::Tuple(all) => format!("({})", all.iter().map(|ty| self.ty(ty)).collect::<Vec<_>>().join(", ")),
            Type::Interface(all) => all.iter().map(|ty| self.ty(ty)).collect::<Vec<_>>().join(" & "),
            Type::Function { .. } => "function".to_owned(),
            Type::Unknown => "?".to_owned(),
        }
    }

    fn arguments(&self, all: &[Argument]) -> String {
        let one = |a: &Argument| format!("{}{}", if a.spread { "..." } else { "" }, self.expr(&a.value));
        all.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    fn pattern(&self, p: &Pattern) -> String {
        match &p.kind {
            PatternKind::Bind { name, inner, default } => {
                let inner = inner.as_ref().map(|i| self.pattern(i)).unwrap_or_default();
                let default = default.as_ref().map(|d| format!(" = {}", self.expr(d))).unwrap_or_default();
                format!("{name}{inner}{default}")
            }
            PatternKind::Wildcard => "_".to_owned(),
            PatternKind::Object { fields, rest, .. } => {
                let fields = fields.iter().map(|(name, p)| format!("{name}: {}", self.pattern(p)));
                let rest = rest.iter().map(|p| format!("...{}", self.pattern(p)));
                format!("{{{}}}", fields.chain(rest).collect::<Vec<_>>().join(", "))
            }
            PatternKind::List { elements, rest } => {
                let elements = elements.iter().map(|p| self.pattern(p));
                let rest = rest.iter().map(|(_, p)| format!("...{}", self.pattern(p)));
                format!("[{}]", elements.chain(rest).collect::<Vec<_>>().join(", "))
            }
            PatternKind::Value(e) => self.expr(e),
            PatternKind::Or(all) => all.iter().map(|p| self.pattern(p)).collect::<Vec<_>>().join(" | "),
            PatternKind::Variant { .. } => "variant".to_owned(),
        }
    }

    fn block(&self, b: &Block) -> String {
        let value = b.value.as_ref().map(|v| format!("^{}", self.expr(v)));
        let all: Vec<String> = b.statements.iter().map(|s| self.expr(s)).chain(value).collect();
        format!("{{ {} }}", all.join("; "))
    }

    fn expr(&self, e: &Expr) -> String {
        match &e.kind {
            ExprKind::Literal(Literal::Text(text)) => format!("'{text}'"),
            ExprKind::Literal(Literal::Number(n)) => n.clone(),
            ExprKind::Literal(Literal::Boolean(b)) => b.to_string(),
            ExprKind::Literal(_) => "null".to_owned(),
            ExprKind::Template(parts) => {
                let part = |p: &TemplatePart| match p {
                    TemplatePart::Text { span, text } => {
                        assert_eq!(&self.0[span.range()], text);
                        text.clone()
                    }
                    TemplatePart::Hole { value, .. } => format!("${{{}}}", self.expr(value)),
                };
                format!("`{}`", parts.iter().map(part).collect::<String>())
            }
            ExprKind::Name(path) => match path.anchor {
                crate::program::tree::Anchor::Scope | crate::program::tree::Anchor::Definition => {
                    path.segments.join("::")
                }
                anchor => format!("{anchor:?}[{}]", path.segments.join(" ")),
            },
            ExprKind::Field { base, name, name_span, optional } => {
                let base = self.expr(base);
                // A part of what a pattern takes apart stands where the pattern does.
                let written = self.0[name_span.range()].contains(name.as_str()) || base.starts_with("Module[#");
                assert!(written, "{name}");
                format!("{base}{}.{name}", if *optional { "?" } else { "" })
            }
            ExprKind::Index { base, index } => format!("{}[{}]", self.expr(base), self.expr(index)),
            ExprKind::Call { callee, arguments, construct, .. } => {
                let new = if *construct { "new " } else { "" };
                format!("{new}{}({})", self.expr(callee), self.arguments(arguments))
            }
            ExprKind::Object { entries, .. } => {
                let one = |entry: &crate::program::tree::Entry| {
                    let value = self.expr(&entry.value);
                    match &entry.key {
                        EntryKey::Name(name) => format!("{name}: {value}"),
                        EntryKey::Computed(key) => format!("[{}]: {value}", self.expr(key)),
                        EntryKey::Spread => format!("...{value}"),
                    }
                };
                format!("{{{}}}", entries.iter().map(one).collect::<Vec<_>>().join(", "))
            }
            ExprKind::List(all) => format!("[{}]", self.arguments(all)),
            ExprKind::Closure(f) => format!("fn{}", self.function(f)),
            ExprKind::Assign { target, operator, value } => {
                let operator = operator.map(|o| format!("{o:?}")).unwrap_or_default();
                format!("{} {operator}= {}", self.expr(target), self.expr(value))
            }
            ExprKind::Let { pattern, ty, value, .. } => {
                let ty = ty.as_ref().map(|ty| format!(": {}", self.ty(ty))).unwrap_or_default();
                let value = value.as_ref().map(|v| format!(" = {}", self.expr(v))).unwrap_or_default();
                format!("let {}{ty}{value}", self.pattern(pattern))
            }
            ExprKind::If { condition, then, otherwise } => {
                let otherwise = otherwise.as_ref().map(|o| format!(" else {}", self.expr(o))).unwrap_or_default();
                format!("if {} then {}{otherwise}", self.expr(condition), self.expr(then))
            }
            ExprKind::Match { subject, arms } => {
                let arm = |arm: &Arm| format!("{} => {}", self.pattern(&arm.pattern), self.expr(&arm.body));
                format!("match {} {{ {} }}", self.expr(subject), arms.iter().map(arm).collect::<Vec<_>>().join(", "))
            }
            ExprKind::Loop { kind, body } => {
                let head = match kind {
                    LoopKind::Each { pattern, iterable, awaited } => {
                        let awaited = if *awaited { " await" } else { "" };
                        format!("for{awaited} {} of {}", self.pattern(pattern), self.expr(iterable))
                    }
                    LoopKind::While(condition) => format!("while {}", self.expr(condition)),
                    LoopKind::Forever => "loop".to_owned(),
                    LoopKind::Counted { start, condition, update } => {
                        let part = |e: &Option<Box<Expr>>| e.as_ref().map(|e| self.expr(e)).unwrap_or_default();
                        format!("for {}; {}; {}", part(start), part(condition), part(update))
                    }
                };
                format!("{head} {}", self.expr(body))
            }
            ExprKind::Await(inner) => format!("await {}", self.expr(inner)),
            ExprKind::Try(inner) => format!("try {}", self.expr(inner)),
            ExprKind::Catch { body, pattern, handler, finally } => {
                let pattern = pattern.as_ref().map(|p| format!(" {}", self.pattern(p))).unwrap_or_default();
                let handler = handler.as_ref().map(|h| format!(" catch{pattern} {}", self.expr(h))).unwrap_or_default();
                let finally = finally.as_ref().map(|f| format!(" finally {}", self.expr(f))).unwrap_or_default();
                format!("try {}{handler}{finally}", self.expr(body))
            }
            ExprKind::Return(value) => {
                value.as_ref().map_or_else(|| "return".to_owned(), |v| format!("return {}", self.expr(v)))
            }
            ExprKind::Throw(value) => format!("throw {}", self.expr(value)),
            ExprKind::Break(_) => "break".to_owned(),
            ExprKind::Continue => "continue".to_owned(),
            ExprKind::Binary { operator, left, right } => {
                format!("({} {operator:?} {})", self.expr(left), self.expr(right))
            }
            ExprKind::Unary { operator, operand } => format!("{operator:?} {}", self.expr(operand)),
            ExprKind::Block(b) => self.block(b),
            ExprKind::Item(item) => self.item(item),
            ExprKind::Cast { value, ty } => format!("{} as {}", self.expr(value), self.ty(ty)),
            ExprKind::Opaque(parts) => {
                format!("opaque({})", parts.iter().map(|p| self.expr(p)).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

#[test]
fn expressions() {
    for (text, expected) in [
        ("a?.b?.[c]?.(d)", "a?.b[c](d)"),
        ("(x ?? y) || z", "((x Default y) Or z)"),
        ("a ? b : c", "if a then b else c"),
        ("`a${b}c`", "`a${b}c`"),
        ("`plain`", "'plain'"),
        ("tag`a${b}`", "tag(`a${b}`, b)"),
        (
            "new Http(base, { ...rest, [k]: 1, m() { return this.x } })",
            "new Http(base, {...rest, [k]: 1, m: fn(self) { return self.x }})",
        ),
        ("f(...xs, y as string)", "f(...xs, y as string)"),
        ("x satisfies Y", "x"),
        ("x!", "x"),
        ("[a, , ...b]", "[a, null, ...b]"),
        ("a += b", "a Add= b"),
        ("a ??= b", "a = (a Default b)"),
        ("i++", "i Arithmetic= 1"),
        ("delete h.Authorization", "h.Authorization = null"),
        ("typeof x", "External[typeof](x)"),
        ("void f()", "{ f(); ^null }"),
        ("(a, b)", "{ a; ^b }"),
        ("undefined", "null"),
        ("window.fetch(x)", "fetch(x)"),
        ("self.fetch(x)", "fetch(x)"),
        ("import.meta.env.VITE_X", "External[import meta].env.VITE_X"),
        ("require('a/b')", "File[a/b]"),
        ("import('./x')", "File[./x]"),
        ("x['y-z']", "x.y-z"),
        ("0x10 + 1_000", "(16 Add 1000)"),
        ("async x => { await x }", "fn async(x) { await x }"),
        ("({ get url() { return b } })", "{url: fn() { return b }()}"),
        ("f.call(this, a)", "f(a)"),
        ("client.call('GET', a)", "client.call('GET', a)"),
        ("this.f.bind(this)", "self.f"),
        ("({ a, b: [c] } = d)", "let {a: a, b: [c]} = d"),
    ] {
        let lowered = shown("a.ts", &format!("use({text})"));
        let whole = lowered.strip_prefix("use(").unwrap().strip_suffix(')').unwrap();
        // At file level `this` is not a receiver.
        assert_eq!(whole.replace("globalThis.", "self."), expected, "{text}");
    }
}

#[test]
fn statements() {
    for (text, expected) in [
        ("const { a = 1, b: { c }, ...rest } = x", "let {a: a = 1, b: {c: c}, ...rest} = x"),
        ("const [a, , b = 2, ...c] = x", "let [a, _, b = 2, ...c] = x"),
        ("const { a: { b } = {} } = x", "let {a: {b: b} = {}} = x"),
        ("let x: Foo | undefined", "let x: Foo"),
        ("for (const x of xs) f(x)", "for x of xs f(x)"),
        ("for await (const x of xs) {}", "for await x of xs {  }"),
        ("for (const k in o) f(k)", "for k of External[Object keys](o) f(k)"),
        ("for (let i = 0; i < n; i++) {}", "for let i = 0; (i Order n); i Arithmetic= 1 {  }"),
        ("do { f() } while (x)", "loop { { f() }; if Not x then break }"),
        (
            "try { f() } catch ({ response }) { g() } finally { h() }",
            "try { f() } catch {response: response} { g() } finally { h() }",
        ),
        ("switch (k) { case 1: case 2: f(); break; default: g() }", "match k { 1 | 2 => { f() }, _ => { g() } }"),
        ("switch (k) { case 1: f(); case 2: return g() }", "match k { 1 => { f(); return g() }, 2 => { return g() } }"),
        ("if (a) return b; else throw c", "if a then return b else throw c"),
        ("function g(x) { return x }", "fn g(x) { return x }"),
        ("label: for (;;) { continue label }", "for ; ;  { continue }"),
    ] {
        assert_eq!(inside(text), expected, "{text}");
    }
}

#[test]
fn generators_give_what_they_yield() {
    let text = "function* pages() { yield first(); yield* more(); return }";
    let gathered = "#yielded = [...#yielded, #value]; ^await #value";
    let delegated = "#yielded = [...#yielded, ...#value]; ^await #value";
    assert_eq!(
        shown("a.js", text),
        format!(
            "fn pages() {{ let #yielded = []; {{ {{ let #value = first(); {gathered} }}; {{ let #value = more(); \
             {delegated} }}; {{ return #yielded }} }}; ^#yielded }}"
        )
    );
}

#[test]
fn classes() {
    let text = "@Injectable({ scope: 1 }) export class Ehr extends Base<X> implements Api {
        static base = 'x'; #key = read(); handler = async (e) => this.send(e);
        constructor(private readonly http: HttpService, @Inject('K') key: string, plain = 1) { super(key); }
        @Cron('* * *') async send(@Body() body) { return this.http.post(body) }
        static of() { return new this() }
        get token() { return this.#key }
        set token(v) { this.#key = v }
        abstract missing(): void; overloaded(a: string): void; overloaded(a: any) {}
    }";
    assert_eq!(
        shown("a.ts", text),
        "@Injectable({scope: 1}) pub type Ehr : Base<X>, Api { shared base = 'x'; #key = read(); handler = fn async(e) self.send(e); \
         http: HttpService; pub fn constructor(self, http: HttpService, @Inject key: string, plain = 1) \
         { self.http = http; super(key) }; @Cron('* * *') pub fn send async(self, @Body body) { return self.http.post(body) }; \
         pub fn of() { return new Self() }; @getter() pub fn token(self) { return self.#key }; \
         pub fn set token(self, v) { self.#key = v }; pub fn missing(self); pub fn overloaded(self, a) {  } }"
    );
}

#[test]
fn functions_with_prototypes_are_classes() {
    let text = "function Client(key) { Base.call(this, key); this.key = key }
        util.inherits(Client, Base);
        Client.prototype.get = function (path) { return this.key + path };
        Object.assign(Client.prototype, { put() {} });";
    assert_eq!(
        shown("a.js", text),
        "type Client : Base { pub fn constructor(self, key) { super(key); self.key = key }; \
         pub fn get(self, path) { return (self.key Add path) }; pub fn put(self) {  } }"
    );
    // What belongs to something else is a statement.
    assert!(shown("a.js", "Array.prototype.last = function () {}").starts_with("Array.prototype.last = fn"));
}

#[test]
fn types() {
    let text = "export enum Kind { A, B = 5, C, D = 'd' }
        export interface Api { get(path: string): Promise<X>; readonly base: string; on: (e: E) => void }
        interface Plain { a: string; b?: number[] }
        type Options = { url: string; nested: [A, B] };
        type Id = string | null;
        export namespace N { export const x = 1; namespace M { const y = 2 } }";
    assert_eq!(
        shown("a.ts", text),
        "pub type Kind { A = 0; B = 5; C = 6; D = 'd' }\n\
         pub interface Api { pub fn get(self, path: string) -> Promise<X>; pub fn on(self, e: E); pub const base: string }\n\
         type Plain { a: string; b: number[] }\n\
         type Options { url: string; nested: (A, B) }\n\
         alias Id = string\n\
         pub namespace N { pub const x = 1; namespace M { const y = 2 } }"
    );
}

#[test]
fn files() {
    for (text, expected) in [
        ("import a, { b as c, type D } from 'x'", "import a from x default\nimport c from x b\nimport D from x D"),
        ("import * as n from './n'", "import n from ./n"),
        ("import './side'", "import  from ./side"),
        ("export { a as b } from './x'", "pub export b = File[./x a]"),
        ("export * from './x'", "pub import * from ./x"),
        ("export * as y from './x'", "pub export y = File[./x]"),
        ("export default { a }", "pub const default = {a: a}\npub export default = Module[default]"),
        ("export const f = (x) => x, g = 1", "pub fn f(x) x\npub const g = 1"),
        ("const { a, b: [c] } = f()", "const #6 = f()\nconst a = Module[#6].a\nconst c = Module[#6].b.0"),
        (
            "module.exports = { a, b() {} }",
            "pub export a = Module[a]\npub fn exports.b() {  }\npub export b = Module[exports.b]",
        ),
        (
            "exports = module.exports = make()",
            "pub const module.exports = make()\npub export = = Module[module.exports]",
        ),
        ("__exportStar(require('./x'), exports)", "pub import * from ./x"),
        (
            "Object.defineProperty(exports, '__esModule', { value: true });",
            "pub const exports.__esModule = true\npub export __esModule = Module[exports.__esModule]",
        ),
        ("(async () => { await main() })()", "fn async() { await main() }()"),
        ("function f() { class K {} return K }", "fn f() { return K }\ntype K {  }"),
        ("var self = this; go(self)", "const _self = globalThis\ngo(_self)"),
        (
            "export default async function (req) {}",
            "pub fn default async(req) {  }\npub export default = Module[default]",
        ),
    ] {
        assert_eq!(shown("a.ts", text), expected, "{text}");
    }
}

#[test]
fn elements() {
    assert_eq!(
        shown("a.jsx", "render(<><Page.Body key={k} {...rest} on>text{x}<a href=\"/é\"/></Page.Body></>)"),
        "render([Page.Body({key: k, ...rest, on: true}, 'text', x, External[html a]({href: '/é'}))])"
    );
}

#[test]
fn other_spellings_of_the_language_are_read() {
    for (name, text) in [
        (
            "a.js",
            "// @flow\ntype Props = {| a: ?string |};\nexport default function f(x: Props): string { return x.a }",
        ),
        ("a.js", "const a = <div>{b}</div>"),
        ("a.cjs", "#!/usr/bin/env node\nreturn require('x')"),
        ("a.js", "with (a) { b() }"),
        ("a.ts", "const x = <string>y; let z = <T,>(a: T) => a"),
        ("a.mts", "await import('x'); using y = z();"),
        ("a.js", "var yield = 1, let_ = 010;"),
    ] {
        let lowered = lower(Path::new(name), FileId(0), text);
        assert_eq!(lowered.problems.len(), 0, "{text}");
        assert!(!lowered.module.items.is_empty(), "{text}");
    }
}
