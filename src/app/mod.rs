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
mod laboratory;
mod message;
mod microscope;
mod model;
mod moved;
mod orders;
mod prompt;
mod queue;
mod race;
mod reading;
mod samples;
mod stepping;
mod switches;
mod tiles;
mod update;
mod waiting;
mod window;

pub use gallery::{Combine, Gallery, Sight, Weights};
pub use kernel::{KernelLens, Progress};
pub use keymap::{ALWAYS_QUIT, Deed, Key};
pub use laboratory::Laboratory;
pub use message::{Effect, Message};
pub use microscope::{Look, Microscope, ranked};
pub use model::{Caption, Model, Notice, Overlay, Page, Settings, Status};
pub use moved::Moved;
pub use prompt::{Prompt, Purpose};
pub use queue::Queue;
pub use race::Track;
pub use reading::Reading;
pub use samples::List;
pub use stepping::{Grain, Stepping, Underway};
pub use switches::{SWITCHES, Switch};
pub use tiles::{NAMED, NUMBER, Tiles};
pub use update::update;
