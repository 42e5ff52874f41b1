//! Random programs: sizes, masks and magnitudes from proptest, numbers from a seed.

use proptest::prelude::*;
use qkv::compute::{Compute, Cpu};
use qkv::math::ops::Activation;
use qkv::math::tensor::{Cell, Tensor};
use qkv::program::attention::{Sizes, attention};
use qkv::program::bert::bert;
use qkv::program::blocks::{ModelSizes, Predicts};
use qkv::program::gpt2::gpt2;
use qkv::program::llama::llama;
use qkv::program::{Inputs, Kind, MISTAKES, Mistake, Name, Program, Wiring};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Who may look at whom.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Visible {
    All,
    Causal,
    Random,
}

/// Everything a random program is made from.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) kind: Kind,
    pub(crate) sizes: Sizes,
    pub(crate) visible: Visible,
    /// The largest score, in absolute value.
    pub(crate) scores: f64,
    pub(crate) seed: u64,
    /// What is wrong with the program.
    pub(crate) mistake: Option<&'static Mistake>,
}

/// Mostly short sentences, now and then up to 70 words: long ones cost the square.
fn words() -> impl Strategy<Value = usize> {
    prop_oneof![6 => 1..=12usize, 2 => 13..=30usize, 1 => 31..=70usize]
}

/// Any case within the promise: all kinds, 1–9 heads, 1–70 tokens, `d_k` ≠ `d_v`, all masks, scores up to ±10⁴.
pub(crate) fn case() -> impl Strategy<Value = Case> {
    let kind = prop_oneof![Just(Kind::SelfAttention), Just(Kind::CrossAttention), Just(Kind::DotProduct)];
    let visible = prop_oneof![Just(Visible::All), Just(Visible::Causal), Just(Visible::Random)];
    let lengths = (words(), words(), 1..=9usize, 1..=23usize, 1..=9usize, 1..=9usize);
    let rest = (prop::option::of(1..=3usize), prop::option::of(1..=19usize), visible, -1.0..=4.0f64, any::<u64>());
    (kind, lengths, rest).prop_map(|(kind, (tokens, memory, heads, model, d_k, d_v), rest)| {
        let (batch, output, visible, exponent, seed) = rest;
        let sizes = Sizes { batch, tokens, memory, model, heads, features: heads * d_k, values: heads * d_v, output };
        // Without weights the heads share the words' own dimensions, and the values are as many.
        let shared = Sizes { tokens: 1, model: heads * d_k, values: heads * d_k, ..sizes };
        let sizes = if kind == Kind::DotProduct { shared } else { sizes };
        let case = Case { kind, sizes, visible, scores: 10f64.powf(exponent), seed, mistake: None };
        // Every other program has a mistake, where it has a place for it.
        let wiring = |mistake| Wiring { mistake: Some(mistake), ..Wiring::default() };
        let mistake = MISTAKES.get((seed % (2 * MISTAKES.len() as u64)) as usize);
        let mistake = mistake.filter(|mistake| attention(kind, &sizes, &wiring(mistake)).is_ok());
        Case { mistake, ..case }
    })
}

impl Case {
    pub(crate) fn program(&self) -> Program {
        attention(self.kind, &self.sizes, &Wiring { mistake: self.mistake, ..Wiring::default() }).unwrap()
    }

    /// Numbers in −1 … 1, but for what the queries are made from: that is scaled until the largest score is as asked.
    pub(crate) fn inputs(&self, program: &Program) -> Inputs {
        let inputs = self.scaled(program, 1.0);
        let trace = Cpu::default().run(program, &inputs).unwrap();
        let largest = trace.find(program, None, Name::Scores).unwrap().numbers().fold(0.0f32, |m, x| m.max(x.abs()));
        // A little below, since rounding may lift it. No score at all leaves nothing to scale.
        let scale = if largest > 0.0 { 0.999 * self.scores / f64::from(largest) } else { 1.0 };
        self.scaled(program, scale as f32)
    }

