//! The samples that come with the program.

use super::Sample;
use crate::ground::lang::Text;
use crate::source::file::FileError;

/// A sample inside the program.
#[derive(Debug, Clone)]
pub struct Builtin {
    /// Its name, as in `--sample tiananmen`.
    pub name: &'static str,
    make: fn() -> Result<Sample, FileError>,
    /// The title of a sample that is costly to make; the others' stands in their files.
    title: Option<Text>,
}

impl Builtin {
    /// Builds it.
    ///
    /// # Errors
    /// Never for what was released: a test builds every one.
    pub fn load(&self) -> Result<Sample, FileError> {
        (self.make)()
    }

    /// Its title, without making what is costly to make.
    pub fn title(&self) -> Text {
        let stored = || self.load().map_or_else(|_| Text::same(self.name), |sample| sample.title);
        self.title.clone().unwrap_or_else(stored)
    }
}

/// A sample whose file is compiled in.
macro_rules! stored {
    ($name:literal) => {
        stored!($name, $name)
    };
    ($name:literal, $file:literal) => {{
        const FILE: &str = concat!("samples/", $file, ".toml");
        const SOURCE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/samples/", $file, ".toml"));
        Builtin { name: $name, make: || Sample::parse(SOURCE, FILE), title: None }
    }};
}

/// Every built-in sample, the default first.
pub const BUILTIN: &[Builtin] = &[
    stored!("tiananmen"),
    stored!("english"),
    stored!("h1h2"),
    stored!("translation"),
    stored!("translation-cross"),
    stored!("padding"),
    stored!("trained-translation", "trained/translation"),
    stored!("trained-induction", "trained/induction"),
    stored!("trained-reverse", "trained/reverse"),
    Builtin { name: Sample::BATCH, make: || Sample::batch(1), title: Some(Sample::BATCH_TITLE) },
];

/// Samples of the same sentence: with weights made by hand, and with weights that were learned.
const SAME_SENTENCE: &[(&str, &str)] = &[("translation-cross", "trained-translation")];

impl Sample {
    /// The built-in sample of the same sentence whose weights were learned.
    pub(crate) fn learned_beside(&self) -> Option<&'static str> {
        SAME_SENTENCE.iter().find(|(designed, _)| *designed == self.name).map(|(_, trained)| *trained)
    }

    /// The built-in sample of the same sentence whose weights were made by hand.
    pub(crate) fn designed_beside(&self) -> Option<&'static str> {
        SAME_SENTENCE.iter().find(|(_, trained)| *trained == self.name).map(|(designed, _)| *designed)
    }

    /// The name of the sample that opens when none is asked for.
    pub const DEFAULT: &'static str = BUILTIN[0].name;

    /// The names of the built-in samples, the default first.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILTIN.iter().map(|sample| sample.name)
    }

    /// A built-in sample; `None` where no sample has that name.
    ///
    /// # Errors
    /// As [`Builtin::load`].
    pub fn builtin(name: &str) -> Option<Result<Self, FileError>> {
        BUILTIN.iter().find(|sample| sample.name == name).map(Builtin::load)
    }
}
