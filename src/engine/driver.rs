//! The one place that carries jobs out: a [`Job`] goes in, an [`Answer`] comes out, with progress on the way.
//!
//! The screen's worker threads, the headless commands, the tests, benches and pictures all use this. It is synchronous and
//! starts no thread; who calls it decides where it runs, hears the progress and may break it off.

use std::ops::ControlFlow;
use std::path::{Component, Path};
use std::sync::Arc;

use super::{Engine, Trainer, queue, race};
use crate::compute::Compute;
use crate::compute::gpu::Gpu;
use crate::compute::ndarray::Stop;
use crate::ground::exit::Exit;
use crate::ground::fault::{Failure, Fault};
use crate::ground::lang::Text;
use crate::ground::text::{Lens, Segmenter, visible};
use crate::program::{Inputs, Ledger, Measures, Program};
use crate::report;
use crate::session::{
    Answer, Attributes, Choice, Clipboard, ComputeError, Contents, Copied, Job, Listed, NewFile, Progress, Run,
    Scaling, Second,
};
use crate::source::lesson::{self, Lesson, Material};
use crate::source::sample::{Lexicon, Sample, Scenario};
use crate::study::heads::{self, Attribution, Counted, How, Study, StudyError};
use crate::study::learned::Learned;
use crate::study::scaling::{Experiment, Outcome};
use crate::study::train::Checkpoint;

/// Files and the clipboard, as whoever owns the driver has them.
pub trait Files: Send {
    /// Reads a sample: built in, or a file.
    ///
    /// # Errors
    /// What is wrong with the name, the file or the sample.
    fn load(&mut self, what: &str) -> Result<Sample, Fault>;

    /// The bytes of a lesson's file.
    ///
    /// # Errors
    /// What is wrong with the name or the file.
    fn lesson(&mut self, what: &str) -> Result<Vec<u8>, Fault>;

    /// Keeps what was learned, in place of what was kept before.
    ///
    /// # Errors
    /// Why it cannot be written.
    fn keep(&mut self, learned: &Learned) -> Result<(), Fault>;

    /// Writes a new file; gives its name.
    ///
    /// # Errors
    /// Why it cannot be written, or that it is already there.
    fn save(&mut self, file: &NewFile, contents: &str) -> Result<String, Fault>;

    /// What stands in a folder, by name; nothing of one that cannot be read.
    fn list(&mut self, _folder: &str) -> Vec<Listed> {
        Vec::new()
    }

    /// Puts words on the clipboard; says where they are.
    fn copy(&mut self, text: &str) -> Copied;
}

/// The built-in samples and nothing else: for commands and tests, which read and write files themselves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Builtin;

impl Files for Builtin {
    fn load(&mut self, what: &str) -> Result<Sample, Fault> {
        Ok(Sample::builtin(what).ok_or_else(|| NoFiles::Load(what.to_owned()))??)
    }

    fn lesson(&mut self, what: &str) -> Result<Vec<u8>, Fault> {
        Err(NoFiles::Load(what.to_owned()).into())
    }

    fn keep(&mut self, _: &Learned) -> Result<(), Fault> {
        Ok(())
    }

    fn save(&mut self, file: &NewFile, _: &str) -> Result<String, Fault> {
        Err(NoFiles::Save(file.name()).into())
    }

    fn copy(&mut self, _: &str) -> Copied {
        Copied { clipboard: Clipboard::Nowhere, file: None }
    }
}

/// What cannot be done without files.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub enum NoFiles {
    /// Read this: no built-in sample is called so.
    Load(String),
    /// Write this.
    Save(String),
}

impl Failure for NoFiles {
    fn words(&self) -> Text {
        match self {
            Self::Load(what) => {
                let what = visible(what);
                Text::owned(format!("没有内置的样例叫「{what}」"), format!("there is no {what}"))
            }
            Self::Save(path) => {
                let path = visible(path);
                Text::owned(format!("{path}：这里不写文件"), format!("{path}: read only"))
            }
        }
    }

    fn exit(&self) -> Exit {
        match self {
            Self::Load(_) => Exit::Input,
            Self::Save(_) => Exit::Failed,
        }
    }
}

