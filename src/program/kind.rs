//! The kinds of attention: one row each. What a kind is given, what it is called, and its own words.
//!
//! A new kind is its row here and, where its formula is another, its lines in [`super::attention`].

use super::Name;
use super::labels::{Label, Role, row};
use crate::ground::lang::Text;

/// The kinds of attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// One query q over the words H, no weights: `softmax(q·Hᵀ/√d)·H`.
    DotProduct,
    /// The words of one sentence ask each other.
    SelfAttention,
    /// The words of H ask the words of M.
    CrossAttention,
    /// A whole BERT: layers of self-attention in which every word sees every other.
    Bert,
    /// A whole GPT-2: layers of self-attention in which a word sees itself and those before it.
    Gpt2,
    /// A whole Llama, or one of its kin: the same with turned queries and keys.
    Llama,
    /// A small transformer that learns here.
    Learner,
    /// One that translates: it looks at another sentence while it writes.
    Translator,
    /// Queries, keys and values that another program computed.
    Imported,
    /// Weights that another program computed, and nothing else.
    ImportedAttention,
}

/// What a kind is.
struct Row {
    /// The name in sample files and in JSON.
    name: &'static str,
    /// The words that ask.
    asks: Name,
    /// The words that answer, where they are not those that ask.
    answers: Option<Name>,
    /// Whether W make queries, keys and values.
    weights: bool,
    /// The words about a tensor, where they are not those of every kind.
    words: fn(Name) -> Option<Label>,
}

impl Kind {
    /// Every kind that is one attention: those that a sample may have.
    pub const ALL: [Self; 3] = [Self::DotProduct, Self::SelfAttention, Self::CrossAttention];

    /// Every kind that is a whole model, of many layers.
    pub const MODELS: [Self; 3] = [Self::Bert, Self::Gpt2, Self::Llama];

    /// Every kind that learns here.
    pub const LEARNERS: [Self; 2] = [Self::Learner, Self::Translator];

    /// Its row.
    const fn row(self) -> Row {
        match self {
            Self::DotProduct => Row {
                name: "dot-product",
                asks: Name::Query,
                answers: Some(Name::H),
                weights: false,
                words: of_dot_product,
            },
            Self::SelfAttention => {
                Row { name: "self-attention", asks: Name::H, answers: None, weights: true, words: |_| None }
            }
            Self::CrossAttention => Row {
                name: "cross-attention",
                asks: Name::H,
                answers: Some(Name::M),
                weights: true,
                words: of_cross_attention,
            },
            Self::Bert => Self::model("bert", of_bert),
            Self::Gpt2 => Self::model("gpt2", of_gpt2),
            Self::Llama => Self::model("llama", of_llama),
            Self::Learner => Self::model("learner", of_learner),
            Self::Translator => Self::model("translator", of_translator),
            Self::Imported => {
                Row { name: "imported", asks: Name::Q, answers: None, weights: false, words: of_imported }
            }
            Self::ImportedAttention => Row {
                name: "imported-attention",
                asks: Name::Attention,
                answers: None,
                weights: false,
                words: of_imported_attention,
            },
        }
    }

    /// The row of a whole model: its hidden vectors ask each other.
    const fn model(name: &'static str, words: fn(Name) -> Option<Label>) -> Row {
        Row { name, asks: Name::Hidden, answers: None, weights: true, words }
    }

    /// Whether it is a whole model.
    pub const fn is_model(self) -> bool {
        matches!(self, Self::Bert | Self::Gpt2 | Self::Llama | Self::Learner | Self::Translator)
    }

    /// Whether another program computed what it is given.
    pub const fn is_imported(self) -> bool {
        matches!(self, Self::Imported | Self::ImportedAttention)
    }

    /// The name in sample files and in JSON.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The words that ask: H, or the one query q.
    pub const fn asks(self) -> Name {
        self.row().asks
    }

    /// The words that answer; none where words ask each other.
    pub const fn answers(self) -> Option<Name> {
        self.row().answers
    }

    /// Whether one query asks instead of words.
    pub(crate) const fn has_one_query(self) -> bool {
        matches!(self.asks(), Name::Query)
    }

    /// Whether the words that answer are those of another sentence, M.
    pub(crate) const fn has_memory(self) -> bool {
        matches!(self.answers(), Some(Name::M))
    }

    /// Whether W make queries, keys and values.
    pub(crate) const fn has_weights(self) -> bool {
        self.row().weights
    }

