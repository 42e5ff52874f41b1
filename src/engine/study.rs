//! The heads of a sample measured over many sentences.

use std::sync::Arc;

use super::{Engine, Watch};
use crate::ground::text::Segmenter;
use crate::program::{Inputs, Program};
use crate::source::sample::{Lexicon, Sample, Scenario};
use crate::study::heads::{Corpus, How, Study, StudyError};

impl Engine {
    /// Measures the heads of a sample over the corpus that comes with the program.
    ///
    /// # Errors
    /// As [`Study::counting`].
    pub fn study(
        &mut self,
        (sample, how): (&Sample, How),
        scenario: &Scenario,
        tools: (&mut Segmenter, &Lexicon),
        watch: Watch<'_>,
    ) -> Result<Study, StudyError> {
        let corpus = Corpus::builtin().map_err(|error| StudyError::Run(error.into()))?;
        let run = |program: &Arc<Program>, inputs: &Inputs| {
            if watch.stopped() {
                return Err(StudyError::BrokenOff);
            }
            self.run(program, inputs).map(|run| run.trace).map_err(|error| StudyError::Run(error.into()))
        };
        Study::counting(how, sample, scenario, &corpus, tools, run)
    }
}
