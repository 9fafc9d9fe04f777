//! Secrets of many kinds on their way through guard: none reaches the record, the
//! screen or a request, and `guard log scan` finds them where an old version stored
//! them.

use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use guard::second::Request;
use serde_json::json;

use crate::harness::{Place, output};
use crate::second::desk::{Desk, handle};

/// Random-looking letters and digits, never the same twice.
fn letters(n: usize, seed: usize) -> String {
    let set = b"aB3dE5gH7jKmNp9rStUvWxYz2468QcFhLZ";
    (0..n).map(|i| char::from(set[(i * 7 + i * i * 3 + seed * 11) % set.len()])).collect()
}

/// What each kind is, a command with it, and the part that must not stay. Put
/// together here, so that no scanner takes this file for a leak.
fn kinds() -> Vec<(&'static str, String, String)> {
    let by_form = [
        ("AWS key id", "AKIA", 16),
        ("AWS temporary key id", "ASIA", 16),
        ("Alibaba key id", "LTAI", 20),
        ("GitHub personal token", "ghp_", 36),
        ("GitHub app token", "ghs_", 36),
        ("GitHub fine-grained token", "github_pat_", 60),
        ("GitLab token", "glpat-", 20),
        ("GitLab runner token", "glrt-", 20),
        ("Slack bot token", "xoxb-", 24),
        ("Slack app token", "xapp-", 30),
        ("Stripe live key", "sk_live_", 24),
        ("Stripe restricted key", "rk_live_", 24),
        ("Stripe webhook secret", "whsec_", 32),
        ("npm token", "npm_", 36),
        ("PyPI token", "pypi-AgE", 60),
        ("RubyGems key", "rubygems_", 48),
        ("Docker Hub token", "dckr_pat_", 27),
        ("Google API key", "AIza", 35),
        ("Google OAuth token", "ya29.", 60),
        ("Google client secret", "GOCSPX-", 28),
        ("Anthropic key", "sk-ant-", 60),
        ("OpenAI project key", "sk-proj-", 60),
        ("Hugging Face token", "hf_", 34),
        ("Groq key", "gsk_", 52),
        ("Vault token", "hvs.", 60),
        ("DigitalOcean token", "dop_v1_", 64),
        ("Tailscale key", "tskey-", 30),
        ("SendGrid key", "SG.", 66),
        ("Shopify token", "shpat_", 32),
        ("Atlassian token", "ATATT3", 60),
        ("Postman key", "PMAK-", 58),
        ("New Relic key", "NRAK-", 27),
        ("Linear key", "lin_api_", 40),
        ("Sentry token", "sntrys_", 60),
        ("age key", "AGE-SECRET-KEY-1", 58),
        ("Figma token", "figd_", 40),
        ("Pulumi token", "pul-", 40),
    ];
    let mut all: Vec<_> = by_form
        .into_iter()
        .enumerate()
        .map(|(n, (kind, start, more))| {
            let mut secret = letters(more, n);
            if start.len() == 4 && start.starts_with('A') && kind.contains("AWS")
                || kind == "age key"
            {
                secret = secret.to_uppercase();
            }
            (kind, format!("tool use {start}{secret} now"), secret)
        })
        .collect();
    let jwt = format!("eyJ{}.eyJ{}.{}", letters(20, 40), letters(30, 41), letters(43, 42));
    all.push(("JSON web token", format!("tool use {jwt}"), letters(43, 42)));
    let by_place = [
        ("password option", "tool --password §"),
        ("mysql password", "mysql -u root -p§ db"),
        ("sshpass", "sshpass -p § ssh host uptime"),
        ("curl account", "curl -u bob:§ https://example.org/x"),
        ("bearer header", "curl -H 'Authorization: Bearer §' https://example.org/x"),
        ("API key header", "curl -H 'X-Api-Key: §' https://example.org/x"),
        ("cookie", "curl -H 'Cookie: session=§' https://example.org/x"),
        ("password in an address", "git clone https://bob:§@example.org/x.git"),
        ("database address", "psql postgres://bob:§@db.example.org:5432/app"),
        ("query of an address", "curl 'https://example.org/x?access_token=§&page=2'"),
        ("JSON member", "curl -d '{\"password\":\"§\"}' https://example.org"),
        ("variable", "PGPASSWORD=§ psql -h db app"),
        ("AWS secret key", "AWS_SECRET_ACCESS_KEY=§ aws s3 ls"),
        ("container variable", "docker run -e POSTGRES_PASSWORD=§ postgres"),
        ("helm value", "helm upgrade a b --set db.password=§"),
        ("Terraform variable", "terraform apply -var db_password=§"),
        ("Kubernetes literal", "kubectl create secret generic s --from-literal=k=§"),
        ("connection string", "sqlcmd -S 'Server=db;User Id=sa;Password=§;Database=x'"),
        ("SQL password", "psql -c \"ALTER USER a PASSWORD '§'\""),
        ("policy's own option", "crm --crm-pin §"),
    ];
    all.extend(by_place.into_iter().enumerate().map(|(n, (kind, place))| {
        let secret = letters(18, 60 + n);
        (kind, place.replace('§', &secret), secret)
    }));
    let key =
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----", letters(64, 99));
    all.push(("private key", format!("tool \"{key}\""), letters(64, 99)));
    all
}

fn place() -> Place {
    let place = Place::new();
    let policy = "log: {redact: {names: [crm-pin]}}\n";
    place.write_home(".config/guard/policy.yaml", policy);
    place
}

