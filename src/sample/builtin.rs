//! The samples that come with the program.

use super::{Sample, SampleError};

/// A sample inside the program.
#[derive(Debug, Clone, Copy)]
pub struct Builtin {
    /// Its name, as in `--sample tiananmen`.
    pub name: &'static str,
    make: fn() -> Result<Sample, SampleError>,
}

impl Builtin {
    /// Builds it.
    ///
    /// # Errors
    /// Never for what was released: a test builds every one.
    pub fn load(&self) -> Result<Sample, SampleError> {
        (self.make)()
    }
}

/// A sample whose file is compiled in.
macro_rules! stored {
    ($name:literal) => {{
        const FILE: &str = concat!("samples/", $name, ".toml");
        const SOURCE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/samples/", $name, ".toml"));
        Builtin { name: $name, make: || Sample::parse(SOURCE, FILE) }
    }};
}

/// Every built-in sample, the default first.
pub const BUILTIN: &[Builtin] = &[
    stored!("tiananmen"),
    stored!("h1h2"),
    stored!("translation"),
    stored!("translation-cross"),
    Builtin { name: Sample::BATCH, make: || Sample::batch(1) },
];

impl Sample {
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
    pub fn builtin(name: &str) -> Option<Result<Self, SampleError>> {
        BUILTIN.iter().find(|sample| sample.name == name).map(Builtin::load)
    }
}
