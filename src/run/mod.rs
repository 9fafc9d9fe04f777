//! Running what was approved, so that nobody can tell guard from the command.
//!
//! The child is in guard's own process group and has guard's terminal, files,
//! environment and directory. Guard waits, passes signals on that only it has
//! received, stops when the child stops, and in the end exits with the child's
//! code or dies by its signal. In order:
//!
//! 1. [`resolve`] finds the program and pins the file;
//! 2. [`prepare`] takes the approval and blocks signals, so that none can hit
//!    between the record and the child;
//! 3. the caller writes the durable `start` record;
//! 4. [`Prepared::start`] checks the file again and starts the child;
//! 5. [`Running::wait`], the `end` record, [`Outcome::finish`].

mod child;
mod error;
mod file;
mod loader;
mod outcome;
mod path;
mod resolve;
mod signals;

pub use child::{Prepared, Running, prepare};
pub use error::{Obstacle, RunError};
pub use file::{Executable, Identity, Kind};
pub use loader::{LoaderVariable, loader_variables};
pub use outcome::{Outcome, Status};
pub use resolve::resolve;
pub use signals::Signals;
