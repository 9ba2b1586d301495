//! A pipeline on async-std, with futures-channel: words are split, measured and counted. The same with sempost:
//! `pipeline_after.rs`.
//!
//! async-std is discontinued; use smol for new work.

use std::collections::BTreeMap;

use async_std::task;
use futures::channel::mpsc::{self, Receiver, Sender};
use futures::{SinkExt, StreamExt, stream};

const TEXT: [&str; 4] = ["no runtime is named", "nothing is ever lost", "first come first served", "it is fast"];

/// Splits lines into words.
async fn split(mut lines: Receiver<&'static str>, mut words: Sender<&'static str>) {
    while let Some(line) = lines.next().await {
        for word in line.split(' ') {
            words.send(word).await.expect("the next stage is there");
        }
    }
}

/// Counts words by their lengths.
async fn count(mut words: Receiver<&'static str>) -> BTreeMap<usize, u32> {
    let mut counts = BTreeMap::new();
    while let Some(word) = words.next().await {
        *counts.entry(word.len()).or_default() += 1;
    }
    counts
}

async fn run() -> BTreeMap<usize, u32> {
    let (lines, to_split) = mpsc::channel(1);
    let (words, to_count) = mpsc::channel(4);
    task::spawn(split(to_split, words));
    let counted = task::spawn(count(to_count));
    stream::iter(TEXT).map(Ok).forward(lines).await.expect("the first stage is there");
    counted.await
}

fn main() {
    let counts = task::block_on(run());
    println!("words by length: {counts:?}");
    assert_eq!(counts.values().sum::<u32>(), 15);
}
