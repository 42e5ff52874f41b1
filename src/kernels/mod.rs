//! Kernels as plain data: what each rung of the ladder launches, ready for a device or for the mirror.
//!
//! ```text
//! rung      who there is
//! reason    why each is better than the one before
//! template  WGSL with repeated lines, written out for given sizes
//! launch    a shader, its numbers, its workgroups, and which invocation makes which cell
//! stage     the launches that can make one stage of a program
//! ```

mod launch;
pub mod mirror;
mod reason;
mod rung;
mod stage;
pub mod template;

pub use launch::{Launch, Lies, Map, Owner, Storage, texels};
pub use reason::reason;
pub use rung::{KEYS, ROWS_A_LANE, Rung, WIDEST, kept_keys, queries, sources};
pub use stage::{Attention, LaunchError, Strided, Version, attention, launch, versions};
