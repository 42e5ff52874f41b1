//! The contracts that every op, shader and backend keeps (docs/ARCHITECTURE.md).
//!
//! GPU tests run one at a time. Without an adapter they say that they were skipped, unless
//! `QKV_REQUIRE_GPU=1` makes an adapter compulsory.

mod adapter;
mod failures;
mod ops;
mod programs;
mod random;
mod shaders;
