//! Every operation of the AWS command line has a class that fits what it does.
//!
//! `tests/fixtures/aws-operations.txt` holds all of them with the access level
//! that IAM gives them, which nobody here made up: the verb table is compared
//! with it.

use std::collections::BTreeSet;

use guard::command::grammar;
use guard::model::{OpClass, Span, Word};

const TABLE: &str = include_str!("../fixtures/aws-operations.txt");

/// IAM counts these as writes, because they cost or leave a job behind. They
/// change nothing that was there.
const HARMLESS_WRITES: [&str; 17] = [
    "backup start-scan-job",
    "backupsearch start-search-job",
    "backupsearch start-search-result-export-job",
    "cloudtrail generate-query",
    "cloudtrail start-query",
    "kms encrypt",
    "kms generate-mac",
    "kms generate-random",
    "kms sign",
    "kms verify",
    "kms verify-mac",
    "lakeformation start-query-planning",
    "networkflowmonitor start-query-monitor-top-contributors",
    "networkflowmonitor start-query-workload-insights-top-contributors",
    "networkflowmonitor start-query-workload-insights-top-contributors-data",
    "route53globalresolver list-tags-for-resource",
    "sts decode-authorization-message",
];

/// Words that change something, wherever a name begins with one.
const CHANGING: [&str; 31] = [
    "attach",
    "authorize",
    "cancel",
    "close",
    "create",
    "deactivate",
    "delete",
    "deregister",
    "destroy",
    "detach",
    "disable",
    "disassociate",
    "enable",
    "failover",
    "import",
    "invoke",
    "leave",
    "modify",
    "move",
    "put",
    "reboot",
    "reject",
    "release",
    "remove",
    "replace",
    "reset",
    "restore",
    "revoke",
    "terminate",
    "update",
    "withdraw",
];

/// Jobs that only look, broken off: what was there stays.
const LOOKING: [&str; 1] = ["xray cancel-trace-retrieval"];

struct Operation {
    service: &'static str,
    name: String,
    level: char,
}

impl Operation {
    fn class(&self) -> OpClass {
        let words = ["aws", self.service, &self.name];
        let argv: Vec<Word> = words.iter().map(|w| Word::text(*w, Span::default())).collect();
        let readings = grammar::read("aws", &argv);
        assert_eq!(readings.len(), 1, "{self}");
        readings[0].class.unwrap_or_else(|| panic!("{self} has no class"))
    }

    fn first_word(&self) -> &str {
        self.name.split('-').next().unwrap_or_default()
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.service, self.name)
    }
}

fn operations() -> Vec<Operation> {
    let mut out = Vec::new();
    let mut service = "";
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let Some(line) = line.strip_prefix(' ') else {
            service = line;
            continue;
        };
        let (verbs, nouns): (Vec<&str>, Vec<&str>) =
            line.split(' ').partition(|word| word.contains(':'));
        for noun in nouns {
            for verb in &verbs {
                let (verb, level) = verb.split_once(':').unwrap();
                let name = if noun == "." { verb.to_owned() } else { format!("{verb}-{noun}") };
                out.push(Operation { service, name, level: level.chars().next().unwrap() });
            }
        }
    }
    out
}

const fn reads(class: OpClass) -> bool {
    matches!(class, OpClass::Read | OpClass::ReadSecret)
}

/// Whether an operation changes something and is classed as if it did not.
fn is_missed(op: &Operation, class: OpClass) -> bool {
    let name = op.to_string();
    let changes = CHANGING.contains(&op.first_word()) && !LOOKING.contains(&name.as_str());
    // A permission that is only looked at is "permissions management" to IAM
    // as well.
    let looks = ["describe", "get", "list", "validate"].contains(&op.first_word());
    // What asks a service for a secret may count as writing there.
    let writes = op.level == 'w' && !HARMLESS_WRITES.contains(&name.as_str());
    (changes || writes) && class == OpClass::Read || op.level == 'p' && !looks && reads(class)
}

/// One test for all, because reading the operations is what takes the time.
#[test]
fn every_aws_operation_is_classed_and_none_that_changes_something_as_read() {
    let all = operations();
    assert!(all.len() >= 18_884, "{} operations", all.len());
    let services: BTreeSet<&str> = all.iter().map(|operation| operation.service).collect();
    assert!(services.len() >= 425, "{} services", services.len());
    let (mut unknown, mut missed, mut needless) = (0, Vec::new(), Vec::new());
    for op in &all {
        let class = op.class();
        unknown += usize::from(class == OpClass::Unknown);
        if is_missed(op, class) {
            missed.push(op.to_string());
        }
        if op.level == 'r' && !reads(class) && class != OpClass::Create {
            needless.push(format!("{op}: {class:?}"));
        }
    }
    assert!(missed.is_empty(), "they change something: {missed:#?}");
    assert!(needless.is_empty(), "they only read: {needless:#?}");
    assert!(unknown * 50 < all.len(), "{unknown} of {} say nothing by their name", all.len());
}