    /// The tensors that a file gives it; `W_o` may always be left out.
    pub fn takes(self) -> Vec<Name> {
        let weights: &[Name] = if self.has_weights() { &[Name::WQ, Name::WK, Name::WV, Name::WO] } else { &[] };
        std::iter::once(self.asks()).chain(self.answers()).chain(weights.iter().copied()).collect()
    }

    /// The words about a tensor, where they are not those of every kind.
    pub(super) fn words(self, name: Name) -> Option<Label> {
        (self.row().words)(name)
    }
}

/// q over H: queries, keys and values are the words themselves.
fn of_dot_product(name: Name) -> Option<Label> {
    let label = match name {
        Name::H => row(
            Role::Word,
            Text::new("词向量", "words"),
            "",
            Text::new(
                "H 的每一行是一个词，q 是拿来和它们逐一比较的那个查询。",
                "Each row of H is a word; q is the one query that will be compared with all of them.",
            ),
        ),
        Name::Q => row(
            Role::Query,
            Text::new("查询", "query"),
            "Q = q",
            Text::new(
                "这里没有权重矩阵：查询就是 q 本身。",
                "There are no weight matrices here: the query is q itself.",
            ),
        ),
        Name::K => row(
            Role::Key,
            Text::new("键", "keys"),
            "K = H",
            Text::new("键就是词向量本身：K = H。", "The keys are the word vectors themselves: K = H."),
        ),
        Name::V => row(
            Role::Value,
            Text::new("值", "values"),
            "V = H",
            Text::new(
                "值也是词向量本身：最后混合的就是这些行。",
                "The values are the word vectors too: these are the rows that will be mixed in the end.",
            ),
        ),
        _ => return None,
    };
    Some(label)
}

/// Two sentences.
fn of_cross_attention(name: Name) -> Option<Label> {
    (name == Name::H).then(|| {
        row(
            Role::Word,
            Text::new("提问的词", "words"),
            "",
            Text::new(
                "H 的每一行是一个提问的词，M 的每一行是一个被查看的词：两句话，各写各的。",
                "Each row of H is a word that asks, each row of M a word that can be looked at: two sentences, side by side.",
            ),
        )
    })
}

/// Tensors from another program: what made them is not there.
fn of_imported(name: Name) -> Option<Label> {
    let label = match name {
        Name::Q => row(
            Role::Query,
            Text::new("查询", "queries"),
            "",
            Text::new(
                "查询是文件给的：每个词问什么。词向量和 W_q 不在文件里，看不到它们怎样得来。",
                "The file gives the queries: what each word asks. Word vectors and W_q are not in it, so how they were made cannot be seen.",
            ),
        ),
        Name::K => row(
            Role::Key,
            Text::new("键", "keys"),
            "",
            Text::new(
                "键是文件给的：每个词靠什么被找到。词向量和 W_k 不在文件里。",
                "The file gives the keys: what each word is found by. Word vectors and W_k are not in it.",
            ),
        ),
        Name::V => row(
            Role::Value,
            Text::new("值", "values"),
            "",
            Text::new(
                "值是文件给的：别的词看它时取走的就是它。词向量和 W_v 不在文件里。",
                "The file gives the values: what other words take when they look. Word vectors and W_v are not in it.",
            ),
        ),
        _ => return None,
    };
    Some(label)
}

/// Weights alone: no scores, no values.
fn of_imported_attention(name: Name) -> Option<Label> {
    (name == Name::Weights).then(|| {
        row(
            Role::Weight,
            Text::new("权重", "weights"),
            "weights = attention",
            Text::new(
                "别的程序算好的注意力权重，照原样放在这里：每一行是一个查询，加起来是 1。文件里没有 Q、K、V，所以看不到分数，也没有上下文。",
                "Attention weights that another program computed, as they are: each row is one query and adds up to 1. The file holds no Q, K or V, so there are no scores to see, and no context.",
            ),
        )
    })
}

