//! A program as the device sees it: sizes and launches, nothing else.
//!
//! Two programs with the same recipe share their buffers. A recipe is made without a device, so what
//! is too large is known before anything is allocated.

use crate::ground::lang::Text;
use crate::math::ops::Kernel;
use crate::math::tensor::Shape;
use crate::program::{Program, Slot};
use crate::session::{Amount, ComputeError, Limits};

/// Bytes of one number.
pub(super) const F32: u64 = 4;

impl From<wgpu::Limits> for Limits {
    fn from(limits: wgpu::Limits) -> Self {
        Self {
            tensor: limits.max_storage_buffer_binding_size.min(limits.max_buffer_size),
            buffer: limits.max_buffer_size,
            workgroups: limits.max_compute_workgroups_per_dimension,
            invocations: limits.max_compute_invocations_per_workgroup,
            texels: limits.max_texture_dimension_2d,
        }
    }
}

/// Sizes and launches.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Recipe {
    /// Bytes of every tensor, by slot.
    pub(super) bytes: Vec<u64>,
    /// The shape of every tensor, by slot; none of a launch by itself.
    pub(super) shapes: Vec<Shape>,
    /// Which of the tensors are given; the others are made, one a launch.
    pub(super) given: Vec<Slot>,
    /// The stages.
    pub(super) launches: Vec<Launch>,
}

/// One stage.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Launch {
    /// What it makes, or where it makes no tensor of a program, its shader.
    pub(super) name: String,
    pub(super) kernel: Kernel,
    pub(super) operands: Vec<Slot>,
    pub(super) output: Slot,
}

impl Recipe {
    /// The recipe of a program.
    ///
    /// # Errors
    /// [`ComputeError::TooLarge`] names the tensor; [`ComputeError::Unfit`] for one without any numbers.
    pub(super) fn new(program: &Program, limits: &Limits) -> Result<Self, ComputeError> {
        let bytes = program.slots().map(|slot| bytes(program, slot, limits)).collect::<Result<Vec<_>, _>>()?;
        let results = program.stages().iter().map(|stage| bytes[stage.output.0]).sum();
        let reading = || Text::new("读回所有结果", "reading all results back");
        within(reading, results, limits.buffer, Amount::Bytes)?;

        let mut launches = Vec::with_capacity(program.stages().len());
        for (i, stage) in program.stages().iter().enumerate() {
            let kernel = stage.op.kernel(&program.operand_shapes(stage), stage.shape);
            launchable(|| Text::same(format!("{} ({})", stage.symbol, stage.shape)), kernel.workgroups, limits)?;
            let (operands, output) = (stage.operands.clone(), program.output_of(i));
            launches.push(Launch { name: stage.symbol.to_string(), kernel, operands, output });
        }
        let shapes = program.slots().map(|slot| program.shape(slot)).collect();
        let given = program.inputs().iter().map(|input| input.slot).collect();
        Ok(Self { bytes, shapes, given, launches })
    }

    /// One launch by itself, which reads nothing and writes `numbers` numbers.
    ///
    /// # Errors
    /// As [`Recipe::new`].
    pub(super) fn alone(kernel: Kernel, numbers: usize, limits: &Limits) -> Result<Self, ComputeError> {
        let name = kernel.shader.name;
        let bytes = F32 * numbers as u64;
        within(|| Text::same(name), bytes, limits.tensor.min(limits.buffer), Amount::Bytes)?;
        launchable(|| Text::same(name), kernel.workgroups, limits)?;
        let launch = Launch { name: name.into(), kernel, operands: Vec::new(), output: Slot(0) };
        Ok(Self { bytes: vec![bytes], shapes: Vec::new(), given: Vec::new(), launches: vec![launch] })
    }

    /// Bytes of all results together.
    pub(super) fn results(&self) -> u64 {
        self.launches.iter().map(|launch| self.bytes[launch.output.0]).sum()
    }
}

