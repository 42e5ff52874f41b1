//! The names on the edges of a picture: words along the rows, dimensions along the columns.

use super::{HeadCard, Sample};
use crate::explain;
use crate::ground::lang::{Lang, Text};
use crate::ground::text::seen;
use crate::math::tensor::Axis;
use crate::program::Kind;

/// The names of rows and columns in one language.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    sample: &'a Sample,
    lang: Lang,
}

impl explain::Names for Names<'_> {
    fn lang(&self) -> Lang {
        self.lang
    }

    fn name(&self, axis: Axis, head: usize, index: usize) -> String {
        self.sample.name(axis, head, index).map_or_else(|| (index + 1).to_string(), |t| t.get(self.lang).to_owned())
    }

    fn tells_a_place(&self, column: usize) -> bool {
        self.sample.tells_a_place(column)
    }
}

impl Sample {
    /// The names of rows and columns in one language, counted from 1 where nobody named them.
    pub fn names_in(&self, lang: Lang) -> Names<'_> {
        Names { sample: self, lang }
    }

    /// The words that ask: the rows of Q.
    pub fn asking(&self) -> &[String] {
        if self.program.kind().has_one_query() { std::slice::from_ref(&self.query_token) } else { &self.tokens }
    }

    /// The words that answer: the rows of K and V. In self-attention they are those that ask.
    pub fn answering(&self) -> &[String] {
        let two = self.program.kind().has_memory() || self.program.kind() == Kind::Translator;
        if two { &self.memory_tokens } else { &self.tokens }
    }

    /// The words along an axis of words; empty for an axis that counts something else.
    pub fn row_labels(&self, axis: Axis) -> &[String] {
        match axis {
            Axis::Token => self.asking(),
            Axis::Memory => self.answering(),
            _ => &[],
        }
    }

    /// The names along any axis, as one head sees it (from 0); empty where it has none.
    pub fn axis_labels(&self, axis: Axis, head: usize) -> Vec<Text> {
        let card = self.heads.get(head);
        match axis {
            Axis::Token | Axis::Memory => self.row_labels(axis).iter().map(|word| Text::same(seen(word))).collect(),
            Axis::Head => self.heads.iter().map(|card| card.name.clone()).collect::<Option<_>>().unwrap_or_default(),
            Axis::Model => self.dimensions.clone(),
            // W_o that leads back to the words' own dimensions lands on their names.
            Axis::Output if self.sizes.output == Some(self.sizes.model) => self.dimensions.clone(),
            Axis::Batch | Axis::Output | Axis::Inner | Axis::Vocabulary | Axis::Rotation | Axis::Vector => Vec::new(),
            Axis::Feature => card.map(|card| card.features.clone()).unwrap_or_default(),
            Axis::Value => card.map(|card| card.values.clone()).unwrap_or_default(),
            Axis::HeadFeature => self.side_by_side(|card| &card.features),
            Axis::HeadValue => self.side_by_side(|card| &card.values),
        }
    }

    /// The name of one row or column, as one head sees it; `None` where nobody named it.
    pub fn name(&self, axis: Axis, head: usize, index: usize) -> Option<Text> {
        let card = self.heads.get(head);
        match axis {
            Axis::Token | Axis::Memory => self.row_labels(axis).get(index).map(|word| Text::same(seen(word))),
            Axis::Model => self.dimensions.get(index).cloned(),
            Axis::Feature => card?.features.get(index).cloned(),
            Axis::Value => card?.values.get(index).cloned(),
            Axis::Vocabulary => {
                let Some(within) = &self.model else {
                    return self.vocabulary.get(index).map(|word| Text::same(seen(word)));
                };
                let tokenizer = &within.model.checkpoint.tokenizer;
                Some(Text::same(seen(&tokenizer.decode(u32::try_from(index).ok()?))))
            }
            _ => self.axis_labels(axis, head).get(index).cloned(),
        }
    }

    /// All heads' names one after the other; empty unless every head has its own.
    fn side_by_side(&self, names: impl Fn(&HeadCard) -> &Vec<Text>) -> Vec<Text> {
        if self.heads.iter().any(|card| names(card).is_empty()) {
            return Vec::new();
        }
        // Two heads may use the same name: the head's number tells them apart.
        let numbered = |(head, card): (usize, &HeadCard)| {
            let name = |t: &Text| Text::owned(format!("{head} {}", t.zh), format!("{head} {}", t.en));
            names(card).iter().map(name).collect::<Vec<_>>()
        };
        (1..).zip(&self.heads).flat_map(numbered).collect()
    }
}
