//! Adapters in the order of preference, and an open device whose failures are values.
//!
//! wgpu reports errors through callbacks and panics where there are none. A [`Device`] collects them,
//! and [`Device::check`] hands them out as [`ComputeError`]s.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use wgpu::{Backends, PollType};

use super::super::{ComputeError, Hardware};
use crate::ground::lang::Text;
use crate::ground::text::visible;
use crate::program::{Backend, BackendKind};

/// How long one run may take before the device counts as hung. A desktop's own watchdog strikes far
/// earlier; a software adapter at the article's scale needs a few seconds.
pub(super) const TIMEOUT: Duration = Duration::from_secs(20);

/// Every adapter that can compute: discrete, integrated, software.
///
/// `WGPU_BACKEND` narrows the search; empty counts as unset. OpenGL shows the same hardware a second
/// time, so it is asked only where nothing else found a real GPU.
pub(super) fn adapters() -> Vec<wgpu::Adapter> {
    if cramped().is_some() {
        return Vec::new();
    }
    let mut found = match asked_for() {
        Some(backends) => enumerate(backends),
        None => enumerate(Backends::PRIMARY),
    };
    if asked_for().is_none() && found.iter().all(|a| kind(&a.get_info()) == BackendKind::Software) {
        found.extend(enumerate(Backends::SECONDARY));
    }
    found.retain(|a| a.get_downlevel_capabilities().flags.contains(wgpu::DownlevelFlags::COMPUTE_SHADERS));
    found.sort_by_key(|a| {
        let info = a.get_info();
        (kind(&info) as u8, info.backend == wgpu::Backend::Gl)
    });
    found
}

/// What was looked for, for the person who wonders why nothing was found.
pub(super) fn nothing_found() -> ComputeError {
    if let Some(limit) = cramped() {
        let (limit, needed) = (limit >> 20, ADDRESSES >> 20);
        return ComputeError::NoAdapter(Text::owned(
            format!(
                "这个进程最多只能用 {limit} MiB 地址空间（ulimit -v），驱动要 {needed} MiB，少了会崩溃，所以没有打开"
            ),
            format!(
                "this process may use {limit} MiB of addresses (ulimit -v); a driver that has less than {needed} MiB crashes, so none was opened"
            ),
        ));
    }
    let interfaces = match asked_for() {
        Some(backends) => {
            let names = names(backends);
            Text::owned(format!("{names}（WGPU_BACKEND 要求的）"), format!("{names}, as WGPU_BACKEND asks"))
        }
        None => Text::same(names(Backends::PRIMARY | Backends::SECONDARY)),
    };
    let install = "apt install mesa-vulkan-drivers libvulkan1";
    ComputeError::NoAdapter(Text::owned(
        format!("找过 {}；软件驱动也可以，Debian 上：{install}", interfaces.zh),
        format!("looked through {}; a software driver will do; on Debian: {install}", interfaces.en),
    ))
}

/// Addresses that a driver takes: one that gets no more does not say so but crashes. Mesa's software driver takes nearly half of
/// this for two processors, and more with each.
const ADDRESSES: u64 = 2 << 30;

/// The limit on this process's addresses, where no driver could live with it.
#[cfg(unix)]
fn cramped() -> Option<u64> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::As);
    limit.current.filter(|&limit| limit < ADDRESSES)
}

/// Elsewhere nothing sets such a limit.
#[cfg(not(unix))]
const fn cramped() -> Option<u64> {
    None
}

/// The interfaces that `WGPU_BACKEND` names, unless it is unset or empty.
fn asked_for() -> Option<Backends> {
    let names = std::env::var("WGPU_BACKEND").ok()?;
    (!names.trim().is_empty()).then(|| Backends::from_comma_list(&names))
}

fn names(backends: Backends) -> String {
    let compiled = wgpu::Instance::enabled_backend_features();
    let names: Vec<_> = wgpu::Backend::ALL
        .into_iter()
        .filter(|&b| (backends & compiled).contains(Backends::from(b)))
        .map(interface)
        .collect();
    if names.is_empty() { "no interface at all".into() } else { names.join(", ") }
}

