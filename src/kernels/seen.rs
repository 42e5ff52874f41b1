//! Which keys a query sees: what a kernel has to know about a mask before it is written out.

use crate::math::tensor::{Cell, Tensor};

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
        let like = |shown: fn(Cell) -> bool| mask.shape().cells().all(|cell| (mask.get(cell) != 0.0) == shown(cell));
        if like(|_| true) {
            Self::All
        } else if like(|cell| cell.col <= cell.row) {
            Self::Earlier
        } else {
            Self::Masked
        }
    }
}
