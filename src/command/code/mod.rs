//! Code in other languages than shell: finds the calls that run commands,
//! delete, write or send, and says which commands they are equal to.
//!
//! The code is never run and never parsed in full. It is cut into tokens by the
//! rules of its language (`rules/languages.yaml`), constant texts are followed
//! through simple assignments, and each call in the table of the language
//! becomes a command that is judged like one that was typed. What is not
//! constant is a hole in that command. Code without such calls is ordinary.

mod cursor;
mod emit;
mod expression;
mod import;
mod language;
mod lex;
mod literal;
mod make;
mod names;
mod read;
mod reader;
mod template;
mod text;
mod value;

#[cfg(test)]
mod tests;

pub use language::{Language, LanguageFile};
pub(in crate::command) use reader::Found;
pub(in crate::command) use text::{decode, encode};

use crate::model::Word;
use reader::{Given, Reader};

/// Longest code that is read, in bytes. Longer code is unknown.
pub const MAX_CODE: usize = 1024 * 1024;

/// The commands that code would start.
pub(in crate::command) fn find(language: &str, code: &Word, home: Option<&str>) -> Vec<Found> {
    let Some(language) = language::lookup(language) else { return Vec::new() };
    let (text, holes) = encode(code);
    if text.len() > MAX_CODE {
        return vec![Found::Unknown(code.clone())];
    }
    // Code that begins with something unknown can be anything.
    if text.trim_start().starts_with(text::is_hole) && text.trim().chars().count() == 1 {
        return vec![Found::Unknown(code.clone())];
    }
    let read = |given: Given| {
        let mut reader = Reader::new(&language, holes.clone(), home, code.span, given);
        reader.program(&text);
        reader
    };
    let mut reader = read(Given::new());
    // A second time, with what the functions of the program are called with.
    if !reader.given.is_empty() {
        let given = std::mem::take(&mut reader.given);
        reader = read(given);
    }
    if reader.limit {
        reader.unknown("code that is too long or too deep");
    }
    reader.found
}
