//! The GPU backend: WGSL through wgpu.
//!
//! ```text
//! device     finds and opens an adapter; errors, lost devices and endless waits become a ComputeError
//! shared     the one open device behind every handle, and its one reopening
//! storage    what kernels read and write: filled and read back in pieces
//! residents  tensors that lie on the device, by identity
//! pipelines  compiled shaders           clock  the device's own timestamps
//! fits       what a device can hold and launch, known before anything is allocated
//! choice     which kernels make a program      tuned  which won a race before
//! chain      a plan of crate::kernels on the device; one run is one submission
//! prepared   a plan to be run again and again, for the race       queue  host and device side by side       roof  the most there is
//! words      what one word is like among all that a model knows, by the processor
//! probe      tests a device before it is trusted                  pace   keeps long work in short pieces
//! ```
//!
//! Every failure is a [`ComputeError`].

mod chain;
mod choice;
mod clock;
mod device;
mod fits;
mod pace;
mod pipelines;
mod prepared;
mod probe;
mod queue;
mod residents;
mod roof;
mod shared;
mod storage;
mod tuned;
mod words;

use std::sync::Arc;
use std::time::{Duration, Instant};

pub use self::prepared::Prepared;
pub use self::residents::Uploads;
pub use self::tuned::Tuned;

use self::chain::Chain;
use self::device::Device;
use self::pace::Pace;
use self::pipelines::Pipelines;
use self::residents::Residents;
use self::shared::{Current, Shared};
use self::storage::F32;
use super::{Compute, ComputeError, Hardware, Since};
use crate::kernels::{Launch, Order, Plan, Rung, Seen, Step, Storage, Version, rungs};
use crate::math::ops::Shader;
use crate::math::tensor::{Axis, Shape, Tensor};
use crate::program::{Backend, BackendKind, Inputs, Name, PROCESSOR, Program, Slot, Trace, refer};
use crate::session::{AdapterReport, Limits};
use crate::study::scaling::Experiment;

/// How many plans keep their storages: the sample on screen, the one before, and what they compare with.
const PLANS: usize = 4;

/// Bytes of storages of their own that plans may keep beside the one that runs.
const KEPT: u64 = 64 << 20;

/// Bytes of a table of words that a software adapter may hold: its memory is the processor's, where the table lies already.
const TABLE: u64 = 8 << 20;

/// A graphics adapter that runs programs: a handle to the one open device. A clone has plans of its own and may work in another
/// thread; the tensors that lie on the device are everybody's.
pub struct Gpu {
    shared: Arc<Shared>,
    lane: Lane,
}

impl Clone for Gpu {
    fn clone(&self) -> Self {
        let lane = Lane::new(self.shared.current(), &self.shared.options, self.lane.patience);
        Self { shared: Arc::clone(&self.shared), lane }
    }
}

/// How to open the GPU. The default is what everyone but a test wants.
#[derive(Debug, Clone)]
pub struct Options {
    /// Shaders to use in place of those of the same name.
    pub shaders: Vec<Shader>,
    /// Whether a device must compute right before it is used.
    pub self_test: bool,
    /// Whether a lost device is opened again, once a run.
    pub reopen: bool,
    /// How long one run may take before the device counts as hung.
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { shaders: Vec::new(), self_test: true, reopen: true, patience: device::TIMEOUT }
    }
}

/// Every adapter of this machine, the preferred one first, each opened and tested.
pub fn adapters() -> Vec<AdapterReport> {
    let report = |adapter: wgpu::Adapter| {
        let info = adapter.get_info();
        AdapterReport {
            backend: device::describe(&info),
            driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
            limits: adapter.limits().into(),
            verdict: Gpu::on(adapter, Options::default()).map(drop),
        }
    };
    device::adapters().into_iter().map(report).collect()
}

impl Gpu {
    /// Opens the best adapter that works: discrete before integrated before software.
    ///
    /// # Errors
    /// [`ComputeError::NoAdapter`] where there is none, else what kept the best one from working.
    pub fn open() -> Result<Self, ComputeError> {
        Self::open_with(&Options::default())
    }

