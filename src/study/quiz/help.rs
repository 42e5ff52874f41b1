//! How much help comes with a question: it fades as answers are right.

use crate::ground::lang::Text;

/// How much help is given, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Help {
    /// A neighbour is worked out in full.
    #[default]
    Example,
    /// The way is shown, all but its last step.
    LastStep,
    /// It is said where to look.
    Pointer,
    /// None.
    Free,
}

impl Help {
    /// All of it, the most help first.
    pub const ALL: [Self; 4] = [Self::Example, Self::LastStep, Self::Pointer, Self::Free];

    /// The help of that name in a lesson's file.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().zip(Self::ALL).find(|(own, _)| *own == name).map(|(_, help)| help)
    }

    /// How each is written in a lesson's file, as in [`Help::ALL`].
    pub const NAMES: [&str; 4] = ["example", "last-step", "pointer", "free"];

    /// What it is called.
    pub const fn title(self) -> Text {
        match self {
            Self::Example => Text::new("先看一个例子", "with an example"),
            Self::LastStep => Text::new("只差最后一步", "all but the last step"),
            Self::Pointer => Text::new("只给提示", "with a hint"),
            Self::Free => Text::new("没有提示", "on your own"),
        }
    }

    /// Less help, after a right answer.
    #[must_use]
    pub const fn less(self) -> Self {
        match self {
            Self::Example => Self::LastStep,
            Self::LastStep => Self::Pointer,
            Self::Pointer | Self::Free => Self::Free,
        }
    }

    /// More help, after a wrong one.
    #[must_use]
    pub const fn more(self) -> Self {
        match self {
            Self::Example | Self::LastStep => Self::Example,
            Self::Pointer => Self::LastStep,
            Self::Free => Self::Pointer,
        }
    }

    /// The help at this level: an example, where there is one, all but the last step, or where to look.
    pub(super) fn of(self, example: Option<Text>, nearly: Text, pointer: Text) -> Option<Text> {
        match self {
            Self::Example => Some(example.unwrap_or(nearly)),
            Self::LastStep => Some(nearly),
            Self::Pointer => Some(pointer),
            Self::Free => None,
        }
    }
}
