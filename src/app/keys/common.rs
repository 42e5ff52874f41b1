//! The keys that mean the same everywhere, handled once for all contexts.

use Group::{Program, Take};
use Key::Char;

use super::{ALWAYS_QUIT, Command, Group, Key, Row, commands_of, row, short};
use crate::ground::lang::Text;

pub(super) static TITLE: Text = Text::new("到处都一样", "everywhere");

/// Something a common key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is described by its row of the table")]
pub enum CommonDeed {
    Command,
    Language,
    Theme,
    Picture,
    Latex,
    Csv,
    Help,
    Close,
    Quit,
}

/// The keys of every context.
#[rustfmt::skip] // one row, one line
pub const COMMON: &[Row<CommonDeed>] = &[
    row(&[Char(':')], "common.command", CommonDeed::Command, short("命令", "command"), "输入命令，例如 :sample 文件名", "type a command, such as :sample FILE").among(Program),
    row(&[Char('L')], "common.language", CommonDeed::Language, short("English", "中文"), "中文 / English", "中文 / English").among(Program),
    row(&[Char('T')], "common.theme", CommonDeed::Theme, None, "换配色：深色 / 浅色背景", "dark / light background").among(Program),
    row(&[Char('P')], "take.picture", CommonDeed::Picture, None, "把屏幕上的画面存成图（SVG）；:picture 文件名 可以自己起名", "write what is on the screen to a file as a picture (SVG); :picture FILE names it").among(Take),
    row(&[Char('M')], "take.latex", CommonDeed::Latex, None, "把这一页的矩阵存成 LaTeX", "write the matrices of this page to a file as LaTeX").among(Take),
    row(&[Char('C')], "take.csv", CommonDeed::Csv, None, "把这一页的矩阵存成 CSV，一行一个数", "write the matrices of this page to a file as CSV, one number a line").among(Take),
    row(&[Char('?')], "common.help", CommonDeed::Help, short("帮助", "help"), "这里的按键，和所有别的", "the keys that work here, and all others").among(Program),
];

/// The keys of every window. A window whose own table has one of them keeps it for itself.
#[rustfmt::skip] // one row, one line
pub const IN_WINDOWS: &[Row<CommonDeed>] = &[
    row(&[Key::Esc, Char('q'), Key::Enter], "window.close", CommonDeed::Close, short("关闭", "closes"), "关闭窗口，回上一层（打开它的键也行）", "close the window, back to what lies under it (the key that opened it does too)").among(Program),
    row(&[ALWAYS_QUIT], "window.quit", CommonDeed::Quit, None, "退出", "quit").among(Program),
];

pub(super) fn commands() -> Vec<&'static Command> {
    commands_of(COMMON).into_iter().chain(commands_of(IN_WINDOWS)).collect()
}
