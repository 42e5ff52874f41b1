//! The heavy work of the race on a device, by any rung of the ladder.
//!
//! | rung | matmul | attention |
//! |---|---|---|
//! | naive, coalesced, tiled | one file each of `shaders/ladder/`, also for Q·Kᵀ and weights·V | scores, softmax, sum: three launches |
//! | register | `matmul_register` | `attention_register`, fused |
//! | subgroup | `matmul_subgroup` | `attention_subgroup`, fused |

mod layout;
mod queue;
mod roof;

use self::layout::Layout;
use crate::compute::gpu::clock::Clock;
use crate::compute::gpu::device::{Device, adapters, describe, hardware, nothing_found};
use crate::compute::gpu::recipe::Limits;
use crate::compute::{ComputeError, Hardware};
use crate::kernels::template::unrolled;
use crate::kernels::{Attention, QUERIES, ROWS_A_LANE, Rung, Strided, WIDEST, attention, sources};
use crate::lab::{Numbers, Work};
use crate::program::Backend;

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
    steps: Vec<Step>,
    x: wgpu::Buffer,
    /// X with its padding, to be uploaded again.
    rows: Vec<f32>,
    result: wgpu::Buffer,
    readback: wgpu::Buffer,
    /// Rows, columns, and columns with the padding.
    size: (usize, usize, usize),
    /// Bytes of all buffers together.
    pub bytes: u64,
}

struct Step {
    pipeline: wgpu::ComputePipeline,
    bindings: wgpu::BindGroup,
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
        let device = Device::open(&adapter)?;
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

    /// The rungs that this adapter can climb with this work.
    pub fn rungs(&self, work: Work) -> Vec<Rung> {
        let fused = work.features().div_ceil(4) <= WIDEST;
        let can = |rung: &Rung| match rung {
            Rung::Register => fused,
            Rung::Subgroup => fused && self.lanes.is_some_and(|lanes| (4..=16).contains(&lanes)),
            _ => true,
        };
        Rung::ALL.into_iter().filter(can).collect()
    }

    /// Uploads the numbers and compiles the kernels of a rung.
    ///
    /// # Errors
    /// [`ComputeError::TooLarge`] before anything is allocated; otherwise what the device says.
    pub fn prepare(&self, work: Work, numbers: &Numbers, rung: Rung) -> Result<Prepared, ComputeError> {
        let plan = Layout::new(work, rung, self.lanes.unwrap_or(1));
        plan.fits(&self.limits)?;
        let wgpu = &self.device.wgpu;
        let storage = wgpu::BufferUsages::STORAGE | wgpu::BufferUsages::COPY_DST | wgpu::BufferUsages::COPY_SRC;
        let buffer = |numbers: usize, usage| {
            let size = 4 * numbers as u64;
            wgpu.create_buffer(&wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false })
        };
        let upload = |numbers: &[f32]| {
            let made = buffer(numbers.len(), storage);
            self.device.queue.write_buffer(&made, 0, bytemuck::cast_slice(numbers));
            made
        };
        let rows = plan.padded(&numbers.x);
        let x = upload(&rows);
        let qkv_weights = upload(&plan.joined_weights(numbers));
        let w_o = upload(&plan.output_weights(numbers));
        let mask = numbers.mask.as_deref().map(&upload);
        let qkv = buffer(plan.rows * plan.qkv_columns, storage);
        let heads = buffer(plan.rows * plan.inner, storage);
        let result = buffer(plan.rows * plan.columns, storage);
        let readback = buffer(plan.rows * plan.columns, wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST);
        let scores = (!rung.is_fused()).then(|| buffer(plan.scores(), storage));
        self.device.check()?;

