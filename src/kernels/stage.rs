//! The launches that can make one stage of a program: its own kernel, and the rungs of the ladder on the same numbers.

use super::launch::{Launch, Lies, Map, Storage, texels};
use super::rung::{KEYS, ROWS_A_LANE, Rung, kept_keys, queries as queries_a_lane, sources};
use super::template::unrolled;
use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::math::ops::{Op, Rule};
use crate::math::tensor::{Cell, Shape, Tensor};
use crate::program::{Name, Program, Stage, Trace};

/// A kernel that can make a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// The stage's own: the one that the numbers on screen come from.
    Taught,
    /// A rung's kernel for this stage alone.
    Rung(Rung),
    /// A rung's kernel for scores, softmax and sum in one.
    Fused(Rung),
}

impl Version {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Taught => "teach",
            Self::Rung(rung) => rung.name(),
            Self::Fused(Rung::Subgroup) => "fused subgroup",
            Self::Fused(Rung::Block) => "fused block",
            Self::Fused(_) => "fused register",
        }
    }
}

/// A stage that this version cannot make.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub struct LaunchError {
    /// The version's name.
    pub version: &'static str,
    /// The stage's symbol.
    pub stage: &'static str,
}

impl Failure for LaunchError {
    fn words(&self) -> Text {
        let Self { version, stage } = self;
        Text::owned(format!("{version} 做不出 {stage}"), format!("{version} cannot make {stage}"))
    }

    fn exit(&self) -> Exit {
        Exit::Failed
    }
}

/// How the shaders of the ladder write a hidden score: finite, and far below every other.
const HIDDEN: f32 = -1e30;

/// How the taught shaders write it.
const TAUGHT_HIDDEN: f32 = f32::MIN;

/// The versions that can make a stage, its own first. `lanes` says how wide subgroups are, where kernels may use them.
pub fn versions(program: &Program, trace: &Trace, stage: usize, lanes: Option<usize>) -> Vec<Version> {
    let can = |rung: &Rung| *rung != Rung::Subgroup || lanes.is_some();
    let of = program.stages().get(stage);
    let name = of.map_or("", |stage| stage.op.name());
    let rungs: &[Rung] = match name {
        "project" | "matmul" | "matmul_transposed" => &Rung::ALL,
        "softmax" => &[Rung::Naive, Rung::Tiled, Rung::Subgroup],
        _ => &[],
    };
    let fused = Fused::of(program, trace, stage);
    let fuses = |rung: &Rung| fused.as_ref().is_some_and(|fused| rung.fuses(fused.d4()));
    let fused = Rung::ALL.into_iter().filter(|rung| fuses(rung) && can(rung)).map(Version::Fused);
    let plain = rungs.iter().copied().filter(can).map(Version::Rung);
    std::iter::once(Version::Taught).chain(plain).chain(fused).collect()
}

/// The launch that makes a stage from the numbers of a trace.
///
/// # Errors
/// [`LaunchError`] where the version is none of [`versions`].
pub fn launch(
    program: &Program,
    trace: &Trace,
    stage: usize,
    version: Version,
    lanes: usize,
) -> Result<Launch, LaunchError> {
    let no = |name: Name| LaunchError { version: version.name(), stage: name.as_str() };
    let of = program.stages().get(stage).ok_or_else(|| no(Name::H))?;
    let launch = match (version, of.op.name()) {
        (Version::Taught, _) => Some(taught(program, trace, of)),
        (Version::Rung(rung @ (Rung::Naive | Rung::Tiled | Rung::Subgroup)), "softmax") => {
            Some(softmax(trace.tensor(of.operands[0]), of, rung, lanes))
        }
        (Version::Rung(rung), "project" | "matmul" | "matmul_transposed") => {
            let [a, b] = [0, 1].map(|i| Factor::of(program, trace, of, i));
            Some(product(&a, &b, of, rung, lanes))
        }
        (Version::Fused(rung), _) => Fused::of(program, trace, stage)
            .filter(|fused| rung.fuses(fused.d4()))
            .map(|fused| fused.launch(of, rung, lanes)),
        _ => None,
    };
    launch.ok_or_else(|| no(of.symbol.name))
}

