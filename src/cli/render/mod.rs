//! Verdicts for readers: short, as JSON, and explained word by word.
//!
//! Pure functions of the verdict; the subcommands write what these return.
