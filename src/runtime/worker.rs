//! The workers: one thread for what is quickly done, one for what may take seconds, one more while a device is being opened.
//!
//! ```text
//! Effect::Do ──▶ Workers ──┬─ quick: runs, sentences, files, looks ──┐
//!                          ├─ heavy: studies, experiments, races ────┼──▶ Message::Progress, Message::Answered
//!                          └─ opening a device, for both ────────────┘
//! ```
//!
//! Both threads own a [`Driver`]. Of two requests of one kind the newer replaces the older: one that waits is dropped, one
//! that is being carried out is broken off. So at most one piece of heavy work goes on, and the next begins when it has ended.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::error::{Result, RuntimeError};
use super::{Event, rehearse, terminal};
use crate::app::Message;
use crate::compute::gpu::Gpu;
use crate::engine::{Driver, Files, Watch};
use crate::ground::fault::Fault;
use crate::session::{ComputeError, Job, Kind, Progress, Ticket};

/// What a thread is asked for.
enum Request {
    /// Carry this out, unless the flag has been raised meanwhile.
    Do(Ticket, Box<Job>, Stop),
    /// A device was opened, or could not be.
    Opened(Ticket, Box<Result<Gpu, ComputeError>>, Stop),
}

/// A flag that is raised when work is not wanted any more.
type Stop = Arc<AtomicBool>;

/// The loop's end of the workers.
pub(super) struct Workers {
    quick: Sender<Request>,
    heavy: Sender<Request>,
    /// What was handed over and may still be going on.
    handed: Vec<(Ticket, Kind, Stop)>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts the threads. `files` makes what each needs of the file system.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start<F: Files + 'static>(files: impl Fn() -> F, events: &Sender<Event>) -> Result<Self> {
        let mut threads = Vec::new();
        let mut lane = |name: &'static str| {
            let (sender, requests) = channel();
            let (driver, events) = (Driver::new(files()), events.clone());
            let serving = thread::Builder::new().name(name.into()).spawn(move || {
                let dead = events.clone();
                if catch_unwind(AssertUnwindSafe(move || serve(driver, &requests, &events))).is_err() {
                    let _ = dead.send(Event::Died(name));
                }
            });
            threads.push(serving.map_err(|why| RuntimeError::NoThread(name, why))?);
            Ok::<_, RuntimeError>(sender)
        };
        let (quick, heavy) = (lane("worker")?, lane("heavy worker")?);
        Ok(Self { quick, heavy, handed: Vec::new(), threads })
    }

    /// Hands a job over. What is going on of its kind is not wanted any more.
    pub(super) fn hand(&mut self, ticket: Ticket, job: Job) {
        let kind = job.kind();
        // Whoever is done has dropped its half of the flag.
        self.handed.retain(|(_, _, stop)| Arc::strong_count(stop) > 1);
        if kind.is_replaced() {
            self.handed.iter().filter(|(_, other, _)| *other == kind).for_each(|(_, _, stop)| raise(stop));
        }
        let stop = Stop::default();
        self.handed.push((ticket, kind, Arc::clone(&stop)));
        match job {
            Job::Open(choice) if choice.wants_a_device() => self.open(ticket, &stop),
            job => {
                let lane = if kind.is_heavy() { &self.heavy } else { &self.quick };
                if kind == Kind::Open {
                    let _ = self.heavy.send(Request::Do(Ticket::default(), Box::new(job.clone()), Arc::clone(&stop)));
                }
                let _ = lane.send(Request::Do(ticket, Box::new(job), stop));
            }
        }
    }

    /// Breaks a job off.
    pub(crate) fn cancel(&self, ticket: Ticket) {
        self.handed.iter().filter(|(handed, ..)| *handed == ticket).for_each(|(_, _, stop)| raise(stop));
    }

    /// Breaks everything off and waits until the threads have ended, but no longer than this; `false` where one has not.
    pub(super) fn stop(self, bound: Duration) -> bool {
        let Self { quick, heavy, handed, threads } = self;
        for (_, _, stop) in &handed {
            raise(stop);
        }
        drop((quick, heavy));
        let start = Instant::now();
        while threads.iter().any(|thread| !thread.is_finished()) {
            if start.elapsed() > bound {
                return false;
            }
            thread::sleep(Duration::from_millis(2));
        }
        for thread in threads {
            let _ = thread.join();
        }
        true
    }

    /// Opens a device behind everything else: the driver compiles at its first dispatch.
    fn open(&mut self, ticket: Ticket, stop: &Stop) {
        let (quick, heavy, stop) = (self.quick.clone(), self.heavy.clone(), Arc::clone(stop));
        let opening = thread::Builder::new().name("opening".into()).spawn(move || {
            let opened = catch_unwind(open_device)
                .unwrap_or_else(|_| Err(ComputeError::Refused(terminal::last_words().unwrap_or_default())));
            // Both threads work on the one device.
            let _ = heavy.send(Request::Opened(Ticket::default(), Box::new(opened.clone()), Arc::clone(&stop)));
            let _ = quick.send(Request::Opened(ticket, Box::new(opened), stop));
        });
        self.threads.extend(opening);
    }
}

fn raise(stop: &Stop) {
    stop.store(true, Ordering::SeqCst);
}

fn open_device() -> Result<Gpu, ComputeError> {
    rehearse("device");
    let mut device = Gpu::open()?;
    device.warm()?;
    Ok(device)
}

/// Carries requests out until the loop is gone.
fn serve(mut driver: Driver, requests: &Receiver<Request>, events: &Sender<Event>) {
    let mut waiting: VecDeque<Request> = VecDeque::new();
    let mut runs = 0;
    loop {
        if waiting.is_empty() {
            match requests.recv() {
                Ok(request) => waiting.push_back(request),
                Err(_) => return,
            }
        }
        waiting.extend(requests.try_iter());
        let Some(request) = first(&mut waiting) else { continue };
        let (ticket, answered) = match request {
            Request::Do(_, _, stop) | Request::Opened(_, _, stop) if stop.load(Ordering::SeqCst) => continue,
            Request::Opened(ticket, opened, _stop) => (ticket, driver.attach(*opened).map(Some).map_err(Fault::from)),
            Request::Do(ticket, job, stop) => {
                runs += usize::from(job.kind() == Kind::Run);
                if runs > 1 && job.kind() == Kind::Run {
                    rehearse("worker");
                }
                let tell = |progress: Progress| {
                    if !stop.load(Ordering::SeqCst) {
                        let _ = events.send(Event::Message(Message::Progress(ticket, progress)));
                    }
                };
                let stopped = || stop.load(Ordering::SeqCst);
                (ticket, driver.carry_out(&job, Watch::new(&tell, &stopped)))
            }
        };
        let answer = match answered {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => continue, // broken off
            Err(fault) => Err(fault),
        };
        if ticket != Ticket::default() && events.send(Event::Message(Message::Answered(ticket, answer))).is_err() {
            return;
        }
    }
}

/// What is taken up next: in the order of kinds, and of arrival.
fn first(waiting: &mut VecDeque<Request>) -> Option<Request> {
    let kind = |request: &Request| match request {
        Request::Opened(..) => Kind::Open,
        Request::Do(_, job, _) => job.kind(),
    };
    let at = (0..waiting.len()).min_by_key(|&at| kind(&waiting[at]))?;
    waiting.remove(at)
}
