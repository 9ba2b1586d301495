//! Gates that have no blocking form: the thread polls and parks by `futures`' executor, as their users' threads do.

use futures::executor::block_on;

use crate::kinds::{Gate, Lock};

pub struct Polled<G>(G);

impl<G: Gate> Lock for Polled<G> {
    const NAME: &'static str = G::NAME;

    fn new() -> Self {
        Self(G::new(1))
    }
    fn lock(&self) -> impl Sized {
        block_on(self.0.enter())
    }
}
