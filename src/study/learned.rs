//! What somebody has learned so far: how far each lesson was gone, and what was answered about each concept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Concept;
use super::quiz::Answered;
use crate::source::lesson::{About, BUILTIN};

/// The version of the file format.
const FORMAT: &str = "qkv-learned/1";

/// What was learned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Learned {
    format: String,
    /// By the name of the lesson.
    lessons: BTreeMap<String, Reached>,
    /// By the name of the concept.
    concepts: BTreeMap<String, Known>,
}

/// How far a lesson was gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Reached {
    /// The furthest step, from 1.
    pub step: usize,
    /// How many steps there are.
    pub of: usize,
    /// Whether the last step was reached.
    pub finished: bool,
}

/// What was answered about a concept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Known {
    /// Questions answered right.
    pub right: usize,
    /// Questions answered.
    pub asked: usize,
    /// Whether the last answer was right.
    pub last: bool,
}

impl Known {
    /// Whether it should be looked at again: answered wrong last, or more often than not.
    pub const fn is_weak(self) -> bool {
        self.asked > 0 && (!self.last || 2 * self.right < self.asked)
    }
}

/// What the lessons that come with the program are about, in order.
pub fn lessons() -> Vec<About> {
    BUILTIN.iter().filter_map(|lesson| lesson.about().ok()).collect()
}

/// The concepts that a lesson is about.
pub fn concepts(about: &About) -> impl Iterator<Item = Concept> {
    about.concepts.iter().filter_map(|at| Concept::parse(&at.value))
}

impl Default for Learned {
    fn default() -> Self {
        Self { format: FORMAT.to_owned(), lessons: BTreeMap::new(), concepts: BTreeMap::new() }
    }
}

impl Learned {
    /// Reads what was written; none where that is something else.
    pub fn parse(json: &str) -> Option<Self> {
        serde_json::from_str::<Self>(json).ok().filter(|learned| learned.format == FORMAT)
    }

    /// As it is kept in a file.
    pub fn to_json(&self) -> String {
        // Names and numbers: nothing of it cannot be written.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// A step of a lesson was reached, from 1. Says whether that is news.
    pub fn reach(&mut self, lesson: &str, step: usize, of: usize) -> bool {
        let reached = self.lessons.entry(lesson.to_owned()).or_default();
        let before = *reached;
        *reached = Reached { step: before.step.min(of).max(step), of, finished: before.finished || step >= of };
        *reached != before
    }

    /// A question was answered.
    pub fn answer(&mut self, answered: &Answered) {
        let known = self.concepts.entry(answered.concept.as_str().to_owned()).or_default();
        known.asked += 1;
        known.right += usize::from(answered.right);
        known.last = answered.right;
    }

    /// How far a lesson was gone.
    pub fn reached(&self, lesson: &str) -> Reached {
        self.lessons.get(lesson).copied().unwrap_or_default()
    }

    /// What was answered about a concept.
    pub fn known(&self, concept: Concept) -> Known {
        self.concepts.get(concept.as_str()).copied().unwrap_or_default()
    }

    /// Whether nothing was learned yet.
    pub fn is_empty(&self) -> bool {
        self.lessons.is_empty() && self.concepts.is_empty()
    }

    /// The lesson to take next, by its place in that list.
    pub fn proposed(&self, lessons: &[About]) -> Option<usize> {
        let named: Vec<(&str, Vec<Concept>)> =
            lessons.iter().map(|about| (about.name.as_str(), concepts(about).collect())).collect();
        let next = self.next(&named)?;
        lessons.iter().position(|about| about.name == next)
    }

    /// The lesson to take next, of those in their order with what they are about: one that is about the weakest concept, else
    /// one that was begun, else the first that was not finished; none where all are and nothing is weak.
    fn next<'a>(&self, lessons: &[(&'a str, Vec<Concept>)]) -> Option<&'a str> {
        let share = |known: Known| known.right * 1000 / known.asked.max(1);
        let weak = Concept::ALL.iter().copied().filter(|&concept| self.known(concept).is_weak());
        let weakest = weak.min_by_key(|&concept| share(self.known(concept)));
        let teaches = |concept: Concept| lessons.iter().find(|(_, about)| about.contains(&concept));
        let reached = |name: &str| self.reached(name);
        let begun = || lessons.iter().find(|(name, _)| reached(name).step > 1 && !reached(name).finished);
        let fresh = || lessons.iter().find(|(name, _)| !reached(name).finished);
        weakest.and_then(teaches).or_else(begun).or_else(fresh).map(|(name, _)| *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(concept: Concept, right: bool) -> Answered {
        Answered { concept, kind: "sign".into(), right }
    }

    #[test]
    fn what_was_learned_comes_back_from_its_file() {
        let mut learned = Learned::default();
        assert!(learned.is_empty() && Learned::parse(&learned.to_json()) == Some(learned.clone()));
        assert!(learned.reach("a", 2, 5) && !learned.reach("a", 1, 5) && learned.reach("a", 5, 5));
        learned.answer(&answered(Concept::Softmax, true));
        learned.answer(&answered(Concept::Softmax, false));
        let read = Learned::parse(&learned.to_json()).unwrap();
        assert_eq!(read, learned);
        assert_eq!(read.reached("a"), Reached { step: 5, of: 5, finished: true });
        assert_eq!(read.known(Concept::Softmax), Known { right: 1, asked: 2, last: false });
        for other in ["", "{}", "[]", "{\"format\":\"qkv-learned/2\",\"lessons\":{},\"concepts\":{}}"] {
            assert_eq!(Learned::parse(other), None, "{other}");
        }
    }

    #[test]
    fn the_weakest_comes_next() {
        let lessons =
            [("first", vec![Concept::Scores]), ("second", vec![Concept::Softmax]), ("third", vec![Concept::Mask])];
        let mut learned = Learned::default();
        assert_eq!(learned.next(&lessons), Some("first"));
        learned.reach("first", 3, 3);
        assert_eq!(learned.next(&lessons), Some("second"));
        learned.reach("third", 2, 3);
        assert_eq!(learned.next(&lessons), Some("third"), "what was begun");
        learned.answer(&answered(Concept::Scores, false));
        assert_eq!(learned.next(&lessons), Some("first"), "what was answered wrong");
        learned.answer(&answered(Concept::Scores, true));
        for name in ["second", "third"] {
            learned.reach(name, 3, 3);
        }
        assert_eq!(learned.next(&lessons), None);
    }
}
