//! The ledger: a trace compared with its reference, stage by stage.
//!
//! Each stage's reference is evaluated in f64 on the inputs that the stage really received, so that
//! one stage's rounding is not charged to the next. [`end_to_end`] is the other question: how far the
//! last number is from what f64 makes of the sample's own numbers. A number overridden by hand is its own reference.
//!
//! A sum of large terms that nearly cancel is as wrong as f32 rounds its terms, however small it is itself (Higham 2002, *Accuracy and
//! Stability of Numerical Algorithms*, 3.1: |Δ| grows with Σ|terms|). Such a cell is measured by its terms. Trained models have
//! some: one number of thousands in the first word, which the next layers take back again (Sun et al. 2024, *Massive Activations*).
//!
//! A small program is checked at once. Of a large one [`Ledger::begin`] checks a piece, of the stage that is asked for
//! first, and [`Ledger::advance`] piece after piece the rest behind it; the ledger knows how far it has come.

use ndarray::Array2;

use super::{Address, Name, Program, Stage, Trace};
use crate::math::numbers::{Magnitudes, Numbers, Part, Reading};
use crate::math::ops::{Rule, whole};
use crate::math::tensor::{Cell, MASKED_F64, Tensor};

/// A stage passes while `|Δ| ≤ TOLERANCE · max(1, |reference|)` in every cell, or `|Δ| ≤ ROUNDING · Σ|terms|` in a sum
/// of a model of several layers.
pub const TOLERANCE: f64 = 1e-5;

/// What f32 may round off a sum for what its terms are worth: half an epsilon at each of n steps, of which √n are left when they
/// go either way (Higham and Mary 2019, *A New Approach to Probabilistic Rounding Error Analysis*). Kernels add up sums of 64
/// products, so that is √64 halves. It counts where the terms are worth 21 and more.
pub const ROUNDING: f64 = 4.0 * f32::EPSILON as f64;

/// Multiplications and additions that are done at once, in a fraction of a second: programs up to this are checked whole.
pub const AT_ONCE: u64 = 1 << 29;

/// The piece of a larger program that is done at once: a few hundredths of a second, for somebody waits for its numbers.
const FIRST: u64 = 1 << 26;

/// The worst cell of one stage.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StageVerdict {
    /// Largest `|Δ| / max(1, |reference|, ROUNDING / TOLERANCE · Σ|terms|)`, the last where a cell is measured by
    /// its terms; infinite where one side is masked or not a number and the other is not.
    pub worst: f64,
    /// Where.
    pub at: Address,
}

impl StageVerdict {
    /// Whether the stage is within tolerance.
    pub fn ok(&self) -> bool {
        self.worst <= TOLERANCE
    }

    /// No difference yet.
    fn clean(stage: &Stage) -> Self {
        Self { worst: 0.0, at: Address { slot: stage.output, cell: Cell::default() } }
    }

    /// Takes in how far numbers are from their reference, cell by cell.
    fn take(&mut self, differences: impl Iterator<Item = (Cell, f64)>) {
        for (cell, delta) in differences {
            if delta > self.worst {
                *self = Self { worst: delta, at: Address { cell, ..self.at } };
            }
        }
    }
}

/// How much of a program's numbers has been compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// Numbers that have been compared.
    pub cells: u64,
    /// All numbers that stages make.
    pub of: u64,
}

impl Checked {
    /// In hundredths, rounded down: 100 only where all is checked.
    pub fn percent(self) -> u64 {
        (100 * self.cells).checked_div(self.of).unwrap_or(100)
    }
}

/// The rows of a stage that have been compared.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Progress {
    /// Rows of all sentences and heads.
    rows: usize,
    /// How many of them have been compared, from the first on.
    done: usize,
    /// Numbers in a row.
    cols: usize,
    /// Multiplications and additions in a row.
    work: u64,
}

/// The verdict on a trace, one line a stage in the program's order.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    /// The stages, each as far as it has been checked.
    pub stages: Vec<StageVerdict>,
    progress: Vec<Progress>,
}

impl Ledger {
    /// Compares every stage of a trace with its reference.
    pub fn check(program: &Program, trace: &Trace) -> Self {
        let mut ledger = Self::unchecked(program);
        ledger.advance(program, trace, 0, u64::MAX);
        ledger
    }

    /// Compares all stages of a small program, and of a large one a piece: of the stage at position `first`, then of the
    /// others.
    pub fn begin(program: &Program, trace: &Trace, first: usize) -> Self {
        Self::unchecked(program).begun(program, trace, first)
    }

