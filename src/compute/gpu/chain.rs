//! A plan on a device: its storages, its bindings, its launches; one run is one submission.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use wgpu::BufferUsages;

use super::ComputeError;
use super::clock::Clock;
use super::device::{Copied, Device};
use super::pipelines::Pipelines;
use super::residents::{Identity, Residents};
use super::storage::{DeviceTensor, F32, PIECE};
use crate::ground::lang::Text;
use crate::kernels::{HIDDEN, Plan};
use crate::math::tensor::{MASKED, Tensor};
use crate::program::{Inputs, Override, Program, Slot};

/// Bytes at which a texture's copy in a buffer may begin, and everything else.
const ALIGNED: u64 = 256;

/// Bytes up to which buffers for reading back are kept for the next run.
const KEPT: u64 = F32 * PIECE as u64;

/// Some tensors, how many launches made them, and which run that was.
pub(super) type Results = (Vec<Tensor<f32>>, usize, Arc<()>);

/// A plan with everything that it needs on a device.
pub(super) struct Chain {
    pub(super) plan: Plan,
    storages: Vec<Arc<DeviceTensor>>,
    /// What stands for a given tensor while there is none.
    nothing: Arc<DeviceTensor>,
    /// Whose numbers lie in the storages that are given.
    identities: Vec<Option<Identity>>,
    steps: Vec<Bound>,
    /// The run whose results lie in the storages, and what was overridden in it by hand; none while that is not certain.
    last: Option<(Arc<()>, Vec<Override>)>,
    /// Which storages were exchanged since then.
    exchanged: Vec<bool>,
    /// Where results that are small together are read back.
    readback: Option<Vec<wgpu::Buffer>>,
}

/// One launch, ready to be recorded.
struct Bound {
    pipeline: wgpu::ComputePipeline,
    size: wgpu::Buffer,
    /// None while a storage that it binds has been exchanged.
    bindings: Option<wgpu::BindGroup>,
}

impl Chain {
    /// Allocates what is not given, compiles, and lays the sizes out.
    pub(super) fn new(device: &Device, pipelines: &mut Pipelines, plan: Plan) -> Result<Self, ComputeError> {
        let nothing = Arc::new(DeviceTensor::Buffer(device.buffer("nothing yet", F32, BufferUsages::STORAGE)));
        let room =
            |(storage, &given)| if given { Arc::clone(&nothing) } else { Arc::new(DeviceTensor::new(device, storage)) };
        let storages: Vec<_> = plan.storages.iter().zip(&plan.given).map(room).collect();
        device.check()?;
        let begun = plan.storages.iter().zip(&plan.given).zip(&storages);
        for ((storage, _), made) in begun.filter(|((storage, given), _)| !**given && storage.ones.is_some()) {
            made.fill(device, |first, window| storage.put_ones(first, window))?;
        }
        let step = |launch: &crate::kernels::Launch| {
            let size = device.uniform(launch.file, &launch.size);
            Ok(Bound { pipeline: pipelines.get(device, launch.file, &launch.source)?, size, bindings: None })
        };
        let steps = plan.steps.iter().map(|planned| &planned.launch).map(step).collect::<Result<_, ComputeError>>()?;
        let identities = vec![None; plan.storages.len()];
        let exchanged = vec![true; plan.storages.len()];
        Ok(Self { plan, storages, nothing, identities, steps, last: None, exchanged, readback: None })
    }

    /// Lets the given storages be those of these inputs: what lies on the device already is not uploaded again.
    pub(super) fn feed(&mut self, device: &Device, residents: &Residents, inputs: &Inputs) -> Result<(), ComputeError> {
        for n in 0..self.storages.len() {
            if !self.plan.given[n] {
                continue;
            }
            let storage = &self.plan.storages[n];
            let identity = Identity::of(storage, inputs)?;
            if self.identities[n].as_ref() == Some(&identity) {
                continue;
            }
            let numbers = residents.get(device, (storage, &identity), inputs)?;
            self.exchange(n, numbers, Some(identity));
        }
        self.bind(device)
    }

    /// Lets go of given tensors that nobody can ask for again.
    pub(super) fn tidy(&mut self) {
        for n in 0..self.identities.len() {
            if self.identities[n].as_ref().is_some_and(Identity::is_gone) {
                let nothing = Arc::clone(&self.nothing);
                self.exchange(n, nothing, None);
            }
        }
    }

