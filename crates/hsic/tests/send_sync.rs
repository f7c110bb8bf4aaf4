//! The public types can be sent to and shared between threads.

fn shared<T: Send + Sync>() {}

#[test]
fn public_types_are_send_and_sync() {
    shared::<hsic::Model>();
    shared::<hsic::Preprocessing>();
    shared::<hsic::Training>();
    shared::<hsic::Error>();
}
