//! One number seen through a kernel: what is asked for, and what was seen.

use std::sync::Arc;

use super::{Hardware, Run};
use crate::ground::fault::Fault;
use crate::kernels::mirror::Recording;
use crate::kernels::{Launch, Owner, Version};
use crate::program::Address;

/// Which number is to be seen, and through which kernel.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The program and its numbers.
    pub run: Arc<Run>,
    /// The stage.
    pub stage: usize,
    /// A number of its result.
    pub address: Address,
    /// The kernel.
    pub version: Version,
}

/// What was seen.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The stage.
    pub stage: usize,
    /// The number that was asked for.
    pub address: Address,
    /// Through which kernel.
    pub version: Version,
    /// All that could have been asked for.
    pub versions: Vec<Version>,
    /// The kernel and its numbers.
    pub launch: Launch,
    /// Invocations of a workgroup in x, y and z.
    pub workgroup: [u32; 3],
    /// Who makes the number.
    pub owner: Owner,
    /// What happened, step by step.
    pub recording: Recording,
    /// Whether all invocations of the workgroup were carried out.
    pub whole: bool,
    /// The number as the mirror made it.
    pub mirrored: f32,
    /// The number as the device wrote it with this kernel; none where there is no device, or why not.
    pub written: Option<Result<f32, Fault>>,
    /// How often the launch loaded each number of each buffer; none where that is too much to count.
    pub loads: Option<Vec<Vec<u32>>>,
    /// The device, where there is one.
    pub hardware: Option<Hardware>,
}
