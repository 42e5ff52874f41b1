//! A sentence of one's own under a sample's heads.
//!
//! The weights stay; H is written anew, one row a token. What a word means comes from the sample's own words, else from
//! the lexicon, else from the class that the Chinese dictionary puts it in, else from a seed; [`WordOrigin`] says which.
//! Where it stands is computed. A word cut into characters or bytes hands its meaning to
//! every piece, while each piece stands where it stands: models count tokens, not words. So all pieces of 北京 look for a
//! landmark, and a longer word, having more pieces, collects more attention.

use std::sync::Arc;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::inflection::owner;
use super::lexicon::Lexicon;
use super::validate::causal;
use super::{HeadCard, Origin, Sample, WordOrigin};
use crate::ground::exit::Exit;
use crate::ground::fault::{Failure, Fault};
use crate::ground::lang::Text;
use crate::ground::text::{Lens, Segmenter, Sentence, TextError, folded};
use crate::math::tensor::{Cell, Tensor};
use crate::program::attention::{Sizes, self_attention};
use crate::program::{Inputs, Name};
use crate::source::sample::Pieces;

/// Why a sample cannot take a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub enum SentenceError {
    /// The sentence itself will not do.
    Text(#[from] TextError),
    /// The words of the sample are not described in the lexicon's dimensions.
    NoLexicon {
        /// The sample's name.
        sample: String,
        /// Why not.
        why: Text,
    },
    /// The sample's mask was drawn by hand for sentences of another length.
    Mask {
        /// The sample's name.
        sample: String,
        /// The tokens its mask is for.
        expected: usize,
        /// The tokens of the sentence.
        found: usize,
    },
    /// The program refused, which no checked sample's does; or the model, whose pieces a text has too many of.
    Program(Fault),
}

impl Failure for SentenceError {
    fn words(&self) -> Text {
        match self {
            Self::Text(error) => error.words(),
            Self::NoLexicon { sample, why } => Text::owned(
                format!("样例 {sample} 没有词典：{}；可以改用 {}", why.zh, Sample::DEFAULT),
                format!("the sample {sample} has no lexicon: {}; {} has one", why.en, Sample::DEFAULT),
            ),
            Self::Mask { sample, expected, found } => Text::owned(
                format!("样例 {sample} 的掩码是为 {expected} 个词画的，这句话有 {found} 个"),
                format!("the mask of the sample {sample} is drawn for {expected} tokens, the sentence has {found}"),
            ),
            Self::Program(fault) => fault.words().clone(),
        }
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
}

/// What a column of H holds.
#[derive(Clone, Copy)]
enum Column {
    /// This dimension of the lexicon.
    Meaning(usize),
    /// 1 for every token.
    Constant,
    /// 1/8 for the first token, 2/8 for the second: small, and without rounding.
    Position,
    /// The square of it.
    Squared,
}

/// The columns that tell a place, by their English names. In a plane of position and square no three places lie on a line
/// and none comes again, so a head of two features can ask for any of them: `2tp - p²` is largest where p = t.
const PLACES: [(&str, Column); 3] =
    [("constant", Column::Constant), ("position", Column::Position), ("squared", Column::Squared)];

impl Column {
    /// The number for a token at a position, from 0.
    fn place(self, position: usize) -> f32 {
        let place = position + 1;
        match self {
            Self::Meaning(_) => 0.0,
            Self::Constant => 1.0,
            Self::Position => place as f32 / 8.0,
            Self::Squared => (place * place) as f32 / 64.0,
        }
    }
}

/// Whether a column of that name tells a place: those that [`Column::place`] computes.
pub(super) fn tells_a_place(name: &Text) -> bool {
    PLACES.iter().any(|(place, _)| name.en == *place)
}

/// What a word means: one number a column of H (0 where the column tells a place), and who says so.
struct Meaning {
    row: Vec<f32>,
    origin: WordOrigin,
}

impl Sample {
    /// The columns of H that say what a word means; those that tell its place are left out.
    pub fn meanings(&self) -> Vec<usize> {
        (0..self.dimensions.len()).filter(|&col| !tells_a_place(&self.dimensions[col])).collect()
    }

    /// The columns of a head's queries and keys in which they meet by what words mean; those that tell a place are left out.
    pub(crate) fn meant_features(&self, head: usize) -> Vec<usize> {
        let features = self.heads.get(head).map_or(&[][..], |card| &card.features);
        (0..features.len()).filter(|&feature| !tells_a_place(&features[feature])).collect()
    }

    /// Whether a column of H tells where a word stands.
    pub fn tells_a_place(&self, col: usize) -> bool {
        self.dimensions.get(col).is_some_and(tells_a_place)
    }

