//! What the window of heads worked out of a run last. It belongs to that run and goes with it.

use std::sync::Arc;

use super::{HeadsWindow, Reasoned, Split};
use crate::app::Model;
use crate::app::latest::{Latest, LatestOf};
use crate::program::Layer;
use crate::study::heads::{Forms, Plane, Reading, means};

/// A head of a layer.
type Which = (Option<Layer>, usize);

/// What a head's picture of dots depends on: the sentence, how attention is read and whether that is known yet, what is hidden, and
/// dots across and down.
type Dotted = (usize, (Reading, bool), (usize, usize, bool), (u16, u16));

/// What the views worked out last.
#[derive(Debug, Clone, Default)]
pub(in crate::app) struct Known {
    forms: Latest<Which, Option<Arc<Forms>>>,
    split: Latest<(Which, usize), Option<Arc<Split>>>,
    asked: Latest<(Which, usize), Option<Arc<Plane>>>,
    moved: Latest<(Which, usize, usize), Option<Arc<Plane>>>,
    reasoned: Latest<(Which, usize, usize, bool), Option<Arc<Reasoned>>>,
    dots: LatestOf<usize, Dotted, Option<Arc<[f32]>>>,
}

impl HeadsWindow {
    /// The chosen head in its layer.
    fn which(&self, model: &Model) -> Which {
        (model.layer(), self.chosen % model.program().heads())
    }

    /// The weights of a head as so many dots across and down; none where they are not known.
    pub(crate) fn dots(&self, model: &Model, at: usize, grid: (u16, u16)) -> Option<Arc<[f32]>> {
        let attention = (model.attention(), model.attribution().is_some());
        let asked = (model.view.cursor.batch, attention, (self.threshold, self.kept, self.words_only), grid);
        model.results()?.heads().dots.of(at, asked, || {
            let weights = self.weights(model, at)?;
            Some(means((weights.rows, weights.cols), &weights.numbers, grid).into())
        })
    }

    /// What the chosen head asks of whom, and what it moves; none where there are no W.
    pub(crate) fn forms(&self, model: &Model) -> Option<Arc<Forms>> {
        let (results, which) = (model.results()?, self.which(model));
        let forms = || Forms::of(model.program(), model.trace()?, which.0, which.1).map(Arc::new);
        results.heads().forms.of(which, forms)
    }

    /// The chosen head's own small projection, beside what was cut from the large one; none where there is no `W_q`.
    pub(crate) fn split(&self, model: &Model) -> Option<Arc<Split>> {
        let (results, which) = (model.results()?, self.which(model));
        results.heads().split.of((which, model.view.cursor.batch), || Split::of(model, which.1).map(Arc::new))
    }

    /// Queries and keys in one plane, values and the chosen word's context in another; none where there are no numbers.
    pub(crate) fn planes(&self, model: &Model) -> Option<(Arc<Plane>, Arc<Plane>)> {
        let (results, which, batch) = (model.results()?, self.which(model), model.view.cursor.batch);
        let asked = results.heads().asked.of((which, batch), || self.asked(model).map(Arc::new))?;
        let moved = results.heads().moved.of((which, batch, self.word), || self.moved(model).map(Arc::new))?;
        Some((asked, moved))
    }

    /// The words that the chosen word looks at, by three measures; none where there are no numbers.
    pub(crate) fn reasoned(&self, model: &Model) -> Option<Arc<Reasoned>> {
        let (results, which, batch) = (model.results()?, self.which(model), model.view.cursor.batch);
        let asked = (which, batch, self.word, self.together);
        results.heads().reasoned.of(asked, || self.reason(model).map(Arc::new))
    }
}
