//! The worker: one thread that owns the engine, and one more while a device is being opened.
//!
//! The CPU's numbers are there at once; the device's replace them when it is open and warm. A newer
//! request replaces one that still waits.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::{Event, rehearse, terminal};
use crate::app::Message;
use crate::compute::Compute;
use crate::compute::gpu::Gpu;
use crate::engine::Engine;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
use crate::ground::text::{Lens, Segmenter};
use crate::program::{Inputs, Program};
use crate::session::ComputeError;
use crate::session::{Ask, Choice};
use crate::source::sample::{Lexicon, Sample, Scenario};
use crate::study::heads::Study;
use crate::study::scaling::{Experiment, Outcome};

/// What the worker is asked for.
enum Request {
    Run { generation: u64, program: Arc<Program>, inputs: Arc<Inputs> },
    Sentence { request: u64, sample: Arc<Sample>, written: String, lens: Lens },
    Study { request: u64, sample: Arc<Sample>, scenario: Scenario },
    Experiment { request: u64, experiment: Option<Experiment> },
    Look { request: u64, ask: Ask },
    Backend(Choice),
    Opened(Result<Box<Gpu>, ComputeError>),
}

/// The loop's end of the worker.
pub(super) struct Worker(Sender<Request>);

impl Worker {
    /// Starts the thread and, unless the CPU was asked for, opens a device behind it.
    pub fn start(choice: Choice, events: Sender<Event>) -> Self {
        let (sender, requests) = channel();
        let own = sender.clone();
        thread::spawn(move || {
            let dead = events.clone();
            let work = AssertUnwindSafe(move || serve(choice, &requests, &own, &events));
            if catch_unwind(work).is_err() {
                let _ = dead.send(Event::Died("worker"));
            }
        });
        Self(sender)
    }

    /// Asks for a result.
    pub fn run(&self, generation: u64, program: Arc<Program>, inputs: Arc<Inputs>) {
        let _ = self.0.send(Request::Run { generation, program, inputs });
    }

    /// Asks for a sentence to be cut and described.
    pub fn write(&self, request: u64, sample: Arc<Sample>, written: String, lens: Lens) {
        let _ = self.0.send(Request::Sentence { request, sample, written, lens });
    }

    /// Asks what the heads of a sample are like.
    pub fn study(&self, request: u64, sample: Arc<Sample>, scenario: Scenario) {
        let _ = self.0.send(Request::Study { request, sample, scenario });
    }

    /// Asks for a number to be seen through a kernel.
    pub fn look(&self, request: u64, ask: Ask) {
        let _ = self.0.send(Request::Look { request, ask });
    }

    /// Asks for an experiment instead of the one before; none breaks that off.
    pub fn draw(&self, request: u64, experiment: Option<Experiment>) {
        let _ = self.0.send(Request::Experiment { request, experiment });
    }

    /// Computes on another backend from now on.
    pub fn use_backend(&self, choice: Choice) {
        let _ = self.0.send(Request::Backend(choice));
    }
}

/// What sentences are cut and described with, loaded when the first one is typed.
#[derive(Default)]
struct Writing {
    segmenter: Option<Segmenter>,
    lexicon: Option<Lexicon>,
}

impl Writing {
    fn study(&mut self, engine: &mut Engine, sample: &Sample, scenario: &Scenario) -> Result<Arc<Study>, String> {
        let lexicon = match &mut self.lexicon {
            Some(lexicon) => lexicon,
            none => none.insert(Lexicon::builtin().map_err(|error| error.to_string())?),
        };
        let segmenter = self.segmenter.get_or_insert_with(Segmenter::new);
        engine.study(sample, scenario, (segmenter, lexicon)).map(Arc::new).map_err(|error| error.to_string())
    }

    fn write(&mut self, sample: &Sample, written: &str, lens: Lens) -> Result<Arc<Sample>, Text> {
        let lexicon = match &mut self.lexicon {
            Some(lexicon) => lexicon,
            none => none.insert(Lexicon::builtin().map_err(|error| Text::same(error.to_string()))?),
        };
        let segmenter = self.segmenter.get_or_insert_with(Segmenter::new);
        sample.with_sentence(written, lens, segmenter, lexicon).map(Arc::new).map_err(|error| error.words())
    }
}

/// Opens a device. The driver compiles at the first dispatch: that happens here, behind the CPU's numbers.
fn open_device() -> Result<Box<Gpu>, ComputeError> {
    rehearse("device");
    let mut device = Gpu::open()?;
    device.warm()?;
    Ok(Box::new(device))
}