    fn scaled(&self, program: &Program, scale: f32) -> Inputs {
        let queries = if self.kind == Kind::DotProduct { Name::Query } else { Name::WQ };
        Inputs::new(program, |symbol| {
            let shape = program.shape(program.find_symbol(symbol)?);
            let factor = if symbol.name == queries { scale } else { 1.0 };
            let name =
                symbol.name.as_str().bytes().fold(self.seed, |seed, byte| seed.wrapping_mul(31) ^ u64::from(byte));
            let mut rng = ChaCha8Rng::seed_from_u64(name);
            Some(Tensor::from_fn(shape, |cell| match symbol.name {
                Name::Mask => f32::from(self.sees(cell, &mut rng)),
                _ => rng.random_range(-1.0..=1.0f32) * factor,
            }))
        })
        .unwrap()
    }

    /// Whether a query sees a key. Each sees at least one.
    fn sees(&self, Cell { row, col, .. }: Cell, rng: &mut ChaCha8Rng) -> bool {
        match self.visible {
            Visible::All => true,
            Visible::Causal => col <= row,
            Visible::Random => col == 0 || rng.random_bool(0.5),
        }
    }
}

/// The sizes of a small model, from a seed: every part of it somewhere.
fn model_sizes(rng: &mut ChaCha8Rng) -> ModelSizes {
    let kv_heads = rng.random_range(1..=2);
    let tokens = rng.random_range(2..=6);
    ModelSizes {
        tokens,
        layers: rng.random_range(1..=2),
        model: rng.random_range(3..=7), // two numbers are normalised to 1 and −1, whatever they are
        heads: kv_heads * rng.random_range(1..=2),
        kv_heads,
        head_dim: 2 * rng.random_range(1..=2),
        inner: rng.random_range(1..=9),
        activation: Activation::Gelu,
        epsilon: 1e-5,
        segments: rng.random_bool(0.5),
        qkv_biased: rng.random_bool(0.5),
        output_biased: rng.random_bool(0.5),
        inner_biased: rng.random_bool(0.5),
        vocabulary: rng.random_range(2..=11),
        predicts: Predicts::Next,
        asked: rng.random_range(0..tokens),
    }
}

/// Small whole models of every kind, with every activation and prediction, from a seed. Their masks are causal, or hide nothing.
pub(crate) fn models(seed: u64, causal: bool) -> Vec<(Program, Inputs)> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let wiring = Wiring::default();
    let mut sizes = || model_sizes(&mut rng);
    let all_heads = |n: ModelSizes| ModelSizes { kv_heads: n.heads, ..n };
    let programs = [
        bert(&ModelSizes { predicts: Predicts::Hidden, ..all_heads(sizes()) }, &wiring),
        bert(&ModelSizes { predicts: Predicts::Nothing, activation: Activation::Relu, ..all_heads(sizes()) }, &wiring),
        gpt2(&ModelSizes { activation: Activation::GeluTanh, ..all_heads(sizes()) }, &wiring),
        llama(&ModelSizes { activation: Activation::Silu, ..sizes() }, &wiring),
    ];
    programs.map(|program| program.unwrap()).map(|p| (p.clone(), model_inputs(&p, seed, causal))).into()
}

/// Numbers in −1 … 1, gains near 1.
fn model_inputs(program: &Program, seed: u64, causal: bool) -> Inputs {
    Inputs::new(program, |symbol| {
        let shape = program.shape(program.find_symbol(symbol)?);
        let name = symbol.to_string().bytes().fold(seed, |seed, byte| seed.wrapping_mul(31) ^ u64::from(byte));
        let mut rng = ChaCha8Rng::seed_from_u64(name);
        Some(Tensor::from_fn(shape, |cell| match symbol.name {
            Name::Mask => f32::from(!causal || cell.col <= cell.row),
            Name::GainE | Name::Gain1 | Name::Gain2 | Name::GainF | Name::GainH => rng.random_range(0.5..=1.5f32),
            _ => rng.random_range(-1.0..=1.0f32),
        }))
    })
    .unwrap()
}
