//! The work on the processor: ndarray's matrix products, on one thread or on all.

use std::thread;

use ndarray::{Array2, ArrayView2, Axis, Slice};

use crate::study::race::{Numbers, Work};

/// Y of the whole batch, the sentences shared out among threads.
///
/// Every thread computes whole sentences: projections, scores, softmax, sums and output of its own. The threads share nothing but
/// what they read, so that nothing waits.
pub fn forward(work: Work, numbers: &Numbers, threads: usize) -> Vec<f32> {
    let Work { batch, tokens, hidden, .. } = work;
    let share = batch.div_ceil(threads.max(1)) * tokens;
    let mut result = vec![0.0; work.rows() * hidden];
    thread::scope(|scope| {
        for (x, y) in numbers.x.chunks(share * hidden).zip(result.chunks_mut(share * hidden)) {
            let mut part = move || sentences(work, x, numbers, y);
            if threads > 1 {
                scope.spawn(part);
            } else {
                part();
            }
        }
    });
    result
}

/// Some whole sentences.
fn sentences(work: Work, x: &[f32], numbers: &Numbers, y: &mut [f32]) {
    let Work { tokens, heads, hidden, .. } = work;
    let d = work.features();
    let rows = x.len() / hidden;
    let (Some(x), [Some(w_q), Some(w_k), Some(w_v), Some(w_o)]) =
        (matrix(x, rows, hidden), numbers.w.each_ref().map(|w| matrix(w, hidden, hidden)))
    else {
        return;
    };
    let (q, k, v) = (x.dot(&w_q), x.dot(&w_k), x.dot(&w_v));
    let mut concat = Array2::<f32>::zeros((rows, hidden));
    let scale = (d as f32).sqrt().recip();
    for first in (0..rows).step_by(tokens) {
        for head in 0..heads {
            let of = |m: &Array2<f32>| {
                let words = m.slice_axis(Axis(0), Slice::from(first..first + tokens)).to_owned();
                words.slice_axis(Axis(1), Slice::from(head * d..(head + 1) * d)).to_owned()
            };
            let mut scores = of(&q).dot(&of(&k).t());
            for (i, mut row) in scores.rows_mut().into_iter().enumerate() {
                if let Some(mask) = &numbers.mask {
                    let open = &mask[i * tokens..(i + 1) * tokens];
                    row.iter_mut().zip(open).filter(|(_, open)| **open == 0.0).for_each(|(x, _)| *x = f32::MIN);
                }
                let largest = row.iter().fold(f32::MIN, |m, &x| m.max(x));
                let mut sum = 0.0;
                for x in &mut row {
                    *x = ((*x - largest) * scale).exp();
                    sum += *x;
                }
                row /= sum;
            }
            let mut words = concat.slice_axis_mut(Axis(0), Slice::from(first..first + tokens));
            words.slice_axis_mut(Axis(1), Slice::from(head * d..(head + 1) * d)).assign(&scores.dot(&of(&v)));
        }
    }
    for (row, out) in concat.dot(&w_o).rows().into_iter().zip(y.chunks_mut(hidden)) {
        out.iter_mut().zip(row).for_each(|(out, x)| *out = *x);
    }
}

fn matrix(numbers: &[f32], rows: usize, columns: usize) -> Option<ArrayView2<'_, f32>> {
    ArrayView2::from_shape((rows, columns), numbers).ok()
}
