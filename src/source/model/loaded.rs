//! A model in memory: its weights as a program takes them, and any text as a sample of it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::{Activation, Checkpoint, Config, Family, Folder, LayerWeight, Piece, Weight};
use crate::ground::fault::Fault;
use crate::ground::lang::Text;
use crate::ground::text::Lens;
use crate::math::ops;
use crate::math::tensor::{Cell, Shape, Tensor};
use crate::program::attention::Sizes;
use crate::program::bert::bert;
use crate::program::blocks::{ModelSizes, Predicts};
use crate::program::gpt2::gpt2;
use crate::program::llama::llama;
use crate::program::{InputError, Inputs, Layer, Name, Program, Symbol, Wiring};
use crate::source::sample::{HeadCard, Origin, Pieces, Sample, Scenario, WordOrigin};

/// What a Chinese reader is shown first, where the model knows the words.
const CHINESE: &str = "我爱北京天安门";

/// What is shown first else: what `it` means is a thing that heads find out.
const ENGLISH: &str = "The animal didn't cross the street because it was too tired.";

/// What is shown where the model takes no text so long.
const SHORTER: [&str; 3] = ["The cat sat.", "cat", "a"];

/// A model whose weights are in memory. What depends on a text (the rows of words and positions) is read when one is given.
pub struct Model {
    /// What it is called: as its folder.
    pub name: String,
    /// Where its folder stands; none of one that is held in memory.
    pub place: Option<String>,
    /// What it is, where its numbers stand, how it cuts texts.
    pub checkpoint: Checkpoint,
    /// Everything that is the same for every text, by the symbol that the program gives it.
    weights: BTreeMap<Symbol, Arc<Tensor<f32>>>,
}

impl fmt::Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Model")
            .field("name", &self.name)
            .field("config", &self.checkpoint.config)
            .finish_non_exhaustive()
    }
}

/// A model, and the sizes of the program that it runs one text with.
#[derive(Debug, Clone)]
pub struct InModel {
    /// The model.
    pub model: Arc<Model>,
    /// The sizes.
    pub sizes: ModelSizes,
    /// The pieces of the text.
    pub pieces: Arc<[Piece]>,
}

impl InModel {
    /// The program of this text.
    ///
    /// # Errors
    /// Never for a checkpoint that was opened.
    pub(crate) fn program(&self, wiring: &Wiring) -> Result<Program, Fault> {
        program(&self.model.checkpoint.config, &self.sizes, wiring)
    }
}

/// The program of a model's family.
fn program(config: &Config, sizes: &ModelSizes, wiring: &Wiring) -> Result<Program, Fault> {
    Ok(match config.family {
        Family::Bert => bert(sizes, wiring)?,
        Family::Gpt2 => gpt2(sizes, wiring)?,
        Family::Llama => llama(sizes, wiring)?,
    })
}

impl Model {
    /// Reads a model: configuration, tokenizer, and every weight that is the same for all texts.
    ///
    /// # Errors
    /// [`super::ModelError`] in words: which file, where in it, what was found and what was expected.
    pub fn open(folder: &Arc<dyn Folder>, name: &str) -> Result<Self, Fault> {
        let checkpoint = Checkpoint::open(folder)?;
        let mut model = Self { name: name.to_owned(), place: folder.place(), checkpoint, weights: BTreeMap::new() };
        let sizes = model.sizes(1, 0);
        let program = program(&model.checkpoint.config, &sizes, &Wiring::default())?;
        for input in program.inputs() {
            if let Some(weight) = weight_of(input.symbol) {
                let tensor = model.read(weight, input.symbol, input.shape)?;
                model.weights.insert(input.symbol, Arc::new(tensor));
            }
        }
        Ok(model)
    }

    /// One weight of that shape.
    fn read(&self, weight: Weight, symbol: Symbol, shape: Shape) -> Result<Tensor<f32>, Fault> {
        let found = match self.checkpoint.weight(weight)? {
            None if weight == Weight::Head => self.checkpoint.weight(Weight::Words)?,
            found => found,
        };
        let tensor = found.and_then(|matrix| Tensor::from_vec(shape, matrix.numbers));
        tensor.ok_or_else(|| InputError::Missing { symbol, shape }.into())
    }

