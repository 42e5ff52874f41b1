//! The matrix product of a rung: `C = A · B` for each plane, from the matrices' layouts.

use super::launch::Launch;
use super::layout::{Layout, Panels, Part, Storage, texels};
use super::map::Map;
use super::rung::Rung;
use super::rungs::{Lies, Lines, Product};
use crate::program::Slot;

/// A matrix for each plane in a storage, and where its numbers lie as the kernel sees them.
#[derive(Debug, Clone)]
pub(super) struct Factor {
    pub(super) storage: Storage,
    pub(super) view: Layout,
}

impl Factor {
    /// A storage as it is.
    pub(super) const fn of(storage: Storage) -> Self {
        Self { view: storage.layout, storage }
    }
}

/// The product by a rung that takes numbers at any distances. `C`'s columns lie side by side.
pub(super) fn strided(product: &Product, planes: (usize, usize), scale: f64, [a, b, c]: [Factor; 3]) -> Launch {
    let (rows, cols, inner) = (c.view.rows, c.view.cols, a.view.cols);
    let map = (product.map)(Map::per_cell(planes, (rows, cols), 16), 1);
    let own = |Layout { down, across, steps, start, .. }: Layout| [down, across, steps[0], steps[1], start];
    let ([a0, a1, a2, a3, a4], [b0, b1, b2, b3, b4], [c0, _, c2, c3, _]) = (own(a.view), own(b.view), own(c.view));
    // In the order of the shaders' `struct Size`.
    let distances = [a0, a1, b0, b1, c0, a2, a3, b2, b3, c2, c3, a4, b4];
    let mut size: Vec<u32> = [rows, cols, inner, planes.1].into_iter().chain(distances).map(|n| n as u32).collect();
    size.extend([(scale as f32).to_bits(), 0, 0]);
    let buffers = [a, b, c].map(|factor| Storage { layout: factor.view, ..factor.storage });
    let written = (product.file.name, product.source(1, Lines::plain(Lies::Rows)));
    Launch::of_rung(written, size, buffers.to_vec(), (map, 1))
}

/// What makes each number of a product's result of a sum, before it is written down.
#[derive(Debug, Clone)]
pub(super) struct Epilogue {
    /// The op.
    pub(super) op: &'static str,
    /// Its other operand, where it has one: a texture, which its layout says where to begin.
    pub(super) other: Option<Storage>,
}

/// A product by a rung that wants whole padded matrices.
#[derive(Debug, Clone)]
pub(super) struct Padded {
    pub(super) rung: Rung,
    pub(super) lanes: usize,
    /// Sentences and heads.
    pub(super) planes: (usize, usize),
    /// Rows and columns of the result.
    pub(super) shape: (usize, usize),
    /// Rows, columns and inner numbers, padding and all.
    pub(super) sizes: [usize; 3],
    /// From a plane's matrix to the next so many numbers of A, B and C.
    pub(super) steps: [usize; 3],
    /// Whether it is to sum up what rounding takes off.
    pub(super) careful: bool,
    /// What comes after the sums.
    pub(super) epilogue: Option<Epilogue>,
}

impl Padded {
    /// The launch over A, B and C.
    pub(super) fn launch(self, [a, b, c]: [Storage; 3]) -> Launch {
        let Self { rung, lanes, planes, shape, sizes: [rows, cols, inner], steps, careful, epilogue } = self;
        let product = &rung.spec().product;
        let lies = Lies::of(b.layout);
        let panels = if lies == Lies::Panels { product.panels_at_once(lanes, shape.1) } else { 1 };
        let map = (product.map)(Map::per_cell(planes, shape, 16), lanes);
        let map = Map { own: (map.own.0, map.own.1 * panels), ..map };
        let lines = Lines { careful, lies, panels, epilogue: epilogue.as_ref().map(|epilogue| epilogue.op) };
        let other = epilogue.and_then(|epilogue| epilogue.other);
        let [x, y] = other.as_ref().map_or([0, 0], |other| other.texel(other.layout.start));
        let [a_step, b_step, c_step] = steps.map(|n| n / 4);
        let [a_start, b_start] = [&a, &b].map(|storage| storage.layout.start / 4);
        // In the order of the shaders' `struct Size`.
        let size = [rows, cols, inner, 0, a_step, b_step, c_step, a_start, b_start, x, y, 0];
        let buffers: Vec<Storage> = [a, b].into_iter().chain(other).chain([c]).collect();
        let written = (product.file.name, product.source(lanes, lines));
        Launch::of_rung(written, size.map(|n| n as u32).to_vec(), buffers, (map, rung.lanes(lanes)))
    }
}

