//! Walks over everything one can do with a monitor whose waiters wait for predicates, for conditions and at the entry.

use crate::common::lines::Cond::{self, A};
use crate::common::{Bell, Random};
use sempost::{Fairness, Monitor, MonitorGuard};
use std::cell::Cell;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

type Shop = Monitor<u32, Cond>;
type Guard<'a> = MonitorGuard<'a, u32, Cond>;

struct Waiter<'a> {
    /// The value for which it waits, if it does.
    wants: Option<u32>,
    bell: Bell,
    late: Rc<Cell<bool>>,
    future: Pin<Box<dyn Future<Output = Option<Guard<'a>>> + 'a>>,
}

struct Walk<'a> {
    shop: &'a Shop,
    random: Random,
    inside: Option<Guard<'a>>,
    line: Vec<Waiter<'a>>,
    panics: bool,
}

fn of(wants: u32) -> impl Fn(&u32) -> bool + Send + Sync + 'static {
    move |n| *n == wants
}

/// One that panics instead.
fn rages_at(wants: u32) -> impl Fn(&u32) -> bool + Send + Sync + 'static {
    move |n| if *n == wants { panic!("a number that nobody can stand") } else { false }
}

impl<'a> Walk<'a> {
    fn add<F: Future<Output = Option<Guard<'a>>> + 'a>(
        &mut self,
        wants: Option<u32>,
        make: impl FnOnce(Rc<Cell<bool>>) -> F,
    ) {
        let bell = if self.panics && self.random.below(8) == 0 { Bell::panicking() } else { Bell::new() };
        let late = Rc::new(Cell::new(false));
        let future = Box::pin(make(late.clone()));
        self.line.push(Waiter { wants, bell, late, future });
        self.poll(self.line.len() - 1);
    }

    /// Polls one. Who panics has gone; who gets in stays inside, or leaves.
    fn poll(&mut self, at: usize) {
        let Waiter { bell, future, .. } = &mut self.line[at];
        bell.take_wakes();
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut bell.context()))) {
            Ok(Poll::Pending) => {}
            Ok(Poll::Ready(guard)) => {
                drop(self.line.swap_remove(at));
                assert!(guard.is_none() || self.inside.is_none(), "two are inside");
                if self.random.below(2) == 0 {
                    self.inside = guard.or(self.inside.take());
                }
            }
            Err(_) => drop(self.line.swap_remove(at)),
        }
    }

    fn step(&mut self) {
        let (shop, wants, at) = (self.shop, self.random.below(4) as u32, self.random.below(self.line.len().max(1)));
        let some = !self.line.is_empty();
        let comes = |late: Rc<Cell<bool>>| poll_fn(move |_| if late.get() { Poll::Ready(()) } else { Poll::Pending });
        match (self.random.below(16), self.inside.take()) {
            (0, Some(inside)) => self.add(Some(wants), |_| async move { Some(inside.wait_for(of(wants)).await) }),
            (1, Some(inside)) => {
                self.add(
                    Some(wants),
                    move |late| async move { Some(inside.wait_for(of(wants)).until(comes(late)).await.0) },
                )
            }
            (2, Some(inside)) => self.add(None, |_| async move { Some(inside.wait(A).await) }),
            (3, Some(inside)) => {
                let next = |n: &mut u32| {
                    *n = (*n + 1) % 4;
                    *n != 0
                };
                self.add(None, move |_| async move { Some(inside.wait_while(A, next).await) });
            }
            (4, Some(inside)) => _ = inside.signal_and_leave(A),
            (5 | 6, Some(mut inside)) => {
                *inside = wants;
                inside.notify_many(A, self.random.below(3));
                self.inside = Some(inside);
            }
            (7 | 8, Some(inside)) => drop(inside),
            (0..=2, None) => self.add(Some(wants), |_| async move { Some(shop.enter_when(of(wants)).await) }),
            (3 | 4, None) => self
                .add(Some(wants), move |late| async move { shop.enter_when(of(wants)).until(comes(late)).await.ok() }),
            (5, None) if self.panics => {
                self.add(Some(wants), |_| async move { Some(shop.enter_when(rages_at(wants)).await) })
            }
            (6, None) => self.add(None, |_| async move { Some(shop.enter().await) }),
            (7 | 8, None) => self.inside = shop.try_enter(),
            (9 | 10, inside) if some => {
                self.inside = inside;
                drop(self.line.swap_remove(at));
            }
            (11, inside) if some => {
                self.inside = inside;
                self.line[at].late.set(true);
                self.poll(at);
            }
            (_, inside) => {
                self.inside = inside;
                if some {
                    self.poll(at);
                }
            }
        }
    }

    /// Everybody inside leaves, and whoever was woken is polled, until nobody is.
    fn rest(&mut self) {
        loop {
            let inside = self.inside.take();
            _ = catch_unwind(AssertUnwindSafe(|| drop(inside)));
            let Some(at) = self.line.iter().position(|waiter| waiter.bell.wakes() > 0) else { return };
            _ = catch_unwind(AssertUnwindSafe(|| self.poll(at)));
        }
    }
}

fn walk(seed: u64, panics: bool) {
    let mut random = Random::new(seed);
    let fairness = [Fairness::Fifo, Fairness::Barging { overtakes: 1 }, Fairness::Unfair][random.below(3)];
    let shop = Shop::with_fairness(0, fairness);
    let mut walk = Walk { shop: &shop, random, inside: None, line: Vec::new(), panics };
    for _ in 0..150 {
        // A waker may panic in any step: of whoever leaves, changes or gives up.
        _ = catch_unwind(AssertUnwindSafe(|| walk.step()));
    }
    walk.rest();
    while let Some(at) = walk.line.iter().position(|waiter| waiter.wants.is_none()) {
        let gone = walk.line.swap_remove(at);
        _ = catch_unwind(AssertUnwindSafe(|| drop(gone)));
        walk.rest();
    }
    let value = *shop.try_enter().unwrap_or_else(|| panic!("seed {seed}: {shop:?}"));
    let asleep = walk.line.iter().filter(|waiter| waiter.wants == Some(value)).count();
    assert_eq!(asleep, 0, "seed {seed}: they sleep beside a predicate that holds, at {shop:?}");
    assert_eq!(shop.predicates(), walk.line.len(), "seed {seed}");
    drop(walk);
    assert_eq!((shop.predicates(), shop.entering(), shop.is_occupied()), (0, 0, false), "seed {seed}");
}

#[test]
fn c02_monitor_predicates_conditions_and_deadlines_in_any_order_lose_nothing() {
    (0..1_500).for_each(|seed| walk(seed, false));
}

#[test]
fn c07_monitor_wakers_and_predicates_that_panic_in_any_order_lose_nothing() {
    (0..200).for_each(|seed| walk(seed, true));
}