fn enumerate(backends: Backends) -> Vec<wgpu::Adapter> {
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends,
        flags: wgpu::InstanceFlags::empty(), // no validation layers: they write to the terminal
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    pollster::block_on(instance.enumerate_adapters(backends))
}

/// What is used beyond what every device has: subgroups and the device's clock, where there are any.
pub(super) fn features(adapter: &wgpu::Adapter) -> wgpu::Features {
    adapter.features() & (wgpu::Features::SUBGROUP | wgpu::Features::TIMESTAMP_QUERY)
}

/// Lanes of a subgroup, where every subgroup has as many and kernels may use them.
pub(super) fn lanes(adapter: &wgpu::Adapter) -> Option<usize> {
    let info = adapter.get_info();
    let even = info.subgroup_min_size == info.subgroup_max_size;
    (even && features(adapter).contains(wgpu::Features::SUBGROUP)).then_some(info.subgroup_min_size as usize)
}

/// What an adapter is made of.
pub(super) fn hardware(adapter: &wgpu::Adapter) -> Hardware {
    let (info, limits) = (adapter.get_info(), adapter.limits());
    Hardware {
        driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
        lanes: lanes(adapter),
        invocations: limits.max_compute_invocations_per_workgroup,
        shared: limits.max_compute_workgroup_storage_size,
        buffer: limits.max_storage_buffer_binding_size,
        workgroups: limits.max_compute_workgroups_per_dimension,
    }
}

/// Who an adapter is: `Vulkan llvmpipe (LLVM 15.0.6, 256 bits)`.
pub(super) fn describe(info: &wgpu::AdapterInfo) -> Backend {
    let adapter = format!("{} {}", interface(info.backend), visible(&info.name));
    Backend { name: "gpu", adapter, kind: kind(info) }
}

fn kind(info: &wgpu::AdapterInfo) -> BackendKind {
    match info.device_type {
        wgpu::DeviceType::DiscreteGpu | wgpu::DeviceType::VirtualGpu => BackendKind::Discrete,
        wgpu::DeviceType::IntegratedGpu | wgpu::DeviceType::Other => {
            // OpenGL has no word for a processor: Mesa's software driver arrives as `Other`.
            let name = info.name.to_lowercase();
            let software = ["llvmpipe", "softpipe", "swiftshader"].iter().any(|s| name.contains(s));
            if software { BackendKind::Software } else { BackendKind::Integrated }
        }
        wgpu::DeviceType::Cpu => BackendKind::Software,
    }
}

const fn interface(backend: wgpu::Backend) -> &'static str {
    match backend {
        wgpu::Backend::Noop => "Noop",
        wgpu::Backend::Vulkan => "Vulkan",
        wgpu::Backend::Metal => "Metal",
        wgpu::Backend::Dx12 => "Direct3D 12",
        wgpu::Backend::Gl => "OpenGL",
        wgpu::Backend::BrowserWebGpu => "WebGPU",
    }
}

/// An open device. Clones are the same one.
#[derive(Clone)]
pub(super) struct Device {
    /// wgpu's device. Whatever is called on it, [`Device::check`] tells how it went.
    pub(super) wgpu: wgpu::Device,
    /// Its queue.
    pub(super) queue: wgpu::Queue,
    faults: Arc<Faults>,
    patience: Duration,
    /// Bytes that were handed to the queue since it was last waited for.
    on_their_way: Arc<AtomicU64>,
}

/// Copies on their way into a buffer for reading back.
pub(super) struct Copied<'b> {
    readback: &'b wgpu::Buffer,
    bytes: u64,
    submission: wgpu::SubmissionIndex,
    mapped: mpsc::Receiver<Result<(), wgpu::BufferAsyncError>>,
}

/// What went wrong since the last look.
#[derive(Default)]
struct Faults {
    lost: OnceLock<String>,
    /// The first fault of each thread: wgpu tells it while the faulty call lasts, so nobody hears of another's.
    first: Mutex<HashMap<ThreadId, ComputeError>>,
}

