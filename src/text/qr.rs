//! A text as a QR code on a terminal.

use qrcodegen::{QrCode, QrCodeEcc};

/// Modules of silence around the code (ISO/IEC 18004 asks for four; two are
/// read well from screens, and width is scarce).
const QUIET: i32 = 2;

/// Renders a code with half blocks: two rows of modules in one line of text.
/// Dark on light whatever the terminal's colours, because many readers need it.
///
/// # Errors
/// Why it cannot be shown.
pub fn render(text: &str, columns: usize) -> Result<String, String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Low)
        .map_err(|_| "the text is too long for one; send it as text".to_owned())?;
    let size = code.size() + 2 * QUIET;
    let needed = usize::try_from(size).unwrap_or(usize::MAX);
    if needed > columns {
        return Err(format!("it needs {needed} columns, and the terminal has {columns}"));
    }
    let dark = |x: i32, y: i32| code.get_module(x - QUIET, y - QUIET);
    let mut out = String::new();
    for y in (0..size).step_by(2) {
        // Black on white: SGR 30;107 (ECMA-48).
        out += "\x1b[30;107m";
        for x in 0..size {
            out.push(match (dark(x, y), dark(x, y + 1)) {
                (true, true) => '\u{2588}',
                (true, false) => '\u{2580}',
                (false, true) => '\u{2584}',
                (false, false) => ' ',
            });
        }
        out += "\x1b[0m\n";
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::{QUIET, render};
    use qrcodegen::{QrCode, QrCodeEcc};

    #[test]
    fn every_module_is_drawn() {
        let text = "guard1.AbV7InYiOjEsInR5cGUiOiJndWFyZC5kZWNpc2lvbiJ9";
        let code = QrCode::encode_text(text, QrCodeEcc::Low).unwrap();
        let picture = render(text, 200).unwrap();
        let lines: Vec<Vec<char>> = picture
            .lines()
            .map(|line| line.replace("\x1b[30;107m", "").replace("\x1b[0m", "").chars().collect())
            .collect();
        for y in 0..code.size() {
            for x in 0..code.size() {
                let (row, column) = ((y + QUIET) / 2, x + QUIET);
                let cell = lines[usize::try_from(row).unwrap()][usize::try_from(column).unwrap()];
                let dark = match cell {
                    '\u{2588}' => true,
                    '\u{2580}' => (y + QUIET) % 2 == 0,
                    '\u{2584}' => (y + QUIET) % 2 == 1,
                    _ => false,
                };
                assert_eq!(dark, code.get_module(x, y), "{x},{y}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_says_so() {
        assert!(render("short", 10).unwrap_err().contains("columns"));
        assert!(render(&"x".repeat(4000), 500).unwrap_err().contains("too long"));
        let token = "x".repeat(1400);
        assert!(render(&token, 200).is_ok(), "a passkey's token fits");
    }
}
