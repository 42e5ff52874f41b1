//! From how many sentences on the adapter wins.

use std::time::{Duration, Instant};

use super::{TOLERANCE, fits_on, memory, worst};
use crate::compute::gpu::Gpu;
use crate::compute::ndarray::{self, Workspace};
use crate::kernels::Rung;
use crate::math::tensor::Tensor;
use crate::session::ComputeError;
use crate::study::race::{Point, Work};

/// Sentences are doubled up to this many.
const MOST: usize = 4096;

/// A run that lasts longer ends the search.
const PATIENCE: Duration = Duration::from_millis(900);

/// Warm runs of each side.
const REPETITIONS: usize = 3;

/// Measures both sides with 1, 2, 4 … sentences and tells each point; a point whose results differ is left out.
///
/// # Errors
/// What the device says.
pub fn search(
    gpu: &Gpu,
    work: Work,
    rung: Rung,
    threads: usize,
    tell: &mut dyn FnMut(Point) -> bool,
) -> Result<(), ComputeError> {
    let mut batch = 1;
    while batch <= MOST {
        let Ok(work) = Work::new(batch, work.tokens, work.heads, work.hidden) else { return Ok(()) };
        if memory::fits(work.bytes(threads), memory::free()).is_err() {
            return Ok(());
        }
        let Ok((program, inputs)) = work.layer(1) else { return Ok(()) };
        if fits_on(gpu, &program, rung).is_err() {
            return Ok(());
        }
        let mut prepared = match gpu.prepare(&program, &inputs, rung) {
            Err(ComputeError::TooLarge { .. }) => return Ok(()),
            prepared => prepared?,
        };
        prepared.forward()?; // the driver compiles
        let mut expected = None;
        let mut on_cpu = |threads| {
            let mut workspace = Workspace::default();
            median(|| {
                expected = ndarray::forward(&program, &inputs, threads, &mut workspace, &|| false)?;
                Ok(())
            })
        };
        let cpu = on_cpu(1)?.min(on_cpu(threads)?);
        let adapter = median(|| prepared.forward())?;
        let result = prepared.result()?;
        let expected = expected.as_ref().map_or(&[][..], Tensor::as_slice);
        let off = result.as_slice().iter().zip(expected).map(|(a, b)| f64::from((a - b).abs() / b.abs().max(1.0)));
        let equal = worst(off) <= TOLERANCE;
        if (equal && !tell(Point { batch, cpu, adapter })) || cpu.max(adapter) > PATIENCE {
            return Ok(());
        }
        batch *= 2;
    }
    Ok(())
}

fn median(mut once: impl FnMut() -> Result<(), ComputeError>) -> Result<Duration, ComputeError> {
    let mut times = Vec::with_capacity(REPETITIONS);
    for _ in 0..REPETITIONS {
        let start = Instant::now();
        once()?;
        times.push(start.elapsed());
    }
    times.sort();
    Ok(times[REPETITIONS / 2])
}
