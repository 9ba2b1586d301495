//! Section 2.6, first half: counts that wrapped, were changed too early, or forgot that something is closed.

use crate::common::{Bell, Random, now, panic_message, pending, queued, ready, watched};
use crate::race::race;
use crate::{CAPACITIES, open};
use sempost::mailbox::{self, MAX_CAPACITY, TryRecvError};
use sempost::{Mutex, MutexGuard, Permit, Semaphore, TryAcquireError};
use std::sync::Arc;

const MAX: usize = Semaphore::MAX_PERMITS;

/// The counts at which arithmetic goes wrong.
const BOUNDARY: [usize; 8] = [0, 1, MAX - 1, MAX, MAX + 1, usize::MAX / 2 + 1, usize::MAX - 1, usize::MAX];

/// Whether `body` panics, and says which limit it is about.
fn is_refused<R>(body: impl FnOnce() -> R) -> bool {
    let Err(payload) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(body()))) else { return false };
    let message = crate::common::message_of(&*payload);
    assert!(message.contains("MAX_") || message.contains("capacity"), "{message}");
    true
}

/// tokio#8546: an index that wrapped freed a block too early, while a slow sender still had it; here rings of every
/// small size are gone round 500 times beside a permit that is used last. The indices of the queue begin at 0 and have
/// the width of a pointer: only a build with small ones takes them past their own end.
#[test]
fn b099_a_ring_goes_round_beside_a_slow_sender() {
    for capacity in (2..=9).chain([127, 128, 129]) {
        let (tx, rx) = mailbox::bounded(capacity);
        let slow = tx.try_reserve().unwrap();
        for i in 0..500 {
            for j in 0..capacity - 1 {
                tx.try_send(i * capacity + j).unwrap();
            }
            assert!(tx.is_full());
            for j in 0..capacity - 1 {
                assert_eq!(rx.try_recv(), Ok(i * capacity + j));
            }
        }
        slow.send(7).unwrap();
        assert_eq!((rx.try_recv(), tx.remaining()), (Ok(7), capacity));
    }
    let (tx, rx) = mailbox::unbounded();
    let slow = tx.try_reserve().unwrap();
    for i in 0..20_000_u64 {
        tx.try_send(i).unwrap();
        if i % 300 == 299 {
            (i - 299..=i).for_each(|j| assert_eq!(rx.try_recv(), Ok(j)));
        }
    }
    slow.send(7).unwrap();
    assert_eq!(rx.len(), 20_000 % 300 + 1);
}

/// tokio#3188, #3644, #5582, #8548, #8405: limits of permits that were wrong by one, by a shift, or of another width;
/// here the whole boundary table for every call that takes a number.
#[test]
fn b101_every_number_at_its_boundary() {
    for n in BOUNDARY {
        let fits = n <= MAX;
        assert_eq!(is_refused(|| Semaphore::new(n)), !fits);
        let semaphore = Arc::new(Semaphore::new(0));
        assert_eq!(is_refused(|| semaphore.acquire_many(n)), !fits);
        assert_eq!(is_refused(|| semaphore.acquire_many_owned(n)), !fits);
        assert_eq!(is_refused(|| drop(semaphore.try_acquire_many(n))), !fits);
        assert_eq!(is_refused(|| drop(semaphore.try_acquire_many_owned(n))), !fits);
        assert_eq!(semaphore.forget_permits(n), 0);
        assert_eq!(is_refused(|| semaphore.add_permits(n)), !fits);
        assert_eq!(semaphore.available_permits(), if fits { n } else { 0 });
        if fits {
            let mut permit = semaphore.try_acquire_many(n).unwrap();
            assert!(permit.split(n.wrapping_add(1)).is_none_or(|_| n == usize::MAX));
            let all = permit.split(n).unwrap();
            permit.merge(all).unwrap();
            assert_eq!(permit.num_permits(), n);
            drop(permit);
            assert_eq!((semaphore.available_permits(), semaphore.forget_permits(usize::MAX)), (n, n));
        }
        let semaphore = Semaphore::new(0);
        assert_eq!(is_refused(|| semaphore.reduce_permits(n)), !fits);
        semaphore.add_permits(1);
        assert_eq!(semaphore.available_permits(), usize::from(n == 0 || !fits));

        let fits = n <= MAX_CAPACITY;
        assert_eq!(is_refused(|| drop(mailbox::bounded::<u64>(n))), !fits);
        for capacity in [Some(3), None] {
            let (tx, _rx) = open::<u32>(capacity);
            let fits = n <= capacity.unwrap_or(MAX_CAPACITY);
            assert_eq!(is_refused(|| drop(tx.reserve_many(n))), !fits);
            assert_eq!(is_refused(|| drop(tx.try_reserve_many(n))), !fits);
            assert_eq!(tx.remaining(), capacity.unwrap_or(usize::MAX));
        }
    }
}