impl Device {
    /// Opens an adapter, with all that it allows.
    pub(super) fn open(adapter: &wgpu::Adapter) -> Result<Self, ComputeError> {
        let descriptor = wgpu::DeviceDescriptor {
            required_limits: adapter.limits(),
            required_features: features(adapter),
            // Blocks of memory are given back when they are empty, and the large ones that are meant for games never are.
            memory_hints: wgpu::MemoryHints::MemoryUsage,
            ..Default::default()
        };
        let (wgpu, queue) = pollster::block_on(adapter.request_device(&descriptor)).map_err(|why| {
            ComputeError::Open { adapter: describe(&adapter.get_info()).adapter, why: why.to_string() }
        })?;

        let faults = Arc::new(Faults::default());
        // Natively wgpu calls this handler before the faulty call returns, so that it serves as an error
        // scope around everything, without a scope's panics when it is popped out of order.
        wgpu.on_uncaptured_error({
            let faults = Arc::clone(&faults);
            Arc::new(move |error| faults.note(error))
        });
        wgpu.set_device_lost_callback({
            let faults = Arc::clone(&faults);
            move |reason, words| faults.lose(&format!("{reason:?}: {words}"))
        });
        Ok(Self { wgpu, queue, faults, patience: TIMEOUT, on_their_way: Arc::default() })
    }

    /// Whether everything that was asked of the device so far went well.
    pub(super) fn check(&self) -> Result<(), ComputeError> {
        let first = self.faults.first.lock().unwrap_or_else(PoisonError::into_inner).remove(&thread::current().id());
        if first.is_some() {
            // On a lost device every call is invalid. Whether it is lost, wgpu tells only to those who poll.
            self.poll(PollType::Poll);
        }
        match (self.faults.lost.get(), first) {
            (Some(why), _) => Err(ComputeError::Lost(why.clone())),
            (None, Some(first)) => Err(first),
            (None, None) => Ok(()),
        }
    }

    /// Waits for a submission, but not forever.
    pub(super) fn wait(&self, submission: wgpu::SubmissionIndex) -> Result<(), ComputeError> {
        self.on_their_way.store(0, Ordering::Relaxed);
        let polled = self.poll(PollType::Wait { submission_index: Some(submission), timeout: Some(self.patience) });
        self.check()?;
        match polled {
            Some(Ok(_)) => Ok(()),
            Some(Err(wgpu::PollError::Timeout)) => {
                // A queue that is dropped waits for its work without a limit. This one would hang us: never drop it.
                std::mem::forget((self.wgpu.clone(), self.queue.clone()));
                Err(ComputeError::Timeout(self.patience))
            }
            Some(Err(other)) => Err(self.lost(&other.to_string())),
            None => Err(self.lost("the driver gave up during the wait")),
        }
    }

    /// Gives back what was let go of: wgpu does so only when it is asked how far the device is.
    pub(super) fn collect(&self) {
        self.poll(PollType::Poll);
    }

    /// Polls. Where the driver loses the device meanwhile, wgpu 30 panics instead of telling: that gives `None`.
    fn poll(&self, poll: PollType) -> Option<Result<wgpu::PollStatus, wgpu::PollError>> {
        catch_unwind(AssertUnwindSafe(|| self.wgpu.poll(poll))).ok()
    }