/// Answers requests until the loop is gone.
fn serve(choice: Choice, requests: &Receiver<Request>, own: &Sender<Request>, events: &Sender<Event>) {
    let tell = |message: Message| events.send(Event::Message(message)).is_ok();
    let mut engine = Engine::new();
    let mut desk = Writing::default();
    let mut wanted = choice;
    let open = |wanted: Choice| {
        if wanted != Choice::Cpu {
            let answer = own.clone();
            thread::spawn(move || {
                let opened = catch_unwind(open_device)
                    .unwrap_or_else(|_| Err(ComputeError::Refused(terminal::last_words().unwrap_or_default())));
                let _ = answer.send(Request::Opened(opened));
            });
        }
    };
    open(wanted);
    // What arrived while an experiment was drawn, and the experiment that everything else goes before.
    let mut arrived = VecDeque::new();
    let mut experiment = None;
    while let Some(request) = arrived.pop_front().or_else(|| requests.recv().ok()) {
        let (mut latest, mut studied, mut looked) = (None, None, None);
        arrived.push_front(request);
        arrived.extend(requests.try_iter());
        for request in arrived.drain(..) {
            match request {
                Request::Run { generation, program, inputs } => latest = Some((generation, program, inputs)),
                Request::Sentence { request, sample, written, lens } => {
                    let result = desk.write(&sample, &written, lens);
                    tell(Message::Written { request, written, lens, result });
                }
                Request::Study { request, sample, scenario } => studied = Some((request, sample, scenario)),
                Request::Look { request, ask } => looked = Some((request, ask)),
                Request::Experiment { request, experiment: next } => {
                    experiment = next.map(|experiment| (request, experiment));
                }
                Request::Backend(choice) => {
                    wanted = choice;
                    engine = Engine::new();
                    open(wanted);
                }
                Request::Opened(_) if wanted == Choice::Cpu => {}
                Request::Opened(Ok(device)) => {
                    let name = device.backend().adapter.clone();
                    engine.attach(device);
                    tell(Message::Device(Ok(name)));
                }
                Request::Opened(Err(why)) => {
                    tell(Message::Device(Err(why.to_string())));
                    engine.detach(why);
                }
            }
        }
        if let Some((generation, program, inputs)) = latest {
            if generation > 1 {
                rehearse("worker");
            }
            let message = match engine.run(&program, &inputs) {
                Ok(run) => Message::Ran { generation, run: Arc::new(run) },
                Err(why) => Message::Failed { generation, why: why.to_string() },
            };
            if !tell(message) {
                return;
            }
        }
        if let Some((request, ask)) = looked {
            let result = engine.look(&ask).map(Arc::new).map_err(|fault| fault.to_string());
            tell(Message::Seen { request, result });
        }
        if let Some((request, sample, scenario)) = studied {
            let result = desk.study(&mut engine, &sample, &scenario);
            tell(Message::Studied { request, scenario, result });
        }
        if let Some((request, wanted)) = experiment {
            let drawn = draw(&mut engine, (request, wanted), (requests, &mut arrived), &tell);
            // Broken off, it begins anew after what broke it off, unless that was a newer one.
            if drawn.is_break() {
                continue;
            }
            experiment = None;
        }
    }
}

/// Draws an experiment as long as nothing else arrives, and shows it as it grows. Breaks off where something does.
fn draw(
    engine: &mut Engine,
    (request, experiment): (u64, Experiment),
    (requests, arrived): (&Receiver<Request>, &mut VecDeque<Request>),
    tell: &impl Fn(Message) -> bool,
) -> ControlFlow<()> {
    let mut seen = 0;
    let drawn = engine.scaling(experiment, |scores| {
        // The first part, and then whenever there is twice as much: looking costs time too.
        if scores.len() >= 2 * seen {
            seen = scores.len();
            tell(Message::Drawing { request, outcome: Arc::new(Outcome::new(experiment, scores)) });
        }
        arrived.extend(requests.try_iter());
        if arrived.is_empty() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    let result = match drawn {
        Ok(Some(scaling)) => Ok(Arc::new(scaling)),
        Ok(None) => return ControlFlow::Break(()),
        Err(why) => Err(why.to_string()),
    };
    tell(Message::Drawn { request, result });
    ControlFlow::Continue(())
}
