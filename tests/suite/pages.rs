//! The pages that guard writes, in a real browser: nothing is asked for, nothing
//! is cut off, and they can be printed.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::grammar_clients::skipped;
use crate::harness::{Place, root};
use crate::{report, stats};

/// A browser, if there is one.
fn browser() -> Option<&'static str> {
    let there = |name: &str| {
        let mut command = Command::new(name);
        command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !there("python3") {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "python3 is not installed");
        skipped("python3 is not installed: no browser looked at pages");
        return None;
    }
    let found = ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|n| there(n));
    if found.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "chromium is not installed");
        skipped("chromium is not installed: no browser looked at pages");
    }
    found
}

/// What the browser has against a page.
fn look(browser: &str, page: &Path, folder: &Path) -> Result<String, String> {
    std::fs::create_dir_all(folder).unwrap();
    let mut command = Command::new("python3");
    command.arg("-B").arg(root().join("tests/oracles/page.py"));
    let done = command.arg(browser).arg(page).arg(folder).stdin(Stdio::null()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if done.status.success() { Ok(text(&done.stdout)) } else { Err(text(&done.stderr)) }
}

/// The pages, by name.
fn written(place: &Place, stats: &Place) -> [(&'static str, std::path::PathBuf); 2] {
    let (one, two) = (place.path("tmp/report.html"), stats.path("tmp/stats.html"));
    let ran =
        place.run(["log", "report", "--since", "1h", "--all", "--html", one.to_str().unwrap()]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let ran = stats.run(["log", "stats", "--since", "2026-11-01", "--html", two.to_str().unwrap()]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    [("report", one), ("stats", two)]
}

#[test]
fn a_browser_shows_the_pages_whole_asks_for_nothing_and_prints_them() {
    let Some(browser) = browser() else { return };
    let (place, numbers) = (report::incident(), stats::place());
    for (name, page) in written(&place, &numbers) {
        let folder = place.path(&format!("tmp/{name}"));
        let seen = look(browser, &page, &folder);
        assert!(seen.is_ok(), "{name}: {seen:?}");
        // For a look at them: GUARD_PAGES=FOLDER.
        if let Some(keep) = std::env::var_os("GUARD_PAGES") {
            for file in ["wide.png", "narrow.png", "page.pdf"] {
                let to = Path::new(&keep).join(format!("{name}-{file}"));
                std::fs::copy(folder.join(file), to).unwrap();
            }
        }
    }
}

/// It would say so: each of these pages is wrong in one way.
#[test]
fn the_browser_has_something_against_pages_that_are_wrong() {
    let Some(browser) = browser() else { return };
    let place = Place::new();
    let long = "word ".repeat(400);
    for (n, (body, says)) in [
        ("<img src='http://127.0.0.1:9/x.png'>".to_owned(), "it asks for http://127.0.0.1:9/x.png"),
        ("<script>console.log(1)</script>".to_owned(), "on the console"),
        (format!("<p style='width:9em;overflow:hidden;white-space:nowrap'>{long}</p>"), "cut off"),
        (format!("<p style='white-space:nowrap'>{long}</p>"), "wide in a window of"),
        (
            "<svg width=90 height=20><text x=70 y=15>beyond it</text></svg>".to_owned(),
            "its picture",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let page = place.path(&format!("tmp/{n}.html"));
        std::fs::write(&page, format!("<!doctype html><meta charset=utf-8>{long}{body}")).unwrap();
        let seen = look(browser, &page, &place.path(&format!("tmp/{n}"))).unwrap_err();
        assert!(seen.contains(says), "{says}: {seen}");
    }
    let page = place.path("tmp/blank.html");
    std::fs::write(&page, "<!doctype html><meta charset=utf-8>").unwrap();
    let seen = look(browser, &page, &place.path("tmp/blank")).unwrap_err();
    assert!(seen.contains("the page is blank"), "{seen}");
}
