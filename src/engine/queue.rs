//! The queue watched: every scene of some work, host and device side by side.

use super::Watch;
use crate::compute::gpu::ladder::Ladder;
use crate::ground::lang::Text;
use crate::kernels::Rung;
use crate::session::{ComputeError, Progress};
use crate::study::race::{Cut, QUEUED, Scene};

/// Watches every scene and tells each; `false` where that was broken off.
///
/// # Errors
/// Where there is no adapter, or what it says.
pub(super) fn watch(adapter: bool, (cut, pieces): (Cut, usize), watch: Watch<'_>) -> Result<bool, ComputeError> {
    let ladder = if adapter {
        Ladder::open()
    } else {
        Err(ComputeError::NoAdapter(Text::new("没有要它", "not asked for")))
    }?;
    let fused = ladder.rungs(QUEUED).into_iter().rfind(|rung| rung.is_fused());
    let (work, rung) = ((QUEUED, cut, pieces), fused.unwrap_or(Rung::Register));
    for scene in Scene::ALL {
        if watch.stopped() {
            return Ok(false);
        }
        watch.tell(Progress::Queue(ladder.timeline(scene, work, rung)?));
    }
    Ok(true)
}
