//! One launch by itself: its buffers, its shader, its result. For the lens, which looks at one kernel at a time.

use super::device::Device;
use super::held::Held;
use super::recipe::{F32, launchable, within};
use crate::ground::lang::Text;
use crate::kernels::Launch;
use crate::session::Limits;
use crate::session::{Amount, ComputeError};

/// Carries a launch out. Gives the numbers that its result then holds.
pub(super) fn carry_out(device: &Device, limits: &Limits, launch: &Launch) -> Result<Vec<f32>, ComputeError> {
    fits(limits, launch)?;
    let size = device.uniform(launch.file, &launch.size);
    let mut held = Vec::with_capacity(launch.buffers.len());
    for storage in &launch.buffers {
        let made = Held::new(device, storage.symbol, storage.numbers.len(), storage.texels);
        made.upload(device, &storage.numbers);
        held.push(made);
    }
    let readback = held[launch.result].readback(device);
    device.check()?;

    let pipeline = device.compile(launch.file, &launch.source)?;
    let bound = [size.as_entire_binding()].into_iter().chain(held.iter().map(Held::resource));
    let bindings = device.bind(launch.file, &pipeline, bound);
    device.check()?;

    let mut encoder = device.wgpu.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
    pass.set_pipeline(&pipeline);
    pass.set_bind_group(0, &bindings, &[]);
    let [x, y, z] = launch.workgroups;
    pass.dispatch_workgroups(x, y, z);
    drop(pass);
    held[launch.result].copy(&mut encoder, &readback);
    device.read_back(encoder.finish(), &readback)
}

/// Whether the device takes this, known before anything is allocated.
fn fits(limits: &Limits, launch: &Launch) -> Result<(), ComputeError> {
    for storage in &launch.buffers {
        let named = || Text::same(storage.symbol);
        within(named, F32 * storage.numbers.len() as u64, limits.tensor, Amount::Bytes)?;
        let Some(texels) = storage.texels else { continue };
        let side = texels.max(storage.numbers.len() / (4 * texels.max(1))) as u64;
        within(named, side, limits.texels.into(), Amount::Texels)?;
    }
    launchable(|| Text::same(launch.file), launch.workgroups, limits)
}