/// Who listens while work goes on.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    tell: &'a dyn Fn(Progress),
    stopped: Stop<'a>,
}

impl<'a> Watch<'a> {
    /// Hears progress by `tell`; work is broken off soon after `stopped` says so.
    pub fn new(tell: &'a dyn Fn(Progress), stopped: Stop<'a>) -> Self {
        Self { tell, stopped }
    }

    /// Passes news on.
    pub fn tell(&self, progress: Progress) {
        (self.tell)(progress);
    }

    /// Who says whether the work is not wanted any more, for threads to ask.
    pub const fn stop(&self) -> Stop<'a> {
        self.stopped
    }

    /// Whether the work is not wanted any more.
    pub fn stopped(&self) -> bool {
        (self.stopped)()
    }
}

impl Watch<'static> {
    /// Nobody listens, and the work goes on to its end.
    pub fn nobody() -> Self {
        Self { tell: &|_| {}, stopped: &|| false }
    }
}

/// Carries jobs out, one after another.
pub struct Driver {
    engine: Engine,
    files: Box<dyn Files>,
    /// A handle to the device, for what the engine does not do.
    gpu: Option<Gpu>,
    segmenter: Segmenter,
    /// Read when the first sentence is typed.
    lexicon: Option<Lexicon>,
    trainer: Trainer,
    /// What was measured of the last run.
    measures: Measures,
}

impl Driver {
    /// A driver on the CPU, until a device is opened or attached.
    pub fn new(files: impl Files + 'static) -> Self {
        Self {
            engine: Engine::new(),
            files: Box::new(files),
            gpu: None,
            segmenter: Segmenter::new(),
            lexicon: None,
            trainer: Trainer::default(),
            measures: Measures::default(),
        }
    }

    /// Carries a job out; none where it was broken off.
    ///
    /// # Errors
    /// What went wrong, in words for a person.
    pub fn carry_out(&mut self, job: &Job, watch: Watch<'_>) -> Result<Option<Answer>, Fault> {
        let answer = self.answer(job, watch);
        if let Some(gpu) = &self.gpu {
            gpu.tidy();
        }
        answer
    }

    fn answer(&mut self, job: &Job, watch: Watch<'_>) -> Result<Option<Answer>, Fault> {
        Ok(Some(match job {
            Job::Run { program, inputs, first } => {
                let run = self.engine.begin(program, inputs, *first)?;
                Answer::Run(Arc::new(Run { trace: run.trace.measured(program, &mut self.measures), ..run }))
            }
            Job::Check(run) => match check(run, watch) {
                Some(ledger) => Answer::Check(ledger),
                None => return Ok(None),
            },
            Job::Sentence { sample, written, lens } => {
                let lexicon = read(&mut self.lexicon)?;
                let sample = sample.with_sentence(written, *lens, &mut self.segmenter, lexicon)?;
                Answer::Sentence { sample: Arc::new(sample), written: written.clone(), lens: *lens }
            }
            Job::Beside { sample, scenario, written, lens } => {
                Answer::Beside(Arc::new(self.beside(sample, scenario, (written, *lens))?))
            }
            Job::Load(what) => Answer::Load(Arc::new(self.files.load(what)?)),
            Job::Lesson(what) => Answer::Lesson(Arc::new(self.lesson(what)?)),
            Job::Keep(learned) => {
                self.files.keep(learned)?;
                Answer::Keep
            }
            Job::Save { file, contents } => Answer::Save(self.save(file, contents)?),
            Job::Copy(text) => Answer::Copy(self.files.copy(text)),
            Job::List(folder) => Answer::List(self.files.list(folder)),
            Job::Look(ask) => Answer::Look(Arc::new(self.engine.look(ask)?)),
            Job::Study { sample, scenario } => match self.study(sample, scenario, watch) {
                Ok(study) => Answer::Study { scenario: scenario.clone(), study: Arc::new(study) },
                Err(StudyError::BrokenOff) => return Ok(None),
                Err(why) => return Err(why.into()),
            },
            Job::Attribute { sample, run, batch, reading } => {
                let stop = || watch.stopped();
                let of = Attribution::of(*reading, &run.program, &run.trace, *batch, &stop);
                let Some(attribution) = of else { return Ok(None) };
                let metrics = heads::measured(sample, &run.trace, *batch, Counted::All, Some(&attribution));
                let read = Arc::new(Attributes { attribution, metrics });
                Answer::Attribute { run: Arc::clone(run), batch: *batch, read }
            }
            Job::Scaling(experiment) => match self.scaling(*experiment, watch)? {
                Some(scaling) => Answer::Scaling(Arc::new(scaling)),
                None => return Ok(None),
            },
            Job::Race { work, rules } => {
                if !race::race(self.gpu.as_ref(), *work, rules, watch) {
                    return Ok(None);
                }
                Answer::Race
            }
            Job::Queue { cut, pieces } => {
                if !queue::watch(self.gpu.as_ref(), (*cut, *pieces), watch)? {
                    return Ok(None);
                }
                Answer::Queue
            }
            Job::Train { checkpoint, steps, rate } => {
                let mut on = Checkpoint::clone(checkpoint);
                let trouble = self.trainer.advance(&mut on, *steps, *rate, watch)?;
                if watch.stopped() {
                    return Ok(None);
                }
                Answer::Trained(Arc::new(self.trainer.examine(Arc::new(on), trouble)?))
            }
            Job::Open(choice) => self.open(*choice)?,
        }))
    }

