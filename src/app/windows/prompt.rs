//! `:`, `e` and `/`: a line being typed: a command, a number, or a sentence.

use super::{Behaviour, Line, News, Outcome, Tone, TypedLine};
use crate::app::edits::{ask_for, put};
use crate::app::keys::{self, Context, Key, Row, row};
use crate::app::orders::{Order, carry_out};
use crate::app::{Effect, Located, Model, command, update};
use crate::ground::lang::Text;
use crate::ground::text::Lens;
use crate::session::{Answer, Kind};

/// A line longer than this is not typed by a person.
const LONGEST_LINE: usize = 1 << 16;

/// A line being typed.
#[derive(Debug, Clone)]
pub struct PromptWindow {
    /// What it is for.
    pub purpose: Purpose,
    /// What was typed.
    pub input: TypedLine,
    /// What was wrong with it.
    pub error: Option<Text>,
    /// It was sent, and the answer is awaited: what is wrong with it comes back to this line.
    pub waiting: bool,
}

/// What a line is typed for.
#[derive(Debug, Clone)]
pub enum Purpose {
    /// A command of this window, or of the walk.
    Command(Option<&'static Context>),
    /// A number for this place.
    Number(Located),
    /// A sentence, to be cut through this lens.
    Sentence(Lens),
}

/// What its keys do, beside typing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Take what was typed.
    Take,
    /// Cut the sentence otherwise.
    Cut,
}

impl PromptWindow {
    /// A line with these words in it, selected: typing replaces them.
    pub(in crate::app) fn new(purpose: Purpose, words: String) -> Self {
        Self { purpose, input: TypedLine::selected(words), error: None, waiting: false }
    }

    /// It stays, and says what is wrong.
    fn refuse(&mut self, why: Text) -> Outcome {
        (self.error, self.waiting) = (Some(why), false);
        Outcome::stay()
    }

    /// What was typed is taken, or waited for.
    fn sent(&mut self, effects: Vec<Effect>, waits: bool) -> Outcome {
        (self.error, self.waiting) = (None, waits);
        Outcome { effects, closes: !waits }
    }

    /// Takes what was typed; what will not do stays, to be mended.
    fn take(&mut self, model: &mut Model) -> Outcome {
        let typed = self.input.value().trim().to_owned();
        if typed.is_empty() {
            return Outcome::close();
        }
        let done = match &self.purpose {
            Purpose::Number(place) => {
                let Some(address) = place.within(model.program()) else { return Outcome::close() };
                let wrong = |_| Text::new("要写一个数，例如 0.5 或 -2", "write a number, such as 0.5 or -2");
                typed.parse::<f32>().map_err(wrong).and_then(|value| put(model, address, value)).map(Order::Done)
            }
            Purpose::Sentence(lens) => {
                let effects = ask_for(model, self.input.value().to_owned(), *lens);
                Ok(if model.waits_for(Kind::Sentence) { Order::Waits(effects) } else { Order::Done(effects) })
            }
            Purpose::Command(_) => match super::carry_out(model, typed.trim_start_matches(':').trim()) {
                Some(effects) => Ok(Order::Done(effects)),
                None => command::parse(&typed).and_then(|command| carry_out(model, command)),
            },
        };
        match done {
            Ok(Order::Done(effects)) => self.sent(effects, false),
            Ok(Order::Waits(effects)) => self.sent(effects, true),
            Err(why) => self.refuse(why),
        }
    }

    /// What can be typed; of commands, those that begin with what was typed so far.
    pub fn hint(&self, model: &Model) -> Text {
        match &self.purpose {
            Purpose::Command(of) => {
                let words = self.input.value().split_whitespace().next().unwrap_or("");
                Text::same(commands(model, *of, words))
            }
            Purpose::Number(_) => {
                Text::new("直接输入新的数，旧的就换掉；按方向键在旧的上面改。Enter 确定，Esc 放弃", "type the new number over the old one, or an arrow key to change the old; Enter sets it, Esc leaves it")
            }
            Purpose::Sentence(_) => Text::new(
                "直接写新的一句，旧的就换掉；按方向键在旧的上面改。Enter 确定，Esc 放弃；Tab 换切法（词、字、字节），| 自己断词",
                "type a new sentence over the old one, or an arrow key to change the old; Enter takes it, Esc leaves it; Tab: words, characters, bytes; | sets a boundary",
            ),
        }
    }

