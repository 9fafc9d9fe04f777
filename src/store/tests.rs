#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::*;

const NOW: Utc = Utc(1_795_339_800);

fn store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("state")).unwrap();
    (dir, store)
}

fn new<'a>(id: &'a str, join_key: &'a str) -> New<'a> {
    New {
        document: id.as_bytes(),
        id,
        sha256: id,
        join_key,
        command_key: "command",
        tier: "second-human",
        shown: "kubectl delete ns x",
        who: "alice",
        created: NOW,
        expires: NOW.plus(3600),
    }
}

fn join(store: &mut Store, new: &New<'_>, now: Utc) -> Result<Joined, StoreError> {
    store.join_or_create(new, now, || Ok(()))
}

fn id(n: u32) -> String {
    format!("{n:08x}-0000-4000-8000-000000000000")
}

#[test]
fn the_same_command_joins_the_request_that_waits() {
    let (_dir, mut store) = store();
    let (one, two) = (id(1), id(2));
    assert!(join(&mut store, &new(&one, "k"), NOW).unwrap().created);
    let again = join(&mut store, &new(&two, "k"), NOW.plus(9)).unwrap();
    assert!(!again.created);
    assert_eq!(again.row.id, one);
    // Not one that has run out, and not one that is closed.
    let late = join(&mut store, &new(&two, "k"), NOW.plus(3601)).unwrap();
    assert!(late.created);
    assert!(store.finish(&two, State::Withdrawn, "", "alice", NOW).unwrap());
    let three = id(3);
    assert!(join(&mut store, &new(&three, "k"), NOW.plus(3601)).unwrap().created);
    assert_eq!(store.latest("command").unwrap().unwrap().id, three);
}

#[test]
fn a_request_is_recorded_before_anybody_sees_it_or_not_made() {
    let (dir, mut store) = store();
    let one = id(1);
    let failed = store.join_or_create(&new(&one, "k"), NOW, || Err(StoreError::TooMany));
    assert!(matches!(failed, Err(StoreError::TooMany)));
    let other = Store::open(&dir.path().join("state")).unwrap();
    assert!(other.list(false, NOW, 9).unwrap().is_empty(), "no record, no request");
    let mut recorded = 0;
    let mut record = || {
        recorded += 1;
        assert!(other.list(false, NOW, 9).unwrap().is_empty(), "not before its record");
        Ok::<_, StoreError>(())
    };
    assert!(store.join_or_create(&new(&one, "k"), NOW, &mut record).unwrap().created);
    // Whoever joins finds one that has its record.
    assert!(!store.join_or_create(&new(&id(2), "k"), NOW, &mut record).unwrap().created);
    assert_eq!(recorded, 1);
    assert_eq!(other.list(false, NOW, 9).unwrap().len(), 1);
}

#[test]
fn a_request_is_found_by_id_beginning_or_handle() {
    let (_dir, mut store) = store();
    let (one, two) = (id(0xabcd_0001), id(0xabcd_0002));
    join(&mut store, &new(&one, "1"), NOW).unwrap();
    join(&mut store, &new(&two, "2"), NOW).unwrap();
    let handle = handle(one.as_bytes());
    for typed in [one.as_str(), "ABCD0001", &handle, &handle.to_lowercase().replace('-', "")] {
        assert_eq!(store.find(typed).unwrap().id, one, "{typed}");
    }
    assert!(matches!(store.find("abcd000"), Err(StoreError::NotFound(_))), "too short");
    for typed in ["", "%", "' OR 1=1", "zzzz-zzzz", "\u{1b}[2J"] {
        assert!(matches!(store.find(typed), Err(StoreError::NotFound(_))), "{typed}");
    }
}

#[test]
fn what_is_closed_stays_closed() {
    let (_dir, mut store) = store();
    let one = id(1);
    join(&mut store, &new(&one, "k"), NOW).unwrap();
    assert!(store.finish(&one, State::Denied, "no", "dana", NOW).unwrap());
    assert!(!store.finish(&one, State::Withdrawn, "", "alice", NOW).unwrap());
    let claimed = store.claim(&one, &one, State::Used, NOW).unwrap();
    assert!(matches!(claimed, Claimed::Gone(State::Denied)));
    assert_eq!(store.find(&one).unwrap().by, "dana");
    assert_eq!(store.void_pending("x", NOW).unwrap(), 0);
}

