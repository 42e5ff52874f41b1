//! What if: the sample changed by hand.

use std::sync::Arc;

use super::update::{recompute, warn};
use super::{Effect, Model};
use crate::lang::Text;
use crate::program::{Address, Symbol};
use crate::sample::{MaskChoice, Sample};
use crate::tensor::Tensor;

/// Changes one given number, to be undone.
pub(super) fn put(model: &mut Model, address: Address, value: f32) -> Result<Vec<Effect>, Text> {
    let sample = model.sample.with_number(address, value).map_err(|error| error.0)?;
    model.remember();
    (model.sample, model.edits) = (Arc::new(sample), model.edits + 1);
    Ok(recompute(model))
}

/// The next mask that differs from this one.
pub(super) fn next_mask(model: &mut Model) -> Vec<Effect> {
    let others = [model.mask.next(), model.mask.next().next()];
    let differs =
        |choice: &MaskChoice| model.original.with_mask(*choice).is_some_and(|s| mask_of(&s) != mask_of(&model.sample));
    let Some(choice) = others.into_iter().find(differs) else {
        warn(model, Text::new("这个样例没有别的遮挡方式", "there is no other mask for this sample"));
        return Vec::new();
    };
    model.remember();
    model.mask = choice;
    model.rebuild();
    recompute(model)
}

fn mask_of(sample: &Sample) -> Option<&Tensor<f32>> {
    sample.program.find(Symbol::MASK).and_then(|slot| sample.inputs.get(slot))
}

/// Changes the number under the cursor, if it is one that is given.
pub(super) fn edit(model: &mut Model, change: impl Fn(f32) -> f32) -> Vec<Effect> {
    let address = model.address();
    let now = model.sample.inputs.get(address.slot).map_or(0.0, |tensor| tensor.get(address.cell));
    put(model, address, change(now)).unwrap_or_else(|error| {
        warn(model, error);
        Vec::new()
    })
}

/// How far one press of `+` moves: whole steps among whole numbers, tenths elsewhere.
pub(super) fn nudge(model: &Model) -> f32 {
    let whole = model.formats.get(model.slot().0).is_some_and(|f| f.decimals == 0);
    if whole { 1.0 } else { 0.1 }
}

/// Tenths that add up without dust: 0.1 + 0.2 is 0.3.
pub(super) fn tidy(x: f32) -> f32 {
    (x * 1000.0).round() / 1000.0
}
