//! A hand that presses keys at random, with everything that the runtime does for it: each job is answered at once, later,
//! much later, or when nobody waits for it any more.

use std::sync::Arc;

use qkv::app::palette::DARK;
use qkv::app::windows::{Line, Window};
use qkv::app::{Effect, Key, Message, Model, Settings, Target, update};
use qkv::engine::{Builtin, Driver, Files, Watch};
use qkv::ground::fault::Fault;
use qkv::ground::lang::Lang;
use qkv::program::Backend;
use qkv::session::{Answer, Answered, Choice, ComputeError, Contents, Job, Kind, Progress, Ticket};
use qkv::source::sample::Sample;
use qkv::study::race::Scene;
use qkv::ui::{self, Depth, Theme};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::invented;

/// Keys until an answer comes, at most: most come soon.
const SOON: usize = 12;
const LATE: usize = 300;

/// One look in so many is carried out by the mirror; the others are overtaken.
const LOOKS: usize = 64;

/// Something that will be heard after so many keys.
struct Due {
    at: usize,
    ticket: Ticket,
    what: Coming,
}

enum Coming {
    /// The end of a job.
    Answer(Job),
    /// News that are there already.
    Progress(Progress),
    /// A wake-up.
    Tick,
}

/// The interface, and what is on its way to it.
pub(crate) struct Hand {
    pub(crate) model: Model,
    driver: Driver,
    due: Vec<Due>,
    keys: usize,
    looks: usize,
    /// How often each kind of work was answered.
    pub(crate) answered: std::collections::BTreeMap<Kind, usize>,
    pub(crate) random: ChaCha8Rng,
}

impl Hand {
    pub(crate) fn new(seed: u64) -> Self {
        Self::over(Sample::builtin(Sample::DEFAULT).unwrap().unwrap(), Builtin, seed)
    }

    /// The same over another sample, with these files.
    pub(crate) fn over(sample: Sample, files: impl Files + 'static, seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let lang = if random.random_bool(0.5) { Lang::Zh } else { Lang::En };
        let settings = Settings { lang, palette: &DARK, ascii: false, backend: Choice::Cpu, random: false, seed: 1 };
        let mut model = Model::new(Arc::new(sample), settings);
        let first = model.first_request();
        let mut hand = Self {
            model,
            driver: Driver::new(files),
            due: Vec::new(),
            keys: 0,
            looks: 0,
            answered: std::collections::BTreeMap::new(),
            random,
        };
        hand.carry_out(first);
        hand.settle();
        hand
    }

