//! The lecture's monitor: the buffer, its exclusion and its two conditions in one type.
//!
//! Nobody touches the data from outside, and who must wait says what for. The end is a flag in the
//! monitor and a `notify_all` to those who wait for items that will not come.

use std::collections::VecDeque;
use std::sync::Arc;

use sempost::{Monitor, conditions};

use super::{Ends, Get, Put, Shape, Via};

conditions! {
    enum Until {
        SlotAvail,
        ItemAvail,
    }
}

use Until::{ItemAvail, SlotAvail};

struct Buffer<T> {
    items: VecDeque<T>,
    producers: usize,
    ended: bool,
    shape: Shape,
}

impl<T> Buffer<T> {
    fn no_slot(&mut self) -> bool {
        self.items.len() == self.shape.slots
    }

    fn no_item(&mut self) -> bool {
        self.items.is_empty() && !self.ended
    }

    fn insert(&mut self, item: T) {
        self.items.push_back(item);
        self.shape.peak.note(self.items.len());
    }

    /// A producer leaves; the last one ends the buffer.
    fn leave(&mut self) {
        self.producers -= 1;
        self.ended = self.producers == 0;
    }
}

pub struct Monitors;

pub struct Handle<T>(Arc<Monitor<Buffer<T>, Until>>);

impl Via for Monitors {
    type Put<T: Send + 'static> = Handle<T>;
    type Get<T: Send + 'static> = Handle<T>;

    fn buffer<T: Send + 'static>(shape: Shape) -> Ends<Self, T> {
        let items = VecDeque::with_capacity(shape.slots);
        let (producers, consumers) = (shape.producers, shape.consumers);
        let monitor = Arc::new(Monitor::new(Buffer { items, producers, ended: false, shape }));
        let handles = |count| (0..count).map(|_| Handle(monitor.clone())).collect();
        (handles(producers), handles(consumers))
    }
}

impl<T: Send + 'static> Put<T> for Handle<T> {
    // PutItem
    async fn put(&mut self, item: T) {
        let mut buffer = self.0.enter().await.wait_while(SlotAvail, Buffer::no_slot).await;
        buffer.insert(item);
        buffer.notify_one(ItemAvail);
    }

    fn put_blocking(&mut self, item: T) {
        let mut buffer = self.0.enter_blocking().wait_while(SlotAvail, Buffer::no_slot).wait();
        buffer.insert(item);
        buffer.notify_one(ItemAvail);
    }

    async fn end(self) {
        let mut buffer = self.0.enter().await;
        buffer.leave();
        if buffer.ended {
            buffer.notify_all(ItemAvail);
        }
    }

    fn end_blocking(self) {
        let mut buffer = self.0.enter_blocking();
        buffer.leave();
        if buffer.ended {
            buffer.notify_all(ItemAvail);
        }
    }
}

impl<T: Send + 'static> Get<T> for Handle<T> {
    // GetItem
    async fn get(&mut self) -> Option<T> {
        let mut buffer = self.0.enter().await.wait_while(ItemAvail, Buffer::no_item).await;
        let item = buffer.items.pop_front();
        buffer.notify_one(SlotAvail);
        item
    }

    fn get_blocking(&mut self) -> Option<T> {
        let mut buffer = self.0.enter_blocking().wait_while(ItemAvail, Buffer::no_item).wait();
        let item = buffer.items.pop_front();
        buffer.notify_one(SlotAvail);
        item
    }
}
