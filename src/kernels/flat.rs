//! The rows of all sentences below one another: how the matrices lie that products of whole batches read and write.
//!
//! A texture has only so many rows: as many sentences as fit make a column, and the columns lie side by side.

use super::layout::{Fold, Layout, Panels, Part, Storage, texels};
use super::rung::Rung;
use crate::program::Slot;

/// A matrix with a row for every word of every sentence, padded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Flat {
    /// Words of a sentence.
    pub(super) words: usize,
    /// Sentences below one another; in a texture the others lie beside them.
    pub(super) below: usize,
    /// Columns of sentences: 1 in buffers.
    pub(super) beside: usize,
    /// Rows with their padding.
    pub(super) rows: usize,
    /// Columns with their padding.
    pub(super) cols: usize,
    /// From a row to the next.
    pub(super) down: usize,
    /// Texels in a row, where it is a texture.
    pub(super) texels: Option<usize>,
    /// Columns of a panel, where they lie in panels.
    pub(super) panel: Option<usize>,
}

impl Flat {
    /// So many rows of so many columns for a rung, columns padded to a multiple of `to_cols`. A texture has `limit` rows at most.
    pub(super) fn new(
        rung: Rung,
        lanes: usize,
        (sentences, words): (usize, usize),
        (cols, to_cols): (usize, usize),
        limit: usize,
    ) -> Self {
        let product = &rung.spec().product;
        let (to_rows, ..) = product.padding(lanes);
        let fit = if product.textures() { limit / words.max(1) } else { sentences };
        let beside = sentences.div_ceil(fit.clamp(1, sentences.max(1)));
        let below = sentences.div_ceil(beside.max(1));
        let cols = cols.next_multiple_of(to_cols);
        let texels = product.textures().then(|| texels(beside * cols));
        let down = texels.map_or(cols, |texels| 4 * texels);
        let rows = (below * words).next_multiple_of(to_rows);
        Self { words, below, beside, rows, cols, down, texels, panel: None }
    }

    /// The same without any padding of rows and as wide as its rows lie apart: for a stage by itself.
    pub(super) fn tight(rung: Rung, (sentences, words): (usize, usize), cols: usize) -> Self {
        let texels = rung.spec().product.textures().then(|| texels(cols));
        let down = texels.map_or(cols, |texels| 4 * texels);
        let rows = sentences * words;
        Self { words, below: sentences, beside: 1, rows, cols: down, down, texels, panel: None }
    }

    /// The same matrix in panels of so many columns, in a texture of so many texels a row.
    pub(super) fn in_panels(self, panel: usize, texels: usize) -> Self {
        let cols = self.cols.next_multiple_of(panel);
        Self { cols, down: panel, texels: Some(texels), panel: Some(panel), ..self }
    }

    /// Room for it.
    pub(super) fn storage(&self, symbol: &'static str, holds: Vec<Part>) -> Storage {
        let Self { words, below, rows, cols, down, texels, .. } = *self;
        let layout = self.layout((0, 0), (below * words, cols));
        let numbers = match (self.panel, texels) {
            (Some(_), Some(texels)) => (rows * cols).next_multiple_of(4 * texels),
            _ => rows * down,
        };
        let layout = Layout { fold: None, ..layout };
        Storage { symbol, layout, holds, numbers, texels, ones: None }
    }

    /// Where a sentence's matrices of so many rows and columns lie, from a column on, a head's so far beside the one before.
    pub(super) fn layout(&self, (start, head): (usize, usize), (rows, cols): (usize, usize)) -> Layout {
        if let Some(panel) = self.panel {
            let panels = Some(Panels { cols: panel, beside: self.rows * panel, first: start });
            return Layout { steps: [0, head], panels, ..Layout::rows(rows, cols, self.down) };
        }
        let fold = (self.beside > 1).then_some(Fold { sentences: self.below, beside: self.cols });
        Layout { start, steps: [self.words * self.down, head], fold, ..Layout::rows(rows, cols, self.down) }
    }

    /// A tensor without heads from a column on, its columns in groups.
    pub(super) fn grouped(
        &self,
        slot: Slot,
        (sentences, rows): (usize, usize),
        start: usize,
        groups: Groups,
    ) -> Vec<Part> {
        let Groups { count, cols, apart } = groups;
        if cols == apart {
            let layout = self.layout((start, 0), (rows, count * cols));
            return vec![Part::whole(slot, (sentences, 1), layout)];
        }
        let part = |group: usize| Part {
            slot,
            planes: (sentences, 1),
            from: (0, group * cols),
            layout: self.layout((start + group * apart, 0), (rows, cols)),
        };
        (0..count).map(part).collect()
    }
}

impl Flat {
    /// The one row of a vector as a row of the matrix, from a column on, its columns in groups.
    pub(super) fn row(&self, slot: Slot, row: usize, start: usize, groups: Groups) -> Vec<Part> {
        let down = |part: Part| {
            let layout = Layout { start: part.layout.start + row * self.down, ..part.layout };
            Part { layout, ..part }
        };
        self.grouped(slot, (1, 1), start, groups).into_iter().map(down).collect()
    }
}

/// Columns of heads side by side, each head's padded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Groups {
    /// Heads.
    pub(super) count: usize,
    /// Columns of a head.
    pub(super) cols: usize,
    /// From a head's first column to the next one's.
    pub(super) apart: usize,
}

impl Groups {
    /// Columns in one group.
    pub(super) const fn one(cols: usize) -> Self {
        Self { count: 1, cols, apart: cols }
    }

    /// All columns, padding and all.
    pub(super) const fn width(&self) -> usize {
        self.count * self.apart
    }
}
