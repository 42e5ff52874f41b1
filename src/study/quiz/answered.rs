//! What was answered, and how much help comes next.

use std::borrow::Cow;

use super::Help;
use crate::study::Concept;

/// A question that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// What it was about.
    pub concept: Concept,
    /// The name of its kind.
    pub kind: Cow<'static, str>,
    /// Whether the answer was right.
    pub right: bool,
}

/// How much help the next question about a concept comes with: less after each right answer, more after each wrong one.
pub fn level(answers: &[Answered], concept: Concept) -> Help {
    let about = answers.iter().filter(|answered| answered.concept == concept);
    about.fold(Help::default(), |help, answered| if answered.right { help.less() } else { help.more() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_fades_with_right_answers_and_comes_back_with_wrong_ones() {
        let answered = |concept, right| Answered { concept, kind: "sign".into(), right };
        let mut answers = Vec::new();
        assert_eq!(level(&answers, Concept::Scores), Help::Example);
        for expected in [Help::LastStep, Help::Pointer, Help::Free, Help::Free] {
            answers.push(answered(Concept::Scores, true));
            assert_eq!(level(&answers, Concept::Scores), expected);
        }
        answers.push(answered(Concept::Softmax, false));
        assert_eq!(level(&answers, Concept::Scores), Help::Free, "of another concept");
        answers.push(answered(Concept::Scores, false));
        assert_eq!(level(&answers, Concept::Scores), Help::Pointer);
    }
}
