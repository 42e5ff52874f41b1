//! What takes the time: products by ndarray, exponentials of a whole row at once.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2, ShapeBuilder};

/// A matrix in numbers that may hold more beside it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Matrix<'n> {
    numbers: &'n [f32],
    size: (usize, usize),
    strides: (usize, usize),
}

impl<'n> Matrix<'n> {
    /// Rows of so many columns.
    pub(super) fn new(numbers: &'n [f32], cols: usize) -> Self {
        Self { numbers, size: (numbers.len() / cols.max(1), cols), strides: (cols, 1) }
    }

    /// A part of rows that are `wide` numbers apart.
    pub(super) fn part(numbers: &'n [f32], from: usize, size: (usize, usize), wide: usize) -> Self {
        Self { numbers: &numbers[from..], size, strides: (wide, 1) }
    }

    /// Rows as columns.
    pub(super) const fn turned(self) -> Self {
        let ((rows, cols), (down, right)) = (self.size, self.strides);
        Self { size: (cols, rows), strides: (right, down), ..self }
    }

    fn view(&self) -> Option<ArrayView2<'n, f32>> {
        ArrayView2::from_shape(self.size.strides(self.strides), self.numbers).ok()
    }
}

/// The same, to be written.
#[derive(Debug)]
pub(super) struct MatrixMut<'n> {
    numbers: &'n mut [f32],
    size: (usize, usize),
    wide: usize,
}

impl<'n> MatrixMut<'n> {
    /// Rows of so many columns.
    pub(super) fn new(numbers: &'n mut [f32], cols: usize) -> Self {
        let rows = numbers.len() / cols.max(1);
        Self { numbers, size: (rows, cols), wide: cols }
    }

    /// A part of rows that are `wide` numbers apart.
    pub(super) fn part(numbers: &'n mut [f32], from: usize, size: (usize, usize), wide: usize) -> Self {
        Self { numbers: &mut numbers[from..], size, wide }
    }
}

/// `out = factor · a · b + keep · out`. Sizes that do not fit leave it as it is; the program was checked for them.
#[expect(clippy::needless_pass_by_value, reason = "a matrix to write into is a loan of its numbers")]
pub(super) fn product(factor: f32, a: Matrix, b: Matrix, keep: f32, out: MatrixMut) {
    // Of no sentences at all: a share may have none.
    if out.size.0 == 0 || out.size.1 == 0 {
        return;
    }
    if a.size.1 == 0 {
        out.numbers.iter_mut().for_each(|x| *x *= keep);
        return;
    }
    let view = ArrayViewMut2::from_shape(out.size.strides((out.wide, 1)), out.numbers);
    let (Some(a), Some(b), Ok(mut out)) = (a.view(), b.view(), view) else {
        debug_assert!(false, "matrices within their numbers");
        return;
    };
    general_mat_mul(factor, &a, &b, keep, &mut out);
}

/// Puts `exp(x − max x)` in the place of every number of a row; gives the maximum and the sum.
pub(super) fn exponentials(row: &mut [f32]) -> (f32, f32) {
    let largest = row.iter().fold(f32::MIN, |m, &x| if x > m { x } else { m });
    for x in row.iter_mut() {
        *x = exp(*x - largest);
    }
    (largest, row.iter().sum())
}

/// eˣ for x ≤ 0 to 2 units in the last place, written so that compilers do several at once: `2ⁿ · e^r` with `|r| ≤ ln 2 / 2`,
/// e^r by its series (Cody and Waite 1980). 0 below −87; what is no number stays none.
fn exp(x: f32) -> f32 {
    /// 1.5·2²³: added to a number it leaves its nearest integer in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    const LN_2: (f32, f32) = (0.693_359_4, -2.121_944_4e-4);
    let bounded = if x < -87.0 { -87.0 } else { x };
    let rounded = bounded * std::f32::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = (bounded - n * LN_2.0) - n * LN_2.1;
    let series =
        1.0 + r * (1.0 + r * (0.5 + r * (1.666_666_5e-1 + r * (4.166_66e-2 + r * (8.333_7e-3 + r * 1.393_2e-3)))));
    let power = f32::from_bits((rounded.to_bits() << 23).wrapping_add(0x3f80_0000));
    if x < -87.0 { 0.0 } else { series * power }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponentials_are_as_good_as_f32_holds() {
        for n in 0..=870_000_u32 {
            let x = -f64::from(n) * 1e-4;
            let (x, is) = (x as f32, f64::from(exp(x as f32)));
            let reference = f64::from(x).exp();
            assert!((is - reference).abs() <= 4e-7 * reference, "{x}: {is}, {reference}");
        }
        assert_eq!((exp(0.0), exp(-100.0), exp(f32::NEG_INFINITY)), (1.0, 0.0, 0.0));
        assert!(exp(f32::NAN).is_nan());
    }

    #[test]
    fn a_share_without_sentences_adds_nothing() {
        let (none, mut out) = ([0.0; 0], [7.0, 8.0]);
        let of_none = |rows, cols| Matrix { numbers: &none, size: (rows, cols), strides: (cols, 1) };
        product(1.0, of_none(0, 3), Matrix::new(&[1.0; 6], 2), 0.0, MatrixMut::new(&mut [], 2));
        product(1.0, of_none(1, 0), of_none(0, 2), 1.0, MatrixMut::new(&mut out, 2));
        assert_eq!(out, [7.0, 8.0]);
        product(1.0, of_none(1, 0), of_none(0, 2), 0.0, MatrixMut::new(&mut out, 2));
        assert_eq!(out, [0.0, 0.0]);
    }

    #[test]
    fn a_row_with_what_is_no_number_has_no_sum() {
        assert!(exponentials(&mut [0.0, f32::NAN, -1.0]).1.is_nan());
        let mut row = [1.0, 3.0, f32::MIN];
        let (largest, sum) = exponentials(&mut row);
        assert_eq!((largest, row[1], row[2]), (3.0, 1.0, 0.0));
        assert!((f64::from(sum) - (1.0 + (-2.0_f64).exp())).abs() < 1e-6);
    }
}
