//! A condition is a name.

sempost::conditions! { enum Plain { Open } }
sempost::conditions! { enum Loaded { Open(u32) } } //~ error

fn main() {
    let _ = Plain::Open;
}