    /// Puts another tensor in the place of one that is given; what binds it must be bound anew.
    fn exchange(&mut self, n: usize, numbers: Arc<DeviceTensor>, identity: Option<Identity>) {
        (self.storages[n], self.identities[n], self.exchanged[n]) = (numbers, identity, true);
        for (step, bound) in self.plan.steps.iter().zip(&mut self.steps) {
            if step.bound.contains(&n) {
                bound.bindings = None;
            }
        }
    }

    /// Binds what has been exchanged.
    pub(super) fn bind(&mut self, device: &Device) -> Result<(), ComputeError> {
        for (step, bound) in self.plan.steps.iter().zip(&mut self.steps) {
            if bound.bindings.is_none() {
                let storages = step.bound.iter().map(|&n| self.storages[n].resource());
                let resources = [bound.size.as_entire_binding()].into_iter().chain(storages);
                bound.bindings = Some(device.bind(step.launch.file, &bound.pipeline, resources));
            }
        }
        device.check()
    }

    /// One of the storages.
    pub(super) fn storage(&self, n: usize) -> &Arc<DeviceTensor> {
        &self.storages[n]
    }

    /// Bytes of all storages.
    pub(super) fn bytes(&self) -> u64 {
        self.storages.iter().map(|storage| storage.bytes()).sum()
    }

    /// Bytes of its own storages: those that are given are residents, which all plans share.
    pub(super) fn own_bytes(&self) -> u64 {
        let own = self.storages.iter().zip(&self.plan.given).filter(|(_, given)| !**given);
        own.map(|(storage, _)| storage.bytes()).sum()
    }