/// The numbers of a tensor, what is hidden written as `hidden`.
fn numbers(tensor: &Tensor<f32>, hidden: f32) -> Vec<f32> {
    tensor.as_slice().iter().map(|&x| if x == f32::NEG_INFINITY { hidden } else { x }).collect()
}

fn taught(program: &Program, trace: &Trace, stage: &Stage) -> Launch {
    let kernel = stage.op.kernel(&program.operand_shapes(stage), stage.shape);
    let operand =
        |&slot| (program.symbol(slot).name.as_str(), program.shape(slot), numbers(trace.tensor(slot), TAUGHT_HIDDEN));
    Launch::taught(kernel, stage.operands.iter().map(operand).collect(), (stage.symbol.name.as_str(), stage.shape))
}

fn lens(shape: Shape) -> ((usize, usize), (usize, usize)) {
    let [batch, heads, rows, cols] = shape.lens();
    ((batch, heads), (rows, cols))
}

/// One side of a product, as the kernels read it: rows × inner, or inner × columns.
struct Factor<'a> {
    symbol: &'static str,
    tensor: &'a Tensor<f32>,
    lies: Lies,
}

impl<'a> Factor<'a> {
    fn of(program: &Program, trace: &'a Trace, stage: &Stage, operand: usize) -> Self {
        let slot = stage.operands[operand];
        let tensor = trace.tensor(slot);
        let mut lies = Lies::plain(*tensor.shape());
        let (_, (_, cols)) = lens(stage.shape);
        match (stage.op.name(), operand) {
            // A head owns some of the columns of W.
            ("project", 1) => (lies.cols, lies.steps) = (cols, [0, cols]),
            // Bᵀ is the same numbers with rows and columns exchanged.
            ("matmul_transposed", 1) => {
                let (rows, cols) = (lies.cols, lies.rows);
                lies = Lies { rows, cols, down: lies.across, across: lies.down, turned: true, ..lies };
            }
            _ => {}
        }
        Self { symbol: program.symbol(slot).name.as_str(), tensor, lies }
    }

    /// The planes as whole matrices, padded to these rows and columns.
    fn packed(&self, planes: (usize, usize), padded: (usize, usize), texture: bool) -> Storage {
        let mut packed = room(self.symbol, planes, padded, texture);
        let from = self.tensor.as_slice();
        for plane in all(planes) {
            for (row, col) in (0..self.lies.rows).flat_map(|row| (0..self.lies.cols).map(move |col| (row, col))) {
                packed.numbers[packed.lies.at(plane, row, col)] = from[self.lies.at(plane, row, col)];
            }
        }
        let Lies { rows, cols, turned, .. } = self.lies;
        packed.lies = Lies { rows, cols, turned, ..packed.lies };
        packed
    }

    fn as_it_lies(&self) -> Storage {
        Storage { symbol: self.symbol, numbers: numbers(self.tensor, HIDDEN), lies: self.lies, texels: None }
    }
}

/// Room for whole matrices of so many rows and columns, one a plane: one behind another in a buffer, side by side in a texture.
fn room(symbol: &'static str, planes: (usize, usize), (rows, cols): (usize, usize), texture: bool) -> Storage {
    let count = planes.0 * planes.1;
    let (down, step, texels) = if texture {
        let texels = texels(count * cols);
        (4 * texels, cols, Some(texels))
    } else {
        (cols, rows * cols, None)
    };
    let numbers = vec![0.0; if texture { rows * down } else { count * step }];
    let lies = Lies { start: 0, rows, cols, down, across: 1, steps: [planes.1 * step, step], turned: false };
    Storage { symbol, numbers, lies, texels }
}

fn all((sentences, heads): (usize, usize)) -> impl Iterator<Item = (usize, usize)> {
    (0..sentences).flat_map(move |sentence| (0..heads).map(move |head| (sentence, head)))
}

