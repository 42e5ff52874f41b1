//! The bug clinic on the screen: the case that is being worked on, and what was needed for those that are solved.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::edits::try_change;
use super::windows::ClinicWindow;
use super::{Effect, Model, Page, update};
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::program::{Address, Mistake, Name, Wiring};
use crate::source::sample::{Sample, Scenario};
use crate::study::clinic::{Case, Progress, Score};

/// What is known of the cases.
#[derive(Debug, Clone, Default)]
pub struct Clinic {
    /// The case being worked on.
    on: Option<Progress>,
    /// What was needed to solve a case, the best where it was solved more than once.
    solved: BTreeMap<&'static str, Score>,
}

impl Clinic {
    /// The case being worked on.
    pub fn on(&self) -> Option<&Progress> {
        self.on.as_ref()
    }

    /// What was needed to solve a case; none where it is not solved.
    pub fn solved(&self, case: &Case) -> Option<Score> {
        self.solved.get(case.name).copied()
    }
}

impl Model {
    /// Opens a case: its sample, with the mistake in it, from its weights on.
    ///
    /// # Errors
    /// Words for the person; never for a case that was released.
    pub fn open_case(&mut self, case: &'static Case) -> Result<Vec<Effect>, Text> {
        let gone = || Text::owned(format!("没有样例 {}", case.sample), format!("there is no sample {}", case.sample));
        let sample = Sample::builtin(case.sample).ok_or_else(gone)?.map_err(|error| error.words())?;
        let effects = update::open(self, Arc::new(Sample { what_if: case.scenario(), ..sample }));
        self.clinic.on = Some(Progress::new(case));
        let weights = self.find(Name::Weights).and_then(|slot| self.program().stage_of(slot));
        if let Some(stage) = weights {
            self.turn_to(Page::Stage(stage));
        }
        Ok(effects)
    }

    /// The model beginning with a case, before the first result.
    #[must_use]
    pub fn in_clinic(mut self, case: &'static Case) -> Self {
        // The effects are those of the first request, which is still to be made.
        let opened = self.open_case(case);
        if let Err(why) = opened {
            self.warn(why);
        }
        self.open_window(ClinicWindow::at_the_case());
        self
    }

    /// Whether what is shown is the case being worked on.
    pub fn shows_case(&self) -> bool {
        let wiring = self.material.scenario.wiring;
        self.clinic
            .on()
            .and_then(Progress::case)
            .is_some_and(|case| wiring.mistake == case.mistake() && self.material.original.name == case.sample)
    }

    /// A number was opened.
    pub(super) fn note_opened(&mut self, address: Address) {
        let name = address.display(self.program());
        if self.shows_case()
            && let Some(progress) = &mut self.clinic.on
        {
            progress.open(name);
        }
    }

    /// Asks for another hint.
    pub(super) fn ask_hint(&mut self) {
        let more = self.clinic.on.as_mut().is_some_and(Progress::hint);
        if !more {
            self.warn(Text::new("提示都给完了", "there are no more hints"));
        }
    }

    /// Answers: where that is right the mistake is named from then on.
    pub(super) fn answer_case(&mut self, mistake: &'static Mistake) -> Vec<Effect> {
        let shown = self.shows_case();
        let Some(progress) = &mut self.clinic.on else { return Vec::new() };
        let (before, right, score) = (progress.is_solved(), progress.answer(mistake), progress.score());
        if before || !right {
            return Vec::new();
        }
        if let Some(case) = progress.case() {
            let cost = |score: &Score| score.opened + 2 * score.hints + 3 * score.wrong;
            let best = self.clinic.solved.entry(case.name).or_insert(score);
            if cost(&score) < cost(best) {
                *best = score;
            }
        }
        let now = self.material.scenario.clone();
        let wiring = Wiring { unnamed: false, ..now.wiring };
        if shown { try_change(self, Scenario { wiring, ..now }) } else { Vec::new() }
    }
}
