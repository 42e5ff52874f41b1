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

use std::sync::Arc;

pub use driver::{Builtin, Driver, Files, NoFiles, Watch};
pub use folder::OnDisk;
pub use lesson::check as check_lesson;
pub use settle::settle;

use crate::compute::gpu::Gpu;
use crate::compute::{Compute, Cpu};
use crate::program::{Inputs, Ledger, Program};
use crate::session::{Choice, ComputeError, Run};

/// Runs programs on the device it was given, and on the CPU when the device fails.
#[derive(Default)]
pub struct Engine {
    cpu: Cpu,
    device: Option<Box<dyn Compute>>,
    failure: Option<ComputeError>,
    /// The last program whose numbers the fast kernels sum too coarsely.
    coarse: Option<Arc<Program>>,
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
        Ok(run)
    }

    /// The same, but of a large program only a piece is checked, of the stage at position `first` before the others.
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub fn begin(&mut self, program: &Arc<Program>, inputs: &Inputs, first: usize) -> Result<Run, ComputeError> {
        let coarse = self.coarse.as_ref().is_some_and(|coarse| Arc::ptr_eq(coarse, program));
        let on_device = self.device.as_mut().map(|device| {
            let run = |device: &mut dyn Compute| device.run(program, inputs);
            let exactly = |device: &mut dyn Compute| device.run_exactly(program, inputs);
            let trace = if coarse { exactly(&mut **device) } else { run(&mut **device) }?;
            let ledger = Ledger::begin(program, &trace, first);
            if coarse || ledger.ok() || !trace.is_fast() {
                return Ok((trace, ledger));
            }
            self.coarse = Some(Arc::clone(program));
            let trace = exactly(&mut **device)?;
            let ledger = Ledger::begin(program, &trace, first);
            Ok((trace, ledger))
        });
        let (trace, ledger) = match on_device {
            Some(Ok(computed)) => computed,
            Some(Err(why)) => {
                // Too large for the device is no fault of the device: the next, smaller program may run there.
                if matches!(why, ComputeError::TooLarge { .. }) {
                    return self.on_cpu(program, inputs, Some(why), first);
                }
                self.detach(why);
                return self.on_cpu(program, inputs, self.failure.clone(), first);
            }
            None => return self.on_cpu(program, inputs, self.failure.clone(), first),
        };
        Ok(Run { program: Arc::clone(program), trace, ledger, fallback: None })
    }

    fn on_cpu(
        &mut self,
        program: &Arc<Program>,
        inputs: &Inputs,
        fallback: Option<ComputeError>,
        first: usize,
    ) -> Result<Run, ComputeError> {
        let trace = self.cpu.run(program, inputs)?;
        let ledger = Ledger::begin(program, &trace, first);
        Ok(Run { program: Arc::clone(program), trace, ledger, fallback })
    }
}
