//! A condition of another monitor.

sempost::conditions! { enum Buffer { NotFull } }
sempost::conditions! { enum Door { Open } }

fn main() {
    let buffer = sempost::Monitor::<_, Buffer>::new(0_u32);
    let mut guard = buffer.try_enter().unwrap();
    guard.notify_one(Buffer::NotFull);
    guard.notify_one(Door::Open); //~ E0308
}
