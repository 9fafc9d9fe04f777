#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use ed25519_dalek::{Signer as _, SigningKey};

use super::*;
use crate::second::display::RENDERER;
use crate::ssh::armor;
use crate::ssh::key::SK_ED25519;
use crate::ssh::sshsig::{Hash, Signature, signed_data};
use crate::ssh::wire::{put_string, string};

const REQUEST: &[u8] = include_bytes!("../../../tests/fixtures/approval/request.json");
const TRUST: &str = include_str!("../../../tests/fixtures/approval/allowed_signers");

/// The published example: `now` is 09:32:00, two minutes after the request.
struct Published {
    request: Request,
    signers: AllowedSigners,
    revoked: Vec<PublicKey>,
    groups: Groups,
    origins: Vec<String>,
    keys: BTreeSet<String>,
    now: Utc,
}

impl Published {
    fn new() -> Self {
        let members = ["bob@example.org", "dana@example.org", "erin@example.org"];
        let members = members.map(str::to_owned).to_vec();
        Self {
            request: Request::read(REQUEST).unwrap(),
            signers: AllowedSigners::read(TRUST).unwrap(),
            revoked: Vec::new(),
            groups: Groups::from([("sre".to_owned(), members)]),
            origins: vec!["http://localhost:44503".into()],
            keys: BTreeSet::new(),
            now: Utc::parse("2026-11-22T09:32:00Z").unwrap(),
        }
    }

    fn trusted(&self) -> Trusted<'_> {
        Trusted {
            signers: &self.signers,
            revoked: &self.revoked,
            groups: &self.groups,
            origins: &self.origins,
            requesters_keys: &self.keys,
        }
    }

    fn asked(&self) -> Asked<'_> {
        Asked { request: &self.request, bytes: REQUEST }
    }

    fn vote(&self, name: &str) -> Result<Vote, Refused> {
        vote(&token(name), self.asked(), self.trusted(), self.now)
    }

    fn outcome(&self, names: &[&str]) -> Outcome {
        let votes: Vec<Vote> = names.iter().map(|name| self.vote(name).unwrap()).collect();
        evaluate(&votes, self.asked(), &self.groups, self.now)
    }
}

fn token(name: &str) -> Token {
    let (document, signature) = match name {
        "bob" => ("bob.json", "bob.sig"),
        "dana0" => ("dana.json", "dana0.sig"),
        "dana1" => ("dana.json", "dana1.sig"),
        _ => ("erin.json", "erin.sig"),
    };
    let path =
        |file: &str| format!("{}/tests/fixtures/approval/{file}", env!("CARGO_MANIFEST_DIR"));
    let document = std::fs::read(path(document)).unwrap();
    let signature = armor::read(&std::fs::read_to_string(path(signature)).unwrap()).unwrap();
    Token { document, signature }
}

#[test]
fn of_the_four_published_signatures_guard_takes_two() {
    let published = Published::new();
    for name in ["dana1", "erin"] {
        let Outcome::Granted(grant) = published.outcome(&[name]) else { panic!("{name}") };
        assert_eq!(grant.until(), Utc::parse("2026-11-22T09:36:10Z").unwrap());
        assert_eq!(grant.how(), "second-human");
    }
    for name in ["bob", "dana0"] {
        let Outcome::Missing(what) = published.outcome(&[name]) else { panic!("{name}") };
        assert!(
            what.contains("1 of sre, touch; so far 0 (signed, but not counted here:"),
            "{what}"
        );
    }
}

#[test]
fn people_are_counted_and_not_keys_or_signatures() {
    let mut published = Published::new();
    published.request.policy.quorum.approvals = 2;
    assert!(matches!(published.outcome(&["dana1", "dana1"]), Outcome::Missing(_)));
    assert!(matches!(published.outcome(&["dana1", "dana0"]), Outcome::Missing(_)));
    let Outcome::Granted(grant) = published.outcome(&["dana1", "erin"]) else { panic!() };
    assert_eq!(grant.by(), ["dana@example.org", "erin@example.org"]);
    // Every condition has to hold, each with people of its own groups.
    published.request.policy.also =
        vec![Quorum { approvals: 1, groups: vec!["dba".into()], require: vec![] }];
    assert!(matches!(published.outcome(&["dana1", "erin"]), Outcome::Missing(_)));
    published.groups.insert("dba".into(), vec!["erin@example.org".into()]);
    assert!(matches!(published.outcome(&["dana1", "erin"]), Outcome::Granted(_)));
}

