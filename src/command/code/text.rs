//! Words as plain text and back: a part that is not known becomes one private
//! character, so that code and patterns can be read around it.

use crate::model::{Hole, Part, Span, Word};

/// First of the private characters (plane 15 of Unicode).
const FIRST: u32 = 0xF_0000;
/// How many unknown parts keep their identity.
const MOST: u32 = 0xFFF0;

/// The text of a word, and its holes in the order of their characters.
pub(in crate::command) fn encode(word: &Word) -> (String, Vec<Hole>) {
    let mut holes = Vec::new();
    let text = append(word, &mut holes);
    (text, holes)
}

/// The hole that a character stands for.
pub(in crate::command) fn hole(c: char, holes: &[Hole]) -> Option<Hole> {
    let index = u32::from(c).checked_sub(FIRST).filter(|index| *index <= MOST)?;
    let index = usize::try_from(index).ok()?;
    let fallback = || Hole { source: "?".to_owned(), ..Hole::default() };
    Some(holes.get(index).cloned().unwrap_or_else(fallback))
}

/// Whether a character stands for a hole.
pub(super) fn is_hole(c: char) -> bool {
    u32::from(c).checked_sub(FIRST).is_some_and(|index| index <= MOST)
}

/// A word again, from a piece of encoded text.
pub(in crate::command) fn decode(text: &str, holes: &[Hole], span: Span) -> Word {
    let mut word = Word { parts: Vec::new(), span };
    let mut known = String::new();
    for c in text.chars() {
        match hole(c, holes) {
            Some(hole) => {
                word.push_text(&known);
                known.clear();
                word.parts.push(Part::Hole(hole));
            }
            None => known.push(c),
        }
    }
    word.push_text(&known);
    word
}

/// Adds the holes of a word to a list and gives their text.
pub(super) fn append(word: &Word, holes: &mut Vec<Hole>) -> String {
    let mut text = String::new();
    for part in &word.parts {
        match part {
            Part::Text(t) | Part::Glob(t) => text.push_str(t),
            Part::Hole(hole) => {
                let index = u32::try_from(holes.len()).unwrap_or(MOST).min(MOST);
                text.extend(char::from_u32(FIRST + index));
                if index < MOST {
                    holes.push(hole.clone());
                }
            }
        }
    }
    text
}
