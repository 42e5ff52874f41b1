//! Whether a device can hold a plan and launch it, known before anything is allocated.

use super::storage::F32;
use crate::ground::lang::Text;
use crate::kernels::{Plan, Storage};
use crate::program::{Program, Slot};
use crate::session::{Amount, ComputeError, Limits};

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

/// Refuses a program one of whose tensors, each by itself, is more than a shader can bind, or without numbers. Only some of the
/// results are to be looked at where only some have to lie on the device.
///
/// # Errors
/// [`ComputeError::TooLarge`] names the tensor; [`ComputeError::Unfit`] for one without any numbers.
pub(super) fn tensors(program: &Program, wanted: Option<&[Slot]>, limits: &Limits) -> Result<(), ComputeError> {
    for slot in program.slots() {
        let shape = program.shape(slot);
        let bytes = shape.lens().iter().fold(F32, |bytes, &len| bytes.saturating_mul(len as u64));
        let named = || format!("{} ({shape})", program.symbol(slot));
        if bytes == 0 {
            let words = Text::owned(format!("{} 里没有数", named()), format!("{} holds no numbers", named()));
            return Err(ComputeError::Unfit(words));
        }
        let held = program.made_by(slot).is_none() || wanted.is_none_or(|wanted| wanted.contains(&slot));
        let limit = if held { limits.tensor } else { u64::MAX / 64 };
        within(|| Text::same(named()), bytes, limit, Amount::Bytes)?;
    }
    Ok(())
}

/// Refuses a plan that the device cannot hold or launch; `named` says what a storage is called.
///
/// # Errors
/// [`ComputeError::TooLarge`] names the storage.
pub(super) fn plan(plan: &Plan, limits: &Limits, named: impl Fn(&Storage) -> Text) -> Result<(), ComputeError> {
    for storage in &plan.storages {
        let name = || named(storage);
        match storage.texels {
            None => within(name, F32.saturating_mul(storage.numbers as u64), limits.tensor, Amount::Bytes)?,
            Some(texels) => {
                within(name, texels.max(storage.height()) as u64, limits.texels.into(), Amount::Texels)?;
            }
        }
    }
    for step in &plan.steps {
        let name = || named(&step.launch.buffers[step.launch.result]);
        launchable(name, step.launch.workgroups, limits)?;
    }
    Ok(())
}

/// A storage by its symbol and its shape.
pub(super) fn with_shape(program: &Program, storage: &Storage) -> Text {
    let shape = storage.holds.first().map(|part| format!(" ({})", program.shape(part.slot)));
    Text::same(format!("{}{}", storage.symbol, shape.unwrap_or_default()))
}

/// A storage by its name alone: for work whose sizes everybody knows.
pub(super) fn plainly(storage: &Storage) -> Text {
    match storage.symbol {
        "scores" => Text::new("分数", "scores"),
        "QKV" => Text::new("Q、K、V", "Q, K and V"),
        "W" => Text::new("W_q、W_k、W_v", "W_q, W_k and W_v"),
        "context" => Text::new("上下文", "the context"),
        "mask" => Text::new("掩码", "the mask"),
        "output" => Text::new("结果", "the result"),
        symbol => Text::same(symbol),
    }
}

/// Whether a launch has no more workgroups than the device allows.
fn launchable(what: impl Fn() -> Text, workgroups: [u32; 3], limits: &Limits) -> Result<(), ComputeError> {
    let what = || {
        let what = what();
        Text::owned(format!("{} 的启动", what.zh), format!("a launch for {}", what.en))
    };
    workgroups.iter().try_for_each(|&groups| within(what, groups.into(), limits.workgroups.into(), Amount::Workgroups))
}

/// Refuses what is more than the limit.
fn within(what: impl Fn() -> Text, needed: u64, limit: u64, of: fn(u64) -> Amount) -> Result<(), ComputeError> {
    if needed <= limit {
        return Ok(());
    }
    Err(ComputeError::TooLarge { what: what(), needed: of(needed), limit: of(limit) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Order;
    use crate::program::attention::{Sizes, self_attention};

    fn program(batch: usize, tokens: usize) -> Program {
        let sizes =
            Sizes { batch: Some(batch), tokens, memory: 0, model: 1, heads: 1, features: 1, values: 1, output: None };
        self_attention(&sizes).unwrap()
    }

    fn check(program: &Program, limits: &Limits) -> Result<(), ComputeError> {
        tensors(program, None, limits)?;
        let made = Plan::new(program, &Order::taught(program));
        plan(&made, limits, |storage| with_shape(program, storage))
    }

    fn refusal(program: &Program, limits: Limits) -> String {
        check(program, &limits).unwrap_err().to_string()
    }

    /// What WebGPU promises everywhere.
    const PROMISED: Limits =
        Limits { tensor: 128 << 20, buffer: 256 << 20, workgroups: 65_535, invocations: 256, texels: 8192 };

    #[test]
    fn what_fits_is_taken() {
        let program = program(2, 4);
        check(&program, &PROMISED).unwrap();
        let plan = Plan::new(&program, &Order::taught(&program));
        assert_eq!(plan.steps.len(), 8);
        let made = plan.storages.iter().zip(&plan.given).filter(|(_, given)| !**given);
        assert_eq!(made.map(|(storage, _)| storage.numbers).sum::<usize>(), 4 * 8 + 4 * 32);
    }

    #[test]
    fn too_large_is_refused_with_the_tensor_named() {
        let words = refusal(&program(512, 512), PROMISED);
        assert!(words.starts_with("scores (Batch 512 × Head 1 × Token 512 × Token 512): 512 MiB needed"), "{words}");
        // Results are read back in pieces: all of them together may be more than the largest buffer.
        check(&program(128, 512), &Limits { tensor: u64::MAX, ..PROMISED }).unwrap();
        let words = refusal(&program(65_536, 1), PROMISED);
        assert!(
            words.starts_with("a launch for Q (Batch 65536") && words.ends_with("allows 65535 workgroups"),
            "{words}"
        );
        let words = refusal(&program(1 << 40, 1 << 40), PROMISED); // more than a u64 counts
        assert!(words.contains(": 17592186044416 MiB needed"), "{words}");
    }

    #[test]
    fn a_tensor_without_numbers_is_refused() {
        assert!(refusal(&program(2, 0), PROMISED).contains("holds no numbers"));
    }
}
