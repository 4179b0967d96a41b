//! What configuration, code and text write down under a name: the facts about settings.

mod modes;
mod served;
mod walk;

pub use modes::FileMode;
pub use served::ServedRoot;

use crate::config::Config;
use crate::frontend::mentions::{Evidence, Mention};
use crate::program::tree::Module;
use crate::project::exposure::{Exposure, exposures};
use crate::project::image::{BuildIgnore, Recipe};
use crate::project::kind::FileKind;
use crate::project::npm_package::Published;
use crate::span::{FileId, Span};
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};

/// A value and the names it is written under.
#[derive(Clone)]
pub struct Setting {
    /// The name next to the value: a key, variable, constant, field or argument; empty for a value that stands alone.
    pub name: String,
    /// The keys and names around it, outermost first, without its own.
    pub path: Vec<String>,
    /// Texts that name the objects around it (`name: cerbo-credentials`).
    pub titles: Vec<String>,
    /// The value. Variables in it are written `${NAME}`.
    pub value: String,
    /// Where the value stands.
    pub span: Span,
    /// What is written side by side.
    pub group: Group,
    /// The groups of the objects around it, innermost last, its own excluded.
    pub around: Vec<Group>,
    /// How it is written.
    pub form: Form,
    /// It stands in a comment.
    pub commented: bool,
    /// The file holds it encoded as base64.
    pub encoded: bool,
    /// It belongs to a test.
    pub test: bool,
}

// A value may be a secret.
impl std::fmt::Debug for Setting {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("Setting");
        shown.field("path", &self.path).field("name", &self.name).field("span", &self.span);
        shown.field("form", &self.form).finish_non_exhaustive()
    }
}

impl Setting {
    /// What a program asks for that reads the setting from a file by its keys. A single key names too little.
    pub fn key(&self) -> Option<String> {
        const PROFILES: &[&str] = &["default", "development", "production", "staging", "test", "local"];
        let profile = self.path.first().is_some_and(|first| PROFILES.contains(&first.as_str()));
        let path = self.path.get(usize::from(profile)..).unwrap_or_default();
        let named = !self.name.is_empty() && !path.is_empty() && path.iter().all(|part| !part.is_empty());
        named.then(|| key_of_setting(&format!("{}.{}", path.join("."), self.name)))
    }

    /// The dotted path of keys, its own name last.
    pub fn key_path(&self) -> String {
        let mut path = self.path.join(".");
        if !path.is_empty() && !self.name.is_empty() {
            path.push('.');
        }
        path + &self.name
    }
}

/// Settings with the same group stand side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// Entries of the same object or arguments of the same call, which starts and ends here.
    Node(u32, u32),
    /// Lines of text: side by side is what is near.
    Near,
}

impl Group {
    /// The group of what stands in a node.
    fn of(span: Span) -> Self {
        Self::Node(span.start, span.end)
    }
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// The value of a key, variable or constant.
    Value,
    /// What a look-up falls back to.
    Default,
    /// A literal that no name is written for.
    Alone,
    /// Found in text by its shape: between quotes.
    Quoted,
    /// Found in text by its shape: bare.
    Bare,
}

/// What is known about a file as a whole.
#[derive(Clone, Debug)]
pub struct FileFacts {
    /// Its kind.
    pub kind: FileKind,
    /// Its path, `/`-separated.
    pub path: String,
    /// What its text says about the product.
    pub evidence: Evidence,
    /// The file or a folder around it is named after the product.
    pub named: bool,
    /// Its path says that it belongs to tests.
    pub test: bool,
    /// It describes an interface or texts for people, not values.
    pub descriptive: bool,
    /// Git ignores it: it is looked at only for what takes it all the same.
    pub hidden: bool,
    /// Where it lies.
    pub place: PathBuf,
    /// Who else gets it.
    pub exposure: Exposure,
}

/// A place by which files leave the folder.
#[derive(Clone, Debug)]
pub struct Handed {
    /// The instruction, or what names the package.
    pub span: Span,
    /// The files that leave.
    pub files: Vec<FileId>,
    /// How.
    pub by: HandedBy,
}

/// How files leave the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandedBy {
    /// In an image that is built.
    Image,
    /// In a package that is published.
    Package,
}