#[test]
fn nobody_approves_what_they_asked_for() {
    let mut published = Published::new();
    published.request.requester.principal = Some("dana@example.org".into());
    assert_eq!(published.vote("dana1"), Err(Refused::Self_("dana@example.org".into())));
    // Under another name, with the same key.
    let mut published = Published::new();
    let dana = published.signers.of("dana@example.org").next().unwrap().key.fingerprint();
    published.request.requester.keys = vec![dana.clone()];
    assert!(matches!(published.vote("dana1"), Err(Refused::RequestersKey(_))));
    let mut published = Published::new();
    published.keys.insert(dana);
    assert!(matches!(published.vote("dana1"), Err(Refused::RequestersKey(_))));
}

#[test]
fn trust_ends_at_once() {
    let mut published = Published::new();
    published.revoked = published.signers.of("dana@example.org").map(|e| e.key.clone()).collect();
    assert!(matches!(published.vote("dana1"), Err(Refused::Revoked(_))));
    let without: String =
        TRUST.lines().filter(|l| !l.starts_with("dana")).collect::<Vec<_>>().join("\n");
    published.signers = AllowedSigners::read(&without).unwrap();
    assert!(matches!(published.vote("dana1"), Err(Refused::Unknown(_))));
    for (from, to, refused) in [
        ("20261101Z", "20261122093130Z", "not valid yet when"),
        ("20270430Z", "20261122093130Z", "is valid at this time"),
        ("20261101Z", "20261123Z", "is valid at this time"),
        ("guard-decision@v1", "guard-policy@v1", "not an approver"),
    ] {
        let mut published = Published::new();
        published.signers = AllowedSigners::read(&TRUST.replace(from, to)).unwrap();
        let error = published.vote("dana1").unwrap_err().to_string();
        assert!(error.contains(refused), "{to}: {error}");
    }
}

#[test]
fn times_hold_on_both_sides() {
    let at = |now: &str| {
        let mut published = Published::new();
        published.now = Utc::parse(now).unwrap();
        published
    };
    assert!(matches!(at("2026-11-22T09:36:10Z").outcome(&["dana1"]), Outcome::Granted(_)));
    // Approved, but not started in time.
    assert!(matches!(at("2026-11-22T09:36:11Z").outcome(&["dana1"]), Outcome::Missing(_)));
    // The decision has run out.
    assert!(matches!(at("2026-11-22T09:40:01Z").vote("dana1"), Err(Refused::Time(_))));
    // From the future, by more than clocks differ.
    assert!(matches!(at("2026-11-22T09:30:10Z").outcome(&["dana1"]), Outcome::Granted(_)));
    assert!(matches!(at("2026-11-22T09:30:09Z").vote("dana1"), Err(Refused::Time(_))));
    let mut late = Published::new();
    late.request.not_before = Utc::parse("2026-11-22T09:32:30Z").unwrap();
    assert!(matches!(late.vote("dana1"), Err(Refused::Time(_))));
    let mut short = Published::new();
    short.request.expires = Utc::parse("2026-11-22T09:39:00Z").unwrap();
    assert!(matches!(short.vote("dana1"), Err(Refused::Time(_))), "outlives its request");
}

#[test]
fn a_decision_is_about_these_bytes() {
    let published = Published::new();
    let mut other = REQUEST.to_vec();
    other.push(b'\n');
    let asked = Asked { request: &published.request, bytes: &other };
    let found = vote(&token("dana1"), asked, published.trusted(), published.now);
    assert_eq!(found, Err(Refused::OtherRequest));
}

