//! What every target does with its bytes.

use cerbo_lint::cache::key::Digest;
use cerbo_lint::cache::judgements::KeptJudgement;
use cerbo_lint::cache::looks::Entries;
use cerbo_lint::cache::shelf;
use cerbo_lint::frontend;
use cerbo_lint::project::kind::FileKind;
use cerbo_lint::source::SourceFile;
use cerbo_lint::span::FileId;
use std::path::Path;

/// Reads bytes as what an earlier run kept, with and without a right head: nothing may panic, and little memory is taken.
pub fn cached(bytes: &[u8]) {
    let _ = shelf::open::<Entries>(bytes, &Digest::of(b"state"));
    let _ = shelf::decode::<Entries>(bytes);
    let _ = shelf::decode::<KeptJudgement>(bytes);
}

/// Lowers bytes as a file of this name: nothing may panic, and every place that is told lies within the text.
pub fn lower(name: &str, bytes: &[u8]) {
    let path = Path::new(name);
    let file = SourceFile::new(name, bytes);
    let text = file.text();
    let lowered = frontend::lower(FileKind::of(path), path, FileId(0), text);
    for place in frontend::unparsed(&lowered, text) {
        assert!(text.get(place).is_some());
    }
    for comment in &lowered.module.comments {
        assert!(text.get(comment.span.range()).is_some());
    }
    for problem in &lowered.problems {
        assert!(problem.span.end as usize <= text.len());
    }
    assert_eq!(file.redacted().as_str().len(), text.len());
}
