//! What can be typed. One definition gives parsing, help and errors.

use crate::config::{FailOn, Scope};
use crate::finding::Confidence;
use crate::project::shard::Shard;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::PathBuf;

const AFTER_HELP: &str = "\
Exit codes: 0 nothing to report, 1 findings at or above --fail-on, 2 an error.

To accept one place, put a comment on its line or above it:
  // cerbo-lint: allow(RULE) reason=\"why\" until=2030-12-31
Files without comments (JSON): [[ignore]] with paths, rules and reason in cerbo-lint.toml.";

/// Finds code that breaks the best practices of the Cerbo EHR API.
#[derive(Debug, Parser)]
#[command(name = "cerbo-lint", version, args_conflicts_with_subcommands = true)]
#[command(after_help = AFTER_HELP)]
pub(super) struct Options {
    #[command(subcommand)]
    pub command: Option<Command>,
    #[command(flatten)]
    pub check: CheckOptions,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Scan files and folders (what happens without a command as well)
    Check(Box<CheckOptions>),
    /// List the operations of the API that the code calls, and the smallest permissions to ask for
    Permissions(PermissionsOptions),
    /// Write a configuration fit for the project, a hook and a workflow; what is there is never written over
    Init(InitOptions),
    /// Accept what is left by comments with a reason
    Suppress(SuppressOptions),
    /// Show every practice of the vendor with its state
    Audit(AuditOptions),
    /// Take out what runs have left for later runs
    Clean(CleanOptions),
    /// Look for credentials in every commit of a git repository
    History(HistoryOptions),
    /// Accept what is found now, so that only new findings fail; or take out of that file what is no longer found
    Baseline(BaselineOptions),
    /// Write several JSON or SARIF reports as one
    Merge(MergeOptions),
    /// State in the configuration that a practice is kept which no code shows
    Attest(AttestOptions),
    /// List the rules
    Rules {
        /// How to list them
        #[arg(long, value_enum, default_value_t = RulesFormat::Human)]
        format: RulesFormat,
    },
    /// Print completions for a shell
    #[command(hide = true)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    #[command(hide = true)]
    Manual,
    /// Write the pages that explain the rules into a folder
    #[command(hide = true)]
    Pages {
        /// The folder
        folder: PathBuf,
    },
    /// Print the JSON schema of the configuration or of the JSON report
    #[command(hide = true)]
    Schema {
        /// Of what
        #[arg(value_enum)]
        of: SchemaOf,
    },
    /// Say why a rule is there, what to write instead, and how to accept one place
    Explain {
        /// The rule's id
        rule: String,
    },
    /// Say where the code of a file runs (server, client, test, …) and why
    ExplainFile {
        /// The file
        path: PathBuf,
        /// How to say it
        #[arg(long, value_enum, default_value_t = RulesFormat::Human)]
        format: RulesFormat,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum RulesFormat {
    Human,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaOf {
    Config,
    Report,
}

/// How to print what a project needs of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum PermissionsFormat {
    /// A table
    Human,
    /// Versioned, for programs
    Json,
    /// A `[permissions]` section for the configuration
    Toml,
    /// A message to the vendor
    Text,
}

/// How to print an audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum AuditFormat {
    /// For people
    Human,
    /// Versioned, for programs
    Json,
    /// Markdown
    Markdown,
    /// One page for a browser, without a network
    Html,
}

/// What to look at, for commands that do not report findings.
#[derive(Debug, Args)]
pub(super) struct ScanOptions {
    /// Files and folders to scan; the current folder by default
    pub paths: Vec<PathBuf>,
    /// Use this configuration
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub config: Option<PathBuf>,
    /// Use no configuration
    #[arg(long)]
    pub no_config: bool,
    /// Threads; one a core by default
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
}

/// What a run leaves for later ones.
#[derive(Debug, Args)]
pub(super) struct CacheOptions {
    /// Look at everything anew, and leave nothing for later runs
    #[arg(long)]
    pub no_cache: bool,
    /// Keep what speeds up later runs in this folder [default: cerbo-lint among the caches of the user]
    #[arg(long, value_name = "DIR", env = CACHE_VARIABLE)]
    pub cache_dir: Option<OsString>,
}

/// The environment variable that says where the cache is.
const CACHE_VARIABLE: &str = "CERBO_LINT_CACHE_DIR";

#[derive(Debug, Args)]
pub(super) struct CleanOptions {
    /// The folder of the cache [default: cerbo-lint among the caches of the user]
    #[arg(long, value_name = "DIR", env = CACHE_VARIABLE)]
    pub cache_dir: Option<OsString>,
}

#[derive(Debug, Args)]
pub(super) struct HistoryOptions {
    /// A folder in the repository, or a bare repository; the current folder by default
    pub path: Option<PathBuf>,
    /// Use this configuration
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub config: Option<PathBuf>,
    /// Use no configuration
    #[arg(long)]
    pub no_config: bool,
    /// How to print what was found
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = Format::Human)]
    pub format: Format,
    /// Threads; one a core by default
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Only the last line, and no progress
    #[arg(short, long)]
    pub quiet: bool,
    /// Exit with 0 although credentials were found
    #[arg(long)]
    pub exit_zero: bool,
}