    /// Cuts another sentence and runs it under the same weights.
    fn beside(&mut self, sample: &Sample, scenario: &Scenario, (written, lens): (&str, Lens)) -> Result<Second, Fault> {
        let lexicon = read(&mut self.lexicon)?;
        let with = sample.with_sentence(written, lens, &mut self.segmenter, lexicon)?;
        let with = scenario.apply(&with)?;
        let run = self.engine.begin(&with.program, &Arc::clone(&with.inputs), 0)?;
        let (scenario, written) = (scenario.clone(), written.to_owned());
        Ok(Second { sample: Arc::new(with), run: Arc::new(run), scenario, written })
    }

    /// Reads a lesson: built in, or a file.
    ///
    /// # Errors
    /// What is wrong with the name, the file or the lesson.
    pub fn lesson(&mut self, what: &str) -> Result<Lesson, Fault> {
        let (source, folder) = match lesson::BUILTIN.iter().find(|builtin| builtin.name() == what) {
            Some(builtin) => (builtin.source.as_bytes().to_vec(), None),
            None => (self.files.lesson(what)?, Some(Path::new(what).parent().unwrap_or(Path::new("")))),
        };
        let (files, segmenter, lexicon) = (&mut *self.files, &mut self.segmenter, &mut self.lexicon);
        Ok(Lesson::from_bytes(&source, what, &mut Shelf { files, segmenter, lexicon, folder })?)
    }

    /// Writes a new file, and before that what goes into it.
    fn save(&mut self, file: &NewFile, contents: &Contents) -> Result<String, Fault> {
        match contents {
            Contents::Text(text) => self.files.save(file, text),
            Contents::Matrices(matrices) => self.files.save(file, &report::written(matrices)),
            Contents::Learned { moment, sentence, command } => {
                let sample = self.trainer.sample(moment, (*sentence, None), command.clone())?;
                let toml = sample.to_toml().unwrap_or_default();
                self.files.save(file, &toml)
            }
        }
    }

    /// Who lets learners learn.
    pub const fn trainer(&mut self) -> &mut Trainer {
        &mut self.trainer
    }

    /// Runs a program.
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub fn run(&mut self, program: &Arc<Program>, inputs: &Inputs) -> Result<Run, ComputeError> {
        self.engine.run(program, inputs)
    }

    /// Measures the heads of a sample over many sentences.
    ///
    /// # Errors
    /// As [`Engine::study`].
    pub fn study(&mut self, sample: &Sample, scenario: &Scenario, watch: Watch<'_>) -> Result<Study, StudyError> {
        self.study_counting(How::default(), sample, scenario, watch)
    }

    /// The same over all pieces of a model's text or over those alone that stand for words, of any reading.
    ///
    /// # Errors
    /// As [`Engine::study`].
    pub fn study_counting(
        &mut self,
        how: How,
        sample: &Sample,
        scenario: &Scenario,
        watch: Watch<'_>,
    ) -> Result<Study, StudyError> {
        let lexicon = read(&mut self.lexicon).map_err(StudyError::Run)?;
        self.engine.study((sample, how), scenario, (&mut self.segmenter, lexicon), watch)
    }

