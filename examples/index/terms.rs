//! The dictionary: every different term once, numbered in the order of arrival.

use std::borrow::Cow;

/// Short terms share chunks of this size; a long one has a chunk of its own.
const CHUNK: usize = 1 << 20;
const LONG: usize = CHUNK / 16;

const FREE: u32 = u32::MAX;

/// A place in the hash table.
#[derive(Clone, Copy)]
struct Slot {
    hash: u32,
    term: u32,
}

/// Where a term is spelled.
struct Spelling {
    chunk: u32,
    start: u32,
    len: usize,
}

pub struct Terms {
    slots: Vec<Slot>,
    spellings: Vec<Spelling>,
    chunks: Vec<Vec<u8>>,
    /// The chunk that has room for short terms.
    filling: usize,
}

impl Terms {
    pub fn new() -> Self {
        Terms {
            slots: vec![Slot { hash: 0, term: FREE }; 1 << 10],
            spellings: Vec::new(),
            chunks: vec![Vec::with_capacity(CHUNK)],
            filling: 0,
        }
    }

    pub fn len(&self) -> usize {
        self.spellings.len()
    }

    pub fn spell(&self, term: u32) -> &[u8] {
        let Spelling { chunk, start, len } = self.spellings[term as usize];
        &self.chunks[chunk as usize][start as usize..][..len]
    }

    /// The number of a term, which is added if it is new.
    pub fn number(&mut self, hash: u32, term: Cow<'_, [u8]>) -> u32 {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        while self.slots[slot].term != FREE {
            let known = self.slots[slot];
            if known.hash == hash && *self.spell(known.term) == *term {
                return known.term;
            }
            slot = (slot + 1) & mask;
        }
        let number = u32::try_from(self.len()).ok().filter(|&n| n != FREE).expect("too many terms");
        self.slots[slot] = Slot { hash, term: number };
        let spelling = self.keep(term);
        self.spellings.push(spelling);
        if self.len() > self.slots.len() / 2 {
            self.grow();
        }
        number
    }

    /// A long term that is handed over is not copied: it may be as long as a file.
    fn keep(&mut self, term: Cow<'_, [u8]>) -> Spelling {
        let len = term.len();
        if len > LONG {
            self.chunks.push(term.into_owned());
            return Spelling { chunk: (self.chunks.len() - 1) as u32, start: 0, len };
        }
        if self.chunks[self.filling].len() + len > CHUNK {
            self.filling = self.chunks.len();
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        let chunk = &mut self.chunks[self.filling];
        let start = chunk.len() as u32;
        chunk.extend_from_slice(&term);
        Spelling { chunk: self.filling as u32, start, len }
    }

    fn grow(&mut self) {
        let size = self.slots.len() * 2;
        let old = std::mem::replace(&mut self.slots, vec![Slot { hash: 0, term: FREE }; size]);
        for known in old.into_iter().filter(|slot| slot.term != FREE) {
            let mut slot = known.hash as usize & (size - 1);
            while self.slots[slot].term != FREE {
                slot = (slot + 1) & (size - 1);
            }
            self.slots[slot] = known;
        }
    }

    /// All numbers, in the order in which the terms sort by bytes.
    pub fn sorted(&self) -> Vec<u32> {
        // The first eight bytes decide nearly always, without a look at the spelling.
        let mut keys: Vec<(u64, u32)> = (0..self.len() as u32).map(|term| (front(self.spell(term)), term)).collect();
        keys.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| self.spell(a.1).cmp(self.spell(b.1))));
        keys.into_iter().map(|(_, term)| term).collect()
    }
}

fn front(term: &[u8]) -> u64 {
    let mut front = [0; 8];
    let len = term.len().min(8);
    front[..len].copy_from_slice(&term[..len]);
    u64::from_be_bytes(front)
}
