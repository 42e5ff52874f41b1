//! A program in f32 by ndarray's matrix products, on one thread or on several: what an adapter races against.
//!
//! Every thread computes whole sentences and shares nothing with the others but what it reads. What all words of its sentences
//! go through alike is one product; scores, softmax and sums are made head by head, so that only those of one head exist at a time.
//!
//! What a thread works in is kept from run to run ([`Workspace`]): memory that goes back to the system has to be asked for anew, page by
//! page, and two threads that ask wait for one another.

use std::ops::Range;
use std::thread;

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, Axis, Slice};

use crate::ground::lang::Text;
use crate::math::ops::Rule;
use crate::math::tensor::{Cell, Tensor};
use crate::program::{Inputs, Program, Slot, Stage};
use crate::session::ComputeError;

/// Ops that are carried out for each head by itself.
const BY_HEAD: [&str; 5] = ["matmul_transposed", "scale", "mask", "softmax", "matmul"];

/// Ops that all words of all sentences go through alike.
const BY_ROW: [&str; 4] = ["project", "split", "concat", "matmul"];

/// Whether work is not wanted any more; every thread asks.
pub type Stop<'a> = &'a (dyn Fn() -> bool + Sync);

/// The memory that threads work in, kept for the next run; a new one holds nothing.
#[derive(Debug, Default)]
pub struct Workspace {
    /// One a thread.
    pools: Vec<Pool>,
}

/// Rows of numbers that are not in use.
#[derive(Debug, Default)]
struct Pool(Vec<Vec<f32>>);

impl Pool {
    /// Rows of so many numbers, whatever they are: who takes them writes every one.
    fn take(&mut self, (rows, cols): (usize, usize)) -> Rows {
        let count = rows * cols;
        let fits = |(n, kept): (usize, &Vec<f32>)| (kept.capacity() >= count).then_some((kept.capacity(), n));
        let closest = self.0.iter().enumerate().filter_map(fits).min();
        let mut numbers = closest.map_or_else(Vec::new, |(_, n)| self.0.swap_remove(n));
        numbers.resize(count, 0.0);
        Rows::from_shape_vec((rows, cols), numbers).unwrap_or_default()
    }

    /// The same numbers in rows of their own.
    fn copy(&mut self, from: &ArrayView2<'_, f32>) -> Rows {
        let mut rows = self.take(from.dim());
        rows.assign(from);
        rows
    }

    /// A · B.
    fn product(&mut self, a: &ArrayView2<'_, f32>, b: &ArrayView2<'_, f32>) -> Rows {
        let mut rows = self.take((a.nrows(), b.ncols()));
        general_mat_mul(1.0, a, b, 0.0, &mut rows);
        rows
    }

    /// What nobody needs any more.
    fn put(&mut self, rows: Rows) {
        let numbers = rows.into_raw_vec_and_offset().0;
        if numbers.capacity() > 0 {
            self.0.push(numbers);
        }
    }
}

/// The last result of a program; none where `stop` broke it off, which is heard within a head of a sentence. Threads work in
/// `workspace`, which serves any program and any number of threads.
///
/// # Errors
/// [`ComputeError::Unfit`] for an op that is not known here.
pub fn forward(
    program: &Program,
    inputs: &Inputs,
    threads: usize,
    workspace: &mut Workspace,
    stop: Stop,
) -> Result<Option<Tensor<f32>>, ComputeError> {
    let unknown = |stage: &&Stage| !BY_HEAD.contains(&stage.op.name()) && !BY_ROW.contains(&stage.op.name());
    if let Some(stage) = program.stages().iter().find(unknown) {
        let name = stage.op.name();
        return Err(ComputeError::Unfit(Text::owned(
            format!("这里不会做 {name}"),
            format!("{name} is not known here"),
        )));
    }
    let nothing = || ComputeError::Unfit(Text::new("程序里没有步骤", "the program has no stages"));
    let shape = program.stages().last().ok_or_else(nothing)?.shape;
    let [sentences, heads, rows, cols] = shape.lens();
    let share = sentences.div_ceil(threads.max(1));
    let mut numbers = vec![0.0; shape.count()];
    let parts = numbers.chunks_mut((share * heads * rows * cols).max(1));
    workspace.pools.resize_with(parts.len(), Pool::default);
    thread::scope(|scope| {
        for (part, (out, pool)) in parts.zip(&mut workspace.pools).enumerate() {
            let some = part * share..((part + 1) * share).min(sentences);
            let run = move || Part { program, inputs, some, stop }.run(out, pool);
            if threads > 1 {
                scope.spawn(run);
            } else {
                run();
            }
        }
    });
    if stop() {
        return Ok(None);
    }
    Tensor::from_vec(shape, numbers).map(Some).ok_or_else(nothing)
}