    /// What stands above the line, and whether it is a complaint.
    pub fn above(&self, model: &Model) -> (Tone, Text) {
        match &self.error {
            Some(error) => (Tone::Bad, error.clone()),
            None if self.waiting => (Tone::Dim, Text::new("稍等……", "one moment ...")),
            None => (Tone::Dim, self.hint(model)),
        }
    }
}

/// The commands that begin with a word: typed ones with their argument, and those of keys once there is a dot.
fn commands(model: &Model, of: Option<&'static Context>, word: &str) -> String {
    let fitting = command::COMMANDS.iter().filter(|c| c.form.starts_with(word));
    let typed = fitting.map(|c| format!("{} {}", c.form, model.say(&c.help)));
    let named = keys::named_here(of).into_iter().filter(|name| word.contains('.') && name.starts_with(word));
    typed.chain(named.map(str::to_owned)).collect::<Vec<_>>().join("   ")
}

impl Behaviour for PromptWindow {
    type Deed = Deed;
    const NAME: &'static str = "line";
    const TITLE: Text = Text::new("输入行", "the line being typed");
    const WORK: &'static [Kind] = &[Kind::Load, Kind::Save, Kind::Sentence];
    #[rustfmt::skip] // one row, one line
    const KEYS: &'static [Row<Deed>] = &[
        row(&[Key::Enter], "line.take", Deed::Take, None, "确定", "take what was typed"),
        row(&[Key::Tab], "line.cut", Deed::Cut, None, "句子：换切法（词、字、字节）", "a sentence: words, characters, bytes"),
    ];

    fn type_key(&mut self, _model: &mut Model, key: Key) -> Option<Outcome> {
        self.input.take(key, LONGEST_LINE).then_some(())?;
        (self.error, self.waiting) = (None, false);
        Some(Outcome::stay())
    }

    fn paste(&mut self, text: &str) -> bool {
        self.insert(text);
        true
    }

    fn press(&mut self, model: &mut Model, deed: Deed) -> Outcome {
        match (deed, &self.purpose) {
            (Deed::Take, _) => return self.take(model),
            (Deed::Cut, Purpose::Sentence(lens)) => self.purpose = Purpose::Sentence(lens.next()),
            (Deed::Cut, _) => {}
        }
        (self.error, self.waiting) = (None, false);
        Outcome::stay()
    }

    fn hear(&mut self, model: &mut Model, news: News) -> Outcome {
        match news {
            News::Ended(_, Err(why)) if self.waiting => self.refuse(why.words().clone()),
            News::Ended(kind, answered) => {
                let closes = self.waiting || matches!(answered, Ok(Answer::Load(_)));
                Outcome { effects: update::ended(model, kind, answered), closes }
            }
            News::Progress(_) => Outcome::stay(),
        }
    }

    fn keep(&mut self, model: &mut Model) -> Outcome {
        match &self.purpose {
            Purpose::Number(place) if place.within(model.program()).is_none() => Outcome::close(),
            _ => Outcome::stay(),
        }
    }

    /// What was sent is answered all the same.
    fn leave(&self, _model: &mut Model) -> Vec<Effect> {
        Vec::new()
    }

    fn says(&self, model: &Model) -> Vec<Line> {
        let (tone, above) = self.above(model);
        vec![Line::Say(tone, above), Line::say(Text::same(self.input.value()))]
    }
}

impl PromptWindow {
    /// Puts pasted text where the cursor of the line is. What a line cannot hold stays out, and the line says so.
    fn insert(&mut self, text: &str) {
        let pasted: String = text.chars().filter(|c| !c.is_control()).collect();
        if !self.input.insert(&pasted, LONGEST_LINE) {
            self.error = Some(Text::owned(
                format!("粘贴的内容太长，一行最多 {LONGEST_LINE} 字节；原来的还在"),
                format!("too long to paste: a line holds {LONGEST_LINE} bytes; what was typed is still here"),
            ));
            return;
        }
        self.error = None;
    }
}
