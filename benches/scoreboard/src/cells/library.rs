//! Tasks that read and write one thing.

use std::hint::black_box;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Instant;

use crate::cell::{Contender, Lap};
use crate::executors::{self, Executor};
use crate::kinds::Library;
use crate::peers::MeetLibraries;
use crate::poll::at_once;

/// In and out, with nobody else there.
pub enum Alone {
    Read,
    Write,
}

impl MeetLibraries for Alone {
    type Made = Contender;

    fn meet<L: Library>(&self) -> Contender {
        let library = L::new();
        let reads = matches!(self, Self::Read);
        Contender::timed(L::NAME, move |operations| {
            at_once(async {
                let start = Instant::now();
                if reads {
                    for _ in 0..operations {
                        drop(black_box(black_box(&library).read().await));
                    }
                } else {
                    for _ in 0..operations {
                        drop(black_box(black_box(&library).write().await));
                    }
                }
                Lap { operations, time: start.elapsed() }
            })
        })
    }
}

/// Four readers that let others run while they read, and perhaps a writer among them that does so, too.
pub struct Crowd<E> {
    writers: usize,
    executor: PhantomData<fn() -> E>,
}

pub const READERS: usize = 4;

impl<E> Crowd<E> {
    pub fn new(writers: usize) -> Self {
        Self { writers, executor: PhantomData }
    }
}

impl<E: Executor> MeetLibraries for Crowd<E> {
    type Made = Contender;

    fn meet<L: Library>(&self) -> Contender {
        let writers = self.writers;
        Contender::timed(L::NAME, move |operations| {
            let library = Arc::new(L::new());
            let tasks = READERS + writers;
            let share = operations.div_ceil(tasks as u64);
            let executor = E::start();
            let start = Instant::now();
            let spawn = |task: usize| {
                let library = library.clone();
                executor.spawn(async move {
                    for _ in 0..share {
                        if task < writers {
                            let inside = library.write().await;
                            executors::yield_now().await;
                            drop(inside);
                        } else {
                            let inside = library.read().await;
                            executors::yield_now().await;
                            drop(inside);
                        }
                    }
                })
            };
            executor.finish((0..tasks).map(spawn).collect());
            Lap { operations: share * tasks as u64, time: start.elapsed() }
        })
    }
}
