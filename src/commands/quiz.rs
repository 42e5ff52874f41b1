//! `qkv quiz`: a worksheet of questions about a sample, and its key.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use qkv::ground::exit::Exit;
use qkv::ground::fault::Fault;
use qkv::ground::lang::Text;
use qkv::report::quiz::{Sheet, write_json, write_markdown, write_text};
use qkv::report::{Request, Selection};
use qkv::study::quiz::{Ground, Help, KINDS, Wanted, sheet};
use qkv::study::{Concept, learned};

use super::{CommandError, compute, driver, print};
use crate::cli::{Options, said, whole, within};
use crate::host::{reader, say};
use crate::load;

/// The most questions of a sheet.
const MOST: usize = 500;

/// Which questions, and how to print them.
#[derive(Debug, Args)]
pub(crate) struct Quiz {
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = within(1..=MOST), help = said(
        "出几道题",
        "How many questions",
    ))]
    n: usize,

    #[arg(long, value_name = said("题型", "KIND"), value_parser = kinds(), help = said("只出一种题", "Questions of one kind"))]
    kind: Option<String>,

    #[arg(long, value_name = said("主题", "CONCEPT"), value_parser = concepts(), help = said(
        "只问一个主题",
        "Questions about one idea",
    ))]
    concept: Option<Concept>,

    #[arg(long, value_name = said("名字", "NAME"), help = said(
        "只问一个张量：Q、K、V、scores、weights、context……",
        "Questions about one tensor: Q, K, V, scores, weights, context ...",
    ))]
    stage: Option<String>,

    #[arg(long, value_name = "N", value_parser = whole::<usize>, help = said("只问一个头，从 1 数起", "One head, from 1"))]
    head: Option<usize>,

    #[arg(long, help = said("连答案一起打印", "Tell the answers too"))]
    key: bool,

    #[arg(long, value_name = said("格式", "FORMAT"), default_value = "text", help = said(
        "给人看的纯文本、讲义用的 Markdown，或者 qkv-quiz/1",
        "Plain text for people, Markdown for a handout, or qkv-quiz/1",
    ))]
    format: Format,
}

/// What the sheet is printed as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Markdown,
    Json,
}

/// What `--kind` takes.
fn kinds() -> PossibleValuesParser {
    PossibleValuesParser::new(KINDS.iter().map(|kind| kind.name))
}

/// What `--concept` takes: what some kind asks about.
fn concepts() -> impl TypedValueParser<Value = Concept> {
    PossibleValuesParser::new(Concept::ALL.iter().filter(|concept| is_asked(**concept)).map(|concept| concept.as_str()))
        .map(|name| Concept::parse(&name).unwrap_or(Concept::Scores))
}

/// Whether some kind asks about it.
fn is_asked(concept: Concept) -> bool {
    KINDS.iter().any(|kind| kind.stages.iter().any(|&stage| (kind.concept)(stage) == concept))
}

impl Quiz {
    /// Prints the sheet.
    pub(crate) fn run(&self, options: &Options) -> Result<Exit, Fault> {
        let lesson = options.lesson.as_deref().map(load::lesson).transpose()?;
        let own =
            options.sample.is_some() || options.model.is_some() || options.import.is_some() || options.has_sentence();
        let of_lesson = lesson.as_ref().filter(|_| !own).and_then(|lesson| lesson.steps.first());
        let sample = match of_lesson {
            Some(step) => step.shown.original.as_saved()?,
            None => load::load(options)?,
        };
        let request = Request { stage: self.stage.clone(), layer: options.layer, head: self.head, sentence: None };
        let selection = Selection::new(&request, &sample.program)?;
        let wanted = Wanted {
            kind: self.kind.as_deref(),
            concept: self.concept,
            slot: self.stage.as_ref().and_then(|_| selection.slots.first().copied()),
            head: self.head.map(|head| head - 1),
            ..Wanted::default()
        };
        // What a lesson is about, as far as there is a question about it, each in turn.
        let taught = lesson.iter().flat_map(|lesson| learned::concepts(&lesson.about));
        let taught: Vec<Concept> =
            taught.filter(|_| self.concept.is_none()).filter(|concept| is_asked(*concept)).collect();
        let about = |concept| Wanted { concept: Some(concept), ..wanted };
        let wanted: Vec<Wanted> =
            if taught.is_empty() { vec![wanted] } else { taught.into_iter().map(about).collect() };
        let run = compute(&mut driver(options)?, &sample, options)?;
        let ground = Ground { sample: &sample, trace: &run.trace };
        let items = sheet(ground, &wanted, (options.seed, self.n), Help::Free);
        if items.is_empty() {
            return Err(CommandError::NoQuestion.into());
        }
        let reader = reader(options);
        if items.len() < self.n {
            say(&reader.text(&fewer(items.len())));
        }
        let sheet = Sheet { sample: &sample, seed: options.seed, items: &items, key: self.key, reader };
        print(|out| match self.format {
            Format::Text => write_text(&sheet, out),
            Format::Markdown => write_markdown(&sheet, out),
            Format::Json => write_json(&sheet, out),
        })
    }
}

/// What is said where there are not so many different questions.
fn fewer(count: usize) -> Text {
    Text::owned(
        format!("没有歧义、互不相同的题只有 {count} 道"),
        format!("there are only {count} different questions with one clear answer"),
    )
}
