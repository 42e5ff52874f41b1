//! The pages of the walk: which there are, which of them come one after another, and what stands on each.
//!
//! A program of several layers is walked a section at a time: what comes before the layers, a layer, what comes behind them. What
//! stands around the attention of a layer (norms, residuals, the feed-forward network) is folded until it is opened.

use super::Model;
use super::view::Page;
use super::windows::MapWindow;
use crate::math::tensor::Axis;
use crate::program::{Direction, Kind, Layer, Name, Section, Slot};

/// What is folded: all that a layer has beside its attention, but for what it hands on.
const FOLDED: &[Name] = &[
    Name::Norm1,
    Name::KShared,
    Name::VShared,
    Name::Residual,
    Name::Norm2,
    Name::Inner,
    Name::Gate,
    Name::Activation,
    Name::Gated,
    Name::Mlp,
    Name::Residual2,
];

impl Model {
    /// The section that is walked: all of a program without layers.
    pub fn section(&self) -> Section {
        let sections = self.program().sections();
        let all = 0..self.program().stages().len();
        let first = || Section { direction: Direction::Forward, layer: None, stages: all };
        sections.get(self.view.section).or(sections.last()).cloned().unwrap_or_else(first)
    }

    /// Whether there are several sections to choose from: layers, or the way back.
    pub fn has_sections(&self) -> bool {
        self.program().sections().len() > 1
    }

    /// The layer that is walked; none where the program has none, or before and behind them.
    pub fn layer(&self) -> Option<Layer> {
        self.section().layer
    }

    /// The tensor of that name in the layer that is walked, or outside of all.
    pub fn find(&self, name: Name) -> Option<Slot> {
        self.program().find(self.layer(), name)
    }

    /// What a tensor is called while its layer is walked: there its name is enough.
    pub fn symbol_here(&self, slot: Slot) -> String {
        let symbol = self.program().symbol(slot);
        if symbol.layer == self.layer() { symbol.name.to_string() } else { symbol.to_string() }
    }

    /// Begins the walk in the first layer, where there are layers; the map of a model lies over it.
    pub(super) fn begin_in_a_layer(&mut self) {
        let layer = self.program().sections().iter().position(|section| section.layer.is_some());
        (self.view.section, self.view.unfolded) = (layer.unwrap_or(0), false);
        if layer.is_some() {
            let map = MapWindow::of(self);
            self.open_window(map);
        }
    }

    /// The section in which a stage stands.
    pub(super) fn section_of(&self, stage: usize) -> Option<usize> {
        self.program().sections().iter().position(|section| section.stages.contains(&stage))
    }

    /// Goes to another section, as near as may be to the page that is shown.
    pub(super) fn turn_to_section(&mut self, section: usize) {
        let symbol = match self.view.page {
            Page::Stage(stage) => self.program().stages().get(stage).map(|stage| stage.symbol.name),
            _ => None,
        };
        self.view.section = section.min(self.program().sections().len().saturating_sub(1));
        let like = |name: Name| {
            let stages = self.program().stages();
            self.section().stages.clone().find(|&stage| stages[stage].symbol.name == name)
        };
        let page = match (self.view.page, symbol) {
            (Page::Stage(_), Some(name)) => like(name).map_or(Page::Words, Page::Stage),
            (page, _) => page,
        };
        self.turn_to(page);
    }

    /// Whether a stage is walked only while what stands around attention is unfolded.
    pub fn is_folded(&self, stage: usize) -> bool {
        let name = self.program().stages().get(stage).map(|stage| stage.symbol.name);
        let open = self.view.unfolded || self.view.page == Page::Stage(stage);
        !open && self.layer().is_some() && name.is_some_and(|name| FOLDED.contains(&name))
    }

    /// How many stages of the section are folded.
    pub fn folded(&self) -> usize {
        self.section().stages.filter(|&stage| self.is_folded(stage)).count()
    }

    /// The stages that are walked, in order.
    fn walked(&self) -> impl Iterator<Item = usize> + use<'_> {
        self.section().stages.filter(|&stage| !self.is_folded(stage))
    }

    /// How many pages the walk has.
    pub fn pages(&self) -> usize {
        self.walked().count() + 3
    }

    /// The position of the page in the walk: 0 at the beginning, then the number that stands before it.
    pub fn position(&self) -> usize {
        match self.view.page {
            Page::Beginning => 0,
            Page::Words => 1,
            Page::Stage(i) => self.walked().take_while(|&stage| stage < i).count() + 2,
            Page::End => self.pages() - 1,
        }
    }

    /// The page at a position, if there is one.
    pub fn page_at(&self, position: usize) -> Option<Page> {
        match position {
            0 => Some(Page::Beginning),
            1 => Some(Page::Words),
            n if n + 1 < self.pages() => self.walked().nth(n - 2).map(Page::Stage),
            n => (n + 1 == self.pages()).then_some(Page::End),
        }
    }

    /// The tensors in which the cursor can move on a page; the first is the one that the page is about.
    pub fn tensors(&self, page: Page) -> Vec<Slot> {
        match page {
            Page::Beginning => self.find(Name::Weights).or_else(|| self.last_made()).into_iter().collect(),
            Page::End => self.last_made().into_iter().collect(),
            Page::Stage(i) => {
                let Some(stage) = self.program().stages().get(i) else { return Vec::new() };
                let given = stage.operands.iter().filter(|&&slot| self.program().made_by(slot).is_none());
                std::iter::once(stage.output).chain(given.copied()).collect()
            }
            Page::Words => self.words(),
        }
    }

    /// What the section begins with: the words; of a layer the hidden vectors that it is handed.
    pub fn words(&self) -> Vec<Slot> {
        let Section { layer, stages, .. } = self.section();
        let names = [Name::Query, Name::H, Name::M, Name::E, Name::P, Name::S, Name::X, Name::XM];
        let given = |slot: &Slot| self.program().made_by(*slot).is_none();
        let given: Vec<Slot> =
            names.into_iter().filter_map(|name| self.program().find(None, name)).filter(given).collect();
        if layer.is_none() && stages.start == 0 && !given.is_empty() {
            return given;
        }
        if self.program().kind() == Kind::Imported {
            return [Name::Q, Name::K, Name::V]
                .into_iter()
                .filter_map(|name| self.program().find(layer, name))
                .collect();
        }
        let handed = self.program().stages().get(stages.start).and_then(|stage| stage.operands.first());
        handed.copied().into_iter().collect()
    }

    /// What the last stage of the section makes.
    fn last_made(&self) -> Option<Slot> {
        let Section { direction, layer, stages } = self.section();
        match direction {
            Direction::Forward if layer.is_none() && self.program().layers() == 0 => self.program().result(),
            _ => stages.last().map(|last| self.program().output_of(last)),
        }
    }

    /// The stage whose result the page is about; none of the words.
    pub fn stage(&self) -> Option<usize> {
        match self.view.page {
            Page::Words => None,
            Page::Stage(stage) => Some(stage),
            Page::Beginning | Page::End => self.program().stage_of(*self.tensors(self.view.page).first()?),
        }
    }

    /// The pages that show tensors, in walking order.
    pub fn pages_of_tensors(&self) -> impl Iterator<Item = Page> {
        (0..self.pages()).filter_map(|position| self.page_at(position)).filter(|page| page.shows_tensors())
    }

    /// How many words ask.
    pub fn asking(&self) -> usize {
        let rows = self.words().first().map(|&slot| self.program().shape(slot).rows);
        rows.filter(|rows| matches!(rows.axis, Axis::Token)).map_or(1, |rows| rows.len)
    }
}
