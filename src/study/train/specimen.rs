//! What a learner became, as a sample: an attention of it, the last where no other is asked for, on one sentence that was kept back,
//! with H (and M) as it receives them.

use std::ffi::OsStr;
use std::fmt::Write;
use std::path::Path;

use super::{Example, Moment, Sees, Task};
use crate::ground::lang::Text;
use crate::ground::text::visible;
use crate::math::tensor::{Axis, Tensor};
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
    /// The layer whose attention it is.
    pub layer: Layer,
    /// What the attention receives to make queries of, and keys and values.
    pub received: [Tensor<f32>; 2],
}

impl Task {
    /// The layer of which a sample is made where no other is asked for: the last.
    pub fn specimen_layer(self, program: &Program) -> Layer {
        Layer(program.layers().saturating_sub(1))
    }

    /// The tensors that the attention of a layer receives, to make queries of, and keys and values.
    pub fn received(self, program: &Program, layer: Layer) -> Option<[Slot; 2]> {
        let first_of = |name: Name| program.made_by(program.find(Some(layer), name)?)?.operands.first().copied();
        Some([first_of(Name::Q)?, first_of(Name::K)?])
    }
}

/// Between which sentences a layer looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sentences {
    /// Within the sentence that is written, which is the only one but in a translation.
    Written,
    /// Within the sentence that is translated.
    Read,
    /// From the one at the other.
    Across,
}

impl Task {
    fn sentences(self, layer: Layer) -> Sentences {
        let rows = |program: &Program| {
            let [asks, answers] = self.received(program, layer)?;
            Some([asks, answers].map(|slot| program.shape(slot).rows.axis))
        };
        match self.program().ok().as_ref().and_then(rows) {
            Some([Axis::Memory, _]) => Sentences::Read,
            Some([_, Axis::Memory]) => Sentences::Across,
            _ => Sentences::Written,
        }
    }
}

/// What a command keeps for the next one.
const KEPT: &str = "checkpoint.json";

impl Moment {
    /// The command that leads here from nothing, the file by its name alone, and the layer where it was asked for. Where the
    /// learning rate was changed on the way, one command a rate, each going on from what the one before kept.
    pub fn command(&self, file: &str, layer: Option<Layer>) -> String {
        let at = &self.checkpoint;
        let name = Path::new(file).file_name().and_then(OsStr::to_str).map_or_else(|| "FILE".to_owned(), visible);
        let usual = at.task.recipe().rate;
        let rates = if at.rates.is_empty() { &[(0, usual)][..] } else { &at.rates };
        let one = |(n, &(_, rate)): (usize, &(u64, f32))| {
            let end = rates.get(n + 1).map_or(at.step, |&(next, _)| next);
            let rate = if rates.len() == 1 && rate == usual { String::new() } else { format!(" --rate {rate}") };
            let begun = if n == 0 { format!("--seed {}", at.seed) } else { format!("--resume {KEPT}") };
            let of = layer.map_or_else(String::new, |layer| format!(" --layer {}", layer.0 + 1));
            let goes = if n + 1 == rates.len() { format!("--out {name}{of}") } else { format!("--save {KEPT}") };
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
        let (at, example, layer) = (&self.checkpoint, &specimen.example, specimen.layer);
        let task = at.task;
        let across = task.sentences(layer) == Sentences::Across;
        // What is asked: everything up to the last word that is to be written.
        let rows = match example.targets.iter().rposition(Option::is_some) {
            Some(last) if across => last + 1,
            _ => usize::MAX,
        };
        let written_words = |words: &[usize]| words.iter().map(|&word| task.word(word)).collect::<Vec<String>>();
        let read = || example.memory.iter().map(|&word| task.memory_word(word)).collect::<Vec<String>>();
        let tokens = match task.sentences(layer) {
            Sentences::Across => {
                let asked: Vec<usize> = example.targets.iter().take(rows).flatten().copied().collect();
                written_words(&asked)
            }
            Sentences::Written => written_words(&example.words),
            Sentences::Read => read(),
        };
        let title = task.title();
        let (zh, en, name) = if self.is_last(layer) {
            (String::new(), String::new(), task.name().to_owned())
        } else {
            let n = layer.0 + 1;
            (format!("第 {n} 层"), format!(" of layer {n}"), format!("{}-{n}", task.name()))
        };
        let title =
            Text::owned(format!("{}：{zh}学出来的头", title.zh), format!("{}: a head{en} that learned", title.en));
        let spaced = !example.memory.is_empty() && task.sentences(layer) != Sentences::Read;
        let text = tokens.join(if spaced { " " } else { "" });
        let mut file = format!("format = \"qkv-sample/1\"\nname = \"trained-{name}\"\n");
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
            key("memory_tokens", list(&read()));
        }
        key("heads", task.sizes().heads.to_string());
        let causal = task.sees() == Sees::Before && task.sentences(layer) == Sentences::Written;
        key("mask", quoted(if causal { "causal" } else { "none" }));
        if let Some(names) = self.head_names(layer) {
            key("head_names", format!("[{}]", names.iter().map(both).collect::<Vec<_>>().join(", ")));
        }
        file.push_str("\n[tensors]\n");
        let [asks, answers] = &specimen.received;
        let own = [Name::WQ, Name::WK, Name::WV, Name::WO].map(|name| (name.as_str(), self.weights_of(layer, name)));
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

    /// Whether a layer is the one of which a sample is made where no other is asked for.
    fn is_last(&self, layer: Layer) -> bool {
        let task = self.checkpoint.task;
        task.program().is_ok_and(|program| task.specimen_layer(&program) == layer)
    }

    /// A matrix of the attention of a layer.
    fn weights_of(&self, layer: Layer, name: Name) -> Option<&Tensor<f32>> {
        let program = self.checkpoint.task.program().ok()?;
        let slot = program.find(Some(layer), name)?;
        let n = super::parameters(&program).into_iter().position(|other| other == slot)?;
        self.checkpoint.weights.get(n).map(std::convert::AsRef::as_ref)
    }

    /// What the heads of a layer have become, where every one has become something.
    fn head_names(&self, layer: Layer) -> Option<Vec<Text>> {
        let task = self.checkpoint.task;
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