/// Some whole sentences.
struct Part<'a> {
    program: &'a Program,
    inputs: &'a Inputs,
    some: Range<usize>,
    stop: Stop<'a>,
}

/// Results of some sentences: their rows below one another, heads side by side.
type Rows = Array2<f32>;

impl Part<'_> {
    /// Runs every stage and writes the last result.
    fn run(&self, out: &mut [f32], pool: &mut Pool) {
        let stages = self.program.stages();
        let mut made: Vec<Option<Rows>> = vec![None; stages.len()];
        let mut first = 0;
        while first < stages.len() && !(self.stop)() {
            let by_head = |n: &usize| stages[*n].shape.heads.is_some() && BY_HEAD.contains(&stages[*n].op.name());
            let together = (first..stages.len()).take_while(by_head).count();
            if together > 0 {
                self.by_head(first..first + together, &mut made, pool);
            } else {
                made[first] = Some(self.by_row(&stages[first], &mut made, pool));
            }
            first += together.max(1);
            // What nobody reads any more makes room for what comes.
            let (done, ahead) = stages.split_at(first.min(stages.len()));
            for (made, stage) in made.iter_mut().zip(done).take(stages.len() - 1) {
                if !ahead.iter().any(|ahead| ahead.operands.contains(&stage.output)) {
                    made.take().into_iter().for_each(|rows| pool.put(rows));
                }
            }
        }
        if let (Some(stage), Some(Some(rows))) = (stages.last(), made.last()) {
            let [_, heads, count, cols] = stage.shape.lens();
            for (n, out) in out.chunks_mut((count * cols).max(1)).enumerate() {
                let plane = slice(rows, (n / heads, n % heads), (count, cols));
                out.iter_mut().zip(plane).for_each(|(out, x)| *out = *x);
            }
        }
        made.into_iter().flatten().for_each(|rows| pool.put(rows));
    }

    /// A stage that all words of all sentences go through alike.
    fn by_row(&self, stage: &Stage, made: &mut [Option<Rows>], pool: &mut Pool) -> Rows {
        if !matches!(stage.op.name(), "project" | "matmul") {
            // Heads are columns side by side already: where nobody else reads them, they are what was wanted.
            let from = self.program.stage_of(stage.operands[0]).filter(|&from| self.readers(from) == 1);
            if let Some(rows) = from.and_then(|from| made[from].take()) {
                return rows;
            }
        }
        let made = &*made;
        let rows = |slot: Slot| match self.made(slot, made) {
            Some(rows) => rows.view(),
            None => self.given(slot),
        };
        let left = rows(stage.operands[0]);
        match stage.op.name() {
            "project" | "matmul" => pool.product(&left, &rows(stage.operands[1])),
            _ => pool.copy(&left),
        }
    }

    /// Stages that are carried out for each head by itself; what nobody needs afterwards is not kept.
    fn by_head(&self, group: Range<usize>, made: &mut [Option<Rows>], pool: &mut Pool) {
        let stages = self.program.stages();
        let [_, heads, ..] = stages[group.start].shape.lens();
        let later = |slot: Slot| stages[group.end..].iter().any(|stage| stage.operands.contains(&slot));
        let kept = |n: &usize| later(self.program.output_of(*n)) || n + 1 == stages.len();
        let kept: Vec<usize> = group.clone().filter(kept).collect();
        for &n in &kept {
            let [_, _, rows, cols] = stages[n].shape.lens();
            made[n] = Some(pool.take((self.some.len() * rows, heads * cols)));
        }
        let open: Vec<bool> = group.clone().map(|n| self.is_open(&stages[n])).collect();
        let planes = (0..self.some.len()).flat_map(|s| (0..heads).map(move |h| (s, h)));
        for plane in planes.take_while(|_| !(self.stop)()) {
            let mut own: Vec<Scaled> = Vec::with_capacity(group.len());
            for n in group.clone() {
                let open = open[n - group.start];
                let result = self.one(&stages[n], plane, (group.start, &mut own), (made, &mut *pool), open);
                own.push(result);
            }
            for &n in &kept {
                let [_, _, rows, cols] = stages[n].shape.lens();
                let Some(all) = &mut made[n] else { continue };
                let own = &mut own[n - group.start];
                own.settle();
                let mut below = all.slice_axis_mut(Axis(0), Slice::from(plane.0 * rows..(plane.0 + 1) * rows));
                below.slice_axis_mut(Axis(1), Slice::from(plane.1 * cols..(plane.1 + 1) * cols)).assign(&own.rows);
            }
            for own in own {
                pool.put(own.rows);
            }
        }
    }

    /// A stage for one head of one sentence; `own` holds what the stages before it made, from the one at `first` on.
    fn one(
        &self,
        stage: &Stage,
        plane: (usize, usize),
        (first, own): (usize, &mut Vec<Scaled>),
        (made, pool): (&[Option<Rows>], &mut Pool),
        open: bool,
    ) -> Scaled {
        let position = |slot: Slot| (0..own.len()).find(|n| self.program.output_of(first + n) == slot);
        let at = stage.operands.iter().map(|&slot| position(slot)).collect::<Vec<_>>();
        let other = |n: usize| self.plane(stage.operands[n], plane, made);
        match stage.op.name() {
            "matmul_transposed" | "matmul" => {
                at.iter().flatten().for_each(|&at| own[at].settle());
                // A head's own rows lie close together: the product goes through them many times.
                let mut load = |n: usize| match at[n] {
                    Some(at) => Err(at),
                    None => Ok(pool.copy(&other(n))),
                };
                let factors = [load(0), load(1)];
                let [left, right] = factors.each_ref().map(|factor| match factor {
                    Ok(rows) => rows.view(),
                    Err(at) => own[*at].rows.view(),
                });
                let right = if stage.op.name() == "matmul" { right } else { right.reversed_axes() };
                let product = pool.product(&left, &right);
                factors.into_iter().flatten().for_each(|rows| pool.put(rows));
                Scaled { rows: product, factor: 1.0 }
            }
            name => {
                // The one before is the only one to read it, or nobody needs what it was.
                let last = at[0].filter(|&at| self.readers(first + at) == 1 && made[first + at].is_none());
                let mut x = match (last, at[0]) {
                    (Some(at), _) => std::mem::take(&mut own[at]),
                    (None, Some(at)) => Scaled { rows: pool.copy(&own[at].rows.view()), factor: own[at].factor },
                    (None, None) => Scaled { rows: pool.copy(&other(0)), factor: 1.0 },
                };
                match name {
                    "scale" => x.factor *= factor(stage),
                    "mask" if !open => {
                        x.settle();
                        hide(&mut x.rows, &other(1));
                    }
                    "softmax" => softmax(&mut x),
                    _ => {}
                }
                x
            }
        }
    }

    /// How many stages read a stage's result.
    fn readers(&self, stage: usize) -> usize {
        let slot = self.program.output_of(stage);
        self.program.stages().iter().filter(|stage| stage.operands.contains(&slot)).count()
    }

    /// Whether a stage is a mask that hides nothing.
    fn is_open(&self, stage: &Stage) -> bool {
        let mask = stage.operands.get(1).filter(|_| stage.op.name() == "mask").and_then(|&slot| self.inputs.get(slot));
        mask.is_some_and(|mask| mask.as_slice().iter().all(|&x| x != 0.0))
    }

    /// The rows of these sentences in a given tensor without heads.
    fn given(&self, slot: Slot) -> ArrayView2<'_, f32> {
        let shape = self.program.shape(slot);
        let [_, _, rows, cols] = shape.lens();
        let sentences = if shape.batch.is_some() { self.some.clone() } else { 0..1 };
        let numbers = self.inputs.get(slot).map_or(&[][..], Tensor::as_slice);
        let own = numbers.get(sentences.start * rows * cols..sentences.end * rows * cols).unwrap_or_default();
        ArrayView2::from_shape((sentences.len() * rows, cols), own).unwrap_or_else(|_| ArrayView2::from(&[[]; 0]))
    }

    fn made<'m>(&self, slot: Slot, made: &'m [Option<Rows>]) -> Option<&'m Rows> {
        (0..made.len()).find(|&n| self.program.output_of(n) == slot).and_then(|n| made[n].as_ref())
    }

    /// The matrix of one head of one of these sentences.
    fn plane<'m>(
        &'m self,
        slot: Slot,
        (sentence, head): (usize, usize),
        made: &'m [Option<Rows>],
    ) -> ArrayView2<'m, f32> {
        let shape = self.program.shape(slot);
        let [.., rows, cols] = shape.lens();
        let plane = shape.clamp(Cell { batch: sentence, head, ..Cell::default() });
        match (self.made(slot, made), self.inputs.get(slot)) {
            (Some(all), _) => slice(all, (plane.batch, plane.head), (rows, cols)),
            (None, Some(given)) => given.matrix(self.some.start + sentence, head),
            (None, None) => ArrayView2::from(&[[]; 0]),
        }
    }
}

