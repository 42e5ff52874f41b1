//! A worksheet of questions, and its key: as text, as Markdown, as `qkv-quiz/1`.

use std::io::{self, Write};

use serde::Serialize;

use super::Reader;
use crate::ground::lang::{Lang, Text};
use crate::ground::number::short;
use crate::ground::text::{columns, wrap};
use crate::program::Program;
use crate::source::sample::Sample;
use crate::study::quiz::{Asked, Item, Misconception};

/// Questions about a sample.
#[derive(Debug, Clone, Copy)]
pub struct Sheet<'a> {
    /// The sample.
    pub sample: &'a Sample,
    /// The seed that they were drawn from.
    pub seed: u64,
    /// The questions.
    pub items: &'a [Item],
    /// Whether the answers are told.
    pub key: bool,
    /// Who reads.
    pub reader: Reader,
}

/// Columns of the text.
const WIDTH: usize = 92;

/// The format of the JSON.
const FORMAT: &str = "qkv-quiz/1";

/// The letter of a choice: a), b), c).
fn letter(n: usize) -> char {
    char::from(b'a' + n.min(25) as u8)
}

impl Sheet<'_> {
    fn program(&self) -> &Program {
        &self.sample.program
    }

    fn say(&self, text: &Text) -> String {
        self.reader.text(text)
    }

    /// What stands above the questions.
    fn title(&self) -> String {
        let sentence = &self.sample.text;
        let key = if self.key { ["，附答案", ", with answers"] } else { ["", ""] };
        self.say(&Text::owned(
            format!("练习：{sentence}（样例 {}，种子 {}{}）", self.sample.name, self.seed, key[0]),
            format!("Worksheet: {sentence} (sample {}, seed {}{})", self.sample.name, self.seed, key[1]),
        ))
    }

    /// The right answer, as it is written.
    fn answer(&self, item: &Item) -> String {
        match &item.asked {
            Asked::Choice { choices, right } => {
                let words = choices.get(*right).map_or_else(String::new, |choice| self.say(&choice.words));
                format!("{}) {words}", letter(*right))
            }
            Asked::Number { right, within, .. } => format!("{} ± {}", short(*right), short(*within)),
        }
    }
}

/// For people, on paper or in a terminal.
///
/// # Errors
/// When the output cannot be written.
pub fn write_text(sheet: &Sheet, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", sheet.title())?;
    for (n, item) in (1..).zip(sheet.items) {
        writeln!(out)?;
        let number = format!("{n}. ");
        indented(out, &number, &sheet.say(&item.question))?;
        let margin = " ".repeat(columns(&number));
        for line in item.help.iter().chain(&item.given) {
            indented(out, &margin, &sheet.say(line))?;
        }
        for (n, choice) in item.choices().iter().enumerate() {
            indented(out, &format!("{margin}{}) ", letter(n)), &sheet.say(&choice.words))?;
        }
        if item.asks_for_a_number() && !sheet.key {
            writeln!(out, "{margin}= ________")?;
        }
        if sheet.key {
            let answer = Text::owned(
                format!("答案：{}。{}", sheet.answer(item), item.because.zh),
                format!("Answer: {}. {}", sheet.answer(item), item.because.en),
            );
            indented(out, &format!("{margin}→ "), &sheet.say(&answer))?;
        }
    }
    Ok(())
}

/// A paragraph, its later lines below the words of the first.
fn indented(out: &mut dyn Write, first: &str, words: &str) -> io::Result<()> {
    let margin = " ".repeat(columns(first));
    for (n, line) in wrap(words, WIDTH - columns(first)).iter().enumerate() {
        writeln!(out, "{}{line}", if n == 0 { first } else { &margin })?;
    }
    Ok(())
}

