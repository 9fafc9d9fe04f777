//! The second human, with real keys, terminals and clients.

mod anchor;
mod answering;
mod attacks;
pub mod desk;
mod every_kind;
mod glass;
mod mode;
mod moved;
mod openssh;
mod race;
mod readme;
mod record;
mod waiting;
