//! Who carries a program out: the GPU through WGSL, or the CPU through the reference.
//!
//! A backend takes the whole [`Program`] and gives a [`Trace`]. Nothing above this layer knows
//! which one ran, except by reading [`Trace::by`].

mod cpu;
pub mod gpu;
pub mod ndarray;
pub mod training;

pub use cpu::Cpu;

use crate::ground::lang::Text;
use crate::kernels::Launch;
use crate::math::tensor::Tensor;
use crate::program::{Backend, Inputs, Program, Slot, Trace};
use crate::session::{ComputeError, Hardware};
use crate::study::scaling::Experiment;

/// What an earlier run of a program left, and which stages do not hold any more ([`Program::stale`]).
#[derive(Debug, Clone, Copy)]
pub struct Since<'t> {
    /// Its trace.
    pub last: &'t Trace,
    /// Which stages are to be made anew.
    pub stale: &'t [bool],
}

/// A machine that runs programs.
pub trait Compute: Send {
    /// Who this is.
    fn backend(&self) -> &Backend;

    /// Runs every stage and keeps every tensor.
    ///
    /// # Errors
    /// [`ComputeError`] when the machine cannot; the caller falls back to [`Cpu`], which always can.
    fn run(&mut self, program: &Program, inputs: &Inputs) -> Result<Trace, ComputeError>;

    /// The same by the kernels that sum most carefully, however long that takes.
    ///
    /// # Errors
    /// As [`Compute::run`].
    fn run_exactly(&mut self, program: &Program, inputs: &Inputs) -> Result<Trace, ComputeError> {
        self.run(program, inputs)
    }

    /// Runs a program of which an earlier run left a trace: the stages that are stale are made anew, the others keep their
    /// tensors. It is what [`Compute::run`] would give, bit for bit, or `exactly` what [`Compute::run_exactly`] would.
    ///
    /// # Errors
    /// As [`Compute::run`].
    fn rerun(
        &mut self,
        program: &Program,
        inputs: &Inputs,
        since: Since<'_>,
        exactly: bool,
    ) -> Result<Trace, ComputeError>;

    /// Runs a program for some of its results, in the order asked for.
    ///
    /// # Errors
    /// As [`Compute::run`].
    fn read(&mut self, program: &Program, inputs: &Inputs, wanted: &[Slot]) -> Result<Vec<Tensor<f32>>, ComputeError> {
        let trace = self.run(program, inputs)?;
        Ok(wanted.iter().map(|&slot| trace.tensor(slot).clone()).collect())
    }

    /// Carries one launch out by itself, its buffers beginning with these numbers. Gives the buffer of its result.
    ///
    /// # Errors
    /// As [`Compute::run`]; [`ComputeError::NoAdapter`] where nothing runs shaders.
    fn carry_out(&mut self, launch: &Launch, _numbers: &[Vec<f32>]) -> Result<Vec<f32>, ComputeError> {
        Err(ComputeError::NoAdapter(Text::owned(
            format!("没有可以运行 {} 的设备", launch.file),
            format!("nothing to run {} on", launch.file),
        )))
    }

    /// The machine behind it, where shaders run on one.
    fn hardware(&self) -> Option<Hardware> {
        None
    }

    /// Draws and multiplies pairs of an experiment, from the pair `first` on (counted from 0): as many as it does in
    /// less than a tenth of a second, at least one where any are left. Ask again for the others.
    ///
    /// # Errors
    /// As [`Compute::run`].
    fn scores(&mut self, experiment: Experiment, first: usize) -> Result<Vec<f32>, ComputeError>;
}
