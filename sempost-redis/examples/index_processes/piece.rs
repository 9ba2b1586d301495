//! What travels between the processes: a piece of a file, and the piece counted. As bytes, numbers are little-endian
//! and what has a length is preceded by it.

use std::borrow::Borrow;
use std::sync::Arc;

use sempost_redis::{Payload, PayloadError};

use crate::text;

pub struct Found {
    pub number: u32,
    pub name: Vec<u8>,
}

/// What follows a piece in its file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Then {
    More,
    End,
    /// Reading failed after some pieces were sent: they must not count.
    Unreadable,
}

pub struct Piece {
    pub file: Arc<Found>,
    pub place: u64,
    pub then: Then,
    pub text: Vec<u8>,
}

/// How many bytes of text a tally stands for.
pub struct Load(u64);

impl Load {
    pub fn bytes(&self) -> usize {
        self.0 as usize
    }
}

pub struct Tally {
    pub file: Arc<Found>,
    pub place: u64,
    pub then: Then,
    pub counted: Counted,
    pub load: Load,
}

/// A word of a piece, and how often it occurs there.
pub struct Word {
    pub hash: u32,
    pub count: u32,
    start: usize,
    len: usize,
}

/// As `text::Counted`, with the words alone instead of the text.
pub struct Counted {
    spelled: Vec<u8>,
    pub words: Vec<Word>,
    head: usize,
    tail: usize,
    one_run: bool,
}

impl Counted {
    pub fn spell(&self, word: &Word) -> &[u8] {
        &self.spelled[word.start..][..word.len]
    }

    pub fn head(&self) -> &[u8] {
        &self.spelled[..self.head]
    }

    pub fn tail(&self) -> &[u8] {
        &self.spelled[self.spelled.len() - self.tail..]
    }

    pub fn is_one_run(&self) -> bool {
        self.one_run
    }
}

impl Piece {
    pub fn count(self, counter: &mut text::Counter) -> Tally {
        let load = Load(self.text.len() as u64);
        let local = counter.count(self.text, self.place == 0, self.then != Then::More);
        let mut spelled = local.head().to_vec();
        let mut words = Vec::with_capacity(local.words.len());
        for word in &local.words {
            let spelling = local.spell(word);
            words.push(Word { hash: word.hash, count: word.count, start: spelled.len(), len: spelling.len() });
            spelled.extend_from_slice(spelling);
        }
        let (one_run, head) = (local.is_one_run(), local.head().len());
        let tail = if one_run { 0 } else { local.tail().len() };
        spelled.extend_from_slice(&local.tail()[..tail]);
        let counted = Counted { spelled, words, head, tail, one_run };
        Tally { file: self.file, place: self.place, then: self.then, counted, load }
    }
}

fn put(bytes: &mut Vec<u8>, value: &[u8]) {
    bytes.extend((value.len() as u32).to_le_bytes());
    bytes.extend_from_slice(value);
}

/// Reads what was written, and fails where it ends too early.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn some(&mut self, len: usize) -> Result<&'a [u8], PayloadError> {
        let (some, rest) = self.0.split_at_checked(len).ok_or("it is cut off")?;
        self.0 = rest;
        Ok(some)
    }

    fn u32(&mut self) -> Result<u32, PayloadError> {
        Ok(u32::from_le_bytes(self.some(4)?.try_into()?))
    }

    fn u64(&mut self) -> Result<u64, PayloadError> {
        Ok(u64::from_le_bytes(self.some(8)?.try_into()?))
    }

    fn long(&mut self) -> Result<&'a [u8], PayloadError> {
        let len = self.u32()?;
        self.some(len as usize)
    }

    fn head(&mut self) -> Result<(Arc<Found>, u64, Then), PayloadError> {
        let file = Found { number: self.u32()?, name: self.long()?.to_vec() };
        let place = self.u64()?;
        let then = match self.some(1)? {
            [0] => Then::More,
            [1] => Then::End,
            [2] => Then::Unreadable,
            _ => return Err("it ends in no known way".into()),
        };
        Ok((Arc::new(file), place, then))
    }
}

fn head(file: &Found, place: u64, then: Then) -> Vec<u8> {
    let mut bytes = file.number.to_le_bytes().to_vec();
    put(&mut bytes, &file.name);
    bytes.extend(place.to_le_bytes());
    bytes.push(then as u8);
    bytes
}

impl Payload for Piece {
    fn encode(self) -> Result<Vec<u8>, PayloadError> {
        let mut bytes = head(self.file.borrow(), self.place, self.then);
        put(&mut bytes, &self.text);
        Ok(bytes)
    }

    fn decode(bytes: Vec<u8>) -> Result<Self, PayloadError> {
        let mut bytes = Bytes(&bytes);
        let (file, place, then) = bytes.head()?;
        Ok(Piece { file, place, then, text: bytes.long()?.to_vec() })
    }
}

impl Payload for Tally {
    fn encode(self) -> Result<Vec<u8>, PayloadError> {
        let mut bytes = head(self.file.borrow(), self.place, self.then);
        let Counted { spelled, words, head, tail, one_run } = self.counted;
        bytes.extend(self.load.0.to_le_bytes());
        bytes.extend((head as u32).to_le_bytes());
        bytes.extend((tail as u32).to_le_bytes());
        bytes.push(one_run.into());
        bytes.extend((words.len() as u32).to_le_bytes());
        for word in words {
            bytes.extend(word.hash.to_le_bytes());
            bytes.extend(word.count.to_le_bytes());
            bytes.extend((word.len as u32).to_le_bytes());
        }
        put(&mut bytes, &spelled);
        Ok(bytes)
    }

    fn decode(bytes: Vec<u8>) -> Result<Self, PayloadError> {
        let mut bytes = Bytes(&bytes);
        let (file, place, then) = bytes.head()?;
        let load = Load(bytes.u64()?);
        let (head, tail) = (bytes.u32()? as usize, bytes.u32()? as usize);
        let one_run = bytes.some(1)? == [1];
        let (mut words, mut start) = (Vec::new(), head);
        for _ in 0..bytes.u32()? {
            let (hash, count, len) = (bytes.u32()?, bytes.u32()?, bytes.u32()? as usize);
            words.push(Word { hash, count, start, len });
            start += len;
        }
        let spelled = bytes.long()?.to_vec();
        if start + tail != spelled.len() {
            return Err("its words are not as long as they should be".into());
        }
        Ok(Tally { file, place, then, counted: Counted { spelled, words, head, tail, one_run }, load })
    }
}
