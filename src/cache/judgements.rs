//! What was said about a project, by the state of everything that was read for it. While all of that is the same, the same
//! is said again without parsing and evaluating anything.

use super::key::{Digest, Key};
use super::shelf::{Kept, Shelf};
use super::words::Words;
use crate::config::Config;
use crate::finding::{Confidence, Finding, Fix, NewLine, NewText, Notification, Severity, Step};
use crate::judgement::{Judgement, Project};
use crate::project::disk::{self, Answers};
use crate::project::read::Content;
use crate::project::walk::show;
use crate::source::{SourceFile, Sources};
use crate::span::{FileId, Span};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A place: the number of a file, and bytes of it.
type Place = (u32, u32, u32);
type Steps = Vec<(Place, Words)>;

type KeptEdit = (Place, Vec<KeptText>);
/// A path, and a line of its file.
type KeptLine = (Words, Words);

#[derive(Serialize, Deserialize)]
struct KeptFinding {
    rule: String,
    severity: Severity,
    confidence: Confidence,
    primary: Place,
    /// Label, message, help.
    words: [Words; 3],
    trail: Steps,
    related: Steps,
    /// Description, whether it is safe, replacements, lines of other files: their path and their text.
    fix: Option<(Words, bool, Vec<KeptEdit>, Vec<KeptLine>)>,
    suppressed: Option<Words>,
}

/// What a new text is made of: what is taken over from the source is told by its place.
#[derive(Serialize, Deserialize)]
enum KeptText {
    Words(Words),
    Kept(Place),
}

#[derive(Serialize, Deserialize)]
struct KeptNote {
    file: Option<u32>,
    /// The path it is told with, as the number of a file; none for the whole run.
    path: Option<u32>,
    line: Option<u32>,
    message: Words,
    skipped: bool,
}

/// What was said about a project.
#[derive(Serialize, Deserialize)]
pub struct KeptJudgement {
    /// What was asked of the disk meanwhile.
    answers: Answers,
    evidence: Vec<PathBuf>,
    findings: Vec<KeptFinding>,
    notes: Vec<KeptNote>,
    /// The bytes of each file that no excerpt shows.
    masked: Vec<Vec<(u32, u32)>>,
}

impl Kept for KeptJudgement {
    const NAME: &'static str = "judgement";
}

/// The name of the state of everything that a project is judged by, except for what judging asks of the disk.
pub(crate) fn state(project: &Project<'_>, sources: &Sources, config: &Config) -> Digest {
    let mut key = Key::new("judgement");
    let Project { base, places, kinds, hidden, packages, node, scripts, pages, roots, root, folder, code, other_code } =
        project;
    // Their forms for debugging hold every field there is.
    key.add(format!("{config:?}"));
    key.add(format!("{packages:?}"));
    key.add(format!("{node:?}"));
    key.add(format!("{scripts:?} {pages:?} {roots:?} {root:?} {base:?} {folder:?} {code} {other_code}"));
    // Suppressions end, and timetables have years.
    key.add(crate::today::today().to_string());
    for ((place, kind), (hidden, (_, source))) in places.iter().zip(*kinds).zip(hidden.iter().zip(sources.iter())) {
        key.add(place.as_os_str().as_encoded_bytes());
        key.add(format!("{kind:?} {hidden}"));
        key.add(&source.path);
        key.add(source.text());
    }
    key.digest()
}

