//! Typed commands carried out.

use super::command::Command;
use super::edits::{change, done_or_warn, try_change, weights};
use super::update::recompute;
use super::{Effect, Model, Page, Status, taking, windows};
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::program::{Stage, Wiring};
use crate::session::{Contents, Job};
use crate::source::import::{self, ImportError};
use crate::source::sample::{MaskChoice, Scenario};

/// What became of a command.
pub(super) enum Order {
    /// It is done, but for these.
    Done(Vec<Effect>),
    /// Its answer comes later.
    Waits(Vec<Effect>),
}

/// Carries a typed command out.
///
/// # Errors
/// Words for the person where it names nothing real.
#[expect(clippy::too_many_lines, reason = "a table: one arm a command")]
pub(super) fn carry_out(model: &mut Model, command: Command) -> Result<Order, Text> {
    let effects = match command {
        Command::Lesson(what) if what == "end" => {
            super::lesson::end(model);
            Vec::new()
        }
        Command::Lesson(what) => return Ok(Order::Waits(model.ask(Job::Lesson(what)))),
        Command::Import(file) if !import::is_import(&file) => return Err(ImportError::Ending { file }.words()),
        Command::Sample(what) | Command::Model(what) | Command::Import(what) => {
            return Ok(Order::Waits(model.ask(Job::Load(what))));
        }
        Command::Beside(written) => return model.asked_beside(written).map(Order::Waits),
        Command::Save(path) => {
            let file = taking::sample_file(&path)?;
            let contents = match model.theatre_now() {
                Some(theatre) => theatre.to_be_saved(&path)?,
                None => Contents::Text(model.material.scenario.to_toml(&model.material.base).map_err(|error| error.0)?),
            };
            return Ok(Order::Waits(model.ask(Job::Save { file, contents })));
        }
        Command::Picture(asked) => return taking::picture(model, &asked).map(Order::Waits),
        Command::Matrices(format, asked) => {
            return taking::matrices(model, &asked, format).map(Order::Waits);
        }
        Command::Temperature(temperature) => {
            let now = model.material.scenario.clone();
            try_change(model, Scenario { wiring: Wiring { temperature, ..now.wiring }, ..now })
        }
        Command::Window(n) => {
            let mask = MaskChoice::Window(n);
            try_change(model, Scenario { mask, ..model.material.scenario.clone() })
        }
        Command::Mistake(mistake) => {
            let now = model.material.scenario.clone();
            let wiring = Wiring { mistake, unnamed: false, ..now.wiring };
            try_change(model, Scenario { wiring, ..now })
        }
        Command::Reset => {
            let seed = model.material.scenario.seed;
            let changed = change(model, Scenario { seed, ..Scenario::default() });
            done_or_warn(model, changed, &Text::new("全部复原了", "everything is as it was"))
        }
        Command::Quit => vec![Effect::Quit],
        Command::Help(words) => windows::help(model, words),
        Command::Lang(lang) => {
            model.settings.lang = lang;
            Vec::new()
        }
        Command::Own => weights(model, None),
        Command::Seed(seed) => {
            model.settings.seed = seed;
            weights(model, Some(seed))
        }
        Command::Backend(choice) => {
            model.settings.backend = choice;
            model.status = Status::before(choice);
            let mut effects = model.ask(Job::Open(choice));
            effects.extend(recompute(model));
            effects
        }
        Command::Stage(name) => {
            let stages = model.program().stages();
            // Its whole symbol, or its name in the layer that is walked.
            let written = |stage: &Stage| stage.symbol.to_string().eq_ignore_ascii_case(&name);
            let here = |stage: &Stage| {
                stage.symbol.layer == model.layer() && stage.symbol.name.as_str().eq_ignore_ascii_case(&name)
            };
            let by_name = || stages.iter().position(written).or_else(|| stages.iter().position(here)).map(Page::Stage);
            let by_number = name.parse::<usize>().ok().map(|position| model.page_at(position));
            let Some(page) = by_number.unwrap_or_else(by_name) else {
                let known = model.section().stages.filter_map(|stage| stages.get(stage));
                let known: Vec<_> = known.map(|stage| stage.symbol.name.to_string()).collect();
                let known = known.join(" ");
                return Err(Text::owned(
                    format!("没有「{name}」这一步；有：{known}"),
                    format!("no stage {name}; there are: {known}"),
                ));
            };
            model.turn_to(page);
            Vec::new()
        }
        Command::Layer(n) => {
            let layers = model.program().layers();
            let sections = model.program().sections();
            let there = sections.iter().position(|section| section.layer.is_some_and(|layer| layer.0 + 1 == n));
            let Some(section) = there else {
                return Err(if layers == 0 {
                    Text::new("这个样例只有一层注意力，没有层可选", "this sample is one attention: it has no layers")
                } else {
                    Text::owned(format!("层的编号是 1 到 {layers}"), format!("layers go from 1 to {layers}"))
                });
            };
            model.turn_to_section(section);
            Vec::new()
        }
        Command::Head(n) => {
            let heads = model.program().heads();
            if n == 0 || n > heads {
                return Err(Text::owned(format!("头的编号是 1 到 {heads}"), format!("heads go from 1 to {heads}")));
            }
            model.view.cursor.head = n - 1;
            Vec::new()
        }
        Command::Sentence(n) => {
            let batch = model.program().batch();
            if n == 0 || n > batch {
                return Err(Text::owned(
                    format!("句子的编号是 1 到 {batch}"),
                    format!("sentences go from 1 to {batch}"),
                ));
            }
            model.view.cursor.batch = n - 1;
            Vec::new()
        }
    };
    Ok(Order::Done(effects))
}
