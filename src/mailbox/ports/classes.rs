//! The ports that have messages: one list for each class. The links are in the slots.

use alloc::boxed::Box;

use super::slot::{Links, NONE, Slot};
use super::slots::Slots;

#[derive(Clone, Copy)]
struct List {
    first: u32,
    last: u32,
}

pub(super) struct Classes {
    lists: Box<[List; 256]>,
    /// One bit for each list that is not empty.
    any: [u64; 4],
}

impl Classes {
    pub(super) fn new() -> Self {
        Self { lists: Box::new([List { first: NONE, last: NONE }; 256]), any: [0; 4] }
    }

    /// The first port of the smallest class.
    pub(super) fn first(&self) -> Option<u32> {
        Some(self.lists[usize::from(self.first_class()?)].first)
    }

    /// Whether a port of a smaller class is there.
    #[inline(always)]
    pub(super) fn has_before(&self, class: u8) -> bool {
        class > 0 && self.first_class().is_some_and(|first| first < class)
    }

    fn first_class(&self) -> Option<u8> {
        let word = self.any.iter().position(|&word| word != 0)?;
        Some((word as u32 * 64 + self.any[word].trailing_zeros()) as u8)
    }

    pub(super) fn push_back<H>(&mut self, slots: &mut Slots<Slot<H>>, slot: u32) {
        let list = self.list(slots.at(slot).class);
        let last = core::mem::replace(&mut list.last, slot);
        slots.at(slot).links = Links { next: NONE, previous: last };
        if last == NONE { list.first = slot } else { slots.at(last).links.next = slot }
    }

    pub(super) fn push_front<H>(&mut self, slots: &mut Slots<Slot<H>>, slot: u32) {
        let list = self.list(slots.at(slot).class);
        let first = core::mem::replace(&mut list.first, slot);
        slots.at(slot).links = Links { next: first, previous: NONE };
        if first == NONE { list.last = slot } else { slots.at(first).links.previous = slot }
    }

    pub(super) fn remove<H>(&mut self, slots: &mut Slots<Slot<H>>, slot: u32) {
        let class = slots.at(slot).class;
        let list = &mut self.lists[usize::from(class)];
        let Links { next, previous } = slots.at(slot).links;
        if previous == NONE {
            list.first = next
        } else {
            slots.at(previous).links.next = next
        }
        if next == NONE {
            list.last = previous
        } else {
            slots.at(next).links.previous = previous
        }
        if list.first == NONE {
            self.any[usize::from(class / 64)] &= !(1 << (class % 64));
        }
    }

    /// The list of a class, which is about to have an entry.
    fn list(&mut self, class: u8) -> &mut List {
        self.any[usize::from(class / 64)] |= 1 << (class % 64);
        &mut self.lists[usize::from(class)]
    }
}
