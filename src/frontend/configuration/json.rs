//! JSON, with comments, trailing commas and single quotes where they are used.

use super::Builder;
use crate::frontend::Lowered;
use crate::program::tree::{Comment, Expr, Literal};
use crate::span::FileId;
use jsonc_parser::ast::{ObjectPropName, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};

/// Lowers a file.
pub fn lower(file: FileId, source: &str) -> Lowered {
    let builder = Builder { file, source };
    let bom = usize::from(source.starts_with('\u{feff}')) * '\u{feff}'.len_utf8();
    let text = source.get(bom..).unwrap_or("");
    let collect = CollectOptions { comments: CommentCollectionStrategy::Separate, tokens: false };
    let parsed =
        stacker::maybe_grow(512 * 1024, 8 * 1024 * 1024, || parse_to_ast(text, &collect, &ParseOptions::default()));
    match parsed {
        Ok(parsed) => {
            let value = parsed.value.as_ref().map(|value| lower_value(builder, bom, value));
            let mut comments: Vec<Comment> = parsed
                .comments
                .iter()
                .flat_map(|map| map.values())
                .flat_map(|list| list.iter())
                .map(|comment| builder.comment(comment.text(), comment.start() + bom..comment.end() + bom))
                .collect();
            // The map holds a comment for what stands before it and for what stands behind it.
            comments.sort_by_key(|comment| comment.span);
            comments.dedup_by_key(|comment| comment.span);
            builder.lowered(value.into_iter().collect(), comments, None)
        }
        Err(error) => builder.lowered(
            Vec::new(),
            Vec::new(),
            Some((error.range().start + bom, "this is no JSON that can be read")),
        ),
    }
}

fn lower_value(builder: Builder<'_>, bom: usize, value: &Value<'_>) -> Expr {
    let range = value.start() + bom..value.end() + bom;
    stacker::maybe_grow(64 * 1024, 1024 * 1024, || match value {
        // Without its quotes.
        Value::StringLit(text) => builder.text(&text.value, range.start + 1..(range.end - 1).max(range.start + 1)),
        Value::NumberLit(number) => builder.literal(Literal::Number(number.value.to_owned()), range),
        Value::BooleanLit(boolean) => builder.literal(Literal::Boolean(boolean.value), range),
        Value::NullKeyword(_) => builder.literal(Literal::Null, range),
        Value::Array(array) => {
            let items = array.elements.iter().map(|item| lower_value(builder, bom, item)).collect();
            builder.list(items, range)
        }
        Value::Object(object) => {
            let entries = object.properties.iter().map(|property| {
                let name = match &property.name {
                    ObjectPropName::String(text) => text.value.as_ref(),
                    ObjectPropName::Word(word) => word.value,
                };
                let key = property.name.start() + bom..property.name.end() + bom;
                builder.entry(name, key, lower_value(builder, bom, &property.value))
            });
            builder.object(entries.collect(), range.clone())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::flat;
    use super::*;

    fn read(source: &str) -> Vec<String> {
        flat(&lower(FileId(0), source), source)
    }

    #[test]
    fn texts_stand_without_their_quotes() {
        let source = "\u{feff}{ \"a\": \"é\", // one\n 'b': [1, true, null, {c: 'x\\ny'}], /* two */ }";
        assert_eq!(read(source), [".a=é", ".b[]=#1", ".b[]=!true", ".b[]=null", ".b[].c=x\ny @ x\\ny"]);
        let comments: Vec<_> = lower(FileId(0), source).module.comments.into_iter().map(|c| c.text).collect();
        assert_eq!(comments, ["one", "two"]);
    }

    #[test]
    fn what_is_no_json_is_told() {
        let lowered = lower(FileId(0), "{ \"a\": ");
        assert_eq!(lowered.problems.len(), 1);
        assert!(lower(FileId(0), &"[".repeat(100_000)).problems.len() == 1);
    }
}
