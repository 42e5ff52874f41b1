//! The keys of a lesson: they work wherever one is, also over windows, but where something is typed.

use crate::app::keys::{Key, Row, row, short};
use crate::ground::lang::Text;

pub(in crate::app) static TITLE: Text = Text::new("上课的时候", "in a lesson");

/// Something that a key of a lesson does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::app) enum Deed {
    Next,
    Back,
    Return,
}

/// The keys of a lesson.
#[rustfmt::skip] // one row, one line
pub(in crate::app) const KEYS: &[Row<Deed>] = &[
    row(&[Key::PageDown, Key::Char('n')], "lesson.next", Deed::Next, short("下一步", "next"), "课程的下一步（按 s 细走时 n 走的是小步）", "the next step of the lesson (n goes in small steps where s chose them)"),
    row(&[Key::PageUp, Key::Char('b')], "lesson.back", Deed::Back, short("上一步", "back"), "课程的上一步", "the step of the lesson before"),
    row(&[Key::Char('z')], "lesson.return", Deed::Return, short("回到这一步", "to the step"), "到处看过以后，回到课程这一步的画面", "after looking around, back to the screen as this step sets it"),
];
