//! What is measured of a tensor once, for every picture of it: how its numbers are written, how wide that is, and how large they
//! get.

use std::sync::{Arc, OnceLock, Weak};

use crate::ground::number::Format;
use crate::math::tensor::{Shape, Tensor};

/// Of a large tensor only so many numbers are measured for their width: the format is one for all, only signs and lengths vary.
const SAMPLED: usize = 2048;

/// How the numbers of a tensor are written and drawn.
#[derive(Debug)]
pub(crate) struct Measure {
    /// The format of all of them.
    pub format: Format,
    /// Columns of the widest one, of all heads: cells stay as wide when another one is shown.
    pub width: usize,
    /// The same in [`Format::shorter`].
    pub shorter: usize,
    /// How large they get.
    pub spans: Spans,
}

impl Measure {
    pub(super) fn of(tensor: &Tensor<f32>) -> Self {
        let format = Format::of(tensor.as_slice());
        // What is masked, or no number, is drawn as one sign.
        let drawn = || tensor.numbers().take(SAMPLED).map(|x| if x.is_finite() { x } else { 0.0 });
        let (width, shorter) = (format.width(drawn()), format.shorter().width(drawn()));
        Self { format, width, shorter, spans: Spans::of(tensor) }
    }
}

/// What is measured of a tensor when it is first asked for; shared by all runs that have the tensor.
pub(super) type Measured = Arc<OnceLock<Measure>>;

/// What was measured of the tensors of a run, by identity: the next run has most of them too, and reading every number of the
/// weights several times takes longer than an edit should.
#[derive(Debug, Default)]
pub(crate) struct Measures(Vec<(Weak<Tensor<f32>>, Measured)>);

impl Measures {
    /// What is measured of each of these tensors, or will be when it is first asked for.
    pub(super) fn of(&self, tensors: &[Arc<Tensor<f32>>]) -> Arc<[Measured]> {
        let known = |tensor: &Arc<Tensor<f32>>| {
            // Whoever remembers one keeps its place: no other tensor can lie there meanwhile.
            self.0
                .iter()
                .find(|(known, _)| known.as_ptr() == Arc::as_ptr(tensor))
                .map(|(_, measure)| Arc::clone(measure))
        };
        tensors.iter().map(|tensor| known(tensor).unwrap_or_default()).collect()
    }

    /// Remembers these, and nothing else.
    pub(super) fn remember(&mut self, tensors: &[Arc<Tensor<f32>>], measures: &[Measured]) {
        self.0 = tensors.iter().map(Arc::downgrade).zip(measures.iter().map(Arc::clone)).collect();
    }
}

/// The largest magnitude in every column of every head of a tensor.
///
/// Heads are measured apart, so that scores of hundreds in one head leave the others their colours; and so are columns, since
/// those that tell a place, whose squares are large, would leave none to what the words mean.
#[derive(Debug)]
pub(crate) struct Spans {
    /// The shape of the tensor.
    pub shape: Shape,
    largest: Vec<f32>,
    /// The largest of each head.
    heads: Vec<f32>,
}

impl Spans {
    fn of(tensor: &Tensor<f32>) -> Self {
        let shape = *tensor.shape();
        let (rows, cols, heads) = (shape.rows.len, shape.cols.len.max(1), shape.heads.unwrap_or(1));
        let mut largest = vec![0.0_f32; heads * cols];
        for (n, row) in tensor.as_slice().chunks(cols).enumerate() {
            let head = n / rows.max(1) % heads;
            for (most, x) in largest[head * cols..].iter_mut().zip(row) {
                let size = if x.is_finite() { x.abs() } else { 0.0 };
                *most = most.max(size);
            }
        }
        let heads = largest.chunks(cols).map(|head| head.iter().copied().fold(0.0, f32::max)).collect();
        Self { shape, largest, heads }
    }

    /// The largest of some columns of a head.
    pub(crate) fn over(&self, head: usize, counts: impl Fn(usize) -> bool) -> f32 {
        let cols = self.shape.cols.len;
        let head = head.min(self.heads.len() - 1);
        let all = (0..cols).filter(|&col| counts(col)).map(|col| self.largest[head * cols + col]);
        all.fold(0.0, f32::max)
    }

    /// The largest of a head.
    pub(crate) fn of_head(&self, head: usize) -> f32 {
        self.heads[head.min(self.heads.len() - 1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::tensor::{Axis, MASKED};

    #[test]
    fn heads_and_columns_are_measured_apart() {
        let shape = Shape::matrix(Axis::Token.of(2), Axis::Value.of(2)).with_heads(2);
        let tensor = Tensor::from_vec(shape, vec![1.0, -2.0, 0.5, 0.0, 90.0, f32::NAN, -7.0, 3.0]).unwrap();
        let spans = Spans::of(&tensor);
        assert_eq!([0, 1, 9].map(|head| spans.of_head(head)), [2.0, 90.0, 90.0]);
        assert_eq!(
            (spans.over(0, |col| col == 0), spans.over(1, |col| col == 1), spans.over(9, |col| col == 1)),
            (1.0, 3.0, 3.0)
        );
    }

    #[test]
    fn sentences_of_a_batch_are_measured_together() {
        let shape = Shape::matrix(Axis::Token.of(1), Axis::Value.of(2)).with_heads(2).with_batch(Some(2));
        let tensor = Tensor::from_vec(shape, vec![1.0, 2.0, 3.0, 4.0, 5.0, 0.0, -7.0, 0.0]).unwrap();
        let spans = Spans::of(&tensor);
        assert_eq!([0, 1].map(|head| spans.of_head(head)), [5.0, 7.0]);
    }

    #[test]
    fn the_width_is_that_of_what_is_drawn() {
        let shape = Shape::matrix(Axis::Token.of(1), Axis::Value.of(3));
        let measure = Measure::of(&Tensor::from_vec(shape, vec![MASKED, -12.25, 0.5]).unwrap());
        assert_eq!((measure.format.decimals, measure.width, measure.shorter), (2, "-12.25".len(), "-12.2".len()));
    }

    #[test]
    fn what_the_last_run_had_too_is_not_measured_again() {
        let tensor = |x: f32| {
            let shape = Shape::matrix(Axis::Token.of(1), Axis::Value.of(1));
            Arc::new(Tensor::from_vec(shape, vec![x]).unwrap())
        };
        let (weights, words) = (tensor(1.0), tensor(2.0));
        let mut known = Measures::default();
        let first = known.of(&[Arc::clone(&weights), Arc::clone(&words)]);
        for measure in first.iter() {
            measure.get_or_init(|| Measure::of(&weights));
        }
        known.remember(&[Arc::clone(&weights), words], &first);
        // The same numbers elsewhere are another tensor's.
        let second = known.of(&[tensor(2.0), weights]);
        assert_eq!([0, 1].map(|n| second[n].get().is_some()), [false, true]);
        assert!(Arc::ptr_eq(&second[1], &first[0]));
    }
}
