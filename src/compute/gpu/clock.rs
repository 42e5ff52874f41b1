//! The device's own clock, where it has one: timestamps around passes.

use std::time::Duration;

use super::device::Device;
use crate::session::ComputeError;

/// Timestamps of some passes: two each.
pub(super) struct Clock {
    set: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    readback: wgpu::Buffer,
    passes: u32,
}

impl Clock {
    /// A clock for so many passes; none where the device has no timestamps.
    pub(super) fn new(device: &Device, passes: u32) -> Result<Option<Self>, ComputeError> {
        if !device.wgpu.features().contains(wgpu::Features::TIMESTAMP_QUERY) || passes > 2048 {
            return Ok(None);
        }
        let wgpu = &device.wgpu;
        let ty = wgpu::QueryType::Timestamp;
        let set = wgpu.create_query_set(&wgpu::QuerySetDescriptor { label: Some("clock"), ty, count: 2 * passes });
        let buffer = |usage| device.buffer("clock", 16 * u64::from(passes), usage);
        let resolved = buffer(wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC);
        let readback = buffer(wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST);
        device.check()?;
        Ok(Some(Self { set, resolved, readback, passes }))
    }

    /// Where a pass notes its times.
    pub(super) fn writes(&self, pass: u32) -> wgpu::ComputePassTimestampWrites<'_> {
        wgpu::ComputePassTimestampWrites {
            query_set: &self.set,
            beginning_of_pass_write_index: Some(2 * pass),
            end_of_pass_write_index: Some(2 * pass + 1),
        }
    }

    /// When each pass began and ended, counted from the first beginning. Nothing where the clock makes no sense.
    pub(super) fn read(&self, device: &Device) -> Result<Vec<(Duration, Duration)>, ComputeError> {
        let mut encoder = device.encoder();
        encoder.resolve_query_set(&self.set, 0..2 * self.passes, &self.resolved, 0);
        encoder.copy_buffer_to_buffer(&self.resolved, 0, &self.readback, 0, self.resolved.size());
        let whole = (&self.readback, self.readback.size());
        let ticks: Vec<u64> = device.read(encoder.finish(), whole, bytemuck::pod_collect_to_vec)?;
        let period = f64::from(device.queue.get_timestamp_period());
        let first = ticks.first().copied().unwrap_or(0);
        // The difference survives a counter that starts again from 0.
        let since = |tick: u64| Duration::from_nanos((tick.wrapping_sub(first) as f64 * period) as u64);
        let passes: Vec<_> = ticks.chunks_exact(2).map(|pair| (since(pair[0]), since(pair[1]))).collect();
        let sane = passes.iter().all(|(from, to)| from <= to && *to < Duration::from_mins(10));
        Ok(if sane { passes } else { Vec::new() })
    }
}
