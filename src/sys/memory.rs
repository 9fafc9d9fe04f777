//! How the allocator asks the system for memory.

#![allow(unsafe_code, reason = "src/sys is where unsafe code lives")]

/// Bytes that the heap grows by beyond what is asked for: what one command takes
/// fits, so the heap grows once and not a page at a time.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const STEP: i32 = 1024 * 1024;

/// Lets all threads share one heap that grows in large steps. A thread beside
/// the first one has a heap of its own with the GNU library, and makes it larger
/// with a system call for each page (`M_ARENA_MAX` and `M_TOP_PAD`, mallopt(3)):
/// a quarter of what a hook's answer cost. Called before there is a second thread.
pub fn one_heap() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: mallopt takes two numbers and touches only the allocator's settings.
    // One that it does not take changes nothing.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
        libc::mallopt(libc::M_TOP_PAD, STEP);
    }
}
