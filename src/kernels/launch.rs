//! A launch: a shader, its sizes, what it binds, its workgroups, and which invocation makes which cell. It holds no numbers.

use super::layout::{Part, Storage};
use super::map::Map;
use super::template::Source;
use crate::math::ops::{Kernel, Unit};
use crate::math::tensor::{Shape, Tensor};
use crate::program::{Program, Slot, Stage};

/// How the taught shaders write a hidden score: drivers may assume that infinities do not occur.
pub const HIDDEN: f32 = f32::MIN;

/// How the shaders of the ladder write one: finite, and far below every other.
const LOWEST: f32 = -1e30;

/// Everything that a device, or the mirror, needs to know to carry one kernel out; the numbers of the buffers come beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Launch {
    /// The shader's file below `shaders/`, without its ending.
    pub file: &'static str,
    /// WGSL, written out.
    pub source: Source,
    /// The uniform block at binding 0, in words.
    pub size: Vec<u32>,
    /// The storage buffers and textures, from binding 1 on.
    pub buffers: Vec<Storage>,
    /// Which of them holds the result.
    pub result: usize,
    /// What the result's buffer holds before, where the kernel works in place.
    pub in_place: Option<Part>,
    /// Workgroups in x, y and z.
    pub workgroups: [u32; 3],
    /// Lanes of a subgroup that the shader was written out for; 1 where it does not ask.
    pub lanes: u32,
    /// Which invocation makes which cell.
    pub map: Map,
    /// How the shader writes a hidden score.
    pub hidden: f32,
}

impl Launch {
    /// The launch of a stage by its op's own kernel.
    pub fn taught(program: &Program, stage: &Stage, output: Slot) -> Self {
        let kernel = stage.op.kernel(&program.operand_shapes(stage), stage.shape);
        let operand = |&slot: &Slot| Storage::plain(program.symbol(slot).name.as_str(), slot, program.shape(slot));
        let made = Storage::plain(stage.symbol.name.as_str(), output, stage.shape);
        let buffers: Vec<Storage> = stage.operands.iter().map(operand).chain([made]).collect();
        Self::of_kernel(kernel, buffers, stage.shape)
    }

    /// The launch of an op's kernel over these buffers, of which the last is the result.
    pub(crate) fn of_kernel(kernel: Kernel, buffers: Vec<Storage>, out: Shape) -> Self {
        let [sentences, heads, rows, cols] = out.lens();
        let (planes, cells) = ((sentences, heads), (rows, cols));
        let map = match kernel.unit {
            Unit::Cell(side) => Map::per_cell(planes, cells, side as usize),
            Unit::Row(rows) => Map::per_row(planes, cells, rows as usize),
        };
        Self {
            file: kernel.shader.name,
            source: Source::File(kernel.shader.source),
            size: kernel.size,
            result: buffers.len().saturating_sub(1),
            buffers,
            in_place: None,
            workgroups: kernel.workgroups,
            lanes: 1,
            map,
            hidden: HIDDEN,
        }
    }

    /// The launch of a rung's kernel over these buffers, of which the last is the result.
    pub(super) fn of_rung(
        (file, source): (&'static str, Source),
        size: Vec<u32>,
        buffers: Vec<Storage>,
        (map, lanes): (Map, u32),
    ) -> Self {
        let (result, workgroups) = (buffers.len().saturating_sub(1), map.workgroups());
        Self { file, source, size, buffers, result, in_place: None, workgroups, lanes, map, hidden: LOWEST }
    }

    /// The numbers that its buffers start with, a tensor's wherever the launch reads one.
    pub fn filled<'t>(&self, tensor: impl Fn(Slot) -> &'t Tensor<f32> + Copy) -> Vec<Vec<f32>> {
        let start = |(n, storage): (usize, &Storage)| match self.in_place {
            _ if n != self.result => storage.filled(self.hidden, tensor),
            Some(part) => Storage { holds: vec![part], ..storage.clone() }.filled(self.hidden, tensor),
            None => vec![0.0; storage.numbers],
        };
        self.buffers.iter().enumerate().map(start).collect()
    }

    /// The place of a cell in the result's buffer.
    pub fn place(&self, plane: (usize, usize), row: usize, col: usize) -> usize {
        self.buffers[self.result].layout.at(plane, row, col)
    }

    /// Invocations of the whole launch.
    pub fn invocations(&self) -> usize {
        let groups: usize = self.workgroups.iter().map(|&n| n as usize).product();
        groups * self.map.side.0 * self.map.side.1 * self.map.shared
    }
}
