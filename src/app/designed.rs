//! What the heads of a designed sample are meant for, said only where they do it.

use super::{Model, Page};
use crate::ground::lang::Text;
use crate::program::{Name, Trace};
use crate::source::sample::{HeadCard, design};

impl Model {
    /// For each head of a run, whether its name and purpose hold there: it tells the story of its design or, in another
    /// sentence, at least looks at something with the weights it was designed with.
    pub(super) fn kept(&self, trace: &Trace) -> Vec<bool> {
        let (sample, scenario) = (&self.material.sample, &self.material.scenario);
        let own = self.material.design.kept(&sample.program, trace);
        let untouched = !scenario.wiring.swapped && scenario.of_weights().numbers.is_empty();
        let holds = |(head, card): (usize, &HeadCard)| match &card.intent {
            Some(_) => own.get(head).copied().unwrap_or(false),
            None => card.name.is_some() && untouched && design::is_at_work(&sample.program, trace, head),
        };
        sample.heads.iter().enumerate().map(holds).collect()
    }

    fn card(&self, head: usize) -> Option<&HeadCard> {
        let holds = self.results()?.kept().get(head).copied().unwrap_or(false);
        self.material.sample.heads.get(head).filter(|_| holds)
    }

    /// What a head is called, while it does what it is called after.
    pub fn head_name(&self, head: usize) -> Option<&Text> {
        self.card(head)?.name.as_ref()
    }

    /// What a head was designed for, while it does it.
    pub fn head_intent(&self, head: usize) -> Option<Text> {
        let intent = self.card(head)?.intent.as_ref()?;
        Some(Text::owned(format!("设计意图：{}", intent.zh), format!("Designed for this: {}", intent.en)))
    }

    /// Whether the page is one on which heads already attend to something: before the scores they do not.
    pub fn page_has_attention(&self) -> bool {
        let stage = match self.view.page {
            Page::Words => return false,
            Page::Beginning | Page::End => return true,
            Page::Stage(stage) => stage,
        };
        !matches!(self.program().stages()[stage].symbol.name, Name::Q | Name::K | Name::V)
    }
}
