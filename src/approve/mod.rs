//! What people see before a command runs, and how a human at the terminal
//! answers.
//!
//! A keystroke on a terminal proves that somebody controls a terminal, no more:
//! a program with the same account can allocate one and type `y`. This stops
//! accidents. What needs more than that needs a second human.

mod command;
pub mod elsewhere;
pub mod refusal;
pub mod screen;
pub mod tty;
pub mod typed;

pub use refusal::{Unanswered, declined, refused};
pub use screen::{Scene, Surroundings, render};
pub use tty::{Asked, Declined, How, Settings, ask};