    /// Records some launches in one pass, their time to be noted by this clock as that pass.
    pub(super) fn record(&self, encoder: &mut wgpu::CommandEncoder, steps: Range<usize>, clock: Option<(&Clock, u32)>) {
        let timestamp_writes = clock.map(|(clock, pass)| clock.writes(pass));
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor { label: None, timestamp_writes });
        for (step, bound) in self.plan.steps[steps.clone()].iter().zip(&self.steps[steps]) {
            let [x, y, z] = step.launch.workgroups;
            pass.set_pipeline(&bound.pipeline);
            pass.set_bind_group(0, bound.bindings.as_ref(), &[]);
            pass.dispatch_workgroups(x, y, z);
        }
    }

    /// Records every launch. Numbers that are overridden by hand are copied over the results before the next launch reads them.
    /// Only launches that are needed are recorded.
    fn record_needed(&self, device: &Device, overrides: &[Override], needed: &[bool]) -> wgpu::CommandEncoder {
        let mut encoder = device.encoder();
        let values = (!overrides.is_empty()).then(|| {
            let values: Vec<f32> = overrides.iter().map(|o| o.value).collect();
            let usage = BufferUsages::COPY_SRC | BufferUsages::COPY_DST;
            let buffer = device.buffer("overrides", F32 * values.len() as u64, usage);
            device.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(&values));
            buffer
        });
        // Which storage each override changes, and after which launch.
        let places: Vec<_> =
            overrides.iter().map(|o| self.plan.places.get(o.address.slot.0).copied().flatten()).collect();
        let after: Vec<_> = places.iter().map(|place| place.and_then(|place| self.plan.written_by(place))).collect();
        let (mut first, all) = (0, self.steps.len());
        let copy = |n: usize| self.plan.steps.get(n).and_then(|step| step.copy).filter(|_| needed[n]);
        for n in 0..all {
            if n == 0
                && let Some((from, to)) = copy(0)
            {
                self.storages[from].copy_into(&mut encoder, &self.storages[to]);
            }
            let overridden = needed[n] && after.contains(&Some(n));
            let next = needed.get(n + 1);
            // What belongs together is one pass: it ends where something is copied, and where launches are left out.
            if !overridden && copy(n + 1).is_none() && next == Some(&needed[n]) {
                continue;
            }
            if !needed[n] {
                first = n + 1;
                if let Some((from, to)) = copy(n + 1) {
                    self.storages[from].copy_into(&mut encoder, &self.storages[to]);
                }
                continue;
            }
            self.record(&mut encoder, first..n + 1, None);
            first = n + 1;
            for (i, o) in overrides.iter().enumerate().filter(|(i, _)| overridden && after[*i] == Some(n)) {
                let (Some(place), Some(values)) = (places[i], &values) else { continue };
                let shape = self.plan.storages[place].layout;
                let cell = o.address.cell;
                let at = shape.at((cell.batch, cell.head), cell.row, cell.col);
                self.storages[place].set(&mut encoder, at, (values, i));
            }
            if let Some((from, to)) = copy(n + 1) {
                self.storages[from].copy_into(&mut encoder, &self.storages[to]);
            }
        }
        encoder
    }

    /// The launches that have to be repeated since the last run: those that read what was exchanged, those whose results other
    /// numbers are overridden in, and all that follow from them. None where all have to be.
    fn needed(&self, since: Option<&Arc<()>>, overrides: &[Override]) -> Option<Vec<bool>> {
        let (_, before) = self.last.as_ref().filter(|(run, _)| since.is_some_and(|since| Arc::ptr_eq(run, since)))?;
        let steps = &self.plan.steps;
        // A kernel that works in place has overwritten what it read.
        if steps.iter().any(|step| step.launch.in_place.is_some() && step.copy.is_none()) {
            return None;
        }
        let of = |all: &[Override], slot| -> Vec<Override> {
            all.iter().filter(|o| o.address.slot == slot).copied().collect()
        };
        let slots = before.iter().chain(overrides).map(|o| o.address.slot);
        let others = slots.filter(|&slot| of(before, slot) != of(overrides, slot));
        let touched: Vec<usize> = others.filter_map(|slot| self.plan.places.get(slot.0).copied().flatten()).collect();
        let mut stale = self.exchanged.clone();
        let result = |n: usize| steps[n].bound.get(steps[n].launch.result).copied();
        for (n, step) in steps.iter().enumerate() {
            let reads = step.bound.iter().enumerate().any(|(at, &storage)| at != step.launch.result && stale[storage]);
            let copies = step.copy.is_some_and(|(from, _)| stale[from]);
            if let Some(result) = result(n)
                && (reads || copies || touched.contains(&result))
            {
                stale[result] = true;
            }
        }
        // Where several launches write one storage, all of them do, for numbers are overridden behind the last.
        Some((0..steps.len()).map(|n| result(n).is_none_or(|result| stale[result])).collect())
    }

    /// Runs every launch and reads some tensors back; where the results of the run `since` still lie here, only the launches
    /// that are stale. Gives how many launches that were, and which run it is now.
    pub(super) fn run(
        &mut self,
        device: &Device,
        program: &Program,
        overrides: &[Override],
        (wanted, since): (&[Slot], Option<&Arc<()>>),
    ) -> Result<Results, ComputeError> {
        let needed = self.needed(since, overrides).unwrap_or_else(|| vec![true; self.steps.len()]);
        self.last = None;
        let encoder = self.record_needed(device, overrides, &needed);
        let results = self.read(device, encoder, program, wanted)?;
        let run = Arc::new(());
        self.last = Some((Arc::clone(&run), overrides.to_vec()));
        self.exchanged.fill(false);
        Ok((results, needed.iter().filter(|&&needed| needed).count(), run))
    }

    /// How long each launch takes by itself.
    pub(super) fn times(&mut self, device: &Device) -> Result<Vec<(&'static str, Duration)>, ComputeError> {
        self.last = None;
        let mut times = Vec::with_capacity(self.steps.len());
        for (n, step) in self.plan.steps.iter().enumerate() {
            let start = Instant::now();
            let mut encoder = device.encoder();
            self.record(&mut encoder, n..n + 1, None);
            device.wait(device.queue.submit([encoder.finish()]))?;
            times.push((step.launch.file, start.elapsed()));
        }
        Ok(times)
    }

    /// Reads some tensors back after what is recorded so far: in one piece where they are small, else in several.
    pub(super) fn read(
        &mut self,
        device: &Device,
        mut encoder: wgpu::CommandEncoder,
        program: &Program,
        wanted: &[Slot],
    ) -> Result<Vec<Tensor<f32>>, ComputeError> {
        let gone = |slot: Slot| {
            let symbol = program.symbol(slot);
            let (zh, en) = (format!("{symbol} 没有留在设备上"), format!("{symbol} was not kept on the device"));
            ComputeError::Unfit(Text::owned(zh, en))
        };
        let place = |&slot: &Slot| self.plan.places.get(slot.0).copied().flatten().ok_or_else(|| gone(slot));
        let places = wanted.iter().map(place).collect::<Result<Vec<_>, _>>()?;
        let mut from = places.clone();
        from.sort_unstable();
        from.dedup();
        let mut results: Vec<Vec<f32>> = wanted.iter().map(|&slot| vec![0.0; program.shape(slot).count()]).collect();
        let mut take = |storage: usize, first: usize, bytes: &[u8]| {
            let window = floats(bytes);
            for ((&slot, _), result) in
                wanted.iter().zip(&places).zip(&mut results).filter(|((_, at), _)| **at == storage)
            {
                for part in self.plan.storages[storage].holds.iter().filter(|part| part.slot == slot) {
                    part.unpack(program.shape(slot), (first, &window), result);
                }
            }
        };
        let pieces: Vec<(usize, Range<usize>)> =
            from.iter().flat_map(|&n| self.storages[n].pieces().map(move |piece| (n, piece))).collect();
        // Pieces that come together: as many as one buffer takes.
        let mut together: Vec<Vec<(usize, Range<usize>, u64)>> = Vec::new();
        let mut filled = u64::MAX;
        for (storage, piece) in pieces {
            let bytes = F32 * piece.len() as u64;
            if filled.saturating_add(bytes) > F32 * PIECE as u64 {
                together.push(Vec::new());
                filled = 0;
            }
            if let Some(last) = together.last_mut() {
                last.push((storage, piece, filled));
            }
            filled = (filled + bytes).next_multiple_of(ALIGNED);
        }
        let end = |pieces: &Vec<(usize, Range<usize>, u64)>| {
            pieces.last().map_or(0, |(_, piece, at)| at + F32 * piece.len() as u64)
        };
        // Two buffers, so that the device fills one while the other is read.
        let sides = together.len().clamp(1, 2);
        let size = together.iter().map(end).max().unwrap_or(F32);
        let kept = self.readback.take().filter(|kept| kept.len() >= sides && kept[0].size() >= size);
        let usage = BufferUsages::MAP_READ | BufferUsages::COPY_DST;
        let new = || (0..sides).map(|_| device.buffer("readback", size, usage)).collect();
        let readback: Vec<wgpu::Buffer> = kept.unwrap_or_else(new);
        device.check()?;
        let mut earlier: Option<(usize, Copied<'_>)> = None;
        let mut shown = |n: usize, copied: Copied<'_>| {
            device.show(copied, |bytes| {
                for (storage, piece, at) in &together[n] {
                    let from = *at as usize;
                    take(*storage, piece.start, &bytes[from..from + F32 as usize * piece.len()]);
                }
            })
        };
        for (n, pieces) in together.iter().enumerate() {
            for (storage, piece, at) in pieces {
                self.storages[*storage].copy(&mut encoder, piece, (&readback[n % sides], *at));
            }
            let commands = std::mem::replace(&mut encoder, device.encoder()).finish();
            let copied = device.copied(commands, (&readback[n % sides], end(pieces)))?;
            if let Some((n, copied)) = earlier.replace((n, copied)) {
                shown(n, copied)?;
            }
        }
        if let Some((n, copied)) = earlier {
            shown(n, copied)?;
        }
        self.readback = Some(readback).filter(|readback| readback[0].size() <= KEPT);
        let tensor = |(&slot, mut numbers): (&Slot, Vec<f32>)| {
            // One look without a branch is enough nearly always.
            if numbers.iter().filter(|&&x| x == HIDDEN).count() > 0 {
                numbers.iter_mut().filter(|x| **x == HIDDEN).for_each(|x| *x = MASKED);
            }
            Tensor::from_vec(program.shape(slot), numbers).ok_or_else(|| gone(slot))
        };
        wanted.iter().zip(results).map(tensor).collect()
    }

    /// All numbers of a storage after every launch, as they lie.
    pub(super) fn run_raw(&self, device: &Device, storage: usize) -> Result<Vec<f32>, ComputeError> {
        let mut encoder = self.record_needed(device, &[], &vec![true; self.steps.len()]);
        let from = &self.storages[storage];
        let mut numbers = Vec::with_capacity(from.numbers());
        let size = from.pieces().map(|piece| piece.len()).max().unwrap_or(1);
        let readback = device.buffer("readback", F32 * size as u64, BufferUsages::MAP_READ | BufferUsages::COPY_DST);
        device.check()?;
        for piece in from.pieces() {
            from.copy(&mut encoder, &piece, (&readback, 0));
            let bytes = F32 * piece.len() as u64;
            device.read(encoder.finish(), (&readback, bytes), |bytes| numbers.extend_from_slice(&floats(bytes)))?;
            encoder = device.encoder();
        }
        Ok(numbers)
    }
}

/// Bytes that were read back as numbers.
fn floats(bytes: &[u8]) -> Cow<'_, [f32]> {
    bytemuck::try_cast_slice(bytes).map_or_else(|_| Cow::Owned(bytemuck::pod_collect_to_vec(bytes)), Cow::Borrowed)
}
