//! A shell's history: bash (with `HISTTIMEFORMAT` each command has a line `#EPOCH`
//! before it), zsh's extended form `: EPOCH:SECONDS;COMMAND`, or plain lines.

use std::io::{self, BufRead};

use super::{Seen, What, lines};

/// Reads a history; how many lines were too long to read.
///
/// # Errors
/// The input cannot be read.
pub fn read(input: impl BufRead, each: &mut dyn FnMut(Seen)) -> io::Result<u64> {
    let mut at: Option<i64> = None;
    lines(input, &mut |line| {
        let line = String::from_utf8_lossy(line);
        let text = line.trim();
        let seconds = |text: &str| text.parse::<i64>().ok()?.checked_mul(1000);
        if let Some(time) = text.strip_prefix('#')
            && !time.is_empty()
            && time.bytes().all(|byte| byte.is_ascii_digit())
        {
            at = seconds(time);
            return;
        }
        let mut when = at;
        let mut command = text;
        if let Some((stamp, rest)) = text.strip_prefix(": ").and_then(|text| text.split_once(';'))
            && let Some((begun, _)) = stamp.split_once(':')
            && let Some(begun) = seconds(begun)
        {
            when = Some(begun);
            command = rest;
        }
        if !command.is_empty() {
            let what = What::Line(command.to_owned());
            each(Seen { at: when, who: "shell history".into(), what, process: None });
        }
    })
}