/// What every model says of what an attention makes, since it goes on from there: `from` are the vectors that it starts from.
fn of_model(name: Name, [q, k, v]: [&'static str; 3]) -> Option<Label> {
    let plain =
        |formula: &'static str| Label { formula: formula.into(), ..super::labels::label(name, Kind::SelfAttention) };
    let label = match name {
        Name::Q => plain(q),
        Name::K => plain(k),
        Name::V => plain(v),
        Name::Output => Label {
            says: Text::new(
                "W_o 把各个头的上下文混合成一个向量，接下来会加回到原来的向量上（残差连接）。",
                "W_o mixes the heads' contexts into one vector; next it is added to the vector that was there (the residual connection).",
            ),
            ..plain("output = concat · W_o + b_o")
        },
        _ => return None,
    };
    Some(label)
}

/// Norms come after what they follow.
fn of_bert(name: Name) -> Option<Label> {
    let formula = match name {
        Name::Embedding => "embedding = placed + S",
        Name::Hidden => "hidden = LayerNorm(residual_2)",
        Name::Norm1 => "norm_1 = LayerNorm(residual)",
        Name::Inner => "inner = norm_1 · W_1 + b_1",
        Name::Activation => "activation = f(inner)",
        Name::Mlp => "mlp = activation · W_2 + b_2",
        Name::Logits => "logits = fits + b_u",
        _ => return of_model(name, ["Q = hidden · W_q + b_q", "K = hidden · W_k + b_k", "V = hidden · W_v + b_v"]),
    };
    Some(Label { formula: formula.into(), ..super::labels::label(name, Kind::SelfAttention) })
}

/// Norms come before what they feed.
fn of_gpt2(name: Name) -> Option<Label> {
    let formula = match name {
        Name::Hidden => "hidden = residual + mlp",
        Name::Norm1 => "norm_1 = LayerNorm(hidden)",
        Name::Inner => "inner = norm_2 · W_1 + b_1",
        Name::Activation => "activation = f(inner)",
        Name::Mlp => "mlp = activation · W_2 + b_2",
        Name::Logits => "logits = asked · W_uᵀ",
        _ => return of_model(name, ["Q = norm_1 · W_q + b_q", "K = norm_1 · W_k + b_k", "V = norm_1 · W_v + b_v"]),
    };
    Some(Label { formula: formula.into(), ..super::labels::label(name, Kind::SelfAttention) })
}

/// Words by number, and no norm.
fn of_learner(name: Name) -> Option<Label> {
    let formula = match name {
        Name::E => "E = X · W_e",
        Name::P => "P = X_p · W_p",
        Name::Residual => "residual = hidden + output",
        Name::Inner => "inner = residual · W_1",
        Name::Activation => "activation = max(0, inner)",
        Name::Mlp => "mlp = activation · W_2",
        Name::Logits => "logits = hidden · W_uᵀ",
        Name::Loss => "loss = −Σ targets · ln softmax(logits) / n",
        Name::Hidden => {
            let says = Text::new(
                "词的向量加上这一层取来的：层层相加，原来的不丢。",
                "What the words were, plus what the layer took for them: layer adds to layer, and nothing is lost.",
            );
            return Some(Label {
                formula: "hidden = hidden + output".into(),
                says,
                ..super::labels::label(name, Kind::SelfAttention)
            });
        }
        Name::Output => {
            return of_model(name, [""; 3]).map(|label| Label { formula: "output = concat · W_o".into(), ..label });
        }
        _ => return of_model(name, ["Q = hidden · W_q", "K = hidden · W_k", "V = hidden · W_v"]),
    };
    Some(Label { formula: formula.into(), ..super::labels::label(name, Kind::SelfAttention) })
}

/// The same with a second sentence.
fn of_translator(name: Name) -> Option<Label> {
    let formula = match name {
        Name::EM => "E_m = X_m · W_em",
        Name::PM => "P_m = X_pm · W_pm",
        Name::M => "M = E_m + P_m",
        _ => return of_learner(name),
    };
    Some(Label { formula: formula.into(), ..super::labels::label(name, Kind::SelfAttention) })
}

/// The same with another norm and a gate.
fn of_llama(name: Name) -> Option<Label> {
    let formula = match name {
        Name::Hidden => "hidden = residual + mlp",
        Name::Norm1 => "norm_1 = RMSNorm(hidden)",
        Name::Norm2 => "norm_2 = RMSNorm(residual)",
        Name::NormF => "norm_f = RMSNorm(hidden)",
        Name::Inner => "inner = norm_2 · W_1",
        Name::Gate => "gate = norm_2 · W_g",
        Name::Activation => "activation = f(gate)",
        Name::Mlp => "mlp = gated · W_2",
        Name::Scores => "scores = Q_rotated · K_rotatedᵀ",
        Name::Logits => "logits = asked · W_uᵀ",
        Name::Output => {
            return of_model(name, [""; 3]).map(|label| Label { formula: "output = concat · W_o".into(), ..label });
        }
        _ => return of_model(name, ["Q = norm_1 · W_q", "K = norm_1 · W_k", "V = norm_1 · W_v"]),
    };
    Some(Label { formula: formula.into(), ..super::labels::label(name, Kind::SelfAttention) })
}
