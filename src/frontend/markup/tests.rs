#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
use super::*;

/// Calls of elements as `tag key=value …`, values as their source or kind.
fn elements(name: &str, text: &str) -> Vec<String> {
    let lowered = lower(Path::new(name), FileId(0), text);
    let mut found = Vec::new();
    for item in &lowered.module.items {
        if let ItemKind::Statement(statement) = &item.kind {
            show(text, statement, &mut found);
        }
    }
    found
}

fn show(text: &str, expression: &Expr, found: &mut Vec<String>) {
    let ExprKind::Call { callee, arguments, .. } = &expression.kind else {
        found.push(format!("{{{}}}", &text[expression.span.range()]));
        return;
    };
    let ExprKind::Name(path) = &callee.kind else {
        found.push(format!("{{{}}}", &text[expression.span.range()]));
        return;
    };
    let mut line = path.segments.join("::");
    for (index, argument) in arguments.iter().enumerate() {
        match &argument.value.kind {
            ExprKind::Object { entries, .. } if index == 0 => {
                for entry in entries {
                    let key = match &entry.key {
                        EntryKey::Name(key) => key.as_str(),
                        _ => "...",
                    };
                    let kind = match &entry.value.kind {
                        ExprKind::Literal(Literal::Text(_)) => "text",
                        ExprKind::Literal(_) => "flag",
                        ExprKind::Closure(_) => "code",
                        _ => "value",
                    };
                    line.push_str(&format!(" {key}={kind}({})", &text[entry.value.span.range()]));
                }
            }
            _ => {
                let mut inner = Vec::new();
                show(text, &argument.value, &mut inner);
                line.push_str(&format!(" [{}]", inner.join(" ")));
            }
        }
    }
    found.push(line);
}

#[test]
fn a_pages_scripts_stand_where_they_stand() {
    let text = "<!DOCTYPE html>\r\n<!-- é note -->\r\n<p>1 < 2</p>\r\n<script>\r\nconst key = 'sk_é'; // why\r\n</script>\n\
                <script type=\"application/json\">{\"a\": 1}</script><script src=app.js></script>";
    let lowered = lower(Path::new("a.html"), FileId(0), text);
    assert_eq!(lowered.problems.len(), 0);
    let comments: Vec<&str> = lowered.module.comments.iter().map(|c| &text[c.span.range()]).collect();
    assert_eq!(comments, ["<!-- é note -->", "// why"]);
    let constant = lowered.module.items.iter().find(|item| item.name == "key").unwrap();
    assert_eq!(&text[constant.name_span.range()], "key");
    let imported = lowered.module.items.iter().any(
        |item| matches!(&item.kind, ItemKind::Import(import) if import.glob && import.path.segments == ["app.js"]),
    );
    assert!(imported);
}

#[test]
fn elements_are_calls_with_their_attributes() {
    let text = "<form action=\"https://x/api\" method=post><input type='hidden' name=key value=\"a&amp;b\"></form>\
                <a href='/x' onclick=\"go('y'); stop()\" download>x</a>";
    assert_eq!(
        elements("a.html", text),
        [
            "html::form action=text(https://x/api) method=text(post) [html::input type=text(hidden) name=text(key) value=text(a&amp;b)]",
            "html::a href=text(/x) onclick=code(go('y'); stop()) download=flag(download)",
        ]
    );
}

#[test]
fn components_of_vue_bind_values() {
    let text = "<template><a :href=\"base + '/x'\" @click.prevent=\"send\" v-else>{{ label < 3 }}</a><UserCard :id=\"id\"/></template>\n\
                <script setup lang=\"ts\">\nconst base: string = url as string;\n</script>";
    assert_eq!(
        elements("a.vue", text),
        [
            "html::a href=value(base + '/x') onclick=value(send) v-else=flag(v-else)",
            "UserCard id=value(id)",
            "html::script setup=flag(setup) lang=text(ts)",
            "{label < 3}",
        ]
    );
    let lowered = lower(Path::new("a.vue"), FileId(0), text);
    assert_eq!(lowered.problems.len(), 0);
    assert!(lowered.module.items.iter().any(|item| item.name == "base"));
}

#[test]
fn components_with_braces_are_read() {
    let text = "<script lang=\"ts\">let a: number = 1;</script>{#if a > 1}<a href={`/x/${a}`} on:click={() => go(\"a > b\")} {a} {...rest}>{a}</a>{/if}\
                {#each items as item}<img src=\"{item}\">{/each}";
    assert_eq!(
        elements("a.svelte", text),
        [
            "html::script lang=text(ts)",
            "html::a href=value(`/x/${a}`) onclick=code(() => go(\"a > b\")) a=value(a) ...=value(rest)",
            "html::img src=value(item)",
            "{a > 1}",
            "{a}",
            "{items}",
        ]
    );
    let text =
        "---\nimport { get } from '../api';\nconst list = await get();\n---\n<ul>{list.map((x) => <li>{x}</li>)}</ul>";
    assert_eq!(elements("a.astro", text), ["{list.map((x) => <li>{x}</li>)}"]);
    let lowered = lower(Path::new("a.astro"), FileId(0), text);
    assert_eq!(lowered.problems.len(), 0);
    assert!(lowered.module.items.iter().any(|item| item.name == "list"));
}

#[test]
fn template_marks_do_not_break_a_page() {
    let text =
        "<% if (a < b) { %><a href=\"<%= url %>\">x</a><% } %><script>var key = <%- JSON.stringify(key) %>;</script>";
    let lowered = lower(Path::new("a.ejs"), FileId(0), text);
    assert_eq!(lowered.problems.len(), 0);
    assert!(lowered.module.items.iter().any(|item| item.name == "key"));
    assert_eq!(elements("a.ejs", text), ["html::a href=text(<%= url %>)"]);
    let text = "{% if a < b %}<a href=\"{{ url }}\" {{#if x}}class=\"y\"{{/if}}>x</a>{% endif %}<script>{% if x %}go({{ id }});{% endif %}</script>";
    for name in ["a.njk", "a.hbs", "a.html"] {
        let lowered = lower(Path::new(name), FileId(0), text);
        assert_eq!(lowered.problems.len(), 0, "{name}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_lowered_without_a_panic(
        pieces in proptest::collection::vec(proptest::sample::select(vec![
            "<", ">", "<a ", "href", "=", "\"", "'", "{", "}", "{{", "}}", "<%", "%>", "<script>", "</script>", "<!--", "-->", "é",
            "---", "\n", "\r\n", "@click", ":x", "on:x", "&quot;", "form", "/", "{#each ", " as ", "`", "\0", "${",
        ]), 0..40)
    ) {
        for name in ["a.html", "a.vue", "a.svelte", "a.astro", "a.ejs"] {
            lower(Path::new(name), FileId(0), &pieces.concat());
        }
    }
}
