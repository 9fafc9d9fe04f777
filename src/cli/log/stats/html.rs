//! The numbers as one page with charts: no script, nothing from elsewhere.

use super::{LogIo, RULES, facts};
use crate::audit::stats::{Counts, Stats};
use crate::cli::log::report::html::text;
use crate::text::stamp::Stamp;

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:16px/1.5 system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem}\
table{border-collapse:collapse;width:100%;font-size:.9rem}\
td,th{border-bottom:1px solid #8886;padding:.3rem .5rem;text-align:right}\
td:first-child,th:first-child{text-align:left;overflow-wrap:anywhere}\
svg{width:100%;height:auto}\
@media print{body{max-width:none;margin:0}}";

/// Most bars of a chart.
const BARS: usize = 40;

pub(super) fn render(stats: &Stats, since: Stamp, io: &LogIo<'_>) -> String {
    let mut out = String::from(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n",
    );
    out += &format!(
        "<title>guard: how we work with it</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    );
    out += &format!(
        "<h1>How we work with guard</h1>\n<p>From the record on {}, {since} to {}.</p>\n<ul>\n",
        text(io.host),
        io.now
    );
    for line in facts(stats) {
        out += &format!("<li>{}</li>\n", text(&line));
    }
    out += "</ul>\n<h2>Commands</h2>\n";
    let groups: Vec<(&str, &Counts)> =
        stats.groups.iter().map(|(name, counts)| (name.as_str(), counts)).collect();
    out += &chart(&groups, |counts| counts.seen);
    out += &table(&groups);
    out += "<h2>By which way they came</h2>\n";
    out += &ways(&stats.total);
    out += "<h2>Rules that ask most</h2>\n";
    let busiest = stats.busiest(RULES);
    out += &chart(&busiest, |counts| counts.asked);
    out += "<h2>Questions that may be needless</h2>\n<p>Always approved, or mostly within two seconds.</p>\n";
    out += &table(&stats.needless());
    out += "</body>\n</html>\n";
    out
}

/// Horizontal bars: all of it, and the part that needed somebody.
fn chart(groups: &[(&str, &Counts)], length: impl Fn(&Counts) -> u64) -> String {
    let shown = groups.get(groups.len().saturating_sub(BARS)..).unwrap_or_default();
    let most = shown.iter().map(|(_, counts)| length(counts)).max().unwrap_or(0).max(1);
    let height = 24 * shown.len() + 8;
    let mut out = format!(
        "<svg viewBox=\"0 0 960 {height}\" role=\"img\" aria-label=\"Bars\" font-family=\"system-ui,sans-serif\" font-size=\"12\" fill=\"currentColor\">\n"
    );
    for (n, (name, counts)) in shown.iter().enumerate() {
        let y = 24 * n + 6;
        let value = length(counts);
        let wide = |n: u64| n.saturating_mul(640) / most;
        let name: String = name.chars().take(34).collect();
        out += &format!(
            "<text x=\"4\" y=\"{}\">{}</text><rect x=\"240\" y=\"{y}\" width=\"{}\" height=\"14\" fill=\"#218bff\"/><rect x=\"240\" y=\"{y}\" width=\"{}\" height=\"14\" fill=\"#bf8700\"/><text x=\"{}\" y=\"{}\">{value}, asked {}</text>\n",
            y + 12,
            text(&name),
            wide(value),
            wide(counts.asked.min(value)),
            246 + wide(value),
            y + 12,
            counts.asked
        );
    }
    out += "</svg>\n";
    out
}

/// Commands by way, a bar each.
fn ways(total: &Counts) -> String {
    let all = total.ways.all();
    let height = 24 * all.len() + 8;
    let mut out = format!(
        "<svg viewBox=\"0 0 960 {height}\" role=\"img\" aria-label=\"Ways\" font-family=\"system-ui,sans-serif\" font-size=\"12\" fill=\"currentColor\">\n"
    );
    for (n, (name, count)) in all.into_iter().enumerate() {
        let y = 24 * n + 6;
        let wide = count.saturating_mul(640) / total.seen.max(1);
        out += &format!(
            "<text x=\"4\" y=\"{0}\">{1}</text><rect x=\"240\" y=\"{y}\" width=\"{wide}\" height=\"14\" fill=\"#218bff\"/><text x=\"{2}\" y=\"{0}\">{count} ({3} %)</text>\n",
            y + 12,
            text(super::way_in_words(name)),
            246 + wide,
            (count * 100).checked_div(total.seen).unwrap_or(0)
        );
    }
    out += "</svg>\n";
    out
}

fn table(groups: &[(&str, &Counts)]) -> String {
    let mut out = String::from("<table>\n<tr><th></th>");
    for title in super::COLUMNS {
        out += &format!("<th>{title}</th>");
    }
    out += "</tr>\n";
    for (name, counts) in groups {
        out += &format!("<tr><td>{}</td>", text(name));
        for cell in super::cells(counts) {
            out += &format!("<td>{cell}</td>");
        }
        out += "</tr>\n";
    }
    out += "</table>\n";
    out
}
