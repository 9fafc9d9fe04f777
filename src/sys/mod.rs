//! What the operating system offers and no crate wraps safely: the only place
//! in guard where `unsafe` may stand. Everything exported is safe to call.

pub mod folder;
mod inherited;
mod memory;
mod nameless;
mod peer;
mod procfs;
mod signal;
mod spawn;
pub mod tty;

pub use inherited::{Inherited, inherited};
pub use memory::one_heap;
pub use nameless::{nameless, seal};
pub use peer::stdin_maker;
pub use procfs::{
    Process, arguments, command_line, directory, environment, own_processes, process,
    runs_this_program,
};
pub use signal::{
    SignalInfo, Usage, WaitEvent, default_child_signal, die_by, has_ended, is_ignored, stop_by,
    take_pending, wait_event, wait_signal,
};
pub use spawn::{Image, Plan, SpawnError, end_with_parent, spawn, with_mask};
