//! What a head does to word vectors, whatever the sentence: two tables over the dimensions of H.
//!
//! `scores_ij = h_i · (W_q·W_kᵀ) · h_jᵀ`: entry (a, b) is what dimension a asks of dimension b.
//! `context·W_o` moves `h_j · (W_v·W_o)`: entry (a, b) is how much of dimension a ends up in column b of the output.
//! (Elhage et al. 2021, *A Mathematical Framework for Transformer Circuits*: QK and OV circuits.)

use ndarray::{Array2, ArrayView2, Axis, Slice};

use crate::program::{Layer, Name, Program, Trace};

/// One table.
#[derive(Debug, Clone, PartialEq)]
pub struct Form {
    /// The numbers: dimensions × dimensions, or dimensions × columns of the output.
    pub numbers: Array2<f32>,
    /// The largest magnitude among them.
    pub largest: f32,
}

/// Both tables of a head.
#[derive(Debug, Clone, PartialEq)]
pub struct Forms {
    /// `W_q·W_kᵀ`
    pub asks: Form,
    /// `W_v·W_o`; without `W_o`, `W_v` alone.
    pub moves: Form,
    /// The entries of `asks` of the largest magnitude, with their places, row by row; none where it is all 0.
    pub strongest: Vec<((usize, usize), f32)>,
    /// How much of `asks` depends on who asks whom: ‖(A − Aᵀ)/2‖² / ‖A‖², 0 where a asks b as b asks a, 1 where the answer is
    /// always the opposite. None where it is not square, or all 0.
    pub asymmetry: Option<f64>,
}

impl Form {
    fn of(numbers: Array2<f32>) -> Self {
        let largest = numbers.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        Self { numbers, largest }
    }

    fn asymmetry(&self) -> Option<f64> {
        let (rows, cols) = self.numbers.dim();
        let square = |x: f64| x * x;
        let whole: f64 = self.numbers.iter().map(|&x| square(f64::from(x))).sum();
        if rows != cols || whole == 0.0 {
            return None;
        }
        let pairs = self.numbers.iter().zip(self.numbers.t());
        let half: f64 = pairs.map(|(&a, &b)| square((f64::from(a) - f64::from(b)) / 2.0)).sum();
        Some(half / whole)
    }

    fn strongest(&self) -> Vec<((usize, usize), f32)> {
        let near = |x: &f32| self.largest > 0.0 && self.largest - x.abs() <= 1e-6 * self.largest;
        self.numbers.indexed_iter().filter(|(_, x)| near(x)).map(|(at, &x)| (at, x)).collect()
    }
}

impl Forms {
    /// The tables of one head, from 0 in its layer; none where the layer has no W.
    pub fn of(program: &Program, trace: &Trace, layer: Option<Layer>, head: usize) -> Option<Self> {
        let find = |name| trace.find(program, layer, name).map(|tensor| tensor.matrix(0, 0));
        let (q, k) = (find(Name::WQ)?, find(Name::WK)?);
        let heads = program.heads();
        let v = find(Name::WV).unwrap_or(k); // K = V: what is asked for is passed on
        let own = |w: ArrayView2<f32>| {
            let d = w.ncols() / heads;
            w.slice_axis(Axis(1), Slice::from(head * d..(head + 1) * d)).to_owned()
        };
        let v = own(v);
        let moves = match find(Name::WO) {
            Some(o) if o.nrows() == heads * v.ncols() => {
                let d = v.ncols();
                v.dot(&o.slice_axis(Axis(0), Slice::from(head * d..(head + 1) * d)))
            }
            _ => v,
        };
        let (asks, moves) = (Form::of(own(q).dot(&own(k).t())), Form::of(moves));
        Some(Self { strongest: asks.strongest(), asymmetry: asks.asymmetry(), asks, moves })
    }
}
