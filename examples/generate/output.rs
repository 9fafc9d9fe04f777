//! Writing or checking a generated file, and reporting.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A path below the root of the package.
pub(crate) fn in_package(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Writes the file, or with `check` fails when it would change.
pub(crate) fn settle(path: &str, content: &str, check: bool) -> Result<String, String> {
    let file = in_package(path);
    let old = std::fs::read_to_string(&file).unwrap_or_default();
    if old == content {
        return Ok(format!("{path}: unchanged, {} bytes\n", content.len()));
    }
    if check {
        return Err(format!("{path} is not what the generator writes; run it without --check"));
    }
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    std::fs::write(&file, content).map_err(|e| format!("{}: {e}", file.display()))?;
    Ok(format!("{path}: written, {} bytes\n", content.len()))
}

/// Tells the result and turns it into an exit code.
pub(crate) fn finish(result: Result<String, String>) -> ExitCode {
    let (text, code) = match result {
        Ok(text) => (text, ExitCode::SUCCESS),
        Err(text) => (format!("generate: {text}\n"), ExitCode::FAILURE),
    };
    let _ = std::io::stderr().write_all(text.as_bytes());
    code
}