/// `C = A · B` by a rung. The plain ones read the tensors as they lie; the others get padded matrices, so that they need
/// no branch at an edge.
fn product(a: &Factor, b: &Factor, stage: &Stage, rung: Rung, lanes: usize) -> Launch {
    let (planes, (rows, cols)) = lens(stage.shape);
    let inner = a.lies.cols;
    let cells = Map::per_cell(planes, (rows, cols), 16);
    let map = match rung {
        Rung::Naive => Map { side: (64, 1), turned: true, ..cells },
        Rung::Coalesced => Map { side: (1, 64), ..cells },
        Rung::Tiled => cells,
        Rung::Register | Rung::Block => Map { own: (8, 8), side: (8, 8), ..cells },
        Rung::Subgroup => Map { own: (ROWS_A_LANE, 4 * lanes), side: (lanes, 1), ..cells },
    };
    let symbol = stage.symbol.name.as_str();
    if rung.is_fused() {
        let (to_rows, to_cols, to_inner) = rung.padding(lanes);
        let (r, c) = (rows.next_multiple_of(to_rows), cols.next_multiple_of(to_cols));
        let (k, texture) = (inner.next_multiple_of(to_inner), rung.reads_textures());
        let mut made = room(symbol, planes, (r, c), texture);
        made.lies = Lies { rows, cols, ..made.lies };
        let buffers = vec![a.packed(planes, (r, k), texture), b.packed(planes, (k, c), texture), made];
        let steps = [0, 1, 2].map(|n: usize| buffers[n].lies.steps[1] / 4);
        let size = [r, c, k, 0, steps[0], steps[1], steps[2], 0].map(|n| n as u32).to_vec();
        let (file, source, lanes) = match rung {
            Rung::Subgroup => {
                let constants = [("LANES", lanes), ("ROWS", ROWS_A_LANE)];
                ("ladder/matmul_subgroup", unrolled(sources::MATMUL_SUBGROUP, &constants), lanes as u32)
            }
            Rung::Block => ("ladder/matmul_block", unrolled(sources::MATMUL_BLOCK, &[]), 1),
            _ => ("ladder/matmul_register", unrolled(sources::MATMUL_REGISTER, &[]), 1),
        };
        return Launch { file, source, size, buffers, result: 2, workgroups: map.workgroups(), lanes, map };
    }
    let result = Lies::plain(stage.shape);
    let step = |lies: &Lies| lies.steps.map(|n| n as u32);
    let [a_sentence, a_head] = step(&a.lies);
    let [b_sentence, b_head] = step(&b.lies);
    let [c_sentence, c_head] = step(&result);
    let strided = Strided {
        size: [rows, cols, inner],
        heads: planes.1,
        a: [a.lies.down as u32, a.lies.across as u32, a_sentence, a_head, a.lies.start as u32],
        b: [b.lies.down as u32, b.lies.across as u32, b_sentence, b_head, b.lies.start as u32],
        c: [result.down as u32, c_sentence, c_head],
        scale: 1.0,
    };
    let (file, source) = match rung {
        Rung::Naive => ("ladder/matmul_naive", sources::MATMUL_NAIVE),
        Rung::Coalesced => ("ladder/matmul_coalesced", sources::MATMUL_COALESCED),
        _ => ("ladder/matmul_tiled", sources::MATMUL_TILED),
    };
    let made = Storage { symbol, numbers: vec![0.0; stage.shape.count()], lies: result, texels: None };
    Launch {
        file,
        source: source.to_owned(),
        size: strided.words().to_vec(),
        buffers: vec![a.as_it_lies(), b.as_it_lies(), made],
        result: 2,
        workgroups: map.workgroups(),
        lanes: 1,
        map,
    }
}

/// The uniform block of the plain matmul rungs: matrices that may lie in larger ones, distances in numbers.
#[derive(Debug, Clone, Copy)]
pub struct Strided {
    /// Rows, columns, inner dimension.
    pub size: [usize; 3],
    /// Heads of a sentence.
    pub heads: usize,
    /// Between rows, columns, sentences and heads of A; where it starts.
    pub a: [u32; 5],
    /// The same of B.
    pub b: [u32; 5],
    /// Between rows, sentences and heads of C.
    pub c: [u32; 3],
    /// What every sum is multiplied by.
    pub scale: f32,
}

impl Strided {
    /// In the order of the shader's `struct Size`.
    pub fn words(&self) -> [u32; 20] {
        let [rows, cols, inner] = self.size.map(|n| n as u32);
        let Self { a, b, c, scale, .. } = *self;
        let heads = self.heads as u32;
        let scale = scale.to_bits();
        [
            rows, cols, inner, heads, a[0], a[1], b[0], b[1], c[0], a[2], a[3], b[2], b[3], c[1], c[2], a[4], b[4],
            scale, 0, 0,
        ]
    }
}

