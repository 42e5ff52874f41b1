//! What else than raw weights is read as attention: what the values make of them, and where they lead through the layers.
//!
//! ```text
//! values    α_ij · ‖v_j · W_o‖      of each head; a row is divided by its sum                   (Kobayashi et al. 2020)
//! rollout   R_l = ½(Ā_l + I) · R_{l−1},  R_0 = I,  Ā_l the mean over the heads of layer l      (Abnar and Zuidema 2020)
//! ```
//!
//! Both are shares: a row sums to 1. A rollout belongs to a layer, not to a head.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, Slice};

use super::{Head, all};
use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::math::tensor::{Shape, Tensor};
use crate::program::{Layer, Name, Program, Slot, Trace};

/// What is read as attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Reading {
    /// The weights as they are.
    #[default]
    Raw,
    /// Each weight times the length of what it carries.
    Values,
    /// The weights followed through the layers, from this one down to the words.
    Rollout,
}

/// Why a program cannot be read so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub enum ReadingError {
    /// There is one layer: nothing to follow.
    OneLayer,
    /// Some layers look at another sentence, or read one: there is no one row of words to follow.
    TwoSentences,
}

impl Failure for ReadingError {
    fn words(&self) -> Text {
        match self {
            Self::OneLayer => Text::new(
                "注意力展开要把一层层的权重连乘，这里只有一层",
                "a rollout multiplies the weights of layer upon layer, and here is only one",
            ),
            Self::TwoSentences => Text::new(
                "注意力展开要每一层都在同一句话里看，这里有两句话",
                "a rollout needs layers that all look within one sentence, and here are two",
            ),
        }
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
}

impl Reading {
    /// All of them, in the order in which a key goes through them.
    pub const ALL: [Self; 3] = [Self::Raw, Self::Values, Self::Rollout];

    /// Its name on the command line, in JSON and in CSV.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Values => "values",
            Self::Rollout => "rollout",
        }
    }

    /// Its name for a person.
    pub const fn label(self) -> Text {
        match self {
            Self::Raw => Text::new("原始权重", "raw weights"),
            Self::Values => Text::new("按值加权", "weighted by values"),
            Self::Rollout => Text::new("注意力展开", "rollout"),
        }
    }

    /// What it does not prove.
    pub const fn caution(self) -> Text {
        match self {
            Self::Raw => Text::new(
                "权重：从每个词取了多少。它不能证明取来的东西大不大、后面用没用上。",
                "Weights: how much is taken from each word. No proof that what is taken is large, or is used later on.",
            ),
            Self::Values => Text::new(
                "按值加权：权重 × 取来的向量有多长 ‖w·v·W_o‖，每行化成份额。长不等于要紧：几个向量可能互相抵消，残差和归一化也没算。",
                "Weighted by values: weight times the length of what it carries, ‖w·v·W_o‖, as a share of its row. Long is no proof of important: vectors may cancel, and residual and norm are left out.",
            ),
            Self::Rollout => Text::new(
                "注意力展开：每层各头平均，再掺一半自己（残差），从第 1 层乘到这一层。它不看值和前馈层，各头的差别也抹平了：是可能的路，不证明信息真的走了这条路。",
                "Rollout: each layer's mean over heads, half of it the word itself (the residual), multiplied from layer 1 up to here. Values, MLP and what tells heads apart are ignored: a possible way, no proof that anything took it.",
            ),
        }
    }

    /// The same in half a line; nothing of raw weights, which every other word here speaks of.
    pub const fn brief(self) -> Text {
        match self {
            Self::Raw => Text::new("", ""),
            Self::Values => Text::new(
                "长不等于要紧：几个向量可能互相抵消，残差和归一化也没算",
                "long is no proof of important: vectors may cancel; no residual, no norm",
            ),
            Self::Rollout => Text::new(
                "是可能的路，不证明信息真走了这条路；值和前馈层都没看",
                "a possible way, no proof that anything took it; values and MLP ignored",
            ),
        }
    }

    /// Whether a program can be read so.
    ///
    /// # Errors
    /// [`ReadingError`] says why not.
    pub fn fits(self, program: &Program) -> Result<(), ReadingError> {
        if self != Self::Rollout {
            return Ok(());
        }
        if program.layers() < 2 {
            return Err(ReadingError::OneLayer);
        }
        let shapes = program.slots().filter(|&slot| program.symbol(slot).name == Name::Weights);
        let mut shapes = shapes.map(|slot| program.shape(slot));
        let first = shapes.next().map(|shape| shape.rows);
        let alike = |shape: Shape| Some(shape.rows) == first && shape.rows == shape.cols;
        if shapes.all(alike) { Ok(()) } else { Err(ReadingError::TwoSentences) }
    }

    /// What such a reading has a matrix of: every head, or of each layer the first, which stands for all of them.
    pub fn heads(self, program: &Program) -> Vec<Head> {
        let all = all(program);
        if self == Self::Rollout { all.into_iter().filter(|head| head.head == 0).collect() } else { all }
    }
}