#[test]
fn a_passkey_counts_only_on_an_approval_page() {
    let mut published = Published::new();
    published.origins = vec!["http://localhost:44504".into()];
    assert!(matches!(published.vote("erin"), Err(Refused::Origin(_))));
}

/// Somebody with a security key in software.
struct Person {
    name: &'static str,
    key: SigningKey,
}

impl Person {
    fn new(name: &'static str, seed: u8) -> Self {
        Self { name, key: SigningKey::from_bytes(&[seed; 32]) }
    }

    fn public(&self) -> PublicKey {
        let mut blob = string(SK_ED25519.as_bytes());
        put_string(&mut blob, self.key.verifying_key().as_bytes());
        put_string(&mut blob, b"ssh:guard");
        PublicKey::from_blob(&blob).unwrap()
    }

    fn line(&self) -> String {
        format!(
            "{} namespaces=\"guard-decision@v1\",valid-before=\"20270430Z\" {}\n",
            self.name,
            self.public().line()
        )
    }

    fn says(&self, answer: Answer, published: &Published) -> Token {
        let decision = Decision {
            v: 1,
            kind: "guard.decision".into(),
            request_id: published.request.id.clone(),
            request_sha256: sha256(REQUEST),
            decision: answer,
            principal: self.name.into(),
            issued: published.now,
            expires: published.request.expires,
            max_uses: 1,
            reason: "because".into(),
            renderer: RENDERER.into(),
            display_sha256: "0".repeat(64),
        };
        let document = decision.write();
        use sha2::Digest as _;
        let message = signed_data(DECISION, Hash::Sha512, &document);
        let mut signed = sha2::Sha256::digest(b"ssh:guard").to_vec();
        signed.extend_from_slice(&[1, 0, 0, 0, 1]);
        signed.extend_from_slice(&sha2::Sha256::digest(&message));
        let mut value = string(SK_ED25519.as_bytes());
        put_string(&mut value, &self.key.sign(&signed).to_bytes());
        value.extend_from_slice(&[1, 0, 0, 0, 1]);
        let signature = Signature {
            public_key: self.public().blob().to_vec(),
            namespace: DECISION.into(),
            hash: Hash::Sha512,
            signature: value,
        };
        Token { document, signature: signature.write() }
    }
}

#[test]
fn a_no_stays_no_whatever_else_is_said() {
    let mut published = Published::new();
    let frank = Person::new("frank@example.org", 5);
    published.signers = AllowedSigners::read(&format!("{TRUST}{}", frank.line())).unwrap();
    published.groups.get_mut("sre").unwrap().push("frank@example.org".into());
    let no = vote(
        &frank.says(Answer::Deny, &published),
        published.asked(),
        published.trusted(),
        published.now,
    );
    let yes = published.vote("dana1").unwrap();
    let all = [yes.clone(), no.clone().unwrap(), yes];
    let found = evaluate(&all, published.asked(), &published.groups, published.now);
    let denied =
        Outcome::Denied { principal: "frank@example.org".into(), reason: "because".into() };
    assert_eq!(found, denied);
    // Of somebody who has no say, a no is not counted either.
    published.groups.get_mut("sre").unwrap().pop();
    let found = evaluate(&all, published.asked(), &published.groups, published.now);
    assert!(matches!(found, Outcome::Granted(_)), "{found:?}");
}

#[test]
fn a_review_allows_nothing() {
    let mut published = Published::new();
    let frank = Person::new("frank@example.org", 5);
    published.signers = AllowedSigners::read(&frank.line()).unwrap();
    published.groups.get_mut("sre").unwrap().push("frank@example.org".into());
    let review = frank.says(Answer::Review, &published);
    let review = vote(&review, published.asked(), published.trusted(), published.now).unwrap();
    let found = evaluate(&[review], published.asked(), &published.groups, published.now);
    assert!(matches!(found, Outcome::Missing(_)));
}