/// The columns of a head in the rows of a sentence.
fn slice(all: &Rows, (sentence, head): (usize, usize), (rows, cols): (usize, usize)) -> ArrayView2<'_, f32> {
    let below = all.slice_axis(Axis(0), Slice::from(sentence * rows..(sentence + 1) * rows));
    below.slice_axis_move(Axis(1), Slice::from(head * cols..(head + 1) * cols))
}

/// Numbers that are still to be multiplied by a factor: softmax does so on its way.
#[derive(Default)]
struct Scaled {
    rows: Rows,
    factor: f32,
}

impl Scaled {
    /// Multiplies the numbers.
    fn settle(&mut self) {
        if self.factor != 1.0 {
            self.rows *= self.factor;
            self.factor = 1.0;
        }
    }
}

/// What a stage multiplies by that divides.
fn factor(stage: &Stage) -> f32 {
    match stage.op.sources(&[stage.shape], Cell::default()).rule {
        Rule::Quotient(divisor) => divisor.recip() as f32,
        _ => 1.0,
    }
}

fn hide(x: &mut Rows, mask: &ArrayView2<'_, f32>) {
    x.iter_mut().zip(mask).filter(|(_, open)| **open == 0.0).for_each(|(x, _)| *x = f32::MIN);
}

fn softmax(x: &mut Scaled) {
    let factor = std::mem::replace(&mut x.factor, 1.0);
    let (rows, cols) = x.rows.dim();
    if x.rows.as_slice().is_none() {
        x.rows = x.rows.as_standard_layout().into_owned();
    }
    let numbers = x.rows.as_slice_mut().unwrap_or_default();
    debug_assert_eq!(numbers.len(), rows * cols);
    for row in numbers.chunks_mut(cols.max(1)) {
        let largest = row.iter().fold(f32::MIN, |m, &x| m.max(x));
        let mut sum = 0.0;
        for x in &mut *row {
            *x = ((*x - largest) * factor).exp();
            sum += *x;
        }
        for x in row {
            *x /= sum;
        }
    }
}
