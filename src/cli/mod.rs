//! What holds for every command: the options, their values, the language they are described in. A command's own arguments
//! stand with the command.
//!
//! ```text
//! mod       the options
//! values    what is read behind an option
//! words     the words of the command line, in the language in which it is being built
//! help      `--help`
//! refusal   what clap refuses, in words of ours
//! ```

mod help;
mod refusal;
mod values;
mod words;

use std::ffi::OsString;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum, ValueHint};
use qkv::app::palette::{PALETTES, Palette};
use qkv::session::Choice;

pub(crate) use help::{ENDINGS, EXAMPLES, described, option_help};
pub(crate) use refusal::Refusal;
pub(crate) use values::{ValueError, cell, rate, share, size, whole, within};
pub(crate) use words::{asked_for, built_in, said};

/// The theme that asks the terminal whether its ground is light.
const AUTO: &str = "auto";

/// What `--theme` takes.
fn themes() -> PossibleValuesParser {
    PossibleValuesParser::new([AUTO].into_iter().chain(PALETTES.iter().map(|palette| palette.name)))
}

/// What `--backend` takes.
fn backends() -> impl TypedValueParser<Value = Choice> {
    PossibleValuesParser::new(Choice::NAMES).map(|name| Choice::by_name(&name).unwrap_or_default())
}

impl Options {
    /// The theme asked for; none where the terminal is to be asked.
    pub(crate) fn palette(&self) -> Option<&'static Palette> {
        Palette::named(&self.theme)
    }

    /// Whether a text is asked for in place of the sample's own, or another cut of it.
    pub(crate) const fn has_sentence(&self) -> bool {
        self.text.is_some() || self.text_file.is_some() || self.lens.is_some()
    }
}

/// What holds everywhere. An option that means nothing to a command is understood there all the same, so that an alias may
/// hold it; the help of that command leaves it out.
#[derive(Debug, Args)]
#[command(next_help_heading = said("看什么", "What is shown"))]
pub(crate) struct Options {
    #[arg(long, global = true, value_hint = ValueHint::FilePath, value_name = said("名字|文件|-", "NAME|FILE|-"), help = said(
        "内置的样例，或者一个文件；- 从标准输入读",
        "A built-in sample, or a file; - reads standard input",
    ))]
    pub(crate) sample: Option<OsString>,

    #[arg(long, global = true, value_hint = ValueHint::DirPath, value_name = said("目录", "DIR"), help = said(
        "一个真实的模型：目录里有 config.json、model.safetensors 和 tokenizer.json（docs/MODELS.md）",
        "A real model: a folder with config.json, model.safetensors and tokenizer.json (docs/MODELS.md)",
    ))]
    pub(crate) model: Option<OsString>,

    #[arg(long, global = true, value_name = said("文件", "FILE"), help = said(
        "导入别的程序算好的 Q、K、V 或注意力：.npz、.safetensors 或 .json（docs/IMPORT.md）",
        "Q, K, V or attention that another program computed: .npz, .safetensors or .json (docs/IMPORT.md)",
    ))]
    pub(crate) import: Option<OsString>,

    #[arg(long, global = true, value_name = "N", value_parser = whole::<usize>, help = said(
        "模型的哪一层，从 1 数起；0 是第一层收到的词向量",
        "Which layer of the model, from 1; 0 is what the first one receives",
    ))]
    pub(crate) layer: Option<usize>,

    #[arg(long, global = true, value_name = said("句子|-", "SENTENCE|-"), help = said(
        "换一句自己的话；`|` 自己断词，- 从标准输入读",
        "A sentence of your own in place of the sample's; `|` sets a boundary between words by hand, - reads standard input",
    ))]
    pub(crate) text: Option<String>,

    #[arg(long, global = true, value_hint = ValueHint::FilePath, value_name = said("文件", "FILE"), help = said(
        "从文件里读一段话；换行当作空格",
        "A text from a file; line ends become spaces",
    ))]
    pub(crate) text_file: Option<OsString>,

    #[arg(long, global = true, value_name = said("课程|文件", "LESSON|FILE"), help = said(
        "上一课：内置的（qkv learn 列出），或者一个文件",
        "Play a lesson: a built-in one (qkv learn lists them), or a file",
    ))]
    pub(crate) lesson: Option<String>,

    #[arg(long, global = true, value_name = said("切法", "LENS"), help = said(
        "句子怎么切：词、字、字节；切得比词细时，每一块沿用整个词的意思 [默认：words]",
        "How the sentence is cut; pieces of a word share its meaning [default: words]",
    ))]
    pub(crate) lens: Option<Lens>,

    #[arg(long, global = true, default_value = "own", value_name = said("来历", "WEIGHTS"), help = said(
        "样例自己的权重，或者同样形状的随机权重",
        "The sample's own weights, or random ones of the same shape",
    ))]
    pub(crate) weights: Weights,

    #[arg(long, global = true, value_name = "N", default_value_t = 1, value_parser = whole::<u64>, help = said(
        "随机权重、随机向量和训练的种子",
        "The seed of random weights, of random vectors, and of what is trained",
    ))]
    pub(crate) seed: u64,

    #[arg(long, global = true, value_name = said("语言", "LANG"), help_heading = said("怎么显示", "How it is shown"), help = said(
        "所有文字的语言 [默认：跟随系统]",
        "The language of all words [default: the environment's]",
    ))]
    pub(crate) lang: Option<Language>,

    #[arg(long, global = true, value_name = said("配色", "THEME"), help_heading = said("怎么显示", "How it is shown"), default_value = AUTO, value_parser = themes(), help = said(
        "深色或浅色背景的配色；auto 会问终端",
        "Colours for a dark or a light background; auto asks the terminal",
    ))]
    pub(crate) theme: String,

    #[arg(long, global = true, help_heading = said("怎么显示", "How it is shown"), help = said(
        "只用 ASCII 符号来画（样例里的词照旧）",
        "Draw with ASCII only (the sample's own words stay)",
    ))]
    pub(crate) ascii: bool,

    #[arg(long, global = true, help_heading = said("怎么显示", "How it is shown"), help = said(
        "鼠标留给终端，用来选取文字",
        "Leave the mouse to the terminal, which selects text with it",
    ))]
    pub(crate) no_mouse: bool,

    #[arg(long, global = true, value_name = said("由谁", "BACKEND"), help_heading = said("由谁计算", "Who computes"), default_value = "auto", value_parser = backends(), help = said(
        "由谁计算；auto 有显卡就用显卡",
        "Who computes; auto takes the GPU where there is one",
    ))]
    pub(crate) backend: Choice,
}

/// The languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
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

/// The formats of `audit`, `scaling` and `bench`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditFormat {
    Table,
    Json,
}
