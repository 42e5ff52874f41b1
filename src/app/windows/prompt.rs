//! `:`, `e` and `/`: a line being typed: a command, a number, or a sentence.

use super::completion::{self, Turns};
use super::{Behaviour, Line, News, Outcome, Tone, TypedLine};
use crate::app::edits::{ask_for, put};
use crate::app::keys::{Context, Key, Row, row};
use crate::app::orders::{Order, carry_out};
use crate::app::{Effect, Located, Model, command, update};
use crate::ground::lang::Text;
use crate::ground::text::{Lens, half_width};
use crate::session::{Answer, Job, Kind, Listed};

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
    /// What it can go on with, while it is being completed or an earlier one is looked for.
    turns: Option<Turns>,
    /// Which way it is to be completed as soon as it is known what stands in the folder that is typed.
    listing: Option<isize>,
    /// What that folder offers.
    offers: Vec<String>,
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
pub(crate) enum Deed {
    /// Take what was typed.
    Take,
    /// Complete the command, or cut the sentence otherwise.
    Complete(isize),
    /// An earlier command, or a later one.
    Recall(isize),
}

impl PromptWindow {
    /// A line with these words in it, selected: typing replaces them.
    pub(in crate::app) fn new(purpose: Purpose, words: String) -> Self {
        Self {
            purpose,
            input: TypedLine::selected(words),
            error: None,
            waiting: false,
            turns: None,
            listing: None,
            offers: Vec::new(),
        }
    }

    /// Puts words in that one may take as they are: a command to go on with, or an example that typing replaces.
    pub(super) fn suggest(&mut self, words: &str) {
        match self.purpose {
            Purpose::Command(_) => self.input.replace(words),
            Purpose::Number(_) | Purpose::Sentence(_) => self.input = TypedLine::selected(words),
        }
    }

    /// It stays, and says what is wrong.
    fn refuse(&mut self, why: Text) -> Outcome {
        (self.error, self.waiting) = (Some(why), false);
        Outcome::stay()
    }

    /// Goes on to the next of what the line may be; `begin` says what that is.
    fn turn(&mut self, by: isize, begin: impl FnOnce(&str) -> Turns) {
        let mut turns = self.turns.take().unwrap_or_else(|| begin(self.input.value()));
        self.input.replace(turns.turn(by));
        self.turns = (!turns.is_over()).then_some(turns);
    }

    /// Completes a command; where a path is typed, the folder is looked into first.
    fn complete(&mut self, model: &mut Model, of: Option<&'static Context>, by: isize) -> Outcome {
        let typed = self.input.value();
        let folder = completion::folder(typed).filter(|_| self.turns.is_none());
        if let Some(folder) = folder {
            self.listing = Some(by);
            return model.ask(Job::List(folder)).into();
        }
        let known = completion::known(model, of, typed);
        self.turn(by, |typed| Turns::completing(typed, known));
        Outcome::stay()
    }