    /// The same with other options.
    ///
    /// # Errors
    /// As [`Gpu::open`].
    pub fn open_with(options: &Options) -> Result<Self, ComputeError> {
        let mut first = None;
        for adapter in device::adapters() {
            match Self::on(adapter, options.clone()) {
                Ok(gpu) => return Ok(gpu),
                Err(why) => first = first.or(Some(why)),
            }
        }
        Err(first.unwrap_or_else(device::nothing_found))
    }

    fn on(adapter: wgpu::Adapter, options: Options) -> Result<Self, ComputeError> {
        let (test, patience) = (options.self_test, options.patience);
        let shared = Arc::new(Shared::open(adapter, options)?);
        let lane = Lane::new(shared.current(), &shared.options, patience);
        let mut gpu = Self { shared, lane };
        if test {
            for probe in probe::probes()? {
                let trace = gpu.run(&probe.program, &probe.inputs)?;
                probe::judge(&gpu.shared.backend.adapter, &probe.program, &trace)?;
            }
        }
        Ok(gpu)
    }

    /// The same device, giving up on a wait after another time.
    #[must_use]
    pub fn patient(mut self, patience: Duration) -> Self {
        self.lane = Lane::new(self.shared.current(), &self.shared.options, patience);
        self
    }

    /// Compiles every shader and launches it once on a few numbers, since drivers compile at the first launch. The
    /// self-test has done so already; this is for a device opened without it.
    ///
    /// # Errors
    /// [`ComputeError`] when the device fails.
    pub fn warm(&mut self) -> Result<(), ComputeError> {
        probe::probes()?.iter().try_for_each(|probe| self.run(&probe.program, &probe.inputs).map(drop))
    }

    /// Destroys the device, as a driver that crashes does. The next run finds out.
    pub fn lose(&self) {
        self.shared.current().device.wgpu.destroy();
    }

    /// Fills the device's memory, as far as the next allocation of this thread is told.
    pub fn exhaust(&self) {
        self.shared.current().device.exhaust();
    }

    /// How many plans keep their storages for programs to come.
    pub fn plans(&self) -> usize {
        self.lane.chains.len()
    }

    /// How often the device has been opened again.
    pub fn reopened(&self) -> u64 {
        self.shared.current().epoch
    }

    /// Lets go of tensors that nobody can ask for again, and of idle ones where there are too many. Whoever is done with a
    /// piece of work calls this: until something is uploaded nobody else looks.
    pub fn tidy(&self) {
        let Current { device, residents, .. } = self.shared.current();
        residents.tidy();
        device.collect();
    }

    /// Bytes of all tensors that lie on the device, used by plans or not.
    pub fn held(&self) -> u64 {
        self.shared.current().residents.held()
    }

    /// What was uploaded to the device so far.
    pub fn uploads(&self) -> Uploads {
        self.shared.current().residents.uploads()
    }

    /// How many launches this handle has asked for since the device was opened.
    pub fn launches(&self) -> u64 {
        self.lane.launches
    }

