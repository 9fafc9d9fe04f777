//! The safer way must be something that can be typed.

use brush_parser::{Parser, ParserOptions};

use super::place::{Place, Report};

/// Longest advice, in bytes. It is also what keeps the shell parser's work and
/// recursion small here.
const LONGEST: usize = 500;
/// Opening brackets in one command, for the same reason.
const NESTING: usize = 12;

/// Checks that every command in backquotes is shell; without backquotes the
/// whole text is a command.
pub(super) fn check(safer: &str, at: Place<'_>, report: &mut Report) {
    if safer.trim().is_empty() {
        report.add(at.error("The safer way is empty; leave the key out."));
        return;
    }
    if safer.len() > LONGEST {
        report.add(at.error(&format!("The safer way is longer than {LONGEST} bytes.")));
        return;
    }
    let pieces: Vec<&str> = safer.split('`').collect();
    if pieces.len().is_multiple_of(2) {
        report.add(at.error("A backquote has no partner.").expected("`command` in a sentence"));
        return;
    }
    let commands: Vec<&str> =
        if pieces.len() == 1 { pieces } else { pieces.into_iter().skip(1).step_by(2).collect() };
    for command in commands {
        if let Err(why) = parse(command) {
            let message = format!("`{command}` is not a shell command: {why}.");
            report.add(at.error(&message).expected("a command, or a sentence with `commands`"));
        }
    }
}

fn parse(command: &str) -> Result<(), String> {
    if command.trim().is_empty() {
        return Err("it is empty".into());
    }
    if command.matches(['(', '{', '[']).count() > NESTING {
        return Err("it is too complicated".into());
    }
    let text = format!("{command}\n");
    let mut parser = Parser::new(text.as_bytes(), &ParserOptions::default());
    match parser.parse_program() {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string().trim_end_matches('.').to_owned()),
    }
}
