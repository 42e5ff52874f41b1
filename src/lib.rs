//! **qkv** opens the inside of attention in a terminal: 我爱北京天安门, from words to context vectors.
//!
//! This page is the map. Modules stand in reading order, lowest first; each uses only what stands
//! above it, and `tests/layers.rs` holds that line.
//!
//! # The symbols
//!
//! | symbol | shape | meaning |
//! |---|---|---|
//! | `H`, `M` | words × d_model | word vectors, one row a word; `M` are the words looked at in cross-attention |
//! | `W_q`, `W_k` | d_model × heads·d | what a head asks with, and what it answers to |
//! | `W_v` | d_model × heads·d_v | what a head passes on |
//! | `Q`, `K`, `V` | heads × words × d (d_v) | queries, keys, values: `q_i = h_i · W_q` |
//! | `scores` | heads × words × words | `Q · Kᵀ`: every query against every key |
//! | `scaled` | the same | `scores / √d` |
//! | `masked` | the same | hidden where the mask is 0 |
//! | `weights` | the same | `softmax(masked)`: each row sums to 1 |
//! | `context` | heads × words × d_v | `weights · V` |
//! | `concat` | words × heads·d_v | all heads side by side |
//! | `output` | words × out | `concat · W_o` |

#![warn(rustdoc::broken_intra_doc_links)]

// What everything stands on
pub mod ground;

// The mathematics
pub mod math;

pub mod program;

pub mod explain;

pub mod kernels;

// The material, and what is found out about it
pub mod source;

pub mod study;

pub mod session;

// What a person sees
pub mod report;

pub mod app;

pub mod ui;

// The machines
pub mod compute;

pub mod engine;

pub mod runtime;
