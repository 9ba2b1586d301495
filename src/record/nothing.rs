//! Without the feature `inspect`: types of size zero, and functions that do nothing.

use alloc::string::String;
use core::marker::PhantomData;
use core::task::Waker;

use super::kind::Kind;

#[derive(Clone, Copy)]
pub(crate) struct Place;

impl Place {
    #[inline(always)]
    pub(crate) const fn here() -> Self {
        Self
    }

    #[inline(always)]
    pub(crate) const fn none() -> Self {
        Self
    }
}

/// The state of a primitive.
pub(crate) trait Shown {}

impl<S> Shown for S {}

pub(crate) struct Identity<S>(PhantomData<fn(&S)>);

impl<S> Identity<S> {
    #[inline(always)]
    pub(crate) const fn part() -> Self {
        Self(PhantomData)
    }

    #[inline(always)]
    pub(crate) const fn of(_: Kind) -> Self {
        Self(PhantomData)
    }

    #[inline(always)]
    pub(crate) fn tag(&self) -> &Tag {
        &Tag
    }

    #[inline(always)]
    pub(crate) fn prepare(&self) {}

    #[cfg_attr(any(feature = "os-lock", sempost_shuttle), allow(dead_code, reason = "the short lock calls it"))]
    #[inline(always)]
    pub(crate) fn reflect(&self, _: &S) {}
}

#[derive(Clone, Copy)]
pub(crate) struct Origin<'a>(PhantomData<&'a Waker>);

impl<'a> Origin<'a> {
    #[inline(always)]
    pub(crate) fn task(_: Place, _: &'a Waker) -> Self {
        Self::none()
    }

    #[cfg(feature = "std")]
    #[inline(always)]
    pub(crate) fn thread(_: Place) -> Self {
        Self::none()
    }

    #[inline(always)]
    pub(crate) fn here() -> Self {
        Self::none()
    }

    #[inline(always)]
    pub(crate) const fn none() -> Self {
        Self(PhantomData)
    }
}

#[derive(Debug)]
pub struct Tag;

impl Tag {
    #[inline(always)]
    pub(crate) const fn new(_: Kind) -> Self {
        Self
    }

    #[inline(always)]
    pub(crate) fn forget(&mut self) {}

    #[inline(always)]
    pub(crate) fn carry(&self, _: &Self) {}

    #[inline(always)]
    pub(crate) fn receive(&self, _: Origin<'_>) {}
}

#[derive(Clone, Copy)]
pub(crate) struct TagRef<'a>(PhantomData<&'a Tag>);

impl<'a> TagRef<'a> {
    #[inline(always)]
    pub(crate) fn new(_: &'a Tag) -> Self {
        Self(PhantomData)
    }

    #[inline(always)]
    pub(crate) fn get(self) -> &'a Tag {
        &Tag
    }
}

#[derive(Default)]
pub(crate) struct Hold;

impl Hold {
    #[inline(always)]
    pub(crate) fn new(_: &Tag, _: Origin<'_>, _: usize) -> Self {
        Self
    }

    #[inline(always)]
    pub(crate) fn split(&self, _: usize) -> Self {
        Self
    }

    #[inline(always)]
    pub(crate) fn merge(&mut self, _: &mut Self, _: usize) {}

    #[inline(always)]
    pub(crate) fn set_amount(&self, _: usize) {}

    #[inline(always)]
    pub(crate) fn send(&self) {}

    #[inline(always)]
    pub(crate) fn end(&mut self) {}

    #[inline(always)]
    pub(crate) fn take(&mut self) -> Self {
        Self
    }
}

pub(crate) struct SharedHold;

impl SharedHold {
    #[inline(always)]
    pub(crate) fn new() -> Self {
        Self
    }

    #[inline(always)]
    pub(crate) fn begin(&self, _: &Tag, _: Origin<'_>) {}

    #[inline(always)]
    pub(crate) fn end(&self) {}
}

/// How far a wait has come.
#[derive(Clone, Copy)]
pub(crate) enum Step {
    Queued,
    Woken,
    Notified,
    Granted,
    Ended,
    Left,
}

pub(crate) struct WaitRecord;

impl WaitRecord {
    #[inline(always)]
    pub(crate) const fn new() -> Self {
        Self
    }

    #[inline(always)]
    pub(crate) fn begin(&mut self, _: &Tag, _: Origin<'_>, _: usize, _: usize) {}

    #[inline(always)]
    pub(crate) fn begin_condition(&mut self, _: &Tag, _: &Tag, _: Origin<'_>, _: impl FnOnce() -> Option<String>) {}

    #[inline(always)]
    pub(crate) fn poll(&mut self, _: &Tag, _: Origin<'_>, _: usize) {}

    #[inline(always)]
    pub(crate) fn step(&self, _: Step) {}

    #[inline(always)]
    pub(crate) fn polled(&self, _: Origin<'_>) {}

    #[inline(always)]
    pub(crate) fn end(&mut self) {}
}