    /// How long each kernel takes in a run for some results of a program (none: all of them), every launch by itself: its file, its
    /// time, how often it is launched.
    ///
    /// # Errors
    /// As [`Compute::run`].
    pub fn shares(
        &mut self,
        program: &Program,
        inputs: &Inputs,
        wanted: Option<&[Slot]>,
    ) -> Result<Vec<(&'static str, Duration, usize)>, ComputeError> {
        let part = program.beginning(self.on_device(program));
        self.work(|lane, shared| {
            let plan = lane.choose(shared, &part, inputs, wanted)?;
            let mut chain = lane.chain(&plan, inputs)?;
            let times = chain.times(&lane.device)?;
            let mut shares: Vec<(&'static str, Duration, usize)> = Vec::new();
            for (file, time) in times {
                match shares.iter_mut().find(|share| share.0 == file) {
                    Some(share) => (share.1, share.2) = (share.1 + time, share.2 + 1),
                    None => shares.push((file, time, 1)),
                }
            }
            lane.chains.push(chain);
            Ok(shares)
        })
    }

    /// The adapter, its driver and its subgroups: what a choice of kernels holds for.
    pub fn machine(&self) -> String {
        self.shared.machine()
    }

    /// The rungs that can make a program here.
    pub fn rungs(&self, program: &Program) -> Vec<Rung> {
        rungs(program, choice::lanes(&self.shared.hardware))
    }

    /// What a rung is asked for here: some results of a program by all kernels that it has for it.
    pub fn order(&self, program: &Program, rung: Rung) -> Order {
        let lanes = choice::lanes(&self.shared.hardware).unwrap_or(1);
        Order::taught(program).by(rung, lanes, self.lane.limits.texels as usize)
    }

    /// Runs a program as ordered. Gives the wanted results (none: all of them), and by which kernel each stage was made.
    ///
    /// # Errors
    /// As [`Compute::run`].
    pub fn run_by(
        &mut self,
        program: &Program,
        inputs: &Inputs,
        order: &Order,
    ) -> Result<(Vec<Tensor<f32>>, Vec<Version>), ComputeError> {
        self.work(|lane, _| {
            fits::tensors(program, order.wanted.as_deref(), &lane.limits)?;
            let plan = Plan::new(program, order);
            fits::plan(&plan, &lane.limits, |storage| fits::with_shape(program, storage))?;
            let all: Vec<Slot> = program.stages().iter().map(|stage| stage.output).collect();
            let wanted = order.wanted.as_deref().unwrap_or(&all);
            Ok((lane.follow_plan(&plan, program, inputs, (wanted, None))?.0, plan.versions))
        })
    }

    /// How many of a program's stages the device makes: all, or all before a table of the model's words that it cannot bind, or that
    /// would lie a second time in the processor's memory. One word is multiplied with it: the processor does that as fast.
    fn on_device(&self, program: &Program) -> usize {
        let (first, all) = (program.words_begin(), program.stages().len());
        let table =
            program.find(None, Name::WU).map_or(0, |slot| F32.saturating_mul(program.shape(slot).count() as u64));
        let shared = self.shared.backend.kind == BackendKind::Software && table > TABLE;
        if first < all && (shared || table > self.lane.limits.tensor) { first } else { all }
    }

    /// Runs a program and keeps every tensor. What an earlier run left and still holds is not made again.
    fn whole(
        &mut self,
        program: &Program,
        inputs: &Inputs,
        since: Option<Since<'_>>,
        exactly: bool,
    ) -> Result<Trace, ComputeError> {
        let start = Instant::now();
        let count = self.on_device(program);
        let short = (count < program.stages().len()).then(|| program.beginning(count));
        let part = short.as_ref().unwrap_or(program);
        let is_stale = |n: usize| since.is_none_or(|since| since.stale.get(n) != Some(&false));
        let stale = part.stages().iter().enumerate().filter(|(n, _)| is_stale(*n));
        let wanted: Vec<Slot> = stale.map(|(_, stage)| stage.output).collect();
        let (mut made, mut kernels, run) = match since {
            // Nothing but what the processor makes is another.
            Some(Since { last, .. }) if wanted.is_empty() => {
                let kernels = (0..count).map(|n| last.kernel(n).unwrap_or(PROCESSOR)).collect();
                (Vec::new(), kernels, Arc::clone(last.run()))
            }
            _ => self.work(|lane, shared| {
                fits::tensors(part, None, &lane.limits)?;
                let plan = if exactly { lane.taught(part) } else { lane.choose(shared, part, inputs, None) }?;
                let (made, run) =
                    lane.follow_plan(&plan, part, inputs, (&wanted, since.map(|since| since.last.run())))?;
                Ok((made, plan.versions.iter().map(|version| version.name()).collect::<Vec<_>>(), run))
            })?,
        };
        let mut made = made.drain(..).map(Arc::new);
        let kept =
            |n: usize| since.filter(|_| !is_stale(n)).map(|since| Arc::clone(since.last.shared(program.output_of(n))));
        let mut outputs: Vec<Arc<Tensor<f32>>> = (0..count).filter_map(|n| kept(n).or_else(|| made.next())).collect();
        if count < program.stages().len() {
            if is_stale(count) {
                outputs.extend(words::fits(program, inputs, &outputs).map(Arc::new));
            }
            refer(program, inputs, since.map(|since| (since.last, since.stale)), &mut outputs);
            kernels.resize(program.stages().len(), PROCESSOR);
        }
        let trace = Trace::sharing(inputs, outputs, self.shared.backend.clone(), start.elapsed());
        Ok(trace.with_kernels(kernels).of_run(run))
    }

    /// Some results of a program, what nobody asks for staying where it is.
    fn results(
        &mut self,
        program: &Program,
        inputs: &Inputs,
        wanted: &[Slot],
    ) -> Result<Vec<Tensor<f32>>, ComputeError> {
        self.work(|lane, shared| {
            fits::tensors(program, Some(wanted), &lane.limits)?;
            let plan = lane.choose(shared, program, inputs, Some(wanted))?;
            Ok(lane.follow_plan(&plan, program, inputs, (wanted, None))?.0)
        })
    }

    /// Does some work on the device; where it is lost, once more on a new one.
    fn work<T>(
        &mut self,
        mut work: impl FnMut(&mut Lane, &Shared) -> Result<T, ComputeError>,
    ) -> Result<T, ComputeError> {
        self.lane.follow(self.shared.current(), &self.shared.options);
        let done = work(&mut self.lane, &self.shared);
        if !matches!(done, Err(ComputeError::Lost(_))) || !self.shared.options.reopen {
            return done;
        }
        self.lane.follow(self.shared.reopen(self.lane.epoch)?, &self.shared.options);
        work(&mut self.lane, &self.shared)
    }
}

impl Compute for Gpu {
    fn backend(&self) -> &Backend {
        &self.shared.backend
    }

