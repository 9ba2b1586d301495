//! A condition is a name.

sempost::conditions! { enum Plain { Open } }
sempost::conditions! { enum Loaded { Shut, Open(u32) } } //~ error: a condition of `Loaded` is a name alone
sempost::conditions! { enum Named { Open { wide: bool } } } //~ error: without data
sempost::conditions! { enum Numbered { Open = 1 } } //~ error: without a value
sempost::conditions! { enum Generic<T> { Open } } //~ error: cannot have generic parameters
sempost::conditions! { enum Nothing {} } //~ error: without conditions use `Monitor::plain`
sempost::conditions! { struct Buffer; } //~ error: conditions are declared like an enum

fn main() {
    let _ = Plain::Open;
}
