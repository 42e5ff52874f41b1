//! The launches that can make one stage of a program by itself: its own kernel, and the rungs of the ladder.

use super::flat::Flat;
use super::fused::Fused;
use super::launch::Launch;
use super::layout::{Layout, Part, Storage};
use super::product::{Factor, Planes, strided};
use super::rows;
use super::rung::Rung;
use super::rungs::Takes;
use super::seen::Seen;
use super::texels;
use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::math::tensor::Shape;
use crate::program::{Name, Program, Stage, Trace};

/// A kernel that can make a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// The stage's own, which is written to be read.
    Taught,
    /// A rung's kernel for this stage alone.
    Rung(Rung),
    /// A rung's kernel for scores, softmax and sum in one.
    Fused(Rung),
}

impl Version {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Taught => "teach",
            Self::Rung(rung) => rung.name(),
            Self::Fused(rung) => rung.spec().attention.as_ref().map_or("fused", |attention| attention.name),
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

/// The versions that can make a stage, its own first. `lanes` says how wide subgroups are, where kernels may use them.
pub fn versions(program: &Program, trace: &Trace, stage: usize, lanes: Option<usize>) -> Vec<Version> {
    let can = |rung: &Rung| rung.runs_on(lanes);
    let name = program.stages().get(stage).map_or("", |stage| stage.op.name());
    let plain = Rung::ALL.into_iter().filter(can).filter(|rung| makes(*rung, name)).map(Version::Rung);
    let fused = fused(program, trace, stage);
    let fuses = |rung: &Rung| fused.as_ref().is_some_and(|fused| rung.fuses(fused.d4()));
    let fused = Rung::ALL.into_iter().filter(|rung| fuses(rung) && can(rung)).map(Version::Fused);
    std::iter::once(Version::Taught).chain(plain).chain(fused).collect()
}

/// Whether a rung has a kernel for an op.
pub(super) fn makes(rung: Rung, op: &str) -> bool {
    match op {
        "project" | "matmul" | "matmul_transposed" => true,
        "softmax" => rung.spec().softmax.is_some(),
        _ => texels::makes(rung, op),
    }
}

/// The launch that makes a stage by itself from the numbers of a trace.
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
    let launch = match version {
        Version::Taught => Some(Launch::taught(program, of, program.output_of(stage))),
        Version::Rung(rung) if !makes(rung, of.op.name()) => None,
        Version::Rung(rung) if of.op.name() == "softmax" => softmax(program, stage, rung, lanes),
        Version::Rung(rung) if texels::makes(rung, of.op.name()) => by_texels(program, of, stage, (rung, lanes)),
        Version::Rung(rung) => Some(product(program, stage, rung, lanes)),
        Version::Fused(rung) => fused(program, trace, stage)
            .filter(|fused| rung.fuses(fused.d4()))
            .and_then(|fused| attention(program, &fused, stage, (rung, lanes))),
    };
    launch.ok_or_else(|| no(of.symbol.name))
}

/// What leads to the context, where this stage is it and nothing in between was overridden by hand.
fn fused(program: &Program, trace: &Trace, stage: usize) -> Option<Fused> {
    let fused = Fused::at(program, stage.checked_sub(4)?)?;
    let (first, last) = fused.stages;
    let by_hand = |stage| trace.overrides().iter().any(|o| o.address.slot == program.output_of(stage));
    (!(first..last).any(by_hand)).then_some(fused)
}

pub(super) fn lens(shape: Shape) -> ((usize, usize), (usize, usize)) {
    let [batch, heads, rows, cols] = shape.lens();
    ((batch, heads), (rows, cols))
}

