//! Where every number comes from, for a person to see beside it.

use serde::{Deserialize, Serialize};

use super::{Place, Sample, Scenario};
use crate::ground::lang::Text;
use crate::program::{Address, Name};

/// Where the weights come from, and what a sample's file gives beside them. Always visible beside the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Made by hand to show something.
    Designed,
    /// Learned from data.
    Trained,
    /// Drawn from a seed; nothing meaningful should appear.
    Random,
    /// From another program.
    Imported,
}

impl Origin {
    /// Every origin.
    pub const ALL: [Self; 4] = [Self::Designed, Self::Trained, Self::Random, Self::Imported];

    /// The name in sample files and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Designed => "designed",
            Self::Trained => "trained",
            Self::Random => "random",
            Self::Imported => "imported",
        }
    }

    /// The label beside the numbers.
    pub const fn label(self) -> Text {
        match self {
            Self::Designed => Text::new("手工设计的权重", "designed weights"),
            Self::Trained => Text::new("训练得到的权重", "trained weights"),
            Self::Random => Text::new("随机权重", "random weights"),
            Self::Imported => Text::new("导入的权重", "imported weights"),
        }
    }

    /// What one number of it is.
    const fn says(self) -> Text {
        match self {
            Self::Designed => Text::new("手工设计的数", "designed by hand"),
            Self::Trained => Text::new("训练得到的数", "learned by training"),
            Self::Random => Text::new("随机抽取的数，没有含义", "drawn at random: it means nothing"),
            Self::Imported => Text::new("从别的程序导入的数", "imported from another program"),
        }
    }
}

/// Who says what a word means: where its row of H comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WordOrigin {
    /// The sample's own file; or nobody, where it is [`Origin::Random`].
    Given(Origin),
    /// The lexicon: the kind of word it says it is.
    Lexicon(Text),
    /// The class that the Chinese dictionary puts it in: what that is called.
    Class(Text),
}

/// A sign beside a word, and what it stands for.
pub type Mark = (char, Text);

impl WordOrigin {
    /// Whether nobody says what the word means.
    pub const fn is_random(&self) -> bool {
        matches!(self, Self::Given(Origin::Random))
    }

    /// The sign that stands beside the word in H, and what it stands for; none for a word of the sample's own.
    pub fn mark(&self) -> Option<Mark> {
        match self {
            Self::Given(Origin::Random) => Some(('*', Text::new("随机", "random"))),
            Self::Given(_) => None,
            Self::Lexicon(_) => Some(('+', Text::new("词典", "lexicon"))),
            Self::Class(_) => Some(('~', Text::new("词类", "word class"))),
        }
    }

    fn says(&self) -> Text {
        match self {
            Self::Given(origin) => origin.says(),
            Self::Lexicon(about) => {
                Text::owned(format!("来自词典：{}", about.zh), format!("from the lexicon: {}", about.en))
            }
            Self::Class(about) => Text::owned(
                format!("来自词类：{}（结巴词典）", about.zh),
                format!("from its word class: {} (jieba's dictionary)", about.en),
            ),
        }
    }
}

/// Where one number comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NumberOrigin {
    /// Somebody changed it, here or in the sample's file.
    Hand,
    /// A stage computes it.
    Computed,
    /// It stands in a weight matrix, or in another tensor that a sample gives.
    Given(Origin),
    /// It is part of what a word means.
    Word {
        /// Who says so.
        origin: WordOrigin,
        /// The whole word, where the token is a piece of it: every piece has the numbers of the word.
        whole: Option<String>,
    },
    /// It follows from where the word stands.
    Position,
    /// It follows from the rule of the mask.
    Mask,
}

