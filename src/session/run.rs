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

impl Choice {
    /// All of them, with the names by which they are asked for.
    pub const NAMED: [(&str, Self); 3] = [("auto", Self::Auto), ("gpu", Self::Gpu), ("cpu", Self::Cpu)];

    /// The names alone.
    pub const NAMES: [&str; Self::NAMED.len()] = {
        let mut names = [""; Self::NAMED.len()];
        let mut at = 0;
        while at < names.len() {
            names[at] = Self::NAMED[at].0;
            at += 1;
        }
        names
    };

    /// The choice of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|(own, _)| *own == name).map(|(_, choice)| choice)
    }

    /// Whether a device is looked for.
    pub const fn wants_a_device(self) -> bool {
        !matches!(self, Self::Cpu)
    }

    /// Whether nothing but a device will do.
    pub const fn insists(self) -> bool {
        matches!(self, Self::Gpu)
    }
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