/// Softmax of every row by a rung, in place.
fn softmax(scores: &Tensor<f32>, stage: &Stage, rung: Rung, lanes: usize) -> Launch {
    let (planes, (rows, cols)) = lens(stage.shape);
    let by_row = Map::per_row(planes, (rows, cols), 64);
    let alone = |shared| Map { side: (1, 1), shared, ..by_row };
    let (file, source, lanes, map) = match rung {
        Rung::Tiled => ("ladder/softmax_tiled", unrolled(sources::SOFTMAX_TILED, &[("MASKED", 0)]), 1, alone(64)),
        Rung::Subgroup => {
            let source = unrolled(sources::SOFTMAX_SUBGROUP, &[("LANES", lanes)]);
            ("ladder/softmax_subgroup", source, lanes as u32, alone(lanes))
        }
        _ => ("ladder/softmax_rows", unrolled(sources::SOFTMAX_ROWS, &[("MASKED", 0)]), 1, by_row),
    };
    let lies = Lies::plain(stage.shape);
    let made = Storage { symbol: stage.symbol.name.as_str(), numbers: numbers(scores, HIDDEN), lies, texels: None };
    let size = vec![rows as u32, cols as u32, 0, 0];
    Launch { file, source, size, buffers: vec![made], result: 0, workgroups: map.workgroups(), lanes, map }
}

/// What a fused kernel computes in one: scores, ÷ √d, mask, softmax, sum.
struct Fused<'a> {
    q: &'a Tensor<f32>,
    k: &'a Tensor<f32>,
    v: &'a Tensor<f32>,
    mask: &'a Tensor<f32>,
    divisor: f64,
}

impl<'a> Fused<'a> {
    /// The numbers that lead to the context, where this stage is it and nothing in between was overridden by hand.
    fn of(program: &Program, trace: &'a Trace, stage: usize) -> Option<Self> {
        let layer = program.stages().get(stage)?.symbol.layer;
        let find = |name| trace.find(program, layer, name);
        let position = |name: Name| program.stages().iter().position(|stage| stage.symbol == name.of(layer));
        let from = position(Name::Scores)?;
        if position(Name::Context) != Some(stage) {
            return None;
        }
        let between = from..stage;
        if between.clone().any(|i| trace.overrides().iter().any(|o| o.address.slot == program.output_of(i))) {
            return None;
        }
        let scale = &program.stages()[position(Name::Scaled)?].op;
        let (q, k, v) = (find(Name::Q)?, find(Name::K)?, find(Name::V)?);
        let divisor = divisor(scale.as_ref(), *q.shape())?;
        Some(Self { q, k, v, mask: find(Name::Mask)?, divisor })
    }

    /// vec4 in a head's row, the padding counted.
    fn d4(&self) -> usize {
        self.q.shape().cols.len.max(self.v.shape().cols.len).div_ceil(4)
    }

    /// Q, K and V side by side, a row a word, every head padded to whole vec4.
    fn launch(&self, stage: &Stage, rung: Rung, lanes: usize) -> Launch {
        let (planes, (queries, values)) = lens(stage.shape);
        let (sentences, heads) = planes;
        let keys = self.k.shape().rows.len;
        let d = 4 * self.d4();
        let (side, words) = (heads * d, queries.max(keys));
        let texture = rung.reads_textures();
        let wide = |numbers: usize| texture.then(|| texels(numbers));
        let (qkv_texels, out_texels) = (wide(3 * side), wide(side));
        let row = qkv_texels.map_or(3 * side, |texels| 4 * texels);
        let out_row = out_texels.map_or(side, |texels| 4 * texels);
        let mut packed = vec![0.0; sentences * words * row];
        for (part, tensor) in [self.q, self.k, self.v].into_iter().enumerate() {
            let lies = Lies::plain(*tensor.shape());
            for (sentence, head) in all(planes) {
                for (r, c) in (0..lies.rows).flat_map(|r| (0..lies.cols).map(move |c| (r, c))) {
                    let at = (sentence * words + r) * row + part * side + head * d + c;
                    packed[at] = tensor.as_slice()[lies.at((sentence, head), r, c)];
                }
            }
        }
        let qkv =
            Lies { start: 0, rows: words, cols: row, down: row, across: 1, steps: [words * row, 0], turned: false };
        let made = Lies { rows: queries, cols: values, down: out_row, steps: [queries * out_row, d], ..qkv };
        let map = match rung {
            Rung::Subgroup => {
                let own = (queries_a_lane(self.d4()), values);
                Map { own, side: (lanes, 1), ..Map::per_row(planes, (queries, values), lanes) }
            }
            _ => Map::per_row(planes, (queries, values), 64),
        };
        let (some, divisor) = ((0, heads), self.divisor);
        let sizes = Attention { queries, keys, words, sentences, heads, some, row, out_row, d, divisor };
        let (file, source) = attention(rung, d / 4, lanes, true);
        let buffers = vec![
            Storage { symbol: "QKV", numbers: packed, lies: qkv, texels: qkv_texels },
            Storage {
                symbol: Name::Mask.as_str(),
                numbers: self.mask.as_slice().to_vec(),
                lies: Lies::plain(*self.mask.shape()),
                texels: None,
            },
            Storage {
                symbol: stage.symbol.name.as_str(),
                numbers: vec![0.0; sentences * queries * out_row],
                lies: made,
                texels: out_texels,
            },
        ];
        let lanes = if rung == Rung::Subgroup { lanes as u32 } else { 1 };
        let size = sizes.words().to_vec();
        Launch { file, source, size, buffers, result: 2, workgroups: map.workgroups(), lanes, map }
    }
}

