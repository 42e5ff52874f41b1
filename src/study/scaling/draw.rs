//! `score = q·k` for random q and k, drawn from a counter: the reference in f64, and the launch of its twin.
//!
//! ```text
//! score[i] = Σ_c q[c] · k[c]        pairs, from nothing
//! q[c] = √(−2 ln u) · cos 2πv       k[c] = √(−2 ln u) · sin 2πv       (Box and Muller 1958)
//! u = (x + 1) / 2²⁴                 v = y / 2²⁴
//! ```
//!
//! x and y are the upper 24 bits of the first two words of `pcg4d(pair, c, seed)` (Jarzynski and Olano 2020, *Hash
//! Functions for GPU Rendering*), so that u and v have the same value in f32 and in f64. A number follows from its pair,
//! its feature and the seed alone: any part of an experiment can be drawn anywhere, in any order.

use std::f64::consts::TAU;

use super::Experiment;
use crate::math::ops::{Kernel, Shader, Unit};

/// `shaders/scaling.wgsl`
const SCALING: Shader =
    Shader { name: "scaling", source: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/shaders/scaling.wgsl")) };

/// The laboratory's shaders, for the checks that every shader goes through.
pub const SHADERS: &[Shader] = &[SCALING];

/// Scores of a workgroup: `ROWS` of the shader.
const ROWS: usize = 64;

/// 2²⁴: u and v are whole multiples of its reciprocal.
const STEPS: f64 = 16_777_216.0;

/// One feature of a pair: `q[c]` and `k[c]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Draw {
    /// The query's.
    pub q: f64,
    /// The key's.
    pub k: f64,
}

impl Experiment {
    /// One feature of a pair, both counted from 0.
    pub fn draw(self, pair: usize, c: usize) -> Draw {
        let seed = self.seed();
        let [x, y, ..] = pcg4d([pair as u32, c as u32, seed as u32, (seed >> 32) as u32]);
        let (u, v) = (f64::from((x >> 8) + 1) / STEPS, f64::from(y >> 8) / STEPS);
        let (sin, cos) = (TAU * v).sin_cos();
        let r = (-2.0 * u.ln()).sqrt();
        Draw { q: r * cos, k: r * sin }
    }

    /// The score of a pair in f64: its query times its key.
    pub fn score(self, pair: usize) -> f64 {
        (0..self.d()).map(|c| self.draw(pair, c)).map(|Draw { q, k }| q * k).sum()
    }

    /// The launch that writes the scores of `pairs` pairs, beginning with `first`.
    pub fn kernel(self, first: usize, pairs: usize) -> Kernel {
        let seed = self.seed();
        Kernel {
            shader: SCALING,
            size: vec![first as u32, pairs as u32, self.d() as u32, seed as u32, (seed >> 32) as u32],
            workgroups: [pairs.div_ceil(ROWS) as u32, 1, 1],
            unit: Unit::Row(ROWS as u32),
        }
    }
}

/// The hash pcg4d: four words, each of which depends on all four.
const fn pcg4d(words: [u32; 4]) -> [u32; 4] {
    let [mut x, mut y, mut z, mut w] = words;
    x = x.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    y = y.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    z = z.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    w = w.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    [x, y, z, w] = stirred([x, y, z, w]);
    stirred([x ^ (x >> 16), y ^ (y >> 16), z ^ (z >> 16), w ^ (w >> 16)])
}