    /// Goes on with what stands in the folder, where it was asked for and nothing was typed since.
    fn offered(&mut self, model: &Model, listed: &[Listed]) {
        let (Some(by), Purpose::Command(of)) = (self.listing.take(), &self.purpose) else { return };
        let typed = self.input.value();
        let mut known = completion::known(model, *of, typed);
        known.extend(completion::paths(typed, listed));
        if known.is_empty() {
            self.error = Some(Text::new("那里没有这样开头的", "nothing there begins so"));
            return;
        }
        let name = |line: &String| {
            let last = line.trim_end_matches('/').rfind('/').or_else(|| line.find(' '));
            line[last.map_or(0, |at| at + 1)..].to_owned()
        };
        self.offers = if known.len() > 1 { known.iter().map(name).collect() } else { Vec::new() };
        self.turn(by, |typed| Turns::completing(typed, known));
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
        if matches!(self.purpose, Purpose::Command(_)) {
            model.typed.retain(|earlier| *earlier != typed);
            model.typed.push(typed.clone());
        }
        let done = match &self.purpose {
            Purpose::Number(place) => {
                let Some(address) = place.within(model.program()) else { return Outcome::close() };
                let wrong = |_| Text::new("要写一个数，例如 0.5 或 -2", "write a number, such as 0.5 or -2");
                let plain: String = typed.chars().map(half_width).collect();
                plain.parse::<f32>().map_err(wrong).and_then(|value| put(model, address, value)).map(Order::Done)
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
            Purpose::Command(_) if !self.offers.is_empty() => Text::same(self.offers.join("   ")),
            Purpose::Command(of) => {
                let keys = model.say(&Text::new("Tab 补全  ↑ 以前的", "Tab completes  ↑ earlier ones")).to_owned();
                Text::same(format!("{keys}   {}", completion::fitting(model, *of, self.input.value())))
            }
            Purpose::Number(_) => Text::new(
                "直接输入新的数，旧的就换掉；按方向键在旧的上面改。Enter 确定，Esc 放弃",
                "type over the number, or an arrow key to change it; Enter sets it, Esc leaves",
            ),
            Purpose::Sentence(_) => Text::new(
                "直接写新的一句，旧的就换掉；按方向键在旧的上面改。Enter 确定，Esc 放弃；Tab 换切法（词、字、字节），| 自己断词",
                "type over the sentence, or an arrow key to change it; Enter takes it, Esc leaves; Tab: words, characters, bytes; | sets a boundary",
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

impl Behaviour for PromptWindow {
    type Deed = Deed;
    const NAME: &'static str = "line";
    const TITLE: Text = Text::new("输入行", "the line being typed");
    const DOCKS: bool = true;
    const WORK: &'static [Kind] = &[Kind::Load, Kind::Save, Kind::Sentence, Kind::Beside, Kind::List];
    #[rustfmt::skip] // one row, one line
    const KEYS: &'static [Row<Deed>] = &[
        row(&[Key::Enter], "line.take", Deed::Take, None, "确定", "take what was typed"),
        row(&[Key::Tab], "line.complete", Deed::Complete(1), None, "命令：补全，再按换下一个；句子：换切法（词、字、字节）", "a command: completes it, again for the next one; a sentence: words, characters, bytes"),
        row(&[Key::BackTab], "line.complete_back", Deed::Complete(-1), None, "命令：补全成上一个", "a command: the one before"),
        row(&[Key::Up], "line.earlier", Deed::Recall(-1), None, "以前输入过的命令", "a command typed earlier"),
        row(&[Key::Down], "line.later", Deed::Recall(1), None, "后来输入的命令", "one typed later"),
    ];

    fn type_key(&mut self, _model: &mut Model, key: Key) -> Option<Outcome> {
        self.input.take(key, LONGEST_LINE).then_some(())?;
        (self.turns, self.listing) = (None, None);
        self.offers.clear();
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
            (Deed::Complete(1), Purpose::Sentence(lens)) => self.purpose = Purpose::Sentence(lens.next()),
            (Deed::Complete(by), &Purpose::Command(of)) => {
                (self.error, self.waiting) = (None, false);
                return self.complete(model, of, by);
            }
            (Deed::Recall(by), Purpose::Command(_)) => self.turn(by, |typed| Turns::recalling(typed, &model.typed)),
            _ => {}
        }
        (self.error, self.waiting) = (None, false);
        Outcome::stay()
    }

    fn hear(&mut self, model: &mut Model, news: News) -> Outcome {
        match news {
            News::Ended(Kind::List, answered) => {
                if let Ok(Answer::List(listed)) = answered {
                    self.offered(model, &listed);
                }
                Outcome::stay()
            }
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
    /// Puts pasted text where the cursor of the line is: its line breaks and tabs become spaces. What a line cannot hold
    /// stays out, and the line says so.
    fn insert(&mut self, text: &str) {
        let spaced = text.replace("\r\n", " ");
        let spaced = spaced.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
        let pasted: String = spaced.filter(|c| !c.is_control()).collect();
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
