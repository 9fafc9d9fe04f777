//! Many guards, one approval.

use super::desk::{DELETE, Desk};

/// 200 rounds of two guards that start at the same moment with the same token:
/// each time exactly one of them runs the command.
#[test]
fn of_two_guards_with_one_approval_one_runs() {
    let desk = Desk::new();
    for round in 1..=200 {
        let asked = desk.asked(&DELETE);
        let token = desk.yes(&asked);
        let words = [&["run", "--wait", "0s", "--token", &token, "--"], &DELETE[..]].concat();
        let both: Vec<_> = (0..2)
            .map(|_| {
                let mut guard = desk.agent(&words);
                guard.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
                guard.spawn().unwrap()
            })
            .collect();
        let codes: Vec<_> =
            both.into_iter().map(|mut guard| guard.wait().unwrap().code().unwrap()).collect();
        assert_eq!(desk.runs(), round, "{codes:?}");
        assert!(codes.contains(&0), "{codes:?}");
        assert!(codes.iter().all(|code| [0, 77].contains(code)), "{codes:?}");
    }
}