#[derive(Debug, Args)]
pub(super) struct PermissionsOptions {
    #[command(flatten)]
    pub scan: ScanOptions,
    /// How to print them
    #[arg(long, value_enum, default_value_t = PermissionsFormat::Human)]
    pub format: PermissionsFormat,
}

#[derive(Debug, Args)]
pub(super) struct AuditOptions {
    #[command(flatten)]
    pub scan: ScanOptions,
    /// How to print it
    #[arg(long, value_enum, default_value_t = AuditFormat::Human)]
    pub format: AuditFormat,
    /// Exit with 0 although practices are broken
    #[arg(long)]
    pub exit_zero: bool,
}

#[derive(Debug, Args)]
pub(super) struct BaselineOptions {
    #[command(flatten)]
    pub scan: ScanOptions,
    /// The file [default: the configuration's, else cerbo-lint-baseline.jsonl]
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Accept new findings too when the file is there
    #[arg(long)]
    pub add: bool,
    /// Services the run is about [default: api]
    #[arg(long, value_enum)]
    pub scope: Option<Scope>,
    /// The least confidence that is accepted [default: medium]
    #[arg(long, value_enum)]
    pub min_confidence: Option<Confidence>,
}

#[derive(Debug, Args)]
pub(super) struct SuppressOptions {
    #[command(flatten)]
    pub scan: ScanOptions,
    /// Accept findings of these rules only
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub rule: Vec<String>,
    /// Why the code is right as it is
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// The last day on which that holds
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub until: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct InitOptions {
    /// The folder of the project; the current folder by default
    pub path: Option<PathBuf>,
    /// Print what would be written
    #[arg(long)]
    pub dry_run: bool,
    /// No hook for pre-commit
    #[arg(long)]
    pub no_hook: bool,
    /// No workflow
    #[arg(long)]
    pub no_ci: bool,
}

#[derive(Debug, Args)]
pub(super) struct MergeOptions {
    /// JSON or SARIF reports of cerbo-lint
    #[arg(required = true, value_name = "REPORT")]
    pub reports: Vec<PathBuf>,
    #[command(flatten)]
    pub report: ReportOptions,
}

#[derive(Debug, Args)]
pub(super) struct AttestOptions {
    /// Id of the practice, as `audit` shows it
    pub practice: String,
    /// Who states it
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// The day it was looked at [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub on: Option<String>,
    /// How long it holds: 90d, 12w, 6m or 1y
    #[arg(long, value_name = "LENGTH", default_value = "1y")]
    pub valid_for: String,
    /// What was looked at
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Put it in the place of a statement that is still valid
    #[arg(long)]
    pub replace: bool,
    /// Write into this configuration [default: the one that is found from the current folder]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// A format of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Human,
    /// One line a finding
    Concise,
    /// Versioned, for programs
    Json,
    /// One flat record a line, for SQL
    Jsonl,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
    /// Code Quality of GitLab
    Gitlab,
    /// JUnit's XML
    Junit,
    /// Checkstyle's XML
    Checkstyle,
    /// The diagnostic format of reviewdog
    Rdjson,
    /// A summary in Markdown
    Markdown,
    /// Messages of cargo, by `--message-format`
    #[value(skip)]
    Cargo,
}

/// How cargo would print messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum MessageFormat {
    /// For people
    Human,
    /// One line a finding
    Short,
    /// Messages of the compiler as cargo passes them on, for editors
    Json,
}

/// Which fixes are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Fixes {
    /// Those that change nothing but what is wrong.
    Safe,
    /// Also those to be looked at.
    All,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

