//! Tensors that another program computed, with their tokens: a file that becomes a sample.
//!
//! ```text
//! x.npz          npz + npy ┐
//! x.safetensors  tensors   ├─> a Store: names, shapes, numbers, tokens ── build: everything fits ──> Sample
//! x.json         json      ┘
//! ```
//!
//! A file may hold anything. Shapes are judged before a number is read, so memory is bounded by the limits of `build` and never by
//! what a file says of itself; nothing in it is executed. `docs/IMPORT.md` shows how to write one.

mod build;
mod error;
mod json;
mod npy;
mod npz;
mod tensors;

use std::sync::Arc;

pub use error::ImportError;

use crate::ground::fault::Fault;
use crate::source::model::Folder;
use crate::source::sample::Sample;

/// The bytes of a list of tokens, at most.
const TOKENS: usize = 4 << 20;

/// An array that a file names: what it is called, and its axes, outermost first.
type Named = (String, Vec<usize>);

/// A file of arrays, whatever its format.
trait Store {
    /// What errors call the file.
    fn file(&self) -> &str;

    /// Every array with its shape; numbers are not read.
    fn arrays(&self) -> &[Named];

    /// The numbers of an array whose shape was found good, row by row, each finite.
    fn read(&mut self, name: &str) -> Result<Vec<f32>, ImportError>;

    /// The tokens, where the file has them.
    fn tokens(&mut self) -> Result<Option<Vec<String>>, ImportError>;
}

/// A format that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Npz,
    Safetensors,
    Json,
}

/// The format that a name ends in.
fn format(name: &str) -> Option<Format> {
    let (_, ending) = name.rsplit_once('.')?;
    match ending.to_ascii_lowercase().as_str() {
        "npz" => Some(Format::Npz),
        "safetensors" => Some(Format::Safetensors),
        "json" => Some(Format::Json),
        _ => None,
    }
}

/// Whether a file of that name is one that can be imported.
pub fn is_import(name: &str) -> bool {
    format(name).is_some()
}

/// Imports a file of a folder.
///
/// # Errors
/// [`ImportError`] in words: which file, which array, where in it, what was found and what was expected.
pub fn open(folder: &Arc<dyn Folder>, name: &str) -> Result<Sample, Fault> {
    match format(name) {
        Some(Format::Npz) => build::sample(name, &mut npz::Npz::open(folder, name)?),
        Some(Format::Safetensors) => build::sample(name, &mut tensors::Tensors::open(folder, name)?),
        Some(Format::Json) => build::sample(name, &mut json::Json::open(&**folder, name)?),
        None => Err(ImportError::Ending { file: folder.called(name) }.into()),
    }
}

/// The first number that is none, as an error that says where: its indices from 1.
fn finite(file: &str, name: &str, shape: &[usize], numbers: &[f32]) -> Result<(), ImportError> {
    let Some(at) = numbers.iter().position(|number| !number.is_finite()) else { return Ok(()) };
    let (place, found) = (place(shape, at), numbers.get(at).copied().unwrap_or_default());
    let message = crate::ground::lang::Text::owned(
        format!("{place} 是 {found}，每个数都必须是有限的，f32 装得下"),
        format!("{place} is {found}, every number must be finite and fit into an f32"),
    );
    Err(ImportError::array(file, name, message))
}

/// Where the n-th number of an array stands: `[1,2,3]`, from 1.
fn place(shape: &[usize], at: usize) -> String {
    let mut rest = at;
    let mut indices: Vec<String> = shape
        .iter()
        .rev()
        .map(|&axis| {
            let index = rest % axis.max(1);
            rest /= axis.max(1);
            (index + 1).to_string()
        })
        .collect();
    indices.reverse();
    format!("[{}]", indices.join(","))
}
