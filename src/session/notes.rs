//! What only the speaker sees while a lesson is shown to a class.

use serde::{Deserialize, Serialize};

/// The speaker's side of a step, in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    /// The title of the lesson.
    pub lesson: String,
    /// How long it should take.
    pub minutes: usize,
    /// The step, from 1.
    pub step: usize,
    /// Of how many.
    pub of: usize,
    /// What the step is called.
    pub title: Option<String>,
    /// What stands on the screen.
    pub says: String,
    /// What the speaker might say or ask.
    pub notes: Option<String>,
    /// The keys of the deed that the step waits for.
    pub keys: Option<String>,
    /// What comes next; none at the last step.
    pub next: Option<String>,
}
