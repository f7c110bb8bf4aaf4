//! The public types can be sent to and shared between threads.

fn shared<T: Send + Sync>() {}

#[test]
fn public_types_are_send_and_sync() {
    shared::<hsic_eval::CrossValidation>();
    shared::<hsic_eval::Candidates>();
    shared::<hsic_eval::Error>();
    shared::<hsic_eval::records::FoldRecord>();
}
