//! Which credentials one blob holds: the rules about written credentials, asked of a file that stands alone.

use crate::analysis::{Secret, analyze};
use crate::config::Config;
use crate::error::Error;
use crate::finding::{Confidence, Finding, Severity};
use crate::frontend::mentions::{credential_file, evidence, mentions, whole_file};
use crate::frontend::{self};
use crate::guard::guarded;
use crate::knowledge::libraries::Models;
use crate::knowledge::words::decode_pair;
use crate::program::link::Specifiers;
use crate::project::gate::{Gate, GateHits};
use crate::project::kind::FileKind;
use crate::project::read::{Content, MAX_BYTES, decode};
use crate::project::sides::places::SidePlaces;
use crate::project::sides::{Plan, Sides};
use crate::settings::{Input, Settings};
use crate::source::{SourceFile, Sources};
use crate::span::FileId;
use gix::ObjectId;
use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// The rules that report a credential where it is written.
const RULES: &[&str] = &["base64-credential", "credential-in-support-material", "embedded-credential", "url-userinfo"];

/// A credential in a blob.
#[derive(Clone)]
pub(super) struct Hit {
    /// The credential.
    pub secret: Secret,
    /// The text it is written as.
    pub written: Secret,
    /// The rule.
    pub rule: &'static str,
    /// 1-based.
    pub line: u32,
    /// The file itself shows that it is one of the API; otherwise the rest of the history has to.
    pub certain: bool,
}

impl Hit {
    /// About the memory that it takes.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.secret.as_str().len() + self.written.as_str().len()
    }
}

/// What a blob holds.
#[derive(Default)]
pub(super) struct Judgement {
    pub hits: Vec<Hit>,
    /// It names the API.
    pub names_api: bool,
}

/// Why a blob was not judged.
pub(super) enum Unread {
    Missing,
    TooLarge,
    Failed,
}

/// All that judging needs.
pub(super) struct Judge {
    config: Config,
    gate: Gate,
    models: Cow<'static, Models>,
    /// Paths are below this folder.
    root: PathBuf,
}

impl Judge {
    /// Gets ready.
    ///
    /// # Errors
    /// When a library model of the configuration cannot be read.
    pub(super) fn new(config: &Config, root: &Path) -> Result<Self, Error> {
        let (gate, models) = (crate::scan::gate(config), crate::scan::models(config)?);
        Ok(Self { config: config.clone(), gate, models, root: root.to_owned() })
    }

    /// Whether a file is looked into, by its path alone.
    pub(super) fn reads(&self, path: &str) -> bool {
        frontend::reads(FileKind::of(Path::new(path))) && !self.config.excludes(&self.root.join(path))
    }

    /// Whether a commit's message can hold anything.
    pub(super) fn message_matters(&self, message: &[u8]) -> bool {
        self.gate
            .matters(message, false)
            .any(GateHits::KEY.with(GateHits::BASIC).with(GateHits::USERINFO).with(GateHits::API))
    }

    /// Reads and judges a blob.
    pub(super) fn blob(&self, local: &gix::Repository, blob: ObjectId, path: &str) -> Result<Judgement, Unread> {
        // What is too large is not even unpacked.
        let header = local.find_header(blob).map_err(|_| Unread::Missing)?;
        if header.size() > MAX_BYTES {
            return Err(Unread::TooLarge);
        }
        let mut object = local.find_object(blob).map_err(|_| Unread::Missing)?;
        self.judge(Path::new(path), std::mem::take(&mut object.data))
    }

    /// Judges the bytes of a file.
    pub(super) fn judge(&self, path: &Path, bytes: Vec<u8>) -> Result<Judgement, Unread> {
        let bytes = match decode(path, bytes) {
            Content::Text(bytes) => bytes,
            Content::TooLarge => return Err(Unread::TooLarge),
            _ => return Ok(Judgement::default()),
        };
        let seen = self.gate.matters(&bytes, false);
        let kind = FileKind::of(path);
        let held = kind.is_configuration() && seen.any(GateHits::CREDENTIAL) || credential_file(path).is_some();
        if !(seen.matters_alone() || held) {
            return Ok(Judgement::default());
        }
        guarded(|| self.close(path, kind, &bytes)).map_err(|_| Unread::Failed)
    }

