//! The roof: what this adapter can do at most, measured by doing nothing else.

use std::time::{Duration, Instant};

use super::Gpu;
use super::device::Device;
use super::storage::DeviceTensor;
use crate::kernels::{Layout, PEAK, Storage};
use crate::session::ComputeError;
use crate::study::race::Roof;

/// Workgroups of the kernel that only multiplies, and turns of its loop at first.
const GROUPS: u32 = 256;
const TURNS: u32 = 256;

/// Operations of an invocation in a turn: eight vec4, a multiplication and an addition each.
const A_TURN: f64 = 8.0 * 4.0 * 2.0;

/// A measurement should last this long at least.
const LONG_ENOUGH: Duration = Duration::from_millis(15);

/// Bytes that are copied to measure the memory.
const COPIED: u64 = 32 << 20;

impl Gpu {
    /// Measures how fast the adapter multiplies and how fast it moves numbers: the best of a few runs each.
    ///
    /// # Errors
    /// What the device says.
    pub fn roof(&self) -> Result<Roof, ComputeError> {
        let device = self.shared.current().device.patient(self.lane.patience);
        Ok(Roof { flops: peak(&device)?, bytes: bandwidth(&device)? })
    }
}

fn peak(device: &Device) -> Result<f64, ComputeError> {
    let numbers = 4 * 64 * GROUPS as usize;
    let storage = Storage {
        symbol: "peak",
        layout: Layout::rows(1, numbers, numbers),
        holds: Vec::new(),
        numbers,
        texels: None,
        ones: None,
    };
    let out = DeviceTensor::new(device, &storage);
    let pipeline = device.compile("peak", PEAK)?;
    let mut turns = TURNS;
    let mut best = 0.0_f64;
    for _ in 0..12 {
        let size = device.uniform("peak", &[turns, 0, 0, 0]);
        let bindings = device.bind("peak", &pipeline, [size.as_entire_binding(), out.resource()]);
        let mut encoder = device.wgpu.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &bindings, &[]);
        pass.dispatch_workgroups(GROUPS, 1, 1);
        drop(pass);
        device.check()?;
        let start = Instant::now();
        device.wait(device.queue.submit([encoder.finish()]))?;
        let time = start.elapsed();
        best = best.max(f64::from(GROUPS) * 64.0 * f64::from(turns) * A_TURN / time.as_secs_f64());
        if time < LONG_ENOUGH {
            turns = turns.saturating_mul(4).min(1 << 20);
        }
    }
    Ok(best)
}

fn bandwidth(device: &Device) -> Result<f64, ComputeError> {
    let usage = wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST;
    let [from, to] = [(); 2].map(|()| device.buffer("copied", COPIED, usage));
    device.check()?;
    let mut best = 0.0_f64;
    for _ in 0..4 {
        let mut encoder = device.wgpu.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        encoder.copy_buffer_to_buffer(&from, 0, &to, 0, COPIED);
        let start = Instant::now();
        device.wait(device.queue.submit([encoder.finish()]))?;
        best = best.max(2.0 * COPIED as f64 / start.elapsed().as_secs_f64()); // read and written
    }
    Ok(best)
}