    /// The sizes of the program for so many pieces, of which one is asked for a prediction.
    fn sizes(&self, tokens: usize, asked: usize) -> ModelSizes {
        let config = &self.checkpoint.config;
        let has = |weight| self.checkpoint.layout.get(weight).is_some();
        let predicts = match config.family {
            Family::Bert if has(Weight::HeadDense) => Predicts::Hidden,
            Family::Gpt2 | Family::Llama if config.tied || has(Weight::Head) => Predicts::Next,
            Family::Bert | Family::Gpt2 | Family::Llama => Predicts::Nothing,
        };
        ModelSizes {
            tokens,
            layers: config.layers,
            model: config.model,
            heads: config.heads,
            kv_heads: config.kv_heads,
            head_dim: config.head_dim,
            inner: config.inner,
            activation: match config.activation {
                Activation::GeluErf => ops::Activation::Gelu,
                Activation::GeluTanh => ops::Activation::GeluTanh,
                Activation::Relu => ops::Activation::Relu,
                Activation::Silu => ops::Activation::Silu,
            },
            epsilon: config.epsilon,
            segments: config.segments > 0,
            qkv_biased: config.biases.projections,
            output_biased: config.biases.output,
            inner_biased: config.biases.inner,
            vocabulary: config.vocabulary,
            predicts,
            asked,
        }
    }

    /// What is shown first: the Chinese sentence where the model knows its words.
    pub fn first_text(&self) -> &'static str {
        let unknown = |piece: &Piece| piece.text == "[UNK]" || piece.text == "<unk>" || piece.text.starts_with("<0x");
        let readable = |text: &str| {
            self.checkpoint.pieces(text).is_ok_and(|pieces| {
                let most = 2 * text.chars().count();
                pieces.len() <= most && !pieces.iter().any(unknown)
            })
        };
        let chinese = readable(CHINESE) && self.checkpoint.config.family == Family::Bert;
        let fits = |text: &&str| self.checkpoint.pieces(text).is_ok();
        let first = if chinese { CHINESE } else { ENGLISH };
        [first].into_iter().chain(SHORTER).find(fits).unwrap_or(first)
    }

    /// A text as a sample of this model.
    ///
    /// # Errors
    /// [`super::ModelError`] in words where the text cannot be cut or has more pieces than the model takes.
    pub fn sample(self: &Arc<Self>, text: &str) -> Result<Sample, Fault> {
        self.sample_of(text, self.checkpoint.pieces(text)?)
    }

    /// The same of a text that was cut elsewhere.
    ///
    /// # Errors
    /// As [`Model::sample`].
    pub fn sample_of(self: &Arc<Self>, text: &str, pieces: Vec<Piece>) -> Result<Sample, Fault> {
        let pieces: Arc<[Piece]> = pieces.into();
        let asked = asked(&self.checkpoint, &pieces);
        let sizes = self.sizes(pieces.len(), asked);
        let program = program(&self.checkpoint.config, &sizes, &Wiring::default())?;
        let of_text = self.of_text(&program, &pieces)?;
        let find = |symbol: Symbol| of_text.get(&symbol).or_else(|| self.weights.get(&symbol)).map(Arc::clone);
        let inputs = Inputs::new(&program, find)?;
        let tokens: Vec<String> = pieces.iter().map(|piece| piece.text.clone()).collect();
        let features = sizes.heads * sizes.head_dim;
        Ok(Sample {
            name: self.name.clone(),
            title: Text::same(self.name.clone()),
            origin: Origin::Trained,
            given: Origin::Trained,
            text: text.to_owned(),
            memory_tokens: Vec::new(),
            gloss: Vec::new(),
            word_origins: vec![WordOrigin::Given(Origin::Trained); tokens.len()],
            coarser: words_of(&pieces).into_iter().collect(),
            query_token: String::new(),
            dimensions: Vec::new(),
            heads: vec![HeadCard::default(); sizes.heads],
            sizes: Sizes {
                batch: None,
                tokens: tokens.len(),
                memory: tokens.len(),
                model: sizes.model,
                heads: sizes.heads,
                features,
                values: features,
                output: Some(sizes.model),
            },
            tokens,
            program: Arc::new(program),
            inputs: Arc::new(inputs),
            what_if: Scenario::default(),
            training: None,
            vocabulary: Arc::default(),
            model: Some(InModel { model: Arc::clone(self), sizes, pieces }),
        })
    }

    /// What a program is given of a text: rows of words, positions and segments, angles, masks.
    fn of_text(&self, program: &Program, pieces: &[Piece]) -> Result<BTreeMap<Symbol, Arc<Tensor<f32>>>, Fault> {
        let config = &self.checkpoint.config;
        let words: Vec<usize> = pieces.iter().map(|piece| piece.id as usize).collect();
        let positions: Vec<usize> = (config.position_offset..).take(pieces.len()).collect();
        let rows = |table: Weight, wanted: &[usize]| -> Result<Vec<f32>, Fault> {
            Ok(self.checkpoint.rows(table, wanted)?.map_or_else(Vec::new, |matrix| matrix.numbers))
        };
        let mut found = BTreeMap::new();
        let mut mask: Option<Arc<Tensor<f32>>> = None;
        for input in program.inputs() {
            let (symbol, shape) = (input.symbol, input.shape);
            let numbers = match symbol.name {
                Name::E | Name::Hidden => rows(Weight::Words, &words)?,
                Name::P => rows(Weight::Positions, &positions)?,
                Name::S => rows(Weight::Segments, &vec![0; pieces.len()])?,
                Name::Rotation => rotation(shape, config.rope_theta.unwrap_or(1.0)),
                Name::Mask => {
                    let visible = |c: Cell| f32::from(u8::from(!config.causal() || c.col <= c.row));
                    let shared = mask.get_or_insert_with(|| Arc::new(Tensor::from_fn(shape, visible)));
                    found.insert(symbol, Arc::clone(shared));
                    continue;
                }
                _ => continue,
            };
            let tensor = Tensor::from_vec(shape, numbers);
            found.insert(symbol, Arc::new(tensor.ok_or(InputError::Missing { symbol, shape })?));
        }
        Ok(found)
    }
}