/// All settings of a run.
#[derive(Debug, Default)]
pub struct Settings {
    /// By file, then by place.
    pub all: Vec<Setting>,
    /// By file number.
    pub files: Vec<FileFacts>,
    /// The members of each group of a file, by their place in `all`.
    groups: HashMap<(FileId, Group), Vec<usize>>,
    /// How files leave the folder.
    pub handed: Vec<Handed>,
    /// The rights that configuration gives to files.
    pub modes: Vec<FileMode>,
    /// Folders that servers are configured to hand out.
    pub served: Vec<ServedRoot>,
    /// The folders that were asked for.
    pub roots: Vec<PathBuf>,
    /// Files beside those that were collected show that the project is about the API.
    pub about_api: bool,
    /// Files of code in the project, read closely or not.
    pub code: usize,
    /// There is code in languages that are not followed.
    pub other_code: bool,
}

impl Settings {
    /// What is known about the file a span lies in.
    pub fn file(&self, span: Span) -> Option<&FileFacts> {
        self.files.get(span.file.0 as usize)
    }

    /// Whether a span lies in documentation: what is written there is not run by the project.
    pub fn is_documentation(&self, span: Span) -> bool {
        self.file(span).is_some_and(|file| file.kind == FileKind::Markdown)
    }

    /// The settings written side by side with one, itself excluded.
    pub fn siblings<'a>(&'a self, setting: &'a Setting) -> impl Iterator<Item = &'a Setting> {
        self.near(setting)
            .chain(self.of_group(setting.span.file, setting.group))
            .filter(|other| !std::ptr::eq(*other, setting) && side_by_side(setting, other))
    }

    /// The settings of the objects around one.
    pub fn around<'a>(&'a self, setting: &'a Setting) -> impl Iterator<Item = &'a Setting> {
        setting.around.iter().flat_map(|group| self.of_group(setting.span.file, *group))
    }

    /// The settings of one file.
    pub fn of_file(&self, span: Span) -> impl Iterator<Item = &Setting> {
        let first = self.all.partition_point(|other| other.span.file < span.file);
        let rest = self.all.get(first..).unwrap_or_default();
        rest.iter().take_while(move |other| other.span.file == span.file)
    }

    fn of_group(&self, file: FileId, group: Group) -> impl Iterator<Item = &Setting> {
        let members = if group == Group::Near { None } else { self.groups.get(&(file, group)) };
        members.into_iter().flatten().take(MAX_SIBLINGS).filter_map(|index| self.all.get(*index))
    }

    /// The settings that stand near one and may be side by side with it by that alone.
    fn near<'a>(&'a self, setting: &'a Setting) -> impl Iterator<Item = &'a Setting> {
        let from = setting.span.start.saturating_sub(2 * NEAR);
        let to = setting.span.end.saturating_add(NEAR);
        let start = (setting.span.file, from);
        let first = self.all.partition_point(|other| (other.span.file, other.span.start) < start);
        let rest = self.all.get(first..).unwrap_or_default();
        let near = rest.iter().take_while(move |other| other.span.file == setting.span.file && other.span.start <= to);
        near.take(MAX_SIBLINGS).filter(|other| setting.group == Group::Near || other.group == Group::Near)
    }
}

/// Settings side by side with one that are looked at.
const MAX_SIBLINGS: usize = 500;

/// The name under which programs ask for a setting, however its parts are joined: `ehr.url`, `ehr:url`, `EHR_URL` and
/// `ehr.Url` are one.
pub fn key_of_setting(name: &str) -> String {
    crate::knowledge::words::words(name).join("_")
}

impl Settings {
    /// What configuration files set environment variables and keys of settings to, and where: addresses only, so that no
    /// secret travels by this way. A key is written as [`key_of_setting`] writes it. Files for tests come last.
    pub fn environment(&self) -> crate::hash::FastMap<String, Vec<(String, Span)>> {
        let mut environment: crate::hash::FastMap<String, Vec<(String, Span)>> = crate::hash::FastMap::default();
        for tests in [false, true] {
            for setting in self.all.iter().filter(|setting| setting.test == tests) {
                let held = self.file(setting.span).is_some_and(|file| file.kind.is_configuration() && !file.hidden);
                if !held || setting.commented || !is_plain_address(&setting.value) {
                    continue;
                }
                let name = match is_variable(&setting.name) {
                    true => setting.name.clone(),
                    false => match setting.key() {
                        Some(key) => key,
                        None => continue,
                    },
                };
                let values = environment.entry(name).or_default();
                if values.len() < MAX_VALUES && values.iter().all(|(value, _)| *value != setting.value) {
                    values.push((setting.value.clone(), setting.span));
                }
            }
        }
        environment
    }

