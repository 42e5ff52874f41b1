//! The output as a sum: over heads, and within a head over the words it looks at.
//!
//! `output_i = Σ_h Σ_j w_hij · (v_hj · W_o^h)`, where `W_o^h` are head h's rows of `W_o`; without `W_o` each head has columns of its
//! own. So silencing a head takes exactly its part away. Leaving a word out does more: softmax gives its weight to the others.

use ndarray::Array2;

use crate::math::ops::Exponentials;
use crate::math::tensor::Tensor;
use crate::program::{Layer, Name, Program, Slot, Trace};

/// What the output of one sentence is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// `w`, heads × queries × keys
    weights: Vec<Vec<Vec<f64>>>,
    /// Scores after the mask, −∞ where hidden; heads × queries × keys
    masked: Vec<Vec<Vec<f64>>>,
    /// heads × keys × values
    values: Vec<Vec<Vec<f64>>>,
    /// `W_o`, where there is one.
    w_o: Option<Tensor<f32>>,
}

/// One word's share in another's output, judged three ways.
#[derive(Debug, Clone, PartialEq)]
pub struct Reasons {
    /// The weight of each word, the mean over the heads asked for.
    pub weights: Vec<f64>,
    /// The length of what each word adds to the output: `‖Σ_h w·v·W_o‖`.
    pub norms: Vec<f64>,
    /// How far the output moves when the word's key and value are left out.
    pub effects: Vec<f64>,
    /// Spearman's rank correlation of weights and norms; none where all of one are alike.
    pub weights_norms: Option<f64>,
    /// Of weights and effects.
    pub weights_effects: Option<f64>,
    /// Of norms and effects.
    pub norms_effects: Option<f64>,
    /// The word whose rank by weight and by effect differ most, with both ranks (1 is the largest).
    pub disagreement: Option<(usize, f64, f64)>,
}

/// Heads by how far the output moves without each.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// Each head: the change of every word's output, the most important head first.
    pub heads: Vec<(usize, Vec<f64>)>,
}

/// Of every head, word by word: its values through `W_o`, after they are summed.
const fn ranking_work(heads: usize, queries: usize, values: usize, columns: usize) -> usize {
    heads * queries * values * (queries + columns)
}

fn length(row: &[f64]) -> f64 {
    row.iter().map(|x| x * x).sum::<f64>().sqrt()
}

impl Parts {
    /// Takes one sentence of one layer apart; none where that has no weights.
    pub fn of(program: &Program, trace: &Trace, layer: Option<Layer>, batch: usize) -> Option<Self> {
        let slot = program.find(layer, Name::Weights)?;
        let masked = program.find(layer, Name::Masked).or(program.find(layer, Name::Scaled))?;
        let stage = |name: Name| program.stages().iter().find(move |stage| stage.symbol == name.of(layer));
        let context = stage(Name::Context)?;
        let v = trace.tensor(*context.operands.get(1)?);
        let w_o = stage(Name::Output).and_then(|stage| stage.operands.get(1)).map(|&slot| trace.tensor(slot));
        let rows = |slot: Slot| matrices(trace.tensor(slot), batch);
        Some(Self { weights: rows(slot), masked: rows(masked), values: matrices(v, batch), w_o: w_o.cloned() })
    }

    /// Multiplications that ranking the heads of a layer takes, before anything is taken apart; none as for [`Parts::of`].
    pub fn work_of(program: &Program, layer: Option<Layer>) -> Option<usize> {
        let weights = program.shape(program.find(layer, Name::Weights)?);
        let stage = |name: Name| program.stages().iter().find(move |stage| stage.symbol == name.of(layer));
        let values = program.shape(*stage(Name::Context)?.operands.get(1)?).cols.len;
        let heads = weights.lens()[1];
        let w_o = stage(Name::Output).and_then(|stage| stage.operands.get(1)).map(|&slot| program.shape(slot).cols.len);
        Some(ranking_work(heads, weights.rows.len, values, w_o.unwrap_or(heads * values)))
    }

