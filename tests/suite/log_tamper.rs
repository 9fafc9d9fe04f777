//! Every change of a log of 1,000 records is found: sampled flips of single bits,
//! and every line removed, doubled, swapped and inserted.
//!
//! What stands before a change is the same, and so is the state of chain and
//! tree there: checking goes on from it, instead of reading the whole log a
//! hundred thousand times. Some changes are checked in whole files as well.

use guard::audit::chain::{Chain, Checked};
use guard::audit::merkle::{Frontier, next_leaf};
use guard::audit::parts::Source;
use guard::audit::reader::Lines;
use guard::audit::{Durability, Kind, Log, verify};
use serde_json::json;

const RECORDS: usize = 1000;

/// How many bits are flipped.
fn flips() -> usize {
    let wanted = std::env::var("GUARD_TEST_FLIPS").ok();
    wanted.map_or(20_000, |wanted| wanted.parse().unwrap())
}

/// A log, and where chain and tree stand before each of its lines.
struct Sample {
    dir: tempfile::TempDir,
    lines: Vec<Vec<u8>>,
    chains: Vec<Chain>,
    trees: Vec<Frontier>,
    /// Of the whole, as a checkpoint from elsewhere says it.
    signed: Frontier,
}

impl Sample {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut log = Log::open(dir.path(), "h").unwrap();
        for n in 0..RECORDS / 2 {
            let id = format!("6f1d2f0e-8b1c-4a55-9a3e-{n:012}");
            let asked = json!({
                "request_id": id, "tier": "confirm", "rules": ["git.reset-hard"],
                "reasons": ["2a: nothing brings it back"], "unknown": n % 7 == 0,
                "actor": {"kind": "human", "name": null, "evidence": "tty"},
                "argv": ["git", "reset", "--hard", format!("HEAD~{n}")], "uid": 1000, "pid": n,
            });
            let ended = json!({"request_id": id, "exit": n % 3, "signal": null, "user_ms": n});
            log.append(Kind::Request, &asked, Durability::Buffered).unwrap();
            log.append(Kind::End, &ended, Durability::Buffered).unwrap();
        }
        let content = std::fs::read(log.path()).unwrap();
        let lines: Vec<Vec<u8>> =
            content.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        assert_eq!(lines.len(), RECORDS);
        let (mut chain, mut tree) = (Chain::default(), Frontier::new());
        let (mut chains, mut trees) = (Vec::new(), Vec::new());
        for line in &lines {
            chains.push(chain);
            trees.push(tree.clone());
            assert!(!broken(&mut chain, line));
            grow(&mut tree, line, u64::MAX);
        }
        Self { dir, lines, chains, trees, signed: tree }
    }

    /// Whether it is found that `new` stands in place of the lines from `at` on
    /// up to `next`: by the chain, or else by the tree that was signed.
    fn found(&self, at: usize, new: &[u8], next: usize) -> Found {
        // The line behind it has the hash of the line before.
        let follow = self.lines.iter().skip(next).take(2).flatten();
        let changed: Vec<u8> = new.iter().chain(follow).copied().collect();
        if broken(&mut self.chains[at].clone(), &changed) {
            return Found::ByChain;
        }
        let mut tree = self.trees[at].clone();
        let rest = self.lines.iter().skip(next).flatten();
        let all: Vec<u8> = new.iter().chain(rest).copied().collect();
        grow(&mut tree, &all, self.signed.size());
        if tree == self.signed { Found::No } else { Found::BySigned }
    }

    /// The log as a file with another content.
    fn whole(&self, content: &[u8]) -> u64 {
        let path = self.dir.path().join("other.jsonl");
        std::fs::write(&path, content).unwrap();
        let source = Source::open(&path).unwrap();
        verify::log(&source, &mut |_, _| {}).unwrap().report.break_count
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Found {
    ByChain,
    BySigned,
    No,
}

fn broken(chain: &mut Chain, content: &[u8]) -> bool {
    let mut lines = Lines::new(content);
    let mut broken = false;
    while let Some(line) = lines.next_line().unwrap() {
        broken |= matches!(chain.add(&line), Checked::Broken { .. });
    }
    broken
}

fn grow(tree: &mut Frontier, mut content: &[u8], most: u64) {
    while tree.size() < most {
        let Some(leaf) = next_leaf(&mut content).unwrap().filter(|leaf| leaf.ended) else { break };
        tree.push(leaf.hash, &mut |_, _| {});
    }
}

#[test]
fn every_flipped_bit_is_found() {
    let sample = Sample::new();
    let total: usize = sample.lines.iter().map(Vec::len).sum();
    let wanted = flips();
    let (mut at, mut line, mut before, mut by_signed) = (0, 0, 0, 0);
    for n in 0..wanted {
        let byte = n * total / wanted;
        while byte >= before + sample.lines[line].len() {
            before += sample.lines[line].len();
            line += 1;
        }
        let mut new = sample.lines[line].clone();
        new[byte - before] ^= 1 << (n % 8);
        match sample.found(line, &new, line + 1) {
            Found::ByChain => {}
            // Nothing follows the last line but what was signed.
            Found::BySigned if line + 1 == RECORDS => by_signed += 1,
            found => panic!("bit {} of byte {byte}, line {line}: {found:?}", n % 8),
        }
        at += 1;
    }
    assert_eq!(at, wanted);
    assert!(by_signed > 0 && by_signed < wanted / 100, "{by_signed}");
    // The same as whole files.
    let content = sample.lines.concat();
    assert_eq!(sample.whole(&content), 0);
    for n in 0..50 {
        let mut other = content.clone();
        other[n * (total - 2000) / 50] ^= 1 << (n % 8);
        assert!(sample.whole(&other) > 0, "{n}");
    }
}

#[test]
fn every_line_removed_doubled_swapped_and_inserted_is_found() {
    let sample = Sample::new();
    let lines = &sample.lines;
    for at in 0..RECORDS {
        let last = at + 1 == RECORDS;
        let found = sample.found(at, b"", at + 1);
        assert_eq!(found, if last { Found::BySigned } else { Found::ByChain }, "removed {at}");
        let doubled = [lines[at].clone(), lines[at].clone()].concat();
        assert_eq!(sample.found(at, &doubled, at + 1), Found::ByChain, "doubled {at}");
        if !last {
            let swapped = [lines[at + 1].clone(), lines[at].clone()].concat();
            assert_eq!(sample.found(at, &swapped, at + 2), Found::ByChain, "swapped {at}");
        }
        // A line that is no record, and one that follows by its number and hash.
        let prev: String =
            sample.chains[at].prev.iter().map(|byte| format!("{byte:02x}")).collect();
        let follows = format!(
            "{{\"v\":1,\"seq\":{at},\"prev\":\"{prev}\",\"kind\":\"end\",\"time\":\"\",\"ev\":{{}}}}\n"
        );
        for new in ["torn\n", follows.as_str()] {
            let found = sample.found(at, new.as_bytes(), at);
            assert_eq!(found, Found::ByChain, "{new:?} before {at}");
        }
    }
    // As whole files, a few.
    for at in (0..RECORDS - 1).step_by(111) {
        let removed = [&lines[..at], &lines[at + 1..]].concat().concat();
        assert!(sample.whole(&removed) > 0);
    }
}
