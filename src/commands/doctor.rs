//! `qkv doctor`: what this machine can do.

use qkv::ground::exit::Exit;
use qkv::ground::fault::Fault;
use qkv::report::doctor::{self, Machine};

use super::{driver, print};
use crate::cli::Options;
use crate::host::{self, reader};
use crate::load::load;

/// Looks around, and prints what was found.
pub(crate) fn run(options: &Options) -> Result<Exit, Fault> {
    let reader = reader(options);
    let sample = load(options)?;
    let adapters =
        if options.backend.wants_a_device() { host::quietly(qkv::compute::gpu::adapters) } else { Vec::new() };
    let proof = driver(options)?.run(&sample.program, &sample.inputs)?;
    let (_, language) = host::language(options);
    let machine = Machine {
        program: format!("{}, {} {}", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH),
        adapters,
        proof,
        system: host::system(),
        terminal: host::terminal(),
        language,
    };
    print(|out| doctor::write(&machine, reader, out))
}
