//! The one place where sample, program and backend meet and a trace comes out.

mod driver;
mod folder;
mod lesson;
mod look;
mod queue;
pub mod race;
mod scaling;
mod settle;
mod study;
mod train;

use std::sync::Arc;

pub use driver::{Builtin, Driver, Files, NoFiles, Watch};
pub use folder::OnDisk;
pub use lesson::check as check_lesson;
pub use settle::settle;
pub use train::Trainer;

use crate::compute::gpu::Gpu;
use crate::compute::{Compute, Cpu, Since};
use crate::program::{Inputs, Ledger, Program, Trace};
use crate::session::{Choice, ComputeError, Run};

/// Runs programs on the device it was given, and on the CPU when the device fails.
#[derive(Default)]
pub struct Engine {
    cpu: Cpu,
    device: Option<Box<dyn Compute>>,
    failure: Option<ComputeError>,
    /// The last program whose numbers the fast kernels sum too coarsely.
    coarse: Option<Arc<Program>>,
    /// The last run of a program of several layers.
    last: Option<Last>,
}

/// A run, for the next one to go on from.
struct Last {
    program: Arc<Program>,
    trace: Trace,
    /// Whether the kernels that sum most carefully made it.
    exactly: bool,
}

impl Engine {
    /// An engine without a device: the CPU computes.
    pub fn new() -> Self {
        Self::default()
    }

    /// An engine with the device that the choice asks for, or with the reason why there is none.
    ///
    /// # Errors
    /// What kept the GPU from opening, where nothing but the GPU would do.
    pub fn open(choice: Choice) -> Result<Self, ComputeError> {
        let mut engine = Self::new();
        if !choice.wants_a_device() {
            return Ok(engine);
        }
        match Gpu::open() {
            Ok(gpu) => engine.attach(Box::new(gpu)),
            Err(why) if choice.insists() => return Err(why),
            Err(why) => engine.detach(why),
        }
        Ok(engine)
    }

    /// Uses a device from now on.
    pub fn attach(&mut self, device: Box<dyn Compute>) {
        self.device = Some(device);
        self.failure = None;
    }

    /// Says why there is no device; every run on the CPU carries the reason.
    pub(crate) fn detach(&mut self, why: ComputeError) {
        self.device = None;
        self.failure = Some(why);
    }

    /// Whether a device is attached.
    pub fn has_device(&self) -> bool {
        self.device.is_some()
    }

    /// Runs a program and checks every number. A device that fails is put aside and the CPU computes instead, so this always
    /// answers. Where the fast kernels of heavy programs are too coarse for the ledger, the taught ones compute.
    ///
    /// # Errors
    /// Never in practice: the CPU backend has no failures of its own.
    pub fn run(&mut self, program: &Arc<Program>, inputs: &Inputs) -> Result<Run, ComputeError> {
        let mut run = self.begin(program, inputs, 0)?;
        run.ledger.advance(program, &run.trace, 0, u64::MAX);
        if run.trace.is_fast() && !run.ledger.ok() {
            self.coarse = Some(Arc::clone(program));
            run = self.begin(program, inputs, 0)?;
            run.ledger.advance(program, &run.trace, 0, u64::MAX);
        }
        run.trace.note(&run.ledger);
        Ok(run)
    }

    /// The same, but of a large program only a piece is checked, of the stage at position `first` before the others. Where the
    /// last run was one of the same program of several layers, what still holds of it is neither made nor checked again.
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub fn begin(&mut self, program: &Arc<Program>, inputs: &Inputs, first: usize) -> Result<Run, ComputeError> {
        let last = self.last.take().filter(|last| Arc::ptr_eq(&last.program, program));
        let coarse = self.coarse.as_ref().is_some_and(|coarse| Arc::ptr_eq(coarse, program));
        let on_device = self.device.as_mut().map(|device| {
            let (trace, ledger) = go_on(&mut **device, (program, inputs), last.as_ref(), coarse, first)?;
            if coarse || ledger.ok() || !trace.is_fast() {
                return Ok((trace, ledger, coarse));
            }
            self.coarse = Some(Arc::clone(program));
            let (trace, ledger) = go_on(&mut **device, (program, inputs), None, true, first)?;
            Ok((trace, ledger, true))
        });
        let (computed, fallback) = match on_device {
            Some(Ok(computed)) => (computed, None),
            failed => {
                let why = match failed.and_then(Result::err) {
                    // Too large for the device is no fault of the device: the next, smaller program may run there.
                    Some(why @ ComputeError::TooLarge { .. }) => Some(why),
                    Some(why) => {
                        self.detach(why);
                        self.failure.clone()
                    }
                    None => self.failure.clone(),
                };
                let (trace, ledger) = go_on(&mut self.cpu, (program, inputs), last.as_ref(), false, first)?;
                ((trace, ledger, false), why)
            }
        };
        let (trace, ledger, exactly) = computed;
        trace.note(&ledger);
        if program.is_deep() {
            self.last = Some(Last { program: Arc::clone(program), trace: trace.clone(), exactly });
        }
        Ok(Run { program: Arc::clone(program), trace, ledger, fallback })
    }
}

/// Runs a program and compares a piece of it with its reference; what still holds of the last run is kept.
fn go_on(
    backend: &mut dyn Compute,
    (program, inputs): (&Program, &Inputs),
    last: Option<&Last>,
    exactly: bool,
    first: usize,
) -> Result<(Trace, Ledger), ComputeError> {
    let Some(last) = last.filter(|last| last.trace.by == *backend.backend() && last.exactly == exactly) else {
        let trace = if exactly { backend.run_exactly(program, inputs) } else { backend.run(program, inputs) }?;
        let ledger = Ledger::begin(program, &trace, first);
        return Ok((trace, ledger));
    };
    let stale = program.stale(&last.trace, inputs);
    let trace = backend.rerun(program, inputs, Since { last: &last.trace, stale: &stale }, exactly)?;
    let known = last.trace.noted().unwrap_or_else(|| Ledger::unchecked(program));
    let ledger = known.kept(program, &stale).begun(program, &trace, first);
    Ok((trace, ledger))
}
