//! Which invocation makes which cell.

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
    /// One invocation a cell, as [`crate::math::ops::Kernel`] launches it.
    pub(crate) fn per_cell(planes: (usize, usize), shape: (usize, usize), side: usize) -> Self {
        Self { planes, shape, own: (1, 1), side: (side, side), turned: false, shared: 1 }
    }

    /// One invocation a row.
    pub(crate) fn per_row(planes: (usize, usize), shape: (usize, usize), rows: usize) -> Self {
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
    pub(crate) fn has_cells(&self, Owner { group, local }: Owner) -> bool {
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
}
