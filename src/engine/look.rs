//! One number of a stage seen through a kernel: what the device wrote, what the mirror makes of it step by step.

use super::Engine;
use crate::ground::fault::Fault;
use crate::ground::lang::Text;
use crate::kernels::mirror::{Memory, Mirror, Recording};
use crate::kernels::{self, Launch, Owner};
use crate::session::{Ask, ComputeError, Seen};

/// Subgroups as wide as this are assumed where no device says otherwise.
const LANES: usize = 8;

/// Evaluations after which counting the loads of the whole launch is given up.
const PATIENCE: u64 = 6_000_000;

/// Evaluations up to which the whole workgroup is carried out, and not the chosen invocation alone.
const EVALUATIONS: usize = 4_000_000;

impl Engine {
    /// Looks at a number through a kernel.
    ///
    /// # Errors
    /// A [`Fault`] where the kernel cannot make this stage, or the mirror cannot carry it out.
    pub fn look(&mut self, ask: &Ask) -> Result<Seen, Fault> {
        let Ask { run, stage, address, version } = ask;
        let (program, trace) = (&run.program, &run.trace);
        let hardware = self.device.as_ref().and_then(|device| device.hardware());
        // Where nothing but the mirror runs the kernels, subgroups are as wide as it likes.
        let lanes = hardware.as_ref().map_or(Some(LANES), |hardware| hardware.lanes);
        let lanes = lanes.filter(|lanes| (4..=64).contains(lanes));
        let versions = kernels::versions(program, trace, *stage, lanes);
        let launch = kernels::launch(program, trace, *stage, *version, lanes.unwrap_or(LANES));
        let launch = launch?;
        let mirror = Mirror::new(&launch)?;
        let numbers = launch.filled(|slot| trace.tensor(slot));

        let cell = address.cell;
        let owner = launch.map.owner((cell.batch, cell.head), cell.row, cell.col);
        let place = launch.place((cell.batch, cell.head), cell.row, cell.col);
        let workgroup = mirror.workgroup();
        let alone = watch(&mirror, (&launch, &numbers), owner, false)?;
        let invocations: u32 = workgroup.iter().product();
        // Where one is quickly carried out, so are its neighbours.
        let alone_steps = alone.0.ticks.len() * 10;
        let whole = !mirror.is_alone() || alone_steps * invocations as usize <= EVALUATIONS;
        let (recording, memory) =
            if whole && mirror.is_alone() { watch(&mirror, (&launch, &numbers), owner, true)? } else { alone };
        let mirrored = memory.number(launch.result, place).unwrap_or(f32::NAN);
        let mut all = Memory::new(&launch, &numbers);
        let long = launch.invocations() * alone_steps > PATIENCE as usize;
        let counted = !long && mirror.all(&mut all, PATIENCE).is_ok();
        let loads = counted.then(|| (0..launch.buffers.len()).map(|buffer| all.loads(buffer).to_vec()).collect());
        let written = self.device.as_mut().map(|device| {
            let nothing = || ComputeError::Unfit(Text::new("那里什么也没有写", "nothing was written there"));
            Ok(device.carry_out(&launch, &numbers)?.get(place).copied().ok_or_else(nothing)?)
        });
        Ok(Seen {
            stage: *stage,
            address: *address,
            version: *version,
            versions,
            workgroup,
            owner,
            recording,
            whole,
            mirrored,
            written,
            loads,
            hardware,
            launch,
        })
    }
}

fn watch(
    mirror: &Mirror<'_>,
    (launch, numbers): (&Launch, &[Vec<f32>]),
    owner: Owner,
    whole: bool,
) -> Result<(Recording, Memory), Fault> {
    let mut memory = Memory::new(launch, numbers);
    let recording = mirror.watch(owner, whole, &mut memory)?;
    Ok((recording, memory))
}