    /// A vector of a head's values as it reaches the output: through the head's rows of `W_o`, else in columns of its own.
    fn through(&self, head: usize, value: &[f64], output: &mut [f64]) {
        let first = head * value.len();
        match &self.w_o {
            None => output.iter_mut().skip(first).zip(value).for_each(|(sum, x)| *sum += x),
            Some(w) => {
                for (row, x) in w.matrix(0, 0).rows().into_iter().skip(first).zip(value) {
                    output.iter_mut().zip(row).for_each(|(sum, w)| *sum += x * f64::from(*w));
                }
            }
        }
    }

    /// Columns of the output.
    fn columns(&self) -> usize {
        let side_by_side = || self.values.iter().map(|words| words.first().map_or(0, Vec::len)).sum();
        self.w_o.as_ref().map_or_else(side_by_side, |w| w.shape().cols.len)
    }

    /// How many heads.
    pub fn heads(&self) -> usize {
        self.weights.len()
    }

    /// How many words ask.
    pub fn queries(&self) -> usize {
        self.weights.first().map_or(0, Vec::len)
    }

    /// What some heads add to a word's output, by their weights of now.
    pub fn of_heads(&self, heads: &[usize], query: usize) -> Vec<f64> {
        self.sum(heads, |h| self.weights[h][query].clone())
    }

    fn sum(&self, heads: &[usize], weights: impl Fn(usize) -> Vec<f64>) -> Vec<f64> {
        let mut output = vec![0.0; self.columns()];
        for &h in heads {
            self.through(h, &self.context(h, &weights(h)), &mut output);
        }
        output
    }

    /// The heads, the one first without which the output moves most (the mean over the words).
    pub fn ranking(&self) -> Ranking {
        let change = |h: usize| (0..self.queries()).map(|i| length(&self.of_heads(&[h], i))).collect::<Vec<f64>>();
        let mut heads: Vec<(usize, Vec<f64>)> = (0..self.heads()).map(|h| (h, change(h))).collect();
        let total = |changes: &[f64]| changes.iter().sum::<f64>();
        heads.sort_by(|a, b| total(&b.1).total_cmp(&total(&a.1)).then(a.0.cmp(&b.0)));
        Ranking { heads }
    }

    /// What some heads add to a word's output once the key and value of another word are gone. Where that was the only word
    /// to be seen, nothing is left.
    pub fn without(&self, heads: &[usize], query: usize, key: usize) -> Vec<f64> {
        self.sum(heads, |h| self.weights_without(h, query, key))
    }

    /// The weights of a row once a key is gone.
    fn weights_without(&self, head: usize, query: usize, key: usize) -> Vec<f64> {
        let mut row = self.masked[head][query].clone();
        if let Some(score) = row.get_mut(key) {
            *score = f64::NEG_INFINITY;
        }
        if row.iter().all(|&x| x == f64::NEG_INFINITY) {
            return vec![0.0; row.len()];
        }
        let exponentials = Exponentials::of(&row);
        (0..row.len()).map(|j| exponentials.weight(j)).collect()
    }

    /// What some weights take from a head's values.
    fn context(&self, head: usize, weights: &[f64]) -> Vec<f64> {
        let mut context = vec![0.0; self.values[head].first().map_or(0, Vec::len)];
        for (w, value) in weights.iter().zip(&self.values[head]) {
            context.iter_mut().zip(value).for_each(|(sum, x)| *sum += w * x);
        }
        context
    }

    /// The lengths of several vectors as they reach the output, each given by what it is in each head. All go through `W_o` at
    /// once: it has a row for every value of every head.
    fn lengths(&self, heads: &[usize], count: usize, of: impl Fn(usize, usize) -> Vec<f64>) -> Vec<f64> {
        let wide: Vec<usize> = heads.iter().map(|&h| self.values[h].first().map_or(0, Vec::len)).collect();
        let mut all = Array2::<f64>::zeros((count, wide.iter().sum()));
        for n in 0..count {
            let parts = heads.iter().flat_map(|&h| of(n, h));
            all.row_mut(n).iter_mut().zip(parts).for_each(|(x, part)| *x = part);
        }
        if let Some(w) = &self.w_o {
            let w = w.matrix(0, 0);
            let mut own = Array2::<f64>::zeros((all.ncols(), w.ncols()));
            let rows = heads.iter().zip(&wide).flat_map(|(&h, &d)| h * d..(h + 1) * d);
            for (mut to, from) in own.rows_mut().into_iter().zip(rows).filter(|(_, from)| *from < w.nrows()) {
                to.assign(&w.row(from).mapv(f64::from));
            }
            all = all.dot(&own);
        }
        all.rows().into_iter().map(|row| row.dot(&row).sqrt()).collect()
    }

