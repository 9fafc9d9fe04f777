//! stub
use crate::model::*;
/// x
#[derive(Debug, Clone)]
pub struct Reading {
    /// x
    pub subcommand: Vec<String>,
    /// x
    pub options: Vec<Opt>,
    /// x
    pub operands: Vec<Word>,
    /// x
    pub operand_positions: Vec<usize>,
    /// x
    pub certainty: Certainty,
    /// x
    pub class: Option<OpClass>,
    /// x
    pub dashdash: Option<usize>,
}
/// x
pub fn tool_name(p: &str) -> String {
    p.into()
}
/// x
pub fn read(_t: &str, _a: &[Word]) -> Vec<Reading> {
    vec![]
}
