//! Compiled shaders, each compiled once.

use std::collections::HashMap;

use super::ComputeError;
use super::device::Device;
use crate::math::ops::Shader;

/// The pipelines of one device, by their source.
#[derive(Default)]
pub(super) struct Pipelines {
    compiled: HashMap<String, wgpu::ComputePipeline>,
    replaced: Vec<Shader>,
}

impl Pipelines {
    /// None compiled yet; `replaced` shaders are used in place of those of the same name.
    pub(super) fn new(replaced: Vec<Shader>) -> Self {
        Self { compiled: HashMap::new(), replaced }
    }

    /// The pipeline of a shader, by its file and its source.
    pub(super) fn get(
        &mut self,
        device: &Device,
        file: &str,
        source: &str,
    ) -> Result<wgpu::ComputePipeline, ComputeError> {
        let source = self.replaced.iter().find(|shader| shader.name == file).map_or(source, |shader| shader.source);
        if let Some(pipeline) = self.compiled.get(source) {
            return Ok(pipeline.clone());
        }
        let pipeline = device.compile(file, source)?;
        self.compiled.insert(source.to_owned(), pipeline.clone());
        Ok(pipeline)
    }
}
