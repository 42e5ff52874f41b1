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
use crate::program::{Inputs, Program};

/// What the worker is asked for.
enum Request {
    Run { generation: u64, program: Arc<Program>, inputs: Arc<Inputs> },
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

    /// Computes on another backend from now on.
    pub fn use_backend(&self, choice: Choice) {
        let _ = self.0.send(Request::Backend(choice));
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
