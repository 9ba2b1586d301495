//! What a guard lends is lent as long as the guard lives.

use sempost::Mutex;

fn main() {
    let mutex = Mutex::new(1_u32);
    let guard = mutex.try_lock().unwrap();
    let inside: &u32 = &guard;
    drop(guard); //~ E0505
    assert_eq!(*inside, 1);
}
