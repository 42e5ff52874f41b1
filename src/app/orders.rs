//! Typed commands carried out.

use super::command::Command;
use super::edits::{try_change, weights};
use super::prompt::Prompt;
use super::update::recompute;
use super::{Effect, Model, Overlay, Status};
use crate::ground::lang::Text;
use crate::program::Wiring;
use crate::session::{Choice, Job};
use crate::source::sample::{MaskChoice, Scenario};

/// Carries a typed command out; one that names nothing real keeps its line open.
pub(super) fn carry_out(model: &mut Model, command: Command, prompt: &Prompt) -> Vec<Effect> {
    let refuse = |model: &mut Model, zh: String, en: String| {
        model.overlay = Overlay::Prompt(Prompt { error: Some(Text::owned(zh, en)), ..prompt.clone() });
        Vec::new()
    };
    match command {
        Command::Sample(what) => {
            model.overlay = Overlay::Prompt(Prompt { waiting: true, ..prompt.clone() });
            return model.ask(Job::Load(what));
        }
        Command::Save(path) => {
            let Some(contents) = model.scenario.to_toml(&model.base) else {
                return refuse(
                    model,
                    "一批句子存不进一个样例文件".into(),
                    "a batch does not fit into a sample file".into(),
                );
            };
            model.overlay = Overlay::Prompt(Prompt { waiting: true, ..prompt.clone() });
            return model.ask(Job::Save { path, contents });
        }
        Command::Temperature(temperature) => {
            let now = model.scenario.clone();
            return try_change(model, Scenario { wiring: Wiring { temperature, ..now.wiring }, ..now });
        }
        Command::Window(n) => {
            let mask = MaskChoice::Window(n);
            return try_change(model, Scenario { mask, ..model.scenario.clone() });
        }
        Command::Reset => {
            let seed = model.scenario.seed;
            return try_change(model, Scenario { seed, ..Scenario::default() });
        }
        Command::Quit => return vec![Effect::Quit],
        Command::Lang(lang) => model.settings.lang = lang,
        Command::Own => {
            return weights(model, None);
        }
        Command::Seed(seed) => {
            model.settings.seed = seed;
            return weights(model, Some(seed));
        }
        Command::Backend(choice) => {
            model.settings.backend = choice;
            model.status = if choice == Choice::Cpu { Status::NotWanted } else { Status::Opening };
            let mut effects = model.ask(Job::Open(choice));
            effects.extend(recompute(model));
            return effects;
        }
        Command::Stage(name) => {
            let stages = model.program().stages();
            let by_name =
                || stages.iter().position(|s| s.symbol.to_string().eq_ignore_ascii_case(&name)).map(|i| i + 1);
            let position = name.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).or_else(by_name);
            let Some(page) = position.and_then(|p| model.page_at(p)) else {
                let known: Vec<_> = stages.iter().map(|s| s.symbol.to_string()).collect();
                let known = known.join(" ");
                return refuse(
                    model,
                    format!("没有「{name}」这一步；有：{known}"),
                    format!("no stage {name}; there are: {known}"),
                );
            };
            model.turn_to(page);
        }
        Command::Head(n) => {
            let heads = model.program().heads();
            if n == 0 || n > heads {
                return refuse(model, format!("头的编号是 1 到 {heads}"), format!("heads go from 1 to {heads}"));
            }
            model.cursor.head = n - 1;
        }
        Command::Sentence(n) => {
            let batch = model.program().batch();
            if n == 0 || n > batch {
                return refuse(model, format!("句子的编号是 1 到 {batch}"), format!("sentences go from 1 to {batch}"));
            }
            model.cursor.batch = n - 1;
        }
    }
    Vec::new()
}
