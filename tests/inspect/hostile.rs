//! Snapshots where nobody expects them, and what may break a text, a picture, or JSON.

use std::panic::{AssertUnwindSafe, RefUnwindSafe, UnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use sempost::inspect::{self, Snapshot};
use sempost::{Mutex, Semaphore, mailbox};

use crate::alone;
use crate::common::{Bell, panic_message, pending, poll, ready, watched};

/// Takes one, and looks at all of it.
fn look() -> usize {
    let snapshot = inspect::snapshot();
    let suspects = snapshot.suspects(std::time::Duration::ZERO).len();
    snapshot.to_string().len() + snapshot.to_dot().len() + snapshot.to_json().len() + suspects
}

/// Kills: a waker, a message or a name that is touched under a lock which a snapshot takes.
#[test]
fn a_snapshot_may_be_taken_in_every_call_of_foreign_code() {
    struct Looks(Arc<AtomicUsize>);

    impl Drop for Looks {
        fn drop(&mut self) {
            self.0.fetch_add(usize::from(look() > 0), SeqCst);
        }
    }

    impl From<Looks> for String {
        fn from(looks: Looks) -> Self {
            drop(looks);
            "looked".to_owned()
        }
    }

    let _alone = alone();
    watched(String::new, || {
        let looks = Arc::new(AtomicUsize::new(0));
        let bell = Bell::new();
        let count = |looks: &Arc<AtomicUsize>| {
            let looks = Arc::clone(looks);
            move || drop(Looks(Arc::clone(&looks)))
        };
        bell.on_wake(count(&looks));
        bell.on_clone(count(&looks));
        bell.on_drop(count(&looks));
        let pool = Semaphore::new(1);
        inspect::name(&pool, Looks(Arc::clone(&looks)));
        let permit = pool.try_acquire().unwrap();
        let mut wait = Box::pin(pool.acquire());
        pending(&mut wait, &bell);
        let other = Bell::new();
        other.on_clone(count(&looks));
        pending(&mut wait, &other);
        pending(&mut wait, &bell);
        drop(permit);
        drop(wait);
        let (tx, rx) = mailbox::bounded(1);
        assert!(tx.try_send(Looks(Arc::clone(&looks))).is_ok());
        let mut send = Box::pin(tx.send(Looks(Arc::clone(&looks))));
        pending(&mut send, &bell);
        drop(rx);
        drop(ready(&mut send, &bell));
        drop(send);
        drop(tx);
        assert!(looks.load(SeqCst) > 8, "{looks:?}");
        assert!(inspect::snapshot().is_empty());
    });
}

/// Kills: a panic in a waker that leaves a wait in the tables, and a row that is taken for another.
#[test]
fn wakers_that_panic_leave_nothing_behind() {
    let _alone = alone();
    let (pool, good) = (Semaphore::new(1), Bell::new());
    let bad = Bell::panicking();
    let permit = pool.try_acquire().unwrap();
    let mut first = Box::pin(pool.acquire());
    pending(&mut first, &bad);
    assert!(panic_message(|| drop(permit)).contains("panics"));
    drop(ready(&mut first, &bad));
    let permit = pool.try_acquire().unwrap();
    let clones = Bell::new();
    clones.on_clone(|| panic!("this clone panics"));
    let mut second = Box::pin(pool.acquire());
    assert!(panic_message(|| poll(&mut second, &clones)).contains("panics"));
    assert_eq!(inspect::snapshot().waiters().count(), 0, "it is in no line");
    pending(&mut second, &good);
    assert!(panic_message(|| poll(&mut second, &clones)).contains("panics"));
    assert_eq!(inspect::snapshot().waiters().count(), 1, "it is still in line");
    drop(second);
    drop(permit);
    // A handle is used on.
    let (tx, mut rx) = mailbox::bounded::<u32>(1);
    assert!(catch_unwind(AssertUnwindSafe(|| rx.poll_recv(&mut clones.context()))).is_err());
    assert_eq!(inspect::snapshot().waiters().count(), 0, "it is in no line");
    drop((tx, rx));
    assert!(inspect::snapshot().is_empty());
}

/// Kills: a snapshot that needs what a dying thread has no more.
#[test]
fn the_destructors_of_a_thread_may_lock_and_look() {
    static LOCK: Mutex<u32> = Mutex::new(0);

    struct Last;

    impl Drop for Last {
        fn drop(&mut self) {
            *LOCK.lock_blocking() += u32::from(LOCK.try_lock().is_some_and(|_guard| look() > 0));
        }
    }

    thread_local!(static LAST: Last = const { Last });

    let _alone = alone();
    std::thread::spawn(|| LAST.with(|_| drop(LOCK.lock_blocking()))).join().unwrap();
    assert_eq!(*LOCK.lock_blocking(), 1);
    assert!(inspect::snapshot().is_empty());
}

/// Kills: a name that ends a string too early.
#[test]
fn names_may_be_anything() {
    let _alone = alone();
    let name = "a \"quoted\" \\ name\r\n\t\u{0}\u{1f}\u{7f}\u{2028} ≈ 🦀 {} %s </b>\\";
    let mutex = Mutex::new(0);
    inspect::name(&mutex, name);
    let _held = mutex.try_lock().unwrap();
    let snapshot = inspect::snapshot();
    let json = snapshot.to_json();
    let mut rest = json.as_str();
    let strings = value(&mut rest);
    assert_eq!(rest, "", "{json}");
    assert!(strings.contains(&name.to_owned()), "{strings:?}");
    // One line for each statement, and each string is closed.
    for line in snapshot.to_dot().lines() {
        let quotes = line.replace("\\\\", "").replace("\\\"", "").matches('"').count();
        assert_eq!(quotes % 2, 0, "{line}");
        assert!(line.ends_with(['{', ';', '}']), "{line}");
    }
    assert_eq!(snapshot.to_string().lines().count(), 3, "{snapshot}");
}

/// Reads a value, and answers its strings. It panics where the text is no JSON.
fn value(rest: &mut &str) -> Vec<String> {
    let next = rest.chars().next().unwrap();
    match next {
        '[' | '{' => {
            let close = if next == '[' { ']' } else { '}' };
            let mut strings = Vec::new();
            *rest = &rest[1..];
            while !rest.starts_with(close) {
                if next == '{' {
                    string(rest);
                    *rest = rest.strip_prefix(':').unwrap();
                }
                strings.extend(value(rest));
                let more = rest.strip_prefix(',');
                assert!(more.map_or(rest.starts_with(close), |more| !more.starts_with(close)), "{rest}");
                *rest = more.unwrap_or(rest);
            }
            *rest = &rest[1..];
            strings
        }
        '"' => vec![string(rest)],
        _ => {
            let end = rest.find([',', ']', '}']).unwrap();
            let word = &rest[..end];
            assert!(["true", "false", "null"].contains(&word) || word.parse::<f64>().is_ok(), "{word}");
            *rest = &rest[end..];
            Vec::new()
        }
    }
}

fn string(rest: &mut &str) -> String {
    let (mut text, mut chars) = (String::new(), rest.strip_prefix('"').unwrap().chars());
    loop {
        match chars.next().unwrap() {
            '"' => break,
            '\\' => match chars.next().unwrap() {
                'u' => {
                    let hex: String = chars.by_ref().take(4).collect();
                    text.push(char::from_u32(u32::from_str_radix(&hex, 16).unwrap()).unwrap());
                }
                c => {
                    assert!("\"\\/".contains(c), "{c:?}");
                    text.push(c);
                }
            },
            c => {
                assert!(c >= ' ', "{c:?}");
                text.push(c);
            }
        }
    }
    *rest = chars.as_str();
    text
}

/// Kills: a snapshot that cannot be sent to another thread.
#[test]
fn a_snapshot_goes_anywhere() {
    fn anywhere<T: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe + Clone + 'static>() {}
    fn lent<T: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe + Clone>() {}

    anywhere::<Snapshot>();
    anywhere::<inspect::Primitive>();
    anywhere::<inspect::Holder>();
    anywhere::<inspect::Waiter>();
    anywhere::<inspect::Actor>();
    lent::<inspect::Suspect<'_>>();
    lent::<inspect::Hop<'_>>();
    lent::<inspect::Blocker<'_>>();
}
