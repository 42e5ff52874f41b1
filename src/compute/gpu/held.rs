//! What kernels read and write: buffers, and textures of four numbers a texel.
//!
//! Both are uploaded and read back as numbers in a row; a texture's rows of texels lie one after another.

use wgpu::{BufferUsages, TextureUsages};

use super::device::Device;
use super::recipe::F32;

/// Bytes of a texel: four numbers.
const TEXEL: u64 = 4 * F32;

/// Numbers on the device.
pub(super) enum Held {
    /// As WGSL's `array<f32>` or `array<vec4f>`.
    Buffer(wgpu::Buffer),
    /// As WGSL's `texture_storage_2d<rgba32float, read>`, or `write`.
    Texture(wgpu::Texture, wgpu::TextureView),
}

impl Held {
    /// Room for so many numbers: a texture where a number of texels in a row is given, which [`crate::kernels::texels`] chose.
    pub(super) fn new(device: &Device, label: &str, numbers: usize, texels: Option<usize>) -> Self {
        let Some(texels) = texels else {
            let usage = BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC;
            return Self::Buffer(device.buffer(label, F32 * numbers as u64, usage));
        };
        let texture = device.wgpu.create_texture(&wgpu::TextureDescriptor {
            label: Some(label),
            size: wgpu::Extent3d {
                width: texels as u32,
                height: numbers.div_ceil(4 * texels.max(1)) as u32,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: wgpu::TextureFormat::Rgba32Float,
            usage: TextureUsages::STORAGE_BINDING | TextureUsages::COPY_DST | TextureUsages::COPY_SRC,
            view_formats: &[],
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        Self::Texture(texture, view)
    }

    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::Buffer(buffer) => buffer.size(),
            Self::Texture(texture, _) => TEXEL * u64::from(texture.width()) * u64::from(texture.height()),
        }
    }

    /// Hands numbers to the queue, to lie here before the next work begins.
    pub(super) fn upload(&self, device: &Device, numbers: &[f32]) {
        let bytes = bytemuck::cast_slice(numbers);
        match self {
            Self::Buffer(buffer) => device.queue.write_buffer(buffer, 0, bytes),
            Self::Texture(texture, _) => {
                device.queue.write_texture(texture.as_image_copy(), bytes, rows(texture), texture.size());
            }
        }
    }

    /// To be bound to a shader.
    pub(super) fn resource(&self) -> wgpu::BindingResource<'_> {
        match self {
            Self::Buffer(buffer) => buffer.as_entire_binding(),
            Self::Texture(_, view) => wgpu::BindingResource::TextureView(view),
        }
    }

    /// A buffer from which all of it can be read back.
    pub(super) fn readback(&self, device: &Device) -> wgpu::Buffer {
        device.buffer("read back", self.bytes(), BufferUsages::MAP_READ | BufferUsages::COPY_DST)
    }

    /// Records a copy of all of it.
    pub(super) fn copy(&self, encoder: &mut wgpu::CommandEncoder, to: &wgpu::Buffer) {
        match self {
            Self::Buffer(buffer) => encoder.copy_buffer_to_buffer(buffer, 0, to, 0, buffer.size()),
            Self::Texture(texture, _) => {
                let to = wgpu::TexelCopyBufferInfo { buffer: to, layout: rows(texture) };
                encoder.copy_texture_to_buffer(texture.as_image_copy(), to, texture.size());
            }
        }
    }
}

/// How a texture's rows lie in bytes.
fn rows(texture: &wgpu::Texture) -> wgpu::TexelCopyBufferLayout {
    wgpu::TexelCopyBufferLayout { offset: 0, bytes_per_row: Some(TEXEL as u32 * texture.width()), rows_per_image: None }
}
