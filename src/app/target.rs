//! What can be pointed at on the screen.

use super::Key;
use crate::program::Address;

/// Something that is drawn at a place, and can be pointed at there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A page of the walk, by its position from 0.
    Page(usize),
    /// A head, from 0.
    Head(usize),
    /// A number.
    Number(Address),
    /// The name of a key beside what it does.
    Key(Key),
    /// A row of the window on top, from 0.
    Row(usize),
    /// A tab of the window on top, from 0.
    Tab(usize),
    /// A window, where it has nothing of these.
    Window,
}