/// One side of a product as the kernels see it, rows × inner or inner × columns, in a tensor that lies row by row.
fn view(program: &Program, stage: &Stage, operand: usize) -> Layout {
    let layout = Layout::plain(program.shape(stage.operands[operand]));
    match (stage.op.name(), operand) {
        // A head owns some of the columns of W.
        ("project", 1) => {
            let cols = stage.shape.cols.len;
            Layout { cols, steps: [0, cols], ..layout }
        }
        // Bᵀ is the same numbers with rows and columns exchanged.
        ("matmul_transposed", 1) => layout.transposed(),
        _ => layout,
    }
}

/// A product by a rung, each plane by itself. The plain rungs read the matrices as they lie; the others get padded ones, so that
/// they need no branch at an edge.
fn product(program: &Program, stage: usize, rung: Rung, lanes: usize) -> Launch {
    let of = &program.stages()[stage];
    let (planes, (rows, cols)) = lens(of.shape);
    let views = [0, 1].map(|operand| view(program, of, operand));
    let symbol = |operand: usize| program.symbol(of.operands[operand]).name.as_str();
    let made = Storage::plain(of.symbol.name.as_str(), program.output_of(stage), of.shape);
    if matches!(rung.spec().product.takes, Takes::Strided) {
        let factor = |operand: usize| {
            let slot = of.operands[operand];
            Factor { storage: Storage::plain(symbol(operand), slot, program.shape(slot)), view: views[operand] }
        };
        return strided(&rung.spec().product, planes, 1.0, [factor(0), factor(1), Factor::of(made)]);
    }
    let wanted = Planes { rung, lanes, of: planes, size: (rows, cols, views[0].cols) };
    let a = wanted.a(symbol(0)).holding(of.operands[0], planes, false);
    let given = program.made_by(of.operands[1]).is_none();
    let b = if given { wanted.given_b(symbol(1)) } else { wanted.b(symbol(1)) };
    let b = match of.op.name() {
        "project" => b.holding_columns(of.operands[1], planes),
        _ => b.holding(of.operands[1], planes, views[1].turned),
    };
    let c = wanted.c(of.symbol.name.as_str()).holding(program.output_of(stage), planes, false);
    wanted.launch(&[a, b, c])
}

fn softmax(program: &Program, stage: usize, rung: Rung, lanes: usize) -> Option<Launch> {
    let of = &program.stages()[stage];
    let weights = Storage::plain(of.symbol.name.as_str(), program.output_of(stage), of.shape);
    let scores = Part::plain(of.operands[0], of.shape);
    let softmax = rung.spec().softmax.as_ref()?;
    Some(rows::launch((rung, lanes), (softmax, of.shape), (scores, None, weights)))
}

/// A stage that is made from texture to texture.
fn by_texels(program: &Program, of: &Stage, stage: usize, by: (Rung, usize)) -> Option<Launch> {
    let slots = of.operands.iter().copied().chain([program.output_of(stage)]);
    let buffer = |slot| {
        let storage = texels::alone(program, slot);
        texels::part(program, &storage, slot).map(|part| (storage, part))
    };
    texels::launch(by, (program, of), slots.map(buffer).collect::<Option<_>>()?)
}

/// Q, K and V side by side, a row a word, every head padded to whole vec4.
fn attention(program: &Program, fused: &Fused, stage: usize, (rung, lanes): (Rung, usize)) -> Option<Launch> {
    let (sentences, heads) = fused.planes();
    let qkv = Flat::tight(rung, (sentences, fused.words()), 3 * fused.side());
    let out = Flat::tight(rung, (sentences, fused.queries()), fused.side());
    let mask = Storage::plain(Name::Mask.as_str(), fused.mask, program.shape(fused.mask));
    let context = fused.context(&out, program.output_of(stage));
    let to =
        Storage { layout: context.layout, ..out.storage(program.stages()[stage].symbol.name.as_str(), vec![context]) };
    let from = fused.qkv(&qkv);
    let from = Storage { layout: Layout { rows: fused.words(), ..from.layout }, ..from };
    fused.launch((rung, lanes), (&qkv, &out), (from, Some(mask), to), ((0, heads), Seen::Masked))
}
