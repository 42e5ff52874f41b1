//! What the weights of one head in one sentence are like: one row of [`METRICS`] a metric.
//!
//! `w[i,j]` is how much query i attends to key j; a row sums to 1. Every metric is a mean over the rows that can have it:
//! the first word has no previous one, and a sentence without repetitions has no same word.

use crate::ground::lang::Text;
use crate::math::tensor::{Axis, Cell, Shape, Tensor};

/// The weights of one head in one sentence, with the words that ask and those that are looked at.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// heads × queries × keys
    pub weights: &'a Tensor<f32>,
    /// Which sentence of a batch.
    pub batch: usize,
    /// Which head.
    pub head: usize,
    /// The words that ask, one a row.
    pub queries: &'a [String],
    /// The words that are looked at, one a column.
    pub keys: &'a [String],
    /// Whether these are the same words in the same places: else nobody is anybody's previous one.
    pub same: bool,
    /// Rows that have no weights and no metrics; none where this is empty.
    pub empty: &'a [bool],
}

impl View<'_> {
    /// `w[i,j]`
    pub fn at(&self, row: usize, col: usize) -> f64 {
        f64::from(self.weights.get(Cell { batch: self.batch, head: self.head, row, col }))
    }

    /// Rows.
    pub fn rows(&self) -> usize {
        self.weights.shape().rows.len
    }

    /// Columns.
    pub fn cols(&self) -> usize {
        self.weights.shape().cols.len
    }

    /// The mean over the rows that have such a number.
    fn mean(&self, of_row: impl Fn(usize) -> Option<f64>) -> Option<f64> {
        let full = |row: &usize| !self.empty.get(*row).copied().unwrap_or(false);
        let numbers: Vec<f64> = (0..self.rows()).filter(full).filter_map(of_row).collect();
        (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / numbers.len() as f64)
    }

    /// The mean weight on one key of each row, where the row has such a key.
    fn mean_at(&self, key: impl Fn(usize) -> Option<usize>) -> Option<f64> {
        self.mean(|i| key(i).filter(|&j| j < self.cols()).map(|j| self.at(i, j)))
    }
}

/// Something to be measured about a head.
#[derive(Debug, Clone)]
pub struct Metric {
    /// Its name in filters, in JSON and in CSV.
    pub key: &'static str,
    /// Its name for a person.
    pub name: Text,
    /// What it is.
    pub says: Text,
    /// The number; none where the sentence cannot have one.
    pub of: fn(&View) -> Option<f64>,
}

/// Whether a piece stands for whatever the vocabulary lacks: two of them need not be the same word.
fn is_unknown(word: &str) -> bool {
    matches!(word, "[UNK]" | "<unk>")
}

impl View<'_> {
    /// Whether two places hold the same word.
    fn is_same_word(&self, row: usize, col: usize) -> bool {
        self.queries.get(row).is_some_and(|word| Some(word) == self.keys.get(col) && !is_unknown(word))
    }
}

