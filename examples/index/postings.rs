//! In which files a term occurs, and how often: two or three bytes for most entries.
//!
//! Files are numbered as they are finished, so the numbers in a list rise: only the steps between
//! them are stored, seven bits to a byte, each followed by the count.

#[derive(Default)]
pub struct Postings {
    coded: Vec<u8>,
    last: u32,
}

impl Postings {
    /// Adds a file. It has a higher number than those before.
    pub fn push(&mut self, file: u32, count: u64) {
        write(&mut self.coded, u64::from(file - self.last));
        write(&mut self.coded, count);
        self.last = file;
    }

    pub fn is_empty(&self) -> bool {
        self.coded.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
        let mut rest = self.coded.as_slice();
        let mut file = 0;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            file += read(&mut rest) as u32;
            Some((file, read(&mut rest)))
        })
    }
}

fn write(coded: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        coded.push(number as u8 | 0x80);
        number >>= 7;
    }
    coded.push(number as u8);
}

fn read(rest: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..).step_by(7) {
        let byte = rest[0];
        *rest = &rest[1..];
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    number
}
