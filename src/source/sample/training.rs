//! `[training]`: how the weights of a sample were learned, so that anybody can make it anew.

use toml::de::DeValue;

use crate::ground::lang::Text;
use crate::source::file::error::Refusal;
use crate::source::file::read::{Fields, Node, number, sentence, words, wrong_type};

/// The keys of the table.
const KEYS: [&str; 5] = ["task", "seed", "steps", "accuracy", "command"];

/// How weights were learned.
#[derive(Debug, Clone, PartialEq)]
pub struct Training {
    /// The name of the task.
    pub task: String,
    /// What its sentences and its first weights were drawn from.
    pub seed: u64,
    /// Steps that were taken.
    pub steps: u64,
    /// The share of the words asked for that it writes rightly, in sentences that were kept back: 0 to 1.
    pub accuracy: f32,
    /// The command that makes the file.
    pub command: String,
}

/// Reads the table.
pub(super) fn training<'a>(what: &Text, node: &'a Node<'a>) -> Result<Training, Refusal> {
    let table = node.get_ref().as_table().ok_or_else(|| wrong_type(what, node, &Text::new("表", "a table")))?;
    let fields = Fields { place: Text::new("[training] ", "[training]"), at: node.span().start, table };
    fields.only(&KEYS)?;
    let share = |what: &Text, node: &'a Node<'a>| {
        let found = number(|| what.clone(), node)?;
        if (0.0..=1.0).contains(&found) {
            return Ok(found);
        }
        let words = Text::owned(
            format!("{}：写的是 {found}，应当在 0 和 1 之间", what.zh),
            format!("{} is {found}, expected 0 to 1", what.en),
        );
        Err(Refusal::new(node.span().start, words))
    };
    Ok(Training {
        task: fields.need("task", words)?.value,
        seed: fields.need("seed", natural)?.value,
        steps: fields.need("steps", natural)?.value,
        accuracy: fields.need("accuracy", share)?.value,
        command: fields.need("command", sentence)?.value,
    })
}

/// A whole number from 0.
fn natural<'a>(what: &Text, node: &'a Node<'a>) -> Result<u64, Refusal> {
    let found = match node.get_ref() {
        DeValue::Integer(digits) => u64::from_str_radix(digits.as_str(), digits.radix()).ok(),
        _ => None,
    };
    found.ok_or_else(|| wrong_type(what, node, &Text::new("从 0 起的整数", "a whole number from 0")))
}

impl Training {
    /// The table as lines of a file.
    pub(super) fn lines(&self) -> String {
        let quoted = |words: &str| toml::Value::from(words).to_string();
        format!(
            "\n[training]\ntask = {}\nseed = {}\nsteps = {}\naccuracy = {:?}\ncommand = {}",
            quoted(&self.task),
            self.seed,
            self.steps,
            self.accuracy,
            quoted(&self.command)
        )
    }
}
