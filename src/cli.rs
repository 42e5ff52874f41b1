//! What holds for every command: the options, their values, what the help begins and ends with. A command's own arguments
//! stand with the command.

use std::env;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::ops::RangeInclusive;
use std::process;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use qkv::app::palette::{PALETTES, Palette};
use qkv::ground::exit::Exit;
use qkv::ground::text;
use qkv::session::Choice;
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

/// The theme that asks the terminal whether its ground is light.
const AUTO: &str = "auto";

/// What `--theme` takes.
fn themes() -> PossibleValuesParser {
    PossibleValuesParser::new([AUTO].into_iter().chain(PALETTES.iter().map(|palette| palette.name)))
}

/// What `--backend` takes.
fn backends() -> impl TypedValueParser<Value = Choice> {
    PossibleValuesParser::new(Choice::NAMED.map(|(name, _)| name))
        .map(|name| Choice::by_name(&name).unwrap_or_default())
}

impl Options {
    /// The theme asked for; none where the terminal is to be asked.
    pub(crate) fn palette(&self) -> Option<&'static Palette> {
        Palette::named(&self.theme)
    }
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
    #[arg(long, global = true, default_value = "auto", value_parser = backends())]
    pub(crate) backend: Choice,

    /// Colours for a dark or a light background; auto asks the terminal
    #[arg(long, global = true, default_value = AUTO, value_parser = themes())]
    pub(crate) theme: String,

    /// Draw with ASCII only (the sample's own words stay)
    #[arg(long, global = true)]
    pub(crate) ascii: bool,

    /// Leave the mouse to the terminal, which selects text with it
    #[arg(long, global = true)]
    pub(crate) no_mouse: bool,

    /// The sample's own weights, or random ones of the same shape
    #[arg(long, global = true, default_value = "own")]
    pub(crate) weights: Weights,

    /// The seed of random weights, and of random vectors
    #[arg(long, global = true, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
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

/// Whose weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Weights {
    Own,
    Random,
}

/// The formats of `show` and `heads`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NumbersFormat {
    Table,
    Json,
    Csv,
}

/// The formats of `audit`, `scaling` and `bench`.
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
pub(crate) fn within(range: RangeInclusive<usize>) -> impl Fn(&str) -> Result<usize, ValueError> + Clone {
    move |text| {
        let number = text.trim().parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| ValueError::Within(range.clone()))
    }
}

/// Reads `2,4`.
pub(crate) fn cell(text: &str) -> Result<(usize, usize), ValueError> {
    let numbers = text.split_once(',').map(|(row, column)| (row.trim().parse(), column.trim().parse()));
    match numbers {
        Some((Ok(row), Ok(column))) => Ok((row, column)),
        _ => Err(ValueError::Cell),
    }
}

/// The largest picture: more than any terminal, and still small for a browser.
const LARGEST: (u16, u16) = (400, 200);

/// Reads `120x36`.
pub(crate) fn size(text: &str) -> Result<(u16, u16), ValueError> {
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
pub(crate) fn examples() -> String {
    let width = EXAMPLES.iter().map(|(command, _)| text::columns(command)).max().unwrap_or(0);
    let mut examples = String::from("Examples:\n");
    for (command, words) in EXAMPLES {
        let _ = writeln!(examples, "  {}  {words}", text::left(command, width));
    }
    examples
}

/// The exit codes, aligned.
pub(crate) fn exit_codes() -> String {
    let mut text = String::from("Exit codes:\n");
    for exit in Exit::ALL {
        let _ = writeln!(text, "  {}  {}", exit.code(), exit.meaning());
    }
    text
}
