//! One case being worked on, and what was needed to solve it.

use std::collections::BTreeSet;

use super::Case;
use crate::ground::lang::Text;
use crate::program::Mistake;

/// A case being worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    case: &'static str,
    hints: usize,
    opened: BTreeSet<String>,
    wrong: Vec<&'static str>,
    solved: bool,
}

/// What was needed to solve a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    /// Numbers that were opened.
    pub opened: usize,
    /// Hints that were asked for.
    pub hints: usize,
    /// Wrong answers.
    pub wrong: usize,
}

impl Progress {
    /// Nothing done yet.
    pub fn new(case: &Case) -> Self {
        Self { case: case.name, hints: 0, opened: BTreeSet::new(), wrong: Vec::new(), solved: false }
    }

    /// The case.
    pub fn case(&self) -> Option<&'static Case> {
        Case::by_name(self.case)
    }

    /// A number was opened, by its address; one that was opened before counts once, and after the solution none does.
    pub fn open(&mut self, address: String) {
        if !self.solved {
            self.opened.insert(address);
        }
    }

    /// Another hint is asked for; `false` where there is no more.
    pub fn hint(&mut self) -> bool {
        let more = self.case().is_some_and(|case| self.hints < case.hints.len());
        self.hints += usize::from(more && !self.solved);
        more
    }

    /// An answer; gives whether it is right.
    pub fn answer(&mut self, mistake: &'static Mistake) -> bool {
        let right = self.case().is_some_and(|case| case.mistake == mistake.name);
        if right {
            self.solved = true;
        } else if !self.solved && !self.wrong.contains(&mistake.name) {
            self.wrong.push(mistake.name);
        }
        right
    }

    /// The hints that were asked for.
    pub fn hints(&self) -> &'static [Text] {
        self.case().map_or(&[], |case| &case.hints[..self.hints])
    }

    /// Whether this answer was given, and was wrong.
    pub fn is_wrong(&self, mistake: &Mistake) -> bool {
        self.wrong.contains(&mistake.name)
    }

    /// Whether the mistake was named.
    pub const fn is_solved(&self) -> bool {
        self.solved
    }

    /// What was needed so far.
    pub fn score(&self) -> Score {
        Score { opened: self.opened.len(), hints: self.hints, wrong: self.wrong.len() }
    }
}

impl Score {
    /// `3 numbers opened, 1 hint, 0 wrong answers`
    pub fn words(self) -> Text {
        let Self { opened, hints, wrong } = self;
        let many = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        let en = format!("{} opened, {}, {}", many(opened, "number"), many(hints, "hint"), many(wrong, "wrong answer"));
        Text::owned(format!("打开了 {opened} 个数，用了 {hints} 条提示，答错 {wrong} 次"), en)
    }
}
