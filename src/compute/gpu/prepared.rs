//! A program on the device by the kernels of one rung, to be run again and again: for the race.

use std::ops::Range;
use std::time::Instant;

use super::chain::Chain;
use super::clock::Clock;
use super::device::Device;
use super::pipelines::Pipelines;
use super::residents;
use super::storage::F32;
use super::{Gpu, fits, seen};
use crate::kernels::{Order, Plan, Rung, Seen};
use crate::math::tensor::Tensor;
use crate::program::{BackendKind, Inputs, Name, Program, Slot};
use crate::session::ComputeError;
use crate::study::race::Split;

/// A program ready to be run. It stays on the device on which it was made: where that is lost, it is too.
pub struct Prepared {
    device: Device,
    chain: Chain,
    program: Program,
    inputs: Inputs,
    result: Slot,
}

impl Gpu {
    /// The plan by which a program is made as ordered.
    fn planned(&self, program: &Program, inputs: Option<&Inputs>, order: Order) -> Result<Plan, ComputeError> {
        let order = Order { seen: inputs.map_or(Seen::All, |inputs| seen(program, inputs)), ..order };
        let plan = Plan::new(program, &order);
        fits::plan(&plan, &self.lane.limits, fits::plainly)?;
        Ok(plan)
    }

    /// Bytes of the processor's memory that a program takes by a rung: what is given to the device and comes back, and what the
    /// device holds where it has no memory of its own.
    ///
    /// # Errors
    /// [`ComputeError::TooLarge`] where the device cannot hold it.
    pub fn bytes(&self, program: &Program, rung: Rung) -> Result<u64, ComputeError> {
        let plan = self.planned(program, None, self.order(program, rung).wanting(vec![last(program)]))?;
        let given = plan.storages.iter().zip(&plan.given).filter(|(_, given)| **given);
        let given: usize = given.map(|(storage, _)| storage.numbers).sum();
        let result = program.shape(last(program)).count();
        let shared = self.shared.backend.kind != BackendKind::Discrete;
        let held = if shared { plan.numbers() } else { 0 };
        Ok(F32.saturating_mul((given + result).saturating_add(held) as u64))
    }

    /// Uploads the numbers and compiles the kernels of a rung, for the last result of a program. A device that is lost is opened
    /// again first.
    ///
    /// # Errors
    /// [`ComputeError::TooLarge`] before anything is allocated; otherwise what the device says.
    pub fn prepare(&self, program: &Program, inputs: &Inputs, rung: Rung) -> Result<Prepared, ComputeError> {
        self.prepare_cut(program, inputs, rung, 1)
    }

    /// The same, a fused attention in so many launches of some heads each.
    ///
    /// # Errors
    /// As [`Gpu::prepare`].
    pub fn prepare_cut(
        &self,
        program: &Program,
        inputs: &Inputs,
        rung: Rung,
        launches: usize,
    ) -> Result<Prepared, ComputeError> {
        let order = self.order(program, rung).wanting(vec![last(program)]);
        self.prepare_ordered(program, inputs, Order { launches, ..order })
    }

    /// The same, by any kernels and for any results.
    pub(super) fn prepare_ordered(
        &self,
        program: &Program,
        inputs: &Inputs,
        order: Order,
    ) -> Result<Prepared, ComputeError> {
        let plan = self.planned(program, Some(inputs), order)?;
        let mut current = self.shared.current();
        let on = |current: super::Current| {
            let device = current.device.patient(self.lane.patience);
            // Kernels are compiled anew: the first run is timed with what the driver compiles then.
            let mut chain = Chain::new(&device, &mut Pipelines::default(), plan.clone())?;
            chain.feed(&device, &current.residents, inputs)?;
            device.flush()?;
            Ok(Prepared { device, chain, program: program.clone(), inputs: inputs.clone(), result: last(program) })
        };
        match on(current.clone()) {
            Err(ComputeError::Lost(_)) if self.shared.options.reopen => {
                current = self.shared.reopen(current.epoch)?;
                on(current)
            }
            prepared => prepared,
        }
    }
}

/// The last result of a program.
fn last(program: &Program) -> Slot {
    program.output_of(program.stages().len().saturating_sub(1))
}

impl Prepared {
    /// Does the work once and waits for it.
    ///
    /// # Errors
    /// What the device says.
    pub fn forward(&self) -> Result<(), ComputeError> {
        let submission = self.submit(0..self.chain.plan.steps.len(), None);
        self.device.wait(submission)
    }

