#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
use super::*;
use crate::program::link::{Program, Resolved, ScopeId, Specifiers};
use crate::program::tree::Path as Name;
use crate::project::javascript::{Manifests, Resolver, specifiers};

fn lowered(name: &str, text: &str) -> Module {
    let lowered = lower(Path::new(name), FileId(0), text);
    assert_eq!(lowered.problems.len(), 0, "{text}");
    lowered.module
}

/// Every expression below an item, as text of its source and its kind's name.
fn text_of(text: &str, span: Span) -> &str {
    &text[span.range()]
}

/// Lowers and links files, and looks at what a name means in the first of them.
fn linked<T>(files: &[(&str, &str)], look: impl FnOnce(&Program<'_>) -> T) -> T {
    let modules: Vec<Module> = files
        .iter()
        .enumerate()
        .map(|(index, (name, text))| lower(Path::new(name), FileId(index.try_into().unwrap()), text).module)
        .collect();
    let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    let manifests = Manifests::default();
    let resolver = Resolver::new(files.iter().map(|(path, _)| Path::new(*path)), &manifests);
    let table = |(index, (path, text)): (usize, &(&str, &str))| {
        let found = specifiers(text);
        let found = found.iter().filter_map(|s| Some(((*s).to_owned(), resolver.resolve(Path::new(path), s)?)));
        (index, found.collect())
    };
    let named: Specifiers = files.iter().enumerate().map(table).collect();
    look(&Program::link_files(&modules, &paths, &[], &named))
}

/// What a name of the first file leads to: `file:definition` of the project or the canonical name outside it.
fn meaning(files: &[(&str, &str)], name: &str) -> String {
    linked(files, |program| {
        let path = Name::scoped(name.split('.'));
        let place = |span: Span| files[span.file.0 as usize].0;
        match program.resolve(ScopeId(0), &path) {
            Some(Resolved::External(name)) => name,
            Some(Resolved::Function(id)) => {
                let item = program.functions[id.0].item;
                format!("{}:{}", place(item.span), item.name)
            }
            Some(Resolved::Type(id)) => {
                let item = program.types[id.0].item;
                format!("{}:{}", place(item.span), item.name)
            }
            Some(Resolved::Constant(id)) => {
                let item = program.constants[id.0].item;
                format!("{}:{}", place(item.span), item.name)
            }
            Some(Resolved::Field(id, fields)) => {
                let item = program.constants[id.0].item;
                format!("{}:{}.{}", place(item.span), item.name, fields.join("."))
            }
            Some(Resolved::Scope(_)) => "module".to_owned(),
            other => format!("{other:?}"),
        }
    })
}

#[test]
fn outside_names_meet_however_they_are_imported() {
    for text in [
        "import axios from 'axios'; const x = axios.create",
        "import * as axios from 'axios'",
        "const axios = require('axios')",
        "import axios = require('axios')",
    ] {
        assert_eq!(meaning(&[("/a.ts", text)], "axios"), "axios", "{text}");
    }
    for text in [
        "import { create as make } from 'axios'",
        "const { create: make } = require('axios')",
        "const make = require('axios').create",
    ] {
        assert_eq!(meaning(&[("/a.ts", text)], "make"), "axios::create", "{text}");
    }
    assert_eq!(
        meaning(&[("/a.ts", "import { readFile } from 'node:fs/promises'")], "readFile"),
        "fs::promises::readFile"
    );
    assert_eq!(meaning(&[("/a.ts", "import { Cron } from '@nestjs/schedule'")], "Cron"), "@nestjs/schedule::Cron");
    assert_eq!(meaning(&[("/a.ts", "")], "fetch"), "fetch");
}

#[test]
fn names_are_found_through_every_kind_of_export() {
    let cases: &[(&str, &str, &str, &str)] = &[
        ("import { get } from './b'", "export function get() {}", "get", "/b.ts:get"),
        ("import { get } from './b.js'", "export const get = () => {}", "get", "/b.ts:get"),
        ("import { get } from './b'", "const own = () => {}; export { own as get }", "get", "/b.ts:own"),
        ("import get from './b'", "export default function fetchAll() {}", "get", "/b.ts:fetchAll"),
        ("import get from './b'", "export default () => 1", "get", "/b.ts:default"),
        ("import get from './b'", "const api = make(); export default api", "get", "/b.ts:api"),
        ("import Api from './b'", "export default class {}", "Api", "/b.ts:default"),
        ("import * as api from './b'", "export const base = ''", "api", "module"),
        ("import { deep } from './b'", "export const { a: { deep } } = f()", "deep", "/b.ts:deep"),
        ("import { Kind } from './b'", "export enum Kind { A = 'a' }", "Kind", "/b.ts:Kind"),
        ("import { X } from './b'", "export namespace X { export const y = 1 }", "X.y", "/b.ts:y"),
        ("const { get } = require('./b')", "function get() {}\nmodule.exports = { get }", "get", "/b.ts:get"),
        ("const api = require('./b')", "module.exports = makeApi()", "api", "/b.ts:module.exports"),
        ("const { get } = require('./b')", "module.exports = makeApi()", "get", "/b.ts:module.exports.get"),
        ("const Api = require('./b')", "class Api {}\nmodule.exports = Api", "Api", "/b.ts:Api"),
        ("import Api from './b'", "module.exports = class Api {}", "Api", "/b.ts:Api"),
        ("const { get } = require('./b')", "exports.get = async (id) => id", "get", "/b.ts:exports.get"),
        (
            "const { get } = require('./b')",
            "exports.put = exports.get = void 0;\nexports.get = one;\nfunction one() {}",
            "get",
            "/b.ts:one",
        ),
        (
            "const { one, two } = require('./b')",
            "Object.assign(module.exports, { one() {}, two: 2 })",
            "two",
            "/b.ts:exports.two",
        ),
        ("import Api = require('./b')", "class Api {}\nexport = Api", "Api", "/b.ts:Api"),
        ("const app = require('./b')", "const app = module.exports = express()", "app", "/b.ts:app"),
    ];
    for (a, b, name, expected) in cases {
        assert_eq!(&meaning(&[("/a.ts", a), ("/b.ts", b)], name), expected, "{a} / {b}");
    }
}

#[test]
fn barrels_and_folders_are_followed() {
    let files = [
        ("/src/page.tsx", "import { client, http } from '../lib'"),
        ("/lib/index.ts", "export * from './client'; export { default as http } from './http'"),
        ("/lib/client.ts", "export const client = 1"),
        ("/lib/http/index.js", "module.exports = createHttp()"),
    ];
    assert_eq!(meaning(&files, "client"), "/lib/client.ts:client");
    assert_eq!(meaning(&files, "http"), "/lib/http/index.js:module.exports");
}

#[test]
fn spans_are_those_of_the_source() {
    let text = "\u{feff}#!/usr/bin/env node\nconst ü = `é${x}z`; // söme\nfetch('ä')";
    let module = lowered("a.js", text);
    assert_eq!(text_of(text, module.comments[0].span), "// söme");
    let ItemKind::Constant { value: Some(value), .. } = &module.items[0].kind else { panic!() };
    assert_eq!(text_of(text, value.span), "`é${x}z`");
    assert_eq!(text_of(text, module.items[0].name_span), "ü");
    let ItemKind::Statement(statement) = &module.items[1].kind else { panic!() };
    assert_eq!(text_of(text, statement.span), "fetch('ä')");
}

#[test]
fn what_does_not_parse_still_gives_its_texts_and_comments() {
    let lowered = lower(Path::new("a.ts"), FileId(0), "const key = 'sk_1' // note\nfunction ( {{{ `a${b}c`");
    assert_eq!(lowered.problems.len(), 1);
    assert_eq!(lowered.module.comments[0].text, "note");
    let ItemKind::Statement(Expr { kind: ExprKind::List(texts), .. }) = &lowered.module.items[0].kind else { panic!() };
    let texts: Vec<_> = texts.iter().map(|argument| &argument.value.kind).collect();
    assert!(matches!(texts[..], [ExprKind::Literal(Literal::Text(first)), _, _] if first == "sk_1"));
}

#[test]
fn deep_nesting_ends_without_a_crash() {
    for open in [
        "(",
        "[",
        "{",
        "!",
        "a => ",
        "a ? b : ",
        "`${",
        "<a>",
        "-",
        "x = ",
        "new ",
        "if (a) b; else ",
        "a.b(",
        "f(function() {",
    ] {
        for count in [400, 5_000, 50_000] {
            for name in ["a.js", "a.tsx"] {
                lower(Path::new(name), FileId(0), &open.repeat(count));
                lower(Path::new(name), FileId(0), &format!("{}1", open.repeat(count)));
            }
        }
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_lowered_without_a_panic(text in ".{0,300}") {
        for name in ["a.js", "a.tsx"] {
            lower(Path::new(name), FileId(0), &text);
        }
    }

    #[test]
    fn pieces_of_code_in_any_order_are_lowered_without_a_panic(
        pieces in proptest::collection::vec(proptest::sample::select(vec![
            "export ", "default ", "class ", "A ", "extends ", "{", "}", "(", ")", "=>", "async ", "function ", "module.exports",
            "=", "exports.x", "const ", "[", "]", "...", ",", ";", "`", "${", "'a'", "import ", "from ", "@dec ", "this.", "#p",
            "yield ", "await ", "enum ", "namespace ", "<a b={", "/>", "switch (x) {", "case 1:", "?.", "??", ":", "?", "super",
        ]), 0..40)
    ) {
        lower(Path::new("a.tsx"), FileId(0), &pieces.concat());
    }
}
