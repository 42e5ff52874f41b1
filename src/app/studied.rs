//! What the heads are like over many sentences: what is known, and under which changes of the weights.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Effect, Model};
use crate::session::{Job, Kind};
use crate::source::sample::Scenario;
use crate::study::heads::Study;

/// The latest study, with what was changed when it was made.
#[derive(Debug, Clone, Default)]
pub(super) struct Studied {
    known: Option<(Scenario, Arc<Study>)>,
    /// What was asked about last, so that a study that fails is not asked for again and again.
    asked: Option<Scenario>,
}

impl Studied {
    /// Keeps what was measured.
    pub(super) fn learn(&mut self, scenario: Scenario, study: Arc<Study>) {
        self.known = Some((scenario, study));
    }
}

impl Model {
    /// What of the changes a study depends on: the switches and the weights, not what is silenced.
    fn studied_scenario(&self) -> Scenario {
        Scenario { silenced: BTreeSet::new(), ..self.material.scenario.of_weights() }
    }

    /// What the heads are like over many sentences, where that is known of the weights as they are now.
    pub fn study(&self) -> Option<&Study> {
        let (scenario, study) = self.studied.known.as_ref()?;
        (*scenario == self.studied_scenario()).then_some(&**study)
    }

    /// Asks what the heads are like, unless that is known or was asked before; `anew` asks even then.
    pub(super) fn study_heads(&mut self, anew: bool) -> Vec<Effect> {
        let scenario = self.studied_scenario();
        let asked = self.studied.asked.as_ref() == Some(&scenario);
        if self.study().is_some() || asked && (!anew || self.waits_for(Kind::Study)) {
            return Vec::new();
        }
        self.studied.asked = Some(scenario.clone());
        self.ask(Job::Study { sample: Arc::clone(&self.material.original), scenario })
    }
}