    /// The same sample with another sentence, of 1 to 512 tokens: same weights, H as the module says, the mask as wide as
    /// the sentence. A word that nobody described has a vector of its own, the same in every sentence. Cut finely, [`Sample::coarser`] leads back to the words. Head intents speak
    /// of the sample's own words and stay only with those.
    ///
    /// To be called on a sample as it was read: the words of a sentence typed before are not the sample's own.
    ///
    /// # Errors
    /// [`SentenceError`] where the sentence cannot be cut, or the sample's columns are not the lexicon's dimensions.
    pub fn with_sentence(
        &self,
        written: &str,
        lens: Lens,
        segmenter: &mut Segmenter,
        lexicon: &Lexicon,
    ) -> Result<Self, SentenceError> {
        if let Some(within) = &self.model {
            let sample = within.model.sample(written).map_err(SentenceError::Program)?;
            return Ok(Self { what_if: self.what_if.switches(), ..sample });
        }
        let columns = self.columns(lexicon)?;
        let cut = segmenter.cut(written, lens)?;
        let cuts = lens.coarser().map(|lens| segmenter.cut(written, lens)).collect::<Result<Vec<_>, _>>()?;
        let coarser: Vec<Pieces> = cuts.iter().filter_map(|coarse| Pieces::new(&cut, coarse)).collect();
        let words = cuts.first().unwrap_or(&cut);
        let mut means = |word: &str| self.meaning(word, &columns, lexicon, segmenter);
        let meanings: Vec<Meaning> = words.tokens.iter().map(|word| means(&word.text)).collect();
        let of = word_of_each(&cut, words);
        let meaning = |token: usize| of.get(token).copied().flatten().and_then(|word: usize| meanings.get(word));

        let tokens: Vec<String> = cut.tokens.into_iter().map(|token| token.text).collect();
        let count = tokens.len();
        let sizes = Sizes { tokens: count, memory: count, ..self.sizes };
        let program = self_attention(&sizes).map_err(|error| SentenceError::Program(error.into()))?;
        let mask = self.mask_for(count)?;
        let number = |cell: Cell| {
            let means = meaning(cell.row).map_or(0.0, |meaning| meaning.row[cell.col]);
            means + columns[cell.col].place(cell.row)
        };
        let inputs = Inputs::new(&program, |symbol| {
            let shape = program.find_symbol(symbol).map(|slot| program.shape(slot))?;
            match symbol.name {
                Name::H => Some(Arc::new(Tensor::from_fn(shape, number))),
                Name::Mask => Tensor::from_vec(shape, mask.clone()).map(Arc::new),
                _ => self.input(symbol).map(Arc::clone),
            }
        });
        let inputs = inputs.map_err(|error| SentenceError::Program(error.into()))?;

        let own = tokens == self.tokens;
        let space = WordOrigin::Lexicon(Text::new("空格，没有含义", "a space, without a meaning"));
        let gloss = |word: &String| self.own(word).and_then(|i| self.gloss.get(i).cloned());
        Ok(Self {
            title: if own { self.title.clone() } else { Text::same(&cut.text) },
            text: cut.text,
            memory_tokens: Vec::new(),
            gloss: tokens.iter().map(gloss).collect::<Option<_>>().unwrap_or_default(),
            word_origins: (0..count)
                .map(|token| meaning(token).map_or(space.clone(), |it| it.origin.clone()))
                .collect(),
            coarser,
            tokens,
            heads: if own { self.heads.clone() } else { self.heads.iter().map(without_intent).collect() },
            sizes,
            program: Arc::new(program),
            inputs: Arc::new(inputs),
            what_if: self.what_if.switches(),
            ..self.clone()
        })
    }

    /// Whether a person can give it a sentence of their own: it is a model's, or its columns are named dimensions. Which words it
    /// then knows is another question.
    ///
    /// # Errors
    /// [`SentenceError::NoLexicon`], which says why not.
    pub fn takes_sentences(&self) -> Result<(), SentenceError> {
        let refuse = |zh: String, en: String| Err(self.no_lexicon(zh, en));
        if self.model.is_some() {
            return Ok(());
        }
        if self.program.kind().is_imported() {
            return refuse(
                "它是导入的，只有文件里的那些词".to_owned(),
                "it was imported, with the words of its file alone".to_owned(),
            );
        }
        if self.program.kind().answers().is_some() {
            let kind = self.program.kind().name();
            return refuse(format!("它是 {kind}，不是 self-attention"), format!("it is {kind}, not self-attention"));
        }
        if self.dimensions.is_empty() {
            return refuse("它的维度没有名字".to_owned(), "its dimensions have no names".to_owned());
        }
        Ok(())
    }

    fn no_lexicon(&self, zh: String, en: String) -> SentenceError {
        SentenceError::NoLexicon { sample: self.name.clone(), why: Text::owned(zh, en) }
    }

