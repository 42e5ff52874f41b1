//! The workers: one thread for what is quickly done, one for what may take seconds, one more while a device is being opened.
//!
//! ```text
//! Effect::Do ──▶ Workers ──┬─ quick: runs, sentences, files, looks ──┐
//!                          ├─ heavy: studies, experiments, races ────┼──▶ Message::Progress, Message::Answered
//!                          └─ opening a device, for both ────────────┘
//! ```
//!
//! Both threads own a [`Driver`]. Of two requests of one kind the newer replaces the older: one that waits lets go of its job at
//! once, one that is being carried out is broken off. So at most one piece of heavy work goes on, and the next begins when it
//! has ended.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
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
    /// Carry work of this kind out, unless it was called off meanwhile.
    Do(Ticket, Kind, Arc<Work>),
    /// A device was opened, or could not be.
    Opened(Ticket, Box<Result<Gpu, ComputeError>>, Arc<Work>),
}

/// Work that was handed over. Whoever carries it out takes the job; so does whoever calls it off, for what a job holds may be
/// large, and hundreds may wait while one is being done.
#[derive(Debug, Default)]
struct Work {
    job: Mutex<Option<Job>>,
    off: AtomicBool,
}

impl Work {
    fn new(job: Job) -> Self {
        Self { job: Mutex::new(Some(job)), off: AtomicBool::new(false) }
    }

    /// What is to be done; none where it was called off, or taken up already.
    fn take(&self) -> Option<Job> {
        self.job.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// It is not wanted any more.
    fn call_off(&self) {
        self.off.store(true, Ordering::SeqCst);
        self.take();
    }

    fn is_off(&self) -> bool {
        self.off.load(Ordering::SeqCst)
    }
}

/// The loop's end of the workers.
pub(super) struct Workers {
    quick: Sender<Request>,
    heavy: Sender<Request>,
    /// What was handed over and may still be going on.
    handed: Vec<(Ticket, Kind, Arc<Work>)>,
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
        // Whoever is done has dropped its half of it.
        self.handed.retain(|(_, _, work)| Arc::strong_count(work) > 1);
        if kind.is_replaced() {
            self.handed.iter().filter(|(_, other, _)| *other == kind).for_each(|(_, _, work)| work.call_off());
        }
        match job {
            Job::Open(choice) if choice.wants_a_device() => {
                let work = Arc::default();
                self.handed.push((ticket, kind, Arc::clone(&work)));
                self.open(ticket, work);
            }
            job => {
                let lane = if kind.is_heavy() { &self.heavy } else { &self.quick };
                if kind == Kind::Open {
                    let work = Arc::new(Work::new(job.clone()));
                    self.handed.push((ticket, kind, Arc::clone(&work)));
                    let _ = self.heavy.send(Request::Do(Ticket::default(), kind, work));
                }
                let work = Arc::new(Work::new(job));
                self.handed.push((ticket, kind, Arc::clone(&work)));
                let _ = lane.send(Request::Do(ticket, kind, work));
            }
        }
    }

    /// Breaks a job off.
    pub(crate) fn cancel(&self, ticket: Ticket) {
        self.handed.iter().filter(|(handed, ..)| *handed == ticket).for_each(|(_, _, work)| work.call_off());
    }

    /// Breaks everything off and waits until the threads have ended, but no longer than this; `false` where one has not.
    pub(super) fn stop(self, bound: Duration) -> bool {
        let Self { quick, heavy, handed, threads } = self;
        for (_, _, work) in &handed {
            work.call_off();
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
    fn open(&mut self, ticket: Ticket, work: Arc<Work>) {
        let (quick, heavy) = (self.quick.clone(), self.heavy.clone());
        let opening = thread::Builder::new().name("opening".into()).spawn(move || {
            let opened = catch_unwind(open_device)
                .unwrap_or_else(|_| Err(ComputeError::Refused(terminal::last_words().unwrap_or_default())));
            // Both threads work on the one device.
            let _ = heavy.send(Request::Opened(Ticket::default(), Box::new(opened.clone()), Arc::clone(&work)));
            let _ = quick.send(Request::Opened(ticket, Box::new(opened), work));
        });
        self.threads.extend(opening);
    }
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
            Request::Do(_, _, work) | Request::Opened(_, _, work) if work.is_off() => continue,
            Request::Opened(ticket, opened, _) => (ticket, driver.attach(*opened).map(Some).map_err(Fault::from)),
            Request::Do(ticket, kind, work) => {
                let Some(job) = work.take() else { continue };
                runs += usize::from(kind == Kind::Run);
                if runs > 1 && kind == Kind::Run {
                    rehearse("worker");
                }
                let tell = |progress: Progress| {
                    if !work.is_off() {
                        let _ = events.send(Event::Message(Message::Progress(ticket, progress)));
                    }
                };
                let stopped = || work.is_off();
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
        Request::Do(_, kind, _) => *kind,
    };
    let at = (0..waiting.len()).min_by_key(|&at| kind(&waiting[at]))?;
    waiting.remove(at)
}

#[cfg(test)]
mod tests {
    use std::sync::Weak;

    use super::*;
    use crate::engine::Builtin;
    use crate::session::Tickets;
    use crate::source::sample::Sample;

    #[test]
    fn a_job_that_waits_lets_go_of_its_numbers_when_a_newer_one_replaces_it() {
        let (events, _heard) = channel();
        let mut workers = Workers::start(|| Builtin, &events).unwrap();
        let sample = Sample::builtin(Sample::DEFAULT).unwrap().unwrap();
        let (mut tickets, mut inputs) = (Tickets::default(), Vec::new());
        let mut most = 0;
        for _ in 0..1000 {
            let given = Arc::new(sample.inputs.as_ref().clone());
            inputs.push(Arc::downgrade(&given));
            workers.hand(tickets.issue(), Job::Run { program: Arc::clone(&sample.program), inputs: given, first: 0 });
            most = most.max(inputs.iter().filter(|inputs| Weak::strong_count(inputs) > 0).count());
        }
        // The newest, and the one that the thread is busy with.
        assert!(most <= 2, "{most} kept their numbers");
        assert!(workers.stop(Duration::from_secs(10)));
    }
}
