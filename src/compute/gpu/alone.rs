//! One launch by itself: its buffers, its shader, its result. For the lens, which looks at one kernel at a time.

use std::sync::mpsc;

use wgpu::BufferUsages;

use super::device::Device;
use super::recipe::{F32, Limits};
use crate::compute::ComputeError;
use crate::kernels::Launch;

/// Carries a launch out. Gives the buffer of its result.
pub(super) fn carry_out(device: &Device, limits: &Limits, launch: &Launch) -> Result<Vec<f32>, ComputeError> {
    fits(limits, launch)?;
    let wgpu = &device.wgpu;
    let buffer = |size: u64, usage| {
        wgpu.create_buffer(&wgpu::BufferDescriptor { label: Some(launch.file), size, usage, mapped_at_creation: false })
    };
    let mut words = launch.size.clone();
    words.resize(words.len().next_multiple_of(4), 0); // uniform blocks come in 16 bytes
    let size = buffer(F32 * words.len() as u64, BufferUsages::UNIFORM | BufferUsages::COPY_DST);
    device.queue.write_buffer(&size, 0, bytemuck::cast_slice(&words));
    let storage = BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC;
    let mut buffers = Vec::with_capacity(launch.buffers.len());
    for held in &launch.buffers {
        let made = buffer(F32 * held.numbers.len() as u64, storage);
        device.queue.write_buffer(&made, 0, bytemuck::cast_slice(&held.numbers));
        buffers.push(made);
    }
    let result = &buffers[launch.result];
    let readback = buffer(result.size(), BufferUsages::MAP_READ | BufferUsages::COPY_DST);
    device.check()?;

    let pipeline = device.compile(launch.file, &launch.source)?;
    let bindings = device.bind(launch.file, &pipeline, [&size].into_iter().chain(&buffers));
    device.check()?;

    let mut encoder = wgpu.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
    pass.set_pipeline(&pipeline);
    pass.set_bind_group(0, &bindings, &[]);
    let [x, y, z] = launch.workgroups;
    pass.dispatch_workgroups(x, y, z);
    drop(pass);
    encoder.copy_buffer_to_buffer(result, 0, &readback, 0, result.size());
    let submission = device.queue.submit([encoder.finish()]);
    let (send, mapped) = mpsc::channel();
    readback.map_async(wgpu::MapMode::Read, .., move |result| {
        let _ = send.send(result);
    });
    device.wait(submission)?;
    if mapped.try_recv() != Ok(Ok(())) {
        return Err(device.lost("the result could not be read back"));
    }
    let view = readback.get_mapped_range(..).map_err(|why| device.lost(&why.to_string()))?;
    Ok(bytemuck::pod_collect_to_vec(&view[..]))
}

/// Whether the device takes this, known before anything is allocated.
fn fits(limits: &Limits, launch: &Launch) -> Result<(), ComputeError> {
    let refuse = |what: String, needed: u64, limit: u64| Err(ComputeError::TooLarge { what, needed, limit });
    for held in &launch.buffers {
        let needed = F32 * held.numbers.len() as u64;
        if needed > limits.tensor {
            return refuse(held.symbol.to_owned(), needed, limits.tensor);
        }
    }
    let most = limits.workgroups;
    match launch.workgroups.iter().find(|&&n| n > most) {
        Some(&n) => refuse(format!("a launch for {}", launch.file), n.into(), most.into()),
        None => Ok(()),
    }
}
