//! The whole interface with the CPU behind it, for tests: messages in, pictures out.

use std::ops::ControlFlow;
use std::sync::Arc;

use qkv::app::{Effect, Key, Message, Model, Settings, update};
use qkv::engine::Engine;
use qkv::ground::fault::Failure;
use qkv::ground::lang::Lang;
use qkv::ground::text::Segmenter;
use qkv::session::Choice;
use qkv::source::sample::{Lexicon, Sample};
use qkv::ui::{Depth, Theme, view};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

/// What most pictures are drawn with.
pub const THEME: Theme = Theme { depth: Depth::True, light: false, ascii: false };

/// The interface with an engine behind it, without terminal, threads or clock.
pub struct House {
    pub model: Model,
    engine: Engine,
    segmenter: Segmenter,
    /// Files that were written: names and contents.
    pub files: Vec<(String, String)>,
    /// What was copied last.
    pub copied: Option<String>,
}

impl House {
    pub fn open(sample: &str, lang: Lang) -> Self {
        let sample = Sample::builtin(sample).unwrap().unwrap();
        let settings = Settings { lang, light: false, ascii: false, backend: Choice::Cpu, random: false, seed: 1 };
        Self::new(Model::new(Arc::new(sample), settings))
    }

    pub fn new(model: Model) -> Self {
        let (engine, segmenter) = (Engine::new(), Segmenter::new());
        let mut house = Self { model, engine, segmenter, files: Vec::new(), copied: None };
        let effects = house.model.first_request();
        house.carry_out(effects);
        house
    }

    pub fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            let message = match effect {
                Effect::Run { generation, program, inputs } => {
                    let run = Arc::new(self.engine.run(&program, &inputs).unwrap());
                    Message::Ran { generation, run }
                }
                Effect::Load(what) => {
                    let sample = Sample::builtin(&what).map(|sample| Arc::new(sample.unwrap()));
                    Message::Loaded(sample.ok_or_else(|| format!("there is no {what}")))
                }
                Effect::Sentence { request, sample, written, lens } => {
                    let lexicon = Lexicon::builtin().unwrap();
                    let result = sample.with_sentence(&written, lens, &mut self.segmenter, &lexicon);
                    let result = result.map(Arc::new).map_err(|error| error.words());
                    Message::Written { request, written, lens, result }
                }
                Effect::Save { path, contents } => {
                    self.files.push((path.clone(), contents));
                    Message::Saved(Ok(path))
                }
                Effect::Copy(text) => {
                    self.copied = Some(text);
                    Message::Copied(None)
                }
                Effect::Experiment { request, experiment: Some(experiment) } => {
                    let drawn = self.engine.scaling(experiment, |_| ControlFlow::Continue(())).unwrap();
                    Message::Drawn { request, result: Ok(Arc::new(drawn.unwrap())) }
                }
                Effect::Look { request, ask } => {
                    let result = self.engine.look(&ask).map(Arc::new).map_err(|fault| fault.to_string());
                    Message::Seen { request, result }
                }
                Effect::Study { request, sample, scenario } => {
                    let lexicon = Lexicon::builtin().unwrap();
                    let study = self.engine.study(&sample, &scenario, (&mut self.segmenter, &lexicon));
                    Message::Studied { request, scenario, result: Ok(Arc::new(study.unwrap())) }
                }
                Effect::Race { .. }
                | Effect::Watch { .. }
                | Effect::Experiment { experiment: None, .. }
                | Effect::Backend(_)
                | Effect::Wake { .. }
                | Effect::Quit => continue,
            };
            let effects = update(&mut self.model, message);
            self.carry_out(effects);
        }
    }

    pub fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.chars() {
            let effects = update(&mut self.model, Message::Key(Key::Char(key)));
            self.carry_out(effects);
        }
        self
    }

    pub fn key(&mut self, key: Key) -> &mut Self {
        let effects = update(&mut self.model, Message::Key(key));
        self.carry_out(effects);
        self
    }

    pub fn buffer(&mut self, columns: u16, rows: u16, theme: Theme) -> Buffer {
        update(&mut self.model, Message::Resize(columns, rows));
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| view(&self.model, theme, frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    pub fn picture(&mut self, columns: u16, rows: u16) -> String {
        text(&self.buffer(columns, rows, THEME))
    }
}

/// The letters of a buffer; the second half of a wide glyph is left out, as a terminal does.
pub fn text(buffer: &Buffer) -> String {
    let area = buffer.area;
    let mut picture = String::new();
    for y in area.top()..area.bottom() {
        let mut x = area.left();
        let mut line = String::new();
        while x < area.right() {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += qkv::ground::text::columns(symbol).max(1) as u16;
        }
        picture.push_str(line.trim_end());
        picture.push('\n');
    }
    picture
}
