//! What the keys are for: the groups in which the help lists everything that can be done.

use crate::ground::lang::Text;

/// What one wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Look at numbers, and ask why they are so.
    Look,
    /// Walk through the stages.
    Step,
    /// Change what is computed.
    Change,
    /// Get to know the heads.
    Heads,
    /// Follow what the GPU does.
    Gpu,
    /// Take something away.
    Take,
    /// The program itself.
    Program,
}

impl Group {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 7] =
        [Self::Look, Self::Step, Self::Change, Self::Heads, Self::Gpu, Self::Take, Self::Program];

    /// What a person calls it.
    pub const fn title(self) -> Text {
        match self {
            Self::Look => Text::new("看懂", "understand"),
            Self::Step => Text::new("一步步走", "step through it"),
            Self::Change => Text::new("动手改", "change something"),
            Self::Heads => Text::new("认识各个头", "explore the heads"),
            Self::Gpu => Text::new("看 GPU", "look into the GPU"),
            Self::Take => Text::new("带走", "take it away"),
            Self::Program => Text::new("程序", "the program"),
        }
    }
}
