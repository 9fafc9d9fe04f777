//! Going past a missing approval.

use guard::second::Answer;

use super::desk::{DELETE, Desk, ended, people};
use crate::harness::output;

const GLASS: [&str; 5] = ["run", "--break-glass", "--reason", "the site is down", "--"];

#[test]
fn it_is_off_and_never_for_an_agent() {
    if !people() {
        return;
    }
    let desk = Desk::new();
    let words = [&GLASS[..], &DELETE].concat();
    let (code, shown) = ended(desk.person(&words));
    assert_eq!(code, 77, "{shown}");
    assert!(shown.contains("Breaking the glass is for people"), "{shown}");
    let user = guard::app::host::user().unwrap();
    desk.policy(&format!("break-glass: {{users: [{user}]}}\n"));
    let ran = output(&mut desk.agent(&words));
    assert_eq!(ran.code, Some(77), "{}", ran.stderr);
    desk.policy("break-glass: {users: [somebody-else]}\n");
    assert_eq!(ended(desk.person(&words)).0, 77);
    let without = [&["run", "--break-glass", "--"], &DELETE[..]].concat();
    assert_eq!(ended(desk.person(&without)).0, 64, "a reason is needed");
    assert_eq!(desk.runs(), 0);
    // A repository cannot allow it.
    desk.place.write(".guard.yaml", format!("break-glass: {{users: [{user}]}}\n"));
    let (code, shown) = ended(desk.person(&words));
    assert_eq!(code, 77, "{shown}");
    assert!(shown.contains("ignored: break-glass"), "{shown}");
    assert_eq!(desk.runs(), 0);
}

#[test]
fn it_is_loud_and_stays_open_until_somebody_else_has_looked() {
    if !people() {
        return;
    }
    let desk = Desk::new();
    let out = desk.place.path("tmp/told");
    desk.place.program("tell", &format!("cat >>'{}'", out.display()));
    let user = guard::app::host::user().unwrap();
    let tell = desk.place.path("bin/tell");
    desk.policy(&format!(
        "break-glass: {{users: [{user}]}}\nnotify: [{{on: [break-glass], command: ['{}']}}]\n",
        tell.display()
    ));
    let words = [&GLASS[..], &DELETE].concat();
    let mut pty = desk.person(&words);
    let (_, word) = pty.exp_regex("type: break-glass ....-....").unwrap();
    let word = word.trim_start_matches("type: ").to_owned();
    pty.send_line(&word).unwrap();
    let (code, shown) = ended(pty);
    assert_eq!((code, desk.runs()), (0, 1), "{shown}");
    let record = desk.place.events("override").last().unwrap().clone();
    assert_eq!(record["reason"], "the site is down");
    assert!(std::fs::read_to_string(&out).unwrap().contains("BREAK-GLASS"));
    let asked = word.trim_start_matches("break-glass ").to_owned();
    assert!(desk.place.run(["status"]).stdout.contains(&format!("guard review {asked}")));
    // The same account without an approver's key cannot close it.
    let (code, shown) = ended(desk.person(&["review", &asked]));
    assert_eq!(code, 77, "{shown}");
    assert!(desk.place.run(["status"]).stdout.contains("REVIEW"));
    let request = desk.request(&asked);
    let token = desk.token(&request, "dana@example.org", &desk.key("dana"), Answer::Review);
    let closed = desk.accept(&token);
    assert_eq!(closed.code, Some(0), "{}", closed.stderr);
    assert!(!desk.place.run(["status"]).stdout.contains("REVIEW"));
}
