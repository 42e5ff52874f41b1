//! The exit codes: one table for the program, `--help` and the manual.

use super::lang::Text;

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All went well.
    Done,
    /// The audit found a wrong number, or something failed on the way.
    Failed,
    /// The command line or the sample will not do.
    Input,
    /// `--backend gpu`, and no adapter could do the work.
    NoAdapter,
}

impl Exit {
    /// Every way to end.
    pub const ALL: [Self; 4] = [Self::Done, Self::Failed, Self::Input, Self::NoAdapter];

    /// The number the shell sees.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Input => 2,
            Self::NoAdapter => 3,
        }
    }

    /// What it means, for the help.
    pub const fn meaning(self) -> Text {
        match self {
            Self::Done => Text::new("完成；每个数都在误差之内", "done; every number is within tolerance"),
            Self::Failed => Text::new(
                "核对时有数超出误差，或者中途出了错",
                "the audit found a number past tolerance, or something failed on the way",
            ),
            Self::Input => Text::new(
                "命令行或样例不能用；信息里写着应该是什么",
                "the command line or the sample will not do; the message says what was expected",
            ),
            Self::NoAdapter => Text::new(
                "指定了要用显卡，却没有能用的适配器",
                "the GPU was asked for, and no adapter could do the work",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_has_its_own_code() {
        let codes = Exit::ALL.map(Exit::code);
        assert_eq!(codes, [0, 1, 2, 3]);
    }
}
