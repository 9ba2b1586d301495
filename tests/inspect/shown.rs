//! How a snapshot is printed.

use std::time::Duration;

use sempost::inspect;
use sempost::{Mutex, Semaphore};

use crate::alone;
use crate::common::{Bell, pending, ready};

/// Kills: a name that breaks the picture or the JSON, and an arrow in the wrong direction.
#[test]
fn a_snapshot_is_text_a_picture_and_json() {
    let _alone = alone();
    let (a, b) = (Bell::new(), Bell::new());
    let pool = Semaphore::new(2);
    inspect::name(&pool, "a \"pool\"\\\n");
    let _held = ready(&mut Box::pin(pool.acquire_many(2)), &a);
    let mut wait = Box::pin(pool.acquire());
    pending(&mut wait, &b);
    let snapshot = inspect::snapshot();
    let text = snapshot.to_string();
    assert!(text.starts_with("1 primitive, 1 holder, 1 waiter\nSemaphore #"), "{text}");
    assert!(text.contains(" \"a \\\"pool\\\"\\\\\\n\", made at tests/inspect/shown.rs:16:"), "{text}");
    assert!(text.contains("\n  2 permits held by task 0x"), "{text}");
    assert!(text.contains(" waits for 1 permit for 0.0 s, at tests/inspect/shown.rs:19:"), "{text}");
    let pool = snapshot.primitives().next().unwrap();
    assert!(text.contains("; 0 free\n"), "{text}");
    assert_eq!((pool.available(), pool.is_closed()), (0, false));
    let dot = snapshot.to_dot();
    let id = snapshot.primitives().next().unwrap().id();
    let (holder, waiter) = (snapshot.holders().next().unwrap().1, snapshot.waiters().next().unwrap().1);
    let label = r#"\"a \\\"pool\\\"\\\\\\n\"\nmade at shown.rs:16"#;
    for line in [
        format!("p{id} [shape=box, label=\"Semaphore #{id} {label}\"];"),
        format!("p{id} -> a1 [label=\"held since shown.rs:18\"];"),
        format!("a2 -> p{id} [label=\"waits at shown.rs:19 for 0.0 s\"];"),
    ] {
        assert!(dot.contains(&format!("  {line}\n")), "{line} in {dot}");
    }
    let node = |number, actor| format!("  a{number} [label=\"{actor}\"];");
    assert!(dot.contains(&node(1, holder.actor())) && dot.contains(&node(2, waiter.actor())), "{dot}");
    let json = snapshot.to_json();
    assert!(json.starts_with(&format!("[{{\"id\":{id},\"kind\":\"Semaphore\",\"name\":\"a \\\"pool\\\"\\\\\\u000a\"")));
    assert!(json.contains("\"amount\":2,\"sent\":false}],\"waiters\":[{\"actor\":\"task 0x"), "{json}");
    assert!(json.ends_with("\"last_receiver\":null}]"), "{json}");
}

/// Kills: a thread without its name, and a snapshot that waits for a lock which a thread holds.
#[test]
fn a_snapshot_is_taken_while_a_thread_waits() {
    let _alone = alone();
    static LOCK: Mutex<()> = Mutex::new(());
    inspect::name(&LOCK, "busy");
    let (locked, guard) = (line!(), LOCK.lock_blocking());
    std::thread::scope(|scope| {
        let waits = std::thread::Builder::new().name("waits".to_owned());
        let waits_at = line!() + 1;
        waits.spawn_scoped(scope, || drop(LOCK.lock_blocking())).unwrap();
        crate::common::until(|| inspect::snapshot().waiters().count() == 1);
        let snapshot = inspect::snapshot();
        let (primitive, waiter) = snapshot.waiters().next().unwrap();
        assert_eq!(primitive.name(), Some("busy"));
        assert!(waiter.actor().is_thread());
        assert_eq!(waiter.actor().thread_name(), Some("waits"));
        assert_eq!(waiter.place().line(), waits_at);
        assert_eq!(snapshot.holders().next().unwrap().1.place().line(), locked);
        assert!(snapshot.suspects(Duration::ZERO).is_empty());
        drop(guard);
    });
    assert!(inspect::snapshot().is_empty());
}

/// Kills: permits that are shown twice, or not at all, after they were split, merged or forgotten.
#[test]
fn permits_that_are_split_are_shown_as_parts() {
    let _alone = alone();
    let pool = Semaphore::new(8);
    let amounts = || inspect::snapshot().holders().map(|(_, holder)| holder.amount()).collect::<Vec<_>>();
    let mut all = pool.try_acquire_many(8).unwrap();
    let mut three = all.split(3).unwrap();
    assert_eq!(amounts(), [5, 3]);
    let one = three.split(1).unwrap();
    all.merge(one).unwrap();
    assert_eq!(amounts(), [6, 2]);
    let mut none = all.split(0).unwrap();
    none.merge(all.split(6).unwrap()).unwrap();
    assert_eq!(amounts(), [2, 6], "all of it went to another permit");
    all.merge(none).unwrap();
    assert_eq!(amounts(), [6, 2]);
    three.forget();
    assert_eq!(amounts(), [6]);
    drop(all);
    assert_eq!(amounts(), [0; 0]);
}

/// Kills: counts of an unlock before the last.
#[test]
fn a_mailbox_shows_what_is_in_it() {
    let _alone = alone();
    let (tx, rx) = sempost::mailbox::bounded(3);
    tx.try_send(1).unwrap();
    tx.try_send(2).unwrap();
    let permit = tx.try_reserve().unwrap();
    let snapshot = inspect::snapshot();
    let mailbox = snapshot.primitives().next().unwrap();
    assert_eq!((mailbox.queued(), mailbox.available()), (2, 0));
    assert!(
        snapshot.to_string().contains("; 2 messages, 0 free slots, 1 sender, 1 receiver\n  1 slot reserved by thread")
    );
    drop(rx);
    let closed = inspect::snapshot();
    assert!(closed.primitives().all(|one| one.is_closed() && one.queued() == 0));
    drop(permit);
    assert!(inspect::snapshot().is_empty());
}

/// Kills: a circle that nobody finds, below a thousand lines of those that wait behind it.
#[test]
fn of_many_the_first_are_printed() {
    let _alone = alone();
    let (pool, bell) = (Semaphore::new(100), Bell::new());
    let held: Vec<_> = (0..100).map(|_| pool.try_acquire().unwrap()).collect();
    let mut waits: Vec<_> = (0..1_000).map(|n| Box::pin(pool.acquire_many(1 + n % 2))).collect();
    waits.iter_mut().for_each(|wait| pending(wait, &bell));
    let snapshot = inspect::snapshot();
    let text = snapshot.to_string();
    assert_eq!(text.lines().count(), 2 + 10 + 1 + 10 + 2, "{text}");
    assert!(text.contains("\n  and 90 more: 1 permit held, since tests/inspect/shown.rs:"), "{text}");
    assert!(text.contains("\n  and 495 more: waits for 1 permit, at tests/inspect/shown.rs:"), "{text}");
    assert!(text.contains("\n  and 495 more: waits for 2 permits, at tests/inspect/shown.rs:"), "{text}");
    drop(held);
    let text = inspect::snapshot().to_string();
    assert!(text.contains("more: GRANTED AND NOT POLLED, waited for 1 permit, at tests/inspect/shown.rs:"), "{text}");
    assert_eq!(snapshot.to_json().matches("\"wants\":").count(), 1_000);
}
