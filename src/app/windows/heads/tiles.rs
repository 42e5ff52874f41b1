//! How the pictures of all heads are laid out on a screen: alike in size, in the proportions of their weights.

use crate::app::Model;
use crate::ground::text;
use crate::program::Name;

/// The layout of the gallery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tiles {
    /// Whether every weight is written; else it is a coloured dot, two to a character.
    pub numbers: bool,
    /// Columns for the names of the rows, where there is room for names; 0 leaves those of the columns out too.
    pub label: u16,
    /// Dots across and down of a picture, where it is made of dots.
    pub dots: (u16, u16),
    /// Columns and lines of a tile, with its title and the gap to the next.
    pub size: (u16, u16),
    /// Tiles side by side.
    pub columns: usize,
    /// Tiles one above the other that fit the screen.
    pub rows: usize,
}

/// Columns of a written weight where room is short.
pub const NUMBER: u16 = 5;
/// Columns of a written weight under the name of its word.
pub const NAMED: u16 = 7;

/// Dots of the longer side, at most and at least.
const DOTS: (u16, u16) = (48, 8);

/// Columns of a tile at least, for its title.
const TITLE: u16 = 12;

/// Columns and lines around the tiles: border, tabs, status, hint.
const AROUND: (u16, u16) = (4, 5);

impl Tiles {
    /// For so many heads with weights of so many rows and columns, on the model's screen.
    pub fn of(model: &Model, heads: usize) -> Self {
        let shape = model.find(Name::Weights).map(|slot| model.program().shape(slot));
        let (n, m) = shape.map_or((1, 1), |shape| (shape.rows.len, shape.cols.len));
        let (width, height) =
            (model.size.0.saturating_sub(AROUND.0), model.rows_for_windows().saturating_sub(AROUND.1));
        let grid = |numbers, label: u16, dots: (u16, u16), across: u16, down: u16| {
            let (across, down) = (across + label, down + u16::from(label > 0));
            let size = (across.max(TITLE) + 2, down + 2);
            let columns = usize::from((width + 2) / size.0).max(1);
            let rows = usize::from((height + 1) / size.1).max(1);
            Self { numbers, label, dots, size, columns, rows }
        };
        let fits = |tiles: &Self| {
            tiles.columns * tiles.rows >= heads && tiles.size.0 <= width + 2 && tiles.size.1 <= height + 1
        };
        if n <= 16 && m <= 16 {
            let names = model.material.sample.tokens.iter().map(|word| text::columns(word)).max().unwrap_or(0) as u16;
            for (label, number) in [((names + 1).min(9), NAMED), (0, NUMBER)] {
                let written = grid(true, label, (0, 0), number * m as u16, n as u16);
                if fits(&written) {
                    return written;
                }
            }
        }
        let dotted = |longest: u16| {
            // Where there are more dots than weights, all weights get as many.
            let most = n.max(m);
            let longest = usize::from(longest);
            let longest = if longest >= most { longest - longest % most } else { longest };
            let side = |len: usize| ((longest * len).div_ceil(most) as u16).max(1);
            let dots = (side(m), side(n));
            grid(false, 0, dots, dots.0, dots.1.div_ceil(2))
        };
        (DOTS.1..=DOTS.0).rev().map(dotted).find(fits).unwrap_or_else(|| dotted(DOTS.1))
    }
}
