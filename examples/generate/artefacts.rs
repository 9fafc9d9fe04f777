//! Completions and manual pages, from the definition of the command line.

use guard::cli::{completions, man};

use crate::output::settle;

/// Writes `completions/` and `man/`, or with `check` compares them.
pub(crate) fn generate(check: bool) -> Result<String, String> {
    let mut report = String::new();
    for (shell, name) in completions::FILES {
        let text = String::from_utf8_lossy(&completions::script(shell)).into_owned();
        report += &settle(&format!("completions/{name}"), &text, check)?;
    }
    for (name, page) in man::pages() {
        let text = String::from_utf8_lossy(&page).into_owned();
        report += &settle(&format!("man/{name}"), &text, check)?;
    }
    Ok(report)
}
