//! One run: upload, every stage in one encoder, one submission, one read-back.

use std::ops::Range;

use wgpu::BufferUsages;

use super::ComputeError;
use super::device::Device;
use super::pipelines::Pipelines;
use super::recipe::{F32, Launch, Recipe};
use crate::ground::lang::Text;
use crate::math::tensor::{MASKED, Shape, Tensor};
use crate::program::{Inputs, Override, Program};

/// How the shaders write a hidden entry: drivers may assume that infinities do not occur.
const HIDDEN: f32 = f32::MIN;

/// Buffers and bindings for all programs of one recipe.
pub(super) struct Plan {
    pub(super) recipe: Recipe,
    tensors: Vec<wgpu::Buffer>,
    steps: Vec<Step>,
    readback: wgpu::Buffer,
}

/// One stage, ready to be recorded.
struct Step {
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    workgroups: [u32; 3],
}

impl Plan {
    /// Allocates what a recipe needs.
    pub(super) fn new(device: &Device, pipelines: &mut Pipelines, recipe: Recipe) -> Result<Self, ComputeError> {
        let usage = BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC;
        let tensors: Vec<_> = recipe.bytes.iter().map(|&bytes| device.buffer("tensor", bytes, usage)).collect();
        let usage = BufferUsages::MAP_READ | BufferUsages::COPY_DST;
        let readback = device.buffer("readback", recipe.results(), usage);
        device.check()?;

        let mut steps = Vec::with_capacity(recipe.launches.len());
        for Launch { name, kernel, operands, output } in &recipe.launches {
            let size = device.uniform(name, &kernel.size);
            let bound = [&size].into_iter().chain(operands.iter().chain([output]).map(|slot| &tensors[slot.0]));
            let pipeline = pipelines.get(device, kernel.shader)?;
            let bindings = device.bind(name, &pipeline, bound.map(wgpu::Buffer::as_entire_binding));
            steps.push(Step { pipeline, bindings, workgroups: kernel.workgroups });
        }
        device.check()?;
        Ok(Self { recipe, tensors, steps, readback })
    }

    /// Runs every stage. Gives the stages' results, in order.
    pub(super) fn run(
        &self,
        device: &Device,
        program: &Program,
        inputs: &Inputs,
    ) -> Result<Vec<Tensor<f32>>, ComputeError> {
        for (tensor, slot) in inputs.tensors().iter().zip(&self.recipe.given) {
            device.queue.write_buffer(&self.tensors[slot.0], 0, bytemuck::cast_slice(tensor.as_slice()));
        }
        Self::tensors(self.launch(device, inputs.overrides())?, program)
    }

    /// Runs every stage on what the buffers hold. Gives the numbers of all results, one after another.
    pub(super) fn launch(&self, device: &Device, overrides: &[Override]) -> Result<Vec<f32>, ComputeError> {
        device.read_back(self.record(device, overrides), &self.readback)
    }

    /// Every stage and every copy to the read-back buffer. Numbers that are overridden by hand are copied over the
    /// results of their stage before the next one reads them.
    fn record(&self, device: &Device, overrides: &[Override]) -> wgpu::CommandBuffer {
        let mut encoder = device.wgpu.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let values = (!overrides.is_empty()).then(|| {
            let values: Vec<f32> = overrides.iter().map(|o| o.value).collect();
            let size = F32 * values.len() as u64;
            let usage = BufferUsages::COPY_SRC | BufferUsages::COPY_DST;
            let buffer = device.buffer("overrides", size, usage);
            device.queue.write_buffer(&buffer, 0, bytemuck::cast_slice(&values));
            buffer
        });
        let mut first = 0;
        for (i, _) in self.steps.iter().enumerate() {
            let made = self.recipe.launches[i].output;
            let over = || overrides.iter().enumerate().filter(|(_, o)| o.address.slot == made);
            if over().next().is_none() && i + 1 < self.steps.len() {
                continue;
            }
            self.dispatch(&mut encoder, first..i + 1);
            first = i + 1;
            if let Some(values) = &values {
                for (n, o) in over() {
                    let at = self.recipe.shapes[made.0].offset(o.address.cell) as u64;
                    encoder.copy_buffer_to_buffer(values, F32 * n as u64, &self.tensors[made.0], F32 * at, F32);
                }
            }
        }
        let mut offset = 0;
        for Launch { output, .. } in &self.recipe.launches {
            let tensor = &self.tensors[output.0];
            encoder.copy_buffer_to_buffer(tensor, 0, &self.readback, offset, tensor.size());
            offset += tensor.size();
        }
        encoder.finish()
    }

    /// Some stages, one after another, in one pass.
    fn dispatch(&self, encoder: &mut wgpu::CommandEncoder, steps: Range<usize>) {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        for Step { pipeline, bindings, workgroups: [x, y, z] } in &self.steps[steps] {
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, bindings, &[]);
            pass.dispatch_workgroups(*x, *y, *z);
        }
    }

    /// The numbers that were read back, one tensor a stage.
    fn tensors(numbers: Vec<f32>, program: &Program) -> Result<Vec<Tensor<f32>>, ComputeError> {
        let mut numbers = numbers.into_iter().map(|x| if x == HIDDEN { MASKED } else { x });
        let tensor = |shape: Shape| {
            let own: Vec<f32> = numbers.by_ref().take(shape.count()).collect();
            Tensor::from_vec(shape, own).ok_or_else(|| {
                ComputeError::Unfit(Text::owned(format!("{shape} 的数不够"), format!("too few numbers for {shape}")))
            })
        };
        program.stages().iter().map(|stage| stage.shape).map(tensor).collect()
    }
}
