//! `qkv` where there is no terminal: the plain walk through a sample.

use qkv::ground::exit::Exit;
use qkv::ground::fault::Fault;
use qkv::report::{self, Subject};

use super::{compute, driver, print};
use crate::cli::Options;
use crate::host::reader;
use crate::load::load;

/// The plain walk through a sample.
pub(crate) fn run(options: &Options) -> Result<Exit, Fault> {
    let sample = load(options)?;
    let layer = report::layer(&sample.program, options.layer)?;
    let reader = reader(options);
    let run = compute(&mut driver(options)?, &sample, options)?;
    print(|out| report::walk::write(&Subject { sample: &sample, run: &run, reader }, layer, out))
}
