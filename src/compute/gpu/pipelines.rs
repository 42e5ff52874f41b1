//! Compiled shaders, each compiled once.

use std::collections::HashMap;

use super::ComputeError;
use super::device::Device;
use crate::math::ops::Shader;

/// The pipelines of one device, by the name of their shader.
#[derive(Default)]
pub(super) struct Pipelines {
    compiled: HashMap<&'static str, wgpu::ComputePipeline>,
    replaced: Vec<Shader>,
}

impl Pipelines {
    /// None compiled yet; `replaced` shaders are used in place of those of the same name.
    pub(super) fn new(replaced: Vec<Shader>) -> Self {
        Self { compiled: HashMap::new(), replaced }
    }

    /// The pipeline of a shader.
    pub(super) fn get(&mut self, device: &Device, shader: Shader) -> Result<wgpu::ComputePipeline, ComputeError> {
        if let Some(pipeline) = self.compiled.get(shader.name) {
            return Ok(pipeline.clone());
        }
        let shader = self.replaced.iter().copied().find(|s| s.name == shader.name).unwrap_or(shader);
        let pipeline = device.compile(shader.name, shader.source)?;
        self.compiled.insert(shader.name, pipeline.clone());
        Ok(pipeline)
    }
}
