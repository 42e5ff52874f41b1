//! The heavy work of the race on a device, by any rung of the ladder.
//!
//! | rung | matmul | attention |
//! |---|---|---|
//! | naive, coalesced, tiled | one file each of `shaders/ladder/`, also for Q·Kᵀ and weights·V | scores, softmax, sum: three launches |
//! | register | `matmul_register` | `attention_register`, fused |
//! | block | `matmul_block` | `attention_block`, fused |
//! | subgroup | `matmul_subgroup` | `attention_subgroup`, fused |

mod layout;
mod queue;
mod roof;

use std::collections::HashMap;
use std::time::Duration;

use self::layout::Layout;
use crate::compute::gpu::clock::Clock;
use crate::compute::gpu::device::{Device, adapters, describe, hardware, nothing_found};
use crate::compute::gpu::held::Held;
use crate::compute::gpu::recipe::{F32, launchable, within};
use crate::ground::lang::Text;
use crate::kernels::template::unrolled;
use crate::kernels::{Attention, ROWS_A_LANE, Rung, Strided, attention, queries, sources};
use crate::program::{Backend, BackendKind};
use crate::session::Limits;
use crate::session::{Amount, ComputeError, Hardware};
use crate::study::race::{Cut, Numbers, Work};

/// How long one run may take before the device counts as hung: the plain rungs need a quarter of a minute on a software adapter.
const PATIENCE: Duration = Duration::from_mins(2);

/// An adapter opened for heavy work.
pub struct Ladder {
    device: Device,
    backend: Backend,
    limits: Limits,
    /// Lanes of a subgroup, where every subgroup has as many and kernels may use them.
    lanes: Option<usize>,
    driver: String,
}

/// Work on the device, ready to be done again and again.
pub struct Prepared {
    plan: Layout,
    steps: Vec<Step>,
    x: Held,
    /// X with its padding, to be uploaded again.
    rows: Vec<f32>,
    result: Held,
    readback: wgpu::Buffer,
    /// Bytes of everything together.
    pub bytes: u64,
}

struct Step {
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
    workgroups: [u32; 3],
}

/// Kernels that the driver has compiled for one piece of work, by their source. They are not kept for the next: its first run is
/// timed with what the driver compiles then.
#[derive(Default)]
struct Compiled(HashMap<String, wgpu::ComputePipeline>);

/// One kernel to be launched: its name, its source, the words of its uniform block, its workgroups.
struct Kernel<'a> {
    label: &'static str,
    source: &'a str,
    words: &'a [u32],
    workgroups: [u32; 3],
}

impl Ladder {
    /// Opens the best adapter.
    ///
    /// # Errors
    /// [`ComputeError`] where there is none or it cannot be opened.
    pub fn open() -> Result<Self, ComputeError> {
        let adapter = adapters().into_iter().next().ok_or_else(nothing_found)?;
        let info = adapter.get_info();
        let Hardware { lanes, driver, .. } = hardware(&adapter);
        let device = Device::open(&adapter)?.patient(PATIENCE);
        Ok(Self { device, backend: describe(&info), limits: adapter.limits().into(), lanes, driver })
    }

    /// Who computes.
    pub fn backend(&self) -> &Backend {
        &self.backend
    }

    /// The adapter, its driver and its subgroups: what a choice of kernels holds for.
    pub fn machine(&self) -> String {
        let lanes = self.lanes.map_or_else(String::new, |lanes| format!(", {lanes} lanes"));
        format!("{} | {}{lanes}", self.backend.adapter, self.driver)
    }

    /// Destroys the device, as a driver that crashes does. Who runs next is told.
    pub fn lose(&self) {
        self.device.wgpu.destroy();
    }

    /// The rungs that this adapter can climb with this work.
    pub fn rungs(&self, work: Work) -> Vec<Rung> {
        let d4 = work.features().div_ceil(4);
        let can = |rung: &Rung| {
            let lanes = *rung != Rung::Subgroup || self.lanes.is_some_and(|lanes| (4..=16).contains(&lanes));
            lanes && (!rung.is_fused() || rung.fuses(d4))
        };
        Rung::ALL.into_iter().filter(can).collect()
    }

