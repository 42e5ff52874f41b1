//! What ends the screen before the person does.

use std::io;

use crate::ground::exit::Exit;
use crate::ground::fault::{Failure, system_words};
use crate::ground::lang::Text;

/// Why the screen cannot be opened, or cannot stay open.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.words().en)]
pub enum RuntimeError {
    /// The terminal is none that can be drawn on.
    NoTerminal(io::Error),
    /// There is no terminal to hear keys from.
    NoKeyboard(io::Error),
    /// The system does not let us hear its signals.
    NoSignals(io::Error),
    /// The system gives no thread for this.
    NoThread(&'static str, io::Error),
    /// This thread panicked; its last words.
    Died(&'static str, String),
    /// The terminal takes nothing any more.
    Terminal(#[from] io::Error),
}

/// What most of this room gives.
pub(super) type Result<T, E = RuntimeError> = std::result::Result<T, E>;

impl Failure for RuntimeError {
    fn words(&self) -> Text {
        let (zh, en, why) = match self {
            Self::NoTerminal(why) => {
                ("这不是一个可以画图的终端".into(), "this is not a terminal that can be drawn on".into(), why)
            }
            Self::NoKeyboard(why) => ("没有键盘".into(), "there is no keyboard".into(), why),
            Self::NoSignals(why) => ("收不到系统信号".into(), "no signals".into(), why),
            Self::NoThread(name, why) => (format!("开不了线程 {name}"), format!("no thread for the {name}"), why),
            Self::Died(thread, words) => {
                return Text::owned(format!("线程 {thread} 出错停了：{words}"), format!("the {thread} died: {words}"));
            }
            Self::Terminal(why) => ("终端写不进去".into(), "the terminal takes nothing any more".into(), why),
        };
        let why = system_words(why);
        Text::owned(format!("{zh}：{}", why.zh), format!("{en}: {}", why.en))
    }

    fn exit(&self) -> Exit {
        Exit::Failed
    }
}
