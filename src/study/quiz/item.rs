//! A question as plain data, and what an answer to it is worth.

use std::borrow::Cow;

use super::Misconception;
use crate::ground::lang::Text;
use crate::program::Address;
use crate::study::Concept;

/// A question with one right answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The name of its kind; of a lesson's own question `own`.
    pub kind: Cow<'static, str>,
    /// What it is about.
    pub concept: Concept,
    /// An example, or a part of the way, while help is given.
    pub help: Option<Text>,
    /// The numbers that it needs and that the screen shows beside it, a line each: for whoever has no screen.
    pub given: Vec<Text>,
    /// The question.
    pub question: Text,
    /// What can be answered.
    pub asked: Asked,
    /// The numbers that it is about; the first is the one that is asked for.
    pub cells: Vec<Address>,
    /// Where the walk stands while it is asked; none where that is no matter.
    pub view: Option<Address>,
    /// The numbers that would give the answer away.
    pub covered: Vec<Address>,
    /// The number whose arithmetic settles it.
    pub disputed: Option<Address>,
    /// Why the right answer is right.
    pub because: Text,
}

/// What can be answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// One of several; the choices, and the place of the right one.
    Choice {
        /// What to choose from, all of them different in both languages.
        choices: Vec<Choice>,
        /// The place of the right one, from 0.
        right: usize,
    },
    /// A number.
    Number {
        /// The right one.
        right: f64,
        /// How far an answer may be from it.
        within: f64,
        /// What comes out where something was misunderstood; none of them is right.
        near: Vec<Near>,
    },
}

/// One of several answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The answer.
    pub words: Text,
    /// What one may have misunderstood who gives it.
    pub misconception: Option<Misconception>,
    /// The same in words of its own, where somebody wrote the question.
    pub why: Option<Text>,
}

/// A wrong number, and what may have been misunderstood.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Near {
    /// The number.
    pub number: f64,
    /// What comes to it.
    pub misconception: Misconception,
}

/// An answer that was given.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Answer {
    /// One of the choices, from 0.
    Choice(usize),
    /// A number.
    Number(f64),
}

/// What an answer is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is right.
    pub right: bool,
    /// What may have been misunderstood, where it is not.
    pub misconception: Option<Misconception>,
}

/// A wrong number means the misconception that it is so close to: as a share of that number.
const CLOSE: f64 = 0.1;

impl Item {
    /// The name of the kind of questions that somebody wrote.
    pub const OWN: &'static str = "own";

    /// What an answer is worth.
    pub fn judge(&self, answer: Answer) -> Verdict {
        match (&self.asked, answer) {
            (Asked::Choice { choices, right }, Answer::Choice(chosen)) => Verdict {
                right: chosen == *right,
                misconception: choices.get(chosen).filter(|_| chosen != *right).and_then(|choice| choice.misconception),
            },
            (Asked::Number { right, within, near }, Answer::Number(x)) => {
                let is_right = (x - right).abs() <= *within * (1.0 + 1e-9);
                let apart = |near: &Near| (x - near.number).abs();
                let close = |near: &&Near| apart(near) <= (CLOSE * near.number.abs()).max(1e-3);
                let likely = near.iter().filter(close).min_by(|a, b| apart(a).total_cmp(&apart(b)));
                Verdict { right: is_right, misconception: likely.filter(|_| !is_right).map(|near| near.misconception) }
            }
            _ => Verdict { right: false, misconception: None },
        }
    }

    /// The choices; none where a number is asked for.
    pub fn choices(&self) -> &[Choice] {
        match &self.asked {
            Asked::Choice { choices, .. } => choices,
            Asked::Number { .. } => &[],
        }
    }

    /// Whether a number is asked for.
    pub const fn asks_for_a_number(&self) -> bool {
        matches!(self.asked, Asked::Number { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(asked: Asked) -> Item {
        Item {
            kind: Item::OWN.into(),
            concept: Concept::Explanation,
            help: None,
            given: Vec::new(),
            question: Text::new("问题", "question"),
            asked,
            cells: Vec::new(),
            view: None,
            covered: Vec::new(),
            disputed: None,
            because: Text::new("因为", "because"),
        }
    }

    #[test]
    fn a_choice_is_right_or_names_what_was_misunderstood() {
        let choice = |words, misconception| Choice { words: Text::same(words), misconception, why: None };
        let choices = vec![choice("a", None), choice("b", Some(Misconception::TookColumn)), choice("c", None)];
        let item = own(Asked::Choice { choices, right: 0 });
        let verdict = |n| item.judge(Answer::Choice(n));
        assert_eq!(verdict(0), Verdict { right: true, misconception: None });
        assert_eq!(verdict(1), Verdict { right: false, misconception: Some(Misconception::TookColumn) });
        assert_eq!(verdict(2), Verdict { right: false, misconception: None });
        assert!(!verdict(9).right && !item.judge(Answer::Number(0.0)).right);
    }

    #[test]
    fn a_number_is_right_within_its_bounds_and_a_near_one_says_what_was_forgotten() {
        let near = vec![
            Near { number: 4.0, misconception: Misconception::ForgotDivisor },
            Near { number: 2.0, misconception: Misconception::DividedByD },
        ];
        let item = own(Asked::Number { right: 2.83, within: 0.2 * 2.83, near });
        let verdict = |x| item.judge(Answer::Number(x));
        assert!(verdict(2.83).right && verdict(3.39).right && verdict(2.27).right);
        assert_eq!(verdict(3.9).misconception, Some(Misconception::ForgotDivisor));
        assert_eq!(verdict(2.05).misconception, Some(Misconception::DividedByD));
        assert_eq!(verdict(9.0), Verdict { right: false, misconception: None });
        assert!(!verdict(f64::NAN).right);
    }
}
