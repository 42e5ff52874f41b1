//! The interface as an Elm core: a [`Model`], [`Message`]s that change it, [`Effect`]s that the runtime carries out.
//!
//! Nothing here does I/O, reads a clock or knows a backend, so the whole interface is tested by
//! sending messages and looking at pictures.

pub mod command;
mod history;
pub mod keymap;
mod message;
mod model;
mod moved;
mod update;

pub use keymap::{Deed, Key};
pub use message::{Effect, Message};
pub use model::{
    Caption, List, Look, Microscope, Model, Notice, Overlay, Page, Prompt, Purpose, Settings, Status, ranked,
};
pub use moved::Moved;
pub use update::update;
