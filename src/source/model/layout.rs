//! Where each weight of a model stands in its files, and how it is turned to ours.
//!
//! We multiply from the right, `H · W`: a weight is `[in, out]`. Most files hold `[out, in]`; GPT-2 holds `[in, out]`, with
//! `W_q`, `W_k` and `W_v` side by side. The names are those under which `transformers` saves each family.

use std::collections::BTreeMap;
use std::ops::Range;

use super::config::{Config, Family};
use super::error::ModelError;
use super::tensors::Index;
use crate::ground::lang::Text;

/// A weight of a model. Scales and shifts are those of norms; layers count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// The table of word vectors: vocabulary × `d_model`.
    Words,
    /// The table of positions, the rows that are skipped included: × `d_model`.
    Positions,
    /// The table of token types: segments × `d_model`.
    Segments,
    /// The norm over the sum of the tables (BERT): `d_model`.
    EmbeddingScale,
    /// Its shift.
    EmbeddingShift,
    /// A weight of one layer.
    Layer(usize, LayerWeight),
    /// The norm behind the last layer (GPT-2, Llama): `d_model`.
    FinalScale,
    /// Its shift (GPT-2).
    FinalShift,
    /// What reads out words where it is not the table of word vectors; as that one vocabulary × `d_model`.
    Head,
    /// The matrix before the read-out of a hidden word (BERT): `d_model` × `d_model`.
    HeadDense,
    /// Its bias.
    HeadDenseBias,
    /// The norm behind it.
    HeadScale,
    /// Its shift.
    HeadShift,
    /// What is added to each word's score (BERT): vocabulary.
    HeadBias,
}

/// A weight of one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LayerWeight {
    /// `W_q`: `d_model` × heads·`head_dim`.
    Query,
    /// Its bias.
    QueryBias,
    /// `W_k`: `d_model` × `kv_heads`·`head_dim`.
    Key,
    /// Its bias.
    KeyBias,
    /// `W_v`: as `W_k`.
    Value,
    /// Its bias.
    ValueBias,
    /// `W_o`: heads·`head_dim` × `d_model`.
    Output,
    /// Its bias.
    OutputBias,
    /// The norm of the attention: behind it in BERT, before it else.
    AttentionScale,
    /// Its shift.
    AttentionShift,
    /// Into the inner layer: `d_model` × inner.
    Up,
    /// Its bias.
    UpBias,
    /// The gate of the inner layer (Llama): `d_model` × inner.
    Gate,
    /// Its bias.
    GateBias,
    /// Out of the inner layer: inner × `d_model`.
    Down,
    /// Its bias.
    DownBias,
    /// The norm of the inner layer: behind it in BERT, before it else.
    InnerScale,
    /// Its shift.
    InnerShift,
}

impl LayerWeight {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::Query,
        Self::QueryBias,
        Self::Key,
        Self::KeyBias,
        Self::Value,
        Self::ValueBias,
        Self::Output,
        Self::OutputBias,
        Self::AttentionScale,
        Self::AttentionShift,
        Self::Up,
        Self::UpBias,
        Self::Gate,
        Self::GateBias,
        Self::Down,
        Self::DownBias,
        Self::InnerScale,
        Self::InnerShift,
    ];
}

/// Weights that stand outside the layers.
const OUTSIDE: [Weight; 13] = [
    Weight::Words,
    Weight::Positions,
    Weight::Segments,
    Weight::EmbeddingScale,
    Weight::EmbeddingShift,
    Weight::FinalScale,
    Weight::FinalShift,
    Weight::Head,
    Weight::HeadDense,
    Weight::HeadDenseBias,
    Weight::HeadScale,
    Weight::HeadShift,
    Weight::HeadBias,
];

/// Where a weight stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The tensor's name.
    pub tensor: String,
    /// Rows and columns of the weight as we use it; a vector is one row.
    pub shape: (usize, usize),
    /// How the tensor holds it.
    pub form: Form,
}

/// How a tensor holds a weight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// As a vector.
    Vector,
    /// As we use it, `[in, out]`.
    Matrix,
    /// With rows and columns exchanged, `[out, in]`.
    Transposed,
    /// In these columns of three matrices side by side.
    Third(Range<usize>),
    /// In these numbers of three vectors one behind the other.
    VectorThird(Range<usize>),
}

impl Place {
    /// The shape that the tensor has in the file.
    fn stored(&self) -> Vec<usize> {
        let (rows, columns) = self.shape;
        match self.form {
            Form::Vector => vec![columns],
            Form::Matrix => vec![rows, columns],
            Form::Transposed => vec![columns, rows],
            Form::Third(_) => vec![rows, 3 * columns],
            Form::VectorThird(_) => vec![3 * columns],
        }
    }