    /// The same where some has been compared before.
    #[must_use]
    pub(crate) fn begun(mut self, program: &Program, trace: &Trace, first: usize) -> Self {
        let left = self.progress.iter().map(|p| p.work.saturating_mul((p.rows - p.done) as u64));
        let small = left.fold(0_u64, u64::saturating_add) <= AT_ONCE;
        self.advance(program, trace, first, if small { AT_ONCE } else { FIRST });
        self
    }

    /// What this says about stages whose numbers did not change; of the others nothing has been compared.
    #[must_use]
    pub(crate) fn kept(&self, program: &Program, stale: &[bool]) -> Self {
        let mut ledger = self.clone();
        for (n, stage) in program.stages().iter().enumerate().filter(|(n, _)| stale.get(*n) != Some(&false)) {
            ledger.stages[n] = StageVerdict::clean(stage);
            ledger.progress[n].done = 0;
        }
        ledger
    }

    /// Nothing compared yet: [`Ledger::advance`] goes on from here.
    pub fn unchecked(program: &Program) -> Self {
        let progress = |stage: &Stage| {
            let [batch, heads, rows, cols] = stage.shape.lens();
            let terms = program.sources(stage, Cell::default()).terms.len();
            Progress { rows: batch * heads * rows, done: 0, cols, work: (cols * terms).max(1) as u64 }
        };
        let stages = program.stages();
        Self {
            stages: stages.iter().map(StageVerdict::clean).collect(),
            progress: stages.iter().map(progress).collect(),
        }
    }

    /// Goes on with a piece of about so many multiplications and additions, at least one row: with the stage at position
    /// `first`, then with the others in order. To be called with the program and the trace that it began with.
    pub fn advance(&mut self, program: &Program, trace: &Trace, first: usize, budget: u64) {
        let mut left = budget;
        let all = 0..self.stages.len();
        let others = all.clone().filter(|&stage| stage != first);
        for stage in std::iter::once(first).filter(|stage| all.contains(stage)).chain(others) {
            let Progress { rows, done, work, .. } = self.progress[stage];
            let wanted = usize::try_from(left.div_ceil(work)).unwrap_or(usize::MAX).min(rows - done);
            if wanted > 0 {
                self.compare(program, trace, stage, wanted);
                left = left.saturating_sub(work.saturating_mul(wanted as u64));
            }
            if left == 0 {
                return;
            }
        }
    }

    /// Compares the next rows of a stage.
    fn compare(&mut self, program: &Program, trace: &Trace, index: usize, wanted: usize) {
        let stage = &program.stages()[index];
        let operands: Vec<_> = stage.operands.iter().map(|&slot| Reading::of(trace.tensor(slot))).collect();
        let operands: Vec<&dyn Numbers> = operands.iter().map(Reading::numbers).collect();
        let (progress, found) = (&mut self.progress[index], trace.tensor(stage.output));
        let [_, heads, rows, _] = stage.shape.lens();
        let end = progress.done + wanted;
        while progress.done < end {
            let (plane, row) = (progress.done / rows, progress.done % rows);
            let (batch, head) = (plane / heads, plane % heads);
            let some = row..(row + end - progress.done).min(row + PIECE).min(rows);
            let part = Part { out: stage.shape, batch, head, rows: some.clone() };
            let mut reference = stage.op.rows(&operands, &part);
            for o in trace.overrides().iter().filter(|o| o.address.slot == stage.output) {
                let Cell { row, col, .. } = o.address.cell;
                if (o.address.cell.batch, o.address.cell.head) == (batch, head) && some.contains(&row) {
                    reference[[row - some.start, col]] = f64::from(o.value);
                }
            }
            let cell = |(row, col)| Cell { batch, head, row: some.start + row, col };
            let differs = |at| difference(f64::from(found.get(cell(at))), reference[at]);
            let mut differences = Array2::from_shape_fn(reference.dim(), differs);
            if differences.iter().any(|&delta| delta > TOLERANCE) && by_terms(program, stage) {
                let operands: Vec<Magnitudes<'_>> = operands.iter().map(|&numbers| Magnitudes(numbers)).collect();
                let operands: Vec<&dyn Numbers> = operands.iter().map(|numbers| numbers as &dyn Numbers).collect();
                let terms = stage.op.rows(&operands, &part);
                ndarray::Zip::from(&mut differences).and(&reference).and(&terms).for_each(|delta, reference, terms| {
                    let worth = ROUNDING / TOLERANCE * terms / reference.abs().max(1.0);
                    *delta /= if worth.is_finite() { worth.max(1.0) } else { 1.0 };
                });
            }
            self.stages[index].take(differences.indexed_iter().map(|(at, &delta)| (cell(at), delta)));
            progress.done += some.len();
        }
    }