/// Every metric.
pub const METRICS: &[Metric] = &[
    Metric {
        key: "entropy",
        name: Text::new("熵", "entropy"),
        says: Text::new("−Σ p ln p：0 只看一个词，ln n 平均看", "−Σ p ln p: 0 is one word, ln n all alike"),
        of: |v| v.mean(|i| Some((0..v.cols()).map(|j| v.at(i, j)).filter(|&p| p > 0.0).map(|p| -p * p.ln()).sum())),
    },
    Metric {
        key: "evenness",
        name: Text::new("均匀度", "evenness"),
        says: Text::new(
            "熵 / ln n，n 是这一行看得到的词数：0 只看一个词，1 平均看；长短不同的句子可以比",
            "entropy / ln n over the n words that the row may see: 0 is one word, 1 all alike, whatever the length",
        ),
        of: |v| {
            v.mean(|i| {
                let seen: Vec<f64> = (0..v.cols()).map(|j| v.at(i, j)).filter(|&p| p > 0.0).collect();
                (seen.len() > 1).then(|| seen.iter().map(|p| -p * p.ln()).sum::<f64>() / (seen.len() as f64).ln())
            })
        },
    },
    Metric {
        key: "largest",
        name: Text::new("最大权重", "largest weight"),
        says: Text::new("每一行里最大的权重", "the largest weight of a row"),
        of: |v| v.mean(|i| Some((0..v.cols()).map(|j| v.at(i, j)).fold(0.0, f64::max))),
    },
    Metric {
        key: "self",
        name: Text::new("看自己", "self"),
        says: Text::new("看自己的权重", "the weight on the word itself"),
        of: |v| v.same.then(|| v.mean_at(Some)).flatten(),
    },
    Metric {
        key: "previous",
        name: Text::new("看前一个词", "previous"),
        says: Text::new("看前一个词的权重", "the weight on the previous word"),
        of: |v| v.same.then(|| v.mean_at(|i| i.checked_sub(1))).flatten(),
    },
    Metric {
        key: "next",
        name: Text::new("看后一个词", "next"),
        says: Text::new("看后一个词的权重", "the weight on the next word"),
        of: |v| v.same.then(|| v.mean_at(|i| Some(i + 1))).flatten(),
    },
    Metric {
        key: "first",
        name: Text::new("看第一个词", "first"),
        says: Text::new("后面的词看第一个词的权重", "the weight of every later word on the first one"),
        of: |v| v.same.then(|| v.mean_at(|i| (i > 0).then_some(0))).flatten(),
    },
    Metric {
        key: "same_word",
        name: Text::new("看相同的词", "same word"),
        says: Text::new("看同一个词在别处的权重", "the weight on the same word in other places"),
        of: |v| {
            v.mean(|i| {
                let same = |&j: &usize| v.is_same_word(i, j) && !(v.same && i == j);
                let others: Vec<usize> = (0..v.cols()).filter(same).collect();
                (!others.is_empty()).then(|| others.iter().map(|&j| v.at(i, j)).sum())
            })
        },
    },
    Metric {
        key: "induction",
        name: Text::new("归纳", "induction"),
        says: Text::new(
            "看同一个词前面一次出现之后那个词的权重（归纳头）",
            "the weight on the word that followed the same word earlier (induction heads)",
        ),
        of: |v| {
            v.same
                .then(|| {
                    v.mean(|i| {
                        let earlier = |&j: &usize| j + 1 < i && v.is_same_word(i, j);
                        let followers: Vec<usize> = (0..i).filter(earlier).map(|j| j + 1).collect();
                        (!followers.is_empty()).then(|| followers.iter().map(|&j| v.at(i, j)).sum())
                    })
                })
                .flatten()
        },
    },
    Metric {
        key: "distance",
        name: Text::new("平均距离", "distance"),
        says: Text::new("隔着几个词去看：Σ w·|i − j|", "how many words away it looks: Σ w·|i − j|"),
        of: |v| {
            v.same.then(|| v.mean(|i| Some((0..v.cols()).map(|j| v.at(i, j) * i.abs_diff(j) as f64).sum()))).flatten()
        },
    },
];

/// The metric of that key.
pub fn metric(key: &str) -> Option<usize> {
    METRICS.iter().position(|metric| metric.key == key)
}

/// The weights among the words alone: without the pieces that a model adds, each row made to sum to 1 again.
#[derive(Debug, Clone)]
pub struct Words {
    /// heads × words × words, of one sentence. Rows that gave everything to special pieces are all 0.
    pub weights: Tensor<f32>,
    /// The words.
    pub words: Vec<String>,
    /// Which rows have weights left, per head.
    empty: Vec<Vec<bool>>,
}

/// A row that has no more than this left says nothing about words.
const LEAST_LEFT: f64 = 1e-6;

impl Words {
    /// Of a sentence of a batch, the words that are not special.
    pub fn of(weights: &Tensor<f32>, batch: usize, words: &[String], special: impl Fn(usize) -> bool) -> Self {
        let kept: Vec<usize> = (0..words.len()).filter(|&n| !special(n)).collect();
        let heads = weights.shape().heads.unwrap_or(1);
        let at = |head: usize, row: usize, col: usize| f64::from(weights.get(Cell { batch, head, row, col }));
        let left: Vec<Vec<f64>> = (0..heads)
            .map(|head| kept.iter().map(|&row| kept.iter().map(|&col| at(head, row, col)).sum()).collect())
            .collect();
        let count = Axis::Token.of(kept.len());
        let share = |c: Cell| {
            let sum = left[c.head][c.row];
            if sum > LEAST_LEFT { (at(c.head, kept[c.row], kept[c.col]) / sum) as f32 } else { 0.0 }
        };
        Self {
            weights: Tensor::from_fn(Shape::matrix(count, count).with_heads(heads), share),
            words: kept.iter().map(|&n| words[n].clone()).collect(),
            empty: left.iter().map(|rows| rows.iter().map(|&sum| sum <= LEAST_LEFT).collect()).collect(),
        }
    }

    /// One head of them.
    pub fn view(&self, head: usize) -> View<'_> {
        let (words, empty) = (self.words.as_slice(), self.empty[head].as_slice());
        View { weights: &self.weights, batch: 0, head, queries: words, keys: words, same: true, empty }
    }
}

/// Every metric of a head, in the order of [`METRICS`].
pub fn measure(view: &View) -> Vec<Option<f64>> {
    METRICS.iter().map(|metric| (metric.of)(view)).collect()
}
