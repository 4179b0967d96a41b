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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_name_a_file_is_found() {
        let text = "import a from './a'\nimport{b}from\"b\"\nexport * from './c';const d = require( 'd' );\nimport('./e');\
                    import './f';\nimport type { G } from './g';\nimport(/* webpackChunkName: \"x\" */ './h')\nfrom('no')";
        assert_eq!(specifiers(text), ["./a", "./c", "./e", "./f", "./g", "./h", "b", "d"]);
        assert_eq!(specifiers("<script type=\"module\" src=\"/src/main.ts\"></script>"), ["/src/main.ts"]);
    }
}