    /// Compares the tensor with what the model's sizes make of it.
    fn check(&self, index: &Index) -> Result<(), ModelError> {
        let (entry, expected) = (index.weight(&self.tensor)?, self.stored());
        if entry.shape == expected {
            return Ok(());
        }
        let axes: Vec<_> = expected.iter().map(ToString::to_string).collect();
        let (found, expected) = (entry.shown(), axes.join(", "));
        Err(index.refuse(
            &self.tensor,
            Text::owned(
                format!("形状是 {found}，按 config.json 应该是 [{expected}]"),
                format!("its shape is {found}, config.json makes it [{expected}]"),
            ),
        ))
    }

    /// The numbers, `[rows, columns]` row by row.
    pub(super) fn read(&self, index: &Index) -> Result<Vec<f32>, ModelError> {
        match &self.form {
            Form::Vector | Form::Matrix => index.read(&self.tensor),
            Form::Transposed => index.read_transposed(&self.tensor),
            Form::Third(columns) | Form::VectorThird(columns) => index.read_columns(&self.tensor, columns.clone()),
        }
    }
}

/// What each weight of a family is called.
struct Names {
    /// What stands before every name inside the model itself; the first under which the table of words is found.
    prefixes: &'static [&'static str],
    /// The table of words, behind a prefix.
    words: &'static str,
}

const fn names(family: Family) -> Names {
    match family {
        Family::Bert => Names { prefixes: &["", "bert.", "roberta."], words: "embeddings.word_embeddings" },
        Family::Gpt2 => Names { prefixes: &["", "transformer."], words: "wte" },
        Family::Llama => Names { prefixes: &["model.", ""], words: "embed_tokens" },
    }
}

/// Where all weights of a model stand.
#[derive(Debug, Clone)]
pub struct Layout {
    places: BTreeMap<Weight, Place>,
}

impl Layout {
    /// Finds every weight that the model needs, and compares its shape with the configuration.
    ///
    /// # Errors
    /// [`ModelError::NoTensor`] for one that is missing, [`ModelError::Tensor`] for another shape or dtype.
    pub fn find(config: &Config, index: &Index) -> Result<Self, ModelError> {
        let Names { prefixes, words } = names(config.family);
        let named = |prefix: &&&str| index.get(&format!("{prefix}{words}.weight")).is_some();
        let prefix = prefixes.iter().find(named).or(prefixes.first()).copied().unwrap_or_default();
        let finder = Finder { config, index, prefix };
        let layers = (0..config.layers).flat_map(|layer| LayerWeight::ALL.map(|weight| Weight::Layer(layer, weight)));
        let mut places = BTreeMap::new();
        for weight in OUTSIDE.into_iter().chain(layers) {
            if let Some(place) = finder.place(weight) {
                place.check(index)?;
                places.insert(weight, place);
            }
        }
        Ok(Self { places })
    }

    /// Where a weight stands; none where the model has no such weight.
    pub fn get(&self, weight: Weight) -> Option<&Place> {
        self.places.get(&weight)
    }

    /// All weights.
    pub fn iter(&self) -> impl Iterator<Item = (Weight, &Place)> {
        self.places.iter().map(|(weight, place)| (*weight, place))
    }
}

/// Looks weights up under the names that one checkpoint uses.
struct Finder<'a> {
    config: &'a Config,
    index: &'a Index,
    prefix: &'static str,
}