/// What was said about a project in this state, when what it was judged by is still so. Secrets are then marked in the
/// `sources`, and files with evidence added to them. Calls of the API are not kept.
pub(crate) fn recall(shelf: &Shelf, state: &Digest, project: &Project<'_>, sources: &mut Sources) -> Option<Judgement> {
    let kept = shelf.get::<KeptJudgement>(state)?;
    if !disk::still_hold(&kept.answers) {
        return None;
    }
    let before = sources.len();
    let mut evidence = Vec::new();
    for path in &kept.evidence {
        let Content::Text(bytes) = disk::content(path) else { return None };
        evidence.push(SourceFile::new(show(path, project.base), &bytes));
    }
    let length = |number: u32| {
        let number = number as usize;
        let file = sources.get(FileId(number as u32)).or_else(|| evidence.get(number.checked_sub(before)?));
        file.map(|file| file.text().len())
    };
    // Whoever wrote the file, no place lies outside its text.
    let place = |(file, start, end): Place| {
        let fits = start <= end && length(file).is_some_and(|length| end as usize <= length);
        fits.then_some(Span { file: FileId(file), start, end })
    };
    let path = |number: u32| {
        let number = number as usize;
        let file = sources.get(FileId(number as u32)).or_else(|| evidence.get(number.checked_sub(before)?));
        file.map(|file| file.path.clone())
    };
    let steps = |steps: Steps| -> Option<Vec<(Span, String)>> {
        steps.into_iter().map(|(at, words)| Some((place(at)?, words.into_string()))).collect()
    };
    let trail = |all: Steps| -> Option<Vec<Step>> {
        Some(steps(all)?.into_iter().map(|(span, note)| Step { span, note }).collect())
    };
    let mut made = Judgement::default();
    for finding in kept.findings {
        let [label, message, help] = finding.words.map(Words::into_string);
        let fix = match finding.fix {
            Some((description, safe, edits, lines)) => {
                let part = |part| match part {
                    KeptText::Words(words) => Some(NewText::Words(words.into_string())),
                    KeptText::Kept(at) => Some(NewText::Kept(place(at)?)),
                };
                let edit = |(at, parts): KeptEdit| {
                    Some((place(at)?, parts.into_iter().map(part).collect::<Option<Vec<_>>>()?))
                };
                let edits = edits.into_iter().map(edit).collect::<Option<Vec<_>>>()?;
                let line =
                    |(path, text): (Words, Words)| NewLine { path: path.into_string(), text: text.into_string() };
                let lines = lines.into_iter().map(line).collect();
                Some(Fix { description: description.into_string(), safe, edits, lines })
            }
            None => None,
        };
        made.findings.push(Finding {
            rule: crate::cards::card(&finding.rule)?.id.as_str(),
            severity: finding.severity,
            confidence: finding.confidence,
            primary: place(finding.primary)?,
            label,
            message,
            help,
            trail: trail(finding.trail)?,
            related: trail(finding.related)?,
            hint: None,
            fix,
            suppressed: finding.suppressed.map(Words::into_string),
            baseline: None,
        });
    }
    for note in kept.notes {
        let path = match note.path {
            Some(number) => path(number)?,
            None => String::new(),
        };
        let KeptNote { line, skipped, .. } = note;
        let message = note.message.into_string();
        made.notes.push((note.file.map(FileId), Notification { path, line, message, skipped }));
    }
    if kept.masked.len() != before + evidence.len() {
        return None;
    }
    made.evidence = kept.evidence;
    for file in evidence {
        sources.add(file);
    }
    for (masked, (_, file)) in kept.masked.iter().zip(sources.iter()) {
        file.mark(masked);
    }
    Some(made)
}

/// Keeps what was said about a project in this state. What cannot be kept as it is, is not kept at all.
pub(crate) fn keep(shelf: &Shelf, state: &Digest, made: &Judgement, sources: &Sources, answers: Answers) {
    if !made.incomplete
        && let Some(kept) = kept(made, sources, answers)
    {
        shelf.put(state, &kept);
    }
}

fn kept(made: &Judgement, sources: &Sources, answers: Answers) -> Option<KeptJudgement> {
    let words = |text: &str| Words::unmasked(text, &made.secrets);
    let place = |span: Span| (span.file.0, span.start, span.end);
    let trail = |steps: &[Step]| {
        steps.iter().map(|step| Some((place(step.span), words(&step.note)?))).collect::<Option<Steps>>()
    };
    let mut findings = Vec::new();
    for finding in &made.findings {
        let fix = match &finding.fix {
            Some(fix) => {
                let part = |part: &NewText| match part {
                    NewText::Words(text) => words(text).map(KeptText::Words),
                    NewText::Kept(span) => Some(KeptText::Kept(place(*span))),
                };
                let edit = |(span, parts): &(Span, Vec<NewText>)| {
                    Some((place(*span), parts.iter().map(part).collect::<Option<Vec<_>>>()?))
                };
                let edits = fix.edits.iter().map(edit).collect::<Option<Vec<_>>>()?;
                let line = |line: &NewLine| Some((words(&line.path)?, words(&line.text)?));
                let lines = fix.lines.iter().map(line).collect::<Option<Vec<_>>>()?;
                Some((words(&fix.description)?, fix.safe, edits, lines))
            }
            None => None,
        };
        let suppressed = match &finding.suppressed {
            Some(reason) => Some(words(reason)?),
            None => None,
        };
        findings.push(KeptFinding {
            rule: finding.rule.to_owned(),
            severity: finding.severity,
            confidence: finding.confidence,
            primary: place(finding.primary),
            words: [words(&finding.label)?, words(&finding.message)?, words(&finding.help)?],
            trail: trail(&finding.trail)?,
            related: trail(&finding.related)?,
            fix,
            suppressed,
        });
    }
    let numbered = |path: &str| sources.iter().find(|(_, file)| file.path == path).map(|(id, _)| id.0);
    let mut notes = Vec::new();
    for (file, note) in &made.notes {
        let path = match note.path.as_str() {
            "" => None,
            path => Some(numbered(path)?),
        };
        let Notification { line, skipped, .. } = *note;
        notes.push(KeptNote { file: file.map(|file| file.0), path, line, message: words(&note.message)?, skipped });
    }
    let masked = sources.iter().map(|(_, file)| file.marked()).collect();
    Some(KeptJudgement { answers, evidence: made.evidence.clone(), findings, notes, masked })
}