    /// The files of settings with the addresses in them: no secret travels by this way.
    pub fn documents(&self) -> Vec<crate::program::documents::Document> {
        let mut documents: Vec<crate::program::documents::Document> = Vec::new();
        let mut last = None;
        for setting in &self.all {
            let Some(file) = self.file(setting.span).filter(|file| file.kind.is_configuration() && !file.hidden) else {
                continue;
            };
            if last != Some(setting.span.file) {
                last = Some(setting.span.file);
                documents.push(crate::program::documents::Document { path: file.path.clone(), addresses: Vec::new() });
            }
            if let Some(document) = documents.last_mut()
                && !setting.commented
                && is_plain_address(&setting.value)
            {
                let keys = setting.path.iter().chain([&setting.name]).cloned().collect();
                document.addresses.push((keys, setting.value.clone(), setting.span));
            }
        }
        documents
    }

    /// Names of variables and keys that hold an address of the API.
    pub fn address_names(&self, config: &Config) -> BTreeSet<String> {
        let seen = |setting: &&Setting| self.file(setting.span).is_some_and(|file| !file.hidden);
        let held =
            self.all.iter().filter(seen).filter(|setting| !setting.commented && is_plain_address(&setting.value));
        let api = held.filter(|setting| {
            let host = setting.value.split_once("://").map_or("", |(_, rest)| rest);
            let host = host.split(['/', '?', '#', ':']).next().unwrap_or("").to_ascii_lowercase();
            crate::knowledge::api::api().host_suffixes.iter().any(|suffix| host.ends_with(suffix.as_str()))
                || config.hosts.iter().chain(&config.sandbox_hosts).any(|declared| *declared == host)
        });
        api.filter(|setting| is_variable(&setting.name)).map(|setting| setting.name.clone()).collect()
    }
}

impl Settings {
    /// Finds out who else gets the files. `places` are where they lie, `roots` the folders that were asked for, `folder`
    /// the prefix of their paths that was asked for; `text` gives a file's text.
    pub fn look_around<'t>(
        &mut self,
        places: &[PathBuf],
        roots: &[PathBuf],
        folder: &str,
        text: impl Fn(FileId) -> &'t str,
    ) {
        let below = |path: &str| path.strip_prefix(folder).unwrap_or(path).to_owned();
        let paths: Vec<String> = self.files.iter().map(|file| below(&file.path)).collect();
        let files: Vec<(&Path, &str)> =
            places.iter().map(PathBuf::as_path).zip(paths.iter().map(String::as_str)).collect();
        for (file, exposure) in self.files.iter_mut().zip(exposures(&files, roots)) {
            file.exposure = exposure;
        }
        let mut handed = self.images(places, &text);
        handed.extend(self.packages(places, &text));
        self.handed = handed;
        for (file, place) in self.files.iter_mut().zip(places) {
            place.clone_into(&mut file.place);
        }
        self.roots = roots.to_vec();
        self.served = self.configured_roots(&text);
    }

    /// The files with values for programs, with their places.
    fn held<'a>(&'a self, places: &'a [PathBuf]) -> impl Iterator<Item = (FileId, &'a Path)> {
        let all = self.files.iter().zip(places).enumerate();
        let held = all.filter(|(_, (file, _))| {
            let named = || crate::frontend::mentions::credential_file(Path::new(&file.path)).is_some();
            file.kind.is_configuration() && file.kind != FileKind::Dockerfile || named()
        });
        held.map(|(number, (_, place))| (id(number), place.as_path()))
    }

    fn images<'t>(&self, places: &[PathBuf], text: &impl Fn(FileId) -> &'t str) -> Vec<Handed> {
        let mut handed = Vec::new();
        for (number, (_, place)) in
            self.files.iter().zip(places).enumerate().filter(|(_, (file, _))| file.kind == FileKind::Dockerfile)
        {
            let recipe = Recipe::read(text(id(number)));
            for context in self.contexts(place, places) {
                let unseen = BuildIgnore::of(place, &context);
                let mut takes: Vec<(std::ops::Range<usize>, Vec<FileId>)> = Vec::new();
                for (file, other) in self.held(places) {
                    let Ok(inside) = other.strip_prefix(&context) else { continue };
                    let below = crate::project::walk::show(inside, Path::new(""));
                    let Some((range, _)) = recipe.takes(&below).filter(|_| !unseen.hides(&below)) else { continue };
                    match takes.iter_mut().find(|(known, _)| *known == range) {
                        Some((_, files)) => files.push(file),
                        None => takes.push((range, vec![file])),
                    }
                }
                handed.extend(takes.into_iter().map(|(range, files)| Handed {
                    span: Span::new(id(number), range.start, range.end),
                    files,
                    by: HandedBy::Image,
                }));
            }
        }
        handed
    }

    /// The folders an image is built in: those that compose files name for the recipe, else the recipe's own.
    fn contexts(&self, recipe: &Path, places: &[PathBuf]) -> Vec<PathBuf> {
        let mut contexts = Vec::new();
        for context in self.all.iter().filter(|setting| setting.name == "context" && !setting.commented) {
            let Some(folder) = places.get(context.span.file.0 as usize).and_then(|place| place.parent()) else {
                continue;
            };
            if !matches!(self.file(context.span).map(|file| file.kind), Some(FileKind::Yaml)) {
                continue;
            }
            let own = self.siblings(context).find(|other| other.name == "dockerfile");
            let folder = plain(&folder.join(&context.value));
            if plain(&folder.join(own.map_or("Dockerfile", |own| &own.value))) == recipe && !contexts.contains(&folder)
            {
                contexts.push(folder);
            }
        }
        if contexts.is_empty() {
            contexts.push(recipe.parent().unwrap_or(recipe).to_owned());
        }
        contexts
    }

    fn packages<'t>(&self, places: &[PathBuf], text: &impl Fn(FileId) -> &'t str) -> Vec<Handed> {
        let manifests: Vec<(usize, &Path)> = places
            .iter()
            .enumerate()
            .filter(|(_, place)| place.ends_with("package.json"))
            .filter_map(|(number, place)| Some((number, place.parent()?)))
            .collect();
        let mut handed = Vec::new();
        for (number, folder) in &manifests {
            let Some(published) = Published::read(text(id(*number)), folder) else { continue };
            // Folders with a manifest of their own are packages of their own.
            let own = |place: &Path| {
                let nearest = manifests.iter().filter(|(_, other)| place.starts_with(other));
                nearest.max_by_key(|(_, other)| other.as_os_str().len()).is_some_and(|(_, other)| other == folder)
            };
            let files: Vec<FileId> = self
                .held(places)
                .filter(|(_, place)| own(place) && !place.ends_with("package.json") && published.takes(place, folder))
                .map(|(file, _)| file)
                .collect();
            let named = self.of_file(Span::new(id(*number), 0, 0));
            let Some(name) = named.into_iter().find(|setting| setting.name == "name" && setting.path.is_empty()) else {
                continue;
            };
            handed.push(Handed { span: name.span, files, by: HandedBy::Package });
        }
        handed
    }
}

