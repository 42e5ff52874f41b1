//! The contracts that every op, shader and backend keeps (docs/ARCHITECTURE.md).
//!
//! GPU tests run one at a time. Without an adapter they say that they were skipped, unless
//! `QKV_REQUIRE_GPU=1` makes an adapter compulsory.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on says so")]
#![expect(clippy::float_cmp, reason = "whether a number changed at all is the question")]

mod adapter;
mod adjoint;
mod alone;
mod deep;
mod failures;
mod figures;
mod ledger;
mod ops;
mod programs;
mod random;
mod rules;
mod shaders;
mod ways;