/// tokio#8021: `forget_permits` wiped the bit that says closed; here nothing that changes a count opens what is closed.
#[test]
fn b102_nothing_opens_what_is_closed() {
    watched(String::new, || {
        let semaphore = Semaphore::new(5);
        let held = semaphore.try_acquire_many(2).unwrap();
        let waiting = queued(semaphore.acquire_many(9), &Bell::new());
        semaphore.close();
        let still_closed = || {
            assert!(
                semaphore.is_closed() && now(semaphore.acquire()).is_err() && now(semaphore.acquire_many(0)).is_err()
            );
            assert!(matches!(semaphore.try_acquire(), Err(TryAcquireError::Closed)));
        };
        still_closed();
        semaphore.forget_permits(1);
        still_closed();
        semaphore.add_permits(7);
        still_closed();
        semaphore.reduce_permits(20);
        still_closed();
        drop(held);
        still_closed();
        drop(waiting);
        semaphore.add_permits(50);
        still_closed();

        for capacity in CAPACITIES {
            let (tx, rx) = open(capacity);
            let _waiting = queued(rx.recv(), &Bell::new());
            let permit = tx.try_reserve().unwrap();
            tx.close_mailbox();
            let still_closed = || {
                assert!(tx.is_closed() && rx.is_closed() && !tx.close_mailbox());
                assert!(tx.try_send(1).is_err() && tx.try_reserve().is_err() && tx.force_send(1).is_err());
            };
            still_closed();
            drop(permit);
            still_closed();
            drop((rx.try_recv(), rx.clone(), tx.clone()));
            still_closed();
            assert_eq!(rx.try_recv(), Err(TryRecvError::Closed));
        }
    });
}

/// tokio#2941: a downgrade gave permits back twice; here every way to reshape a permit, or a guard, keeps the sum.
#[test]
fn b103_reshaping_a_permit_keeps_the_sum() {
    let semaphore = Semaphore::new(20);
    let mut random = Random::new(103);
    let mut held: Vec<Permit<'_>> = Vec::new();
    let mut total = 20;
    for _ in 0..10_000 {
        let at = random.below(held.len().max(1));
        match random.below(7) {
            0 => held.extend(semaphore.try_acquire_many(random.below(4))),
            1 if !held.is_empty() => drop(held.swap_remove(at)),
            2 if !held.is_empty() => {
                let part = random.below(held[at].num_permits() + 2);
                let split = held[at].split(part);
                held.extend(split);
            }
            3 if held.len() > 1 => {
                let other = held.swap_remove(at);
                held[0].merge(other).unwrap();
            }
            4 if !held.is_empty() => {
                let gone = held.swap_remove(at);
                total -= gone.num_permits();
                gone.forget();
            }
            5 => total -= semaphore.forget_permits(random.below(2)),
            6 => {
                let n = random.below(3).min(20 - total);
                total += n;
                semaphore.add_permits(n);
            }
            _ => {}
        }
        let out: usize = held.iter().map(Permit::num_permits).sum();
        assert_eq!(semaphore.available_permits() + out, total);
    }
    let mutex = Mutex::new((1, (2, 3)));
    let bells = [Bell::new(), Bell::new()];
    let guard = mutex.try_lock().unwrap();
    let _line = bells.each_ref().map(|bell| queued(mutex.lock(), bell));
    let guard = MutexGuard::try_map(guard, |_| None::<&mut i32>).unwrap_err();
    let mapped = MutexGuard::map(guard, |data| &mut data.1);
    assert_eq!(bells.each_ref().map(Bell::wakes), [0, 0]);
    drop(mapped);
    assert_eq!(bells.each_ref().map(Bell::wakes), [1, 0], "unlocked once");
}

