//! A learner as it is at one moment, as a sample: all its layers on one sentence that was kept back, from the one-hot words to the
//! words that it writes. Everything that opens a model opens it.

use std::sync::Arc;

use super::{Batch, Example, Moment, Task};
use crate::ground::fault::Fault;
use crate::ground::lang::Text;
use crate::program::Kind;
use crate::program::attention::Sizes;
use crate::source::sample::{HeadCard, Origin, Sample, Scenario, Training, WordOrigin};

impl Moment {
    /// The whole learner on a sentence.
    ///
    /// # Errors
    /// Where its weights are no numbers any more.
    pub fn whole(&self, example: &Example) -> Result<Sample, Fault> {
        let (at, task) = (&self.checkpoint, self.checkpoint.task);
        let program = task.program_of(1)?;
        let inputs = Batch::new(std::slice::from_ref(example)).inputs(task, &program, &at.weights)?;
        let tokens: Vec<String> = example.words.iter().map(|&word| task.word(word)).collect();
        let memory_tokens: Vec<String> = example.memory.iter().map(|&word| task.memory_word(word)).collect();
        let translates = task.kind() == Kind::Translator;
        let text = if translates { memory_tokens.concat() } else { tokens.concat() };
        let (n, title) = (task.sizes(), task.title());
        let step = at.step;
        Ok(Sample {
            name: format!("learner-{}", task.name()),
            title: Text::owned(
                format!("{}：第 {step} 步的小 Transformer", title.zh),
                format!("{}: a small transformer at step {step}", title.en),
            ),
            origin: Origin::Trained,
            given: Origin::Trained,
            text,
            memory_tokens,
            gloss: Vec::new(),
            word_origins: vec![WordOrigin::Given(Origin::Trained); tokens.len()],
            coarser: Vec::new(),
            query_token: String::new(),
            dimensions: Vec::new(),
            heads: vec![HeadCard::default(); n.heads],
            sizes: Sizes {
                batch: None,
                tokens: n.tokens,
                memory: if translates { n.memory } else { n.tokens },
                model: n.model,
                heads: n.heads,
                features: n.model,
                values: n.model,
                output: None,
            },
            tokens,
            program: Arc::new(program),
            inputs: Arc::new(inputs),
            what_if: Scenario::default(),
            model: None,
            vocabulary: task.vocabulary().unwrap_or_default().into(),
            training: Some(Training {
                task: task.name().to_owned(),
                seed: at.seed,
                steps: step,
                accuracy: self.evaluation.accuracy as f32,
                command: self.command(&format!("{}.toml", task.name()), None),
            }),
        })
    }
}

impl Task {
    /// The words that a learner of one language knows; none of a translator, which knows two.
    pub fn vocabulary(self) -> Option<Vec<String>> {
        (self.kind() == Kind::Learner).then(|| (0..self.sizes().vocabulary).map(|word| self.word(word)).collect())
    }
}
