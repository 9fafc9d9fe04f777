//! Tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
use super::*;
#[test]
fn dump() {
    let Ok(path) = std::env::var("DUMP") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    for line in text.split("\n%%\n") {
        let known = Known {
            home: Some("/home/u".into()),
            cwd: Some("/w".into()),
            vars: [("0".to_owned(), Word::default())].into(),
        };
        let s = read(line, &known);
        println!("=== {line}");
        for (i, c) in s.commands.iter().enumerate() {
            let w: Vec<String> = c.words.iter().map(|w| format!("{:?}", w.parts)).collect();
            println!("  {i} [{}] {:?}", &line.get(c.span.start..c.span.end).unwrap_or("?"), w);
            for a in &c.assignments {
                println!("      {}={:?}", a.name, a.value.parts);
            }
            for a in &c.redirects {
                println!("      redirect {:?} {:?} {:?}", a.fd, a.op, a.target.parts);
            }
            match &c.stdin {
                crate::model::Stdin::Inherited => {}
                o => println!("      stdin {o:?}"),
            }
        }
        for p in &s.problems {
            println!("  PROBLEM {:?} {} {:?}", p.kind, p.message, p.span);
        }
    }
}
