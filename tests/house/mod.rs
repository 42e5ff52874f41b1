//! The whole interface with the CPU behind it, for tests: messages in, pictures out.

#![allow(dead_code, reason = "each test takes what it needs")]

use std::sync::{Arc, Mutex};

use qkv::app::palette::DARK;
use qkv::app::{Effect, Key, Message, Model, Settings, update};
use qkv::engine::{Driver, Files, settle};
use qkv::ground::exit::Exit;
use qkv::ground::fault::{Failure, Fault};
use qkv::ground::lang::{Lang, Text};
use qkv::session::{Answer, Choice, Clipboard, Copied, Kind, Listed, Listing, NewFile};
use qkv::source::lesson::Lesson;
use qkv::source::sample::Sample;
use qkv::study::learned::Learned;
use qkv::ui::{Depth, Theme, view};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

/// What most pictures are drawn with.
pub(crate) const THEME: Theme = Theme { depth: Depth::True, palette: &DARK, ascii: false };

/// Files in memory.
#[derive(Debug, Clone, Default)]
struct Shelf(Arc<Mutex<Written>>);

/// What was written and copied.
#[derive(Debug, Default)]
struct Written {
    files: Vec<(String, String)>,
    copied: Option<String>,
    learned: Option<Learned>,
}

impl Files for Shelf {
    fn load(&mut self, what: &str) -> Result<Sample, Fault> {
        Ok(Sample::builtin(what).ok_or_else(|| Wrong(format!("there is no {what}")))?.unwrap())
    }

    fn lesson(&mut self, what: &str) -> Result<Vec<u8>, Fault> {
        std::fs::read(what).map_err(|why| fault(&why.to_string()))
    }

    fn keep(&mut self, learned: &Learned) -> Result<(), Fault> {
        self.0.lock().unwrap().learned = Some(learned.clone());
        Ok(())
    }

    fn save(&mut self, file: &NewFile, contents: &str) -> Result<String, Fault> {
        self.0.lock().unwrap().files.push((file.name(), contents.to_owned()));
        Ok(file.name())
    }

    fn list(&mut self, folder: &str) -> Vec<Listed> {
        let stands: &[(&str, Listing)] = match folder {
            "" => &[
                ("gpt2", Listing::Model),
                (".cache", Listing::Folder),
                ("my models", Listing::Folder),
                ("notes.txt", Listing::File),
                ("walk.toml", Listing::File),
            ],
            "my models/" => &[("bert-1", Listing::Model), ("bert-2", Listing::Model), ("be\u{1b}d", Listing::Model)],
            _ => &[],
        };
        stands.iter().map(|&(name, what)| Listed { name: name.to_owned(), what }).collect()
    }

    fn copy(&mut self, text: &str) -> Copied {
        self.0.lock().unwrap().copied = Some(text.to_owned());
        Copied { clipboard: Clipboard::Terminal, file: None }
    }
}

/// Something that went wrong, in these words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Wrong(String);

impl Failure for Wrong {
    fn words(&self) -> Text {
        Text::same(self.to_string())
    }

    fn exit(&self) -> Exit {
        Exit::Input
    }
}

/// A fault in these words.
pub(crate) fn fault(words: &str) -> Fault {
    Wrong(words.to_owned()).into()
}

/// The interface with a driver behind it, without terminal, threads or clock.
pub(crate) struct House {
    pub model: Model,
    driver: Driver,
    shelf: Shelf,
}

impl House {
    pub(crate) fn open(sample: &str, lang: Lang) -> Self {
        Self::new(Self::model(sample, lang))
    }

    /// The model alone, before anything was computed.
    pub(crate) fn model(sample: &str, lang: Lang) -> Model {
        let sample = Sample::builtin(sample).unwrap().unwrap();
        let settings = Settings { lang, palette: &DARK, ascii: false, backend: Choice::Cpu, random: false, seed: 1 };
        Model::new(Arc::new(sample), settings)
    }

    pub(crate) fn new(model: Model) -> Self {
        let shelf = Shelf::default();
        let mut house = Self { model, driver: Driver::new(shelf.clone()), shelf };
        let effects = house.model.first_request();
        house.carry_out(effects);
        // From the question to the first numbers.
        house.press("n");
        house
    }

    /// Files that were written: names and contents.
    pub(crate) fn files(&self) -> Vec<(String, String)> {
        self.shelf.0.lock().unwrap().files.clone()
    }

    /// What was copied last.
    pub(crate) fn kept(&self) -> Option<Learned> {
        self.shelf.0.lock().unwrap().learned.clone()
    }

    pub(crate) fn copied(&self) -> Option<String> {
        self.shelf.0.lock().unwrap().copied.clone()
    }

    /// Carries effects out, and those that follow. What measures time or opens devices is left unanswered.
    pub(crate) fn carry_out(&mut self, effects: Vec<Effect>) {
        let timeless = |kind| !matches!(kind, Kind::Race | Kind::Queue | Kind::Open);
        settle(&mut self.model, &mut self.driver, effects, &timeless);
    }

    /// A message, and everything that follows from it.
    pub(crate) fn tell(&mut self, message: Message) {
        let effects = update(&mut self.model, message);
        self.carry_out(effects);
    }

    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.chars() {
            let effects = update(&mut self.model, Message::Key(Key::Char(key)));
            self.carry_out(effects);
        }
        self
    }

    /// Plays a lesson that was read.
    pub(crate) fn begin_lesson(&mut self, lesson: Lesson) {
        let asked = self.model.ask_for_lesson(lesson.about.name.clone());
        let lesson = Arc::new(lesson);
        for effect in asked {
            let Effect::Do(ticket, _) = effect else { continue };
            self.tell(Message::Answered(ticket, Ok(Answer::Lesson(Arc::clone(&lesson)))));
        }
    }

    pub(crate) fn key(&mut self, key: Key) -> &mut Self {
        let effects = update(&mut self.model, Message::Key(key));
        self.carry_out(effects);
        self
    }

    pub(crate) fn buffer(&mut self, columns: u16, rows: u16, theme: Theme) -> Buffer {
        update(&mut self.model, Message::Resize(columns, rows));
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| view(&self.model, theme, frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    pub(crate) fn picture(&mut self, columns: u16, rows: u16) -> String {
        text(&self.buffer(columns, rows, THEME))
    }
}

/// The letters of a buffer; the second half of a wide glyph is left out, as a terminal does.
pub(crate) fn text(buffer: &Buffer) -> String {
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
