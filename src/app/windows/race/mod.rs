//! `R`: the race. Which work, who has come in so far, and what is to be said about it.

mod says;

use super::{Behaviour, Line, News as Heard, Outcome, lines};
use crate::app::keys::{Command, Group, Key, Opener, Row, When, row, short};
use crate::app::{Effect, Model};
use crate::ground::lang::Text;
use crate::program::Backend;
use crate::session::{Job, Kind, News, Progress};
use crate::study::race::{Contender, Entry, Point, Roof, Rules, Work};

/// The work at first: the article's batch of 64 sentences under 8 heads, hidden size 256.
const FIRST: (usize, usize, usize, usize) = (64, 16, 8, 256);

/// How far the keys go.
const TOKENS: (usize, usize) = (4, 1024);
const BATCH: (usize, usize) = (1, 4096);
const HEADS: (usize, usize) = (1, 16);
const FEATURES: (usize, usize) = (4, 128);

/// The race while its window is open.
#[derive(Debug, Clone)]
pub struct RaceWindow {
    /// What is raced over.
    pub work: Work,
    /// Who computes on the adapter's side; none until it is open, or where there is none.
    pub adapter: Option<Backend>,
    /// Who has come in, in the order of the start.
    pub entries: Vec<Entry>,
    /// Who is running.
    pub running: Option<Contender>,
    /// Which one that is, from 0, and of how many.
    pub place: (usize, usize),
    /// Whether all have come in.
    pub over: bool,
    /// What the adapter can do at most.
    pub roof: Option<Roof>,
    /// Both sides with 1, 2, 4 … sentences, as far as that was measured.
    pub points: Vec<Point>,
    /// Whether all points are there.
    pub searched: bool,
    /// Whether the plot has the window for itself.
    pub plot: bool,
    /// The first line of its words that is shown, where not all fit.
    pub from: usize,
}

/// What its keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    FewerWords,
    MoreWords,
    MoreSentences,
    FewerSentences,
    FewerHeads,
    MoreHeads,
    FewerFeatures,
    MoreFeatures,
    Plot,
    Again,
    Read(isize),
}

const OPENER: Opener = Opener {
    command: Command {
        keys: &[Key::Char('R')],
        name: "race.open",
        group: Some(Group::Gpu),
        when: When::Always,
        short: short("赛跑", "race"),
        help: Text::new("赛跑：CPU 和六级着色器，谁快，快多少", "race: the processor against six rungs of kernels"),
    },
    after: "walk.compare",
    open: |model| {
        let (batch, tokens, heads, hidden) = FIRST;
        let Ok(work) = Work::new(batch, tokens, heads, hidden) else { return Vec::new() };
        model.open_window(RaceWindow::new(work));
        ask(model, work)
    },
};

fn ask(model: &mut Model, work: Work) -> Vec<Effect> {
    model.ask(Job::Race { work, rules: Rules::on_screen() })
}

impl RaceWindow {
    /// Nobody has started yet.
    fn new(work: Work) -> Self {
        Self {
            work,
            adapter: None,
            entries: Vec::new(),
            running: None,
            place: (0, 0),
            over: false,
            roof: None,
            points: Vec::new(),
            searched: false,
            plot: false,
            from: 0,
        }
    }

    fn start(&mut self, model: &mut Model, work: Work) -> Outcome {
        *self = Self::new(work);
        ask(model, work).into()
    }
}

/// Half or twice as many, within limits.
fn turned(n: usize, twice: bool, (least, most): (usize, usize)) -> usize {
    if twice { (2 * n).min(most) } else { (n / 2).max(least) }
}