    fn run(&mut self, program: &Program, inputs: &Inputs) -> Result<Trace, ComputeError> {
        self.whole(program, inputs, None, false)
    }

    fn run_exactly(&mut self, program: &Program, inputs: &Inputs) -> Result<Trace, ComputeError> {
        self.whole(program, inputs, None, true)
    }

    fn rerun(
        &mut self,
        program: &Program,
        inputs: &Inputs,
        since: Since<'_>,
        exactly: bool,
    ) -> Result<Trace, ComputeError> {
        self.whole(program, inputs, Some(since), exactly)
    }

    fn read(&mut self, program: &Program, inputs: &Inputs, wanted: &[Slot]) -> Result<Vec<Tensor<f32>>, ComputeError> {
        let count = self.on_device(program);
        if count == program.stages().len() {
            return self.results(program, inputs, wanted);
        }
        // The processor makes the rest where somebody asks for it, from what the device has made for it.
        let part = program.beginning(count);
        let goes_on = wanted.iter().any(|&slot| program.stage_of(slot).is_some_and(|stage| stage >= count));
        let rest =
            program.stages()[count..].iter().filter(|_| goes_on).flat_map(|stage| stage.operands.iter().copied());
        let mut asked: Vec<Slot> =
            rest.chain(wanted.iter().copied()).filter(|&slot| part.stage_of(slot).is_some()).collect();
        asked.sort_unstable();
        asked.dedup();
        let nothing = Arc::new(Tensor::zeros(Shape::matrix(Axis::Token.of(1), Axis::Feature.of(1))));
        let mut outputs = vec![nothing; count];
        for (slot, made) in asked.iter().zip(self.results(&part, inputs, &asked)?) {
            if let Some(output) = part.stage_of(*slot).and_then(|n| outputs.get_mut(n)) {
                *output = Arc::new(made);
            }
        }
        if goes_on {
            outputs.extend(words::fits(program, inputs, &outputs).map(Arc::new));
            refer(program, inputs, None, &mut outputs);
        }
        let lacking = |slot: Slot| ComputeError::Refused(format!("no tensor for slot {}", slot.0));
        let found = |&slot: &Slot| match program.stage_of(slot) {
            Some(stage) => outputs.get(stage).map(|output| output.as_ref().clone()),
            None => inputs.get(slot).cloned(),
        };
        wanted.iter().map(|slot| found(slot).ok_or_else(|| lacking(*slot))).collect()
    }

