//! The specifiers that a file names, found without parsing.

use std::sync::OnceLock;

/// What follows `from`, `import` and `require`, and scripts of pages. May find some in comments.
pub fn specifiers(text: &str) -> Vec<&str> {
    static NAMED: OnceLock<Option<regex::Regex>> = OnceLock::new();
    let pattern = r#"(?:(?-u:\b)from|(?-u:\b)(?:import|require)(?:\s*\(\s*(?:/\*[^*]*\*/\s*)*)?)\s*['"`]([^'"`\n]{1,300})['"`]|<script\b[^<>]{0,300}?\bsrc\s*=\s*['"]([^'"\n]{1,300})['"]"#;
    let Some(named) = NAMED.get_or_init(|| regex::Regex::new(pattern).ok()) else { return Vec::new() };
    let mut found: Vec<&str> = named
        .captures_iter(text)
        .filter_map(|found| found.get(1).or_else(|| found.get(2)))
        .map(|m| m.as_str())
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Files that a file starts by their paths: workers and processes of its own. Each as a path from its folder.
pub fn started(text: &str) -> Vec<String> {
    static STARTED: OnceLock<Option<regex::Regex>> = OnceLock::new();
    let pattern = r#"(?-u:\b)new\s+URL\(\s*['"`]([^'"`\n]{1,300})['"`]\s*,\s*import\.meta\.url|(?-u:\b)(?:__dirname|import\.meta\.dirname)\s*[,+]\s*['"`]([^'"`\n]{1,300})['"`]|(?-u:\b)(?:Worker|fork|Piscina|Tinypool)\(\s*['"`](\.[^'"`\n]{1,300})['"`]"#;
    if !["import.meta", "__dirname", "Worker(", "fork("].iter().any(|word| text.contains(word)) {
        return Vec::new();
    }
    let Some(pattern) = STARTED.get_or_init(|| regex::Regex::new(pattern).ok()) else { return Vec::new() };
    let places = pattern.captures_iter(text).filter_map(|found| found.iter().skip(1).flatten().next());
    let mut found: Vec<String> = places
        .map(|place| place.as_str().trim_start_matches('/'))
        .map(|path| if path.starts_with('.') { path.to_owned() } else { format!("./{path}") })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// What stands before the name of a package to whose types a file adds.
pub const ADDS: &str = "+";

/// The packages to whose types a file adds declarations, each behind [`ADDS`].
pub fn added_to(text: &str) -> Vec<String> {
    static ADDED: OnceLock<Option<regex::Regex>> = OnceLock::new();
    let pattern = r#"(?-u:\b)declare\s+module\s+['"]([^'"\n]{1,300})['"]|(?-u:\b)declare\s+global\s*\{\s*(?:export\s+)?namespace\s+(Express|App)(?-u:\b)"#;
    if !text.contains("declare") {
        return Vec::new();
    }
    let Some(pattern) = ADDED.get_or_init(|| regex::Regex::new(pattern).ok()) else { return Vec::new() };
    let names = pattern.captures_iter(text).filter_map(|found| found.iter().skip(1).flatten().next());
    // Namespaces that frameworks leave open, with what a file that sees them imports.
    let opened = |name: &str| match name {
        "Express" => "express".to_owned(),
        "App" => "./$types".to_owned(),
        name => name.to_owned(),
    };
    names.map(|name| format!("{ADDS}{}", opened(name.as_str()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_that_are_added_to_are_found() {
        let text = "declare module 'fastify' { interface FastifyInstance { ehr: Ehr } }\n\
                    declare global {\n  namespace Express { interface Request { ehr: Ehr } }\n}";
        assert_eq!(added_to(text), ["+fastify", "+express"]);
    }

    #[test]
    fn files_that_are_started_are_found() {
        let text = "new Worker(new URL('./a.ts', import.meta.url)); new Worker(path.join(__dirname, 'b.js'));\
                    fork(__dirname + '/c.js'); new Piscina({ filename: path.resolve(__dirname, './d') });\
                    new Worker('./e.mjs'); new Worker('queue', handler); join(root, 'f.js')";
        assert_eq!(started(text), ["./a.ts", "./b.js", "./c.js", "./d", "./e.mjs"]);
    }

    #[test]
    fn every_way_to_name_a_file_is_found() {
        let text = "import a from './a'\nimport{b}from\"b\"\nexport * from './c';const d = require( 'd' );\nimport('./e');\
                    import './f';\nimport type { G } from './g';\nimport(/* webpackChunkName: \"x\" */ './h')\nfrom('no')";
        assert_eq!(specifiers(text), ["./a", "./c", "./e", "./f", "./g", "./h", "b", "d"]);
        assert_eq!(specifiers("<script type=\"module\" src=\"/src/main.ts\"></script>"), ["/src/main.ts"]);
    }
}
