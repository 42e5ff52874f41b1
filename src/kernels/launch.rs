//! A launch: a shader, its numbers, its workgroups, and which invocation makes which cell.

use crate::math::ops::Kernel;
use crate::math::tensor::Shape;

/// Everything that a device, or the mirror, needs to carry one kernel out.
#[derive(Debug, Clone, PartialEq)]
pub struct Launch {
    /// The shader's file below `shaders/`, without its ending.
    pub file: &'static str,
    /// WGSL, written out.
    pub source: String,
    /// The uniform block at binding 0, in words.
    pub size: Vec<u32>,
    /// The storage buffers and textures, from binding 1 on.
    pub buffers: Vec<Storage>,
    /// Which of them holds the result.
    pub result: usize,
    /// Workgroups in x, y and z.
    pub workgroups: [u32; 3],
    /// Lanes of a subgroup that the shader was written out for; 1 where it does not ask.
    pub lanes: u32,
    /// Which invocation makes which cell.
    pub map: Map,
}

/// A storage buffer or a texture, and what it holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Storage {
    /// The symbol of what it holds.
    pub symbol: &'static str,
    /// Its numbers at the start; of a texture row by row, four a texel.
    pub numbers: Vec<f32>,
    /// Where a matrix's numbers lie.
    pub lies: Lies,
    /// Texels in a row, where it is a texture.
    pub texels: Option<usize>,
}

/// Texels in a row of a texture that holds so many numbers in a row: whole 256 bytes, as copies want them, and no multiple of
/// 1024 bytes, since rows that far apart would push one another out of a processor's cache.
pub const fn texels(numbers: usize) -> usize {
    let whole = numbers.div_ceil(4).next_multiple_of(16);
    if whole.is_multiple_of(64) { whole + 16 } else { whole }
}

/// Where the numbers of a matrix lie in a buffer: `start + z · step + row · down + col · across`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lies {
    /// Where the first matrix begins.
    pub start: usize,
    /// Rows of a matrix.
    pub rows: usize,
    /// Columns of a matrix.
    pub cols: usize,
    /// From a row to the next.
    pub down: usize,
    /// From a column to the next.
    pub across: usize,
    /// From a sentence to the next, and from a head to the next.
    pub steps: [usize; 2],
    /// Whether the kernel sees the tensor turned: its rows are the tensor's columns.
    pub turned: bool,
}

impl Lies {
    /// Matrices of a tensor, row by row, one after another; what sentences or heads share is there once.
    pub fn plain(shape: Shape) -> Self {
        let [_, heads, rows, cols] = shape.lens();
        let matrix = rows * cols;
        let sentence = if shape.batch.is_some() { heads * matrix } else { 0 };
        let head = if shape.heads.is_some() { matrix } else { 0 };
        Self { start: 0, rows, cols, down: cols, across: 1, steps: [sentence, head], turned: false }
    }

    /// How many of a launch's planes hold numbers of their own; the others share them.
    pub const fn planes(&self, (sentences, heads): (usize, usize)) -> usize {
        (if self.steps[0] > 0 { sentences } else { 1 }) * (if self.steps[1] > 0 { heads } else { 1 })
    }

    /// The place of a number.
    pub const fn at(&self, (sentence, head): (usize, usize), row: usize, col: usize) -> usize {
        self.start + sentence * self.steps[0] + head * self.steps[1] + row * self.down + col * self.across
    }

    /// The row and column of a place, where it belongs to this matrix.
    pub fn find(&self, (sentence, head): (usize, usize), place: usize) -> Option<(usize, usize)> {
        let inside = place.checked_sub(self.at((sentence, head), 0, 0))?;
        let (far, near) = (self.down.max(self.across).max(1), self.down.min(self.across).max(1));
        let (long, short) = (inside / far, inside % far / near);
        let (row, col) = if self.down >= self.across { (long, short) } else { (short, long) };
        (row < self.rows && col < self.cols && self.at((sentence, head), row, col) == place).then_some((row, col))
    }
}

/// How a launch shares the result out: cells to invocations, invocations to workgroups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Map {
    /// Sentences and heads: the third dimension of the launch.
    pub planes: (usize, usize),
    /// Rows and columns of the result.
    pub shape: (usize, usize),
    /// Rows and columns of cells that one invocation makes, at most.
    pub own: (usize, usize),
    /// Invocations below one another and side by side in a workgroup.
    pub side: (usize, usize),
    /// Whether x runs down the rows instead of along the columns.
    pub turned: bool,
    /// Invocations that share one unit of `own`: more than 1 where a whole workgroup works on a row.
    pub shared: usize,
}

/// Who makes a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Owner {
    /// The workgroup.
    pub group: [u32; 3],
    /// The invocation's number in the workgroup, from 0.
    pub local: u32,
}

impl Map {
    /// One invocation a cell, as [`Kernel`] launches it.
    pub fn per_cell(planes: (usize, usize), shape: (usize, usize), side: usize) -> Self {
        Self { planes, shape, own: (1, 1), side: (side, side), turned: false, shared: 1 }
    }

    /// One invocation a row.
    pub fn per_row(planes: (usize, usize), shape: (usize, usize), rows: usize) -> Self {
        Self { planes, shape, own: (1, shape.1), side: (rows, 1), turned: true, shared: 1 }
    }

    /// Rows and columns of cells that a workgroup makes.
    pub const fn tile(&self) -> (usize, usize) {
        (self.own.0 * self.side.0, self.own.1 * self.side.1)
    }

