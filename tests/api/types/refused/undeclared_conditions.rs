//! A set of conditions that the macro did not declare.

use sempost::Monitor;

sempost::conditions! { enum Declared { Open } }

#[derive(Clone, Copy, Debug)]
enum Loose {
    Open,
}

fn declared(_: Monitor<u32, Declared>) {}

fn loose(_: Monitor<u32, Loose>) {} //~ E0277: `Loose` is not a set of named conditions

fn main() {
    let _ = (declared, loose, Declared::Open, Loose::Open);
}