impl Finder<'_> {
    fn place(&self, weight: Weight) -> Option<Place> {
        match self.config.family {
            Family::Bert => self.bert(weight),
            Family::Gpt2 => self.gpt2(weight),
            Family::Llama => self.llama(weight),
        }
    }

    fn named(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn vector(&self, name: &str, len: usize) -> Place {
        Place { tensor: self.named(name), shape: (1, len), form: Form::Vector }
    }

    fn matrix(&self, name: &str, rows: usize, columns: usize) -> Place {
        Place { tensor: self.named(name), shape: (rows, columns), form: Form::Matrix }
    }

    fn turned(&self, name: &str, rows: usize, columns: usize) -> Place {
        Place { tensor: self.named(name), shape: (rows, columns), form: Form::Transposed }
    }

    /// The scale or the shift of a norm, which old files call gamma and beta.
    fn norm(&self, name: &str, scale: bool) -> Place {
        let (new, old) = if scale { ("weight", "gamma") } else { ("bias", "beta") };
        let old = self.vector(&format!("{name}.{old}"), self.config.model);
        let there = self.index.get(&old.tensor).is_some();
        if there { old } else { self.vector(&format!("{name}.{new}"), self.config.model) }
    }

    fn bert(&self, weight: Weight) -> Option<Place> {
        let &Config { model, vocabulary, positions, position_offset, segments, .. } = self.config;
        let table = |name: &str, rows| Some(self.matrix(&format!("embeddings.{name}_embeddings.weight"), rows, model));
        match weight {
            Weight::Words => table("word", vocabulary),
            Weight::Positions => table("position", positions + position_offset),
            Weight::Segments if segments > 0 => table("token_type", segments),
            Weight::EmbeddingScale => Some(self.norm("embeddings.LayerNorm", true)),
            Weight::EmbeddingShift => Some(self.norm("embeddings.LayerNorm", false)),
            Weight::Layer(layer, weight) => self.bert_layer(layer, weight),
            Weight::Head
            | Weight::HeadDense
            | Weight::HeadDenseBias
            | Weight::HeadScale
            | Weight::HeadShift
            | Weight::HeadBias => self.bert_head(weight),
            Weight::Segments | Weight::FinalScale | Weight::FinalShift => None,
        }
    }

    fn bert_layer(&self, layer: usize, weight: LayerWeight) -> Option<Place> {
        let &Config { model, inner, .. } = self.config;
        let matrix = |name: &str, rows, columns| {
            Some(self.turned(&format!("encoder.layer.{layer}.{name}.weight"), rows, columns))
        };
        let bias = |name: &str, len| Some(self.vector(&format!("encoder.layer.{layer}.{name}.bias"), len));
        let norm = |name: &str, scale| Some(self.norm(&format!("encoder.layer.{layer}.{name}.LayerNorm"), scale));
        match weight {
            LayerWeight::Query => matrix("attention.self.query", model, model),
            LayerWeight::QueryBias => bias("attention.self.query", model),
            LayerWeight::Key => matrix("attention.self.key", model, model),
            LayerWeight::KeyBias => bias("attention.self.key", model),
            LayerWeight::Value => matrix("attention.self.value", model, model),
            LayerWeight::ValueBias => bias("attention.self.value", model),
            LayerWeight::Output => matrix("attention.output.dense", model, model),
            LayerWeight::OutputBias => bias("attention.output.dense", model),
            LayerWeight::AttentionScale => norm("attention.output", true),
            LayerWeight::AttentionShift => norm("attention.output", false),
            LayerWeight::Up => matrix("intermediate.dense", model, inner),
            LayerWeight::UpBias => bias("intermediate.dense", inner),
            LayerWeight::Down => matrix("output.dense", inner, model),
            LayerWeight::DownBias => bias("output.dense", model),
            LayerWeight::InnerScale => norm("output", true),
            LayerWeight::InnerShift => norm("output", false),
            LayerWeight::Gate | LayerWeight::GateBias => None,
        }
    }

    /// What guesses a hidden word; a checkpoint has all of it or, like those that only make vectors, nothing.
    fn bert_head(&self, weight: Weight) -> Option<Place> {
        let &Config { model, vocabulary, tied, .. } = self.config;
        let bare = Finder { prefix: "", config: self.config, index: self.index };
        let there = |name: &str| self.index.get(name).is_some();
        let (before, norm, rest) = match () {
            () if there("cls.predictions.transform.dense.weight") => {
                ("cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", "cls.predictions")
            }
            () if there("lm_head.dense.weight") => ("lm_head.dense", "lm_head.layer_norm", "lm_head"),
            () => return None,
        };
        match weight {
            Weight::HeadDense => Some(bare.turned(&format!("{before}.weight"), model, model)),
            Weight::HeadDenseBias => Some(bare.vector(&format!("{before}.bias"), model)),
            Weight::HeadScale => Some(bare.norm(norm, true)),
            Weight::HeadShift => Some(bare.norm(norm, false)),
            Weight::HeadBias => Some(bare.vector(&format!("{rest}.bias"), vocabulary)),
            Weight::Head if !tied => Some(bare.matrix(&format!("{rest}.decoder.weight"), vocabulary, model)),
            _ => None,
        }
    }

    fn gpt2(&self, weight: Weight) -> Option<Place> {
        let &Config { model, vocabulary, positions, tied, inner, .. } = self.config;
        let (layer, weight) = match weight {
            Weight::Words => return Some(self.matrix("wte.weight", vocabulary, model)),
            Weight::Positions => return Some(self.matrix("wpe.weight", positions, model)),
            Weight::FinalScale => return Some(self.vector("ln_f.weight", model)),
            Weight::FinalShift => return Some(self.vector("ln_f.bias", model)),
            Weight::Head if !tied => return self.untied(),
            Weight::Layer(layer, weight) => (layer, weight),
            _ => return None,
        };
        let matrix = |name: &str, rows, columns| Some(self.matrix(&format!("h.{layer}.{name}.weight"), rows, columns));
        let vector = |name: &str, len| Some(self.vector(&format!("h.{layer}.{name}"), len));
        let third = |which: usize, matrix: bool| {
            let (columns, end) = (which * model..(which + 1) * model, if matrix { "weight" } else { "bias" });
            let form = if matrix { Form::Third(columns) } else { Form::VectorThird(columns) };
            let shape = (if matrix { model } else { 1 }, model);
            Some(Place { tensor: self.named(&format!("h.{layer}.attn.c_attn.{end}")), shape, form })
        };
        match weight {
            LayerWeight::Query => third(0, true),
            LayerWeight::QueryBias => third(0, false),
            LayerWeight::Key => third(1, true),
            LayerWeight::KeyBias => third(1, false),
            LayerWeight::Value => third(2, true),
            LayerWeight::ValueBias => third(2, false),
            LayerWeight::Output => matrix("attn.c_proj", model, model),
            LayerWeight::OutputBias => vector("attn.c_proj.bias", model),
            LayerWeight::AttentionScale => vector("ln_1.weight", model),
            LayerWeight::AttentionShift => vector("ln_1.bias", model),
            LayerWeight::Up => matrix("mlp.c_fc", model, inner),
            LayerWeight::UpBias => vector("mlp.c_fc.bias", inner),
            LayerWeight::Down => matrix("mlp.c_proj", inner, model),
            LayerWeight::DownBias => vector("mlp.c_proj.bias", model),
            LayerWeight::InnerScale => vector("ln_2.weight", model),
            LayerWeight::InnerShift => vector("ln_2.bias", model),
            LayerWeight::Gate | LayerWeight::GateBias => None,
        }
    }

    /// The matrix that reads out the next word, where it is one of its own; a checkpoint that only makes vectors has none.
    fn untied(&self) -> Option<Place> {
        const NAME: &str = "lm_head.weight";
        let &Config { model, vocabulary, .. } = self.config;
        let bare = Finder { prefix: "", config: self.config, index: self.index };
        self.index.get(NAME).map(|_| bare.matrix(NAME, vocabulary, model))
    }

    fn llama(&self, weight: Weight) -> Option<Place> {
        let &Config { model, vocabulary, tied, heads, kv_heads, head_dim, inner, biases, .. } = self.config;
        let (layer, weight) = match weight {
            Weight::Words => return Some(self.matrix("embed_tokens.weight", vocabulary, model)),
            Weight::FinalScale => return Some(self.vector("norm.weight", model)),
            Weight::Head if !tied => return self.untied(),
            Weight::Layer(layer, weight) => (layer, weight),
            _ => return None,
        };
        let (asking, answering) = (heads * head_dim, kv_heads * head_dim);
        let matrix =
            |name: &str, rows, columns| Some(self.turned(&format!("layers.{layer}.{name}.weight"), rows, columns));
        let bias =
            |there: bool, name: &str, len| there.then(|| self.vector(&format!("layers.{layer}.{name}.bias"), len));
        let scale = |name: &str| Some(self.vector(&format!("layers.{layer}.{name}.weight"), model));
        match weight {
            LayerWeight::Query => matrix("self_attn.q_proj", model, asking),
            LayerWeight::QueryBias => bias(biases.projections, "self_attn.q_proj", asking),
            LayerWeight::Key => matrix("self_attn.k_proj", model, answering),
            LayerWeight::KeyBias => bias(biases.projections, "self_attn.k_proj", answering),
            LayerWeight::Value => matrix("self_attn.v_proj", model, answering),
            LayerWeight::ValueBias => bias(biases.projections, "self_attn.v_proj", answering),
            LayerWeight::Output => matrix("self_attn.o_proj", asking, model),
            LayerWeight::OutputBias => bias(biases.output, "self_attn.o_proj", model),
            LayerWeight::AttentionScale => scale("input_layernorm"),
            LayerWeight::Up => matrix("mlp.up_proj", model, inner),
            LayerWeight::UpBias => bias(biases.inner, "mlp.up_proj", inner),
            LayerWeight::Gate => matrix("mlp.gate_proj", model, inner),
            LayerWeight::GateBias => bias(biases.inner, "mlp.gate_proj", inner),
            LayerWeight::Down => matrix("mlp.down_proj", inner, model),
            LayerWeight::DownBias => bias(biases.inner, "mlp.down_proj", model),
            LayerWeight::InnerScale => scale("post_attention_layernorm"),
            LayerWeight::AttentionShift | LayerWeight::InnerShift => None,
        }
    }
}
