//! Two sentences beside each other: which words belong together, and how far a row of weights moved from one to the other.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// A word of one sentence and the word of the other that stands in its place; none where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pair {
    /// Its place in the first sentence.
    pub first: Option<usize>,
    /// Its place in the second.
    pub second: Option<usize>,
    /// Whether both are the same word.
    pub same: bool,
}

/// Puts the words of two sentences side by side: as many equal ones as can be had in their order (the longest common
/// subsequence); words that were exchanged stand beside each other.
pub fn align(first: &[String], second: &[String]) -> Vec<Pair> {
    let mut pairs = Vec::with_capacity(first.len().max(second.len()));
    let (mut only_first, mut only_second) = (Vec::new(), Vec::new());
    let settle = |pairs: &mut Vec<Pair>, a: &mut Vec<usize>, b: &mut Vec<usize>| {
        let count = a.len().max(b.len());
        pairs.extend((0..count).map(|n| Pair { first: a.get(n).copied(), second: b.get(n).copied(), same: false }));
        a.clear();
        b.clear();
    };
    for op in capture_diff_slices(Algorithm::Lcs, first, second) {
        let DiffOp::Equal { old_index, new_index, len } = op else {
            only_first.extend(op.old_range());
            only_second.extend(op.new_range());
            continue;
        };
        settle(&mut pairs, &mut only_first, &mut only_second);
        pairs.extend((0..len).map(|n| Pair { first: Some(old_index + n), second: Some(new_index + n), same: true }));
    }
    settle(&mut pairs, &mut only_first, &mut only_second);
    pairs
}

/// A row of weights in both sentences, word beside word.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// Of each pair of words the weight in the first sentence and in the second; none where the word or the row is not there.
    pub weights: Vec<(Option<f64>, Option<f64>)>,
}

impl Rows {
    /// The rows of a pair of words that ask; `first` and `second` give a weight by row and column.
    pub fn of(
        pairs: &[Pair],
        asking: Pair,
        first: impl Fn(usize, usize) -> f64,
        second: impl Fn(usize, usize) -> f64,
    ) -> Self {
        let weight = |pair: &Pair| {
            let a = asking.first.zip(pair.first).map(|(row, col)| first(row, col));
            let b = asking.second.zip(pair.second).map(|(row, col)| second(row, col));
            (a, b)
        };
        Self { weights: pairs.iter().map(weight).collect() }
    }

    /// How far each weight moved, second less first: a word that is not there has none to give. None where the row itself is in
    /// one sentence only.
    pub fn moved(&self, at: usize) -> Option<f64> {
        let first = self.weights.iter().any(|pair| pair.0.is_some());
        let second = self.weights.iter().any(|pair| pair.1.is_some());
        let (a, b) = self.weights.get(at)?;
        (first && second).then(|| b.unwrap_or(0.0) - a.unwrap_or(0.0))
    }

    /// How much weight went elsewhere: ½ Σ |Δ|, 0 where nothing moved, 1 where everything did. None as for [`Rows::moved`].
    pub fn distance(&self) -> Option<f64> {
        let moved: Option<Vec<f64>> = (0..self.weights.len()).map(|at| self.moved(at)).collect();
        moved.map(|moved| moved.iter().map(|x| x.abs()).sum::<f64>() / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    fn places(a: &str, b: &str) -> Vec<(Option<usize>, Option<usize>, bool)> {
        align(&words(a), &words(b)).into_iter().map(|pair| (pair.first, pair.second, pair.same)).collect()
    }

    #[test]
    fn exchanged_words_stand_beside_each_other_and_others_have_gaps() {
        let pairs = places("it was too tired .", "it was too wide .");
        assert_eq!(pairs[3], (Some(3), Some(3), false));
        assert!(pairs.iter().enumerate().all(|(n, pair)| pair.2 == (n != 3)) && pairs.len() == 5);
        assert_eq!(
            places("a c", "a b c"),
            [(Some(0), Some(0), true), (None, Some(1), false), (Some(1), Some(2), true)]
        );
        assert_eq!(
            places("a x y c", "a z c"),
            [(Some(0), Some(0), true), (Some(1), Some(1), false), (Some(2), None, false), (Some(3), Some(2), true)]
        );
    }

    #[test]
    fn what_moved_worked_out_by_hand() {
        let pairs = align(&words("a x c"), &words("a y z c"));
        let (first, second) = ([0.5, 0.5, 0.0], [0.25, 0.25, 0.25, 0.25]);
        let rows = Rows::of(&pairs, pairs[0], |_, col| first[col], |_, col| second[col]);
        // a −¼, x→y −¼, z +¼, c +¼
        let moved: Vec<f64> = (0..4).filter_map(|at| rows.moved(at)).collect();
        assert_eq!(moved, [-0.25, -0.25, 0.25, 0.25]);
        assert_eq!(rows.distance(), Some(0.5));
        // z asks in the second sentence only: nothing to compare.
        let alone = Rows::of(&pairs, pairs[2], |_, col| first[col], |_, col| second[col]);
        assert_eq!((alone.moved(0), alone.distance(), alone.weights[0]), (None, None, (None, Some(0.25))));
    }
}
