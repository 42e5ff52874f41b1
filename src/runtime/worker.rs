//! The worker: one thread that owns the engine, and one more while a device is being opened.
//!
//! The CPU's numbers are there at once; the device's replace them when it is open and warm. A newer
//! request replaces one that still waits.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use super::{Event, rehearse, terminal};
use crate::app::Message;
use crate::compute::gpu::Gpu;
use crate::compute::{Compute, ComputeError};
use crate::engine::{Choice, Engine};
use crate::lang::Text;
use crate::program::{Inputs, Program};
use crate::sample::{Lexicon, Sample};
use crate::text::{Lens, Segmenter};

/// What the worker is asked for.
enum Request {
    Run { generation: u64, program: Arc<Program>, inputs: Arc<Inputs> },
    Sentence { request: u64, sample: Arc<Sample>, written: String, lens: Lens },
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
                let _ = dead.send(Event::Died);
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
    while let Ok(request) = requests.recv() {
        let mut latest = None;
        for request in std::iter::once(request).chain(requests.try_iter()) {
            match request {
                Request::Run { generation, program, inputs } => latest = Some((generation, program, inputs)),
                Request::Sentence { request, sample, written, lens } => {
                    let result = desk.write(&sample, &written, lens);
                    let _ = events.send(Event::Message(Message::Written { request, written, lens, result }));
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
                    let _ = events.send(Event::Message(Message::Device(Ok(name))));
                }
                Request::Opened(Err(why)) => {
                    let _ = events.send(Event::Message(Message::Device(Err(why.to_string()))));
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
            if events.send(Event::Message(message)).is_err() {
                return;
            }
        }
    }
}
