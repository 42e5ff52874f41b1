//! A launch as plain data: which shader, its sizes, how many workgroups.
//!
//! Every shader binds a uniform block of sizes at 0, its operands from 1 on, and the result last.

use crate::math::tensor::Shape;

/// A WGSL file of `shaders/`, compiled into the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shader {
    /// The file's name without its ending; also the op's name.
    pub name: &'static str,
    /// The source.
    pub source: &'static str,
}

macro_rules! shaders {
    ($($name:ident),* $(,)?) => {
        $(
            #[doc = concat!("`shaders/", stringify!($name), ".wgsl`")]
            #[expect(non_upper_case_globals, reason = "named as its file")]
            pub(super) const $name: Shader = Shader {
                name: stringify!($name),
                source: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/shaders/", stringify!($name), ".wgsl")),
            };
        )*
        /// Every shader, for the check that each is valid and for warming them up.
        pub const SHADERS: &[Shader] = &[$($name),*];
    };
}

shaders![concat, mask, matmul, matmul_transposed, project, scale, softmax, split];

/// How to launch a shader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kernel {
    /// Which one.
    pub shader: Shader,
    /// The uniform block, in the order of the shader's `struct Size`; f32 by their bits.
    pub size: Vec<u32>,
    /// Workgroups in x, y and z.
    pub workgroups: [u32; 3],
}

/// Width and height of a workgroup in every kernel that computes one cell an invocation.
const SIDE: u32 = 8;

/// Rows of a workgroup in kernels that compute one row an invocation.
const ROWS: u32 = 64;

impl Kernel {
    /// One invocation for each cell of the result; `z` counts sentences × heads.
    pub(super) fn per_cell(shader: Shader, size: Vec<u32>, out: Shape) -> Self {
        let [batch, heads, rows, cols] = out.lens().map(|n| n as u32);
        Self { shader, size, workgroups: [cols.div_ceil(SIDE), rows.div_ceil(SIDE), batch * heads] }
    }

    /// One invocation for each row of the result; `z` counts sentences × heads.
    pub(super) fn per_row(shader: Shader, size: Vec<u32>, out: Shape) -> Self {
        let [batch, heads, rows, _] = out.lens().map(|n| n as u32);
        Self { shader, size, workgroups: [rows.div_ceil(ROWS), 1, batch * heads] }
    }
}

/// The last word of the product kernels' sizes. They sum with compensation, which holds only where the
/// driver's compiler cannot cancel `(a + b) − a`; a zero that it learns at run time keeps it from doing so.
pub(super) const ZERO: u32 = 0;

/// How far apart two sentences and two heads lie in a tensor's numbers; 0 where all share the same.
pub(super) fn strides(shape: Shape) -> [u32; 2] {
    let [_, heads, rows, cols] = shape.lens();
    let matrix = (rows * cols) as u32;
    [if shape.batch.is_some() { heads as u32 * matrix } else { 0 }, if shape.heads.is_some() { matrix } else { 0 }]
}
