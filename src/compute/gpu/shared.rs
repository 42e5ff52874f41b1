//! The one open device behind every handle, and its one reopening.
//!
//! Whoever finds the device lost opens it again, for all: the others see that a newer one is there and go on with that. The lock is
//! held while a device is opened, for then all need it, and never while somebody waits for work.

use std::sync::{Arc, Mutex, PoisonError};

use super::device::{self, Device};
use super::residents::Residents;
use super::{ComputeError, Options};
use crate::program::Backend;
use crate::session::Hardware;

/// An adapter, how it was opened, and the device that is open now.
pub(super) struct Shared {
    pub(super) backend: Backend,
    pub(super) adapter: wgpu::Adapter,
    pub(super) options: Options,
    pub(super) hardware: Hardware,
    current: Mutex<Current>,
}

/// The device that is open now, and the tensors that lie on it.
#[derive(Clone)]
pub(super) struct Current {
    /// How often it was opened before.
    pub(super) epoch: u64,
    pub(super) device: Device,
    pub(super) residents: Arc<Residents>,
}

impl Shared {
    pub(super) fn open(adapter: wgpu::Adapter, options: Options) -> Result<Self, ComputeError> {
        let current = Current { epoch: 0, device: Device::open(&adapter)?, residents: Arc::default() };
        let (backend, hardware) = (device::describe(&adapter.get_info()), device::hardware(&adapter));
        Ok(Self { backend, adapter, options, hardware, current: Mutex::new(current) })
    }

    /// The adapter, its driver and its subgroups: what a choice of kernels holds for.
    pub(super) fn machine(&self) -> String {
        let Hardware { driver, lanes, .. } = &self.hardware;
        let lanes = lanes.map_or_else(String::new, |lanes| format!(", {lanes} lanes"));
        format!("{} | {driver}{lanes}", self.backend.adapter)
    }

    /// The device that is open now.
    pub(super) fn current(&self) -> Current {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Opens the device again, unless somebody has done so since this epoch.
    pub(super) fn reopen(&self, epoch: u64) -> Result<Current, ComputeError> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.epoch == epoch {
            let device = Device::open(&self.adapter)?;
            *current = Current { epoch: epoch + 1, device, residents: Arc::default() };
        }
        Ok(current.clone())
    }
}
