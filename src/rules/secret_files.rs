//! Files in which the text itself keeps secrets: a key that is copied, a folder
//! of keys that is packed, what a secrets manager prints. The name of such a file
//! says nothing any more when it is sent away.

use super::flow::Flows;
use super::matching::{Scene, starts_as};
use super::secrets;
use crate::model::{Invocation, Stdin, Word};

/// Commands that print secrets.
const PRINTS: &[&str] = &[
    "@read-secret",
    "printenv",
    "env",
    "jq ... env",
    "jq ... *$ENV*",
    "set",
    "export",
    "declare",
    "history",
    "grep ... *passw*",
    "grep ... *secret*",
    "grep ... *credential*",
    "grep ... *private*key*",
    "egrep ... *passw*",
    "egrep ... *secret*",
    "rg ... *passw*",
    "rg ... *secret*",
    "gpg --export-secret-*",
    "gpg -d",
    "gpg --decrypt",
    "age -d",
    "sops",
    "ansible-vault view",
    "ansible-vault decrypt",
    "security find*",
    "secret-tool lookup",
    "pass",
    "gopass show",
    "bw get",
    "bw export",
    "op read",
    "op item get",
    "op document get",
    "vault kv get",
    "vault read",
    "doppler secrets",
    "infisical export",
    "infisical secrets",
    "chamber read",
    "chamber export",
    "kubectl get secret*",
    "oc get secret*",
    "oc extract",
    "kubectl config view",
    "aws secretsmanager *",
    "aws configure *",
    "gcloud auth print*",
    "az account get-access-token",
    "gh auth token",
    "heroku config",
    "terraform output",
    "tofu output",
    "terraform state pull",
    "docker inspect",
];

/// Options that say into which file the output goes.
const INTO: &[&str] = &["-o", "--output", "-out", "--out", "--output-file", "--outfile", "of="];
/// Programs whose last operand is made from the others.
const COPIES: &[&str] = &["cp", "mv", "install", "ln", "rsync", "gcp", "gmv"];
/// Programs whose first operand is the archive that they make.
const PACKS: &[&str] = &["zip", "7z", "7za", "7zz", "rar"];

/// A file that the text writes, and the invocation that does.
pub(super) type Kept = (String, usize);

impl Scene<'_> {
    /// Whether the text itself puts secrets into the file that a word names.
    pub(super) fn kept_secret(&self, word: &Word) -> bool {
        let shown = word.display();
        let name = plain(&shown);
        if name.is_empty() {
            return false;
        }
        let kept = self.flows.kept.get_or_init(|| self.written_files());
        if kept.len() >= Flows::MAX_FILES {
            return true;
        }
        let begins = kept.partition_point(|(file, _)| file.as_str() < name);
        let rest = kept.get(begins..).unwrap_or_default();
        let mut writers = rest.iter().take_while(|(file, _)| file == name).peekable();
        if writers.peek().is_none() {
            return false;
        }
        let depth = self.flows.depth.get();
        if depth == Flows::MAX_DEPTH {
            return true;
        }
        self.flows.depth.set(depth + 1);
        let secret = writers.any(|(_, at)| match self.flows.step() {
            true => self.all.get(*at).is_some_and(|inv| self.carries_secret(*at, inv)),
            false => true,
        });
        self.flows.depth.set(depth);
        secret
    }

    /// Whether what an invocation writes is made from secrets.
    fn carries_secret(&self, at: usize, inv: &Invocation) -> bool {
        let secret = |at: usize, inv: &Invocation| prints(inv) || self.reads_secret(at, inv);
        let fed = match &inv.stdin {
            Stdin::Pipe(upstream) => self.fed_by(upstream, &secret),
            _ => false,
        };
        fed || secret(at, inv)
    }

    fn written_files(&self) -> Vec<Kept> {
        let mut kept = Vec::new();
        for (at, inv) in self.all.iter().enumerate() {
            for word in destinations(inv) {
                let shown = word.display();
                let name = plain(&shown);
                let thrown_away = name.is_empty() || name.starts_with("/dev/");
                if !thrown_away && kept.len() < Flows::MAX_FILES {
                    kept.push((name.to_owned(), at));
                }
            }
        }
        kept.sort();
        kept
    }
}

/// Whether an invocation prints secrets.
pub(super) fn prints(inv: &Invocation) -> bool {
    PRINTS.iter().any(|words| starts_as(inv, words))
}

/// The words that name what an invocation writes.
fn destinations(inv: &Invocation) -> Vec<&Word> {
    let redirects = inv.redirects.iter().filter(|r| r.op.writes() && r.fd != Some(2));
    let options = inv.options.iter().filter(|opt| INTO.contains(&opt.name.as_str()));
    let mut words: Vec<&Word> = redirects.map(|redirect| &redirect.target).collect();
    words.extend(options.filter_map(|opt| opt.value.as_ref()));
    let program = inv.program.as_deref().unwrap_or_default();
    if program == "tee" {
        words.extend(&inv.operands);
    } else if COPIES.contains(&program) {
        words.extend(inv.operands.last());
    } else if PACKS.contains(&program) {
        words.extend(inv.operands.iter().take(2));
    } else if program == "tar" {
        let file = inv.options.iter().filter(|opt| matches!(opt.name.as_str(), "-f" | "--file"));
        words.extend(file.filter_map(|opt| opt.value.as_ref()));
    }
    words
}

/// The file of `-F name=@./file;type=x`.
fn plain(text: &str) -> &str {
    let file = secrets::file_of(text);
    file.strip_prefix("./").unwrap_or(file)
}
