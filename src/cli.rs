//! The command line as data: what can be written, nothing of what it does.

use std::env;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::ops::RangeInclusive;
use std::process;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use qkv::ground::exit::Exit;
use qkv::ground::text;
use qkv::study::race::NAMES;
use qkv::study::scaling::Experiment;
use qkv::ui::SMALLEST;

/// What the help begins with.
pub(crate) const EXAMPLES: [(&str, &str); 12] = [
    ("qkv", "open the screen on 我爱北京天安门"),
    ("qkv --sample h1h2 --lang zh", "another sample, in Chinese"),
    ("qkv --text 他喜欢上海外滩", "a sentence of your own under the same heads"),
    ("qkv --weights random --seed 7", "the same sentence with random weights"),
    ("qkv | less", "the whole walk as plain text"),
    ("qkv show --stage weights --head 2", "one matrix"),
    ("qkv explain 'context.2[2,1]' --depth 3", "where one number came from"),
    ("qkv show --format json | jq .ledger", "the whole trace, for other programs"),
    ("qkv heads", "what each head is like over many sentences"),
    ("qkv scaling --d 4,64,256", "why scores are divided by √d, from random vectors"),
    ("qkv picture --stage weights > weights.svg", "the screen as a picture"),
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

    /// The seed of random weights, and of random vectors
    #[arg(long, global = true, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
}

/// What to do instead of opening the screen.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the tensors of one run
    Show(Show),
    /// Draw the screen as a picture (SVG)
    Picture(Picture),
    /// Print where one number came from: qkv explain 'weights.2[1,3]'
    Explain(Explain),
    /// Draw random queries and keys, and see why scores are divided by √d
    Scaling(Scaling),
    /// Print what each head is like over many sentences, and what it may be called
    Heads(Heads),
    /// Race the processor against every rung of kernels, and check every result
    Bench(Bench),
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

/// What the screen in the picture shows.
#[derive(Debug, Args)]
pub(crate) struct Picture {
    #[arg(
        long,
        value_name = "NAME",
        help = "The stage: H, Q, K, V, scores, weights, context ... [default: H, the words]"
    )]
    pub(crate) stage: Option<String>,

    /// One head, from 1
    #[arg(long, value_name = "N")]
    pub(crate) head: Option<usize>,

    /// One sentence of a batch, from 1
    #[arg(long, value_name = "N")]
    pub(crate) sentence: Option<usize>,

    /// Where the cursor stands, from 1 [default: the highest score]
    #[arg(long, value_name = "ROW,COLUMN", value_parser = cell)]
    pub(crate) cell: Option<(usize, usize)>,

    /// Columns and rows of the terminal
    #[arg(long, value_name = "COLUMNSxROWS", default_value = "120x36", value_parser = size)]
    pub(crate) size: (u16, u16),
}

/// Which number to explain.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Where it lives: tensor, head, row and column from 1
    #[arg(value_name = "ADDRESS")]
    pub(crate) address: String,

    /// How many levels to open: 1 for the number alone, 2 also for those it is made of
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) depth: usize,

    /// A line for people, for a paper, or qkv-explain/1
    #[arg(long, default_value = "text")]
    pub(crate) format: ExplainFormat,
}

/// What to draw, and how to print what comes out.
#[derive(Debug, Args)]
pub(crate) struct Scaling {
    /// How many features q and k have; several, with commas
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "16,64,256,1024",
          value_parser = within(Experiment::FEATURES))]
    pub(crate) d: Vec<usize>,

    /// How many pairs of q and k are drawn for each
    #[arg(long, value_name = "N", default_value_t = Experiment::USUAL_PAIRS, value_parser = within(Experiment::PAIRS))]
    pub(crate) pairs: usize,

    /// Aligned columns for people, or qkv-scaling/1
    #[arg(long, default_value = "table")]
    pub(crate) format: AuditFormat,
}