#[test]
fn a_request_is_used_once() {
    let (_dir, mut store) = store();
    let one = id(1);
    join(&mut store, &new(&one, "k"), NOW).unwrap();
    assert!(matches!(store.claim(&one, &one, State::Used, NOW).unwrap(), Claimed::Ours(_)));
    assert!(matches!(
        store.claim(&one, &one, State::Used, NOW).unwrap(),
        Claimed::Gone(State::Used)
    ));
    // Not even when its row is put back.
    store.db.execute("UPDATE requests SET state = 'pending'", []).unwrap();
    assert!(matches!(
        store.claim(&one, &one, State::Used, NOW).unwrap(),
        Claimed::Gone(State::Used)
    ));
    let two = id(2);
    join(&mut store, &new(&two, "2"), NOW).unwrap();
    let other = store.claim(&two, "another hash", State::Used, NOW).unwrap();
    assert!(matches!(other, Claimed::Gone(_)), "an edited row is not what was approved");
}

#[test]
fn of_many_guards_one_asks_and_one_runs() {
    for round in 0..20 {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        let counted: Vec<(bool, bool)> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|n| {
                    let state = state.clone();
                    scope.spawn(move || {
                        let mut store = Store::open(&state).unwrap();
                        let own = id(round * 100 + n);
                        let joined = join(&mut store, &new(&own, "k"), NOW).unwrap();
                        let sha = joined.row.sha256.clone();
                        let claim = store.claim(&joined.row.id, &sha, State::Used, NOW).unwrap();
                        (joined.created, matches!(claim, Claimed::Ours(_)))
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        // A guard that comes after the claim makes a request of its own, which
        // is then used once as well.
        let created = counted.iter().filter(|(created, _)| *created).count();
        let ran = counted.iter().filter(|(_, ran)| *ran).count();
        assert_eq!(created, ran, "{counted:?}");
        assert!(created >= 1);
    }
}

#[test]
fn many_guards_at_once_can_make_the_store() {
    for _ in 0..100 {
        let dir = tempfile::tempdir().unwrap();
        let state = dir.path().join("state");
        let start = std::sync::Barrier::new(8);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    start.wait();
                    Store::open(&state).unwrap();
                });
            }
        });
    }
}

#[test]
fn answers_are_kept_in_order_and_bounded() {
    let (_dir, mut store) = store();
    let one = id(1);
    join(&mut store, &new(&one, "k"), NOW).unwrap();
    let before = store.version().unwrap();
    for n in 0..64_u8 {
        store.add_decision(&one, &[n], b"s", NOW).unwrap();
        store.add_decision(&one, &[n], b"s", NOW).unwrap_or(());
    }
    assert!(matches!(store.add_decision(&one, b"x", b"s", NOW), Err(StoreError::TooMany)));
    let kept = store.decisions(&one).unwrap();
    assert_eq!(kept.len(), 64);
    assert_eq!(kept[1].document, [1]);
    assert_eq!(store.version().unwrap(), before, "only other connections count");
}

#[test]
fn another_process_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let watching = Store::open(dir.path().join("s").as_path()).unwrap();
    let before = watching.version().unwrap();
    let mut other = Store::open(dir.path().join("s").as_path()).unwrap();
    join(&mut other, &new(&id(1), "k"), NOW).unwrap();
    assert_ne!(watching.version().unwrap(), before);
}

#[test]
fn old_requests_go_and_open_reviews_stay() {
    let (_dir, mut store) = store();
    let (one, two, three) = (id(1), id(2), id(3));
    join(&mut store, &new(&one, "1"), NOW).unwrap();
    join(&mut store, &new(&two, "2"), NOW).unwrap();
    let _ = store.claim(&two, &two, State::Overridden, NOW).unwrap();
    join(&mut store, &new(&three, "3"), NOW.plus(KEPT + 1)).unwrap();
    assert!(store.find(&one).is_err());
    assert_eq!(store.open_reviews().unwrap().len(), 1);
    assert!(store.finish(&two, State::Reviewed, "", "dana", NOW).unwrap());
    assert_eq!(store.open_reviews().unwrap().len(), 0);
}

