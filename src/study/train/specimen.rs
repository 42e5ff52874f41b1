//! What a learner became, as a sample: its last attention on one sentence that was kept back, with H (and M) as it receives them.

use std::ffi::OsStr;
use std::fmt::Write;
use std::path::Path;

use super::{Example, Moment, Sees, Task};
use crate::ground::lang::Text;
use crate::ground::text::visible;
use crate::math::tensor::Tensor;
use crate::program::{HeadPlace, Layer, Name, Program, Slot};
use crate::source::file::FileError;
use crate::source::sample::{Origin, Sample, Training};

/// From here on a head is called by what it has become.
pub const EMERGED: f64 = 0.7;

/// Digits behind the point: what is lost changes no weight by a thousandth, and a file stays small.
const PLACES: i32 = 4;

/// What goes into a sample beside the weights.
#[derive(Debug, Clone)]
pub struct Specimen {
    /// The sentence.
    pub example: Example,
    /// What the attention receives to make queries of, and keys and values.
    pub received: [Tensor<f32>; 2],
}

impl Task {
    /// The layer of which a sample is made: the last.
    pub fn specimen_layer(self, program: &Program) -> Layer {
        Layer(program.layers().saturating_sub(1))
    }

    /// The tensors that the attention of a layer receives, to make queries of, and keys and values.
    pub fn received(self, program: &Program, layer: Layer) -> Option<[Slot; 2]> {
        let first_of = |name: Name| program.made_by(program.find(Some(layer), name)?)?.operands.first().copied();
        Some([first_of(Name::Q)?, first_of(Name::K)?])
    }
}

/// What a command keeps for the next one.
const KEPT: &str = "checkpoint.json";

impl Moment {
    /// The command that leads here from nothing, the file by its name alone. Where the learning rate was changed on the way, one
    /// command a rate, each going on from what the one before kept.
    pub fn command(&self, file: &str) -> String {
        let at = &self.checkpoint;
        let name = Path::new(file).file_name().and_then(OsStr::to_str).map_or_else(|| "FILE".to_owned(), visible);
        let usual = at.task.recipe().rate;
        let rates = if at.rates.is_empty() { &[(0, usual)][..] } else { &at.rates };
        let one = |(n, &(_, rate)): (usize, &(u64, f32))| {
            let end = rates.get(n + 1).map_or(at.step, |&(next, _)| next);
            let rate = if rates.len() == 1 && rate == usual { String::new() } else { format!(" --rate {rate}") };
            let begun = if n == 0 { format!("--seed {}", at.seed) } else { format!("--resume {KEPT}") };
            let goes = if n + 1 == rates.len() { format!("--out {name}") } else { format!("--save {KEPT}") };
            let task = at.task.name();
            format!("qkv train {task} {begun} --steps {end}{rate} {goes}")
        };
        rates.iter().enumerate().map(one).collect::<Vec<_>>().join(" && ")
    }