/// One round: each word takes in the product of two others.
const fn stirred([mut x, mut y, mut z, mut w]: [u32; 4]) -> [u32; 4] {
    x = x.wrapping_add(y.wrapping_mul(w));
    y = y.wrapping_add(z.wrapping_mul(x));
    z = z.wrapping_add(x.wrapping_mul(y));
    w = w.wrapping_add(y.wrapping_mul(z));
    [x, y, z, w]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fresh experiment, as large as may be.
    fn experiment(seed: u64) -> Experiment {
        Experiment::new(2048, 1_000_000, seed).unwrap()
    }

    /// Every normal number of a corner of an experiment, q and k by turns.
    fn normals(seed: u64, pairs: usize, features: usize) -> Vec<f64> {
        let draws = (0..pairs).flat_map(|pair| (0..features).map(move |c| experiment(seed).draw(pair, c)));
        draws.flat_map(|Draw { q, k }| [q, k]).collect()
    }

    fn mean(numbers: impl ExactSizeIterator<Item = f64>) -> f64 {
        let n = numbers.len() as f64;
        numbers.sum::<f64>() / n
    }

    /// Worked out in another language from the paper's listing: the same seed must mean the same numbers for ever.
    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(pcg4d([0, 0, 0, 0]), [251_852_841, 760_645_481, 850_445_371, 3_542_436_074]);
        assert_eq!(pcg4d([1, 2, 3, 4]), [908_250_390, 4_044_648_920, 3_775_961_919, 45_698_095]);
        assert_eq!(
            pcg4d([99_999, 2047, u32::MAX, u32::MAX]),
            [1_650_056_481, 3_922_923_909, 1_766_603_585, 3_056_462_747]
        );
    }

    /// Pairs have 20 bits and features 11. The upper 8 bits of a word, which only seeds have, change fewer.
    #[test]
    fn one_bit_of_a_word_changes_half_of_the_bits_used() {
        for word in 0..4 {
            for bit in 0..24 {
                let flipped = |i: u32| {
                    let before = [i, 7 * i, 1, 0];
                    let mut after = before;
                    after[word] ^= 1 << bit;
                    let (before, after) = (pcg4d(before), pcg4d(after));
                    (0..2).map(|n| ((before[n] ^ after[n]) >> 8).count_ones()).sum::<u32>()
                };
                let share = f64::from((0..1000).map(flipped).sum::<u32>()) / 48_000.0;
                assert!((share - 0.5).abs() < 0.02, "word {word}, bit {bit}: {share}");
            }
        }
    }

    #[test]
    fn the_numbers_are_unit_normal() {
        for seed in [0, 1, 2, u64::MAX] {
            let x = normals(seed, 1000, 500); // a million
            let moment = |n: i32| mean(x.iter().map(|x| x.powi(n)));
            // Four standard errors of each: 1, √2, √15, √96 over √10⁶.
            assert!(moment(1).abs() < 0.004, "mean {}", moment(1));
            assert!((moment(2) - 1.0).abs() < 0.0057, "variance {}", moment(2));
            assert!(moment(3).abs() < 0.0155, "skew {}", moment(3));
            assert!((moment(4) - 3.0).abs() < 0.04, "kurtosis {}", moment(4));
            for (within, expected) in [(0.5, 0.382_925), (1.0, 0.682_689), (2.0, 0.954_500), (3.0, 0.997_300)] {
                let share = mean(x.iter().map(|x| f64::from(u8::from(x.abs() < within))));
                assert!((share - expected).abs() < 0.002, "within {within}: {share}");
            }
        }
    }

    #[test]
    fn neighbours_have_nothing_in_common() {
        let (pairs, features) = (500, 500);
        let at = |seed: u64, pair: usize, c: usize| experiment(seed).draw(pair, c);
        let cells = || (0..pairs).flat_map(|pair| (0..features).map(move |c| (pair, c))).collect::<Vec<_>>();
        let correlation = |f: &dyn Fn(usize, usize) -> f64| mean(cells().into_iter().map(|(pair, c)| f(pair, c)));
        let found = [
            ("q and k", correlation(&|p, c| at(1, p, c).q * at(1, p, c).k)),
            ("q² and k²", correlation(&|p, c| (at(1, p, c).q.powi(2) - 1.0) * (at(1, p, c).k.powi(2) - 1.0)) / 2.0),
            ("features", correlation(&|p, c| at(1, p, c).q * at(1, p, c + 1).q)),
            ("pairs", correlation(&|p, c| at(1, p, c).k * at(1, p + 1, c).k)),
            ("diagonals", correlation(&|p, c| at(1, p, c).q * at(1, p + 1, c + 1).k)),
            ("seeds", correlation(&|p, c| at(1, p, c).q * at(2, p, c).q)),
            ("halves of the seed", correlation(&|p, c| at(1, p, c).q * at(1 << 32, p, c).q)),
        ];
        for (what, correlation) in found {
            assert!(correlation.abs() < 0.008, "{what}: {correlation}"); // four standard errors
        }
    }

    #[test]
    fn the_largest_number_is_finite() {
        // u = 2⁻²⁴, the smallest.
        assert!(normals(3, 1000, 1000).into_iter().all(|x| x.abs() <= (48.0 * 2f64.ln()).sqrt()));
    }

    #[test]
    fn launches_hold_every_pair_once() {
        let kernel = experiment(0x1_0000_0002).kernel(640, 65);
        assert_eq!((kernel.workgroups, kernel.size), ([2, 1, 1], vec![640, 65, 2048, 2, 1]));
        assert!(SCALING.source.contains(&format!("override ROWS: u32 = {ROWS};")));
    }
}
