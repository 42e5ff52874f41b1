//! The loop without its threads: effects carried out at once, and all that follow from them.

use std::cell::RefCell;

use super::{Driver, Watch};
use crate::app::{Effect, Message, Model, update};
use crate::session::{Contents, Job, Kind};
use crate::ui;

/// Carries effects out, tells the model how they went, and goes on with what it wants then. Work of kinds that are not
/// `admitted` is left unanswered, as it is while a screen waits for it; wake-ups and leaving are the caller's.
pub fn settle(model: &mut Model, driver: &mut Driver, effects: Vec<Effect>, admitted: &dyn Fn(Kind) -> bool) {
    for effect in effects {
        let (ticket, job) = match effect {
            Effect::Do(ticket, job) => (ticket, job),
            Effect::Picture { ticket, file } => {
                (ticket, Job::Save { file, contents: Contents::Text(ui::picture(model)) })
            }
            _ => continue,
        };
        if !admitted(job.kind()) {
            continue;
        }
        let messages = RefCell::new(Vec::new());
        let tell = |progress| messages.borrow_mut().push(Message::Progress(ticket, progress));
        let answered = driver.carry_out(&job, Watch::new(&tell, &|| false)).transpose();
        let messages = messages.into_inner().into_iter().chain(answered.map(|a| Message::Answered(ticket, a)));
        for message in messages.collect::<Vec<_>>() {
            let effects = update(model, message);
            settle(model, driver, effects, admitted);
        }
    }
}
