//! The screen as the loop would draw it, without the loop.

use std::sync::Arc;

use qkv::app::{Effect, Message, Model, Settings, update};
use qkv::engine::Engine;
use qkv::ground::lang::Lang;
use qkv::session::Choice;
use qkv::source::sample::Sample;
use qkv::ui::{self, Depth, Theme};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

pub(crate) const SETTINGS: Settings =
    Settings { lang: Lang::En, light: false, ascii: false, backend: Choice::Cpu, random: false, seed: 1 };

/// A model and an engine that answers it at once.
pub(crate) struct Scene {
    pub(crate) model: Model,
    engine: Engine,
}

impl Scene {
    pub(crate) fn new(sample: Sample, settings: Settings) -> Self {
        let mut scene = Self { model: Model::new(Arc::new(sample), settings), engine: Engine::new() };
        let effects = scene.model.first_request();
        scene.carry_out(effects);
        scene
    }

    /// A message, and everything that follows from it.
    pub(crate) fn tell(&mut self, message: Message) {
        let effects = update(&mut self.model, message);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            let answer = match effect {
                Effect::Run { generation, program, inputs } => {
                    let run = Arc::new(self.engine.run(&program, &inputs).unwrap());
                    Message::Ran { generation, run }
                }
                Effect::Load(name) => Message::Loaded(match Sample::builtin(&name) {
                    Some(sample) => Ok(Arc::new(sample.unwrap())),
                    None => Err(format!("there is no {name}")),
                }),
                Effect::Backend(Choice::Cpu)
                | Effect::Quit
                | Effect::Wake { .. }
                | Effect::Sentence { .. }
                | Effect::Experiment { .. }
                | Effect::Study { .. }
                | Effect::Look { .. }
                | Effect::Race { .. }
                | Effect::Watch { .. }
                | Effect::Save { .. }
                | Effect::Copy(_) => continue,
                Effect::Backend(_) => Message::Device(Err("no adapter here".into())),
            };
            self.tell(answer);
        }
    }

    /// The picture at a size, in the model's own light and signs.
    pub(crate) fn draw(&self, depth: Depth, (columns, rows): (u16, u16)) -> Buffer {
        let theme = Theme { depth, light: self.model.settings.light, ascii: self.model.settings.ascii };
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| ui::view(&self.model, theme, frame)).unwrap();
        terminal.backend().buffer().clone()
    }
}
