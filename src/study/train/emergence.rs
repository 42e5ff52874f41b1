//! Whether it was learned: how often the right word is written, and how near each head has come to what it would best do.

use super::{Example, Pattern, Task};
use crate::math::tensor::Tensor;
use crate::program::{HeadPlace, Layer};

/// How near a head has come to a pattern.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeadMeasure {
    /// Which head.
    pub place: HeadPlace,
    /// What was measured: [`Pattern::name`].
    pub measure: &'static str,
    /// The share of its attention that lies where the pattern says: 0 to 1.
    pub value: f64,
}

/// What an examination found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evaluation {
    /// The share of the words asked for that were written rightly, in sentences that were kept back.
    pub accuracy: f64,
    /// Every head by every pattern of the task that it could show.
    pub heads: Vec<HeadMeasure>,
}

impl Evaluation {
    /// The pattern that a head is nearest to; none where nothing is asked of its layer.
    pub fn nearest(&self, place: HeadPlace) -> Option<HeadMeasure> {
        let of_it = self.heads.iter().filter(|head| head.place == place);
        of_it.max_by(|a, b| a.value.total_cmp(&b.value)).copied()
    }

    /// The head that is nearest to a pattern.
    pub fn best(&self, measure: &str) -> Option<HeadMeasure> {
        let of_it = self.heads.iter().filter(|head| head.measure == measure);
        of_it.max_by(|a, b| a.value.total_cmp(&b.value)).copied()
    }
}

/// Sums up how near heads come to patterns, sentence by sentence.
#[derive(Debug, Clone)]
pub struct Likeness {
    task: Task,
    /// The sum and the number of rows, by layer, head and pattern.
    sums: Vec<Vec<Vec<(f64, usize)>>>,
    right: usize,
    asked: usize,
}

impl Likeness {
    /// Nothing measured yet.
    pub fn new(task: Task) -> Self {
        Self { task, sums: Vec::new(), right: 0, asked: 0 }
    }

    /// Counts what was written at the words of an example.
    pub fn written(&mut self, example: &Example, written: impl Iterator<Item = usize>) {
        for (target, written) in example.targets.iter().zip(written) {
            self.asked += usize::from(target.is_some());
            self.right += usize::from(*target == Some(written));
        }
    }

    /// Measures the heads of a layer on some examples: `weights` has a sentence for each, of which those are meant.
    pub fn measure(&mut self, layer: Layer, examples: &[Example], weights: &Tensor<f32>) {
        let patterns = self.task.patterns();
        let across = self.task.looks_across(layer);
        let [_, heads, ..] = weights.shape().lens();
        if self.sums.len() <= layer.0 {
            self.sums.resize(layer.0 + 1, Vec::new());
        }
        self.sums[layer.0].resize(heads, vec![(0.0, 0); patterns.len()]);
        for (n, pattern) in patterns.iter().enumerate().filter(|(_, pattern)| pattern.across == across) {
            if across != pattern.across || self.task.reads_only(layer) {
                continue;
            }
            for (sentence, example) in examples.iter().enumerate() {
                let links = (pattern.links)(example);
                for head in 0..heads {
                    let (sum, rows) = &mut self.sums[layer.0][head][n];
                    let matrix = weights.matrix(sentence, head);
                    for (row, right) in links.iter().enumerate().filter(|(_, right)| !right.is_empty()) {
                        *sum +=
                            right.iter().filter_map(|&col| matrix.get((row, col))).map(|&x| f64::from(x)).sum::<f64>();
                        *rows += 1;
                    }
                }
            }
        }
    }

    /// What came out.
    pub fn finish(self) -> Evaluation {
        let accuracy = if self.asked == 0 { 0.0 } else { self.right as f64 / self.asked as f64 };
        let patterns: &[Pattern] = self.task.patterns();
        let mut heads = Vec::new();
        for (layer, of_layer) in self.sums.iter().enumerate() {
            for (head, of_head) in of_layer.iter().enumerate() {
                let place = HeadPlace { layer: Some(Layer(layer)), head };
                let measured = patterns.iter().zip(of_head).filter(|(_, (_, rows))| *rows > 0);
                heads.extend(measured.map(|(pattern, &(sum, rows))| HeadMeasure {
                    place,
                    measure: pattern.name,
                    value: sum / rows as f64,
                }));
            }
        }
        Evaluation { accuracy, heads }
    }
}

impl Task {
    /// Whether a layer only reads the sentence that is translated.
    fn reads_only(self, layer: Layer) -> bool {
        self.reads(Some(layer))
    }
}
