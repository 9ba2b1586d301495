//! The lecture's bounded buffer: three semaphores around a shared ring.
//!
//! `wait` is `acquire` with the permit forgotten, `signal` is `add_permits(1)`. The third one,
//! `mutex`, guards the ring, so it is a `Mutex` and knows what it guards.
//! After the last item the ring carries one end marker for each consumer.

use std::collections::VecDeque;
use std::sync::Arc;

use sempost::{Mutex, Semaphore};

use super::{Ends, Get, Put, Shape, Via};
use crate::budget::Peak;

const OPEN: &str = "these semaphores are never closed";

struct Buffer<T> {
    emptyslots: Semaphore,
    filledslots: Semaphore,
    mutex: Mutex<Ring<T>>,
    shape: Shape,
}

struct Ring<T> {
    /// Never more than the slots, so it never grows; `None` is an end marker.
    items: VecDeque<Option<T>>,
    producers: usize,
}

impl<T> Buffer<T> {
    async fn insert(&self, item: Option<T>) {
        self.emptyslots.acquire().await.expect(OPEN).forget(); // wait(emptyslots)
        let mut ring = self.mutex.lock().await; //                wait(mutex)
        ring.insert(item, &self.shape.peak);
        drop(ring); //                                            signal(mutex)
        self.filledslots.add_permits(1); //                       signal(filledslots)
    }

    fn insert_blocking(&self, item: Option<T>) {
        self.emptyslots.acquire_blocking().expect(OPEN).forget();
        let mut ring = self.mutex.lock_blocking();
        ring.insert(item, &self.shape.peak);
        drop(ring);
        self.filledslots.add_permits(1);
    }

    async fn remove(&self) -> Option<T> {
        self.filledslots.acquire().await.expect(OPEN).forget(); // wait(filledslots)
        let item = self.mutex.lock().await.items.pop_front(); //   wait(mutex), signal(mutex)
        self.emptyslots.add_permits(1); //                         signal(emptyslots)
        item.expect("a filled slot was counted")
    }

    fn remove_blocking(&self) -> Option<T> {
        self.filledslots.acquire_blocking().expect(OPEN).forget();
        let item = self.mutex.lock_blocking().items.pop_front();
        self.emptyslots.add_permits(1);
        item.expect("a filled slot was counted")
    }
}

impl<T> Ring<T> {
    fn insert(&mut self, item: Option<T>, peak: &Peak) {
        let is_marker = item.is_none();
        self.items.push_back(item);
        if !is_marker {
            peak.note(self.items.len());
        }
    }

    /// A producer leaves. Was it the last?
    fn leave(&mut self) -> bool {
        self.producers -= 1;
        self.producers == 0
    }
}

pub struct Semaphores;

pub struct Handle<T>(Arc<Buffer<T>>);

impl Via for Semaphores {
    type Put<T: Send + 'static> = Handle<T>;
    type Get<T: Send + 'static> = Handle<T>;

    fn buffer<T: Send + 'static>(shape: Shape) -> Ends<Self, T> {
        let items = VecDeque::with_capacity(shape.slots);
        let (producers, consumers) = (shape.producers, shape.consumers);
        let buffer = Arc::new(Buffer {
            emptyslots: Semaphore::new(shape.slots),
            filledslots: Semaphore::new(0),
            mutex: Mutex::new(Ring { items, producers }),
            shape,
        });
        let handles = |count| (0..count).map(|_| Handle(buffer.clone())).collect();
        (handles(producers), handles(consumers))
    }
}

impl<T: Send + 'static> Put<T> for Handle<T> {
    async fn put(&mut self, item: T) {
        self.0.insert(Some(item)).await;
    }

    fn put_blocking(&mut self, item: T) {
        self.0.insert_blocking(Some(item));
    }

    async fn end(self) {
        let last = self.0.mutex.lock().await.leave();
        if last {
            for _ in 0..self.0.shape.consumers {
                self.0.insert(None).await;
            }
        }
    }

    fn end_blocking(self) {
        let last = self.0.mutex.lock_blocking().leave();
        if last {
            for _ in 0..self.0.shape.consumers {
                self.0.insert_blocking(None);
            }
        }
    }
}

impl<T: Send + 'static> Get<T> for Handle<T> {
    async fn get(&mut self) -> Option<T> {
        self.0.remove().await
    }

    fn get_blocking(&mut self) -> Option<T> {
        self.0.remove_blocking()
    }
}