    /// Workgroups below one another, side by side, and one behind another.
    pub fn groups(&self) -> (usize, usize, usize) {
        let tile = self.tile();
        (self.shape.0.div_ceil(tile.0.max(1)), self.shape.1.div_ceil(tile.1.max(1)), self.planes.0 * self.planes.1)
    }

    /// Workgroups in x, y and z.
    pub fn workgroups(&self) -> [u32; 3] {
        let (down, across, z) = self.groups();
        let (x, y) = if self.turned { (down, across) } else { (across, down) };
        [x, y, z].map(|n| n as u32)
    }

    /// Who makes a cell of a plane.
    pub fn owner(&self, (sentence, head): (usize, usize), row: usize, col: usize) -> Owner {
        let (tile_rows, tile_cols) = self.tile();
        let (down, across) = (row / tile_rows.max(1), col / tile_cols.max(1));
        let (x, y) = if self.turned { (down, across) } else { (across, down) };
        let unit = |n: usize, own: usize, side: usize| n / own.max(1) % side.max(1);
        let local = unit(row, self.own.0, self.side.0) * self.side.1 + unit(col, self.own.1, self.side.1);
        let z = sentence * self.planes.1 + head;
        Owner { group: [x as u32, y as u32, z as u32], local: (local * self.shared) as u32 }
    }

    /// Whether an invocation, by its number in the workgroup, makes cells of the result and not only padding.
    pub fn has_cells(&self, Owner { group, local }: Owner) -> bool {
        let (row, col) = self.origin(group);
        let unit = local as usize / self.shared.max(1);
        let (down, across) = (unit / self.side.1.max(1), unit % self.side.1.max(1));
        row + down * self.own.0 < self.shape.0 && col + across * self.own.1 < self.shape.1
    }

    /// The first row and column of cells that a workgroup makes.
    pub fn origin(&self, group: [u32; 3]) -> (usize, usize) {
        let (tile_rows, tile_cols) = self.tile();
        let (x, y) = (group[0] as usize, group[1] as usize);
        if self.turned { (x * tile_rows, y * tile_cols) } else { (y * tile_rows, x * tile_cols) }
    }
}

impl Launch {
    /// The launch of an op's own kernel on these operands, `(symbol, shape, numbers)` each.
    pub fn taught(kernel: Kernel, operands: Vec<(&'static str, Shape, Vec<f32>)>, out: (&'static str, Shape)) -> Self {
        let (symbol, shape) = out;
        let lens = shape.lens();
        let (planes, cells) = ((lens[0], lens[1]), (lens[2], lens[3]));
        // A kernel with one row of workgroups computes rows; every other one cells.
        let one_row = kernel.shader.name == "softmax";
        let map = if one_row { Map::per_row(planes, cells, 64) } else { Map::per_cell(planes, cells, 8) };
        let storage = |(symbol, shape, numbers)| Storage { symbol, numbers, lies: Lies::plain(shape), texels: None };
        let mut buffers: Vec<Storage> = operands.into_iter().map(storage).collect();
        buffers.push(storage((symbol, shape, vec![0.0; shape.count()])));
        Self {
            file: kernel.shader.name,
            source: kernel.shader.source.to_owned(),
            size: kernel.size,
            result: buffers.len() - 1,
            buffers,
            workgroups: kernel.workgroups,
            lanes: 1,
            map,
        }
    }

    /// The place of a cell in the result's buffer.
    pub fn place(&self, plane: (usize, usize), row: usize, col: usize) -> usize {
        self.buffers[self.result].lies.at(plane, row, col)
    }

    /// Invocations of the whole launch.
    pub fn invocations(&self) -> usize {
        let groups: usize = self.workgroups.iter().map(|&n| n as usize).product();
        groups * self.map.side.0 * self.map.side.1 * self.map.shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_made_by_the_invocation_whose_tile_holds_it() {
        let cells = Map::per_cell((1, 3), (9, 20), 8);
        assert_eq!((cells.workgroups(), cells.groups()), ([3, 2, 3], (2, 3, 3)));
        assert_eq!(cells.owner((0, 2), 8, 17), Owner { group: [2, 1, 2], local: 1 });
        assert_eq!(cells.origin([2, 1, 2]), (8, 16));
        let group = [2, 1, 0];
        let with_cells = (0..64).filter(|&local| cells.has_cells(Owner { group, local })).count();
        assert_eq!(with_cells, 4, "the last row, the last four columns");
        let rows = Map::per_row((1, 1), (70, 5), 64);
        assert_eq!((rows.workgroups(), rows.owner((0, 0), 69, 3)), ([2, 1, 1], Owner { group: [1, 0, 0], local: 5 }));
        let tiles = Map { own: (8, 8), side: (8, 8), ..Map::per_cell((1, 1), (64, 128), 8) };
        assert_eq!(tiles.owner((0, 0), 63, 72), Owner { group: [1, 0, 0], local: 57 });
    }

    #[test]
    fn a_place_is_found_again() {
        let plain = Lies { start: 5, rows: 3, cols: 4, down: 10, across: 1, steps: [100, 4], turned: false };
        let turned = Lies { start: 0, rows: 4, cols: 3, down: 1, across: 10, steps: [0, 40], turned: true };
        for lies in [plain, turned] {
            for (row, col) in (0..lies.rows).flat_map(|row| (0..lies.cols).map(move |col| (row, col))) {
                assert_eq!(lies.find((1, 1), lies.at((1, 1), row, col)), Some((row, col)));
            }
        }
        assert_eq!((plain.find((0, 0), 4), plain.find((0, 0), 9)), (None, None));
    }
}
