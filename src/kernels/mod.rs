//! Kernels as plain data: what is launched for a stage, or a whole program, ready for a device or for the mirror.
//!
//! ```text
//! rung      who there is                       rungs/     what each is made of, one a file
//! reason    why each is better than the one before
//! template  WGSL with repeated lines, written out for given sizes
//! layout    where a tensor's numbers lie       map        which invocation makes which cell
//! seen      which keys a query sees
//! launch    a shader, its sizes, what it binds, its workgroups; no numbers
//! product   C = A · B     rows  softmax     fused  scores … context in one     flat  all sentences below one another
//! transfer  from one layout to another     texels  from texture to texture, between products
//! stage     the launches that can make one stage by itself, for the lens
//! plan      the launches of a whole program, chained on a device's storages
//! mirror    a launch carried out on the CPU from its own WGSL
//! ```

mod flat;
mod fused;
mod launch;
mod layout;
mod map;
pub mod mirror;
mod plan;
mod product;
mod reason;
mod rows;
mod rung;
mod rungs;
mod seen;
mod stage;
pub mod template;
mod texels;
mod transfer;

pub use launch::{HIDDEN, Launch};
pub use layout::{Fold, Layout, Panels, Part, Storage, texels};
pub use map::{Map, Owner};
pub use plan::{Order, Plan, Step, rungs};
pub use reason::reason;
pub use rung::{PEAK, Rung, written_out};
pub use seen::Seen;
pub use stage::{LaunchError, Version, launch, versions};