/// Where reports go, and what makes a run fail.
#[derive(Debug, Default, Args)]
pub(super) struct ReportOptions {
    /// Format of the report on standard output
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// Write a report to a file too; `-` is standard output. Can be given several times
    #[arg(long, value_name = "FORMAT=FILE")]
    pub output: Vec<String>,
    /// The least severity that makes the run fail [default: warning]
    #[arg(long, value_enum)]
    pub fail_on: Option<FailOn>,
    /// Exit with 0 whatever is found
    #[arg(long)]
    pub exit_zero: bool,
    /// Category of the run in SARIF, for several uploads of one commit
    #[arg(long, value_name = "NAME")]
    pub sarif_category: Option<String>,
    /// Name of the repository in JSON Lines
    #[arg(long, value_name = "NAME")]
    pub repo: Option<String>,
    /// Revision of the repository in JSON Lines
    #[arg(long, value_name = "NAME")]
    pub rev: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct CheckOptions {
    /// Files and folders to scan [default: .]. Around single files their project is read too
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub report: ReportOptions,
    /// Report these rules only
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub select: Vec<String>,
    /// Do not report these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub ignore: Vec<String>,
    /// Report only what this file does not hold: a baseline, or a JSON or SARIF report
    #[arg(long, value_name = "FILE", conflicts_with = "no_baseline")]
    pub baseline: Option<PathBuf>,
    /// Use no baseline although the configuration names one
    #[arg(long)]
    pub no_baseline: bool,
    /// Report only what lines changed since this revision have to do with, uncommitted changes included
    #[arg(long, value_name = "REVISION")]
    pub diff_base: Option<String>,
    /// Report only on the i-th of n parts of the files; all parts together report what a whole run does
    #[arg(long, value_name = "i/n")]
    pub shard: Option<Shard>,
    /// Services the run is about [default: api]
    #[arg(long, value_enum)]
    pub scope: Option<Scope>,
    /// The least confidence that is reported [default: medium]
    #[arg(long, value_enum)]
    pub min_confidence: Option<Confidence>,
    /// Use this configuration
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub config: Option<PathBuf>,
    /// Use no configuration
    #[arg(long)]
    pub no_config: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
    #[command(flatten)]
    pub cache: CacheOptions,
    /// Threads; one a core by default
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// The last line only
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Also files read and skipped, and the time of each stage
    #[arg(short, long)]
    pub verbose: bool,
    /// Print as cargo does with this option: `json` makes rust-analyzer show findings
    #[arg(long, value_enum, value_name = "FORMAT", conflicts_with = "format")]
    pub message_format: Option<MessageFormat>,
    /// Scan the whole workspace around the folder or manifest
    #[arg(long, visible_alias = "all", conflicts_with_all = ["paths", "package"])]
    pub workspace: bool,
    /// Scan the package of this manifest
    #[arg(long, value_name = "FILE", conflicts_with = "paths")]
    pub manifest_path: Option<PathBuf>,
    /// Scan these packages of the workspace only; what they are built from is read, not reported
    #[arg(short, long, value_name = "NAME", conflicts_with = "paths")]
    pub package: Vec<String>,
    /// Scan the text on standard input as if it stood at this path, within its project
    #[arg(long, value_name = "PATH", conflicts_with_all = ["paths", "manifest_path", "package"])]
    pub stdin_filename: Option<PathBuf>,
    /// Scan what is staged for the next commit (of PATH, where given), whatever the work tree holds
    #[arg(long, conflicts_with_all = ["manifest_path", "package", "stdin_filename", "diff_base"])]
    pub staged: bool,
    /// Mend what can be mended without looking, then report what is left; `all` also mends what wants a look afterwards
    #[arg(
        long, value_enum, value_name = "WHICH", num_args = 0..=1, require_equals = true, default_missing_value = "safe",
        conflicts_with_all = ["staged", "stdin_filename", "shard"]
    )]
    pub fix: Option<Fixes>,
    /// Print what `--fix` would change, and change nothing; exit with 1 when that is something
    #[arg(long, conflicts_with_all = ["staged", "stdin_filename", "shard", "message_format", "format", "output"])]
    pub diff: bool,
    /// Leave out named files too when the configuration excludes them or nobody wrote them
    #[arg(long)]
    pub force_exclude: bool,
    /// Show suppressed findings as well, with their reasons, and those of the baseline; they do not make the run fail
    #[arg(long)]
    pub include_suppressed: bool,
}
