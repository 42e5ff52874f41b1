//! How much memory a program with large weights takes beside them: a file of its own, for nothing else may run meanwhile.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test that is skipped says so, and what was measured")]

#[path = "house/device.rs"]
mod device;
#[path = "models/tiny.rs"]
mod tiny;

use device::device;
use std::sync::Arc;

use qkv::compute::Compute;
use qkv::compute::gpu::{Gpu, Options};
use qkv::engine::OnDisk;
use qkv::math::tensor::{Cell, Tensor};
use qkv::program::attention::{Sizes, self_attention};
use qkv::program::{Inputs, Name, Program};
use qkv::source::model::{Folder, Model};
use tiny::{Family, Tiny};

/// The most memory that this process has held since the last call, in bytes; none where the system does not tell.
fn most_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let most = line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10;
    std::fs::write("/proc/self/clear_refs", "5").ok()?; // the mark starts anew from what is held now
    Some(most)
}

#[test]
fn a_hundred_megabytes_of_weights_lie_on_the_device_once() {
    let Some(mut gpu) = device(&Options::default()) else { return };
    if most_memory().is_none() {
        return eprintln!("skipped: this system does not tell how much memory there was");
    }
    let (program, given) = four_large();
    // A software adapter's memory is ours: one copy, some padding and a piece on its way; elsewhere the piece alone.
    let grown = grown(&mut gpu, &program, &given);
    assert!(grown < 1.2, "{grown:.2}");
    // None of these is larger than a piece: they do not all wait on their way either, which would take as much again. The rest is
    // activations, whose rows are padded, and what the driver compiles and allocates in blocks: 1.5 to 1.8 were seen.
    let folder = tempfile::tempdir().unwrap();
    let (program, given) = many_small(&folder.path().join("one"), 1);
    gpu.run(&program, &given).unwrap();
    let (program, given) = many_small(&folder.path().join("twelve"), 12);
    let grown = self::grown(&mut gpu, &program, &given);
    assert!(grown < 2.1, "{grown:.2}");
    // Weights that two plans share push neither of them out.
    let last = program.output_of(program.stages().len() - 1);
    gpu.read(&program, &given, &[last]).unwrap();
    assert!(gpu.plans() > 1, "the plan of the whole run is still there");
}

/// By how many times its weights memory grows while a program runs on a device for the first time.
fn grown(gpu: &mut Gpu, program: &Program, given: &Inputs) -> f64 {
    let weights: u64 = given.tensors().iter().map(|tensor| 4 * tensor.shape().count() as u64).sum();
    assert!(weights > 100_000_000);
    most_memory();
    let held = most_memory().unwrap();
    gpu.run(program, given).unwrap();
    let most = most_memory().unwrap();
    let uploaded = gpu.uploads();
    gpu.run(program, given).unwrap();
    assert_eq!(gpu.uploads(), uploaded, "no weights go there again");
    let grown = most.saturating_sub(held) as f64 / weights as f64;
    eprintln!("memory grew by {grown:.2} of the weights");
    grown
}

/// Four W of 26 MB.
fn four_large() -> (Program, Inputs) {
    let side = 2560;
    let output = Some(side);
    let sizes =
        Sizes { batch: None, tokens: 4, memory: 0, model: side, heads: 32, features: side, values: side, output };
    let program = self_attention(&sizes).unwrap();
    let given = Inputs::new(&program, |symbol| {
        let number = |c: Cell| {
            if symbol.name == Name::Mask { 1.0 } else { ((c.row * 7 + c.col * 3) % 11) as f32 / 400.0 - 0.012 }
        };
        Some(Tensor::from_fn(program.shape(program.find_symbol(symbol)?), number))
    });
    let given = given.unwrap();
    (program, given)
}

/// W of 1 to 4 MB, four a layer.
fn many_small(folder: &std::path::Path, layers: usize) -> (Program, Inputs) {
    std::fs::create_dir(folder).unwrap();
    let tiny = Tiny { layers, d: 448, ffn: 1792, positions: 64, heads: 14, kv_heads: 14, ..Tiny::of(Family::Gpt2) };
    tiny.write(folder);
    let folder: Arc<dyn Folder> = Arc::new(OnDisk::new(folder));
    let model = Arc::new(Model::open(&folder, "tiny").unwrap());
    let sample = model.sample("ab").unwrap();
    (Program::clone(&sample.program), Inputs::clone(&sample.inputs))
}
