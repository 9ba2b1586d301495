//! Sets of small numbers.

/// Which of the numbers `0..len` are in.
#[derive(Clone, Debug, Default)]
pub struct Bitmap(Vec<u64>);

impl Bitmap {
    /// None of `len`.
    pub fn new(len: u32) -> Self {
        Self(vec![0; len.div_ceil(64) as usize])
    }

    /// Puts `number` in; answers whether it was not in yet.
    ///
    /// # Panics
    /// If it is out of range.
    pub fn insert(&mut self, number: u32) -> bool {
        let (word, bit) = (&mut self.0[number as usize / 64], 1 << (number % 64));
        let fresh = *word & bit == 0;
        *word |= bit;
        fresh
    }

    /// How many are in.
    pub fn len(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds what is in `other`, and answers how many were in already. A set that was never filled may be shorter.
    pub fn add(&mut self, other: &Self) -> u64 {
        self.0.resize(self.0.len().max(other.0.len()), 0);
        let mut twice = 0;
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            twice += u64::from((*word & more).count_ones());
            *word |= more;
        }
        twice
    }

    /// Takes out what is in `other`.
    #[must_use]
    pub fn without(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(&other.0).for_each(|(word, less)| *word &= !less);
        self
    }
}
