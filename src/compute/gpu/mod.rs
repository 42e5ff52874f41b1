//! The GPU backend: WGSL through wgpu.
//!
//! `device` finds and opens an adapter, `pipelines` compiles shaders, `held` is what they read and write, `recipe` turns a program into sizes and
//! launches, `run` carries them out, `alone` carries out one launch by itself, `probe` tests a device before it is trusted, `pace` keeps long work in short pieces.
//! Every failure is a [`ComputeError`].

mod alone;
mod clock;
mod device;
mod held;
pub mod ladder;
mod pace;
mod pipelines;
mod probe;
mod recipe;
mod run;

use std::time::{Duration, Instant};

use crate::session::{AdapterReport, Limits};

use self::device::Device;
use self::pace::Pace;
use self::pipelines::Pipelines;
use self::recipe::Recipe;
use self::run::Plan;
use super::{Compute, ComputeError, Hardware};
use crate::kernels::Launch;
use crate::math::ops::Shader;
use crate::math::tensor::Tensor;
use crate::program::{Backend, Inputs, Program, Trace};
use crate::study::scaling::Experiment;

/// How many recipes keep their buffers: the sample on screen, the one before, and what they compare with.
const PLANS: usize = 4;

/// A graphics adapter that runs programs.
pub struct Gpu {
    backend: Backend,
    adapter: wgpu::Adapter,
    options: Options,
    session: Session,
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
        let backend = device::describe(&adapter.get_info());
        let session = Session::open(&adapter, &options)?;
        let mut gpu = Self { backend, adapter, options, session };
        if gpu.options.self_test {
            for probe in probe::probes()? {
                let trace = gpu.run(&probe.program, &probe.inputs)?;
                probe::judge(&gpu.backend.adapter, &probe.program, &trace)?;
            }
        }
        Ok(gpu)
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
        self.session.device.wgpu.destroy();
    }

    /// Fills the device's memory, as far as the next allocation is told.
    pub fn exhaust(&self) {
        self.session.device.exhaust();
    }

    /// How many sets of buffers are kept for programs to come.
    pub fn plans(&self) -> usize {
        self.session.plans.len()
    }
}

impl Compute for Gpu {
    fn backend(&self) -> &Backend {
        &self.backend
    }

    fn run(&mut self, program: &Program, inputs: &Inputs) -> Result<Trace, ComputeError> {
        let start = Instant::now();
        let mut outputs = self.session.run(program, inputs);
        if matches!(outputs, Err(ComputeError::Lost(_))) && self.options.reopen {
            self.session = Session::open(&self.adapter, &self.options)?;
            outputs = self.session.run(program, inputs);
        }
        Ok(Trace::new(inputs, outputs?, self.backend.clone(), start.elapsed()))
    }

    fn carry_out(&mut self, launch: &Launch) -> Result<Vec<f32>, ComputeError> {
        let session = &self.session;
        let mut result = alone::carry_out(&session.device, &session.limits, launch);
        if matches!(result, Err(ComputeError::Lost(_))) && self.options.reopen {
            self.session = Session::open(&self.adapter, &self.options)?;
            result = alone::carry_out(&self.session.device, &self.session.limits, launch);
        }
        result
    }

    fn hardware(&self) -> Option<Hardware> {
        Some(device::hardware(&self.adapter))
    }

    fn scores(&mut self, experiment: Experiment, first: usize) -> Result<Vec<f32>, ComputeError> {
        let mut scores = self.session.scores(experiment, first);
        if matches!(scores, Err(ComputeError::Lost(_))) && self.options.reopen {
            self.session = Session::open(&self.adapter, &self.options)?;
            scores = self.session.scores(experiment, first);
        }
        scores
    }
}

/// An open device and all that was made on it.
struct Session {
    device: Device,
    limits: Limits,
    pipelines: Pipelines,
    plans: Vec<Plan>, // the last used is last
    pace: Pace,
}

impl Session {
    fn open(adapter: &wgpu::Adapter, options: &Options) -> Result<Self, ComputeError> {
        let device = Device::open(adapter)?.patient(options.patience);
        let limits = device.wgpu.limits().into();
        let pipelines = Pipelines::new(options.shaders.clone());
        Ok(Self { device, limits, pipelines, plans: Vec::new(), pace: Pace::default() })
    }

    fn run(&mut self, program: &Program, inputs: &Inputs) -> Result<Vec<Tensor<f32>>, ComputeError> {
        let plan = self.plan(Recipe::new(program, &self.limits)?)?;
        let outputs = plan.run(&self.device, program, inputs)?;
        self.plans.push(plan); // one that failed may be in any state, and is dropped
        Ok(outputs)
    }

    /// The scores of some pairs, as many as the pace allows.
    fn scores(&mut self, experiment: Experiment, first: usize) -> Result<Vec<f32>, ComputeError> {
        let d = experiment.d();
        let pairs = self.pace.pieces(d).min(experiment.pairs().saturating_sub(first));
        if pairs == 0 {
            return Ok(Vec::new());
        }
        let start = Instant::now();
        let recipe = Recipe::alone(experiment.kernel(first, pairs), pairs, &self.limits)?;
        // Every part has other sizes: nothing of it is worth keeping.
        let scores = Plan::new(&self.device, &mut self.pipelines, recipe)?.launch(&self.device, &[])?;
        self.pace.took(pairs * d, start.elapsed());
        Ok(scores)
    }

    /// Takes the plan of this recipe out of the store, or makes it.
    fn plan(&mut self, recipe: Recipe) -> Result<Plan, ComputeError> {
        if let Some(i) = self.plans.iter().position(|plan| plan.recipe == recipe) {
            return Ok(self.plans.remove(i));
        }
        let excess = (self.plans.len() + 1).saturating_sub(PLANS);
        self.plans.drain(..excess);
        match Plan::new(&self.device, &mut self.pipelines, recipe.clone()) {
            // Perhaps it is our own stock that fills the memory.
            Err(ComputeError::OutOfMemory(_)) if !self.plans.is_empty() => {
                self.plans.clear();
                Plan::new(&self.device, &mut self.pipelines, recipe)
            }
            plan => plan,
        }
    }
}
