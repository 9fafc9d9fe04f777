//! A request with curl: whether something is there. Only an address that stands
//! in the command whole, asked without any credential, and only by HEAD, which
//! RFC 9110 (section 9.2.1) calls safe.

use super::client::ask;
use super::commands::HTTP_HEAD;
use super::{Found, Job, Result};
use crate::model::Count;
use crate::text::escape;

/// Options that change nothing of what a HEAD would be told. With any other one
/// (a header, a log-in, a proxy) the same address can mean something else.
const PLAIN: &[&str] = &[
    "-X",
    "--request",
    "-s",
    "--silent",
    "-S",
    "--show-error",
    "-f",
    "--fail",
    "--fail-with-body",
    "-i",
    "--include",
    "-v",
    "--verbose",
    "-o",
    "--output",
    "-w",
    "--write-out",
    "-m",
    "--max-time",
    "--connect-timeout",
    "-d",
    "--data",
    "--data-raw",
    "--data-binary",
    "--json",
    "-k",
    "--insecure",
];

/// `curl -X DELETE ADDRESS`.
pub(super) fn address(job: &Job) -> Result {
    let options = &job.invocation.options;
    if options.iter().any(|option| !PLAIN.contains(&option.name.as_str())) {
        return Ok(None);
    }
    let Some(addresses) = job.operands() else { return Ok(None) };
    let [address] = addresses.as_slice() else { return Ok(None) };
    // A query may be an order of its own; brackets make several requests, and
    // in front of an @ stands a password.
    if address.contains(['?', '{', '[', '@', '#']) || address.starts_with('-') {
        return Ok(None);
    }
    let insecure: &[&str] = if job.has(&["-k", "--insecure"]) { &["--insecure"] } else { &[] };
    let insecure: Vec<String> = insecure.iter().map(|word| (*word).to_owned()).collect();
    let printed = ask(job, HTTP_HEAD, &[&insecure, &addresses])?.success("curl")?;
    Ok(told(&printed.text()))
}

/// What the head of an answer tells; `None` where it tells nothing of the object.
fn told(head: &str) -> Option<Found> {
    let mut lines = head.lines();
    let status: u16 = lines.next()?.split_whitespace().nth(1)?.parse().ok()?;
    let value = |name: &str| {
        let (_, value) = head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(value.trim().to_owned())
    };
    let hits = match status {
        404 | 410 => format!("nothing is there now (HTTP {status})"),
        200..=299 => {
            let kind = value("content-type").unwrap_or_default();
            let kind = escape(kind.split(';').next().unwrap_or_default().trim());
            let size = value("content-length").and_then(|n| n.parse::<u64>().ok());
            let size = size.filter(|n| *n > 0).map(|n| format!(", {n} bytes")).unwrap_or_default();
            let kind = if kind.is_empty() { String::new() } else { format!(" of {kind}") };
            format!("it is there (HTTP {status}{kind}{size})")
        }
        _ => return None,
    };
    Some(Found { count: Count::Exact(1), hits, ..Found::default() })
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn an_answer_says_whether_something_is_there() {
        let hits = |head: &str| told(head).map(|found| found.hits);
        let json = "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 12\r\n";
        assert_eq!(
            hits(json).as_deref(),
            Some("it is there (HTTP 200 of application/json, 12 bytes)")
        );
        assert_eq!(hits("HTTP/2 404\r\n").as_deref(), Some("nothing is there now (HTTP 404)"));
        for other in
            ["HTTP/1.1 401 Unauthorized\r\n", "HTTP/1.1 405\r\n", "HTTP/1.1 x", "", "\u{0}"]
        {
            assert_eq!(hits(other), None, "{other}");
        }
    }
}
