//! The interface as an Elm core: a [`Model`], [`Message`]s that change it, [`Effect`]s that the runtime carries out.
//!
//! Nothing here does I/O, reads a clock or knows a backend, so the whole interface is tested by
//! sending messages and looking at pictures.

mod coarser;
pub mod command;
mod deeds;
mod edits;
mod gallery;
mod history;
mod kernel;
pub mod keymap;
pub mod keys;
mod laboratory;
mod located;
mod message;
mod microscope;
mod model;
mod moved;
mod orders;
mod queue;
mod reading;
mod stepping;
mod switches;
mod tiles;
mod update;
mod waiting;
mod window;
pub mod windows;
pub mod words;

pub use gallery::{Combine, Gallery, Sight, Weights};
pub use kernel::{KernelLens, Progress};
pub use keys::{ALWAYS_QUIT, Deed, Key, REPAINT, STOP};
pub use laboratory::Laboratory;
pub use located::Located;
pub use message::{Effect, Message};
pub use microscope::{Look, Microscope, ranked};
pub use model::{Caption, Model, Notice, Overlay, Page, Settings, Status};
pub use moved::Moved;
pub use queue::Queue;
pub use reading::Reading;
pub use stepping::{Grain, Stepping, Underway};
pub use switches::{SWITCHES, Switch};
pub use tiles::{NAMED, NUMBER, Tiles};
pub use update::update;