#[test]
fn an_unsigned_answer_counts_only_where_the_operator_answers() {
    let mut published = Published::new();
    let answer = |published: &Published, answer| {
        let person = Person::new("operator", 1);
        let token = person.says(answer, published);
        operator(&token.document, published.asked(), published.now)
    };
    assert_eq!(answer(&published, Answer::Approve), Err(Refused::Way));
    assert!(matches!(answer(&published, Answer::Deny), Ok(Outcome::Denied { .. })));
    published.request.policy.answer = Some(AnsweredBy::Operator);
    let Ok(Outcome::Granted(grant)) = answer(&published, Answer::Approve) else { panic!() };
    assert_eq!(grant.how(), "operator");
    // And there a signature adds up to nothing.
    assert!(matches!(published.outcome(&["dana1"]), Outcome::Missing(_)));
}

#[test]
fn breaking_the_glass_is_for_named_people_with_a_reason() {
    use crate::second::terms::BreakGlass;
    let mut published = Published::new();
    let alice = BreakGlass { users: vec!["alice".into()] };
    let may = |published: &Published, allowed: &BreakGlass| {
        break_glass(published.asked(), allowed, published.now).is_some()
    };
    assert!(!may(&published, &alice), "an agent");
    published.request.requester.agent = None;
    published.request.requester.actor = Some("human".into());
    assert!(may(&published, &alice));
    assert!(!may(&published, &BreakGlass { users: vec!["bob".into()] }));
    published.request.requester.reason = None;
    assert!(!may(&published, &alice));
}

#[test]
fn a_quorum_that_nobody_can_reach_is_found_before_anybody_waits() {
    let published = Published::new();
    let quorum = |approvals, require: &[Shows]| Quorum {
        approvals,
        groups: vec!["sre".into()],
        require: require.to_vec(),
    };
    let check =
        |quorum, requester| unreachable(&[quorum], published.trusted(), requester, published.now);
    assert_eq!(check(quorum(3, &[]), None), None);
    assert_eq!(check(quorum(2, &[Shows::Touch]), None), None);
    let why = check(quorum(3, &[Shows::Touch]), None).unwrap();
    assert!(why.contains("only 2 could (dana@example.org, erin@example.org)"), "{why}");
    assert!(check(quorum(2, &[Shows::Touch]), Some("dana@example.org")).is_some());
}

/// Random changes of a good token, 100,000 of them: none is taken, none
/// panics. What a change leaves equal after reading (blank space, the other
/// prefix) is not a change.
#[test]
fn no_changed_token_is_ever_accepted() {
    let published = Published::new();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below.max(1) as u64).unwrap()
    };
    let good = token("dana1");
    let line = good.write().unwrap().into_bytes();
    let (mut read, mut tried) = (0, 0);
    while tried < 100_000 {
        let mut bytes = line.clone();
        for _ in 0..=random(3) {
            let at = random(bytes.len());
            match random(4) {
                0 => bytes[at] ^= 1 << random(8),
                1 => bytes[at] = b"ABCXYZabcxyz0189-_."[random(19)],
                2 => drop(bytes.remove(at)),
                _ => bytes.insert(at, b"Aa0_-"[random(5)]),
            }
        }
        let Ok(text) = String::from_utf8(bytes) else { continue };
        tried += 1;
        let Ok(changed) = Token::read(&text) else { continue };
        if changed == good {
            continue;
        }
        read += 1;
        let found = vote(&changed, published.asked(), published.trusted(), published.now);
        assert!(found.is_err(), "{text}");
    }
    assert!(read > 10_000, "most changes must get past the first check: {read}");
}

/// Random changes of a request: either it is refused, or it is another request
/// to which no decision fits.
#[test]
fn no_changed_request_keeps_its_approval() {
    use proptest::prelude::*;
    let published = Published::new();
    let yes = token("dana1");
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(20_000));
    let strategy = (0..REQUEST.len(), any::<u8>());
    runner
        .run(&strategy, |(at, byte)| {
            let mut bytes = REQUEST.to_vec();
            bytes[at] = byte;
            if bytes == REQUEST {
                return Ok(());
            }
            if let Ok(request) = Request::read(&bytes) {
                let asked = Asked { request: &request, bytes: &bytes };
                prop_assert!(vote(&yes, asked, published.trusted(), published.now).is_err());
            }
            Ok(())
        })
        .unwrap();
}
