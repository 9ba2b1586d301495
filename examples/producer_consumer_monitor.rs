//! The lecture's monitor, three times: a buffer that can only be reached through PutItem and GetItem.
//!
//! What differs is how a task learns that it may go on: it is signalled, it is notified, or its predicate is asked.

use std::collections::VecDeque;

use futures::executor::block_on;
use futures::future::{join, join_all};
use sempost::{Monitor, conditions};
use smol::future::yield_now;

const N: usize = 4; // slots

conditions! {
    enum Until { SlotAvail, ItemAvail } // condition slotavail, itemavail
}
use Until::{ItemAvail, SlotAvail};

/// monitor ProducerConsumer
trait ProducerConsumer {
    /// procedure PutItem(item)
    async fn put_item(&self, item: u64);

    /// procedure GetItem()
    async fn get_item(&self) -> u64;
}

/// As in the lecture, line by line.
///
/// The only signal is `signal_and_leave`: the one who waited is next inside, and finds what it waited for. So `if` is
/// enough.
struct Signalled(Monitor<VecDeque<u64>, Until>);

impl ProducerConsumer for Signalled {
    async fn put_item(&self, item: u64) {
        let mut buffer = self.0.enter().await;
        if buffer.len() == N {
            buffer = buffer.wait(SlotAvail).await; //  if (count == N) wait(slotavail)
        }
        buffer.push_back(item); //                     insert_item(item); count++
        buffer.signal_and_leave(ItemAvail); //         signal(itemavail)
    }

    async fn get_item(&self) -> u64 {
        let mut buffer = self.0.enter().await;
        if buffer.is_empty() {
            buffer = buffer.wait(ItemAvail).await; //  if (count == 0) wait(itemavail)
        }
        let item = buffer.pop_front(); //              item = remove_item(); count--
        buffer.signal_and_leave(SlotAvail); //         signal(slotavail)
        item.expect("who is signalled finds an item")
    }
}

/// As in Mesa, Java and POSIX.
///
/// Others may enter between a notification and the one who is notified. So it has to look again: `while`, not `if`.
struct Notified(Monitor<VecDeque<u64>, Until>);

impl ProducerConsumer for Notified {
    async fn put_item(&self, item: u64) {
        let buffer = self.0.enter().await;
        let mut buffer = buffer.wait_while(SlotAvail, |buffer| buffer.len() == N).await;
        buffer.push_back(item);
        buffer.notify_one(ItemAvail);
    }

    async fn get_item(&self) -> u64 {
        let buffer = self.0.enter().await;
        let mut buffer = buffer.wait_while(ItemAvail, |buffer| buffer.is_empty()).await;
        let item = buffer.pop_front();
        buffer.notify_one(SlotAvail);
        item.expect("it has looked again")
    }
}

/// Without conditions and without signals: nothing can be forgotten.
///
/// Each says what it needs. Whoever leaves lets in the next one whose predicate holds.
struct Asked(Monitor<VecDeque<u64>>);

impl ProducerConsumer for Asked {
    async fn put_item(&self, item: u64) {
        self.0.enter_when(|buffer| buffer.len() < N).await.push_back(item);
    }

    async fn get_item(&self) -> u64 {
        let mut buffer = self.0.enter_when(|buffer| !buffer.is_empty()).await;
        buffer.pop_front().expect("its predicate holds")
    }
}

const PRODUCERS: u64 = 3;
const CONSUMERS: u64 = 2;
const ITEMS: u64 = 300;

fn run(name: &str, monitor: impl ProducerConsumer) {
    let monitor = &monitor;
    let producers = (0..PRODUCERS).map(|first| async move {
        for item in (first..ITEMS).step_by(PRODUCERS as usize) {
            monitor.put_item(item).await;
            if item < ITEMS / 2 {
                yield_now().await; // at first they are slow, and the consumers find the buffer empty
            }
        }
    });
    let consumers = (0..CONSUMERS).map(|_| async {
        let mut got = Vec::new();
        for _ in 0..ITEMS / CONSUMERS {
            let item = monitor.get_item().await;
            got.push(item);
            if item >= ITEMS / 2 {
                yield_now().await; // then these are slow, and the producers find it full
            }
        }
        got
    });
    let (_, got) = block_on(join(join_all(producers), join_all(consumers)));
    let mut items = got.concat();
    items.sort_unstable();
    assert!(items.into_iter().eq(0..ITEMS), "every item arrives exactly once");
    println!("{name:<28} {ITEMS} items through {N} slots, each arrived exactly once");
}

fn main() {
    println!("{PRODUCERS} producers, {CONSUMERS} consumers, one thread, no runtime:");
    run("if, signal_and_leave", Signalled(Monitor::new(VecDeque::new())));
    run("wait_while, notify_one", Notified(Monitor::new(VecDeque::new())));
    run("enter_when, no signal at all", Asked(Monitor::plain(VecDeque::new())));
}