    /// Compiles a shader with one entry point; what it binds is read off its source.
    pub(super) fn compile(&self, label: &str, source: &str) -> Result<wgpu::ComputePipeline, ComputeError> {
        let module = self.wgpu.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(label),
            source: wgpu::ShaderSource::Wgsl(source.into()),
        });
        let pipeline = self.wgpu.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(label),
            layout: None,
            module: &module,
            entry_point: None,
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        self.check()?;
        Ok(pipeline)
    }

    /// Somewhere to record commands.
    pub(super) fn encoder(&self) -> wgpu::CommandEncoder {
        self.wgpu.create_command_encoder(&wgpu::CommandEncoderDescriptor::default())
    }

    /// A buffer, its contents zero.
    pub(super) fn buffer(&self, label: &str, size: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
        self.wgpu.create_buffer(&wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false })
    }

    /// A uniform block of these words, filled up to the 16 bytes that such blocks come in.
    pub(super) fn uniform(&self, label: &str, words: &[u32]) -> wgpu::Buffer {
        let mut words = words.to_vec();
        words.resize(words.len().next_multiple_of(4), 0);
        let bytes: &[u8] = bytemuck::cast_slice(&words);
        let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
        let made = self.buffer(label, bytes.len() as u64, usage);
        self.queue.write_buffer(&made, 0, bytes);
        made
    }

    /// Submits commands that end with copies into `readback`, waits for them, and shows the first `bytes` of what it holds.
    pub(super) fn read<R>(
        &self,
        commands: wgpu::CommandBuffer,
        (readback, bytes): (&wgpu::Buffer, u64),
        show: impl FnOnce(&[u8]) -> R,
    ) -> Result<R, ComputeError> {
        self.show(self.copied(commands, (readback, bytes))?, show)
    }

    /// Submits commands that end with copies into `readback`, to be looked at by [`Device::show`]: its first `bytes`.
    pub(super) fn copied<'b>(
        &self,
        commands: wgpu::CommandBuffer,
        (readback, bytes): (&'b wgpu::Buffer, u64),
    ) -> Result<Copied<'b>, ComputeError> {
        let submission = self.queue.submit([commands]);
        self.check()?;
        let (send, mapped) = mpsc::channel();
        readback.map_async(wgpu::MapMode::Read, ..bytes, move |result| {
            let _ = send.send(result); // nobody listens any more after a timeout
        });
        Ok(Copied { readback, bytes, submission, mapped })
    }

    /// Waits for copies and shows them.
    pub(super) fn show<R>(&self, copied: Copied<'_>, show: impl FnOnce(&[u8]) -> R) -> Result<R, ComputeError> {
        let Copied { readback, bytes, submission, mapped } = copied;
        self.wait(submission)?;
        // Whoever polls first runs what everybody waits for: that may be another thread, which has not come to it yet.
        match mapped.recv_timeout(self.patience) {
            Ok(Ok(())) => {}
            Err(RecvTimeoutError::Timeout) => return Err(ComputeError::Timeout(self.patience)),
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => {
                return Err(self.lost("the results could not be read back"));
            }
        }
        let view = readback.get_mapped_range(..bytes).map_err(|why| self.lost(&why.to_string()))?;
        let shown = show(&view[..]);
        drop(view);
        readback.unmap();
        Ok(shown)
    }

    /// Waits until everything that was handed over is done, and what it came from is given back.
    pub(super) fn flush(&self) -> Result<(), ComputeError> {
        self.wait(self.queue.submit([]))
    }

    /// Notes that so many bytes were handed to the queue, which keeps a copy until they have arrived, and waits for them where they
    /// and those before them are `most` or more.
    pub(super) fn handed_over(&self, bytes: u64, most: u64) -> Result<(), ComputeError> {
        let before = self.on_their_way.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) < most { Ok(()) } else { self.flush() }
    }

    /// Binds what a kernel reads and writes, in order, from 0 on.
    pub(super) fn bind<'b>(
        &self,
        label: &str,
        pipeline: &wgpu::ComputePipeline,
        bound: impl IntoIterator<Item = wgpu::BindingResource<'b>>,
    ) -> wgpu::BindGroup {
        let entries: Vec<_> =
            (0..).zip(bound).map(|(binding, resource)| wgpu::BindGroupEntry { binding, resource }).collect();
        self.wgpu.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(label),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &entries,
        })
    }

    /// The same, giving up on a wait after another time.
    pub(super) fn patient(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Notes what a driver says when its memory is full.
    pub(super) fn exhaust(&self) {
        self.faults.note(wgpu::Error::OutOfMemory { source: "rehearsed".into() });
    }

    /// Notes that the device cannot be used any more.
    pub(super) fn lost(&self, why: &str) -> ComputeError {
        self.faults.lose(why);
        ComputeError::Lost(why.to_owned())
    }
}

impl Faults {
    fn note(&self, error: wgpu::Error) {
        let error = match error {
            wgpu::Error::OutOfMemory { source } => ComputeError::OutOfMemory(source.to_string()),
            wgpu::Error::Validation { description, .. } | wgpu::Error::Internal { description, .. } => {
                ComputeError::Refused(description)
            }
        };
        self.first.lock().unwrap_or_else(PoisonError::into_inner).entry(thread::current().id()).or_insert(error);
    }

    fn lose(&self, why: &str) {
        self.lost.get_or_init(|| why.trim().to_owned());
    }
}
