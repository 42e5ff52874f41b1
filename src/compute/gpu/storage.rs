//! What kernels read and write: buffers, and textures of four numbers a texel.
//!
//! Both are filled and read back as numbers in a row, a texture's rows of texels one after another, and in pieces: however large a
//! tensor is, no more than [`PIECE`] of it is on its way at once.

use std::ops::Range;

use wgpu::{BufferUsages, TextureUsages};

use super::ComputeError;
use super::device::Device;
use crate::kernels::Storage;

/// Bytes of one number.
pub(super) const F32: u64 = 4;

/// Bytes of a texel: four numbers.
const TEXEL: u64 = 4 * F32;

/// Numbers that are on their way at once: 4 MiB.
pub(super) const PIECE: usize = 1 << 20;

/// Numbers on the device.
#[derive(Debug)]
pub(super) enum DeviceTensor {
    /// As WGSL's `array<f32>` or `array<vec4f>`.
    Buffer(wgpu::Buffer),
    /// As WGSL's `texture_storage_2d<rgba32float, read>`, or `write`.
    Texture(wgpu::Texture, wgpu::TextureView),
}

impl DeviceTensor {
    /// Room for a storage, its numbers 0.
    pub(super) fn new(device: &Device, storage: &Storage) -> Self {
        let label = Some(storage.symbol);
        let Some(texels) = storage.texels else {
            let usage = BufferUsages::STORAGE | BufferUsages::COPY_DST | BufferUsages::COPY_SRC;
            return Self::Buffer(device.buffer(storage.symbol, F32 * storage.numbers as u64, usage));
        };
        let texture = device.wgpu.create_texture(&wgpu::TextureDescriptor {
            label,
            size: wgpu::Extent3d { width: texels as u32, height: storage.height() as u32, depth_or_array_layers: 1 },
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

    /// Numbers that it has room for.
    pub(super) fn numbers(&self) -> usize {
        (self.bytes() / F32) as usize
    }

    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> u64 {
        match self {
            Self::Buffer(buffer) => buffer.size(),
            Self::Texture(texture, _) => TEXEL * u64::from(texture.width()) * u64::from(texture.height()),
        }
    }

    /// The pieces in which it is filled and read back: whole rows of a texture.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Range<usize>> + use<> {
        let row = match self {
            Self::Buffer(_) => 1,
            Self::Texture(texture, _) => 4 * texture.width() as usize,
        };
        let (all, piece) = (self.numbers(), (PIECE / row).max(1) * row);
        (0..all).step_by(piece).map(move |from| from..(from + piece).min(all))
    }

    /// Hands a piece to the queue, to lie here before the next work begins.
    pub(super) fn write(&self, device: &Device, first: usize, numbers: &[f32]) {
        let bytes = bytemuck::cast_slice(numbers);
        match self {
            Self::Buffer(buffer) => device.queue.write_buffer(buffer, F32 * first as u64, bytes),
            Self::Texture(texture, _) => {
                let (to, size) = part(texture, first, numbers.len());
                device.queue.write_texture(to, bytes, rows(texture, 0), size);
            }
        }
    }

    /// Fills all of it piece by piece, as `fill` writes each: from which number on, into what is still 0.
    pub(super) fn fill(&self, device: &Device, mut fill: impl FnMut(usize, &mut [f32])) -> Result<(), ComputeError> {
        let mut numbers = Vec::new();
        for piece in self.pieces() {
            numbers.clear();
            numbers.resize(piece.len(), 0.0);
            fill(piece.start, &mut numbers);
            self.written(device, piece.start, &numbers)?;
        }
        Ok(())
    }

    /// Fills all of it with these numbers.
    pub(super) fn upload(&self, device: &Device, numbers: &[f32]) -> Result<(), ComputeError> {
        self.pieces().try_for_each(|piece| self.written(device, piece.start, &numbers[piece]))
    }

    /// Writes a piece. No more than one is on its way, or as many small ones.
    fn written(&self, device: &Device, first: usize, numbers: &[f32]) -> Result<(), ComputeError> {
        self.write(device, first, numbers);
        device.handed_over(size_of_val(numbers) as u64, F32 * PIECE as u64)
    }

    /// To be bound to a shader.
    pub(super) fn resource(&self) -> wgpu::BindingResource<'_> {
        match self {
            Self::Buffer(buffer) => buffer.as_entire_binding(),
            Self::Texture(_, view) => wgpu::BindingResource::TextureView(view),
        }
    }

    /// Records a copy of a piece to a place in a buffer.
    pub(super) fn copy(&self, encoder: &mut wgpu::CommandEncoder, piece: &Range<usize>, to: (&wgpu::Buffer, u64)) {
        match self {
            Self::Buffer(buffer) => {
                let (from, size) = (F32 * piece.start as u64, F32 * piece.len() as u64);
                encoder.copy_buffer_to_buffer(buffer, from, to.0, to.1, size);
            }
            Self::Texture(texture, _) => {
                let (from, size) = part(texture, piece.start, piece.len());
                let to = wgpu::TexelCopyBufferInfo { buffer: to.0, layout: rows(texture, to.1) };
                encoder.copy_texture_to_buffer(from, to, size);
            }
        }
    }

    /// Records a copy of all of a buffer into another.
    pub(super) fn copy_into(&self, encoder: &mut wgpu::CommandEncoder, to: &Self) {
        if let (Self::Buffer(from), Self::Buffer(to)) = (self, to) {
            encoder.copy_buffer_to_buffer(from, 0, to, 0, from.size());
        }
    }

    /// Records that a number of a buffer becomes one of `values`.
    pub(super) fn set(&self, encoder: &mut wgpu::CommandEncoder, place: usize, (values, n): (&wgpu::Buffer, usize)) {
        if let Self::Buffer(buffer) = self {
            encoder.copy_buffer_to_buffer(values, F32 * n as u64, buffer, F32 * place as u64, F32);
        }
    }
}

/// Whole rows of a texture.
fn part(texture: &wgpu::Texture, first: usize, numbers: usize) -> (wgpu::TexelCopyTextureInfo<'_>, wgpu::Extent3d) {
    let row = 4 * texture.width() as usize;
    let from = wgpu::TexelCopyTextureInfo {
        origin: wgpu::Origin3d { x: 0, y: (first / row) as u32, z: 0 },
        ..texture.as_image_copy()
    };
    let size = wgpu::Extent3d { width: texture.width(), height: (numbers / row) as u32, depth_or_array_layers: 1 };
    (from, size)
}

/// How a texture's rows lie in bytes, from a place on.
fn rows(texture: &wgpu::Texture, offset: u64) -> wgpu::TexelCopyBufferLayout {
    wgpu::TexelCopyBufferLayout { offset, bytes_per_row: Some(TEXEL as u32 * texture.width()), rows_per_image: None }
}
