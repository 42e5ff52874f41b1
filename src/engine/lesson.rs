//! A lesson checked: played from its first step to its last on the interface itself, without a screen.

use std::sync::Arc;

use super::{Driver, settle};
use crate::app::lesson::{Open, named_wrongly, rehearsed};
use crate::app::{Effect, Key, Message, Model, Settings, update};
use crate::ground::lang::Text;
use crate::session::{Answer, Choice, Kind};
use crate::source::file::FileError;
use crate::source::lesson::Lesson;

/// Plays a lesson step by step and says everything that is wrong with it: names, claims, questions, deeds that cannot be done.
pub fn check(lesson: &Arc<Lesson>, settings: Settings, driver: &mut Driver) -> Vec<FileError> {
    let mut errors = named_wrongly(lesson);
    if !errors.is_empty() {
        return errors;
    }
    let Some(first) = lesson.steps.first() else { return errors };
    // The processor computes it: what is claimed holds for the numbers, whoever makes them.
    let settings = Settings { backend: Choice::Cpu, ..settings };
    let mut model = Model::new(Arc::clone(&first.shown.original), settings);
    model.size = (120, 36);
    let effects = model.first_request();
    carry(&mut model, driver, effects);
    let asked = model.ask_for_lesson(lesson.about.name.clone());
    let ticket = asked.iter().find_map(|effect| if let Effect::Do(ticket, _) = effect { Some(*ticket) } else { None });
    if let Some(ticket) = ticket {
        let effects = update(&mut model, Message::Answered(ticket, Ok(Answer::Lesson(Arc::clone(lesson)))));
        carry(&mut model, driver, effects);
    }
    for step in &lesson.steps {
        errors.extend(rehearsed(&model));
        let Some(playing) = model.lesson() else { break };
        if playing.open() == Some(Open::Deed) {
            for key in playing.way() {
                let done = model.lesson().is_some_and(|playing| playing.open() != Some(Open::Deed));
                if let (true, false, Some(wait)) = (done, key == Key::Esc, &step.wait) {
                    let words = Text::new(
                        "没按完这些键，要等的事就已经做成了；多出来的键去掉（收尾的 Esc 可以留）",
                        "what it waits for is done before the last of these keys; leave out those behind it, but for an Esc",
                    );
                    errors.push(lesson.refuse(wait.keys.at, words));
                    break;
                }
                let effects = update(&mut model, Message::Key(key));
                carry(&mut model, driver, effects);
            }
            let done = model.lesson().is_some_and(|playing| playing.open() != Some(Open::Deed));
            if let (false, Some(wait)) = (done, &step.wait) {
                let words =
                    Text::new("按这些键，要等的事并没有做成", "these keys do not bring about what it waits for");
                errors.push(lesson.refuse(wait.keys.at, words));
            }
        }
        let effects = model.go_on_in_lesson();
        carry(&mut model, driver, effects);
    }
    errors
}

/// Carries out what neither writes nor takes long.
fn carry(model: &mut Model, driver: &mut Driver, effects: Vec<Effect>) {
    let quick = |kind| !matches!(kind, Kind::Save | Kind::Copy | Kind::Open | Kind::Race | Kind::Queue | Kind::Lesson);
    settle(model, driver, effects, &quick);
}
