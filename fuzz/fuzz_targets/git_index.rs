//! The index of a repository, which anybody may have written.
#![no_main]

use guard::probe::git_index::listed;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Some(listed) = listed(&mut &data[..], &[b"a", b"src/b"]) {
        // Each entry takes more than that.
        assert!(listed.files * 62 <= data.len() as u64);
        assert!(listed.unwatched <= listed.files);
    }
});