    fn carry_out(&mut self, launch: &Launch, numbers: &[Vec<f32>]) -> Result<Vec<f32>, ComputeError> {
        self.work(|lane, _| lane.carry_out(launch, numbers))
    }

    fn hardware(&self) -> Option<Hardware> {
        Some(self.shared.hardware.clone())
    }

    fn scores(&mut self, experiment: Experiment, first: usize) -> Result<Vec<f32>, ComputeError> {
        self.work(|lane, _| lane.scores(experiment, first))
    }
}

/// What one handle has made on the device.
struct Lane {
    epoch: u64,
    device: Device,
    residents: Arc<Residents>,
    patience: Duration,
    limits: Limits,
    pipelines: Pipelines,
    chains: Vec<Chain>, // the last used is last
    pace: Pace,
    launches: u64,
}

impl Lane {
    fn new(current: Current, options: &Options, patience: Duration) -> Self {
        let Current { epoch, device, residents } = current;
        let device = device.patient(patience);
        let limits = device.wgpu.limits().into();
        let pipelines = Pipelines::new(options.shaders.clone());
        Self {
            epoch,
            device,
            residents,
            patience,
            limits,
            pipelines,
            chains: Vec::new(),
            pace: Pace::default(),
            launches: 0,
        }
    }

    /// Goes on with the device that is open now; what was made on another one is gone.
    fn follow(&mut self, current: Current, options: &Options) {
        if current.epoch != self.epoch {
            *self = Self::new(current, options, self.patience);
        }
    }

    /// Carries a plan out and reads the results that are wanted. Gives also which run that was.
    fn follow_plan(
        &mut self,
        plan: &Plan,
        program: &Program,
        inputs: &Inputs,
        (wanted, since): (&[Slot], Option<&Arc<()>>),
    ) -> Result<(Vec<Tensor<f32>>, Arc<()>), ComputeError> {
        let mut chain = self.chain(plan, inputs)?;
        let (results, launches, run) = chain.run(&self.device, program, inputs.overrides(), (wanted, since))?;
        self.launches += launches as u64;
        self.chains.iter_mut().for_each(Chain::tidy);
        self.chains.push(chain); // one that failed may be in any state, and is dropped
        Ok((results, run))
    }

    /// The plan of a program by the taught kernels.
    fn taught(&self, program: &Program) -> Result<Plan, ComputeError> {
        let plan = Plan::new(program, &Order::taught(program));
        fits::plan(&plan, &self.limits, |storage| fits::with_shape(program, storage)).map(|()| plan)
    }

    /// The plan of a program: by the taught kernels, or where that is heavy by the fastest that fit.
    fn choose(
        &self,
        shared: &Shared,
        program: &Program,
        inputs: &Inputs,
        wanted: Option<&[Slot]>,
    ) -> Result<Plan, ComputeError> {
        let fits = |plan: &Plan| fits::plan(plan, &self.limits, |storage| fits::with_shape(program, storage));
        let taught = Order { wanted: wanted.map(<[Slot]>::to_vec), ..Order::taught(program) };
        if choice::is_heavy(program) {
            let machine = shared.machine();
            let by_hand = inputs.overrides().iter().map(|o| o.address.slot).collect();
            let lanes = choice::lanes(&shared.hardware).unwrap_or(1);
            let fast = Order { by_hand, seen: seen(program, inputs), ..taught.clone() };
            for rung in choice::candidates(program, &machine, shared.backend.kind, &shared.hardware) {
                let plan = Plan::new(program, &fast.clone().by(rung, lanes, self.limits.texels as usize));
                if fits(&plan).is_ok() {
                    return Ok(plan);
                }
            }
        }
        let plan = Plan::new(program, &taught);
        fits(&plan).map(|()| plan)
    }