fn id(number: usize) -> FileId {
    FileId(u32::try_from(number).unwrap_or(u32::MAX))
}

/// A path without dots.
pub(crate) fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                plain.pop();
            }
            std::path::Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

/// Values of one variable that are kept.
const MAX_VALUES: usize = 4;

fn is_variable(name: &str) -> bool {
    name.len() > 2 && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

fn is_plain_address(value: &str) -> bool {
    value.contains("://") && !value.contains(['@', '$']) && !value.contains(char::is_whitespace) && value.len() < 512
}

/// How far apart lines of text are still taken as side by side, in bytes.
const NEAR: u32 = 300;

fn side_by_side(one: &Setting, other: &Setting) -> bool {
    match (one.group, other.group) {
        (Group::Node(..), Group::Node(..)) => one.group == other.group,
        // Commented-out lines stand beside the lines around them.
        _ => one.span.start.abs_diff(other.span.end).min(other.span.start.abs_diff(one.span.end)) < NEAR,
    }
}

/// One file as it goes in: its path, its tree, what its text mentions and says.
pub struct Input<'i> {
    /// Path, `/`-separated.
    pub path: &'i str,
    /// The path below the folder that was asked for: what is said of folders above it was not asked.
    pub below: &'i str,
    /// The tree.
    pub module: &'i Module,
    /// What is not in the tree.
    pub mentions: &'i [Mention],
    /// What the text says about the product.
    pub evidence: Evidence,
    /// Git ignores it: it is looked at only for what takes it all the same.
    pub hidden: bool,
}