#[test]
fn no_secret_of_forty_kinds_and_more_reaches_record_screen_or_request() {
    let place = place();
    let kinds = kinds();
    assert!(kinds.len() >= 40, "{}", kinds.len());
    let mut shown = String::new();
    for (_, command, _) in &kinds {
        // Asked about, so that it is also on a screen and in a request.
        let text = format!("kubectl delete namespace prod && {command}");
        let ran =
            output(place.guard(["run", "-c", &text]).env("CODEX_CI", "1").stdin(Stdio::null()));
        assert_ne!(ran.code, Some(0), "{text}");
        shown += &format!("{}{}", ran.stdout, ran.stderr);
    }
    let log = std::fs::read_to_string(place.logs().pop().unwrap()).unwrap();
    assert_eq!(log.matches("\"kind\":\"request\"").count(), kinds.len());
    for (kind, command, secret) in &kinds {
        assert!(!log.contains(secret.as_str()), "{kind} is in the record: {command}");
        assert!(!shown.contains(secret.as_str()), "{kind} is on the screen: {command}");
    }
    let scan = place.run(["log", "scan"]);
    assert_eq!(scan.code, Some(0), "{}", scan.stdout);
}

/// What is sent away, to be looked at by a second person: the document that they
/// sign, what stands in the store, and what tells them of it.
#[test]
fn no_secret_of_any_kind_is_in_a_request_in_the_store_or_in_what_is_sent_about_it() {
    let desk = Desk::new();
    let told = desk.place.path("tmp/told");
    desk.place.program("tell", &format!("cat >>'{}'", told.display()));
    let tell = desk.place.path("bin/tell");
    desk.policy(&format!(
        "log: {{redact: {{names: [crm-pin]}}}}\nnotify: [{{on: [request], command: ['{}']}}]\n",
        tell.display()
    ));
    let kinds = kinds();
    let mut all = String::new();
    for (kind, command, _) in &kinds {
        let text = format!("kubectl delete namespace prod; {command}");
        let mut agent = desk.agent(&["run", "--wait", "0s", "-c", &text]);
        let ran = output(&mut agent);
        assert_eq!(ran.code, Some(75), "{kind}: {}", ran.stderr);
        let document = desk.request(&handle(&ran.stderr));
        let request = Request::read(&document).unwrap();
        let words = request.command.argv_b64.iter().map(|word| BASE64.decode(word).unwrap());
        let words: Vec<String> = words.map(|w| String::from_utf8_lossy(&w).into_owned()).collect();
        all += &format!("{}{}{}", String::from_utf8_lossy(&document), words.join(" "), ran.stderr);
    }
    let told = std::fs::read_to_string(&told).unwrap();
    assert!(told.matches("kubectl").count() >= kinds.len(), "{told}");
    let state = desk.place.path("home/.local/state/guard");
    let mut stored = Vec::new();
    for entry in std::fs::read_dir(state).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            stored.extend(std::fs::read(path).unwrap());
        }
    }
    let stored = String::from_utf8_lossy(&stored);
    assert!(stored.contains("kubectl delete namespace prod"), "the store was looked at");
    for (kind, command, secret) in &kinds {
        for (place, text) in [("request", &*all), ("message", &*told), ("store", &*stored)] {
            assert!(!text.contains(secret.as_str()), "{kind} is in the {place}: {command}");
        }
    }
}

#[test]
fn a_scan_finds_every_kind_that_an_older_version_stored_and_names_none() {
    let place = place();
    std::fs::create_dir_all(place.log_dir()).unwrap();
    let kinds = kinds();
    let lines: String = kinds
        .iter()
        .enumerate()
        .map(|(n, (_, command, _))| {
            let ev = json!({ "request_id": n.to_string(), "argv": [], "text": command });
            let line = json!({ "v": 1, "seq": n, "prev": "0".repeat(64), "kind": "request",
                "time": "2026-11-22T10:00:00.000Z", "mono_us": n, "boot": "b", "ev": ev });
            format!("{line}\n")
        })
        .collect();
    std::fs::write(place.log_dir().join("h.jsonl"), lines).unwrap();
    let scan = place.run(["log", "scan"]);
    assert_eq!(scan.code, Some(1), "{}", scan.stderr);
    for (n, (kind, _, secret)) in kinds.iter().enumerate() {
        let line = format!("h.jsonl line {}: ", n + 1);
        assert!(scan.stdout.contains(&line), "{kind} is not found: {}", scan.stdout);
        assert!(!scan.stdout.contains(secret.as_str()), "{kind}: {}", scan.stdout);
    }
}

#[test]
fn a_repository_cannot_hide_what_happens_in_it() {
    let place = Place::new();
    place.write(".guard.yaml", "log: {redact: {names: [namespace], tokens: [prod]}}\n");
    let ran = place.run(["--", "echo", "--namespace", "shopname1", "production1"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("ignored: log other than harmless"), "{}", ran.stderr);
    let words = place.events("request").pop().unwrap()["argv"].to_string();
    assert!(words.contains("shopname1") && words.contains("production1"), "{words}");
    // Nor does a short word make half of every command unreadable.
    place.write_home(".config/guard/policy.yaml", "log:\n  redact: {tokens: [pro]}\n");
    let wrong = place.run(["--", "true"]);
    assert_eq!(wrong.code, Some(78), "{}", wrong.stderr);
    assert!(wrong.stderr.contains("use 4 to 64 letters"), "{}", wrong.stderr);
}
