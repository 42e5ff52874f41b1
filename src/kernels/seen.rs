//! Which keys a query sees: what a kernel has to know about a mask before it is written out.

use crate::math::tensor::Tensor;

/// Which keys a query sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Seen {
    /// All of them.
    All,
    /// Its own word and those before it.
    Earlier,
    /// Those that the mask shows.
    Masked,
}

impl Seen {
    /// By a mask, queries × keys, in which 0 hides.
    pub fn by(mask: &Tensor<f32>) -> Self {
        let [.., rows, cols] = mask.shape().lens();
        // Every run of a program asks this.
        let mut lines = mask.as_slice().chunks(cols.max(1)).enumerate();
        let earlier = |(n, line): (usize, &[f32])| {
            line.iter().enumerate().all(|(col, &x)| (x != 0.0) == (col <= n % rows.max(1)))
        };
        if mask.as_slice().iter().all(|&x| x != 0.0) {
            Self::All
        } else if lines.all(earlier) {
            Self::Earlier
        } else {
            Self::Masked
        }
    }
}
