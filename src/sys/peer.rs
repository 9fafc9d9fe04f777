//! Who made the socket that a process was given (unix(7)).

/// The process that made standard input, where that is one half of a pair of
/// sockets without a name (socketpair(2)). The kernel notes it when the pair is
/// made, and whoever inherits a half cannot change it. A connection to a socket
/// with a name is none: there anybody may be at the other end. Nothing elsewhere
/// than on Linux.
#[must_use]
pub fn stdin_maker() -> Option<i32> {
    #[cfg(target_os = "linux")]
    {
        use std::os::fd::AsFd as _;
        linux::maker(std::io::stdin().as_fd())
    }
    #[cfg(not(target_os = "linux"))]
    {
        None
    }
}

#[cfg(target_os = "linux")]
mod linux {
    #![allow(unsafe_code, reason = "src/sys is where unsafe code lives")]

    use std::os::fd::{AsRawFd as _, BorrowedFd};
    use std::os::unix::net::UnixStream;

    pub(super) fn maker(file: BorrowedFd<'_>) -> Option<i32> {
        let socket = UnixStream::from(file.try_clone_to_owned().ok()?);
        // Both fail for what is no Unix socket.
        let unnamed =
            socket.peer_addr().ok()?.is_unnamed() && socket.local_addr().ok()?.is_unnamed();
        let mut who = libc::ucred { pid: 0, uid: 0, gid: 0 };
        let mut size = libc::socklen_t::try_from(size_of::<libc::ucred>()).ok()?;
        // SAFETY: the descriptor is open for as long as `socket` lives, and the
        // kernel writes at most `size` bytes, which is the size of `who`.
        let failed = unsafe {
            libc::getsockopt(
                socket.as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_PEERCRED,
                (&raw mut who).cast(),
                &raw mut size,
            )
        };
        // 0: a process that this PID namespace does not show.
        (unnamed && failed == 0 && who.pid > 0).then_some(who.pid)
    }

    #[cfg(test)]
    mod tests {
        use std::io::pipe;
        use std::os::fd::AsFd as _;
        use std::os::unix::net::{UnixListener, UnixStream};

        use super::maker;

        #[test]
        fn only_a_pair_of_sockets_without_a_name_tells_who_made_it() {
            let own = i32::try_from(std::process::id()).ok();
            let (near, far) = UnixStream::pair().unwrap();
            assert_eq!(maker(near.as_fd()), own);
            // The other end may have been closed since.
            drop(far);
            assert_eq!(maker(near.as_fd()), own);

            let dir = tempfile::tempdir().unwrap();
            let listener = UnixListener::bind(dir.path().join("socket")).unwrap();
            let called = UnixStream::connect(dir.path().join("socket")).unwrap();
            let (taken, _) = listener.accept().unwrap();
            assert_eq!(maker(called.as_fd()), None);
            assert_eq!(maker(taken.as_fd()), None);
            let (read, _write) = pipe().unwrap();
            assert_eq!(maker(read.as_fd()), None);
        }
    }
}
