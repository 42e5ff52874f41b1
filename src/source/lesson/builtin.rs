//! The lessons that come with the program.

use super::{About, Lesson, LessonError, Material};

use crate::source::file::FileError;

/// A lesson inside the program.
#[derive(Debug, Clone, Copy)]
pub struct BuiltinLesson {
    /// The file, as errors call it.
    pub file: &'static str,
    /// Its text.
    pub source: &'static str,
}

/// A file of `samples/lessons/`, compiled in.
macro_rules! stored {
    ($name:literal) => {
        BuiltinLesson {
            file: concat!("samples/lessons/", $name, ".toml"),
            source: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/samples/lessons/", $name, ".toml")),
        }
    };
}

/// Every lesson that comes with the program, in order: those of `samples/lessons/` whose names begin with a number.
pub const BUILTIN: &[BuiltinLesson] = include!(concat!(env!("OUT_DIR"), "/lessons.rs"));

/// What a new lesson begins with: a whole one, commented.
pub const TEMPLATE: BuiltinLesson = stored!("template");

impl BuiltinLesson {
    /// Its name, as in `--lesson`: the file's without number and ending.
    pub fn name(&self) -> &'static str {
        let stem = self.file.rsplit('/').next().unwrap_or(self.file).trim_end_matches(".toml");
        stem.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches('-')
    }

    /// Reads what it is about.
    ///
    /// # Errors
    /// Never for what was released: a test reads every one.
    pub fn about(&self) -> Result<About, FileError> {
        Lesson::about(self.source, self.file)
    }

    /// Reads it.
    ///
    /// # Errors
    /// Never for what was released: a test reads every one.
    pub fn load(&self, material: &mut dyn Material) -> Result<Lesson, LessonError> {
        Lesson::parse(self.source, self.file, material)
    }
}
