//! What can go wrong, said one way by every layer: [`Failure`] and [`Fault`].
//!
//! ```text
//! an error of a layer: an enum, each variant with what it found ── Failure: words, exit code ──> Fault: plain data
//! ```
//!
//! An error says its words once, in both languages; its `Display` is the English half of them. Whatever carries errors of
//! several layers (a message, an answer, a command) carries a [`Fault`]: `?` makes it from any of them.

use std::io::{self, ErrorKind};

use super::exit::Exit;
use super::lang::Text;
use super::text::visible_lines;

/// An error that a person can read in either language, and that knows how a command ends with it.
pub trait Failure: std::error::Error {
    /// What is wrong, where, and what would do.
    fn words(&self) -> Text;

    /// How a command ends that stops here.
    fn exit(&self) -> Exit;
}

/// An error of any layer as plain data. Nothing in its words disturbs a terminal, whatever they quote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", words.en)]
pub struct Fault {
    words: Text,
    exit: Exit,
}

impl Fault {
    /// What is wrong, for a person.
    pub const fn words(&self) -> &Text {
        &self.words
    }

    /// How a command ends with it.
    pub const fn exit(&self) -> Exit {
        self.exit
    }
}

impl<E: Failure> From<E> for Fault {
    fn from(error: E) -> Self {
        let words = error.words();
        Self { words: Text::owned(visible_lines(&words.zh), visible_lines(&words.en)), exit: error.exit() }
    }
}

/// What the system says about a file, a terminal or a device.
pub fn system_words(why: &io::Error) -> Text {
    let zh = match why.kind() {
        ErrorKind::NotFound => "不存在",
        ErrorKind::PermissionDenied => "没有权限",
        ErrorKind::AlreadyExists => "已经存在",
        ErrorKind::IsADirectory => "是一个目录",
        ErrorKind::NotADirectory => "路径中有一段不是目录",
        ErrorKind::StorageFull => "磁盘已满",
        ErrorKind::QuotaExceeded => "超出了磁盘配额",
        ErrorKind::FileTooLarge => "文件太大",
        ErrorKind::ReadOnlyFilesystem => "文件系统只读",
        ErrorKind::InvalidFilename => "文件名不能用",
        ErrorKind::InvalidInput => "参数不能用",
        ErrorKind::BrokenPipe => "管道的另一头已经关闭",
        ErrorKind::OutOfMemory => "内存不足",
        ErrorKind::TimedOut => "等得太久",
        _ => return Text::owned(format!("系统报告：{why}"), why.to_string()),
    };
    Text::owned(zh, why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{}", self.words().en)]
    struct NoFile(String);

    impl Failure for NoFile {
        fn words(&self) -> Text {
            Text::owned(format!("没有 {}", self.0), format!("there is no {}", self.0))
        }

        fn exit(&self) -> Exit {
            Exit::Input
        }
    }

    #[test]
    fn a_question_mark_carries_any_failure_upwards() {
        let open = || -> Result<(), Fault> { Err(NoFile("x.toml".into()))? };
        let fault = open().unwrap_err();
        assert_eq!((fault.words().zh.as_ref(), fault.exit()), ("没有 x.toml", Exit::Input));
        assert_eq!(fault.to_string(), "there is no x.toml");
    }

    #[test]
    fn nothing_that_is_quoted_disturbs_a_terminal() {
        let fault = Fault::from(NoFile("bad\u{1b}]0;x\u{7}\u{202e}\u{9b}".into()));
        assert_eq!(fault.words().en, r"there is no bad\u{1b}]0;x\u{7}\u{202e}\u{9b}");
        assert_eq!(fault.words().zh, r"没有 bad\u{1b}]0;x\u{7}\u{202e}\u{9b}");
    }

    #[test]
    fn the_system_speaks_both_languages() {
        for kind in [ErrorKind::NotFound, ErrorKind::PermissionDenied, ErrorKind::StorageFull, ErrorKind::Other] {
            let words = system_words(&kind.into());
            assert!(words.zh.chars().any(|c| ('一'..='鿿').contains(&c)) && words.en.is_ascii(), "{words:?}");
        }
    }
}
