//! Words about one cell or one stage, made from `sources` and the trace.