/// A run read another way than raw: what that takes beside its weights. Of one sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    reading: Reading,
    batch: usize,
    layers: Vec<(Slot, Part)>,
}

/// What is known of a layer.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    /// `‖v_j · W_o‖`, heads × keys.
    Lengths(Array2<f64>),
    /// The rollout up to this layer, words × words.
    Rolled(Array2<f64>),
}

impl Attribution {
    /// Reads one sentence of a run. None where the reading does not fit the program, where it is raw and needs nothing, or once
    /// `stopped` says that nobody waits.
    pub fn of(
        reading: Reading,
        program: &Program,
        trace: &Trace,
        batch: usize,
        stopped: &dyn Fn() -> bool,
    ) -> Option<Self> {
        reading.fits(program).ok()?;
        let slots = program.slots().filter(|&slot| program.symbol(slot).name == Name::Weights);
        let mut layers = Vec::new();
        let mut rolled: Option<Array2<f64>> = None;
        for slot in slots {
            if stopped() {
                return None;
            }
            let part = match reading {
                Reading::Raw => return None,
                Reading::Values => Part::Lengths(carried(program, trace, program.symbol(slot).layer, batch)?),
                Reading::Rollout => {
                    let next = roll(&average(trace.tensor(slot), batch), rolled.as_ref());
                    Part::Rolled(rolled.insert(next).clone())
                }
            };
            layers.push((slot, part));
        }
        Some(Self { reading, batch, layers })
    }

    /// Which reading it is.
    pub const fn reading(&self) -> Reading {
        self.reading
    }

    fn part(&self, weights: Slot) -> Option<&Part> {
        self.layers.iter().find(|(slot, _)| *slot == weights).map(|(_, part)| part)
    }

    /// The matrix of a head, row by row: shares, a row sums to 1, or to 0 where nothing is carried.
    pub fn matrix(&self, trace: &Trace, head: Head) -> Vec<f32> {
        match self.part(head.weights) {
            None => Vec::new(),
            Some(Part::Rolled(rolled)) => rolled.iter().map(|&x| x as f32).collect(),
            Some(Part::Lengths(lengths)) => {
                let weights = trace.tensor(head.weights).matrix(self.batch, head.head);
                let lengths = lengths.row(head.head.min(lengths.nrows().saturating_sub(1)));
                weights.rows().into_iter().flat_map(|row| shares(&row, &lengths)).collect()
            }
        }
    }

    /// How much a word takes in through a head altogether, `Σ_j α_ij · ‖v_j · W_o‖`, in the units of the output; none of a
    /// rollout.
    pub fn total(&self, trace: &Trace, head: Head, row: usize) -> Option<f64> {
        let Some(Part::Lengths(lengths)) = self.part(head.weights) else { return None };
        let weights = trace.tensor(head.weights).matrix(self.batch, head.head);
        let lengths = lengths.row(head.head.min(lengths.nrows().saturating_sub(1)));
        let row = weights.rows().into_iter().nth(row)?;
        Some(row.iter().zip(lengths).map(|(&w, l)| f64::from(w) * l).sum())
    }

    /// All matrices of a layer, heads × words × words; of a rollout there is one.
    pub fn tensor(&self, trace: &Trace, weights: Slot) -> Option<Tensor<f32>> {
        let shape = trace.tensor(weights).shape();
        let heads = if self.reading == Reading::Rollout { 1 } else { shape.heads.unwrap_or(1) };
        let numbers = (0..heads).flat_map(|head| self.matrix(trace, Head { layer: None, weights, head }));
        Tensor::from_vec(Shape::matrix(shape.rows, shape.cols).with_heads(heads), numbers.collect())
    }
}

/// A row of weights times lengths, divided by its sum.
fn shares(weights: &ArrayView1<'_, f32>, lengths: &ArrayView1<'_, f64>) -> Vec<f32> {
    let carried: Vec<f64> = weights.iter().zip(lengths).map(|(&w, l)| f64::from(w) * l).collect();
    let sum: f64 = carried.iter().sum();
    let share = if sum > 0.0 { sum.recip() } else { 0.0 };
    carried.into_iter().map(|x| (x * share) as f32).collect()
}

