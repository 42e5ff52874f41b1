//! The screen as the loop would draw it, without the loop.

use std::sync::Arc;

use qkv::app::palette::DARK;
use qkv::app::{Effect, Message, Model, Settings, update};
use qkv::engine::{Builtin, Driver, settle};
use qkv::ground::lang::Lang;
use qkv::session::{Choice, Kind};
use qkv::source::sample::Sample;
use qkv::ui::{self, Depth, Theme};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

pub(crate) const SETTINGS: Settings =
    Settings { lang: Lang::En, palette: &DARK, ascii: false, backend: Choice::Cpu, random: false, seed: 1 };

/// A model and an engine that answers it at once.
pub(crate) struct Scene {
    pub(crate) model: Model,
    driver: Driver,
}

impl Scene {
    pub(crate) fn new(sample: Sample, settings: Settings) -> Self {
        let mut scene = Self { model: Model::new(Arc::new(sample), settings), driver: Driver::new(Builtin) };
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
        let shown = |kind| matches!(kind, Kind::Run | Kind::Load | Kind::Open);
        settle(&mut self.model, &mut self.driver, effects, &shown);
    }

    /// The picture at a size, in the model's own light and signs.
    pub(crate) fn draw(&self, depth: Depth, (columns, rows): (u16, u16)) -> Buffer {
        let theme = Theme::of(depth, &self.model.settings);
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| ui::view(&self.model, theme, frame)).unwrap();
        terminal.backend().buffer().clone()
    }
}