/// The bytes of one tensor, if a shader can bind them.
fn bytes(program: &Program, slot: Slot, limits: &Limits) -> Result<u64, ComputeError> {
    let shape = program.shape(slot);
    let bytes = shape.lens().iter().fold(F32, |bytes, &len| bytes.saturating_mul(len as u64));
    if bytes == 0 {
        return Err(ComputeError::Unfit(Text::owned(
            format!("{} ({shape}) 里没有数", program.symbol(slot)),
            format!("{} ({shape}) holds no numbers", program.symbol(slot)),
        )));
    }
    within(|| Text::same(format!("{} ({shape})", program.symbol(slot))), bytes, limits.tensor, Amount::Bytes)?;
    Ok(bytes)
}

/// Whether a launch has no more workgroups than the device allows.
pub(super) fn launchable(what: impl Fn() -> Text, workgroups: [u32; 3], limits: &Limits) -> Result<(), ComputeError> {
    let launch = |of: Text| Text::owned(format!("为 {} 的一次发射", of.zh), format!("a launch for {}", of.en));
    let what = || launch(what());
    workgroups.iter().try_for_each(|&groups| within(what, groups.into(), limits.workgroups.into(), Amount::Workgroups))
}

/// Refuses what is more than the limit.
pub(super) fn within(
    what: impl Fn() -> Text,
    needed: u64,
    limit: u64,
    of: fn(u64) -> Amount,
) -> Result<(), ComputeError> {
    if needed <= limit {
        return Ok(());
    }
    Err(ComputeError::TooLarge { what: what(), needed: of(needed), limit: of(limit) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::attention::{Sizes, self_attention};

    fn program(batch: usize, tokens: usize) -> Program {
        let sizes =
            Sizes { batch: Some(batch), tokens, memory: 0, model: 1, heads: 1, features: 1, values: 1, output: None };
        self_attention(&sizes).unwrap()
    }

    fn refusal(program: &Program, limits: Limits) -> String {
        Recipe::new(program, &limits).unwrap_err().to_string()
    }

    /// What WebGPU promises everywhere.
    const PROMISED: Limits =
        Limits { tensor: 128 << 20, buffer: 256 << 20, workgroups: 65_535, invocations: 256, texels: 8192 };

    #[test]
    fn what_fits_is_taken() {
        let recipe = Recipe::new(&program(2, 4), &PROMISED).unwrap();
        assert_eq!(recipe.launches.len(), 8);
        assert_eq!(recipe.results(), 4 * (4 * 8 + 4 * 32));
    }

    #[test]
    fn too_large_is_refused_with_the_tensor_named() {
        let words = refusal(&program(512, 512), PROMISED);
        assert!(words.starts_with("scores (Batch 512 × Head 1 × Token 512 × Token 512): 512 MiB needed"), "{words}");
        let words = refusal(&program(128, 512), Limits { tensor: u64::MAX, ..PROMISED });
        assert!(words.starts_with("reading all results back: "), "{words}");
        let words = refusal(&program(65_536, 1), PROMISED);
        assert!(
            words.starts_with("a launch for Q (Batch 65536") && words.ends_with("allows 65535 workgroups"),
            "{words}"
        );
        let words = refusal(&program(1 << 40, 1 << 40), PROMISED); // more than a u64 counts
        assert!(words.contains(": 17592186044416 MiB needed"), "{words}");
    }

    #[test]
    fn a_launch_alone_keeps_within_the_limits_too() {
        let kernel = |pairs| crate::study::scaling::Experiment::new(8, 1000, 1).unwrap().kernel(0, pairs);
        let recipe = Recipe::alone(kernel(100), 100, &PROMISED).unwrap();
        assert_eq!((recipe.results(), recipe.given.len(), recipe.launches.len()), (400, 0, 1));
        let refusal = |pairs, limits| Recipe::alone(kernel(pairs), pairs, &limits).unwrap_err().to_string();
        assert_eq!(
            refusal(100, Limits { buffer: 399, ..PROMISED }),
            "scaling: 400 bytes needed, the device allows 399 bytes"
        );
        let words = refusal(129, Limits { workgroups: 2, ..PROMISED });
        assert_eq!(words, "a launch for scaling: 3 workgroups needed, the device allows 2 workgroups");
    }

    #[test]
    fn a_tensor_without_numbers_is_refused() {
        assert!(refusal(&program(2, 0), PROMISED).contains("holds no numbers"));
    }
}
