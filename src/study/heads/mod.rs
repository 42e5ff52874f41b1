//! Heads as something to look through, compare, measure and name honestly.
//!
//! ```text
//! metrics     what a head's weights are like: entropy, how much goes to the previous word …
//! corpus      many stored sentences, so that a card does not speak of the one on the screen
//! study       every metric of every head over a corpus: mean ± standard deviation
//! naming      the rules that give a label, and when none does
//! distance    how alike two heads are
//! beside      two sentences word beside word, and what moved between them
//! filter      `previous>0.5 & entropy<1`
//! parts       the output as a sum of heads and of words: what is silenced, what is left out
//! forms       `W_q·W_kᵀ` and `W_v·W_o`: what a head asks of whom, and what it moves
//! reading     raw weights, weights times values, a rollout through the layers
//! plane       queries, keys and values in two dimensions
//! ```

mod beside;
pub mod corpus;
mod distance;
pub mod filter;
mod forms;
mod means;
pub mod metrics;
pub mod naming;
mod parts;
mod plane;
mod reading;
mod study;

pub use beside::{Pair, Rows, align};
pub use corpus::Corpus;
pub use distance::{distance, order_by_likeness};
pub use filter::{Filter, FilterError};
pub use forms::{Form, Forms};
pub use means::means;
pub use metrics::{METRICS, Metric, View};
pub use naming::{Label, Rule};
pub use parts::{Parts, Ranking, Reasons, ranks, spearman};
pub use plane::{Plane, Point, principal};
pub use reading::{Attribution, Reading, ReadingError};
pub(crate) use study::view;
pub use study::{Counted, How, Over, Profile, Study, StudyError, measured, measured_as};

use crate::program::{Layer, Name, Program, Slot};

/// One head: the layer it belongs to, its tensor of weights, its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Head {
    /// Its layer; none where the program is one attention.
    pub layer: Option<Layer>,
    /// The weights of its layer.
    pub weights: Slot,
    /// Its place in the layer, from 0.
    pub head: usize,
}

impl Head {
    /// Its layer from 1; the only one is the first.
    pub fn layer_number(&self) -> usize {
        self.layer.map_or(1, |layer| layer.0 + 1)
    }
}

/// Every head of a program, layer by layer.
pub fn all(program: &Program) -> Vec<Head> {
    let layers = program.slots().filter(|&slot| program.symbol(slot).name == Name::Weights);
    let heads = layers.flat_map(|weights| {
        let layer = program.symbol(weights).layer;
        let count = program.shape(weights).heads.unwrap_or(1);
        (0..count).map(move |head| Head { layer, weights, head })
    });
    heads.collect()
}
