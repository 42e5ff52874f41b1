//! The rungs, one a file: its name, its kernels with the reason for each, their constants and padding, how they share the work out.

mod block;
mod coalesced;
mod naive;
mod register;
mod subgroup;
mod tiled;

use super::layout::Layout;
use super::map::Map;
use super::seen::Seen;
use super::template::{Source, written};
use super::texels::elementwise;
use crate::ground::lang::Text;

pub(super) use block::BLOCK;
pub(super) use coalesced::COALESCED;
pub(super) use naive::NAIVE;
pub(super) use register::REGISTER;
pub(super) use subgroup::SUBGROUP;
pub(super) use tiled::TILED;

/// A file of `shaders/ladder/`.
#[derive(Debug, Clone)]
pub(super) struct File {
    /// Its name below `shaders/`, without its ending.
    pub(super) name: &'static str,
    /// What stands in it, and behind it the functions that it calls.
    pub(super) wgsl: &'static str,
    /// Why it is written so, in a learner's words.
    pub(super) reason: Text,
}

impl File {
    /// WGSL, written out with these constants.
    pub(super) fn written(&self, constants: Vec<(&'static str, usize)>) -> Source {
        written(self.name, self.wgsl, constants)
    }
}

/// A file of `shaders/ladder/`, the functions in another one that it calls, and the reason for it.
macro_rules! file {
    ($name:literal $(with $functions:literal)?, $zh:literal, $en:literal $(,)?) => {
        $crate::kernels::rungs::File {
            name: concat!("ladder/", $name),
            wgsl: concat!(
                include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/shaders/ladder/", $name, ".wgsl")),
                $(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/shaders/ladder/", $functions, ".wgsl")),)?
            ),
            reason: $crate::ground::lang::Text::new($zh, $en),
        }
    };
}
use file;

/// What a rung is made of.
#[derive(Debug)]
pub(super) struct Spec {
    /// Its name.
    pub(super) name: &'static str,
    /// Whether it needs subgroups of one size.
    pub(super) subgroups: bool,
    /// Its matrix product.
    pub(super) product: Product,
    /// Its softmax of rows, where it has one of its own.
    pub(super) softmax: Option<Softmax>,
    /// Its kernel for scores, softmax and sum in one, where it has one.
    pub(super) attention: Option<Attention>,
    /// What it makes between two products, where those have textures.
    pub(super) texels: Option<Texels>,
}

/// What is made from texture to texture by a rung.
#[derive(Debug)]
pub(super) struct Texels {
    /// The shader for what is made number by number.
    pub(super) each: File,
    /// The shader for what is made row by row.
    pub(super) rows: File,
}

/// `C = A · B` by a rung.
#[derive(Debug)]
pub(super) struct Product {
    /// The shader.
    pub(super) file: File,
    /// What the matrices have to be like.
    pub(super) takes: Takes,
    /// The constants of the shader, for so many lanes.
    pub(super) constants: fn(lanes: usize) -> Vec<(&'static str, usize)>,
    /// How cells are shared out, for so many lanes; planes and shape are filled in.
    pub(super) map: fn(map: Map, lanes: usize) -> Map,
}

/// How B lies in its texture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lies {
    /// Row by row.
    Rows,
    /// In panels.
    Panels,
    /// Turned: column by column.
    Turned,
}

impl Lies {
    /// All of them.
    pub(super) const ALL: [Self; 3] = [Self::Rows, Self::Panels, Self::Turned];

    /// How the layout that a kernel sees lies.
    pub(super) const fn of(layout: Layout) -> Self {
        match layout {
            Layout { panels: Some(_), .. } => Self::Panels,
            Layout { across: 2.., .. } => Self::Turned,
            _ => Self::Rows,
        }
    }

    /// The switch of its lines.
    const fn switch(self) -> &'static str {
        match self {
            Self::Rows => "ROWWISE",
            Self::Panels => "PANELS",
            Self::Turned => "TURNED",
        }
    }
}

/// Which lines of a product's shader are wanted, where it has such.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lines {
    /// Whether it is to sum up what rounding takes off.
    pub(super) careful: bool,
    /// How B lies.
    pub(super) lies: Lies,
    /// Panels of B that a subgroup works on; 1 where it has none.
    pub(super) panels: usize,
    /// The op that makes each number of the result of a sum: its epilogue.
    pub(super) epilogue: Option<&'static str>,
}

impl Lines {
    /// Sums and nothing else, of a B that lies so.
    pub(super) const fn plain(lies: Lies) -> Self {
        Self { careful: false, lies, panels: 1, epilogue: None }
    }
}

