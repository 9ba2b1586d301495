//! What a term is: a maximal run of ASCII letters and digits, lower-cased.
//!
//! A piece of a file is counted in place. Its bytes are lower-cased where they lie, and each
//! different word is remembered as a place in them: no occurrence allocates, and no word is copied.

/// What a byte becomes inside a term; 0 for a byte that is in none.
const LOWER: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        if (byte as u8).is_ascii_alphanumeric() {
            table[byte] = (byte as u8).to_ascii_lowercase();
        }
        byte += 1;
    }
    table
};

/// A word of a piece, and how often it occurs there.
#[derive(Clone, Copy)]
pub struct Word {
    pub hash: u32,
    start: u32,
    len: u32,
    pub count: u32,
}

/// A counted piece of text.
pub struct Counted {
    text: Vec<u8>,
    pub words: Vec<Word>,
    head: usize,
    tail: usize,
}

impl Counted {
    pub fn spell(&self, word: &Word) -> &[u8] {
        &self.text[word.start as usize..][..word.len as usize]
    }

    /// The run at the front whose beginning may lie in the piece before; not among the words.
    pub fn head(&self) -> &[u8] {
        &self.text[..self.head]
    }

    /// The run at the back whose end may lie in the next piece; not among the words.
    pub fn tail(&self) -> &[u8] {
        &self.text[self.text.len() - self.tail..]
    }

    /// The piece is nothing but the middle of a term (or empty): it is all head.
    pub fn is_one_run(&self) -> bool {
        self.head == self.text.len()
    }
}

/// The hash of a term, fed byte by byte while the term is found.
#[derive(Clone, Copy)]
struct Hash(u64);

impl Hash {
    const NEW: Self = Hash(0);

    #[inline(always)]
    fn feed(self, byte: u8) -> Self {
        Hash((self.0.rotate_left(5) ^ u64::from(byte)).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    #[inline(always)]
    fn end(self) -> u32 {
        (self.0 >> 32) as u32
    }
}

/// The hash of a whole, already lower-cased term: the same as in [`Word::hash`].
pub fn hash(term: &[u8]) -> u32 {
    term.iter().fold(Hash::NEW, |hash, &byte| hash.feed(byte)).end()
}

/// Counts pieces, one after the other, with one hash table for all of them.
#[derive(Default)]
pub struct Counter {
    /// Positions in the words of the piece at hand, plus 1; 0 is a free slot.
    slots: Vec<u32>,
}

impl Counter {
    /// Counts a piece. Its outer runs are complete where the file itself begins or ends.
    pub fn count(&mut self, mut text: Vec<u8>, file_begins: bool, file_ends: bool) -> Counted {
        let slots = self.clear_for(text.len());
        let mut words = Vec::new();
        let (mut head, mut tail) = (0, 0);
        let mut at = 0;
        while at < text.len() {
            let start = at;
            let mut hash = Hash::NEW;
            for byte in &mut text[start..] {
                let lower = LOWER[usize::from(*byte)];
                if lower == 0 {
                    break;
                }
                *byte = lower;
                hash = hash.feed(lower);
                at += 1;
            }
            if at > start {
                if start == 0 && !file_begins {
                    head = at;
                } else if at == text.len() && !file_ends {
                    tail = at - start;
                } else {
                    note(slots, &mut words, &text, hash.end(), start, at);
                }
            }
            at += 1;
        }
        Counted { text, words, head, tail }
    }

    /// Empty slots for a piece of this length: more than it can have words.
    fn clear_for(&mut self, len: usize) -> &mut [u32] {
        let needed = (len / 2 + 2).next_power_of_two();
        if self.slots.len() < needed {
            self.slots.resize(needed, 0);
        }
        let slots = &mut self.slots[..needed];
        slots.fill(0);
        slots
    }
}

/// Adds one occurrence of `text[start..end]`.
#[inline(always)]
fn note(slots: &mut [u32], words: &mut Vec<Word>, text: &[u8], hash: u32, start: usize, end: usize) {
    let term = &text[start..end];
    let mut slot = hash as usize;
    loop {
        slot &= slots.len() - 1;
        let Some(known) = slots[slot].checked_sub(1) else { break };
        let word = &mut words[known as usize];
        if word.hash == hash && text[word.start as usize..][..word.len as usize] == *term {
            word.count += 1;
            return;
        }
        slot += 1;
    }
    // A piece has at most 256 KiB, so every position in it fits.
    words.push(Word { hash, start: start as u32, len: term.len() as u32, count: 1 });
    slots[slot] = words.len() as u32;
}
