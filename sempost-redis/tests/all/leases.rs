//! About N at once.

use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::join_all;
use sempost_redis::{Error, Leases};

use crate::server::{on_both, pause};

#[test]
fn no_more_than_the_limit_at_once() {
    on_both(|server| async move {
        let leases = Leases::open("imports", 3, Duration::from_secs(30), server.client()).await.unwrap();
        let elsewhere = Leases::open("imports", 3, Duration::from_secs(30), server.client()).await.unwrap();
        let held = std::cell::Cell::new(0);
        let held = &held;
        let working = join_all((0..30).map(|n| {
            let leases = if n % 2 == 0 { leases.clone() } else { elsewhere.clone() };
            async move {
                let lease = leases.acquire().await.unwrap();
                held.set(held.get() + 1);
                assert!(held.get() <= 3);
                pause(2).await;
                held.set(held.get() - 1);
                let token = lease.token();
                lease.release().await.unwrap();
                token
            }
        }));
        let mut tokens = working.await;
        tokens.sort_unstable();
        tokens.dedup();
        assert_eq!(tokens.len(), 30);
    });
}

#[test]
fn a_lease_that_nobody_gave_back_ends_by_its_time() {
    on_both(|server| async move {
        let leases = Leases::open("imports", 1, Duration::from_millis(200), server.client()).await.unwrap();
        let mut first = leases.try_acquire().await.unwrap().unwrap();
        assert!(leases.try_acquire().await.unwrap().is_none());
        first.renew().await.unwrap();
        assert!(first.expires() > Instant::now());
        let begin = Instant::now();
        let second = leases.acquire().await.unwrap();
        assert!(begin.elapsed() > Duration::from_millis(100));
        assert!(second.token() > first.token());
        assert!(matches!(first.renew().await, Err(Error::LeaseLost)));
        assert!(matches!(first.release().await, Err(Error::LeaseLost)));
        second.release().await.unwrap();
    });
}

#[test]
fn tokens_rise_even_if_the_server_forgets() {
    on_both(|server| async move {
        let leases = Leases::open("imports", 1, Duration::from_secs(30), server.client()).await.unwrap();
        let first = leases.acquire().await.unwrap();
        let _: () = server.ask(&["FLUSHALL"]);
        let second = leases.acquire().await.unwrap();
        assert!(second.token() > first.token());
        assert!(matches!(first.release().await, Err(Error::LeaseLost)));
    });
}

#[test]
fn a_dropped_acquire_leaves_the_line() {
    on_both(|server| async move {
        let leases = Leases::open("imports", 1, Duration::from_secs(30), server.client()).await.unwrap();
        let held = leases.acquire().await.unwrap();
        for _ in 0..5 {
            let mut waiting = Box::pin(leases.acquire());
            for _ in 0..4 {
                assert!(waiting.as_mut().now_or_never().is_none());
                pause(5).await;
            }
        }
        let releasing = async {
            pause(20).await;
            held.release().await.unwrap();
        };
        let (next, ()) = futures_util::future::join(leases.acquire(), releasing).await;
        next.unwrap();
    });
}

#[test]
fn what_makes_no_sense() {
    on_both(|server| async move {
        for (name, limit, ttl) in [("", 1, 1000), ("a{b", 1, 1000), ("a", 0, 1000), ("a", 1, 1)] {
            let opened = Leases::open(name, limit, Duration::from_millis(ttl), server.client()).await;
            assert!(matches!(opened, Err(Error::Config(_))));
        }
        let _: () = server.ask(&["SET", "sempost:{imports}:leases", "something"]);
        let opened = Leases::open("imports", 1, Duration::from_secs(1), server.client()).await;
        assert!(matches!(opened, Err(Error::Refused(_))));
    });
}