    /// Whether every stage is within tolerance, as far as it has been checked.
    pub fn ok(&self) -> bool {
        self.stages.iter().all(StageVerdict::ok)
    }

    /// The worst stage, as far as they have been checked.
    pub fn worst(&self) -> Option<&StageVerdict> {
        self.stages.iter().max_by(|a, b| a.worst.total_cmp(&b.worst))
    }

    /// Whether the stage at this position has been checked to its last cell.
    pub fn is_checked(&self, stage: usize) -> bool {
        self.progress.get(stage).is_some_and(|progress| progress.done == progress.rows)
    }

    /// Whether every stage has been checked to its last cell.
    pub fn is_complete(&self) -> bool {
        (0..self.stages.len()).all(|stage| self.is_checked(stage))
    }

    /// How much has been checked.
    pub fn checked(&self) -> Checked {
        let sum = |rows: fn(&Progress) -> usize| self.progress.iter().map(|p| (rows(p) * p.cols) as u64).sum();
        Checked { cells: sum(|p| p.done), of: sum(|p| p.rows) }
    }
}

/// Rows of a reference that are held at a time.
const PIECE: usize = 64;

/// Whether the numbers of a stage are measured by their terms: sums in a model of several layers. Not its scores: softmax is as
/// far off as they are, however large their terms.
fn by_terms(program: &Program, stage: &Stage) -> bool {
    program.is_deep()
        && stage.symbol.name != Name::Scores
        && matches!(program.sources(stage, Cell::default()).rule, Rule::Sum)
}

/// The difference of every stage from the reference run of the sample's own numbers, in f64 from end to end.
pub fn end_to_end(program: &Program, trace: &Trace) -> Ledger {
    let mut ledger = Ledger::unchecked(program);
    let mut made: Vec<Tensor<f64>> = Vec::with_capacity(program.stages().len());
    for (i, stage) in program.stages().iter().enumerate() {
        let operand = |&slot| program.stage_of(slot).map_or_else(|| Err(Reading::of(trace.tensor(slot))), Ok);
        let operands: Vec<Result<usize, Reading>> = stage.operands.iter().map(operand).collect();
        let numbers = |operand| match operand {
            &Ok(stage) => &made[stage] as &dyn Numbers,
            Err(given) => Reading::numbers(given),
        };
        let operands: Vec<_> = operands.iter().map(numbers).collect();
        let mut reference = whole(stage.op.as_ref(), &operands, stage.shape);
        trace.override_in(stage.output, &mut reference);
        let found = trace.tensor(stage.output);
        let cells = stage.shape.cells().zip(found.numbers()).zip(reference.numbers());
        let differs = |((cell, found), reference)| (cell, difference(f64::from(found), reference));
        ledger.stages[i].take(cells.map(differs));
        ledger.progress[i].done = ledger.progress[i].rows;
        made.push(reference);
    }
    ledger
}

/// `|Δ| / max(1, |reference|)`, and infinity where the two cannot be compared. Beyond what f32 holds the right answer is
/// infinity, and where the reference has no value the right answer is none.
fn difference(found: f64, reference: f64) -> f64 {
    let rounded = f64::from(reference as f32);
    if reference.is_nan() || rounded.is_infinite() {
        let same = found == rounded || (found.is_nan() && reference.is_nan());
        return if same { 0.0 } else { f64::INFINITY };
    }
    if reference == MASKED_F64 || found == MASKED_F64 {
        return if found == reference { 0.0 } else { f64::INFINITY };
    }
    let delta = (found - reference).abs() / reference.abs().max(1.0);
    if delta.is_nan() { f64::INFINITY } else { delta }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_compared_is_infinitely_wrong() {
        assert_eq!(difference(MASKED_F64, MASKED_F64), 0.0);
        assert_eq!(difference(MASKED_F64, 1.0), f64::INFINITY);
        assert_eq!(difference(1.0, MASKED_F64), f64::INFINITY);
        assert_eq!(difference(f64::NAN, 1.0), f64::INFINITY);
        assert_eq!(difference(f64::INFINITY, 1.0), f64::INFINITY);
        assert_eq!(difference(f64::INFINITY, 1e39), 0.0, "f32 ends before");
        assert_eq!(difference(f64::NEG_INFINITY, 1e39), f64::INFINITY);
        assert_eq!(difference(f64::NAN, f64::NAN), 0.0);
        assert_eq!(difference(1.0, f64::NAN), f64::INFINITY);
        assert!((difference(10_001.0, 10_000.0) - 1e-4).abs() < 1e-15);
        assert!((difference(0.5, 0.25) - 0.25).abs() < 1e-15);
    }
}