    /// Carries an experiment out, telling how far it is; none where it was broken off.
    ///
    /// # Errors
    /// As [`Engine::scaling`].
    pub fn scaling(&mut self, experiment: Experiment, watch: Watch<'_>) -> Result<Option<Scaling>, ComputeError> {
        let mut seen = 0;
        self.engine.scaling(experiment, |scores| {
            // The first part, and then whenever there is twice as much: looking costs time too.
            if scores.len() >= 2 * seen {
                seen = scores.len();
                watch.tell(Progress::Scaling(Arc::new(Outcome::new(experiment, scores))));
            }
            if watch.stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    }

    /// Opens the device that the choice asks for, in place of the one before.
    ///
    /// # Errors
    /// Why there is none; every run on the CPU carries the reason.
    pub fn open(&mut self, choice: Choice) -> Result<Answer, ComputeError> {
        if !choice.wants_a_device() {
            // From now on the processor computes, and nobody looks for a device.
            (self.engine, self.gpu) = (Engine::new(), None);
            self.trainer.attach(None);
            return Ok(Answer::Open(None));
        }
        let opened = Gpu::open();
        // Small networks learn sooner on the processor: a device takes part where nothing else will do.
        let asked = opened.as_ref().ok().filter(|_| choice.insists()).cloned();
        self.trainer.attach(asked.map(|gpu| Box::new(gpu) as Box<dyn Compute>));
        self.attach(opened)
    }

    /// Uses a device that was opened elsewhere, or notes why there is none.
    ///
    /// # Errors
    /// Why there is none.
    pub fn attach(&mut self, opened: Result<Gpu, ComputeError>) -> Result<Answer, ComputeError> {
        self.gpu = opened.as_ref().ok().cloned();
        match opened {
            Ok(gpu) => {
                let by = gpu.backend().clone();
                self.engine.attach(Box::new(gpu));
                Ok(Answer::Open(Some(by)))
            }
            Err(why) => {
                self.engine.detach(why.clone());
                Err(why)
            }
        }
    }
}

/// The samples of a lesson: built-in ones, and files of its own folder.
struct Shelf<'a> {
    files: &'a mut dyn Files,
    segmenter: &'a mut Segmenter,
    lexicon: &'a mut Option<Lexicon>,
    /// The folder of the lesson; none of a built-in one.
    folder: Option<&'a Path>,
}

impl Material for Shelf<'_> {
    fn sample(&mut self, name: &str) -> Result<Sample, Text> {
        let loaded = match (name.strip_prefix("./"), self.folder) {
            (Some(file), Some(folder)) if !Path::new(file).components().any(|part| part == Component::ParentDir) => {
                self.files.load(&folder.join(file).to_string_lossy())
            }
            _ => Builtin.load(name),
        };
        loaded.map_err(|fault| fault.words().clone())
    }

    fn sentence(&mut self, sample: &Sample, written: &str, lens: Lens) -> Result<Sample, Text> {
        let lexicon = read(self.lexicon).map_err(|fault| fault.words().clone())?;
        sample.with_sentence(written, lens, self.segmenter, lexicon).map_err(|error| error.words())
    }
}

/// Multiplications and additions between two looks at whether the check is still wanted.
const PIECE: u64 = 1 << 27;

/// Compares the rest of a run with its reference, piece by piece; none where that was broken off.
fn check(run: &Run, watch: Watch<'_>) -> Option<Ledger> {
    let mut ledger = run.ledger.clone();
    while !ledger.is_complete() {
        if watch.stopped() {
            return None;
        }
        ledger.advance(&run.program, &run.trace, 0, PIECE);
        run.trace.note(&ledger);
        watch.tell(Progress::Check(ledger.clone()));
    }
    Some(ledger)
}

/// The lexicon, read when it is first needed.
fn read(kept: &mut Option<Lexicon>) -> Result<&Lexicon, Fault> {
    match kept {
        Some(lexicon) => Ok(lexicon),
        none => Ok(none.insert(Lexicon::builtin()?)),
    }
}
