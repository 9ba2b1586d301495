//! The lecture's monitor: a buffer that can only be reached through PutItem and GetItem.

use std::collections::VecDeque;

use futures::executor::block_on;
use futures::future::{join, join_all};
use sempost::{Monitor, conditions};

conditions! {
    enum Until { SlotAvail, ItemAvail } // condition slotavail, itemavail
}
use Until::{ItemAvail, SlotAvail};

const N: usize = 4;

struct ProducerConsumer(Monitor<VecDeque<u64>, Until>); // monitor ProducerConsumer

impl ProducerConsumer {
    /// procedure PutItem(item)
    async fn put_item(&self, item: u64) {
        let mut buffer = self.0.enter().await;
        // As the only signal is `signal_and_leave`, the one who waited is next inside, and finds
        // what it waited for: the lecture's `if` is right. With `notify_one` it must be a `while`.
        if buffer.len() == N {
            buffer = buffer.wait(SlotAvail).await; //  if (count == N) wait(slotavail)
        }
        buffer.push_back(item); //                     insert_item(item); count++
        buffer.signal_and_leave(ItemAvail); //         signal(itemavail)
    }

    /// procedure GetItem()
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

fn main() {
    let monitor = &ProducerConsumer(Monitor::new(VecDeque::new()));
    let producers = (0..3).map(|_| async {
        for item in 0..100 {
            monitor.put_item(item).await;
        }
    });
    let consumers = (0..2).map(|_| async {
        let mut sum = 0;
        for _ in 0..150 {
            sum += monitor.get_item().await;
        }
        sum
    });
    let (_, sums) = block_on(join(join_all(producers), join_all(consumers)));
    assert_eq!(sums.iter().sum::<u64>(), 3 * (0..100).sum::<u64>());
    println!("3 producers, 2 consumers, a monitor around {N} slots, one thread, no runtime: 300 items, sums {sums:?}");
}
