//! The mirror: a kernel carried out on the CPU from its own WGSL, step by step, so that it can be watched.
//!
//! There is no second version of any kernel here that could drift from the first: naga, which also compiles the shaders for
//! the device, reads the source, and [`machine`](self) carries out what it read. A workgroup runs as one does on a GPU: all
//! invocations take the same statement together, those that an `if` leaves out stand still, and at a barrier all meet.
//!
//! ```text
//! value    numbers, vectors, structs and pointers
//! memory   buffers, workgroup memory and variables as words
//! machine  statements and expressions of a workgroup
//! record   what the watched invocation did, line by line, and where all others were
//! ```

mod arithmetic;
mod error;
mod machine;
mod memory;
mod record;
mod value;

use std::ops::Range;

use naga::back::{PipelineConstants, pipeline_constants::process_overrides};
use naga::proc::GlobalCtx;
use naga::valid::{Capabilities, ValidationFlags, Validator};
use naga::{Module, Statement};

pub use self::error::MirrorError;
use self::machine::Machine;
pub use self::memory::Memory;
use self::record::Recorder;
pub use self::record::{Access, Recording, Tick, Wave};
pub use self::value::{Scalar, Value};
use crate::kernels::{Launch, Owner};

/// Evaluations after which a run is given up.
const PATIENCE: u64 = 200_000_000;

/// A kernel, read and ready to be carried out.
pub struct Mirror<'a> {
    launch: &'a Launch,
    module: Module,
    /// Where each line of the source begins.
    lines: Vec<usize>,
    workgroup: [u32; 3],
    alone: bool,
}

impl<'a> Mirror<'a> {
    /// Reads a launch's shader.
    ///
    /// # Errors
    /// [`MirrorError::Invalid`] with the compiler's words.
    pub fn new(launch: &'a Launch) -> Result<Self, MirrorError> {
        let source: &str = &launch.source;
        let invalid = |why: String| MirrorError::Invalid(why);
        let parsed = naga::front::wgsl::parse_str(source).map_err(|why| invalid(why.emit_to_string(source)))?;
        let info = Validator::new(ValidationFlags::all(), Capabilities::all())
            .subgroup_stages(naga::valid::ShaderStages::all())
            .subgroup_operations(naga::valid::SubgroupOperationSet::all())
            .validate(&parsed)
            .map_err(|why| invalid(why.emit_to_string(source)))?;
        let module = process_overrides(&parsed, &info, None, &PipelineConstants::default())
            .map_err(|why| invalid(why.to_string()))?
            .0
            .into_owned();
        let [entry] = module.entry_points.as_slice() else {
            return Err(MirrorError::EntryPoints(module.entry_points.len()));
        };
        let workgroup = entry.workgroup_size;
        let mut alone = true;
        let bodies = module.functions.iter().map(|(_, f)| &f.body).chain([&entry.function.body]);
        bodies.for_each(|body| alone &= is_alone(body));
        let lines = std::iter::once(0).chain(source.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Ok(Self { launch, module, lines, workgroup, alone })
    }

    /// Invocations of a workgroup in x, y and z.
    pub const fn workgroup(&self) -> [u32; 3] {
        self.workgroup
    }

    /// Whether every invocation goes its own way: no barrier, nothing shared.
    pub const fn is_alone(&self) -> bool {
        self.alone
    }

    /// Carries one invocation's workgroup out and watches the invocation. Where invocations go their own way and `whole` is
    /// not asked for, the others stay away.
    ///
    /// # Errors
    /// [`MirrorError`] for what it does not know.
    pub fn watch(&self, owner: Owner, whole: bool, memory: &mut Memory) -> Result<Recording, MirrorError> {
        let count: u32 = self.workgroup.iter().product();
        let members: Vec<u32> = if whole || !self.alone { (0..count).collect() } else { vec![owner.local] };
        let watched = members.iter().position(|&local| local == owner.local);
        let recorder = Recorder::new(watched.unwrap_or(0), members.len());
        let mut machine = Machine::new(self, owner.group, members, memory, Some(recorder), PATIENCE);
        machine.run()?;
        Ok(machine.into_recording())
    }

    /// Carries the whole launch out, at most so many evaluations of it.
    ///
    /// # Errors
    /// [`MirrorError::TooLong`] where it would take more.
    pub fn all(&self, memory: &mut Memory, patience: u64) -> Result<(), MirrorError> {
        let [x, y, z] = self.launch.workgroups;
        let count: u32 = self.workgroup.iter().product();
        let mut left = patience;
        for group in (0..z).flat_map(|c| (0..y).flat_map(move |b| (0..x).map(move |a| [a, b, c]))) {
            let mut machine = Machine::new(self, group, (0..count).collect(), memory, None, left);
            machine.run()?;
            left = machine.left();
        }
        Ok(())
    }

    /// The line of a place in the source, from 1.
    fn line(&self, range: Option<Range<usize>>) -> u32 {
        range.map_or(0, |range| self.lines.partition_point(|&start| start <= range.start) as u32)
    }

    fn context(&self) -> GlobalCtx<'_> {
        self.module.to_ctx()
    }
}

/// Whether nothing in a block makes invocations wait for one another.
fn is_alone(block: &naga::Block) -> bool {
    block.iter().all(|statement| match statement {
        Statement::ControlBarrier(_)
        | Statement::MemoryBarrier(_)
        | Statement::SubgroupGather { .. }
        | Statement::SubgroupCollectiveOperation { .. }
        | Statement::SubgroupBallot { .. } => false,
        Statement::Block(block) => is_alone(block),
        Statement::If { accept, reject, .. } => is_alone(accept) && is_alone(reject),
        Statement::Loop { body, continuing, .. } => is_alone(body) && is_alone(continuing),
        Statement::Switch { cases, .. } => cases.iter().all(|case| is_alone(&case.body)),
        _ => true,
    })
}
