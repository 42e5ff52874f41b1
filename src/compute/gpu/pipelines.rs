//! Compiled shaders, each compiled once as long as it is used now and then.

use std::collections::HashMap;

use super::ComputeError;
use super::device::Device;
use crate::math::ops::Shader;

/// How many are kept: every kernel of a few samples. Some are written for one shape alone, and there is no end of shapes.
const MOST: usize = 64;

/// The pipelines of one device, by their source.
#[derive(Default)]
pub(super) struct Pipelines {
    compiled: HashMap<String, (wgpu::ComputePipeline, u64)>, // and when each was asked for last
    clock: u64,
    replaced: Vec<Shader>,
}

impl Pipelines {
    /// None compiled yet; `replaced` shaders are used in place of those of the same name.
    pub(super) fn new(replaced: Vec<Shader>) -> Self {
        Self { replaced, ..Self::default() }
    }

    /// The pipeline of a shader, by its file and its source.
    pub(super) fn get(
        &mut self,
        device: &Device,
        file: &str,
        source: &str,
    ) -> Result<wgpu::ComputePipeline, ComputeError> {
        let source = self.replaced.iter().find(|shader| shader.name == file).map_or(source, |shader| shader.source);
        self.clock += 1;
        if let Some((pipeline, used)) = self.compiled.get_mut(source) {
            *used = self.clock;
            return Ok(pipeline.clone());
        }
        let pipeline = device.compile(file, source)?;
        if self.compiled.len() >= MOST {
            // A plan that still runs it has a handle of its own.
            let oldest = self.compiled.iter().min_by_key(|(_, (_, used))| *used).map(|(source, _)| source.clone());
            oldest.and_then(|oldest| self.compiled.remove(&oldest));
        }
        self.compiled.insert(source.to_owned(), (pipeline.clone(), self.clock));
        Ok(pipeline)
    }
}
