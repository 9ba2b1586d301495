//! What was forgotten or merged is gone.

fn main() {
    let pool = sempost::Semaphore::new(2);
    let (mut all, part) = (pool.try_acquire().unwrap(), pool.try_acquire().unwrap());
    all.merge(part).unwrap();
    part.forget(); //~ E0382
    all.forget();
    assert_eq!(all.num_permits(), 2); //~ E0382
}
