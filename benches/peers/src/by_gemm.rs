//! The gemm crate for every product, softmax by hand in between.

use gemm::{Parallelism, gemm};
use qkv::study::race::Work;

use crate::{Forward, Numbers};

/// A matrix in a larger one: where it begins, and from a row to the next.
#[derive(Clone, Copy)]
struct At {
    start: usize,
    row: usize,
    /// From a column to the next; 1 but for a transposed one.
    col: usize,
}

pub fn forward(work: Work, numbers: &Numbers, threads: usize) -> Forward<'_> {
    let Work { batch, tokens, heads, hidden } = work;
    let (rows, d) = (work.rows(), work.features());
    let parallel = if threads == 1 { Parallelism::None } else { Parallelism::Rayon(threads) };
    let mut qkv = [(); 3].map(|()| vec![0.0_f32; rows * hidden]);
    let (mut scores, mut concat, mut y) =
        (vec![0.0; tokens * tokens], vec![0.0; rows * hidden], vec![0.0; rows * hidden]);
    Box::new(move |wanted| {
        let whole = At { start: 0, row: hidden, col: 1 };
        for (made, w) in qkv.iter_mut().zip(&numbers.w) {
            product((rows, hidden, hidden), (made, whole), (&numbers.x, whole), (w, whole), 1.0, parallel);
        }
        let scale = (d as f32).sqrt().recip();
        let square = At { start: 0, row: tokens, col: 1 };
        for (sentence, head) in (0..batch).flat_map(|s| (0..heads).map(move |h| (s, h))) {
            let own = At { start: sentence * tokens * hidden + head * d, row: hidden, col: 1 };
            let turned = At { row: 1, col: hidden, ..own };
            product((tokens, tokens, d), (&mut scores, square), (&qkv[0], own), (&qkv[1], turned), scale, parallel);
            for row in scores.chunks_mut(tokens) {
                let largest = row.iter().fold(f32::MIN, |m, &x| m.max(x));
                row.iter_mut().for_each(|x| *x = (*x - largest).exp());
                let sum: f32 = row.iter().sum();
                row.iter_mut().for_each(|x| *x /= sum);
            }
            product((tokens, d, tokens), (&mut concat, own), (&scores, square), (&qkv[2], own), 1.0, parallel);
        }
        product((rows, hidden, hidden), (&mut y, whole), (&concat, whole), (&numbers.w[3], whole), 1.0, parallel);
        Ok(if wanted { y.clone() } else { Vec::new() })
    })
}

/// `C = scale · A · B`
fn product(
    (m, n, k): (usize, usize, usize),
    (c, at_c): (&mut [f32], At),
    (a, at_a): (&[f32], At),
    (b, at_b): (&[f32], At),
    scale: f32,
    parallel: Parallelism,
) {
    let last = |at: At, rows: usize, cols: usize| at.start + (rows - 1) * at.row + (cols - 1) * at.col;
    assert!(last(at_c, m, n) < c.len() && last(at_a, m, k) < a.len() && last(at_b, k, n) < b.len());
    // SAFETY: the last number of each matrix lies inside its slice, and c is borrowed alone.
    unsafe {
        gemm(
            m,
            n,
            k,
            c.as_mut_ptr().add(at_c.start),
            at_c.col as isize,
            at_c.row as isize,
            false,
            a.as_ptr().add(at_a.start),
            at_a.col as isize,
            at_a.row as isize,
            b.as_ptr().add(at_b.start),
            at_b.col as isize,
            at_b.row as isize,
            0.0,
            scale,
            false,
            false,
            false,
            parallel,
        );
    }
}