    /// Bytes that this work takes of the processor's memory by a rung.
    ///
    /// # Errors
    /// [`ComputeError::TooLarge`] where the device cannot hold it.
    pub fn bytes(&self, work: Work, rung: Rung) -> Result<u64, ComputeError> {
        let plan = Layout::new(work, rung, self.lanes.unwrap_or(1), &self.limits);
        plan.fits(&self.limits)?;
        Ok(plan.bytes(self.backend.kind != BackendKind::Discrete))
    }

    /// Uploads the numbers and compiles the kernels of a rung.
    ///
    /// # Errors
    /// [`ComputeError::TooLarge`] before anything is allocated; otherwise what the device says.
    pub fn prepare(&self, work: Work, numbers: &Numbers, rung: Rung) -> Result<Prepared, ComputeError> {
        self.prepare_cut(work, numbers, rung, 1)
    }

    /// The same, a fused attention in so many launches of some heads each.
    ///
    /// # Errors
    /// As [`Ladder::prepare`].
    pub fn prepare_cut(
        &self,
        work: Work,
        numbers: &Numbers,
        rung: Rung,
        launches: usize,
    ) -> Result<Prepared, ComputeError> {
        let plan = Layout::new(work, rung, self.lanes.unwrap_or(1), &self.limits);
        plan.fits(&self.limits)?;
        let mask = F32 * numbers.mask.as_ref().map_or(0, Vec::len) as u64;
        within(|| Text::new("掩码", "the mask"), mask, self.limits.tensor, Amount::Bytes)?;
        let device = &self.device;
        let room = |label, columns| Held::new(device, label, plan.count(columns), plan.texels(plan.planes, columns));
        let given = |label, numbers: &[f32], texels| {
            let made = Held::new(device, label, numbers.len(), texels);
            made.upload(device, numbers);
            made
        };
        let rows = plan.padded(&numbers.x);
        let x = given("X", &rows, plan.texels(plan.planes, plan.inner));
        let qkv_weights = given("W_q W_k W_v", &plan.joined_weights(numbers), plan.texels(1, plan.qkv_columns));
        let w_o = given("W_o", &plan.output_weights(numbers), plan.texels(1, plan.columns));
        let mask = numbers.mask.as_deref().map(|mask| given("mask", mask, None));
        let qkv = room("Q K V", plan.qkv_columns);
        let heads = room("concat", plan.inner);
        let result = room("Y", plan.columns);
        let readback = result.readback(device);
        let scores = (!rung.is_fused()).then(|| Held::new(device, "scores", plan.scores(), None));
        device.check()?;

        let mut compiled = Compiled::default();
        let wide = (plan.inner, plan.qkv_columns);
        let mut steps = vec![self.product(&mut compiled, &plan, (&x, &qkv_weights, &qkv), wide)?];
        match &scores {
            None => {
                let share = Cut::Heads.share(work, launches);
                for first in (0..work.heads).step_by(share) {
                    let some = (first, share.min(work.heads - first));
                    steps.push(self.attention(&mut compiled, (&plan, some), (&qkv, &heads), mask.as_ref())?);
                }
            }
            Some(scores) => {
                steps.extend(self.by_parts(&mut compiled, &plan, (&qkv, scores, &heads), mask.as_ref())?);
            }
        }
        let narrow = (plan.inner, plan.columns);
        steps.push(self.product(&mut compiled, &plan, (&heads, &w_o, &result), narrow)?);
        let held = [&x, &qkv_weights, &w_o, &qkv, &heads, &result].into_iter().chain(&scores);
        let bytes = held.map(Held::bytes).sum::<u64>() + readback.size();
        Ok(Prepared { plan, steps, x, rows, result, readback, bytes })
    }

    /// Does the work once and waits for it.
    ///
    /// # Errors
    /// What the device says.
    pub fn forward(&self, prepared: &Prepared) -> Result<(), ComputeError> {
        let submission = self.submit(&prepared.steps, None);
        self.device.wait(submission)
    }