    /// Reads the result back.
    ///
    /// # Errors
    /// What the device says.
    pub fn result(&mut self) -> Result<Tensor<f32>, ComputeError> {
        let encoder = self.device.encoder();
        let mut results = self.chain.read(&self.device, encoder, &self.program, &[self.result])?;
        results.pop().ok_or_else(|| self.device.lost("nothing was read back"))
    }

    /// Bytes of everything that lies on the device for it.
    pub fn bytes(&self) -> u64 {
        self.chain.bytes()
    }

    /// Where the time of one run goes: to upload, in the queue, to compute, and to read back.
    ///
    /// # Errors
    /// What the device says.
    pub fn split(&mut self) -> Result<Split, ComputeError> {
        let clock = Clock::new(&self.device, 1)?;
        let start = Instant::now();
        self.upload()?;
        self.device.flush()?;
        let upload = start.elapsed();
        let start = Instant::now();
        let submission = self.submit(0..self.chain.plan.steps.len(), clock.as_ref().map(|clock| (clock, 0)));
        self.device.wait(submission)?;
        let ran = start.elapsed();
        let passes = clock.map_or_else(|| Ok(Vec::new()), |clock| clock.read(&self.device))?;
        let execute = passes.first().map(|(from, to)| to.saturating_sub(*from).min(ran));
        let start = Instant::now();
        self.result()?;
        Ok(Split {
            upload,
            queue: execute.map(|execute| ran.saturating_sub(execute)),
            execute: execute.unwrap_or(ran),
            read_back: start.elapsed(),
        })
    }

    /// Hands launches over, their time to be noted by this clock as that pass.
    pub(super) fn submit(&self, steps: Range<usize>, clock: Option<(&Clock, u32)>) -> wgpu::SubmissionIndex {
        let mut encoder = self.device.encoder();
        self.chain.record(&mut encoder, steps, clock);
        self.device.queue.submit([encoder.finish()])
    }

    /// Hands launches over, and behind them the copies of some results into what was given.
    pub(super) fn submit_moving(
        &self,
        steps: Range<usize>,
        moved: &[(Slot, Slot)],
        clock: Option<(&Clock, u32)>,
    ) -> wgpu::SubmissionIndex {
        let mut encoder = self.device.encoder();
        self.chain.record(&mut encoder, steps, clock);
        for (from, to) in moved.iter().filter_map(|&(from, to)| Some((self.place(from)?, self.place(to)?))) {
            self.chain.storage(from).copy_into(&mut encoder, self.chain.storage(to));
        }
        self.device.queue.submit([encoder.finish()])
    }

    /// The storage in which a tensor lies.
    fn place(&self, slot: Slot) -> Option<usize> {
        self.chain.plan.places.get(slot.0).copied().flatten()
    }

    /// The launches up to the one that writes a tensor last, none where nothing does.
    pub(super) fn launches_to(&self, slot: Slot) -> usize {
        self.place(slot).and_then(|place| self.chain.plan.written_by(place)).map_or(0, |last| last + 1)
    }

    /// Whether some tensors lie each in a storage of its own, and nothing is copied between launches.
    pub(super) fn stand_alone(&self, slots: &[Slot]) -> bool {
        let plan = &self.chain.plan;
        let alone = |&slot: &Slot| self.place(slot).is_some_and(|place| plan.storages[place].holds.len() == 1);
        slots.iter().all(alone) && plan.steps.iter().all(|step| step.copy.is_none())
    }

    /// Reads one number back, behind everything that was handed over.
    pub(super) fn number(&mut self, slot: Slot) -> Result<f32, ComputeError> {
        let encoder = self.device.encoder();
        let read = self.chain.read(&self.device, encoder, &self.program, &[slot])?;
        read.first()
            .and_then(|tensor| tensor.as_slice().first().copied())
            .ok_or_else(|| self.device.lost("nothing was read back"))
    }

    /// Uploads the words once more.
    pub(super) fn upload(&self) -> Result<(), ComputeError> {
        let words = self.program.find(None, Name::H);
        let plan = &self.chain.plan;
        let holds = |n: &usize| plan.given[*n] && plan.storages[*n].holds.iter().any(|part| Some(part.slot) == words);
        match (0..plan.storages.len()).find(holds) {
            Some(n) => residents::fill(&self.device, self.chain.storage(n), &plan.storages[n], &self.inputs),
            None => Ok(()),
        }
    }

    /// How many launches there are.
    pub(super) fn launches(&self) -> usize {
        self.chain.plan.steps.len()
    }

    pub(super) const fn device(&self) -> &Device {
        &self.device
    }
}
