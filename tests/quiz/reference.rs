//! Attention once more, in f64 and in plain loops, from the numbers that a sample is given: nothing of the program's stages,
//! ops or traces is used.

use qkv::math::tensor::Cell;
use qkv::program::{Divisor, Name};
use qkv::source::sample::Sample;

/// Rows of numbers.
pub(crate) type Matrix = Vec<Vec<f64>>;

/// What may be otherwise than in the sample.
#[derive(Clone, Copy, Default)]
pub(crate) struct Otherwise {
    /// A number of this tensor is another.
    pub number: Option<(Name, Cell, f64)>,
    /// The temperature is so many times as high.
    pub temperature: Option<f64>,
    /// Nothing is masked.
    pub open: bool,
}

/// Every tensor of one sentence: a matrix for each head, or one.
#[derive(Default)]
pub(crate) struct Numbers(Vec<(Name, Vec<Matrix>)>);

impl Numbers {
    pub(crate) fn of(&self, name: Name) -> &[Matrix] {
        &self.0.iter().find(|(own, _)| *own == name).unwrap_or_else(|| panic!("no {name}")).1
    }

    pub(crate) fn get(&self, name: Name, cell: Cell) -> f64 {
        let heads = self.of(name);
        heads[if heads.len() == 1 { 0 } else { cell.head }][cell.row][cell.col]
    }

    pub(crate) fn row(&self, name: Name, cell: Cell) -> &[f64] {
        let heads = self.of(name);
        &heads[if heads.len() == 1 { 0 } else { cell.head }][cell.row]
    }
}

/// Row by column.
fn times(a: &Matrix, b: &Matrix) -> Matrix {
    let cell = |row: &Vec<f64>, col: usize| row.iter().zip(b).map(|(x, line)| x * line[col]).sum();
    a.iter().map(|row| (0..b[0].len()).map(|col| cell(row, col)).collect()).collect()
}

/// Some columns.
fn columns(a: &Matrix, from: usize, count: usize) -> Matrix {
    a.iter().map(|row| row[from..from + count].to_vec()).collect()
}

pub(crate) fn numbers(sample: &Sample, sentence: usize, otherwise: Otherwise) -> Numbers {
    let program = &sample.program;
    let (kind, wiring, heads) = (program.kind(), *program.wiring(), sample.sizes.heads);
    let mut all = Numbers::default();
    let put = |all: &mut Numbers, name: Name, mut heads: Vec<Matrix>| {
        if let Some((of, cell, x)) = otherwise.number.filter(|(of, ..)| *of == name) {
            assert_eq!(of, name);
            let head = if heads.len() == 1 { 0 } else { cell.head };
            heads[head][cell.row][cell.col] = x;
        }
        all.0.push((name, heads));
    };
    for input in program.inputs() {
        let tensor = sample.inputs.get(input.slot).unwrap();
        let [batch, _, rows, cols] = tensor.shape().lens();
        let batch = sentence.min(batch - 1);
        let cell = |row, col| f64::from(tensor.get(Cell { batch, head: 0, row, col }));
        let matrix = (0..rows).map(|row| (0..cols).map(|col| cell(row, col)).collect()).collect();
        put(&mut all, input.symbol.name, vec![matrix]);
    }
    let asks = all.of(kind.asks())[0].clone();
    let answers = kind.answers().map_or_else(|| asks.clone(), |name| all.of(name)[0].clone());
    let weighted = program.find(None, Name::WQ).is_some();
    let (mut w_q, mut w_k) = (Name::WQ, Name::WK);
    if wiring.swapped {
        (w_q, w_k) = (w_k, w_q);
    }
    let w_v = if wiring.tied { w_k } else { Name::WV };
    for (name, words, w) in [(Name::Q, &asks, w_q), (Name::K, &answers, w_k), (Name::V, &answers, w_v)] {
        let whole = if weighted { times(words, &all.of(w)[0]) } else { words.clone() };
        let d = whole[0].len() / heads;
        let of_heads = (0..heads).map(|head| columns(&whole, head * d, d)).collect();
        put(&mut all, name, of_heads);
    }
    let d = all.of(Name::Q)[0][0].len() as f64;
    let divisor = match wiring.divisor {
        Divisor::Root => d.sqrt(),
        Divisor::One => 1.0,
        Divisor::Whole => d,
    } * f64::from(wiring.temperature)
        * otherwise.temperature.unwrap_or(1.0);
    let scores = (0..heads).map(|head| {
        let (q, k) = (&all.of(Name::Q)[head], &all.of(Name::K)[head]);
        let score = |a: &Vec<f64>, b: &Vec<f64>| a.iter().zip(b).map(|(x, y)| x * y).sum();
        q.iter().map(|a| k.iter().map(|b| score(a, b)).collect()).collect()
    });
    let scores = scores.collect();
    put(&mut all, Name::Scores, scores);
    let each = |all: &Numbers, from: Name, f: &dyn Fn(f64, usize, usize) -> f64| -> Vec<Matrix> {
        let line = |(i, row): (usize, &Vec<f64>)| row.iter().enumerate().map(|(j, &x)| f(x, i, j)).collect();
        all.of(from).iter().map(|head| head.iter().enumerate().map(line).collect()).collect()
    };
    let scaled = each(&all, Name::Scores, &|x, _, _| x / divisor);
    put(&mut all, Name::Scaled, scaled);
    let mask = all.of(Name::Mask)[0].clone();
    let hidden = |i: usize, j: usize| !otherwise.open && mask[i][j] == 0.0;
    let masked = each(&all, Name::Scaled, &|x, i, j| if hidden(i, j) { f64::NEG_INFINITY } else { x });
    put(&mut all, Name::Masked, masked);
    let softmax = |row: &Vec<f64>| -> Vec<f64> {
        let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let exp: Vec<f64> = row.iter().map(|x| (x - top).exp()).collect();
        let sum: f64 = exp.iter().sum();
        exp.into_iter().map(|x| x / sum).collect()
    };
    let weights = all.of(Name::Masked).iter().map(|head| head.iter().map(softmax).collect()).collect();
    put(&mut all, Name::Weights, weights);
    let context = (0..heads).map(|head| times(&all.of(Name::Weights)[head], &all.of(Name::V)[head])).collect();
    put(&mut all, Name::Context, context);
    let contexts = all.of(Name::Context);
    let concat: Matrix =
        (0..contexts[0].len()).map(|t| contexts.iter().flat_map(|head| head[t].clone()).collect()).collect();
    put(&mut all, Name::Concat, vec![concat]);
    if program.find(None, Name::Output).is_some() {
        let output = times(&all.of(Name::Concat)[0], &all.of(Name::WO)[0]);
        put(&mut all, Name::Output, vec![output]);
    }
    all
}
