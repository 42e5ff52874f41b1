//! The interface as an Elm core: a [`Model`], [`Message`]s that change it, [`Effect`]s that the runtime carries out.
//!
//! Nothing here does I/O, reads a clock or knows a backend, so the whole interface is tested by
//! sending messages and looking at pictures.

mod attributed;
mod beside;
mod clinic;
pub mod command;
mod deeds;
mod designed;
mod edits;
pub mod guide;
mod history;
pub mod keys;
mod latest;
pub mod lesson;
mod located;
mod message;
mod model;
mod moved;
mod orders;
mod pages;
pub mod palette;
mod path;
pub mod presenting;
mod reading;
mod results;
mod spans;
mod stepping;
mod studied;
mod taking;
mod target;
mod update;
mod view;
mod waiting;
pub mod windows;
pub mod words;

pub use clinic::Clinic;
pub use keys::{ALWAYS_QUIT, Deed, Key, REPAINT, STOP};
pub use located::Located;
pub use message::{Effect, Message};
pub use model::{Caption, Material, Model, Notice, Settings, Status};
pub use moved::Moved;
pub use reading::Reading;
pub use results::Results;
pub use stepping::{PartialStage, StepSize, Stepping};
pub use target::Target;
pub use update::update;
pub use view::{Page, View};
