//! The second human, with real keys, terminals and clients.

mod answering;
mod attacks;
pub mod desk;
mod glass;
mod mode;
mod moved;
mod openssh;
mod race;
mod readme;
mod record;
mod waiting;