    fn close(&self, path: &Path, kind: FileKind, bytes: &[u8]) -> Judgement {
        let shown = path.to_string_lossy().into_owned();
        let mut sources = Sources::default();
        let id = sources.add(SourceFile::new(shown.clone(), bytes));
        let text = String::from_utf8_lossy(bytes).into_owned();
        let lowered = frontend::lower(kind, path, id, &text);
        let hosts: Vec<String> = self.config.hosts.iter().chain(&self.config.sandbox_hosts).cloned().collect();
        let evidence = evidence(&text, &hosts);
        let mut mentions = mentions(id, &text, &frontend::unparsed(&lowered, &text));
        if let Some(whole) = whole_file(id, path, &text) {
            mentions.retain(|mention| mention.span != whole.span);
            mentions.push(whole);
        }
        let modules = [lowered.module];
        let input =
            |module| Input { path: &shown, below: &shown, module, mentions: &mentions, evidence, hidden: false };
        let mut settings = crate::settings::collect(modules.iter().map(input));
        settings.about_api = true;
        let mut found = self.findings(&modules, &shown, &mut sources, &settings);
        let names_api = evidence.host || evidence.product && !evidence.other;
        if found.is_empty() {
            return Judgement { hits: Vec::new(), names_api };
        }
        self.accept(&modules, kind, &sources, path, &mut found);
        settings.about_api = false;
        let certain = self.findings(&modules, &shown, &mut sources, &settings);
        let file = sources.get(FileId(0));
        let hit = |finding: &Finding| {
            let written = file?.slice(finding.primary);
            let value = settings.all.iter().find(|setting| setting.span == finding.primary);
            let secret = secret(value.map_or(written, |setting| &setting.value));
            let certain = certain.iter().any(|other| other.primary == finding.primary);
            let line = file?.position(finding.primary.start).line;
            let written = Secret::new(written.trim_matches(['"', '\'', '`']));
            let secret = Secret::new(secret);
            (!secret.as_str().is_empty()).then_some(Hit { secret, written, rule: finding.rule, line, certain })
        };
        Judgement { hits: found.iter().filter_map(hit).collect(), names_api }
    }

    fn findings(
        &self,
        modules: &[crate::program::tree::Module],
        path: &str,
        sources: &mut Sources,
        settings: &Settings,
    ) -> Vec<Finding> {
        let (linked, places) = (Specifiers::default(), [self.root.join(path)]);
        let plan = Plan { packages: &[], linked: &linked, pages: &[], root: None };
        let sides = Sides::of_modules(&plan, modules, &places, sources);
        let sides = SidePlaces::new(&sides, &places, sources, &|path| path.display().to_string());
        let none = crate::timetables::Timetables::default();
        let outcome = analyze(modules, &[path], (&[], &linked), &self.config, &self.models, &sides, (settings, &none));
        let least = self.config.min_confidence.unwrap_or(Confidence::Medium);
        // A template that takes a credential holds none.
        let written = |finding: &Finding| {
            RULES.contains(&finding.rule) && finding.severity == Severity::Error && finding.confidence >= least
        };
        outcome.findings.into_iter().filter(written).collect()
    }

    /// Leaves out what comments in the file or the configuration accept.
    fn accept(
        &self,
        modules: &[crate::program::tree::Module],
        kind: FileKind,
        sources: &Sources,
        path: &Path,
        found: &mut Vec<Finding>,
    ) {
        let comments = crate::scan::comments(modules, sources, &[kind]);
        let rules = crate::cards::ids();
        crate::suppression::apply(sources, &comments, &rules, crate::today::today(), found, &mut Vec::new());
        let place = self.root.join(path);
        found.retain(|finding| finding.suppressed.is_none() && !self.config.ignores(finding.rule, &place));
    }
}

/// The secret of a value however it is written: without quotes, without the scheme of a header, decoded, without its user.
fn secret(written: &str) -> String {
    let text = written.trim().trim_matches(['"', '\'', '`']).trim();
    let encoded = text.get(..6).filter(|scheme| scheme.eq_ignore_ascii_case("basic ")).and_then(|_| text.get(6..));
    if let Some((_, secret)) = decode_pair(encoded.unwrap_or(text).trim()) {
        return secret;
    }
    match text.split_once(':') {
        Some((user, secret)) if user.starts_with("pk_") => secret.to_owned(),
        _ => text.to_owned(),
    }
}