impl NumberOrigin {
    /// One line for a person.
    pub fn says(&self) -> Text {
        match self {
            Self::Hand => Text::new("手工改过的数", "set by hand"),
            Self::Computed => Text::new("计算得到的数", "computed"),
            Self::Given(origin) => origin.says(),
            Self::Word { origin, whole: None } => origin.says(),
            Self::Word { origin, whole: Some(word) } => {
                let says = origin.says();
                Text::owned(
                    format!("{}；每一片都照搬整个词「{word}」的数", says.zh),
                    format!("{}; every piece copies the numbers of the whole word {word}", says.en),
                )
            }
            Self::Position => Text::new("由词在句中的位置得出", "follows from where the word stands in the sentence"),
            Self::Mask => {
                Text::new("由遮挡规则得出：1 看得见，0 看不见", "follows from the mask: 1 is seen, 0 is hidden")
            }
        }
    }
}

impl Sample {
    /// Where a number comes from, when these changes have been made to the sample.
    pub fn number_origin(&self, address: Address, changed: &Scenario) -> NumberOrigin {
        let (symbol, cell) = (self.program.symbol(address.slot), address.cell);
        let place = Place { symbol, cell };
        if changed.numbers.contains_key(&place) || self.what_if.numbers.contains_key(&place) {
            return NumberOrigin::Hand;
        }
        if self.program.made_by(address.slot).is_some() {
            return NumberOrigin::Computed;
        }
        match symbol.name {
            Name::Mask => NumberOrigin::Mask,
            Name::H if self.tells_a_place(cell.col) => NumberOrigin::Position,
            Name::H => match self.word_origins.get(cell.row) {
                Some(origin) => NumberOrigin::Word { origin: origin.clone(), whole: self.whole_word(cell.row) },
                None => NumberOrigin::Given(self.given),
            },
            Name::M | Name::Query => NumberOrigin::Given(self.given),
            _ => NumberOrigin::Given(self.origin),
        }
    }

    /// The word that a token is a piece of; none where the token is a word.
    fn whole_word(&self, token: usize) -> Option<String> {
        let pieces = self.coarser.first()?;
        let word = *pieces.of.get(token)?;
        let alone = pieces.of.iter().filter(|&&other| other == word).count() == 1;
        pieces.words.get(word).filter(|_| !alone).cloned()
    }

    /// The tokens, from 0 and rising, whose words nobody described: their rows of H mean nothing. None are listed where the
    /// sample as a whole is random: there no word stands out.
    pub fn random_words(&self) -> Vec<usize> {
        let random = |&token: &usize| self.given != Origin::Random && self.word_origins[token].is_random();
        (0..self.word_origins.len()).filter(random).collect()
    }

    /// The sign beside one of its words, and what it stands for. Where the sample as a whole is random, no word has one.
    pub fn mark(&self, token: usize) -> Option<Mark> {
        self.word_origins.get(token).filter(|_| self.given != Origin::Random).and_then(WordOrigin::mark)
    }

    /// The signs that stand beside its words, and what each of them means.
    pub fn legend(&self) -> Option<Text> {
        let mut marks: Vec<Mark> = Vec::new();
        for mark in (0..self.tokens.len()).filter_map(|token| self.mark(token)) {
            if !marks.contains(&mark) {
                marks.push(mark);
            }
        }
        let all = |said: &dyn Fn(&Text) -> String| {
            marks.iter().map(|(sign, means)| format!("{sign} {}", said(means))).collect::<Vec<_>>().join("  ")
        };
        (!marks.is_empty()).then(|| Text::owned(all(&|text| text.zh.to_string()), all(&|text| text.en.to_string())))
    }

    /// What on the screen is random, in a few words; nothing where nothing is.
    pub fn randomness(&self) -> Option<Text> {
        match self.random_words().len() {
            0 if self.given == Origin::Random => Some(Text::new("词向量也随机", "random word vectors")),
            0 => None,
            1 => Some(Text::new("1 个词随机", "1 word random")),
            n => Some(Text::owned(format!("{n} 个词随机"), format!("{n} words random"))),
        }
    }
}
