//! From a finer lens to a coarser one: which tokens are pieces of which word, and what their attention adds up to.

use crate::ground::text::{Lens, Sentence, Token};
use crate::math::tensor::{Axis, Cell, Shape, Tensor};

/// Which word of a coarser cut each token of a finer one is a piece of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pieces {
    /// The coarser lens.
    pub lens: Lens,
    /// The words of the coarser cut; each has at least one piece.
    pub words: Vec<String>,
    /// For each token of the finer cut the index of its word, never falling. A space between two words belongs to the word it
    /// leads to, as in the vocabularies of the GPT family.
    pub of: Vec<usize>,
}

impl Pieces {
    /// Compares two cuts of one sentence; `None` where they are of different sentences, or `coarse` is the finer one.
    pub fn new(fine: &Sentence, coarse: &Sentence) -> Option<Self> {
        if fine.text != coarse.text {
            return None;
        }
        // The first word that ends after the token begins: the one it lies in, or the next one.
        let word_of = |start: usize| coarse.tokens.partition_point(|word| word.range.end <= start);
        let of: Vec<usize> = fine.tokens.iter().map(|token| word_of(token.range.start)).collect();
        let inside = |(token, &word): (&Token, &usize)| {
            coarse.tokens.get(word).is_some_and(|word| token.range.end <= word.range.end)
        };
        let each = (0..coarse.tokens.len()).all(|word| of.binary_search(&word).is_ok());
        let nested = each && fine.tokens.iter().zip(&of).all(inside);
        nested.then(|| Self { lens: coarse.lens, words: coarse.tokens.iter().map(|t| t.text.clone()).collect(), of })
    }

    /// What the words give each other when their pieces give each other `weights` (… × tokens × tokens): a sum over the
    /// pieces that are looked at, a mean over the pieces that look. Rows that sum to 1 still do.
    ///
    /// `None` where the tensor is of another size.
    pub fn coarsen(&self, weights: &Tensor<f32>) -> Option<Tensor<f32>> {
        let shape = *weights.shape();
        let pieces = self.of.len();
        if (shape.rows.len, shape.cols.len) != (pieces, pieces) {
            return None;
        }
        let words = self.words.len();
        let coarse = |axis: Axis| axis.of(words);
        let mut sums =
            Tensor::<f64>::zeros(Shape { rows: coarse(shape.rows.axis), cols: coarse(shape.cols.axis), ..shape });
        let mut counts = vec![0.0; words];
        for &word in &self.of {
            counts[word] += 1.0;
        }
        for cell in shape.cells() {
            let (row, col) = (self.of[cell.row], self.of[cell.col]);
            let to = Cell { row, col, ..cell };
            sums.set(to, sums.get(to) + f64::from(weights.get(cell)) / counts[row]);
        }
        Some(sums.to_f32())
    }
}
