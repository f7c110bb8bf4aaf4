//! The public types can be sent to and shared between threads.

fn shared<T: Send + Sync>() {}

#[test]
fn public_types_are_send_and_sync() {
    shared::<hsic_model::Model>();
    shared::<hsic_model::Preprocessing>();
    shared::<hsic_model::Training>();
    shared::<hsic_model::Error>();
}