    /// Whether attention explains: the words that a word looks at, by weight, by what they add, by what is missing without
    /// them. Over some heads together.
    pub fn reasons(&self, heads: &[usize], query: usize) -> Reasons {
        let keys = self.weights.first().and_then(|rows| rows.get(query)).map_or(0, Vec::len);
        let weight =
            |j: usize| heads.iter().map(|&h| self.weights[h][query][j]).sum::<f64>() / heads.len().max(1) as f64;
        let weights: Vec<f64> = (0..keys).map(weight).collect();
        let added = |j: usize, h: usize| -> Vec<f64> {
            let w = self.weights[h][query][j];
            self.values[h].get(j).into_iter().flatten().map(|x| w * x).collect()
        };
        let now: Vec<Vec<f64>> = (0..self.heads()).map(|h| self.context(h, &self.weights[h][query])).collect();
        let missing = |j: usize, h: usize| -> Vec<f64> {
            let without = self.context(h, &self.weights_without(h, query, j));
            without.iter().zip(&now[h]).map(|(a, b)| a - b).collect()
        };
        let norms = self.lengths(heads, keys, added);
        let effects = self.lengths(heads, keys, missing);
        let (by_weight, by_effect) = (ranks(&weights), ranks(&effects));
        let gap = |j: &usize| (by_weight[*j] - by_effect[*j]).abs();
        // Words of equal rank are in no order: only two that stand in opposite orders disagree.
        let opposite = |j: usize, k: usize| (by_weight[j] - by_weight[k]) * (by_effect[j] - by_effect[k]) < 0.0;
        let disagrees = |&j: &usize| (0..keys).any(|k| opposite(j, k));
        let most = (0..keys).filter(disagrees).max_by(|a, b| gap(a).total_cmp(&gap(b)).then(b.cmp(a)));
        Reasons {
            weights_norms: spearman(&weights, &norms),
            weights_effects: spearman(&weights, &effects),
            norms_effects: spearman(&norms, &effects),
            disagreement: most.map(|j| (j, by_weight[j], by_effect[j])),
            weights,
            norms,
            effects,
        }
    }
}

/// Every head's matrix of a sentence.
fn matrices(tensor: &Tensor<f32>, batch: usize) -> Vec<Vec<Vec<f64>>> {
    let [batches, heads, ..] = tensor.shape().lens();
    let batch = batch.min(batches - 1);
    let of = |head| {
        let matrix = tensor.matrix(batch, head);
        matrix.rows().into_iter().map(|row| row.iter().map(|x| f64::from(*x)).collect()).collect()
    };
    (0..heads).map(of).collect()
}

/// Ranks from 1, the largest first; equal numbers share the mean of their ranks. Numbers that differ by rounding only are
/// equal.
pub fn ranks(numbers: &[f64]) -> Vec<f64> {
    let largest = numbers.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    let alike = |a: f64, b: f64| (a - b).abs() <= 1e-6 * largest;
    let of = |x: f64| {
        let above = numbers.iter().filter(|&&y| y > x && !alike(x, y)).count();
        let equal = numbers.iter().filter(|&&y| alike(x, y)).count();
        above as f64 + f64::midpoint(equal as f64, 1.0)
    };
    numbers.iter().map(|&x| of(x)).collect()
}

/// Spearman's rank correlation, ties by their mean rank (Pearson's correlation of the ranks); none where one side is all
/// ties.
pub fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    let (a, b) = (ranks(a), ranks(b));
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (mean_a, mean_b) = (mean(&a), mean(&b));
    let product: f64 = a.iter().zip(&b).map(|(x, y)| (x - mean_a) * (y - mean_b)).sum();
    let square = |x: &[f64], mean: f64| x.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
    let scale = (square(&a, mean_a) * square(&b, mean_b)).sqrt();
    (scale > 0.0).then(|| product / scale)
}
