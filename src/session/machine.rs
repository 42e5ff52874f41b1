//! The machines that compute: what they are made of, and what can go wrong on them.

use std::fmt;
use std::time::Duration;

use crate::program::Backend;
use crate::study::race::NoTime;

/// What a device allows. Sizes in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The largest tensor that a shader can read or write.
    pub tensor: u64,
    /// The largest buffer; all results of a run are read back through one.
    pub buffer: u64,
    /// Workgroups of a launch, in each direction.
    pub workgroups: u32,
    /// Invocations in a workgroup.
    pub invocations: u32,
    /// Texels of a texture, in each direction.
    pub texels: u32,
}

/// What `qkv doctor` says of an adapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdapterReport {
    /// Its name, interface and kind.
    pub backend: Backend,
    /// The driver's name and version.
    pub driver: String,
    /// What it allows.
    pub limits: Limits,
    /// Whether it opens and passes the self-test.
    pub verdict: Result<(), ComputeError>,
}

/// What a device is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hardware {
    /// The driver's name and version.
    pub driver: String,
    /// Lanes of a subgroup, where every subgroup has as many and kernels may use them.
    pub lanes: Option<usize>,
    /// Invocations that a workgroup may have.
    pub invocations: u32,
    /// Bytes of workgroup memory.
    pub shared: u32,
    /// Bytes of the largest buffer that a shader can read.
    pub buffer: u64,
    /// Workgroups of a launch, in each direction.
    pub workgroups: u32,
}

/// How much of something a device has or would need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// Bytes of a buffer.
    Bytes(u64),
    /// Workgroups in one direction of a launch.
    Workgroups(u64),
    /// Texels in one direction of a texture.
    Texels(u64),
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Bytes(n) if n < 1 << 20 => write!(f, "{n} bytes"),
            Self::Bytes(n) => write!(f, "{} MiB", n.div_ceil(1 << 20)),
            Self::Workgroups(n) => write!(f, "{n} workgroups"),
            Self::Texels(n) => write!(f, "{n} texels"),
        }
    }
}

/// What can go wrong on a device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComputeError {
    /// No driver offers an adapter.
    #[error("no graphics adapter was found ({0})")]
    NoAdapter(String),
    /// The driver refused to open the adapter.
    #[error("the adapter {adapter} could not be opened: {why}")]
    Open {
        /// Which.
        adapter: String,
        /// The driver's words.
        why: String,
    },
    /// The adapter computes wrong numbers.
    #[error("the adapter {adapter} failed its self-test: {why}")]
    SelfTest {
        /// Which.
        adapter: String,
        /// The stage and the difference.
        why: String,
    },
    /// A tensor or launch beyond the device's limits; found before anything is allocated.
    #[error("{what}: {needed} needed, the device allows {limit}")]
    TooLarge {
        /// What.
        what: String,
        /// How much it needs.
        needed: Amount,
        /// How much there may be.
        limit: Amount,
    },
    /// The device's memory is full.
    #[error("the device is out of memory: {0}")]
    OutOfMemory(String),
    /// The device refused a shader or a command.
    #[error("the device refused the work: {0}")]
    Refused(String),
    /// The device went away.
    #[error("the device was lost: {0}")]
    Lost(String),
    /// The device did not answer.
    #[error("the device did not answer within {} s", .0.as_secs())]
    Timeout(Duration),
}

impl From<ComputeError> for NoTime {
    fn from(error: ComputeError) -> Self {
        Self::Refused(error.to_string())
    }
}