/// The lengths of what every key of a layer carries to the output: heads × keys. None where that has no values.
fn carried(program: &Program, trace: &Trace, layer: Option<Layer>, batch: usize) -> Option<Array2<f64>> {
    let stage = |name: Name| program.stages().iter().find(move |stage| stage.symbol == name.of(layer));
    let v = trace.tensor(*stage(Name::Context)?.operands.get(1)?);
    let w_o = stage(Name::Output).and_then(|stage| stage.operands.get(1)).map(|&slot| trace.tensor(slot).matrix(0, 0));
    let [batches, heads, keys, d] = v.shape().lens();
    let mut all = Array2::zeros((heads, keys));
    for head in 0..heads {
        let own = w_o.filter(|w| w.nrows() >= (head + 1) * d);
        let own = own.as_ref().map(|w| w.slice_axis(Axis(0), Slice::from(head * d..(head + 1) * d)));
        all.row_mut(head).assign(&lengths(&v.matrix(batch.min(batches - 1), head), own));
    }
    Some(all)
}

/// `‖v_j · W_o‖` of every row of v; without `W_o`, `‖v_j‖`.
fn lengths(v: &ArrayView2<'_, f32>, w_o: Option<ArrayView2<'_, f32>>) -> Array1<f64> {
    let v = v.mapv(f64::from);
    let carried = w_o.map_or_else(|| v.clone(), |w| v.dot(&w.mapv(f64::from)));
    carried.map_axis(Axis(1), |row| row.iter().map(|x| x * x).sum::<f64>().sqrt())
}

/// The mean of a layer's weights over its heads.
fn average(weights: &Tensor<f32>, batch: usize) -> Array2<f64> {
    let [batches, heads, rows, cols] = weights.shape().lens();
    let mut sum = Array2::<f64>::zeros((rows, cols));
    for head in 0..heads {
        sum.zip_mut_with(&weights.matrix(batch.min(batches - 1), head), |sum, &w| *sum += f64::from(w));
    }
    sum / heads as f64
}

/// One layer more: half the weights, half the word itself, after what came before; none before the first.
fn roll(average: &Array2<f64>, before: Option<&Array2<f64>>) -> Array2<f64> {
    let mut step = average / 2.0;
    step.diag_mut().iter_mut().for_each(|x| *x += 0.5);
    before.map_or_else(|| step.clone(), |before| step.dot(before))
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn near(a: &Array2<f64>, b: &Array2<f64>) -> bool {
        a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12)
    }

    #[test]
    fn a_rollout_follows_one_sentence_through_several_layers() {
        use crate::study::train::Task;
        let fits = |task: Task| Reading::Rollout.fits(&task.program().unwrap());
        assert_eq!(fits(Task::Reverse), Err(ReadingError::OneLayer));
        assert_eq!(fits(Task::Translation), Err(ReadingError::TwoSentences));
        assert_eq!(fits(Task::Induction), Ok(()));
    }

    #[test]
    fn a_rollout_worked_out_by_hand() {
        // Layer 1: word 2 looks at word 1. Half of it is the residual.
        let first = roll(&array![[1.0, 0.0], [1.0, 0.0]], None);
        assert!(near(&first, &array![[1.0, 0.0], [0.5, 0.5]]), "{first}");
        // Layer 2: both look at word 2. (¾ ¼ from ½·itself + ½·word 2; ½ ½ from word 2 alone.)
        let second = roll(&array![[0.0, 1.0], [0.0, 1.0]], Some(&first));
        assert!(near(&second, &array![[0.75, 0.25], [0.5, 0.5]]), "{second}");
    }

    #[test]
    fn lengths_and_shares_worked_out_by_hand() {
        let v = array![[3.0_f32, 4.0], [1.0, 0.0]];
        assert_eq!(lengths(&v.view(), None), array![5.0, 1.0]);
        // W_o keeps the first column twice: (3, 3) and (1, 1).
        let w = array![[1.0_f32, 1.0], [0.0, 0.0]];
        let through = lengths(&v.view(), Some(w.view()));
        assert!((through[0] - 18.0_f64.sqrt()).abs() < 1e-12 && (through[1] - 2.0_f64.sqrt()).abs() < 1e-12);
        // Weights ¼ and ¾ of lengths 5 and 1: 1.25 and 0.75 of 2.
        let row = shares(&array![0.25_f32, 0.75].view(), &array![5.0, 1.0].view());
        assert_eq!(row, [0.625, 0.375]);
        assert_eq!(shares(&array![1.0_f32].view(), &array![0.0].view()), [0.0]);
    }
}
