//! Words and secrets typed at the terminal, for those who answer a request.

use std::time::{Duration, Instant};

use super::tty::{How, Stop, Terminal};
use crate::text::{Palette, Role, escape};

/// Time for an answer.
const LIMIT: Duration = Duration::from_secs(300);
/// Wrong words until guard gives up.
const ATTEMPTS: u32 = 3;

/// Shows a screen and wants exactly this word. As for every question, it is
/// read from a freshly opened terminal, and what was typed before it stood
/// there is thrown away.
///
/// # Errors
/// In which way nobody typed it.
pub fn word(
    screen: &dyn Fn(usize) -> String,
    purpose: &str,
    expected: &str,
    palette: Palette,
) -> Result<(), How> {
    let mut terminal = Terminal::open()?;
    let shown = palette.paint(Role::Strong, escape(expected)).to_string();
    let prompt = format!("{purpose}, type: {shown}  > ");
    let mut text = format!("\n{}", screen(terminal.columns()));
    let mut deadline = Instant::now() + LIMIT;
    let mut left = ATTEMPTS;
    loop {
        let line = match terminal.line(&(text, prompt.clone()), deadline) {
            Ok(line) => line,
            Err(Stop::Continued) => {
                text = format!("\n{}", screen(terminal.columns()));
                deadline = Instant::now() + LIMIT;
                continue;
            }
            Err(Stop::TimedOut) => return Err(How::TimedOut(LIMIT)),
            Err(Stop::Ended(how)) => return Err(how),
        };
        let line = line.unwrap_or_default();
        match line.trim() {
            "" => return Err(How::No),
            typed if typed == expected => return Ok(()),
            _ => {}
        }
        left -= 1;
        if left == 0 {
            return Err(How::TooManyAttempts(ATTEMPTS));
        }
        text = "That is not it; Enter alone means no. ".to_owned();
    }
}

/// A line of text; empty when nothing was typed.
///
/// # Errors
/// In which way nobody typed it.
pub fn text(prompt: &str) -> Result<String, How> {
    read(prompt, false)
}

/// A secret: what is typed is not shown. Never through `SSH_ASKPASS` or
/// standard input, which somebody else may have set up.
///
/// # Errors
/// In which way nobody typed it.
pub fn secret(prompt: &str) -> Result<String, How> {
    read(prompt, true)
}

fn read(prompt: &str, hidden: bool) -> Result<String, How> {
    let mut terminal = Terminal::open()?;
    if hidden {
        terminal.hide();
    }
    let deadline = Instant::now() + LIMIT;
    loop {
        match terminal.line(&(String::new(), prompt.to_owned()), deadline) {
            Ok(line) => return Ok(line.unwrap_or_default()),
            Err(Stop::Continued) => {}
            Err(Stop::TimedOut) => return Err(How::TimedOut(LIMIT)),
            Err(Stop::Ended(how)) => return Err(how),
        }
    }
}
