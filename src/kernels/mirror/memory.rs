//! Buffers, workgroup memory and variables as words, laid out as WGSL lays them out.

use naga::proc::GlobalCtx;
use naga::{Handle, Module, Scalar as Kind, Type, TypeInner};

use super::value::{Pointee, Scalar, Value};
use crate::kernels::Launch;

/// The buffers of a launch while it runs, and how often each number was loaded.
#[derive(Debug, Clone)]
pub struct Memory {
    /// The storage buffers and textures as words, in the order of their bindings.
    pub(super) buffers: Vec<Vec<u32>>,
    /// Texels in a row of those that are textures.
    pub(super) texels: Vec<Option<usize>>,
    /// How often each word was loaded.
    pub(super) loads: Vec<Vec<u32>>,
    /// The uniform block.
    pub(super) size: Vec<u32>,
}

impl Memory {
    /// The memory that a launch starts with: the numbers of each of its buffers.
    pub fn new(launch: &Launch, numbers: &[Vec<f32>]) -> Self {
        let buffers: Vec<Vec<u32>> =
            numbers.iter().map(|numbers| numbers.iter().map(|x| x.to_bits()).collect()).collect();
        let loads = buffers.iter().map(|words| vec![0; words.len()]).collect();
        let texels = launch.buffers.iter().map(|storage| storage.texels).collect();
        Self { buffers, texels, loads, size: launch.size.clone() }
    }

    /// The first word of a texel; none where the texture has no such column and row.
    pub(super) fn texel(&self, texture: usize, (x, y): (usize, usize)) -> Option<usize> {
        let wide = self.texels.get(texture).copied().flatten().filter(|&wide| x < wide)?;
        let word = 4 * (y * wide + x);
        (word < self.buffers[texture].len()).then_some(word)
    }

    /// One number of a buffer.
    pub fn number(&self, buffer: usize, place: usize) -> Option<f32> {
        self.buffers.get(buffer)?.get(place).map(|&bits| f32::from_bits(bits))
    }

    /// How often each number of a buffer was loaded so far.
    pub fn loads(&self, buffer: usize) -> &[u32] {
        self.loads.get(buffer).map_or(&[], Vec::as_slice)
    }
}

/// Words that a value of this type takes.
pub(super) fn words(module: &Module, context: GlobalCtx<'_>, ty: Handle<Type>) -> usize {
    (module.types[ty].inner.size(context) as usize).div_ceil(4)
}

/// Words of what a pointer points to.
pub(super) fn width(module: &Module, context: GlobalCtx<'_>, to: Pointee) -> usize {
    match to {
        Pointee::Type(ty) => words(module, context, ty),
        Pointee::Part(_) => 1,
    }
}

/// The value that stands at the start of these words; what lies outside reads as 0.
pub(super) fn read(module: &Module, to: Pointee, from: &[u32]) -> Value {
    let word = |i: usize| from.get(i).copied().unwrap_or(0);
    let scalar = |kind: Kind, i: usize| Scalar::of_bits(kind.kind, word(i));
    let ty = match to {
        Pointee::Part(kind) => return Value::One(Scalar::of_bits(kind, word(0))),
        Pointee::Type(ty) => ty,
    };
    match &module.types[ty].inner {
        TypeInner::Scalar(kind) => Value::One(scalar(*kind, 0)),
        TypeInner::Vector { size, scalar: kind } => {
            Value::Vector((0..*size as usize).map(|i| scalar(*kind, i)).collect())
        }
        TypeInner::Array { base, size: naga::ArraySize::Constant(count), stride } => {
            let part = |i: usize| tail(from, i * *stride as usize / 4);
            Value::Many((0..count.get() as usize).map(|i| read(module, Pointee::Type(*base), part(i))).collect())
        }
        TypeInner::Struct { members, .. } => {
            let part = |m: &naga::StructMember| read(module, Pointee::Type(m.ty), tail(from, m.offset as usize / 4));
            Value::Many(members.iter().map(part).collect())
        }
        _ => Value::None,
    }
}

fn tail(words: &[u32], start: usize) -> &[u32] {
    words.get(start..).unwrap_or(&[])
}

/// Writes a value to the start of these words; what lies outside is lost.
pub(super) fn write(module: &Module, to: Pointee, value: &Value, into: &mut [u32]) {
    let ty = if let Pointee::Type(ty) = to { Some(ty) } else { None };
    match value {
        Value::One(x) => into.iter_mut().take(1).for_each(|word| *word = x.bits()),
        Value::Vector(xs) => into.iter_mut().zip(xs).for_each(|(word, x)| *word = x.bits()),
        Value::Many(parts) => {
            for (i, part) in parts.iter().enumerate() {
                let Some((ty, start)) = ty.and_then(|ty| step(module, ty, i)) else { continue };
                if let Some(rest) = into.get_mut(start..) {
                    write(module, ty, part, rest);
                }
            }
        }
        Value::None | Value::Pointer(_) => {}
    }
}

/// The type of a part and how many words from the beginning it lies.
pub(super) fn step(module: &Module, ty: Handle<Type>, index: usize) -> Option<(Pointee, usize)> {
    match &module.types[ty].inner {
        TypeInner::Vector { scalar, .. } => Some((Pointee::Part(scalar.kind), index)),
        TypeInner::Array { base, stride, .. } => Some((Pointee::Type(*base), index * *stride as usize / 4)),
        TypeInner::Struct { members, .. } => {
            members.get(index).map(|member| (Pointee::Type(member.ty), member.offset as usize / 4))
        }
        _ => None,
    }
}

/// The value of a type whose every number is 0.
pub(super) fn zero(module: &Module, ty: Handle<Type>) -> Value {
    read(module, Pointee::Type(ty), &[])
}
