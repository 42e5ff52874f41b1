//! What is made number by number, or row by row, from texture to texture: the steps between products whose matrices are textures.

use super::launch::{HIDDEN, Launch};
use super::layout::{Layout, Part, Storage};
use super::map::Map;
use super::product::room;
use super::rung::Rung;
use super::rungs::{File, Texels};
use super::template::Source;
use crate::program::{Program, Slot, Stage};

/// The ops that are made number by number, and the switch of their lines.
const EACH: [(&str, &str); 6] = [
    ("add", "ADD"),
    ("gelu", "GELU"),
    ("gelu_tanh", "TANH_GELU"),
    ("mask", "MASK"),
    ("scale", "SCALE"),
    ("silu", "SILU"),
];

/// The ops that are made row by row, and the switch of their lines.
const ROWS: [(&str, &str); 3] = [("layer_norm", "LAYER_NORM"), ("rms_norm", "RMS_NORM"), ("softmax", "SOFTMAX")];

/// Texels in a workgroup.
const SIDE: usize = 64;

/// Every op that is made so.
pub(super) fn ops() -> impl Iterator<Item = &'static str> {
    EACH.iter().chain(&ROWS).map(|(op, _)| *op)
}

/// Whether a rung makes an op from texture to texture.
pub(super) fn makes(rung: Rung, op: &str) -> bool {
    rung.spec().texels.is_some() && ops().any(|known| known == op)
}

/// The ops that make the numbers of a result of a rung's sums, number by number, before those are written down.
pub(super) fn epilogues(rung: Rung) -> impl Iterator<Item = &'static str> {
    // What is divided by, and whom a mask hides, the products of whole batches do not know.
    let able = move |op: &&str| makes(rung, op) && !["mask", "scale"].contains(op);
    EACH.iter().map(|(op, _)| *op).filter(able)
}

/// The switches of `elementwise.wgsl` and of whoever calls it: for this op, or for none. The first operand after the others, and the
/// result after that one, are bound from `next` on.
pub(super) fn elementwise(op: Option<&str>, next: usize) -> Vec<(&'static str, usize)> {
    let is = |ops: &[&str]| usize::from(op.is_some_and(|op| ops.contains(&op)));
    let two = is(&["add", "mask"]);
    let mut switches: Vec<_> = EACH.iter().map(|(known, switch)| (*switch, is(&[known]))).collect();
    switches.extend([("ELEMENTWISE", usize::from(op.is_some())), ("TWO", two), ("OUT", next + two)]);
    switches.extend([("ALONE", usize::from(op.is_some()) - two), ("POWERS", is(&["gelu", "gelu_tanh", "silu"]))]);
    switches
}

impl Texels {
    /// The shader of an op, and WGSL, written out, for one sentence or any number.
    pub(super) fn source(&self, op: &str, lanes: usize, one: bool) -> (&File, Source) {
        let by_row = ROWS.iter().any(|(known, _)| *known == op);
        let file = if by_row { &self.rows } else { &self.each };
        let is = |ops: &[&str]| usize::from(ops.contains(&op));
        let mut constants = if by_row {
            let gained = is(&["layer_norm", "rms_norm"]);
            let mut switches: Vec<_> = ROWS.iter().map(|(known, switch)| (*switch, is(&[known]))).collect();
            switches.extend([("GAINED", gained), ("OUT", 2 + gained + is(&["layer_norm"]))]);
            switches
        } else {
            elementwise(Some(op), 2)
        };
        constants.extend([("ONE", usize::from(one)), ("MANY", usize::from(!one)), ("LANES", lanes)]);
        (file, file.written(constants))
    }
}

/// Room for a tensor in a texture, its matrices side by side.
pub(super) fn alone(program: &Program, slot: Slot) -> Storage {
    let [sentences, heads, rows, cols] = program.shape(slot).lens();
    let planes = (sentences, heads);
    let mut room = room(program.symbol(slot).name.as_str(), planes, (rows, cols.next_multiple_of(4)), true);
    room.layout = Layout { rows, cols, ..room.layout };
    room.holding(slot, planes, false)
}

/// Where a kernel from texture to texture can read a tensor in a storage.
pub(super) fn part(program: &Program, storage: &Storage, slot: Slot) -> Option<Part> {
    let down = 4 * storage.texels?;
    let mut own = storage.holds.iter().filter(|part| part.slot == slot);
    let part = own.next().filter(|_| own.next().is_none())?;
    let [sentences, heads, rows, cols] = program.shape(slot).lens();
    let whole = part.from == (0, 0) && part.planes == (sentences, heads);
    let Layout { start, across, steps, fold, turned, .. } = part.layout;
    let whole = whole && (part.layout.rows, part.layout.cols, part.layout.down) == (rows, cols, down);
    let by_fours = [start, steps[0], steps[1]].iter().all(|n| n.is_multiple_of(4));
    (whole && by_fours && across == 1 && fold.is_none() && !turned).then_some(*part)
}

/// The first texel of a part, and how far to the next sentence and to the next head: in a row of texels, and in rows.
fn steps(storage: &Storage, part: Part) -> [usize; 6] {
    let step = |n: usize, planes: usize| if planes > 1 { part.layout.steps[n] } else { 0 };
    let far = [part.layout.start, step(0, part.planes.0), step(1, part.planes.1)];
    let [start, sentence, head] = far.map(|n| storage.texel(n));
    [start[0], start[1], sentence[0], sentence[1], head[0], head[1]]
}

/// The launch that makes a stage from these operands, into the last storage.
pub(super) fn launch(
    (rung, lanes): (Rung, usize),
    (program, stage): (&Program, &Stage),
    buffers: Vec<(Storage, Part)>,
) -> Option<Launch> {
    let texels = rung.spec().texels.as_ref()?;
    let (file, source) = texels.source(stage.op.name(), lanes, stage.shape.lens()[0] == 1);
    let [sentences, heads, rows, cols] = stage.shape.lens();
    let planes = (sentences, heads);
    let by_row = ROWS.iter().any(|(known, _)| *known == stage.op.name());
    let map = if by_row {
        Map { side: (1, 1), shared: lanes, ..Map::per_row(planes, (rows, cols), 1) }
    } else {
        Map { own: (1, 4), side: (1, SIDE), ..Map::per_cell(planes, (rows, cols), 1) }
    };
    // What its own kernel is told beside the sizes: a divisor, or what keeps one from 0.
    let told = match stage.op.name() {
        "scale" | "layer_norm" | "rms_norm" => {
            stage.op.kernel(&program.operand_shapes(stage), stage.shape).size.get(2).copied()
        }
        _ => None,
    };
    let (last, operands) = buffers.split_last()?;
    let of = |buffer: Option<&(Storage, Part)>| buffer.map_or([0; 6], |(storage, part)| steps(storage, *part));
    // In the order of the shaders' `struct Size`; gain and shift have one row, which they begin with.
    let places = [of(operands.first()), of(operands.get(1)), of(Some(last))];
    let mut size: Vec<u32> = [rows, cols, heads].map(|n| n as u32).to_vec();
    size.push(told.unwrap_or(0));
    size.extend(places.as_flattened().iter().map(|&n| n as u32));
    size.extend([0, 0]);
    let buffers = buffers.into_iter().map(|(storage, part)| Storage { layout: part.layout, ..storage }).collect();
    let lanes = if by_row { lanes as u32 } else { 1 };
    Some(Launch { hidden: HIDDEN, ..Launch::of_rung((file.name, source), size, buffers, (map, lanes)) })
}
