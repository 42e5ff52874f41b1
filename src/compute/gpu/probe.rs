//! The start-up self-test: two small programs that touch every shader of the right programs, judged by the ledger. Those that
//! only a mistake or a whole model uses are not worth everybody's wait: the ledger judges them when they run.
//!
//! Some drivers compile compute shaders wrongly, and some would optimise the compensated sums away.
//! Such an adapter must not be used, and the program says so.

use super::ComputeError;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::math::tensor::Tensor;
use crate::program::attention::{Sizes, dot_product, self_attention};
use crate::program::{Address, InputError, Inputs, Kind, Ledger, Name, Program, Trace};

/// A program and its numbers.
pub(super) struct Probe {
    pub(super) program: Program,
    pub(super) inputs: Inputs,
}

/// Programs that between them launch every shader of one right attention once, with one workgroup a head.
///
/// # Errors
/// Never in practice: sizes and numbers are constants that fit.
pub(super) fn probes() -> Result<Vec<Probe>, ComputeError> {
    let sizes =
        Sizes { batch: None, tokens: 3, memory: 4, model: 6, heads: 2, features: 6, values: 4, output: Some(3) };
    let alone = Sizes { tokens: 1, values: sizes.model, output: None, ..sizes };
    let unfit = |why: Text| {
        ComputeError::Unfit(Text::owned(
            format!("自检拼不起来：{}", why.zh),
            format!("the self-test does not fit together: {}", why.en),
        ))
    };
    [self_attention(&sizes), dot_product(&alone)]
        .into_iter()
        .map(|program| {
            let program = program.map_err(|why| unfit(why.words()))?;
            let inputs = numbers(&program).map_err(|why| unfit(why.words()))?;
            Ok(Probe { program, inputs })
        })
        .collect()
}

/// Numbers without a pattern; in the dot product also without mercy: every query stands almost at a right angle to
/// every key, so that scores near 0 are the sum of terms near 10⁵, which no plain f32 sum survives.
fn numbers(program: &Program) -> Result<Inputs, InputError> {
    let shape = |symbol| program.find_symbol(symbol).map(|slot| program.shape(slot));
    let number = |i: usize, j: usize| 0.7 + ((i * 3 + j * 5) % 7) as f32 / 9.0; // no short binary fraction
    let sign = |i: usize, j: usize| if (i * j + i + j).is_multiple_of(3) { -1.0 } else { 1.0 };
    let query = |j| 100.0 * number(0, j);
    Inputs::new(program, |symbol| {
        Some(Tensor::from_fn(shape(symbol)?, |cell| {
            let (i, j) = (cell.row, cell.col);
            match (program.kind(), symbol.name) {
                (_, Name::Mask) => f32::from(u8::from(j <= i || i == 0)),
                (Kind::DotProduct, Name::Query) => query(j),
                // (x, y, …) meets (k·y, −k·x, …) in each head.
                (Kind::DotProduct, _) => match j % 3 {
                    0 => query(j + 1) * (2 * i + 3) as f32,
                    1 => -query(j - 1) * (2 * i + 3) as f32,
                    _ => 0.01 * number(i, j),
                },
                _ => 0.5 * sign(i, j) * number(i, j), // scores small enough for soft weights
            }
        }))
    })
}

/// Passes a trace that is within tolerance everywhere.
pub(super) fn judge(adapter: &str, program: &Program, trace: &Trace) -> Result<(), ComputeError> {
    let ledger = Ledger::check(program, trace);
    match ledger.worst().filter(|worst| !worst.ok()) {
        None => Ok(()),
        Some(worst) => {
            let at: Address = worst.at;
            let (at, off) = (at.display(program), worst.worst);
            let why = Text::owned(format!("{at} 差了 {off:.1e}"), format!("{at} is off by {off:.1e}"));
            Err(ComputeError::SelfTest { adapter: adapter.to_owned(), why })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::compute::{Compute, Cpu};
    use crate::math::ops::{Activation, SHADERS};
    use crate::program::attention::attention;
    use crate::program::bert::bert;
    use crate::program::blocks::{ModelSizes, Predicts};
    use crate::program::llama::llama;
    use crate::program::{MISTAKES, Stage, Wiring};

    #[test]
    fn the_probes_touch_every_shader_but_those_of_mistakes_models_and_learning() {
        let probes = probes().unwrap();
        let touched: BTreeSet<_> = probes.iter().flat_map(|p| p.program.stages()).map(|s| s.op.name()).collect();
        let sizes =
            Sizes { batch: None, tokens: 3, memory: 3, model: 6, heads: 2, features: 6, values: 6, output: Some(3) };
        let wrong = MISTAKES.iter().flat_map(|mistake| {
            let wiring = Wiring { mistake: Some(mistake), ..Wiring::default() };
            attention(Kind::SelfAttention, &sizes, &wiring).unwrap().stages().to_vec()
        });
        let forward: BTreeSet<_> =
            wrong.chain(models()).map(|stage| stage.op.name()).chain(touched.iter().copied()).collect();
        let learns = |name: &str| name.ends_with("_adjoint") || LEARNING.contains(&name);
        let all: BTreeSet<_> = SHADERS.iter().map(|s| s.name).filter(|name| !learns(name)).collect();
        assert_eq!(forward, all);
        assert_eq!(touched.len(), 8, "a right program is no mistake's");
    }

    /// What only the way back, losses and optimizers use, beside the adjoints.
    const LEARNING: &[&str] = &[
        "adam",
        "adam_first",
        "adam_second",
        "cross_entropy",
        "put_row",
        "sgd",
        "sum_groups",
        "sum_rows",
        "sum_shared",
        "target_loss",
        "transposed_matmul",
    ];

    /// The stages of whole models: all of their parts, and every activation.
    fn models() -> Vec<Stage> {
        let activations = [Activation::Gelu, Activation::GeluTanh, Activation::Silu, Activation::Relu];
        let of = |activation| {
            let n = ModelSizes {
                tokens: 2,
                layers: 1,
                model: 4,
                heads: 2,
                kv_heads: 2,
                head_dim: 2,
                inner: 4,
                activation,
                epsilon: 1e-5,
                segments: true,
                qkv_biased: true,
                output_biased: true,
                inner_biased: true,
                vocabulary: 3,
                predicts: Predicts::Hidden,
                asked: 0,
            };
            let shared = ModelSizes { kv_heads: 1, ..n };
            let programs = [bert(&n, &Wiring::default()), llama(&shared, &Wiring::default())];
            programs.into_iter().flat_map(|program| program.unwrap().stages().to_vec()).collect::<Vec<_>>()
        };
        activations.into_iter().flat_map(of).collect()
    }

    #[test]
    fn a_plain_f32_sum_would_not_pass() {
        let probes = probes().unwrap();
        let Probe { program, inputs } = probes.iter().find(|p| p.program.kind() == Kind::DotProduct).unwrap();
        let trace = Cpu::default().run(program, inputs).unwrap();
        judge("the reference", program, &trace).unwrap();

        let tensor = |name| trace.find(program, None, name).unwrap();
        let (q, k, scores) = (tensor(Name::Q), tensor(Name::K), tensor(Name::Scores));
        let off = scores.shape().cells().map(|c| {
            let product = |m| q.get(c.moved(c.row, m)) * k.get(c.moved(c.col, m));
            let plain: f32 = (0..q.shape().cols.len).map(product).sum();
            f64::from((plain - scores.get(c)).abs() / scores.get(c).abs().max(1.0))
        });
        let worst = off.fold(0.0, f64::max);
        assert!(worst > 10.0 * crate::program::TOLERANCE, "{worst:e}");
    }
}
