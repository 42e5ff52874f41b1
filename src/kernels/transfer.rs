//! Moving a tensor from one layout to another, where the next kernel wishes for another one than the kernel before.

use super::launch::Launch;
use super::layout::{Fold, Layout, Part, Storage};
use super::map::Map;
use super::template::{Source, written};
use crate::ground::lang::Text;

/// Its file below `shaders/`.
pub(super) const FILE: &str = "ladder/transfer";

const WGSL: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/shaders/ladder/transfer.wgsl"));

/// Why it is there.
pub(super) const REASON: Text = Text::new(
    "只是搬家：上一个核函数把数放成它要的样子，下一个核函数要另一个样子（补零、转置、放进纹理）。",
    "Numbers only move house: the kernel before left them as it liked best, the next one wants them otherwise (padded, turned, in a texture).",
);

/// How the numbers of one launch move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// One by one.
    Single,
    /// Four by four, side by side on both ends.
    Whole,
    /// Squares of 4 × 4, whose rows become columns.
    Turned,
}

/// WGSL, written out for buffers or textures on either side.
pub(super) fn source(from_texture: bool, to_texture: bool, way: Way, vectors: bool) -> Source {
    let switch = usize::from;
    let [from_vectors, to_vectors] = [from_texture, to_texture].map(|texture| !texture && vectors);
    let constants = vec![
        ("FROM_BUFFER", switch(!from_texture && !from_vectors)),
        ("FROM_VECTORS", switch(from_vectors)),
        ("FROM_TEXTURE", switch(from_texture)),
        ("TO_BUFFER", switch(!to_texture && !to_vectors)),
        ("TO_VECTORS", switch(to_vectors)),
        ("TO_TEXTURE", switch(to_texture)),
        ("SINGLE", switch(way == Way::Single)),
        ("WHOLE", switch(way == Way::Whole)),
        ("TURNED", switch(way == Way::Turned)),
        ("EACH", if to_texture || way == Way::Whole { 4 } else { 1 }),
        ("ROWS", if way == Way::Turned { 4 } else { 1 }),
    ];
    written(FILE, WGSL, constants)
}

/// Whether four numbers side by side lie at every fourth place of a row, and rows and matrices whole groups of four apart.
fn by_fours(Layout { down, across, steps, fold, .. }: Layout, start: usize) -> bool {
    let far = [start, down, steps[0], steps[1], fold.map_or(0, |fold| fold.beside)];
    across == 1 && far.iter().all(|n| n.is_multiple_of(4))
}

/// The launches that bring what two storages have in common from one to the other: one a pair of rectangles.
pub(super) fn launches(from: &Storage, to: &Storage) -> Vec<Launch> {
    let pairs = to.holds.iter().flat_map(|c| from.holds.iter().map(move |a| (a, c)));
    pairs.filter(|(a, c)| a.slot == c.slot).filter_map(|(a, c)| launch((from, a), (to, c))).collect()
}

/// Where two rectangles overlap, as the second one's layout sees the tensor; none where they do not.
fn launch((from, a): (&Storage, &Part), (to, c): (&Storage, &Part)) -> Option<Launch> {
    let (a_from, a_layout) = if a.layout.turned == c.layout.turned {
        (a.from, a.layout)
    } else {
        ((a.from.1, a.from.0), a.layout.transposed())
    };
    let first = (a_from.0.max(c.from.0), a_from.1.max(c.from.1));
    let end = |from: (usize, usize), layout: &Layout| (from.0 + layout.rows, from.1 + layout.cols);
    let (a_end, c_end) = (end(a_from, &a_layout), end(c.from, &c.layout));
    let rows = a_end.0.min(c_end.0).checked_sub(first.0).filter(|&rows| rows > 0)?;
    let cols = a_end.1.min(c_end.1).checked_sub(first.1).filter(|&cols| cols > 0)?;
    let planes = c.planes;
    let words = |part: &Part, layout: &Layout, from: (usize, usize)| {
        let start = layout.at((0, 0), first.0 - from.0, first.1 - from.1);
        // What sentences or heads share is read again for each.
        let step = |n: usize, planes: usize| if planes > 1 { layout.steps[n] } else { 0 };
        let Fold { sentences, beside } = layout.fold.unwrap_or(Fold { sentences: u32::MAX as usize, beside: 0 });
        let steps = (step(0, part.planes.0), step(1, part.planes.1));
        [start, layout.down, layout.across, steps.0, steps.1, sentences, beside]
    };
    let ([a0, a1, a2, a3, a4, a5, a6], [c0, c1, c2, c3, c4, c5, c6]) =
        (words(a, &a_layout, a_from), words(c, &c.layout, c.from));
    let (a_texels, c_texels) = (from.texels.unwrap_or(1), to.texels.unwrap_or(1));
    let size = [rows, cols, planes.1, a_texels, a0, a1, a2, a3, a4, a5, a6, c_texels, c0, c1, c2, c3, c4, c5, c6, 0];
    let (from_texture, to_texture) = (from.texels.is_some(), to.texels.is_some());
    let to_fours = by_fours(c.layout, c0);
    // Buffers are read and written by fours only where all of them are whole.
    let vectors = to_fours && [cols, from.numbers, to.numbers].iter().all(|n| n.is_multiple_of(4));
    let side_by_side = if to_texture { to_fours } else { c.layout.across == 1 };
    let way = if by_fours(a_layout, a0) && side_by_side && (vectors || from_texture) {
        Way::Whole
    } else if by_fours(a_layout.transposed(), a0) && to_fours && from_texture && to_texture {
        Way::Turned
    } else {
        Way::Single
    };
    let vectors = vectors && way == Way::Whole;
    let own = (if way == Way::Turned { 4 } else { 1 }, if to_texture || way == Way::Whole { 4 } else { 1 });
    let map = Map { own, side: (1, 64), ..Map::per_cell(planes, (rows, cols), 1) };
    Some(Launch {
        file: FILE,
        source: source(from_texture, to_texture, way, vectors),
        size: size.map(|n| n as u32).to_vec(),
        buffers: vec![from.clone(), to.clone()],
        result: 1,
        in_place: None,
        workgroups: map.workgroups(),
        lanes: 1,
        map,
        hidden: f32::MIN,
    })
}