    /// Takes the chain of this plan out of the store, or makes it, and lets it begin with these inputs.
    fn chain(&mut self, plan: &Plan, inputs: &Inputs) -> Result<Chain, ComputeError> {
        let kept = self.chains.iter().position(|chain| chain.plan == *plan).map(|i| self.chains.remove(i));
        let excess = (self.chains.len() + 1).saturating_sub(PLANS);
        self.chains.drain(..excess);
        while self.chains.iter().map(Chain::own_bytes).sum::<u64>() > KEPT {
            self.chains.remove(0);
        }
        match self.fed(kept, plan, inputs) {
            // Perhaps it is our own stock that fills the memory.
            Err(ComputeError::OutOfMemory(_)) if !self.chains.is_empty() => {
                self.chains.clear();
                self.residents.clear();
                self.fed(None, plan, inputs)
            }
            chain => chain,
        }
    }

    fn fed(&mut self, kept: Option<Chain>, plan: &Plan, inputs: &Inputs) -> Result<Chain, ComputeError> {
        let mut chain = match kept {
            Some(kept) => kept,
            None => Chain::new(&self.device, &mut self.pipelines, plan.clone())?,
        };
        chain.feed(&self.device, &self.residents, inputs)?;
        Ok(chain)
    }

    /// One launch by itself. Nothing of it is worth keeping but the compiled shader.
    fn carry_out(&mut self, launch: &Launch, numbers: &[Vec<f32>]) -> Result<Vec<f32>, ComputeError> {
        let count = launch.buffers.len();
        let plan = Plan {
            storages: launch.buffers.clone(),
            given: vec![false; count],
            steps: vec![Step { launch: launch.clone(), bound: (0..count).collect(), copy: None }],
            versions: Vec::new(),
            places: Vec::new(),
        };
        fits::plan(&plan, &self.limits, |storage| crate::ground::lang::Text::same(storage.symbol))?;
        let mut chain = Chain::new(&self.device, &mut self.pipelines, plan)?;
        for (n, numbers) in numbers.iter().enumerate().take(count) {
            chain.storage(n).upload(&self.device, numbers)?;
        }
        chain.bind(&self.device)?;
        chain.run_raw(&self.device, launch.result)
    }

    /// The scores of some pairs, as many as the pace allows.
    fn scores(&mut self, experiment: Experiment, first: usize) -> Result<Vec<f32>, ComputeError> {
        let d = experiment.d();
        let pairs = self.pace.pieces(d).min(experiment.pairs().saturating_sub(first));
        if pairs == 0 {
            return Ok(Vec::new());
        }
        let start = Instant::now();
        let shape = Shape::matrix(Axis::Token.of(pairs), Axis::Feature.of(1));
        let made = Storage::plain("scaling", Slot(0), shape);
        let scores = self.carry_out(&Launch::of_kernel(experiment.kernel(first, pairs), vec![made], shape), &[])?;
        self.pace.took(pairs * d, start.elapsed());
        Ok(scores)
    }
}

/// Which keys the queries of a program see, by all masks in it.
fn seen(program: &Program, inputs: &Inputs) -> Seen {
    let masks =
        program.slots().filter(|&slot| program.made_by(slot).is_none() && program.symbol(slot).name == Name::Mask);
    let mut seen: Vec<Seen> = masks.filter_map(|slot| inputs.get(slot)).map(Seen::by).collect();
    seen.dedup();
    match seen.as_slice() {
        [] => Seen::All,
        &[alike] => alike,
        _ => Seen::Masked,
    }
}