/// A product for each plane by a rung that wants whole padded matrices.
pub(super) struct Planes {
    pub(super) rung: Rung,
    pub(super) lanes: usize,
    /// Sentences and heads.
    pub(super) of: (usize, usize),
    /// Rows, columns and inner numbers.
    pub(super) size: (usize, usize, usize),
}

impl Planes {
    fn padding(&self) -> [usize; 3] {
        let (to_rows, to_cols, to_inner) = self.rung.spec().product.padding(self.lanes);
        let (rows, cols, inner) = self.size;
        [rows.next_multiple_of(to_rows), cols.next_multiple_of(to_cols), inner.next_multiple_of(to_inner)]
    }

    fn room(&self, symbol: &'static str, padded: (usize, usize), (rows, cols): (usize, usize)) -> Storage {
        let mut room = room(symbol, self.of, padded, self.rung.spec().product.textures());
        room.layout = Layout { rows, cols, ..room.layout };
        room
    }

    /// Where A is wanted: rows × inner.
    pub(super) fn a(&self, symbol: &'static str) -> Storage {
        let [r, _, k] = self.padding();
        self.room(symbol, (r, k), (self.size.0, self.size.2))
    }

    /// Where B is wanted: inner × columns.
    pub(super) fn b(&self, symbol: &'static str) -> Storage {
        let [_, c, k] = self.padding();
        self.room(symbol, (k, c), (self.size.2, self.size.1))
    }

    /// The same for what the host fills in: in panels, where the rung has any.
    pub(super) fn given_b(&self, symbol: &'static str) -> Storage {
        let Some((panel, wide)) = self.rung.spec().product.panels(self.lanes) else { return self.b(symbol) };
        let [_, c, k] = self.padding();
        let panels = Some(Panels { cols: panel, beside: k * panel, first: 0 });
        let layout = Layout { steps: [self.of.1 * c, c], panels, ..Layout::rows(self.size.2, self.size.1, panel) };
        let numbers = (self.of.0 * self.of.1 * c * k).next_multiple_of(4 * wide);
        Storage { symbol, layout, holds: Vec::new(), numbers, texels: Some(wide), ones: None }
    }

    /// Where C will be: rows × columns.
    pub(super) fn c(&self, symbol: &'static str) -> Storage {
        let [r, c, _] = self.padding();
        self.room(symbol, (r, c), (self.size.0, self.size.1))
    }

    /// The product; of scores it is careful, for they are sums of large products that nearly cancel.
    pub(super) fn launch(&self, buffers: &[Storage; 3]) -> Launch {
        let (rows, cols, _) = self.size;
        let product = Padded {
            rung: self.rung,
            lanes: self.lanes,
            planes: self.of,
            shape: (rows, cols),
            sizes: self.padding(),
            steps: [0, 1, 2].map(|n: usize| buffers[n].layout.steps[1]),
            careful: buffers[1].layout.turned,
            epilogue: None,
        };
        product.launch(buffers.clone())
    }
}

impl Storage {
    /// The same, a tensor lying where its kernel sees the matrix.
    pub(super) fn holding(mut self, slot: Slot, planes: (usize, usize), turned: bool) -> Self {
        self.layout.turned = turned;
        self.holds = vec![Part::whole(slot, planes, self.layout)];
        self
    }

    /// The same, each head of the planes holding so many columns of a tensor that has no heads: those that are its own.
    pub(super) fn holding_columns(mut self, slot: Slot, (sentences, heads): (usize, usize)) -> Self {
        let Layout { cols, steps, panels, .. } = self.layout;
        let part = |head: usize| {
            let begin = head * steps[1];
            let layout = match panels {
                Some(panels) => Layout { panels: Some(Panels { first: begin, ..panels }), ..self.layout },
                None => Layout { start: begin, ..self.layout },
            };
            Part { slot, planes: (sentences, 1), from: (0, head * cols), layout }
        };
        self.holds = (0..heads).map(part).collect();
        self
    }
}

/// Room for whole matrices of so many rows and columns, one a plane: one behind another in a buffer, side by side in a texture.
pub(super) fn room(
    symbol: &'static str,
    planes: (usize, usize),
    (rows, cols): (usize, usize),
    texture: bool,
) -> Storage {
    let count = planes.0 * planes.1;
    let (down, step, texels) = if texture {
        let texels = texels(count * cols);
        (4 * texels, cols, Some(texels))
    } else {
        (cols, rows * cols, None)
    };
    let numbers = if texture { rows * down } else { count * step };
    let layout = Layout { steps: [planes.1 * step, step], ..Layout::rows(rows, cols, down) };
    Storage { symbol, layout, holds: Vec::new(), numbers, texels, ones: None }
}
