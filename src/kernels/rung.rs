//! The rungs of the ladder: the same work by kernels that are written better and better.

/// A way to write the kernels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rung {
    /// One invocation a cell, neighbours far apart in memory.
    Naive,
    /// The same, neighbours side by side.
    Coalesced,
    /// Tiles in workgroup memory.
    Tiled,
    /// Tiles in registers, softmax fused.
    Register,
    /// Tiles in workgroup memory, and in registers what an invocation makes of them; softmax fused.
    Block,
    /// Tiles in registers, loads shared by the subgroup, softmax fused.
    Subgroup,
}

impl Rung {
    /// All of them, the plainest first.
    pub const ALL: [Self; 6] = [Self::Naive, Self::Coalesced, Self::Tiled, Self::Register, Self::Block, Self::Subgroup];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::Coalesced => "coalesced",
            Self::Tiled => "tiled",
            Self::Register => "register",
            Self::Block => "block",
            Self::Subgroup => "subgroup",
        }
    }

    /// The rung of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rung| rung.name() == name)
    }

    /// Whether softmax is part of the attention kernel, so that scores are never written down.
    pub const fn is_fused(self) -> bool {
        matches!(self, Self::Register | Self::Block | Self::Subgroup)
    }

    /// Whether its attention kernel, written out for heads of so many vec4, is one that drivers compile in a few seconds.
    pub const fn fuses(self, d4: usize) -> bool {
        match self {
            Self::Naive | Self::Coalesced | Self::Tiled => false,
            Self::Register | Self::Block => d4 <= WIDEST,
            Self::Subgroup => d4 <= 32,
        }
    }

    /// Whether it reads and writes textures instead of buffers.
    pub const fn reads_textures(self) -> bool {
        matches!(self, Self::Subgroup)
    }

    /// To multiples of how many a product's rows, columns and inner dimension are padded, so that no edge needs a branch.
    pub const fn padding(self, lanes: usize) -> (usize, usize, usize) {
        match self {
            Self::Naive | Self::Coalesced | Self::Tiled => (1, 1, 4),
            Self::Register => (64, 64, 4),
            Self::Block => (64, 64, 16),
            Self::Subgroup => (lanes * ROWS_A_LANE, 4 * lanes, 4),
        }
    }
}

/// The WGSL files of `shaders/ladder/`, each opening with its formula and the reason for its rung.
pub mod sources {
    macro_rules! source {
        ($($name:ident = $file:literal),* $(,)?) => {
            $(
                #[doc = concat!("`shaders/ladder/", $file, ".wgsl`")]
                pub const $name: &str =
                    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/shaders/ladder/", $file, ".wgsl"));
            )*
            /// Every file, by its name.
            pub const ALL: &[(&str, &str)] = &[$(($file, $name)),*];
        };
    }

    source! {
        MATMUL_NAIVE = "matmul_naive",
        MATMUL_COALESCED = "matmul_coalesced",
        MATMUL_TILED = "matmul_tiled",
        MATMUL_REGISTER = "matmul_register",
        MATMUL_BLOCK = "matmul_block",
        MATMUL_SUBGROUP = "matmul_subgroup",
        SOFTMAX_ROWS = "softmax_rows",
        SOFTMAX_TILED = "softmax_tiled",
        SOFTMAX_SUBGROUP = "softmax_subgroup",
        ATTENTION_REGISTER = "attention_register",
        ATTENTION_BLOCK = "attention_block",
        ATTENTION_SUBGROUP = "attention_subgroup",
        PEAK = "peak",
    }
}

/// vec4 of a head's row up to which a fused kernel is written out.
pub const WIDEST: usize = 75;

/// Rows of the result that a lane of the subgroup matmul owns.
pub const ROWS_A_LANE: usize = 4;

/// Queries that a lane of the subgroup attention owns: fewer of wide heads, so that the kernel does not grow too long.
pub const fn queries(d4: usize) -> usize {
    if d4 <= 16 { 4 } else { 2 }
}

/// Keys between two rescalings of the subgroup attention.
pub const KEYS: usize = 4;

/// Keys and values that the block attention keeps in workgroup memory: 16 at most, and no more than fit into the 16 KiB
/// that every device has.
pub const fn kept_keys(d4: usize) -> usize {
    let fit = (16 << 10) / (2 * 16 * if d4 == 0 { 1 } else { d4 });
    if fit > 16 { 16 } else { fit }
}
