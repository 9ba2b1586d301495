//! What the processes do: walk and read, tokenise, merge.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use futures_util::{FutureExt, SinkExt};
use indicatif::{ProgressBar, ProgressStyle};
use sempost_redis::{Error, RemoteMailbox, redis};
use walkdir::WalkDir;

use crate::digest::digest;
use crate::merge::Merger;
use crate::piece::{Found, Piece, Tally, Then};
use crate::text::Counter;

/// The most bytes of a piece.
const PIECE: usize = 256 << 10;
/// Messages that a worker takes at once.
const AT_ONCE: usize = 16;

fn mailbox(name: &str) -> RemoteMailbox {
    // Long for a piece, and short for those who wait for what a dead worker had.
    RemoteMailbox::new(format!("index:{name}"), 128).lease(Duration::from_secs(2)).batch(AT_ONCE)
}

pub fn pieces() -> RemoteMailbox {
    mailbox("pieces")
}

pub fn tallies() -> RemoteMailbox {
    mailbox("tallies")
}

pub async fn play(role: &str, client: redis::Client, words: &[String]) -> Result<(), Error> {
    match (role, words) {
        ("walker", [path, own, all]) => {
            let number = |word: &String| word.parse().expect("a number");
            walker(client, Path::new(path), number(own), number(all)).await
        }
        ("worker", []) => worker(client).await,
        ("merger", []) => merger(client).await,
        _ => panic!("there is no such role"),
    }
}

/// All regular files, as the local index has them.
fn files(root: &Path) -> impl Iterator<Item = (Arc<Found>, std::path::PathBuf)> {
    let wanted = |entry: &walkdir::DirEntry| {
        let skipped = entry.file_name() == ".git" || entry.file_name() == "target";
        entry.depth() == 0 || !(skipped && entry.file_type().is_dir())
    };
    let entries = WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(wanted);
    let files = entries.filter_map(|entry| match entry {
        Ok(entry) => entry.file_type().is_file().then(|| entry.into_path()),
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    });
    files.zip(0..).map(move |(path, number)| {
        let below = path.strip_prefix(root).expect("the walk stays below its root");
        let parts: Vec<&[u8]> = below.iter().map(|part| part.as_encoded_bytes()).collect();
        let name = parts.join(&b'/');
        (Arc::new(Found { number, name }), path)
    })
}

/// A file in pieces. One that cannot be read has none, or one that takes the others back.
fn pieces_of(file: Arc<Found>, path: &Path) -> impl Iterator<Item = Piece> {
    let mut opened = File::open(path);
    if let Err(error) = &opened {
        eprintln!("skipped: {}: {error}", path.display());
    }
    let (mut place, mut over) = (0, opened.is_err());
    std::iter::from_fn(move || {
        if over {
            return None;
        }
        let mut text = Vec::new();
        let read = opened.as_mut().expect("else it is over").take(PIECE as u64).read_to_end(&mut text);
        let then = match read {
            Ok(PIECE) => Then::More,
            Ok(_) => Then::End,
            Err(_) => Then::Unreadable,
        };
        over = then != Then::More;
        place += 1;
        let nothing = then == Then::Unreadable && place == 1;
        (!nothing).then(|| Piece { file: file.clone(), place: place - 1, then, text })
    })
}

async fn walker(client: redis::Client, root: &Path, own: usize, all: usize) -> Result<(), Error> {
    let (mut sender, _) = pieces().open::<Piece>(client).await?;
    let (mut count, mut bytes) = (0, 0);
    for (file, path) in files(root).skip(own).step_by(all) {
        count += 1;
        for piece in pieces_of(file, &path) {
            bytes += piece.text.len();
            sender.feed(piece).await?;
        }
    }
    SinkExt::close(&mut sender).await?;
    println!("files {count} bytes {bytes}");
    Ok(())
}

async fn worker(client: redis::Client) -> Result<(), Error> {
    let (_, mut receiver) = pieces().open::<Piece>(client.clone()).await?;
    let (sender, _) = tallies().open::<Tally>(client).await?;
    let mut counter = Counter::default();
    let (mut count, mut bytes, mut again) = (0, 0, 0);
    while let Some(first) = receiver.recv().await {
        let mut received = vec![first?];
        while received.len() < AT_ONCE
            && let Some(Some(next)) = receiver.recv().now_or_never()
        {
            received.push(next?);
        }
        let (mut sends, mut leases) = (Vec::new(), Vec::new());
        for delivery in received {
            let (piece, lease) = delivery.into_parts();
            count += 1;
            bytes += piece.text.len();
            again += i32::from(lease.attempts() > 1);
            sends.push(sender.send(piece.count(&mut counter)));
            leases.push(lease);
        }
        let mut sending = pin!(try_join_all(sends));
        loop {
            let late = smol::Timer::after(Duration::from_millis(500)).map(|_| None);
            if let Some(sent) = smol::future::or(sending.as_mut().map(Some), late).await {
                sent?;
                break;
            }
            // A slow merger must not make the leases run out. One that was lost is someone else's: no harm done.
            join_all(leases.iter_mut().map(|lease| lease.renew())).await;
        }
        // First sent on, then acknowledged: a worker that is killed in between does no harm.
        leases.into_iter().for_each(|lease| lease.ack_later());
    }
    println!("pieces {count} bytes {bytes} redelivered {again}");
    Ok(())
}

async fn merger(client: redis::Client) -> Result<(), Error> {
    let (_, mut receiver) = tallies().open::<Tally>(client).await?;
    let style = ProgressStyle::with_template("merged {spinner} {binary_bytes} {elapsed}");
    let bar = ProgressBar::no_length().with_style(style.expect("the template is well-formed"));
    let (mut merger, mut seen, mut doubles) = (Merger::new(), HashSet::new(), 0);
    while let Some(delivery) = receiver.recv().await {
        let delivery = delivery?;
        let key = (delivery.file.number, delivery.place);
        if seen.insert(key) {
            bar.inc(delivery.load.bytes() as u64);
            let (tally, lease) = delivery.into_parts();
            merger.add(tally);
            lease.ack_later();
        } else {
            doubles += 1;
            delivery.ack_later();
        }
    }
    bar.finish_and_clear();
    let index = merger.finish();
    let (files, terms) = (index.files.len(), index.occurring());
    println!(
        "files {files} bytes {} terms {terms} postings {} doubles {doubles} digest {}",
        index.bytes,
        index.entries,
        digest(&index)
    );
    Ok(())
}

/// The digest by this process alone.
pub fn local(root: &Path) -> String {
    let (mut merger, mut counter) = (Merger::new(), Counter::default());
    for (file, path) in files(root) {
        pieces_of(file, &path).for_each(|piece| merger.add(piece.count(&mut counter)));
    }
    digest(&merger.finish())
}