/// Collects the settings of files, in order of their number.
pub fn collect<'i>(inputs: impl IntoIterator<Item = Input<'i>>) -> Settings {
    let mut settings = Settings::default();
    for (number, input) in inputs.into_iter().enumerate() {
        let file = FileId(u32::try_from(number).unwrap_or(u32::MAX));
        let kind = FileKind::of(Path::new(input.path));
        let facts = FileFacts {
            kind,
            path: input.path.to_owned(),
            evidence: input.evidence,
            named: names_product(input.below),
            test: is_test(input.below),
            descriptive: is_descriptive(input.below, input.module),
            hidden: input.hidden,
            place: PathBuf::new(),
            exposure: Exposure::default(),
        };
        settings.modes.extend(modes::of_module(input.module).into_iter().map(|mut mode| {
            mode.span.file = file;
            mode
        }));
        let mut found = walk::settings(input.module, facts.test);
        let in_comment = |span: Span| {
            let next = input.module.comments.partition_point(|comment| comment.span.end <= span.start);
            input.module.comments.get(next).is_some_and(|comment| comment.span.contains(span))
        };
        // What comments in generated code show are the examples of the description that it was made from.
        let generated = kind.is_code() && is_generated(input.module);
        let known: std::collections::HashSet<Span> = found.iter().map(|setting| setting.span).collect();
        for mention in input.mentions {
            // A literal of several lines is in the tree as a whole, and what it mentions stands inside it.
            let span = mention.span;
            if known.contains(&span) || generated && in_comment(span) {
                continue;
            }
            found.push(Setting {
                name: mention.name.clone(),
                path: Vec::new(),
                titles: Vec::new(),
                value: mention.value.clone(),
                span,
                group: Group::Near,
                around: Vec::new(),
                form: if mention.quoted { Form::Quoted } else { Form::Bare },
                commented: in_comment(span),
                encoded: false,
                test: facts.test,
            });
        }
        for setting in &mut found {
            setting.span.file = file;
        }
        found.sort_by_key(|setting| setting.span);
        settings.all.extend(found);
        settings.files.push(facts);
    }
    for (index, setting) in settings.all.iter().enumerate() {
        if setting.group != Group::Near {
            settings.groups.entry((setting.span.file, setting.group)).or_default().push(index);
        }
    }
    settings
}

/// Whether a folder or the file's own name carries the product's word. A repository named after the product says nothing
/// about one file in it, so folders count only where they hold settings (`cerbo/.env`).
fn names_product(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    let own = parts.next().unwrap_or("");
    let folder = parts.next().unwrap_or("");
    crate::knowledge::words::names_product(own) || crate::knowledge::words::names_product(folder)
}

fn is_test(path: &str) -> bool {
    const FOLDERS: &[&str] = &[
        "test",
        "tests",
        "__tests__",
        "spec",
        "specs",
        "e2e",
        "testdata",
        "__mocks__",
        "mocks",
        "mock",
        "fixtures",
        "__fixtures__",
        "cypress",
        "playwright",
    ];
    let lower = path.to_ascii_lowercase();
    let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
    folders.split('/').any(|folder| FOLDERS.contains(&folder))
        || name.split(['.', '_', '-']).any(|word| matches!(word, "test" | "tests" | "spec" | "mock" | "mocks"))
}

/// Whether code says that a program wrote it.
fn is_generated(module: &Module) -> bool {
    const FIRST: usize = 5;
    const SIGNS: &[&str] = &[
        "@generated",
        "generated by ",
        "generated from ",
        "generated with ",
        "generated using ",
        "code generated by ",
        "auto-generated",
        "autogenerated",
        "automatically generated",
        "this file was generated",
        "this file is generated",
        "this file was auto",
        "this file is auto",
    ];
    module.comments.iter().take(FIRST).any(|comment| {
        let text = comment.text.to_ascii_lowercase();
        let mut lines = text.lines().map(|line| line.trim_start_matches(|c: char| !c.is_alphabetic() && c != '@'));
        lines.any(|line| SIGNS.iter().any(|sign| line.starts_with(sign)))
            || text.contains("generated") && (text.contains("do not edit") || text.contains("do not modify"))
    })
}

/// Interface descriptions, schemas, translations.
fn is_descriptive(path: &str, module: &Module) -> bool {
    let lower = path.to_ascii_lowercase();
    let in_folder = lower.split('/').rev().skip(1).any(|folder| {
        matches!(
            folder,
            "locales"
                | "locale"
                | "i18n"
                | "l10n"
                | "translations"
                | "lang"
                | "schemas"
                | "schema"
                | "openapi"
                | "swagger"
        )
    });
    let named =
        [".schema.json", "openapi.json", "openapi.yaml", "openapi.yml", "swagger.json", "swagger.yaml", "swagger.yml"]
            .iter()
            .any(|end| lower.ends_with(end));
    in_folder || named || walk::describes(module)
}
