//! One run of a program: what was asked for, and what came out.

use std::sync::Arc;

use super::ComputeError;
use crate::program::{Ledger, Program, Trace};

/// Which backend a person asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Choice {
    /// The GPU where there is one, else the CPU.
    #[default]
    Auto,
    /// The GPU or nothing.
    Gpu,
    /// The CPU, without looking for a driver.
    Cpu,
}

/// A trace and the verdict on it.
#[derive(Debug, Clone)]
pub struct Run {
    /// The program that ran.
    pub program: Arc<Program>,
    /// Every tensor.
    pub trace: Trace,
    /// The comparison with the reference.
    pub ledger: Ledger,
    /// Why the CPU stood in for the GPU, where it did.
    pub fallback: Option<ComputeError>,
}