/// How the pieces make up words; none where every piece is one.
fn words_of(pieces: &[Piece]) -> Option<Pieces> {
    let mut words: Vec<String> = Vec::new();
    let mut of = Vec::with_capacity(pieces.len());
    for (n, piece) in pieces.iter().enumerate() {
        let continues = n > 0 && pieces[n - 1].word == piece.word;
        let text = piece.text.trim_start_matches("##").trim_start_matches(['␣', '▁']);
        match words.last_mut().filter(|_| continues) {
            Some(word) => word.push_str(text),
            None => words.push(text.to_owned()),
        }
        of.push(words.len() - 1);
    }
    (words.len() < pieces.len()).then_some(Pieces { lens: Lens::Words, words, of })
}

/// The piece that is asked for a prediction: the one that is masked, else the last one; of an encoder the last one that is a word.
fn asked(checkpoint: &Checkpoint, pieces: &[Piece]) -> usize {
    let mask = checkpoint.tokenizer.mask();
    let masked = pieces.iter().position(|piece| Some(piece.id) == mask);
    let word = || pieces.iter().rposition(|piece| !piece.special);
    let last = pieces.len().saturating_sub(1);
    let encoder = checkpoint.config.family == Family::Bert;
    masked.or_else(|| word().filter(|_| encoder)).unwrap_or(last)
}

/// Cosines, then sines with their signs, of every position and feature: see [`crate::math::ops::Rotate`].
fn rotation(shape: Shape, base: f64) -> Vec<f32> {
    let (rows, d) = (shape.rows.len, shape.cols.len / 2);
    let half = (d / 2).max(1);
    let number = |n: usize| {
        let (position, col) = (n / (2 * d), n % (2 * d));
        let angle = position as f64 * base.powf(-2.0 * (col % half) as f64 / d as f64);
        let turned = match col {
            cosine if cosine < d => angle.cos(),
            first if first < d + half => -angle.sin(),
            _ => angle.sin(),
        };
        turned as f32
    };
    (0..rows * 2 * d).map(number).collect()
}

/// The weight of a checkpoint that a program's input is; none where it depends on the text.
fn weight_of(symbol: Symbol) -> Option<Weight> {
    let in_layer = |weight| symbol.layer.map(|Layer(layer)| Weight::Layer(layer, weight));
    match symbol.name {
        Name::WQ => in_layer(LayerWeight::Query),
        Name::BQ => in_layer(LayerWeight::QueryBias),
        Name::WK => in_layer(LayerWeight::Key),
        Name::BK => in_layer(LayerWeight::KeyBias),
        Name::WV => in_layer(LayerWeight::Value),
        Name::BV => in_layer(LayerWeight::ValueBias),
        Name::WO => in_layer(LayerWeight::Output),
        Name::BO => in_layer(LayerWeight::OutputBias),
        Name::Gain1 => in_layer(LayerWeight::AttentionScale),
        Name::Shift1 => in_layer(LayerWeight::AttentionShift),
        Name::W1 => in_layer(LayerWeight::Up),
        Name::B1 => in_layer(LayerWeight::UpBias),
        Name::WG => in_layer(LayerWeight::Gate),
        Name::BG => in_layer(LayerWeight::GateBias),
        Name::W2 => in_layer(LayerWeight::Down),
        Name::B2 => in_layer(LayerWeight::DownBias),
        Name::Gain2 => in_layer(LayerWeight::InnerScale),
        Name::Shift2 => in_layer(LayerWeight::InnerShift),
        Name::GainE => Some(Weight::EmbeddingScale),
        Name::ShiftE => Some(Weight::EmbeddingShift),
        Name::GainF => Some(Weight::FinalScale),
        Name::ShiftF => Some(Weight::FinalShift),
        Name::WH => Some(Weight::HeadDense),
        Name::BH => Some(Weight::HeadDenseBias),
        Name::GainH => Some(Weight::HeadScale),
        Name::ShiftH => Some(Weight::HeadShift),
        Name::WU => Some(Weight::Head),
        Name::BU => Some(Weight::HeadBias),
        _ => None,
    }
}
