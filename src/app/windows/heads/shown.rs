//! Which heads the window shows, in which order, and their weights as they are shown.

use super::{Combine, HeadsWindow, KEPT, THRESHOLDS};
use crate::app::Model;
use crate::math::tensor::Cell;
use crate::study::heads::{self, Head, Reading, metrics, order_by_likeness, view};

impl HeadsWindow {
    /// Weights below this are hidden.
    pub(crate) fn threshold(&self) -> f32 {
        THRESHOLDS[self.threshold]
    }

    /// How many of the largest weights of a row are kept; none keeps all.
    pub fn kept(&self) -> Option<usize> {
        Some(KEPT[self.kept]).filter(|&k| k > 0)
    }

    /// The heads that are shown, in their order.
    pub fn shown(&self, model: &Model) -> Vec<usize> {
        let all = heads::all(model.program());
        let rolled = model.attention() == Reading::Rollout;
        let mut order: Vec<usize> = (0..all.len()).filter(|&at| !rolled || all[at].head == 0).collect();
        if let (Some(to), Some(trace)) = (self.alike.and_then(|at| all.get(at)), model.trace()) {
            // Heads of one layer can be compared: those of the others follow in their order.
            let alike = order_by_likeness(trace.tensor(to.weights), model.view.cursor.batch, to.head);
            let place = |at: &usize| {
                let head = all[*at];
                let near = alike.iter().position(|&h| h == head.head).filter(|_| head.layer == to.layer);
                near.map_or((1, *at), |n| (0, n))
            };
            order.sort_by_key(place);
        }
        if let Some(filter) = &self.filter {
            order.retain(|&at| filter.accepts(&measured(model, all[at], at)));
        }
        order
    }

    /// The weights of a head as they are shown: those below the threshold, and those beyond the largest, are gone.
    pub fn weights(&self, model: &Model, at: usize) -> Option<Weights> {
        let head = *heads::all(model.program()).get(at)?;
        let tensor = model.trace()?.tensor(head.weights);
        let [batches, _, rows, cols] = tensor.shape().lens();
        let batch = model.view.cursor.batch.min(batches - 1);
        let numbers = if model.attention() == Reading::Raw {
            let start = tensor.shape().offset(Cell { batch, head: head.head, row: 0, col: 0 });
            tensor.as_slice()[start..start + rows * cols].to_vec()
        } else {
            model.attribution()?.matrix(model.trace()?, head)
        };
        let mut weights = Weights { rows, cols, numbers };
        if self.words_only {
            weights.leave_out(&special(model));
        }
        self.thin(&mut weights);
        Some(weights)
    }

    /// The large picture's numbers.
    pub fn combined(&self, model: &Model) -> Option<Weights> {
        let marked: Vec<usize> = self.marked.iter().copied().collect();
        let (share, of): (Vec<f32>, &[usize]) = match self.opened.unwrap_or_default() {
            Combine::Chosen => (vec![1.0], std::slice::from_ref(&self.chosen)),
            Combine::Average => (vec![1.0 / marked.len() as f32; marked.len()], &marked),
            Combine::Difference => (vec![1.0, -1.0], &marked),
        };
        let plain = Self::default();
        let mut sum: Option<Weights> = None;
        for (&at, share) in of.iter().zip(share) {
            let one = if of.len() == 1 { self.weights(model, at)? } else { plain.weights(model, at)? };
            let sum = sum.get_or_insert_with(|| Weights { numbers: vec![0.0; one.numbers.len()], ..one.clone() });
            sum.numbers.iter_mut().zip(&one.numbers).for_each(|(sum, x)| *sum += share * x);
        }
        sum
    }

    fn thin(&self, weights: &mut Weights) {
        let least = self.threshold();
        let hide = |row: &mut [f32], least: f32| row.iter_mut().filter(|x| **x < least).for_each(|x| *x = 0.0);
        if least > 0.0 {
            hide(&mut weights.numbers, least);
        }
        let Some(kept) = self.kept() else { return };
        for row in weights.numbers.chunks_mut(weights.cols.max(1)) {
            let mut sorted: Vec<f32> = row.to_vec();
            sorted.sort_by(|a, b| b.total_cmp(a));
            if let Some(&smallest) = sorted.get(kept - 1) {
                hide(row, smallest);
            }
        }
    }
}

/// A matrix of weights to be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights {
    /// Words that ask.
    pub rows: usize,
    /// Words that are looked at.
    pub cols: usize,
    /// Row by row; 0 where hidden.
    pub numbers: Vec<f32>,
}

/// The pieces of a model's text that stand for no word, as [CLS]; none in a sample.
fn special(model: &Model) -> Vec<usize> {
    let Some(within) = &model.material.sample.model else { return Vec::new() };
    (0..within.pieces.len()).filter(|&n| within.pieces[n].special).collect()
}

impl Weights {
    /// Without some words: nobody looks at them, they look at nobody, and what is left of a row is brought to a sum of 1 again.
    fn leave_out(&mut self, words: &[usize]) {
        for (row, numbers) in self.numbers.chunks_mut(self.cols.max(1)).enumerate() {
            for &col in words {
                if let Some(x) = numbers.get_mut(col) {
                    *x = 0.0;
                }
            }
            let sum: f32 = numbers.iter().sum();
            let share = if words.contains(&row) || sum == 0.0 { 0.0 } else { sum.recip() };
            for x in numbers {
                *x *= share;
            }
        }
    }

    /// One weight.
    pub fn at(&self, row: usize, col: usize) -> f32 {
        self.numbers.get(row * self.cols + col).copied().unwrap_or(0.0)
    }
}

/// A head's metrics for the filter: over the corpus where they are known, else in the sentence that is shown; of another reading
/// than raw always in that.
fn measured(model: &Model, head: Head, at: usize) -> Vec<Option<f64>> {
    if model.attention() != Reading::Raw {
        return model.attributed_metrics(at).map_or_else(Vec::new, <[_]>::to_vec);
    }
    if let Some(profile) = model.study().and_then(|study| study.heads.get(at)) {
        return profile.metrics.iter().map(|over| over.map(|o| o.mean)).collect();
    }
    let Some(trace) = model.trace() else { return Vec::new() };
    metrics::measure(&view(&model.material.sample, trace.tensor(head.weights), model.view.cursor.batch, head.head))
}