/// How to print what the heads are like.
#[derive(Debug, Args)]
pub(crate) struct Heads {
    /// Aligned columns for people, qkv-heads/1, or one metric a line
    #[arg(long, default_value = "table")]
    pub(crate) format: ShowFormat,
}

/// What to race over, and how to print it.
#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// Words of a sentence; several, with commas
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "64,128,512", value_parser = within(1..=4096))]
    pub(crate) tokens: Vec<usize>,

    /// Sentences side by side
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = within(1..=65536))]
    pub(crate) batch: usize,

    /// Heads
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = within(1..=64))]
    pub(crate) heads: usize,

    /// The hidden size, shared by all heads
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = within(1..=4096))]
    pub(crate) hidden: usize,

    /// Warm runs of each contender; those that take seconds run less often
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = within(1..=1000))]
    pub(crate) reps: usize,

    /// Only these contenders
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = NAMES)]
    pub(crate) only: Vec<String>,

    /// Aligned columns for people, or qkv-bench/1
    #[arg(long, default_value = "table")]
    pub(crate) format: AuditFormat,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
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

/// The formats of `explain`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExplainFormat {
    Text,
    Latex,
    Json,
}

/// The formats of `audit` and `scaling`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditFormat {
    Table,
    Json,
}

/// A value that an option does not take: what was expected. clap puts its own English words around it.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum ValueError {
    #[error("a whole number from {} to {} was expected", .0.start(), .0.end())]
    Within(RangeInclusive<usize>),
    #[error("write a row and a column, from 1: 2,4")]
    Cell,
    #[error("write columns and rows from {}x{} to {}x{}", SMALLEST.0, SMALLEST.1, LARGEST.0, LARGEST.1)]
    Size,
}

/// Reads a whole number within a range, or says what was expected.
fn within(range: RangeInclusive<usize>) -> impl Fn(&str) -> Result<usize, ValueError> + Clone {
    move |text| {
        let number = text.trim().parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| ValueError::Within(range.clone()))
    }
}

/// Reads `2,4`.
fn cell(text: &str) -> Result<(usize, usize), ValueError> {
    let numbers = text.split_once(',').map(|(row, column)| (row.trim().parse(), column.trim().parse()));
    match numbers {
        Some((Ok(row), Ok(column))) => Ok((row, column)),
        _ => Err(ValueError::Cell),
    }
}

/// The largest picture: more than any terminal, and still small for a browser.
const LARGEST: (u16, u16) = (400, 200);

/// Reads `120x36`.
fn size(text: &str) -> Result<(u16, u16), ValueError> {
    let numbers = text.split_once(['x', '×']).map(|(columns, rows)| (columns.parse(), rows.parse()));
    match numbers {
        Some((Ok(columns), Ok(rows)))
            if (SMALLEST.0..=LARGEST.0).contains(&columns) && (SMALLEST.1..=LARGEST.1).contains(&rows) =>
        {
            Ok((columns, rows))
        }
        _ => Err(ValueError::Size),
    }
}

/// Prints what clap says, help and version too, and ends. Where the command line holds what disturbs a terminal, clap's
/// colours are left out with it.
pub(crate) fn refuse(refusal: &clap::Error) -> ! {
    if env::args_os().any(|arg| arg.to_string_lossy().contains(text::disturbs)) {
        let _ = write!(io::stderr(), "{}", text::visible_lines(&refusal.to_string()));
        process::exit(refusal.exit_code());
    }
    refusal.exit()
}

/// The examples, aligned.
fn examples() -> String {
    let width = EXAMPLES.iter().map(|(command, _)| text::columns(command)).max().unwrap_or(0);
    let mut examples = String::from("Examples:\n");
    for (command, words) in EXAMPLES {
        let _ = writeln!(examples, "  {}  {words}", text::left(command, width));
    }
    examples
}

/// The exit codes, aligned.
fn exit_codes() -> String {
    let mut text = String::from("Exit codes:\n");
    for exit in Exit::ALL {
        let _ = writeln!(text, "  {}  {}", exit.code(), exit.meaning());
    }
    text
}