    /// Hands steps over, their time to be noted by this clock as that pass.
    fn submit(&self, steps: &[Step], clock: Option<(&Clock, u32)>) -> wgpu::SubmissionIndex {
        let mut encoder = self.device.wgpu.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let timestamp_writes = clock.map(|(clock, pass)| clock.writes(pass));
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor { label: None, timestamp_writes });
        for Step { pipeline, bindings, workgroups: [x, y, z] } in steps {
            pass.set_pipeline(pipeline);
            pass.set_bind_group(0, bindings, &[]);
            pass.dispatch_workgroups(*x, *y, *z);
        }
        drop(pass);
        self.device.queue.submit([encoder.finish()])
    }

    /// Reads the result back: batch·tokens × hidden.
    ///
    /// # Errors
    /// What the device says.
    pub fn result(&self, prepared: &Prepared) -> Result<Vec<f32>, ComputeError> {
        let mut encoder = self.device.wgpu.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        prepared.result.copy(&mut encoder, &prepared.readback);
        let numbers: Vec<f32> = self.device.read_back(encoder.finish(), &prepared.readback)?;
        Ok(prepared.plan.unpadded(&numbers))
    }

    /// `C = A · B` with padded sizes.
    fn product(
        &self,
        compiled: &mut Compiled,
        plan: &Layout,
        (a, b, c): (&Held, &Held, &Held),
        (inner, columns): (usize, usize),
    ) -> Result<Step, ComputeError> {
        let (rows, r, n) = (plan.rows, plan.rows as u32, columns as u32);
        match plan.rung {
            Rung::Register | Rung::Block => {
                let words = &[r, n, inner as u32, 0, 0, 0, 0, 0];
                let workgroups = [n / 64, r / 64, 1];
                let (label, source) = match plan.rung {
                    Rung::Block => ("matmul_block", sources::MATMUL_BLOCK),
                    _ => ("matmul_register", sources::MATMUL_REGISTER),
                };
                let source = &unrolled(source, &[]);
                self.step(compiled, &Kernel { label, source, words, workgroups }, &[a, b, c])
            }
            Rung::Subgroup => {
                let lanes = plan.lanes;
                let source = &unrolled(sources::MATMUL_SUBGROUP, &[("LANES", lanes), ("ROWS", ROWS_A_LANE)]);
                let texels = |numbers: usize| numbers as u32 / 4;
                let words = [r, n, inner as u32, 0, texels(inner), 0, texels(columns), 0];
                let groups = [columns / (4 * lanes), rows / (lanes * ROWS_A_LANE), plan.planes];
                let workgroups = groups.map(|n| n as u32);
                let kernel = Kernel { label: "matmul_subgroup", source, words: &words, workgroups };
                self.step(compiled, &kernel, &[a, b, c])
            }
            plain => {
                let strided = Strided {
                    size: [rows, columns, inner],
                    heads: 1,
                    a: [inner as u32, 1, 0, 0, 0],
                    b: [n, 1, 0, 0, 0],
                    c: [n, 0, 0],
                    scale: 1.0,
                };
                self.plain(compiled, plain, (&strided, 1), &[a, b, c])
            }
        }
    }

    /// Scores, softmax and weighted sums, each a launch of its own.
    fn by_parts(
        &self,
        compiled: &mut Compiled,
        plan: &Layout,
        (qkv, scores, heads): (&Held, &Held, &Held),
        mask: Option<&Held>,
    ) -> Result<Vec<Step>, ComputeError> {
        let Work { batch, tokens, heads: count, .. } = plan.work;
        let (d, wide, z) = (plan.features, plan.qkv_columns, (batch * count) as u32);
        let numbers = |n: [usize; 5]| n.map(|n| n as u32);
        let square = tokens * tokens;
        let asked = Strided {
            size: [tokens, tokens, d],
            heads: count,
            a: numbers([wide, 1, tokens * wide, d, 0]),
            b: numbers([1, wide, tokens * wide, d, count * d]),
            c: [tokens, count * square, square].map(|n| n as u32),
            scale: (plan.work.features() as f32).sqrt().recip(),
        };
        let summed = Strided {
            size: [tokens, d, tokens],
            heads: count,
            a: numbers([tokens, 1, count * square, square, 0]),
            b: numbers([wide, 1, tokens * wide, d, 2 * count * d]),
            c: [plan.inner, tokens * plan.inner, d].map(|n| n as u32),
            scale: 1.0,
        };
        let words = tokens as u32;
        let (label, source, across) = match plan.rung {
            Rung::Tiled => ("softmax_tiled", sources::SOFTMAX_TILED, words),
            _ => ("softmax_rows", sources::SOFTMAX_ROWS, words.div_ceil(64)),
        };
        let source = &unrolled(source, &[("MASKED", usize::from(mask.is_some()))]);
        let bound: Vec<_> = [scores].into_iter().chain(mask).collect();
        let softmax = Kernel { label, source, words: &[words, words, 0, 0], workgroups: [across, 1, z] };
        Ok(vec![
            self.plain(compiled, plan.rung, (&asked, z), &[qkv, qkv, scores])?,
            self.step(compiled, &softmax, &bound)?,
            self.plain(compiled, plan.rung, (&summed, z), &[scores, qkv, heads])?,
        ])
    }

    /// A plain product over so many planes.
    fn plain(
        &self,
        compiled: &mut Compiled,
        rung: Rung,
        (strided, z): (&Strided, u32),
        bound: &[&Held],
    ) -> Result<Step, ComputeError> {
        let [rows, columns, _] = strided.size.map(|n| n as u32);
        let (label, source, workgroups) = match rung {
            Rung::Naive => ("matmul_naive", sources::MATMUL_NAIVE, [rows.div_ceil(64), columns, z]),
            Rung::Coalesced => ("matmul_coalesced", sources::MATMUL_COALESCED, [columns.div_ceil(64), rows, z]),
            _ => ("matmul_tiled", sources::MATMUL_TILED, [columns.div_ceil(16), rows.div_ceil(16), z]),
        };
        self.step(compiled, &Kernel { label, source, words: &strided.words(), workgroups }, bound)
    }

    /// A fused kernel for some of the heads: the first, and how many.
    fn attention(
        &self,
        compiled: &mut Compiled,
        (plan, some): (&Layout, (usize, usize)),
        (qkv, heads): (&Held, &Held),
        mask: Option<&Held>,
    ) -> Result<Step, ComputeError> {
        let Work { batch, tokens, heads: count, .. } = plan.work;
        let sizes = Attention {
            queries: tokens,
            keys: tokens,
            words: tokens,
            sentences: plan.sentences,
            heads: count,
            some,
            row: plan.qkv_columns,
            out_row: plan.inner,
            d: plan.features,
            divisor: (plan.work.features() as f64).sqrt(),
        };
        let (label, source) = attention(plan.rung, plan.features / 4, plan.lanes, mask.is_some());
        let a_group = if plan.rung == Rung::Subgroup { plan.lanes * queries(plan.features / 4) } else { 64 };
        let workgroups = [tokens.div_ceil(a_group), 1, batch * some.1].map(|n| n as u32);
        let bound: Vec<_> = [qkv].into_iter().chain(mask).chain([heads]).collect();
        self.step(compiled, &Kernel { label, source: &source, words: &sizes.words(), workgroups }, &bound)
    }

    fn step(&self, compiled: &mut Compiled, kernel: &Kernel<'_>, bound: &[&Held]) -> Result<Step, ComputeError> {
        let Kernel { label, source, words, workgroups } = *kernel;
        launchable(|| Text::same(label), workgroups, &self.limits)?;
        let size = self.device.uniform(label, words);
        let pipeline = match compiled.0.get(source) {
            Some(pipeline) => pipeline.clone(),
            None => compiled.0.entry(source.to_owned()).or_insert(self.device.compile(label, source)?).clone(),
        };
        let bound = [size.as_entire_binding()].into_iter().chain(bound.iter().map(|held| held.resource()));
        let bindings = self.device.bind(label, &pipeline, bound);
        self.device.check()?;
        Ok(Step { pipeline, bindings, workgroups })
    }
}
