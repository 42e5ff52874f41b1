//! The GPU backend: WGSL through wgpu.
