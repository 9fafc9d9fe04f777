//! The report as one HTML file: no script, nothing from elsewhere, printable.

use super::Report;
use super::collect::{Case, Ending};
use super::markdown::short;
use super::picture;
use super::summary::{ending, moment};
use crate::text::escape;

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse;width:100%;font-size:.9rem}\
td,th{border-bottom:1px solid #8886;padding:.3rem .5rem;text-align:left;vertical-align:top}\
code{font:0.9em/1.4 ui-monospace,monospace;overflow-wrap:anywhere}\
svg{width:100%;height:auto}\
article{border-left:4px solid #888;padding-left:1rem;margin:1.5rem 0;break-inside:avoid}\
article.stopped{border-color:#1a7f37}article.failed{border-color:#bc4c00}\
.hint{color:#777;font-style:italic}\
@media print{body{max-width:none;margin:0}a{color:inherit}}";

pub(super) fn render(report: &Report<'_>) -> String {
    let mut out =
        String::from("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    // Nothing of the page may load or run, whatever a command has put in it.
    out += "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n";
    out += "<meta name=\"viewport\" content=\"width=device-width\">\n";
    out += &format!(
        "<title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n",
        text(&report.title)
    );
    out += &format!(
        "<h1>{}</h1>\n<p>{}</p>\n<h2>In short</h2>\n<ul>\n",
        text(&report.title),
        text(&report.source)
    );
    for line in report.short() {
        out += &format!("<li>{}</li>\n", text(&line));
    }
    out += "</ul>\n<h2>Timeline</h2>\n<p>Times are UTC.</p>\n";
    out += &picture::draw(&report.found.cases);
    out += "<table>\n<tr><th>time</th><th>who</th><th>command</th><th>tier</th><th>what became of it</th></tr>\n";
    for case in &report.found.cases {
        out += &format!(
            "<tr><td>{}</td><td>{}</td><td><code>{}</code></td><td>{}</td><td>{}</td></tr>\n",
            moment(case.at),
            text(&case.who),
            text(&short(&case.command)),
            text(&case.tier),
            text(&ending(case))
        );
    }
    out += "</table>\n<h2>What was known and decided</h2>\n";
    for case in report.serious() {
        out += &one(case);
    }
    out += "<h2>What this record cannot say</h2>\n<ul>\n";
    for line in report.limits() {
        out += &format!("<li>{}</li>\n", text(&line));
    }
    out += "</ul>\n<h2>To be written by people</h2>\n";
    for (title, hint) in super::OPEN {
        out += &format!("<h3>{title}</h3>\n<p class=\"hint\">{hint}</p>\n");
    }
    out += "</body>\n</html>\n";
    out
}

fn one(case: &Case) -> String {
    let class = match case.end {
        Ending::Stopped(_) => "stopped",
        Ending::Failed(_) => "failed",
        _ => "other",
    };
    let mut out = format!(
        "<article class=\"{class}\">\n<h3>{}</h3>\n<p><code>{}</code></p>\n<p>{} as {} on {} in <code>{}</code>, {}</p>\n<ul>\n",
        moment(case.at),
        text(&case.command),
        text(&case.who),
        text(&case.user),
        text(&case.host),
        text(&case.cwd),
        text(&case.tier)
    );
    let lists = [("why", &case.why), ("known", &case.known), ("before", &case.before)];
    for (what, lines) in lists {
        for line in lines {
            out += &format!("<li>{what}: {}</li>\n", text(line));
        }
    }
    if !case.reason.is_empty() {
        out += &format!("<li>reason given by the caller: {}</li>\n", text(&case.reason));
    }
    for event in &case.events {
        out += &format!("<li>{} {}</li>\n", moment(event.at), text(&event.text));
    }
    out += &format!("</ul>\n<p><code>guard log show {}</code></p>\n</article>\n", text(&case.id));
    out
}

/// Text that means nothing to HTML, in an element or a quoted attribute.
pub(in crate::cli::log) fn text(text: &str) -> String {
    let mut out = String::new();
    for c in escape(text).chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            c => out.push(c),
        }
    }
    out
}
