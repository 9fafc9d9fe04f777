//! From a simple command to invocations: wrappers taken off, options understood.

pub mod grammar;
