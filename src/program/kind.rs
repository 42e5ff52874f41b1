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
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::DotProduct, Self::SelfAttention, Self::CrossAttention];

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
        }
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
