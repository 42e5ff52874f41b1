//! One word multiplied with a table of all words that a model knows, by the processor: `fits[w] = Σ_m asked[m] · W_u[w,m]`.
//!
//! The table is read once, so there is nothing to gain on a device whose memory is the processor's own, and other devices may
//! not bind a table so large.

use std::sync::Arc;
use std::thread;

use crate::math::tensor::Tensor;
use crate::program::{Inputs, Program};

/// Sums side by side in f64.
const SIDE: usize = 8;

/// The stage behind these outputs, where it is such a product of one row.
pub(super) fn fits(program: &Program, inputs: &Inputs, outputs: &[Arc<Tensor<f32>>]) -> Option<Tensor<f32>> {
    let stage = program.stages().get(outputs.len()).filter(|stage| stage.op.name() == "matmul_transposed")?;
    let asked = outputs.get(program.stage_of(*stage.operands.first()?)?)?;
    let table = inputs.get(*stage.operands.get(1)?)?;
    let cols = table.shape().cols.len;
    if asked.shape().count() != cols || table.shape().heads.or(table.shape().batch).is_some() || cols == 0 {
        return None;
    }
    let mut found = vec![0.0_f32; table.shape().rows.len];
    let each = found.len().div_ceil(thread::available_parallelism().map_or(1, usize::from)).max(1);
    thread::scope(|scope| {
        for (found, table) in found.chunks_mut(each).zip(table.as_slice().chunks(each * cols)) {
            let asked = asked.as_slice();
            scope.spawn(move || {
                for (found, row) in found.iter_mut().zip(table.chunks_exact(cols)) {
                    *found = product(asked, row) as f32;
                }
            });
        }
    });
    let mut made = Tensor::from_vec(stage.shape, found)?;
    for o in inputs.overrides().iter().filter(|o| o.address.slot == stage.output) {
        made.set(o.address.cell, o.value);
    }
    Some(made)
}

fn product(a: &[f32], b: &[f32]) -> f64 {
    let mut sums = [0.0_f64; SIDE];
    let (a_chunks, b_chunks) = (a.chunks_exact(SIDE), b.chunks_exact(SIDE));
    let rest: f64 =
        a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
    for (a, b) in a_chunks.zip(b_chunks) {
        for n in 0..SIDE {
            sums[n] += f64::from(a[n]) * f64::from(b[n]);
        }
    }
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_summed_to_its_end() {
        let numbers = |count: usize| -> Vec<f32> { (0..count).map(|n| n as f32 - 3.5).collect() };
        for count in [0, 1, 7, 8, 19] {
            let a = numbers(count);
            let expected: f64 = a.iter().map(|&x| f64::from(x) * f64::from(x)).sum();
            assert_eq!(product(&a, &a), expected);
        }
    }
}
