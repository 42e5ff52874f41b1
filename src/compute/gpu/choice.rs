//! Which kernels make a program: those that are taught, or where the work is heavy the fastest that fit.

use super::tuned::Tuned;
use crate::kernels::{Rung, rungs};
use crate::program::{BackendKind, Kind, Name, Program, Stage};
use crate::session::Hardware;
use crate::study::race::Work;

/// Multiplications from which on a program is heavy: more than a second by the taught kernels on a software adapter. The
/// article's batch stays below: from end to end its numbers hold the tolerance by the taught kernels' compensated sums alone.
const HEAVY: u128 = 1 << 29;

/// The same of a program of several layers, whose learners look at it as a whole: sixteen words of a small model take a second and
/// more by the taught kernels.
const HEAVY_MODEL: u128 = 1 << 24;

/// Whether a program is so heavy that nobody wants to wait for the kernels that are taught.
pub(super) fn is_heavy(program: &Program) -> bool {
    let products = |stage: &Stage| match stage.op.name() {
        "project" | "project_biased" | "matmul" | "matmul_biased" | "matmul_transposed" => {
            let inner = program.shape(stage.operands[0]).cols.len as u128;
            stage.shape.lens().iter().fold(inner, |all, &n| all.saturating_mul(n as u128))
        }
        _ => 0,
    };
    program.stages().iter().map(products).fold(0, u128::saturating_add)
        >= if program.is_deep() { HEAVY_MODEL } else { HEAVY }
}

/// The rungs to try on a heavy program, the fastest first: what won a race of this size before, what is made for such an adapter,
/// and what runs everywhere.
pub(super) fn candidates(program: &Program, machine: &str, kind: BackendKind, hardware: &Hardware) -> Vec<Rung> {
    let able = rungs(program, lanes(hardware));
    let won = work(program).and_then(|work| Tuned::load().rung(machine, work));
    let made_for = if kind == BackendKind::Software { Rung::Subgroup } else { Rung::Block };
    let mut tried = Vec::new();
    for rung in won.into_iter().chain([made_for, Rung::Register, Rung::Coalesced]) {
        if able.contains(&rung) && !tried.contains(&rung) {
            tried.push(rung);
        }
    }
    tried
}

/// Lanes of a subgroup that kernels are written out for; none where there are too few or too many.
pub(super) fn lanes(hardware: &Hardware) -> Option<usize> {
    hardware.lanes.filter(|lanes| (4..=16).contains(lanes))
}

/// A program's sizes as the race knows them.
fn work(program: &Program) -> Option<Work> {
    let words = program.find(None, Name::H).filter(|_| program.kind() == Kind::SelfAttention)?;
    let shape = program.shape(words);
    Work::new(shape.batch.unwrap_or(1), shape.rows.len, program.heads(), shape.cols.len).ok()
}
