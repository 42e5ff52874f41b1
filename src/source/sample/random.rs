//! Numbers from a seed: random weights for any sample, and the article's batch of 64 sentences.
//!
//! `ChaCha` gives the same numbers from the same seed on every machine.

use std::sync::Arc;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::{HeadCard, Origin, Sample, Scenario, WordOrigin};
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::math::tensor::{Shape, Tensor};
use crate::program::attention::{Sizes, self_attention};
use crate::program::{Inputs, Name};
use crate::source::file::FileError;
use crate::source::file::error::Refusal;

/// The weights of a layer.
const WEIGHTS: [Name; 4] = [Name::WQ, Name::WK, Name::WV, Name::WO];

/// Normal numbers with the spread of Glorot and Bengio 2010, eq. 16: variance 2 / (rows + columns).
fn glorot(shape: Shape, numbers: &mut ChaCha8Rng) -> Tensor<f32> {
    let spread = (2.0 / (shape.rows.len + shape.cols.len) as f32).sqrt();
    normal(shape, spread, numbers)
}

/// Normal numbers around 0.
fn normal(shape: Shape, spread: f32, numbers: &mut ChaCha8Rng) -> Tensor<f32> {
    Tensor::from_fn(shape, |_| {
        let z: f32 = StandardNormal.sample(numbers);
        spread * z
    })
}

impl Sample {
    /// The name of [`Sample::batch`].
    pub const BATCH: &'static str = "batch64x8x256";

    /// The title of [`Sample::batch`], known without drawing its numbers.
    pub(super) const BATCH_TITLE: Text =
        Text::new("64 句并排：8 个头，隐藏维度 256", "64 sentences side by side: 8 heads, hidden size 256");

    /// The same words with every W drawn from a seed: what an untrained layer does. The heads lose their names,
    /// since random numbers were meant for nothing. A dot-product sample has no weights and stays as it is.
    #[must_use]
    pub fn with_random_weights(&self, seed: u64) -> Self {
        if !self.program.inputs().iter().any(|input| WEIGHTS.contains(&input.symbol.name)) {
            return self.clone();
        }
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // Drawn in the program's order: the order is part of what a seed means.
        let drawn: Vec<_> = self
            .program
            .inputs()
            .iter()
            .filter(|input| WEIGHTS.contains(&input.symbol.name))
            .map(|input| (input.slot, glorot(input.shape, &mut rng)))
            .collect();
        match self.inputs.with_tensors(&self.program, drawn) {
            Ok(inputs) => Self {
                origin: Origin::Random,
                training: None,
                heads: vec![HeadCard::default(); self.heads.len()],
                inputs: Arc::new(inputs),
                ..self.clone()
            },
            // Shapes are the program's own and a normal number is finite.
            Err(_) => self.clone(),
        }
    }

    /// The article's scale: 64 sentences of 16 words side by side, hidden size 256, 8 heads, all numbers from a seed.
    ///
    /// # Errors
    /// Never: the sizes fit.
    pub fn batch(seed: u64) -> Result<Self, FileError> {
        let sizes = Sizes {
            batch: Some(64),
            tokens: 16,
            memory: 16,
            model: 256,
            heads: 8,
            features: 256,
            values: 256,
            output: Some(256),
        };
        let drawn = Self::drawn(sizes, seed)?;
        Ok(Self { name: Self::BATCH.into(), title: Self::BATCH_TITLE, text: "64 x 16 words".into(), ..drawn })
    }

    /// Self-attention of any size, all numbers from a seed; the words are numbers too.
    ///
    /// # Errors
    /// Where the sizes do not fit together.
    pub fn drawn(sizes: Sizes, seed: u64) -> Result<Self, FileError> {
        let refuse = |why: Text| Refusal::new(0, why).locate("", "drawn");
        let program = self_attention(&sizes).map_err(|error| refuse(error.words()))?;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let tensors: Vec<_> = (program.inputs().iter())
            .map(|input| match input.symbol.name {
                Name::Mask => Arc::new(Tensor::from_fn(input.shape, |_| 1.0)),
                // Word vectors of variance 1, as they leave a layer norm.
                Name::H => Arc::new(normal(input.shape, 1.0, &mut rng)),
                _ => Arc::new(glorot(input.shape, &mut rng)),
            })
            .collect();
        let inputs =
            Inputs::new(&program, |symbol| program.find_symbol(symbol).map(|slot| Arc::clone(&tensors[slot.0])))
                .map_err(|error| refuse(error.words()))?;
        Ok(Self {
            model: None,
            name: "drawn".into(),
            title: Text::new("从种子抽出的数", "numbers from a seed"),
            origin: Origin::Random,
            given: Origin::Random,
            text: format!("1 … {}", sizes.tokens),
            tokens: (1..=sizes.tokens).map(|i| i.to_string()).collect(),
            memory_tokens: Vec::new(),
            gloss: Vec::new(),
            word_origins: vec![WordOrigin::Given(Origin::Random); sizes.tokens],
            coarser: Vec::new(),
            query_token: "q".into(),
            dimensions: Vec::new(),
            heads: vec![HeadCard::default(); sizes.heads],
            sizes,
            program: Arc::new(program),
            inputs: Arc::new(inputs),
            what_if: Scenario::default(),
            training: None,
            vocabulary: Arc::default(),
        })
    }
}
