//! For a whole class: one thing at a time and large, a blank screen on a key, a clicker's keys, and what only the speaker sees.

use super::keys::{Command, Key, Row, by_key, commands_of, row, short};
use super::palette::CONTRAST;
use super::windows::Window;
use super::{Effect, Model, lesson};
use crate::ground::lang::Text;
use crate::session::Notes;

pub(super) static TITLE: Text = Text::new("投给全班看的时候（qkv present）", "in front of a class (qkv present)");

/// How it is shown to a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Presenting {
    blank: bool,
}

impl Presenting {
    /// Whether the screen is blank, so that all look at the speaker.
    pub const fn is_blank(&self) -> bool {
        self.blank
    }
}

/// Something that a key does in front of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Blank,
    Begin,
}

/// The keys in front of a class.
#[rustfmt::skip] // one row, one line
pub(super) const KEYS: &[Row<Deed>] = &[
    row(&[Key::Char('.')], "present.blank", Deed::Blank, short("黑屏", "blank"), "屏幕变黑，随便按一个键就回来（看别的头用 ,）", "a blank screen; any key brings it back (other heads by ,)"),
    row(&[Key::F5], "present.begin", Deed::Begin, None, "从课程的第一步开始", "from the first step of the lesson"),
];

/// The commands in front of a class.
pub(super) fn commands() -> Vec<&'static Command> {
    commands_of(KEYS)
}

impl Model {
    /// The model shown to a class.
    #[must_use]
    pub fn for_a_class(mut self) -> Self {
        self.presenting = Some(Presenting::default());
        self.settings.palette = &CONTRAST;
        self
    }

    /// How it is shown to a class; none where somebody looks alone.
    pub const fn presenting(&self) -> Option<&Presenting> {
        self.presenting.as_ref()
    }

    /// What only the speaker sees at this step; none outside of a lesson.
    pub fn speaker_notes(&self) -> Option<Notes> {
        let playing = self.lesson()?;
        let (lesson, step) = (playing.lesson(), playing.step()?);
        let say = |text: &Text| self.say(text).to_owned();
        let said = |step: &crate::source::lesson::Step| match self.trace() {
            Some(trace) => step.say.text(self.settings.lang, self.program(), trace),
            None => String::new(),
        };
        let next = lesson.steps.get(playing.number() + 1);
        let hint = step.wait.as_ref().map(|wait| wait.keys.value.join(" "));
        Some(Notes {
            lesson: say(&lesson.about.title),
            minutes: lesson.about.minutes,
            step: playing.number() + 1,
            of: lesson.steps.len(),
            title: step.title.as_ref().map(say),
            says: said(step),
            notes: step.notes.as_ref().map(say),
            keys: hint,
            next: next.map(|next| next.title.as_ref().map_or_else(|| plain(self, next), say)),
        })
    }
}

/// The beginning of what a step says, its numbers left out: they are not there yet.
fn plain(model: &Model, step: &crate::source::lesson::Step) -> String {
    use crate::source::lesson::SaidPiece;
    let words = step.say.pieces(model.settings.lang).iter().map(|piece| match piece {
        SaidPiece::Words(words) => words.as_str(),
        SaidPiece::Number(_) => "…",
    });
    crate::ground::text::shortened(&words.collect::<String>(), 60)
}

/// What a key does in front of a class; none where it is no key of that, or belongs to what is being typed.
pub(super) fn press(model: &mut Model, key: Key) -> Option<Vec<Effect>> {
    let presenting = model.presenting.as_mut()?;
    if std::mem::take(&mut presenting.blank) {
        return Some(Vec::new());
    }
    if matches!(model.windows.top(), Some(Window::Prompt(_) | Window::Help(_))) {
        return None;
    }
    match by_key(KEYS, key.plain())? {
        Deed::Blank => {
            if let Some(presenting) = &mut model.presenting {
                presenting.blank = true;
            }
            Some(Vec::new())
        }
        Deed::Begin => Some(lesson::from_the_first(model)),
    }
}
