//! Three who wait, done by the hand of a specification: each letter is one of its operations.

use std::task::Poll;

use hardening::Arena;
use hardening::spec::subject::{Hand, Lend, Subject};
use hardening::spec::{Answer, Id, Spec};

use crate::fault::{count, disagree, same};
use crate::op::{Op, each};
use crate::task::Book;
use crate::world::{Place, Places, Scene, World, next_up};

/// What a letter asks for, if it has an object.
pub enum Asks<O> {
    /// Something that does not wait.
    Now(O),
    /// Somebody begins to wait, in a place that is free.
    Wait(fn(Id) -> O),
}

/// What a letter asks for, and of which hand.
type Letters<S> = fn(Op, &<S as Subject>::Hand<'_>, <S as Subject>::Setup) -> Option<Asks<<S as Subject>::Op>>;

/// A primitive of some setup, and what three want of it.
pub struct Lent<S: Subject> {
    pub name: &'static str,
    pub setup: S::Setup,
    pub cast: [fn(Id) -> S::Op; 3],
    /// The letters beside those of all waits, and what they ask for. To release is to let go of what is in hand.
    pub more: &'static [Op],
    pub letters: Letters<S>,
    /// Whether all that is in hand has to be given back before another can be served.
    pub alone: bool,
    /// Whether waits are forgotten. One that has memory of its own would leak it.
    pub forgets: bool,
    /// What has happened before a string begins: it would take many letters.
    pub before: &'static [Op],
}

impl<S> Scene for Lent<S>
where
    S: Subject + 'static,
    for<'a> S::Hand<'a>: Lend<Op = S::Op>,
{
    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn alphabet(&self) -> Vec<Op> {
        let waits = each(&[Op::Poll, Op::Swap, Op::Drop]).chain(each(if self.forgets { &[Op::Forget] } else { &[] }));
        waits.chain(self.more.iter().copied()).collect()
    }

    fn play(&self, arena: &mut Arena, body: &mut dyn FnMut(&mut dyn World)) {
        let subject = S::new(self.setup);
        let mut stage = Stage {
            scene: self,
            hand: subject.hand(self.setup, 0),
            model: S::spec(self.setup),
            looks: S::looks(),
            arena,
            book: Book::new(),
            places: [None, None, None],
        };
        for op in self.before {
            assert!(stage.step(*op), "each of them has an object");
            stage.observe();
        }
        body(&mut stage);
    }
}

type WaitOf<'a, S> = <<S as Subject>::Hand<'a> as Lend>::Wait;

struct Stage<'a, S: Subject + 'static>
where
    S::Hand<'a>: Lend<Op = S::Op>,
{
    scene: &'a Lent<S>,
    hand: S::Hand<'a>,
    model: S::Spec,
    looks: Vec<S::Op>,
    arena: &'a mut Arena,
    book: Book,
    places: Places<Place<WaitOf<'a, S>>>,
}

impl<'a, S: Subject + 'static> Stage<'a, S>
where
    S::Hand<'a>: Lend<Op = S::Op>,
{
    fn poll(&mut self, at: usize) {
        match self.places[at].take() {
            Some(place) => {
                let ask = S::Hand::poll_of(place.id);
                self.poll_as(at, place, &ask);
            }
            None => self.begin(at, self.scene.cast[at]),
        }
    }

    fn begin(&mut self, at: usize, ask: fn(Id) -> S::Op) {
        let id = self.book.add();
        let ask = ask(id);
        let place = Place { future: self.hand.begin(&ask), id };
        self.poll_as(at, place, &ask);
    }

    fn poll_as(&mut self, at: usize, mut place: Place<WaitOf<'a, S>>, ask: &S::Op) {
        match (place.poll(&mut self.book), self.model.apply(ask)) {
            (Poll::Pending, Answer::Pending) => self.places[at] = Some(place),
            (Poll::Ready(output), due) if due != Answer::Pending => same("polled", self.hand.end(output), due),
            (answer, due) => disagree(&answer.map(|_| "an end"), due),
        }
    }

    fn drop(&mut self, at: usize) {
        let id = self.places[at].take().expect("it is there").id;
        self.book.leaves(id);
        self.model.apply(&S::Hand::cancel_of(id));
    }

    fn ask(&mut self, ask: &S::Op) {
        same("answered", self.hand.perform(ask), self.model.apply(ask));
    }

    fn release(&mut self) -> bool {
        let held = self.hand.let_go();
        held.iter().for_each(|ask| self.ask(ask));
        held.is_some()
    }
}

impl<'a, S: Subject + 'static> World for Stage<'a, S>
where
    S::Hand<'a>: Lend<Op = S::Op>,
{
    fn step(&mut self, op: Op) -> bool {
        match op {
            Op::Poll(at) => self.poll(at),
            Op::Swap(at) | Op::Drop(at) | Op::Forget(at) if self.places[at].is_none() => return false,
            Op::Swap(at) => {
                self.places[at].iter().for_each(|place| self.book.swap(place.id));
                self.poll(at);
            }
            Op::Drop(at) => self.drop(at),
            Op::Forget(at) => self.places[at].take().into_iter().for_each(|place| self.arena.forget(place.future)),
            Op::Release => return self.release(),
            op => match (self.scene.letters)(op, &self.hand, self.scene.setup) {
                None => return false,
                Some(Asks::Now(ask)) => self.ask(&ask),
                Some(Asks::Wait(ask)) => {
                    let Some(free) = self.places.iter().position(Option::is_none) else { return false };
                    self.begin(free, ask);
                }
            },
        }
        true
    }

    fn observe(&mut self) {
        self.book.observe();
    }

    fn check(&mut self) {
        for ask in &self.looks {
            match self.hand.perform(ask) {
                Answer::Count(real) => count(ask, real, self.model.apply(ask)),
                real => same("a look", real, self.model.apply(ask)),
            }
        }
        self.book.check(|waiting| self.model.is_at_rest(waiting) && self.model.wakes_nobody_else(waiting));
    }

    fn wind_up(&mut self) -> bool {
        match next_up(&self.places, |place| !self.book.is_asleep(place.id)) {
            Some((_, true)) if self.scene.alone && self.release() => {}
            Some((at, true)) => self.poll(at),
            Some((at, false)) => self.drop(at),
            None => return self.release(),
        }
        true
    }

    fn state(&self) -> String {
        format!("{:?}", self.model)
    }
}
