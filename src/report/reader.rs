//! For whom a report is written: [`Reader`].

use crate::ground::lang::{Lang, Text};
use crate::ground::signs;

/// The reader's language, and whether their terminal draws more than ASCII symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reader {
    /// The language of all words.
    pub lang: Lang,
    /// Mathematical signs as ASCII; the sample's own words stay as they are.
    pub ascii: bool,
}

impl Reader {
    /// The words in the reader's language and signs.
    pub fn text(self, text: &Text) -> String {
        self.signs(text.get(self.lang))
    }

    /// The text in the reader's signs.
    pub fn signs(self, text: &str) -> String {
        if self.ascii { signs::spelled(text) } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{Kind, Name, labels};

    #[test]
    fn every_formula_and_english_word_of_ours_can_be_written_in_ascii() {
        let reader = Reader { lang: Lang::En, ascii: true };
        let symbols = [Name::Q, Name::Scores, Name::Scaled, Name::Masked, Name::Weights, Name::Context];
        for symbol in symbols.into_iter().chain([Name::H, Name::WQ, Name::Concat, Name::Output]) {
            for kind in Kind::ALL {
                let label = labels::label(symbol, kind);
                for words in [reader.signs(&label.formula), reader.text(&label.title), reader.text(&label.says)] {
                    assert!(words.is_ascii(), "{words}");
                }
            }
        }
    }

    #[test]
    fn the_samples_own_words_stay() {
        let reader = Reader { lang: Lang::Zh, ascii: true };
        assert_eq!(reader.signs("动作 → 对象"), "动作 -> 对象");
    }
}