    /// The sample; `command` makes it anew.
    ///
    /// # Errors
    /// Never for what was learned here: numbers are finite and far below the limits of a sample, unless the rate was absurd.
    pub fn sample(&self, specimen: &Specimen, command: String) -> Result<Sample, FileError> {
        let (at, example) = (&self.checkpoint, &specimen.example);
        let task = at.task;
        let across = task.patterns().iter().any(|pattern| pattern.across);
        // What is asked: everything up to the last word that is to be written.
        let rows = match example.targets.iter().rposition(Option::is_some) {
            Some(last) if across => last + 1,
            _ => example.words.len(),
        };
        let words: Vec<usize> =
            if across { example.targets.iter().take(rows).flatten().copied().collect() } else { example.words.clone() };
        let tokens: Vec<String> = words.into_iter().map(|word| task.word(word)).collect();
        let title = task.title();
        let title = Text::owned(format!("{}：学出来的头", title.zh), format!("{}: a head that learned", title.en));
        let text = tokens.join(if across { " " } else { "" });
        let mut file = format!("format = \"qkv-sample/1\"\nname = \"trained-{}\"\n", task.name());
        let mut key = |key: &str, value: String| {
            // Writing to a string cannot fail.
            let _ = writeln!(file, "{key} = {value}");
        };
        let quoted = |words: &str| toml::Value::from(words).to_string();
        let list = |words: &[String]| format!("[{}]", words.iter().map(|w| quoted(w)).collect::<Vec<_>>().join(", "));
        let both = |text: &Text| format!("{{ zh = {}, en = {} }}", quoted(&text.zh), quoted(&text.en));
        key("title", both(&title));
        key("program", quoted(if across { "cross-attention" } else { "self-attention" }));
        key("weights", quoted(Origin::Trained.name()));
        key("text", quoted(&text));
        key("tokens", list(&tokens));
        if across {
            key("memory_tokens", list(&example.memory.iter().map(|&word| task.memory_word(word)).collect::<Vec<_>>()));
        }
        key("heads", task.sizes().heads.to_string());
        key("mask", quoted(if task.sees() == Sees::Before && !across { "causal" } else { "none" }));
        if let Some(names) = self.head_names() {
            key("head_names", format!("[{}]", names.iter().map(both).collect::<Vec<_>>().join(", ")));
        }
        file.push_str("\n[tensors]\n");
        let [asks, answers] = &specimen.received;
        let own = [Name::WQ, Name::WK, Name::WV, Name::WO].map(|name| (name.as_str(), self.weights_of(name)));
        let given =
            [(Name::H.as_str(), Some((asks, rows))), (Name::M.as_str(), across.then_some((answers, usize::MAX)))];
        for (name, tensor, rows) in given
            .into_iter()
            .filter_map(|(name, tensor)| tensor.map(|(tensor, rows)| (name, tensor, rows)))
            .chain(own.into_iter().filter_map(|(name, tensor)| tensor.map(|tensor| (name, tensor, usize::MAX))))
        {
            file.push_str(&written(name, tensor, rows));
        }
        let mut sample = Sample::parse(&file, task.name())?;
        sample.training = Some(Training {
            task: task.name().to_owned(),
            seed: at.seed,
            steps: at.step,
            accuracy: self.evaluation.accuracy as f32,
            command,
        });
        Ok(sample)
    }

    /// A matrix of the attention of which a sample is made.
    fn weights_of(&self, name: Name) -> Option<&Tensor<f32>> {
        let program = self.checkpoint.task.program().ok()?;
        let slot = program.find(Some(self.checkpoint.task.specimen_layer(&program)), name)?;
        let n = super::parameters(&program).into_iter().position(|other| other == slot)?;
        self.checkpoint.weights.get(n).map(std::convert::AsRef::as_ref)
    }

    /// What the heads of the last layer have become, where every one has become something.
    fn head_names(&self) -> Option<Vec<Text>> {
        let task = self.checkpoint.task;
        let layer = task.specimen_layer(&task.program().ok()?);
        let name = |head: usize| {
            let best = self.evaluation.nearest(HeadPlace { layer: Some(layer), head })?;
            let pattern = task.pattern(best.measure).filter(|_| best.value >= EMERGED)?;
            Some(pattern.title.clone())
        };
        (0..task.sizes().heads).map(name).collect()
    }
}

/// The first rows of a matrix, as a key of a file.
fn written(name: &str, tensor: &Tensor<f32>, rows: usize) -> String {
    let scale = 10_f64.powi(PLACES);
    // No minus before a zero.
    let rounded = |&x: &f32| format!("{:?}", (f64::from(x) * scale).round() / scale + 0.0);
    let mut written = format!("{name} = [\n");
    for row in tensor.matrix(0, 0).rows().into_iter().take(rows) {
        let _ = writeln!(written, "  [{}],", row.iter().map(rounded).collect::<Vec<_>>().join(", "));
    }
    written.push_str("]\n");
    written
}
