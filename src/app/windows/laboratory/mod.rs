//! `d`: the √d laboratory. Which experiment is wanted, and what has come of it.

mod says;

use std::sync::Arc;

pub use says::{FIGURES, WAYS, figures};

use super::{Behaviour, Line, News, Outcome, lines};
use crate::app::Model;
use crate::app::keys::{Command, Group, Key, Opener, Row, When, row, short};
use crate::ground::lang::Text;
use crate::program::Name;
use crate::session::{Answer, Job, Kind, Progress, Scaling};
use crate::study::scaling::{Experiment, Outcome as Drawn};

/// The features of a head in the paper that asked the question: where the laboratory begins.
const FIRST: usize = 64;

/// The laboratory while its window is open.
#[derive(Debug, Clone)]
pub struct LaboratoryWindow {
    /// What is to be drawn.
    pub wanted: Experiment,
    /// How many numbers a query of the sample has.
    pub of_sample: usize,
    /// The latest outcome: of what is wanted, or of what was wanted before while its first part is being drawn.
    pub outcome: Option<Arc<Drawn>>,
    /// The comparison with the reference and who drew, once all is drawn.
    pub finished: Option<Arc<Scaling>>,
    /// Why nothing could be drawn.
    pub failed: Option<Text>,
    /// The first line of its words that is shown, where not all fit.
    pub from: usize,
}

/// What its keys do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Less,
    More,
    Double,
    Halve,
    Least,
    Most,
    Again,
    Read(isize),
}

const OPENER: Opener = Opener {
    command: Command {
        keys: &[Key::Char('d')],
        name: "laboratory.open",
        group: Some(Group::Look),
        when: When::Always,
        short: short("√d", "why √d"),
        help: Text::new(
            "√d 实验室：为什么要除以 √d，而不是 d",
            "the laboratory of √d: why scores are divided by √d, and not by d",
        ),
    },
    after: "walk.compare",
    open: |model| {
        let first = Experiment::new(FIRST, Experiment::USUAL_PAIRS, model.settings.seed);
        let Ok(wanted) = first else { return Vec::new() };
        let of_sample = model.find(Name::Q).map_or(1, |slot| model.program().shape(slot).cols.len);
        model.open_window(LaboratoryWindow { wanted, of_sample, outcome: None, finished: None, failed: None, from: 0 });
        model.ask(Job::Scaling(wanted))
    },
};

impl LaboratoryWindow {
    /// What there is to see.
    pub fn seen(&self) -> Option<&Drawn> {
        self.finished.as_ref().map(|scaling| &scaling.outcome).or(self.outcome.as_deref())
    }
}

impl Behaviour for LaboratoryWindow {
    type Deed = Deed;
    const NAME: &'static str = "laboratory";
    const TITLE: Text = Text::new("√d 实验室", "why √d");
    const OPENER: Option<&'static Opener> = Some(&OPENER);
    const WORK: &'static [Kind] = &[Kind::Scaling];
    #[rustfmt::skip] // one row, one line
    const KEYS: &'static [Row<Deed>] = &[
        row(&[Key::Left, Key::Char('h')], "laboratory.less", Deed::Less, short("d 加减 1", "d by 1"), "d 减 1", "d less by 1"),
        row(&[Key::Right, Key::Char('l')], "laboratory.more", Deed::More, short("d 加减 1", "d by 1"), "d 加 1", "d more by 1"),
        row(&[Key::Up, Key::Char('k')], "laboratory.double", Deed::Double, short("加倍减半", "twice, half"), "到下一个 2 的幂", "on to the next power of two"),
        row(&[Key::Down, Key::Char('j')], "laboratory.halve", Deed::Halve, short("加倍减半", "twice, half"), "到上一个 2 的幂", "back to the power of two before"),
        row(&[Key::Char('r')], "laboratory.again", Deed::Again, short("重抽", "draw anew"), "重新抽一批", "draw other vectors"),
        row(&[Key::Home], "laboratory.least", Deed::Least, short("到头", "limits"), "d 最小", "the least d"),
        row(&[Key::End, Key::Char('G')], "laboratory.most", Deed::Most, short("到头", "limits"), "d 最大", "the largest d"),
        row(&[Key::PageDown], "laboratory.read_on", Deed::Read(1), None, "往下读（字比地方多的时候）", "read on, where there is more to say than room"),
        row(&[Key::PageUp], "laboratory.read_back", Deed::Read(-1), None, "往回读", "read back"),
    ];

    fn press(&mut self, model: &mut Model, deed: Deed) -> Outcome {
        let wanted = self.wanted;
        let (d, seed) = (wanted.d(), wanted.seed());
        let (least, most) = (*Experiment::FEATURES.start(), *Experiment::FEATURES.end());
        let (d, seed) = match deed {
            Deed::Less => (d - 1, seed),
            Deed::More => (d + 1, seed),
            Deed::Double => ((d + 1).next_power_of_two(), seed),
            Deed::Halve => (d.next_power_of_two() / 2, seed),
            Deed::Least => (least, seed),
            Deed::Most => (most, seed),
            Deed::Again => (d, seed.wrapping_add(1)),
            Deed::Read(by) => {
                let told = self.seen().map(Self::tell).unwrap_or_default();
                self.from = lines::read(model, self.from, by, told.iter());
                return Outcome::stay();
            }
        };
        let next = Experiment::new(d.clamp(least, most), wanted.pairs(), seed);
        match next {
            Ok(next) if next != wanted => {
                // What was seen of the one before stays until there is something to see of this one.
                (self.wanted, self.finished, self.failed) = (next, None, None);
                model.ask(Job::Scaling(next)).into()
            }
            _ => Outcome::stay(),
        }
    }

    fn hear(&mut self, _model: &mut Model, news: News) -> Outcome {
        match news {
            News::Progress(Progress::Scaling(outcome)) => self.outcome = Some(outcome),
            News::Ended(_, Ok(Answer::Scaling(scaling))) => self.finished = Some(scaling),
            News::Ended(_, Err(why)) => self.failed = Some(why.words().clone()),
            _ => {}
        }
        Outcome::stay()
    }

    fn says(&self, _model: &Model) -> Vec<Line> {
        says::lines(self)
    }
}
