//! The machines that compute: what they are made of, and what can go wrong on them.

use std::time::Duration;

use crate::ground::exit::Exit;
use crate::ground::fault::Failure;
use crate::ground::lang::Text;
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

impl Amount {
    /// The amount with its unit.
    pub fn words(self) -> Text {
        match self {
            Self::Bytes(n) if n < 1 << 20 => Text::owned(format!("{n} 字节"), format!("{n} bytes")),
            Self::Bytes(n) => Text::same(format!("{} MiB", n.div_ceil(1 << 20))),
            Self::Workgroups(n) => Text::owned(format!("{n} 个工作组"), format!("{n} workgroups")),
            Self::Texels(n) => Text::owned(format!("{n} 个纹素"), format!("{n} texels")),
        }
    }
}

/// What can go wrong on a device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.words().en)]
pub enum ComputeError {
    /// No driver offers an adapter; where it was looked for, or why not.
    NoAdapter(Text),
    /// The driver refused to open the adapter.
    Open {
        /// Which.
        adapter: String,
        /// The driver's words.
        why: String,
    },
    /// The adapter computes wrong numbers.
    SelfTest {
        /// Which.
        adapter: String,
        /// The number and the difference.
        why: Text,
    },
    /// A tensor or launch beyond the device's limits; found before anything is allocated.
    TooLarge {
        /// What.
        what: Text,
        /// How much it needs.
        needed: Amount,
        /// How much there may be.
        limit: Amount,
    },
    /// Work that is none: tensors without numbers, or with other ones than they should have.
    Unfit(Text),
    /// The device's memory is full; in the driver's words.
    OutOfMemory(String),
    /// The device refused a shader or a command; in the driver's words.
    Refused(String),
    /// The device went away; in the driver's words.
    Lost(String),
    /// The device did not answer for so long.
    Timeout(Duration),
}

impl Failure for ComputeError {
    fn words(&self) -> Text {
        match self {
            Self::NoAdapter(why) => Text::owned(
                format!("没有找到图形适配器（{}）", why.zh),
                format!("no graphics adapter was found ({})", why.en),
            ),
            Self::Open { adapter, why } => Text::owned(
                format!("适配器 {adapter} 打不开：{why}"),
                format!("the adapter {adapter} could not be opened: {why}"),
            ),
            Self::SelfTest { adapter, why } => Text::owned(
                format!("适配器 {adapter} 没有通过自检：{}", why.zh),
                format!("the adapter {adapter} failed its self-test: {}", why.en),
            ),
            Self::TooLarge { what, needed, limit } => {
                let (needed, limit) = (needed.words(), limit.words());
                Text::owned(
                    format!("{}：需要 {}，设备最多给 {}", what.zh, needed.zh, limit.zh),
                    format!("{}: {} needed, the device allows {}", what.en, needed.en, limit.en),
                )
            }
            Self::Unfit(why) => Text::owned(
                format!("设备做不了这件事：{}", why.zh),
                format!("the device cannot do this work: {}", why.en),
            ),
            Self::OutOfMemory(why) => {
                Text::owned(format!("设备的内存不够：{why}"), format!("the device is out of memory: {why}"))
            }
            Self::Refused(why) => {
                Text::owned(format!("设备拒绝了这项工作：{why}"), format!("the device refused the work: {why}"))
            }
            Self::Lost(why) => Text::owned(format!("设备丢失了：{why}"), format!("the device was lost: {why}")),
            Self::Timeout(patience) => {
                let seconds = patience.as_secs();
                Text::owned(
                    format!("设备在 {seconds} 秒内没有回答"),
                    format!("the device did not answer within {seconds} s"),
                )
            }
        }
    }

    fn exit(&self) -> Exit {
        Exit::NoAdapter
    }
}

impl From<ComputeError> for NoTime {
    fn from(error: ComputeError) -> Self {
        Self::Device(error.into())
    }
}