impl Behaviour for RaceWindow {
    type Deed = Deed;
    const NAME: &'static str = "race";
    const TITLE: Text = Text::new("赛跑", "race");
    const OPENER: Option<&'static Opener> = Some(&OPENER);
    const WORK: &'static [Kind] = &[Kind::Race];
    #[rustfmt::skip] // one row, one line
    const KEYS: &'static [Row<Deed>] = &[
        row(&[Key::Left, Key::Char('h')], "race.fewer_words", Deed::FewerWords, short("词数", "words"), "词数减半", "half as many words"),
        row(&[Key::Right, Key::Char('l')], "race.more_words", Deed::MoreWords, short("词数", "words"), "词数加倍", "twice as many words"),
        row(&[Key::Up, Key::Char('k')], "race.more_sentences", Deed::MoreSentences, short("句数", "sentences"), "句数加倍", "twice as many sentences"),
        row(&[Key::Down, Key::Char('j')], "race.fewer_sentences", Deed::FewerSentences, short("句数", "sentences"), "句数减半", "half as many sentences"),
        row(&[Key::Tab, Key::BackTab], "race.plot", Deed::Plot, short("曲线", "plot"), "整个窗口画时间曲线，再按一次回到表", "the plot of times in the whole window, or the table again"),
        row(&[Key::Char('r')], "race.again", Deed::Again, short("再跑", "again"), "再跑一次", "race again"),
        row(&[Key::Char(',')], "race.fewer_heads", Deed::FewerHeads, short("头数", "heads"), "头数减半，隐藏维度不变", "half as many heads of the same hidden size"),
        row(&[Key::Char('.')], "race.more_heads", Deed::MoreHeads, short("头数", "heads"), "头数加倍，隐藏维度不变", "twice as many heads of the same hidden size"),
        row(&[Key::Char('-')], "race.fewer_features", Deed::FewerFeatures, short("维数 d", "d"), "每个头的维数 d 减半", "half as many numbers d in a head"),
        row(&[Key::Char('+')], "race.more_features", Deed::MoreFeatures, short("维数 d", "d"), "每个头的维数 d 加倍", "twice as many numbers d in a head"),
        row(&[Key::PageDown], "race.read_on", Deed::Read(1), None, "往下读（字比地方多的时候）", "read on, where there is more to say than room"),
        row(&[Key::PageUp], "race.read_back", Deed::Read(-1), None, "往回读", "read back"),
    ];

    fn press(&mut self, model: &mut Model, deed: Deed) -> Outcome {
        let Work { batch, tokens, heads, hidden } = self.work;
        let next = match deed {
            Deed::FewerWords | Deed::MoreWords => {
                Work::new(batch, turned(tokens, deed == Deed::MoreWords, TOKENS), heads, hidden)
            }
            Deed::FewerSentences | Deed::MoreSentences => {
                Work::new(turned(batch, deed == Deed::MoreSentences, BATCH), tokens, heads, hidden)
            }
            Deed::FewerHeads | Deed::MoreHeads => {
                Work::new(batch, tokens, turned(heads, deed == Deed::MoreHeads, HEADS), hidden)
            }
            Deed::FewerFeatures | Deed::MoreFeatures => {
                let features = turned(self.work.features(), deed == Deed::MoreFeatures, FEATURES);
                Work::new(batch, tokens, heads, heads * features)
            }
            Deed::Plot => {
                (self.plot, self.from) = (!self.plot, 0);
                return Outcome::stay();
            }
            Deed::Again => return self.start(model, self.work),
            Deed::Read(by) => {
                self.from = lines::read(model, self.from, by, self.told().iter().map(|(_, words)| words));
                return Outcome::stay();
            }
        };
        match next {
            Ok(work) if work != self.work => self.start(model, work),
            _ => Outcome::stay(),
        }
    }

    fn hear(&mut self, model: &mut Model, news: Heard) -> Outcome {
        match news {
            Heard::Progress(Progress::Race(news)) => match news {
                News::Adapter(adapter) => self.adapter = adapter,
                News::Started { contender, n, of } => (self.running, self.place) = (Some(contender), (n, of)),
                News::In(entry) => {
                    self.entries.push(entry);
                    self.running = None;
                }
                News::Over => (self.running, self.over) = (None, true),
                News::Roof(roof) => self.roof = Some(roof),
                News::Point(point) => self.points.push(point),
            },
            Heard::Ended(_, answered) => {
                if let Err(why) = answered {
                    model.warn(why.words().clone());
                }
                (self.running, self.over, self.searched) = (None, true, true);
            }
            Heard::Progress(_) => {}
        }
        Outcome::stay()
    }

    fn says(&self, model: &Model) -> Vec<Line> {
        says::lines(self, model)
    }
}