#[test]
fn a_store_that_cannot_be_trusted_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    assert!(Store::open_existing(&state).unwrap().is_none());
    assert!(!state.exists(), "looking makes nothing");
    drop(Store::open(&state).unwrap());
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&state), mode(&state.join("guard.db"))), (0o700, 0o600));
    let set = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set(&state.join("guard.db"), 0o622);
    assert!(matches!(Store::open(&state), Err(StoreError::Unsafe { .. })));
    set(&state.join("guard.db"), 0o600);
    set(&state, 0o777);
    assert!(matches!(Store::open(&state), Err(StoreError::Unsafe { .. })));
    set(&state, 0o700);
    std::fs::rename(state.join("guard.db"), state.join("other.db")).unwrap();
    std::os::unix::fs::symlink("other.db", state.join("guard.db")).unwrap();
    assert!(Store::open(&state).is_err());
}

#[test]
fn a_broken_or_newer_store_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    drop(Store::open(&state).unwrap());
    let db = Connection::open(state.join("guard.db")).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    let error = Store::open(&state).unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 99, .. }), "{error}");
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(state.join(format!("guard.db{end}")));
    }
    std::fs::write(state.join("guard.db"), "this is no database at all, but it is long enough")
        .unwrap();
    set_mode(&state.join("guard.db"));
    let error = Store::open(&state).unwrap_err();
    assert!(matches!(error, StoreError::NotADatabase { .. }), "{error}");
}

fn set_mode(path: &Path) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn garbage_in_the_tables_is_an_error_or_a_closed_request() {
    let (_dir, mut store) = store();
    let one = id(1);
    join(&mut store, &new(&one, "k"), NOW).unwrap();
    store
        .db
        .execute("UPDATE requests SET state = 'approved', document = zeroblob(1000000)", [])
        .unwrap();
    let row = store.find(&one).unwrap();
    assert_eq!((row.state, row.document.len()), (State::Void, 0));
    store
        .db
        .execute(
            "UPDATE requests SET expires = -9223372036854775808, created = 9223372036854775807",
            [],
        )
        .unwrap();
    assert_eq!(store.list(true, NOW, 10).unwrap().len(), 0);
    assert_eq!(store.list(false, NOW, 10).unwrap().len(), 1);
}

/// What is asked for at every run must not look through all old requests.
#[test]
fn every_query_uses_an_index() {
    let (_dir, store) = store();
    for condition in [
        "join_key = ?1 AND state = 'pending' AND expires >= ?2 ORDER BY created DESC, rowid DESC LIMIT 1",
        "command_key = ?1 ORDER BY created DESC, rowid DESC LIMIT 1",
        "handle = ?1 ORDER BY created DESC LIMIT 2",
        "id >= ?1 AND id < ?2 LIMIT 2",
        "state = 'pending' AND expires >= ?1 ORDER BY created DESC LIMIT ?2",
        "1 ORDER BY created DESC, rowid DESC LIMIT ?1",
        "state = 'overridden' ORDER BY created DESC LIMIT 1000",
    ] {
        let sql = format!("EXPLAIN QUERY PLAN SELECT * FROM requests WHERE {condition}");
        let mut query = store.db.prepare(&sql).unwrap();
        let count = query.parameter_count();
        let nothing: Vec<i64> = vec![0; count];
        let plan: Vec<String> = query
            .query_map(rusqlite::params_from_iter(nothing), |row| row.get::<_, String>(3))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let plan = plan.join("; ");
        assert!(
            plan.contains("USING INDEX") || plan.contains("USING COVERING"),
            "{condition}: {plan}"
        );
        assert!(
            !plan.contains("TEMP B-TREE FOR ORDER BY") || condition.starts_with("handle"),
            "{condition}: {plan}"
        );
    }
}
