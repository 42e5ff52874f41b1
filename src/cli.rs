//! The command line as data: what can be written, nothing of what it does.

use std::fmt::Write as _;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use qkv::report::Exit;

/// What the help begins with.
pub(crate) const EXAMPLES: [(&str, &str); 8] = [
    ("qkv", "open the screen on 我爱北京天安门"),
    ("qkv --sample h1h2 --lang zh", "another sample, in Chinese"),
    ("qkv --text 他喜欢上海外滩", "a sentence of your own under the same heads"),
    ("qkv --weights random --seed 7", "the same sentence with random weights"),
    ("qkv | less", "the whole walk as plain text"),
    ("qkv show --stage weights --head 2", "one matrix"),
    ("qkv show --format json | jq .ledger", "the whole trace, for other programs"),
    ("qkv audit", "check every built-in sample against the f64 reference"),
];

/// See attention from the inside; every number is computed live and proved.
#[derive(Debug, Parser)]
#[command(
    name = "qkv",
    version,
    max_term_width = 110,
    disable_help_subcommand = true,
    before_help = examples(),
    after_help = exit_codes(),
    help_template = "{about}\n\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What holds everywhere.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A built-in sample, or a file
    #[arg(long, global = true, value_name = "NAME|FILE")]
    pub(crate) sample: Option<String>,

    /// A sentence of your own in place of the sample's; `|` sets a boundary between words by hand
    #[arg(long, global = true, value_name = "SENTENCE")]
    pub(crate) text: Option<String>,

    /// How the sentence is cut; pieces of a word share its meaning [default: words]
    #[arg(long, global = true)]
    pub(crate) lens: Option<Lens>,

    /// The language of all words [default: the environment's]
    #[arg(long, global = true)]
    pub(crate) lang: Option<Language>,

    /// Who computes: auto takes the GPU where there is one
    #[arg(long, global = true, default_value = "auto")]
    pub(crate) backend: Backend,

    /// Colours for a dark or a light background; auto asks the terminal
    #[arg(long, global = true, default_value = "auto")]
    pub(crate) theme: Theme,

    /// Draw with ASCII only (the sample's own words stay)
    #[arg(long, global = true)]
    pub(crate) ascii: bool,

    /// The sample's own weights, or random ones of the same shape
    #[arg(long, global = true, default_value = "own")]
    pub(crate) weights: Weights,

    /// The seed of random weights
    #[arg(long, global = true, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
}

/// What to do instead of opening the screen.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the tensors of one run
    Show(Show),
    /// Check every stage against the f64 reference; of all built-in samples, or of --sample
    Audit(Audit),
    /// Say what this machine can do, and what to install
    Doctor,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page: qkv man | man -l -
    Man,
}

/// What to print.
#[derive(Debug, Args)]
pub(crate) struct Show {
    #[arg(long, value_name = "NAME", help = "One tensor: H, W_q, Q, K, V, scores, weights, context ...")]
    pub(crate) stage: Option<String>,

    /// One head, from 1
    #[arg(long, value_name = "N")]
    pub(crate) head: Option<usize>,

    /// One sentence of a batch, from 1 [default: the first in a table, all in CSV]
    #[arg(long, value_name = "N")]
    pub(crate) sentence: Option<usize>,

    /// Aligned columns for people, the whole trace (qkv-trace/1), or one number a line
    #[arg(long, default_value = "table")]
    pub(crate) format: ShowFormat,
}

/// How to print what the audit finds.
#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// Aligned columns for people, or qkv-audit/1
    #[arg(long, default_value = "table")]
    pub(crate) format: AuditFormat,
}

/// The languages.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Language {
    Zh,
    En,
}

/// How finely the sentence is cut.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Lens {
    Words,
    Characters,
    Bytes,
}

/// Who computes.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Backend {
    Auto,
    Gpu,
    Cpu,
}

/// The background to draw on.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Theme {
    Auto,
    Dark,
    Light,
}

/// Whose weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Weights {
    Own,
    Random,
}

/// The formats of `show`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShowFormat {
    Table,
    Json,
    Csv,
}

/// The formats of `audit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditFormat {
    Table,
    Json,
}

/// The examples, aligned.
fn examples() -> String {
    let width = EXAMPLES.iter().map(|(command, _)| command.len()).max().unwrap_or(0);
    let mut text = String::from("Examples:\n");
    for (command, words) in EXAMPLES {
        let _ = writeln!(text, "  {command:width$}  {words}");
    }
    text
}

/// The exit codes, aligned.
fn exit_codes() -> String {
    let mut text = String::from("Exit codes:\n");
    for exit in Exit::ALL {
        let _ = writeln!(text, "  {}  {}", exit.code(), exit.meaning());
    }
    text
}
