//! The queue watched: every scene of some work, host and device side by side.

use super::Watch;
use crate::compute::gpu::Gpu;
use crate::ground::lang::Text;
use crate::kernels::Rung;
use crate::session::{ComputeError, Progress};
use crate::study::race::{Cut, QUEUED, Scene};

/// Watches every scene and tells each; `false` where that was broken off.
///
/// # Errors
/// Where there is no adapter, or what it says.
pub(super) fn watch(gpu: Option<&Gpu>, (cut, pieces): (Cut, usize), watch: Watch<'_>) -> Result<bool, ComputeError> {
    let gpu = gpu.ok_or_else(|| ComputeError::NoAdapter(Text::new("没有要它", "not asked for")))?;
    let program = QUEUED.program().map_err(|fault| ComputeError::Unfit(fault.words().clone()))?;
    let fused = gpu.rungs(&program).into_iter().rfind(|rung| rung.is_fused());
    let (work, rung) = ((QUEUED, cut, pieces), fused.unwrap_or(Rung::Register));
    for scene in Scene::of(cut) {
        if watch.stopped() {
            return Ok(false);
        }
        watch.tell(Progress::Queue(gpu.timeline(scene, work, rung)?));
    }
    Ok(true)
}
