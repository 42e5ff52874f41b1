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
    /// Tiles in registers, loads shared by the subgroup, softmax fused.
    Subgroup,
}

impl Rung {
    /// All of them, the plainest first.
    pub const ALL: [Self; 5] = [Self::Naive, Self::Coalesced, Self::Tiled, Self::Register, Self::Subgroup];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::Coalesced => "coalesced",
            Self::Tiled => "tiled",
            Self::Register => "register",
            Self::Subgroup => "subgroup",
        }
    }

    /// The rung of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rung| rung.name() == name)
    }

    /// Whether softmax is part of the attention kernel, so that scores are never written down.
    pub const fn is_fused(self) -> bool {
        matches!(self, Self::Register | Self::Subgroup)
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
        MATMUL_SUBGROUP = "matmul_subgroup",
        SOFTMAX_ROWS = "softmax_rows",
        SOFTMAX_TILED = "softmax_tiled",
        SOFTMAX_SUBGROUP = "softmax_subgroup",
        ATTENTION_REGISTER = "attention_register",
        ATTENTION_SUBGROUP = "attention_subgroup",
        PEAK = "peak",
    }
}

/// vec4 of a head's row up to which the fused kernels keep a row in registers.
pub const WIDEST: usize = 75;

/// Rows of the result that a lane of the subgroup matmul owns.
pub const ROWS_A_LANE: usize = 4;

/// Queries that a lane of the subgroup attention owns.
pub const QUERIES: usize = 4;

/// Keys between two rescalings of the subgroup attention.
pub const KEYS: usize = 4;