    /// What each column of H holds, where the lexicon's dimensions and the position say it all.
    fn columns(&self, lexicon: &Lexicon) -> Result<Vec<Column>, SentenceError> {
        self.takes_sentences()?;
        let mut columns = Vec::with_capacity(self.dimensions.len());
        for name in &self.dimensions {
            if let Some((_, place)) = PLACES.iter().find(|(place, _)| name.en == *place) {
                columns.push(*place);
                continue;
            }
            let Some(dimension) = lexicon.dimensions().iter().position(|known| known.en == name.en) else {
                return Err(self.no_lexicon(
                    format!("没有词按维度「{}」描述", name.zh),
                    format!("no word is described by its dimension `{}`", name.en),
                ));
            };
            columns.push(Column::Meaning(dimension));
        }
        Ok(columns)
    }

    /// What a word means: to the sample, to the lexicon, by its class, or by chance.
    fn meaning(&self, word: &str, columns: &[Column], lexicon: &Lexicon, segmenter: &mut Segmenter) -> Meaning {
        let described = |row: &[f32]| {
            let number = |column: &Column| match column {
                Column::Meaning(dimension) => row[*dimension],
                _ => 0.0,
            };
            columns.iter().map(number).collect()
        };
        if let (Some(own), Some(h)) = (self.own(word), self.input(Name::H)) {
            let number = |(col, column): (usize, &Column)| match column {
                Column::Meaning(_) => h.get(Cell::at(own, col)),
                _ => 0.0,
            };
            let origin = self.word_origins.get(own).cloned().unwrap_or(WordOrigin::Given(self.given));
            return Meaning { row: columns.iter().enumerate().map(number).collect(), origin };
        }
        if let (Some(row), Some(about)) = (lexicon.describe(word), lexicon.about(word)) {
            return Meaning { row: described(row), origin: WordOrigin::Lexicon(about.clone()) };
        }
        if let Some((about, row)) = segmenter.kind(word).and_then(|sign| lexicon.class(&sign)) {
            return Meaning { row: described(row), origin: WordOrigin::Class(about.clone()) };
        }
        // One number a column of meaning, in their order: which others the lexicon has makes no difference.
        let meanings = columns.iter().filter(|column| matches!(column, Column::Meaning(_))).count();
        let mut drawn = by_chance(word, meanings).into_iter();
        let mut number = |column: &Column| match column {
            Column::Meaning(_) => drawn.next().unwrap_or_default(),
            _ => 0.0,
        };
        Meaning { row: columns.iter().map(&mut number).collect(), origin: WordOrigin::Given(Origin::Random) }
    }

    /// The sample's own token that is this word and that somebody described.
    fn own(&self, word: &str) -> Option<usize> {
        let described = |i: &usize| self.word_origins.get(*i).is_none_or(|word| !word.is_random());
        let find =
            |same: &dyn Fn(&str) -> bool| (0..self.tokens.len()).filter(described).find(|&i| same(&self.tokens[i]));
        let folded_word = folded(word);
        let owner = owner(&folded_word);
        find(&|token| token == word).or_else(|| find(&|token| [&folded_word, owner].contains(&folded(token).as_str())))
    }

    /// The sample's mask for so many tokens, row by row: everything open and looking back only have a meaning at any length.
    fn mask_for(&self, count: usize) -> Result<Vec<f32>, SentenceError> {
        let expected = self.sizes.tokens;
        match self.input(Name::Mask).map(|mask| mask.as_slice()) {
            Some(mask) if expected == count => Ok(mask.to_vec()),
            None => Ok(vec![1.0; count * count]),
            Some(mask) if !mask.contains(&0.0) => Ok(vec![1.0; count * count]),
            Some(mask) if mask == causal(expected) => Ok(causal(count)),
            Some(_) => Err(SentenceError::Mask { sample: self.name.clone(), expected, found: count }),
        }
    }
}

/// For each token the word it lies in; `None` for the bytes of a space between words, which mean nothing.
fn word_of_each(cut: &Sentence, words: &Sentence) -> Vec<Option<usize>> {
    let word_of = |start: usize| {
        let word = words.tokens.partition_point(|word| word.range.end <= start);
        words.tokens.get(word).filter(|found| found.range.start <= start).map(|_| word)
    };
    cut.tokens.iter().map(|token| word_of(token.range.start)).collect()
}

/// A head's names without the sentence about words that are no longer there.
fn without_intent(card: &HeadCard) -> HeadCard {
    HeadCard { intent: None, ..card.clone() }
}

/// Normal numbers to two digits whose squares add up to about 1, as those of a described word do; the seed is the
/// word itself.
fn by_chance(word: &str, dimensions: usize) -> Vec<f32> {
    let spread = 1.0 / (dimensions as f32).sqrt();
    let mut rng = ChaCha8Rng::seed_from_u64(seed(owner(&folded(word))));
    let draw = |_| {
        let z: f32 = StandardNormal.sample(&mut rng);
        (spread * z * 100.0).round() / 100.0
    };
    (0..dimensions).map(draw).collect()
}

/// FNV-1a, 64 bits: the same number from the same word on every machine and in every version.
fn seed(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
