//! How the pictures of all heads are laid out on a screen: alike in size, in the proportions of their weights.

use super::Model;
use crate::program::Symbol;

/// The layout of the gallery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tiles {
    /// Whether every weight is written; else it is a coloured dot, two to a character.
    pub numbers: bool,
    /// Dots across and down of a picture, where it is made of dots.
    pub dots: (u16, u16),
    /// Columns and lines of a tile, with its title and the gap to the next.
    pub size: (u16, u16),
    /// Tiles side by side.
    pub columns: usize,
    /// Tiles one above the other that fit the screen.
    pub rows: usize,
}

/// Columns of a written weight.
pub const NUMBER: u16 = 5;

/// Dots of the longer side, at most and at least.
const DOTS: (u16, u16) = (48, 8);

/// Columns of a tile at least, for its title.
const TITLE: u16 = 12;

/// Columns and lines around the tiles: border, tabs, status, hint.
const AROUND: (u16, u16) = (4, 5);

impl Tiles {
    /// For so many heads with weights of so many rows and columns, on the model's screen.
    pub fn of(model: &Model, heads: usize) -> Self {
        let shape = model.program().find(Symbol::WEIGHTS).map(|slot| model.program().shape(slot));
        let (n, m) = shape.map_or((1, 1), |shape| (shape.rows.len, shape.cols.len));
        let (width, height) = (model.size.0.saturating_sub(AROUND.0), model.size.1.saturating_sub(AROUND.1));
        let grid = |numbers, dots: (u16, u16), across: u16, down: u16| {
            let size = (across.max(TITLE) + 2, down + 2);
            let columns = usize::from((width + 2) / size.0).max(1);
            let rows = usize::from((height + 1) / size.1).max(1);
            Self { numbers, dots, size, columns, rows }
        };
        let fits = |tiles: &Self| {
            tiles.columns * tiles.rows >= heads && tiles.size.0 <= width + 2 && tiles.size.1 <= height + 1
        };
        if n <= 16 && m <= 16 {
            let written = grid(true, (0, 0), NUMBER * m as u16, n as u16);
            if fits(&written) {
                return written;
            }
        }
        let dotted = |longest: u16| {
            let side = |len: usize| ((usize::from(longest) * len).div_ceil(n.max(m)) as u16).max(1);
            let dots = (side(m), side(n));
            grid(false, dots, dots.0, dots.1.div_ceil(2))
        };
        (DOTS.1..=DOTS.0).rev().map(dotted).find(fits).unwrap_or_else(|| dotted(DOTS.1))
    }
}