    /// A message, and what the model wants then.
    pub(crate) fn tell(&mut self, message: Message) {
        if matches!(message, Message::Key(_)) {
            self.keys += 1;
        }
        let effects = update(&mut self.model, message);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Do(ticket, job) => self.take(ticket, job),
                // The picture itself is another test's business.
                Effect::Picture { ticket, file } => {
                    let contents = Contents::Text(String::new());
                    self.take(ticket, Job::Save { file, contents });
                }
                Effect::Wake { ticket, .. } => self.later(ticket, Coming::Tick),
                // What was broken off may have been on its way already.
                Effect::Cancel(_) | Effect::Quit => {}
            }
        }
    }

    /// Puts the answer to a job on its way, and the news before it.
    fn take(&mut self, ticket: Ticket, job: Job) {
        let mut news: Vec<Progress> = match &job {
            Job::Scaling(wanted) => vec![Progress::Scaling(invented::outcome(*wanted))],
            Job::Race { work, .. } => invented::race(*work, &mut self.random).into_iter().map(Progress::Race).collect(),
            Job::Queue { cut, pieces } => Scene::ALL
                .iter()
                .map(|scene| Progress::Queue(invented::timeline(*scene, *cut, *pieces, &mut self.random)))
                .collect(),
            _ => Vec::new(),
        };
        // A window that is closed soon hears the first of them only.
        news.truncate(self.random.random_range(0..=news.len()));
        for progress in news {
            self.later(ticket, Coming::Progress(progress));
        }
        self.later(ticket, Coming::Answer(job));
    }

    /// What comes comes in order, but not when one thinks.
    fn later(&mut self, ticket: Ticket, what: Coming) {
        let wait = match self.random.random_range(0..10) {
            0..3 => 0,
            3..9 => self.random.random_range(0..SOON),
            _ => self.random.random_range(0..LATE),
        };
        let before = self.due.iter().filter(|due| due.ticket == ticket).map(|due| due.at).max();
        let at = (self.keys + wait).max(before.unwrap_or(0));
        self.due.push(Due { at, ticket, what });
    }

    /// Everything that has come by now.
    pub(crate) fn hear(&mut self) {
        while let Some(n) = self.due.iter().position(|due| due.at <= self.keys) {
            let Due { ticket, what, .. } = self.due.remove(n);
            match what {
                Coming::Tick => self.tell(Message::Tick(ticket)),
                Coming::Progress(progress) => self.tell(Message::Progress(ticket, progress)),
                Coming::Answer(job) => {
                    if let Some(answered) = self.answer(ticket, &job) {
                        *self.answered.entry(job.kind()).or_default() += 1;
                        self.tell(Message::Answered(ticket, answered));
                        self.check_run(job.kind());
                    }
                }
            }
        }
    }

    fn carried_out(&mut self, job: &Job) -> Option<Answered> {
        self.driver.carry_out(job, Watch::nobody()).transpose()
    }

    /// How a job ends; none where its answer never comes.
    fn answer(&mut self, ticket: Ticket, job: &Job) -> Option<Answered> {
        let wanted = self.model.ticket(job.kind()) == Some(ticket);
        Some(match job {
            // What nobody waits for is not worth its time, but comes all the same.
            _ if !wanted => Err(broken()),
            Job::Run { program, .. } if program.batch() > 1 && !self.random.random_bool(0.02) => Err(broken()),
            Job::Load(name) if name == Sample::BATCH && !self.random.random_bool(0.01) => Err(broken()),
            Job::Study { sample, scenario } => {
                let study = Arc::new(invented::study(sample, scenario, &mut self.random));
                Ok(Answer::Study { scenario: scenario.clone(), study })
            }
            Job::Scaling(wanted) => Ok(Answer::Scaling(invented::scaling(*wanted))),
            Job::Race { .. } | Job::Queue { .. } | Job::Open(_) if self.random.random_bool(0.2) => Err(broken()),
            Job::Race { .. } => Ok(Answer::Race),
            Job::Queue { .. } => Ok(Answer::Queue),
            Job::Open(Choice::Cpu) => Ok(Answer::Open(None)),
            Job::Open(_) => Ok(Answer::Open(Some(Backend::cpu()))),
            Job::Look(_) => {
                self.looks += 1;
                if self.looks % LOOKS != 1 {
                    return None;
                }
                return self.carried_out(job);
            }
            _ => return self.carried_out(job),
        })
    }

    /// Every number of a result that is shown has been checked.
    fn check_run(&self, kind: Kind) {
        if let (Kind::Run, Some(run)) = (kind, self.model.run()) {
            assert_eq!(run.ledger.stages.len(), run.program.stages().len(), "every stage is covered");
            assert!(run.ledger.ok(), "{:?}", run.ledger.worst());
        }
    }

    /// Leaves whatever is open, presses keys, and waits for the sentence that they may have asked for.
    pub(crate) fn go(&mut self, keys: &[Key]) {
        (0..4).for_each(|_| self.tell(Message::Key(Key::Esc)));
        for key in keys {
            self.tell(Message::Key(*key));
            while self.model.waits_for(Kind::Sentence) {
                self.keys += 1;
                self.hear();
            }
        }
    }

    /// Types a command on the walk.
    pub(crate) fn type_line(&mut self, line: &str) {
        let typed: Vec<Key> = format!(":{line}").chars().map(Key::Char).chain([Key::Enter]).collect();
        self.go(&typed);
    }

    /// What is still on its way comes, and what that asks for.
    pub(crate) fn settle(&mut self) {
        while !self.due.is_empty() {
            self.keys += LATE;
            self.hear();
            self.due.retain(|due| !matches!(due.what, Coming::Tick));
        }
    }

    /// No window says a number that its own trace does not hold.
    pub(crate) fn check_words(&self) {
        for window in self.model.windows.iter() {
            let says = window.says(&self.model);
            let rows = says.iter().filter_map(|line| if let Line::Row(row) = line { Some(row) } else { None });
            for (address, number) in rows.clone().flat_map(|row| &row.entries).filter_map(|entry| entry.of) {
                let there = f64::from(self.model.trace().unwrap().get(address));
                let same = there == number || (there - number).abs() <= 1e-6 * there.abs().max(1.0);
                assert!(same || there.is_nan(), "{} is {there}, not {number}", address.display(self.model.program()));
            }
            if let Window::Card(_) = window {
                let words = self.model.material.sample.tokens.len().max(self.model.material.sample.memory_tokens.len());
                for row in rows.filter(|row| row.name.en.contains("entropy")) {
                    let here = row.entries[1].words.en.trim_start_matches("here ").trim().parse::<f64>();
                    let most = (words as f64).ln() + 0.006;
                    assert!(
                        here.clone().is_err() || here.clone().is_ok_and(|x| x <= most || x.is_nan()),
                        "{here:?} of {words} words"
                    );
                }
            }
        }
    }

    /// Clicks on something that is on the screen, or turns the wheel over it, at a size that nobody expects.
    pub(crate) fn point(&mut self) {
        let size = (self.random.random_range(0..=220), self.random.random_range(0..=70));
        self.tell(Message::Resize(size.0, size.1));
        let targets = ui::targets(&self.model, size);
        if targets.is_empty() {
            return;
        }
        let (rect, _) = targets[self.random.random_range(0..targets.len())];
        assert!(rect.right() <= size.0 && rect.bottom() <= size.1, "{rect:?} is on a screen of {size:?}");
        let target = ui::target(&self.model, size, (rect.x, rect.y));
        let Some(target) = target.filter(|target| *target != Target::Key(Key::Char('q'))) else { return };
        let wheel = if self.random.random_bool(0.5) { 1 } else { -1 };
        let clicks = self.random.random_bool(0.7);
        self.tell(if clicks { Message::Click(target) } else { Message::Wheel(target, wheel) });
    }

    /// The picture at a size that nobody expects.
    pub(crate) fn draw(&mut self) {
        let size = (self.random.random_range(0..=220), self.random.random_range(0..=70));
        self.tell(Message::Resize(size.0, size.1));
        ui::still(&self.model, Theme::of(Depth::True, &self.model.settings), size);
    }
}

/// Something that went wrong on the way.
fn broken() -> Fault {
    ComputeError::Lost("it went away".into()).into()
}
