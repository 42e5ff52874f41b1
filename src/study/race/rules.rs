//! How a race is run: how often, how long, by whom.

use std::time::Duration;

use super::Contender;

/// How a race is run.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Where the numbers come from.
    pub seed: u64,
    /// Warm runs of each contender, as far as they fit into its time; one at least.
    pub repetitions: usize,
    /// A contender's time: after it the next one starts.
    pub patience: Duration,
    /// The names of those who take part; empty for all.
    pub only: Vec<String>,
    /// Operations beyond which contenders that write scores down are left out; none where nobody is.
    pub bearable: Option<f64>,
    /// Whether the adapter's roof and the crossing are looked for afterwards.
    pub search: bool,
}

impl Rules {
    /// As on the screen: nobody wants to wait for the plain rungs.
    pub const fn on_screen() -> Self {
        Self {
            seed: 1,
            repetitions: 5,
            patience: Duration::from_secs(6),
            only: Vec::new(),
            bearable: Some(3e9),
            search: true,
        }
    }

    /// Whether a contender was asked for.
    pub(crate) fn admit(&self, contender: Contender) -> bool {
        self.only.is_empty() || self.only.contains(&contender.to_string())
    }
}