/// What a product's matrices have to be like.
#[derive(Debug, Clone, Copy)]
pub(super) enum Takes {
    /// Numbers in a buffer at any distances.
    Strided,
    /// Whole matrices in buffers, padded to multiples of so many rows, columns and inner numbers.
    Buffers(usize, usize, usize),
    /// The same in textures: rows for a lane, columns for a lane, inner numbers. What the host fills in for B comes in panels as
    /// wide as a subgroup's columns.
    Textures(usize, usize, usize),
}

/// Softmax of every row, in place, by a rung.
#[derive(Debug)]
pub(super) struct Softmax {
    /// The shader.
    pub(super) file: File,
    /// Invocations that share a row, for so many lanes; 1 where each makes a row of its own.
    pub(super) shared: fn(lanes: usize) -> usize,
    /// Whether it can hide scores by a mask.
    pub(super) masks: bool,
}

/// Scores, softmax and sum in one kernel by a rung.
#[derive(Debug)]
pub(super) struct Attention {
    /// The shader.
    pub(super) file: File,
    /// What the lens calls it.
    pub(super) name: &'static str,
    /// The constants of the shader, for heads of so many vec4 and so many lanes.
    pub(super) constants: fn(d4: usize, lanes: usize) -> Vec<(&'static str, usize)>,
    /// vec4 of a head's row up to which drivers compile it in a few seconds.
    pub(super) widest: usize,
    /// Queries that an invocation owns, of heads of so many vec4; invocations of a workgroup, for so many lanes.
    pub(super) queries: fn(d4: usize) -> usize,
    /// Invocations of a workgroup, for so many lanes.
    pub(super) side: fn(lanes: usize) -> usize,
    /// Whether invocations without a query of their own stay to the end.
    pub(super) idle: bool,
}

impl Product {
    /// WGSL, written out.
    pub(super) fn source(&self, lanes: usize, Lines { careful, lies, panels, epilogue }: Lines) -> Source {
        if matches!(self.takes, Takes::Strided) {
            return Source::File(self.file.wgsl);
        }
        let mut constants = (self.constants)(lanes);
        constants.extend([("COLS", panels), ("BARE", usize::from(epilogue.is_none()))]);
        constants.extend(elementwise(epilogue, 3));
        constants.extend([("PLAIN", usize::from(!careful)), ("CAREFUL", usize::from(careful))]);
        constants.extend(Lies::ALL.map(|other| (other.switch(), usize::from(other == lies))));
        constants.extend([("SHARED", usize::from(lies != Lies::Turned)), ("TALL", TALL)]);
        self.file.written(constants)
    }

    /// To multiples of how many rows, columns and inner numbers are padded.
    pub(super) const fn padding(&self, lanes: usize) -> (usize, usize, usize) {
        match self.takes {
            Takes::Strided => (1, 1, 4),
            Takes::Buffers(rows, cols, inner) => (rows, cols, inner),
            Takes::Textures(rows, cols, inner) => (lanes * rows, lanes * cols, inner),
        }
    }

    /// How wide a panel of B is, and the texels of a row of its texture; none where B's rows lie whole.
    pub(super) const fn panels(&self, lanes: usize) -> Option<(usize, usize)> {
        match self.takes {
            Takes::Textures(_, cols, _) => Some((lanes * cols, TALL * lanes)),
            Takes::Strided | Takes::Buffers(..) => None,
        }
    }

    /// Panels of B that a subgroup works on at once, where there are as many or a multiple of them: [`WIDE`] columns of the result.
    pub(super) fn panels_at_once(&self, lanes: usize, cols: usize) -> usize {
        let Some((panel, _)) = self.panels(lanes) else { return 1 };
        if cols.next_multiple_of(panel).is_multiple_of(WIDE) { (WIDE / panel).max(1) } else { 1 }
    }

    /// Whether the matrices are textures.
    pub(super) const fn textures(&self) -> bool {
        matches!(self.takes, Takes::Textures(..))
    }
}

impl Attention {
    /// WGSL, written out.
    pub(super) fn source(&self, d4: usize, lanes: usize, seen: Seen) -> Source {
        let [masked, earlier] = [Seen::Masked, Seen::Earlier].map(|other| usize::from(seen == other));
        let mut constants = (self.constants)(d4, lanes);
        constants.extend([("D4", d4), ("MASKED", masked), ("EARLIER", earlier), ("OUT", 2 + masked)]);
        self.file.written(constants)
    }
}

impl Softmax {
    /// WGSL, written out.
    pub(super) fn source(&self, lanes: usize, masked: bool) -> Source {
        self.file.written(vec![("LANES", lanes), ("MASKED", usize::from(masked))])
    }
}

/// Columns of the result that a subgroup makes where B lies in panels. With fewer it fetches more of A; with more its loop does not fit
/// into a processor's cache for instructions.
const WIDE: usize = 64;

/// Rows of a panel that make up a row of texels.
const TALL: usize = 32;

/// No constants.
fn none(_: usize) -> Vec<(&'static str, usize)> {
    Vec::new()
}