/// For a handout.
///
/// # Errors
/// When the output cannot be written.
pub fn write_markdown(sheet: &Sheet, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# {}", escaped(&sheet.title()))?;
    for (n, item) in (1..).zip(sheet.items) {
        writeln!(out, "\n{n}. **{}**\n", escaped(&sheet.say(&item.question)))?;
        for line in item.help.iter().chain(&item.given) {
            writeln!(out, "   {}\n", escaped(&sheet.say(line)))?;
        }
        for (n, choice) in item.choices().iter().enumerate() {
            writeln!(out, "   - {}) {}", letter(n), escaped(&sheet.say(&choice.words)))?;
        }
        if item.asks_for_a_number() && !sheet.key {
            writeln!(out, "   = ________")?;
        }
        if sheet.key {
            let lead = if item.choices().is_empty() { "" } else { "\n" };
            let answer =
                Text::owned(format!("答案：{}。", sheet.answer(item)), format!("Answer: {}.", sheet.answer(item)));
            writeln!(out, "{lead}   > **{}** {}", escaped(&sheet.say(&answer)), escaped(&sheet.say(&item.because)))?;
        }
    }
    Ok(())
}

/// Signs that Markdown would read as its own are written as themselves.
fn escaped(words: &str) -> String {
    let mut escaped = String::with_capacity(words.len());
    for letter in words.chars() {
        if matches!(letter, '\\' | '*' | '_' | '`' | '[' | ']' | '<' | '>' | '|' | '#') {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    sample: &'a str,
    sentence: &'a str,
    seed: u64,
    lang: Lang,
    items: Vec<JsonItem<'a>>,
}

#[derive(Serialize)]
struct JsonItem<'a> {
    kind: &'a str,
    concept: &'static str,
    question: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    given: Vec<String>,
    choices: Vec<String>,
    cells: Vec<String>,
    #[serde(flatten)]
    key: Option<Key>,
}

/// What only the key tells.
#[derive(Serialize)]
struct Key {
    answer: serde_json::Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    within: Option<f64>,
    /// Beside each choice what it may mean; of a number, beside each number that is near.
    misconceptions: Vec<Likely>,
    because: String,
}

/// A wrong answer, and what was likely misunderstood.
#[derive(Serialize)]
struct Likely {
    answer: serde_json::Number,
    name: Misconception,
    says: String,
}

/// For programs.
///
/// # Errors
/// When the output cannot be written.
pub fn write_json(sheet: &Sheet, out: &mut dyn Write) -> io::Result<()> {
    let items = sheet.items.iter().map(|item| JsonItem {
        kind: &item.kind,
        concept: item.concept.as_str(),
        question: sheet.say(&item.question),
        help: item.help.as_ref().map(|help| sheet.say(help)),
        given: item.given.iter().map(|line| sheet.say(line)).collect(),
        choices: item.choices().iter().map(|choice| sheet.say(&choice.words)).collect(),
        cells: item.cells.iter().map(|at| at.display(sheet.program())).collect(),
        key: sheet.key.then(|| key(sheet, item)),
    });
    let document = Document {
        format: FORMAT,
        sample: &sheet.sample.name,
        sentence: &sheet.sample.text,
        seed: sheet.seed,
        lang: sheet.reader.lang,
        items: items.collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn key(sheet: &Sheet, item: &Item) -> Key {
    let likely =
        |answer: serde_json::Number, name: Misconception| Likely { answer, name, says: sheet.say(&name.says()) };
    // A finite number, as every answer is, can be written.
    let number = |x: f64| serde_json::Number::from_f64(x).unwrap_or_else(|| 0.into());
    let (answer, within, misconceptions) = match &item.asked {
        Asked::Choice { choices, right } => {
            let named = choices.iter().enumerate().filter_map(|(n, choice)| Some((n, choice.misconception?)));
            ((*right).into(), None, named.map(|(n, name)| likely(n.into(), name)).collect())
        }
        Asked::Number { right, within, near } => {
            let all = near.iter().map(|near| likely(number(near.number), near.misconception)).collect();
            (number(*right), Some(*within), all)
        }
    };
    Key { answer, within, misconceptions, because: sheet.say(&item.because) }
}
