//! The timeline as a picture: a lane for each caller, a mark for each command.

use super::collect::{Case, Ending};
use super::html::text;
use super::summary::{ending, moment};

/// Most lanes; callers beyond share the last one.
const LANES: usize = 8;
const WIDTH: f64 = 960.0;
const LEFT: f64 = 190.0;
const LANE: f64 = 44.0;
const TOP: f64 = 34.0;

/// Draws SVG 1.1 for the body of an HTML page; empty without commands.
pub(super) fn draw(cases: &[Case]) -> String {
    let times: Vec<i64> = cases.iter().filter_map(|case| case.at).map(|at| at.0).collect();
    let (Some(first), Some(last)) = (times.iter().min(), times.iter().max()) else {
        return String::new();
    };
    let mut lanes: Vec<&str> = Vec::new();
    for case in cases {
        if lanes.len() < LANES && !lanes.contains(&case.who.as_str()) {
            lanes.push(&case.who);
        }
    }
    let height = TOP + LANE * lanes.len() as f64 + 58.0;
    let mut out = format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"Timeline of the commands\" font-family=\"system-ui,sans-serif\" font-size=\"12\" fill=\"currentColor\">\n"
    );
    for (n, name) in lanes.iter().enumerate() {
        let y = TOP + LANE * (n as f64 + 0.5);
        let name: String = name.chars().take(26).collect();
        out += &format!(
            "<text x=\"4\" y=\"{}\">{}</text><line x1=\"{LEFT}\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\" stroke=\"#8886\"/>\n",
            y + 4.0,
            text(&name),
            WIDTH - 16.0
        );
    }
    let span = (last - first).max(1) as f64;
    let x = |at: i64| LEFT + 12.0 + (at - first) as f64 / span * (WIDTH - LEFT - 40.0);
    for case in cases {
        let Some(at) = case.at else { continue };
        let lane = lanes.iter().position(|name| *name == case.who).unwrap_or(lanes.len() - 1);
        let y = TOP + LANE * (lane as f64 + 0.5);
        out += &mark(case, x(at.0), y);
    }
    let below = TOP + LANE * lanes.len() as f64 + 14.0;
    for (at, anchor) in [(*first, "start"), (*last, "end")] {
        let words = moment(Some(crate::text::stamp::Stamp(at)));
        out += &format!(
            "<text x=\"{}\" y=\"{below}\" text-anchor=\"{anchor}\">{words}</text>\n",
            x(at)
        );
    }
    out += &legend(below + 26.0);
    out += "</svg>\n";
    out
}

/// Colour for the tier, shape for the ending, and both in words.
fn mark(case: &Case, x: f64, y: f64) -> String {
    let colour = colour(case.level);
    let title = format!("{} {}: {} ({})", moment(case.at), case.tier, case.command, ending(case));
    let shape = shape(&case.end, x, y, colour);
    let ring = if case.before.is_empty() {
        String::new()
    } else {
        format!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"12\" fill=\"none\" stroke=\"{colour}\" stroke-dasharray=\"3 2\"/>"
        )
    };
    format!("<g><title>{}</title>{shape}{ring}</g>\n", text(&title))
}

const fn colour(level: u8) -> &'static str {
    match level {
        0 | 1 => "#6e7781",
        2 => "#bf8700",
        3 => "#bc4c00",
        4 => "#cf222e",
        _ => "#8250df",
    }
}

fn shape(end: &Ending, x: f64, y: f64, colour: &str) -> String {
    match end {
        Ending::Stopped(_) => format!(
            "<path d=\"M{} {}l12 12m0 -12l-12 12\" stroke=\"{colour}\" stroke-width=\"3\"/>",
            x - 6.0,
            y - 6.0
        ),
        Ending::Failed(_) => format!("<path d=\"M{x} {}l7 13h-14z\" fill=\"{colour}\"/>", y - 7.0),
        Ending::Succeeded => format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"6\" fill=\"{colour}\"/>"),
        Ending::HandedOn(_) | Ending::Open => {
            format!(
                "<circle cx=\"{x}\" cy=\"{y}\" r=\"5\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>"
            )
        }
    }
}

fn legend(y: f64) -> String {
    let mut out = String::new();
    let ends = [
        (Ending::Succeeded, "ran"),
        (Ending::Failed(String::new()), "failed"),
        (Ending::Stopped(String::new()), "stopped"),
        (Ending::Open, "left to the agent, or no end"),
    ];
    let mut x = LEFT + 36.0;
    for (end, words) in ends {
        out += &shape(&end, x, y - 4.0, "#6e7781");
        out += &format!("<text x=\"{}\" y=\"{y}\">{words}</text>", x + 12.0);
        x += 30.0 + 7.0 * words.len() as f64;
    }
    for level in 2..=5_u8 {
        out += &format!(
            "<rect x=\"{}\" y=\"{}\" width=\"10\" height=\"10\" fill=\"{}\"/><text x=\"{}\" y=\"{y}\">T{level}</text>",
            x,
            y - 9.0,
            colour(level),
            x + 14.0
        );
        x += 42.0;
    }
    out += &format!("<text x=\"4\" y=\"{y}\">dashed ring: part of a sequence</text>\n");
    out
}