/// async-lock 3.5.0, by running: `add_permits` wrapped, two became one; here it panics and says the limit.
#[test]
fn b104_too_many_permits_are_refused() {
    let semaphore = Semaphore::new(2);
    let held = semaphore.try_acquire().unwrap();
    for n in [usize::MAX, MAX, MAX - 1] {
        assert!(panic_message(|| semaphore.add_permits(n)).contains("MAX_PERMITS"));
        assert_eq!(semaphore.available_permits(), 1);
    }
    semaphore.add_permits(MAX - 2);
    drop(held);
    assert_eq!(semaphore.available_permits(), MAX, "held ones count");
}

/// mea#144: the panic about an overflow came after the count had changed; here the state before a refusal is the state
/// after it, with somebody in line.
#[test]
fn b105_a_refused_number_changes_nothing() {
    let semaphore = Semaphore::new(1);
    let bell = Bell::new();
    let mut waiting = queued(semaphore.acquire_many(2), &bell);
    let before = format!("{semaphore:?}");
    panic_message(|| semaphore.add_permits(MAX));
    panic_message(|| semaphore.add_permits(usize::MAX));
    panic_message(|| semaphore.reduce_permits(usize::MAX));
    panic_message(|| drop(semaphore.acquire_many(MAX + 1)));
    panic_message(|| drop(semaphore.try_acquire_many(usize::MAX)));
    assert_eq!((format!("{semaphore:?}"), bell.wakes()), (before, 0));
    pending(&mut waiting, &bell);
    semaphore.add_permits(1);
    assert!(ready(&mut waiting, &bell).is_ok());

    let (tx, rx) = mailbox::bounded(2);
    tx.try_send(1).unwrap();
    let mut waiting = queued(tx.reserve_many(2), &bell);
    let before = format!("{tx:?}");
    panic_message(|| drop(tx.reserve_many(3)));
    panic_message(|| drop(tx.try_reserve_many(usize::MAX)));
    assert_eq!(format!("{tx:?}"), before);
    assert_eq!(rx.try_recv(), Ok(1));
    assert!(ready(&mut waiting, &bell).is_ok());
}

/// mea#128, async-channel#60: the count of handles overflowed, and a weak one came back from zero; here an upgrade
/// meets the drop of the last handle. Models: `a_weak_sender_comes_back_before_the_end_or_never`,
/// `a_weak_receiver_comes_back_before_the_end_or_never`.
#[test]
fn b106_a_weak_handle_meets_the_drop_of_the_last() {
    race(300, |round| {
        let (tx, rx) = mailbox::bounded::<u32>(1);
        let weak = tx.downgrade();
        let ((), back) = round.both(move || drop(tx), || weak.upgrade());
        assert_eq!((rx.is_closed(), rx.sender_count()), (back.is_none(), usize::from(back.is_some())));
        drop(back);
        assert_eq!((rx.is_closed(), rx.sender_count(), weak.upgrade().is_none()), (true, 0, true));
    });
    race(300, |round| {
        let (tx, rx) = mailbox::bounded(1);
        tx.try_send(7).unwrap();
        let weak = rx.downgrade();
        let ((), back) = round.both(move || drop(rx), || weak.upgrade());
        assert_eq!(
            (tx.is_closed(), tx.receiver_count(), tx.len()),
            match back {
                Some(_) => (false, 1, 1),
                None => (true, 0, 0),
            }
        );
        drop(back);
        assert_eq!((tx.is_closed(), tx.receiver_count(), weak.upgrade().is_none()), (true, 0, true));
    });
}