        let mut steps = vec![self.product(&plan, (&x, &qkv_weights, &qkv), (plan.inner, plan.qkv_columns))?];
        match &scores {
            None => steps.push(self.attention(&plan, (&qkv, &heads), mask.as_ref())?),
            Some(scores) => steps.extend(self.by_parts(&plan, (&qkv, scores, &heads), mask.as_ref())?),
        }
        steps.push(self.product(&plan, (&heads, &w_o, &result), (plan.inner, plan.columns))?);
        let bytes = [&x, &qkv_weights, &w_o, &qkv, &heads, &result, &readback].iter().map(|b| b.size()).sum::<u64>()
            + scores.map_or(0, |scores| scores.size());
        Ok(Prepared { steps, x, rows, result, readback, size: (work.rows(), work.hidden, plan.columns), bytes })
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
        encoder.copy_buffer_to_buffer(&prepared.result, 0, &prepared.readback, 0, prepared.result.size());
        let submission = self.device.queue.submit([encoder.finish()]);
        prepared.readback.map_async(wgpu::MapMode::Read, .., |_| {});
        self.device.wait(submission)?;
        let view = prepared.readback.get_mapped_range(..).map_err(|why| self.device.lost(&why.to_string()))?;
        let numbers: &[f32] = bytemuck::cast_slice(&view);
        let (rows, hidden, columns) = prepared.size;
        let result = numbers.chunks(columns).take(rows).flat_map(|row| &row[..hidden]).copied().collect();
        drop(view);
        prepared.readback.unmap();
        Ok(result)
    }

    /// `C = A · B` with padded sizes.
    fn product(
        &self,
        plan: &Layout,
        (a, b, c): (&wgpu::Buffer, &wgpu::Buffer, &wgpu::Buffer),
        (inner, columns): (usize, usize),
    ) -> Result<Step, ComputeError> {
        let (rows, r, n) = (plan.rows, plan.rows as u32, columns as u32);
        match plan.rung {
            Rung::Register => {
                let words = [r, n, inner as u32, 0, 0, 0, 0, 0];
                let groups = [n.div_ceil(64), r.div_ceil(64), 1];
                self.step("matmul_register", &unrolled(sources::MATMUL_REGISTER, &[]), &words, &[a, b, c], groups)
            }
            Rung::Subgroup => {
                let lanes = plan.lanes;
                let source = unrolled(sources::MATMUL_SUBGROUP, &[("LANES", lanes), ("ROWS", ROWS_A_LANE)]);
                let words = [r, n, inner as u32, 0, 0, 0, 0, 0];
                let groups = [(columns / (4 * lanes)) as u32, (rows / (lanes * ROWS_A_LANE)) as u32, 1];
                self.step("matmul_subgroup", &source, &words, &[a, b, c], groups)
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
                self.plain(plain, (&strided, 1), &[a, b, c])
            }
        }
    }

    /// Scores, softmax and weighted sums, each a launch of its own.
    fn by_parts(
        &self,
        plan: &Layout,
        (qkv, scores, heads): (&wgpu::Buffer, &wgpu::Buffer, &wgpu::Buffer),
        mask: Option<&wgpu::Buffer>,
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
        let source = unrolled(source, &[("MASKED", usize::from(mask.is_some()))]);
        let bound: Vec<_> = [scores].into_iter().chain(mask).collect();
        Ok(vec![
            self.plain(plan.rung, (&asked, z), &[qkv, qkv, scores])?,
            self.step(label, &source, &[words, words, 0, 0], &bound, [across, 1, z])?,
            self.plain(plan.rung, (&summed, z), &[scores, qkv, heads])?,
        ])
    }

    /// A plain product over so many planes.
    fn plain(
        &self,
        rung: Rung,
        (strided, z): (&Strided, u32),
        buffers: &[&wgpu::Buffer],
    ) -> Result<Step, ComputeError> {
        let [rows, columns, _] = strided.size.map(|n| n as u32);
        let (name, source, groups) = match rung {
            Rung::Naive => ("matmul_naive", sources::MATMUL_NAIVE, [rows.div_ceil(64), columns, z]),
            Rung::Coalesced => ("matmul_coalesced", sources::MATMUL_COALESCED, [columns.div_ceil(64), rows, z]),
            _ => ("matmul_tiled", sources::MATMUL_TILED, [columns.div_ceil(16), rows.div_ceil(16), z]),
        };
        self.step(name, source, &strided.words(), buffers, groups)
    }

    /// The fused kernels.
    fn attention(
        &self,
        plan: &Layout,
        (qkv, heads): (&wgpu::Buffer, &wgpu::Buffer),
        mask: Option<&wgpu::Buffer>,
    ) -> Result<Step, ComputeError> {
        let Work { batch, tokens, heads: count, .. } = plan.work;
        let sizes = Attention {
            queries: tokens,
            keys: tokens,
            words: tokens,
            heads: count,
            row: plan.qkv_columns,
            out_row: plan.inner,
            d: plan.features,
            divisor: (plan.work.features() as f64).sqrt(),
        };
        let (label, source) = attention(plan.rung, plan.features / 4, plan.lanes, mask.is_some());
        let a_group = if plan.rung == Rung::Subgroup { plan.lanes * QUERIES } else { 64 };
        let groups = [tokens.div_ceil(a_group), 1, batch * count].map(|n| n as u32);
        let bound: Vec<_> = [qkv].into_iter().chain(mask).chain([heads]).collect();
        self.step(label, &source, &sizes.words(), &bound, groups)
    }

    fn step(
        &self,
        label: &'static str,
        source: &str,
        words: &[u32],
        buffers: &[&wgpu::Buffer],
        workgroups: [u32; 3],
    ) -> Result<Step, ComputeError> {
        let most = u64::from(self.limits.workgroups);
        if let Some(&n) = workgroups.iter().find(|&&n| u64::from(n) > most) {
            return Err(ComputeError::TooLarge {
                what: format!("a launch for {label}"),
                needed: n.into(),
                limit: most,
            });
        }
        let wgpu = &self.device.wgpu;
        let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
        let size = wgpu.create_buffer(&wgpu::BufferDescriptor {
            label: Some(label),
            size: 4 * words.len() as u64,
            usage,
            mapped_at_creation: false,
        });
        self.device.queue.write_buffer(&size, 0, bytemuck::cast_slice(words));
        let pipeline = self.device.compile(label, source)?;
        let bindings = self.device.bind(label, &pipeline, [&size].into_iter().chain(buffers.iter().copied()));
        self.device.check()?;
        Ok(Step { pipeline, bindings, workgroups })
    }
}
