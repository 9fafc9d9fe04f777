//! Files without a name: nobody else can open them, and nothing is left of them.

use std::ffi::CStr;
use std::fs::File;
use std::io;

/// Makes a file that only this process and those that it hands it to can reach:
/// memory that `name` stands for in lists of open files (`memfd_create(2)`), and
/// where the system has none, a file that is gone from its folder at once.
///
/// # Errors
/// The system has no memory or no descriptor left, or the folder for temporary
/// files cannot be written.
#[cfg(target_os = "linux")]
pub fn nameless(name: &CStr) -> io::Result<File> {
    use nix::sys::memfd::{MFdFlags, memfd_create};
    Ok(File::from(memfd_create(name, MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING)?))
}

/// As on Linux.
///
/// # Errors
/// As on Linux.
#[cfg(not(target_os = "linux"))]
pub fn nameless(name: &CStr) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let name = format!("{}-{}", name.to_string_lossy(), std::process::id());
    let path = std::env::temp_dir().join(name);
    let file = File::options().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

/// Forbids any further change of a nameless file, to everybody, where the system
/// can (`F_ADD_SEALS`, fcntl(2)).
///
/// # Errors
/// Somebody has it mapped for writing.
pub fn seal(file: &File) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use nix::fcntl::{FcntlArg, SealFlag, fcntl};
        let seals = SealFlag::F_SEAL_WRITE
            | SealFlag::F_SEAL_GROW
            | SealFlag::F_SEAL_SHRINK
            | SealFlag::F_SEAL_SEAL;
        fcntl(file, FcntlArg::F_ADD_SEALS(seals))?;
    }
    #[cfg(not(target_os = "linux"))]
    let _ = file;
    Ok(())
}
