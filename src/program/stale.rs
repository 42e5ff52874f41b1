//! What of a run still holds when some of the numbers that it was given are others: an edit in a layer leaves the layers below it
//! as they are.

use std::sync::Arc;

use super::{Inputs, Name, Program, Slot, Stage, Trace};

impl Program {
    /// Which stages have to be made anew where the last run left this trace: those that read another tensor than it did, or in
    /// which other numbers are overridden by hand, and all that follow from them. Tensors are compared by identity.
    pub fn stale(&self, last: &Trace, inputs: &Inputs) -> Vec<bool> {
        let mut stale: Vec<bool> = Vec::with_capacity(self.slots().count());
        for slot in self.slots() {
            let changed = match self.made_by(slot) {
                None => inputs.shared(slot).is_none_or(|given| !Arc::ptr_eq(given, last.shared(slot))),
                Some(stage) => {
                    let reads = |&Slot(operand): &Slot| stale.get(operand) != Some(&false);
                    let of = |slot| last.overrides().iter().filter(move |o| o.address.slot == slot);
                    stage.operands.iter().any(reads) || !inputs.overrides_of(slot).eq(of(slot))
                }
            };
            stale.push(changed);
        }
        self.stages().iter().map(|stage| stale[stage.output.0]).collect()
    }

    /// Whether it has more than one layer, so that an edit may leave most of it as it is.
    pub fn is_deep(&self) -> bool {
        let layer = |stage: &Stage| stage.symbol.layer.map_or(0, |layer| layer.0);
        self.stages().iter().any(|stage| layer(stage) > 0)
    }

    /// The first so many stages and what they are given, in the same slots.
    #[must_use]
    pub fn beginning(&self, stages: usize) -> Self {
        let last = stages.checked_sub(1).and_then(|last| self.stages.get(last)).map_or(0, |stage| stage.output.0 + 1);
        let mut short = self.clone();
        short.tensors.truncate(last);
        short.stages.truncate(stages);
        short.inputs.retain(|input| input.slot.0 < last);
        short
    }

    /// The first stage of those at the end that turn one word into all that the model knows; where there are none, how many
    /// stages there are. What they read is as large as a table of all words.
    pub fn words_begin(&self) -> usize {
        let reads = |stage: &Stage| stage.operands.iter().any(|&slot| self.symbol(slot).name == Name::WU);
        self.stages().iter().position(reads).unwrap_or(self.stages().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::ops::Activation;
    use crate::math::tensor::{Cell, Tensor};
    use crate::program::blocks::{ModelSizes, Predicts};
    use crate::program::gpt2::gpt2;
    use crate::program::{Address, Backend, Layer, Override, Wiring};

    fn program() -> Program {
        let sizes = ModelSizes {
            tokens: 3,
            layers: 3,
            model: 4,
            heads: 2,
            kv_heads: 2,
            head_dim: 2,
            inner: 5,
            activation: Activation::GeluTanh,
            epsilon: 1e-5,
            segments: false,
            qkv_biased: true,
            output_biased: true,
            inner_biased: true,
            vocabulary: 7,
            predicts: Predicts::Next,
            asked: 2,
        };
        gpt2(&sizes, &Wiring::default()).unwrap()
    }

    fn inputs(program: &Program) -> Inputs {
        let number = |c: Cell| ((c.row * 5 + c.col * 3) % 7) as f32 / 4.0 + 0.25;
        Inputs::new(program, |symbol| Some(Tensor::from_fn(program.shape(program.find_symbol(symbol)?), number)))
            .unwrap()
    }

    /// The symbols of stale stages after a change of a given tensor.
    fn after(program: &Program, name: Name, layer: Option<usize>) -> (usize, Option<usize>) {
        let given = inputs(program);
        let last = Trace::by_reference(program, &given, Backend::cpu());
        let slot = program.find(layer.map(Layer), name).unwrap();
        let changed = given.with_tensors(program, [(slot, given.get(slot).unwrap().clone())]).unwrap();
        let stale = program.stale(&last, &changed);
        assert_eq!(stale.len(), program.stages().len());
        (stale.iter().filter(|&&stale| stale).count(), stale.iter().position(|&stale| stale))
    }

    #[test]
    fn an_edit_in_a_layer_leaves_those_below_it() {
        let program = program();
        let all = program.stages().len();
        let at = |name, layer: Option<usize>| program.stage_of(program.find(layer.map(Layer), name).unwrap());
        assert_eq!(after(&program, Name::E, None), (all, Some(0)));
        // All but the norm, Q, V and the scores of K's own layer: K is the first that follows from W_k.
        let (count, first) = after(&program, Name::WK, Some(2));
        assert_eq!(first, at(Name::K, Some(2)));
        assert_eq!(count, all - first.unwrap() - 1, "V does not follow from it");
        let (count, first) = after(&program, Name::W2, Some(2));
        assert_eq!((count, first), (all - first.unwrap(), at(Name::Mlp, Some(2))));
        let (count, _) = after(&program, Name::WU, None);
        assert_eq!(count, 2, "logits and their softmax");
        assert!(program.is_deep());
    }

    #[test]
    fn what_was_set_by_hand_counts_and_what_did_not_change_does_not() {
        let program = program();
        let given = inputs(&program);
        let last = Trace::by_reference(&program, &given, Backend::cpu());
        assert!(program.stale(&last, &given).iter().all(|stale| !stale));
        let slot = program.find(Some(Layer(1)), Name::Weights).unwrap();
        let by_hand = Override { address: Address { slot, cell: Cell::default() }, value: 0.5 };
        let changed = given.clone().with_overrides(&program, vec![by_hand]);
        let stale = program.stale(&last, &changed);
        assert_eq!(stale.iter().position(|&stale| stale), program.stage_of(slot));
        // Taking it back makes the same stages anew.
        let last = Trace::by_reference(&program, &changed, Backend::cpu());
        assert_eq!(program.stale(&last, &given), stale);
        assert!(program.stale(&last, &changed).iter().all(|stale| !stale));
    }

    #[test]
    fn what_still_holds_is_kept_and_the_rest_made_anew_bit_for_bit() {
        let program = program();
        let given = inputs(&program);
        let last = Trace::by_reference(&program, &given, Backend::cpu());
        let slot = program.find(Some(Layer(1)), Name::WV).unwrap();
        let moved = Tensor::from_fn(program.shape(slot), |c| (c.row + c.col) as f32 / 3.0);
        let changed = given.with_tensors(&program, [(slot, moved)]).unwrap();
        let stale = program.stale(&last, &changed);
        let kept = Trace::by_reference_since(&program, &changed, &last, &stale, Backend::cpu());
        let whole = Trace::by_reference(&program, &changed, Backend::cpu());
        for (n, stage) in program.stages().iter().enumerate() {
            assert_eq!(kept.tensor(stage.output), whole.tensor(stage.output));
            assert_eq!(Arc::ptr_eq(kept.shared(stage.output), last.shared(stage.output)), !stale[n]);
        }
    }

    #[test]
    fn a_beginning_has_the_same_slots() {
        let program = program();
        let count = program.words_begin();
        assert_eq!(program.stages()[count].symbol.name, Name::Logits);
        let short = program.beginning(count);
        assert_eq!(short.stages().len(), count);
        for slot in short.slots() {
            assert_eq!((short.symbol(slot), short.shape(slot)), (program.symbol(slot), program.shape(slot)));
            assert_eq!(short.stage_of(slot), program.stage_of(slot));
        }
        assert_eq!(short.find(None, Name::WU), None);
        assert_eq!(program.beginning(0).slots().count(), 0);
    }
}