/// What an op divides by, where that is what it does.
fn divisor(op: &dyn Op, shape: Shape) -> Option<f64> {
    match op.sources(&[shape], Cell::default()).rule {
        Rule::Quotient(divisor) => Some(divisor),
        _ => None,
    }
}

/// The uniform block of the fused kernels; lengths in numbers, whole vec4 each.
#[derive(Debug, Clone, Copy)]
pub struct Attention {
    /// Words that ask.
    pub queries: usize,
    /// Words that answer.
    pub keys: usize,
    /// Rows of a sentence.
    pub words: usize,
    /// Sentences below one another in a texture; the others lie beside them.
    pub sentences: usize,
    /// Heads.
    pub heads: usize,
    /// The first of the heads that this launch computes, and how many they are.
    pub some: (usize, usize),
    /// From a row of QKV to the next; in a texture, to the row beside it.
    pub row: usize,
    /// The same of the result.
    pub out_row: usize,
    /// Numbers of a head, padded.
    pub d: usize,
    /// What scores are divided by.
    pub divisor: f64,
}

impl Attention {
    /// In the order of the shaders' `struct Size`.
    pub fn words(&self) -> [u32; 12] {
        let side = self.heads * self.d / 4;
        // Powers of two are cheaper than powers of e: log2(e) goes into the scale.
        let scale = (std::f64::consts::LOG2_E / self.divisor) as f32;
        let (first, some) = self.some;
        let counts = [self.queries, some, self.row / 4, self.out_row / 4, side, 2 * side];
        let [queries, heads, row, out_row, k_start, v_start] = counts.map(|n| n as u32);
        let [keys, words, sentences] = [self.keys, self.words, self.sentences].map(|n| n as u32);
        [queries, heads, row, out_row, k_start, v_start, scale.to_bits(), keys, words, sentences, first as u32, 0]
    }
}

/// The file and the source of a fused kernel, written out for heads of `d4` vec4.
pub fn attention(rung: Rung, d4: usize, lanes: usize, masked: bool) -> (&'static str, String) {
    let masked = usize::from(masked);
    let out = 2 + masked;
    if rung == Rung::Subgroup {
        let loads = d4.div_ceil(lanes);
        let constants = [
            ("LANES", lanes),
            ("QUERIES", queries_a_lane(d4)),
            ("KEYS", KEYS),
            ("D4", d4),
            ("LOADS", loads),
            ("MASKED", masked),
            ("OUT", out),
        ];
        return ("ladder/attention_subgroup", unrolled(sources::ATTENTION_SUBGROUP, &constants));
    }
    let constants = [("D4", d4), ("MASKED", masked), ("OUT", out), ("KEYS", kept_keys(d4))];
    match rung {
        Rung::Block => ("ladder/attention_block", unrolled(sources::ATTENTION_BLOCK, &constants)),
        _ => ("ladder/attention_register", unrolled(sources::ATTENTION_REGISTER, &constants)),
    }
}
