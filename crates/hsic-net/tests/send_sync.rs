//! The public types can be sent to and shared between threads.

fn shared<T: Send + Sync>() {}

#[test]
fn public_types_are_send_and_sync() {
    shared::<hsic_net::Network>();
    shared::<hsic_net::NetworkParams>();
    shared::<hsic_net::Layer>();
    shared::<hsic_net::NetworkFit>();
    shared::<hsic_net::HeadKind>();
    shared::<hsic_net::LayerSummary>();
    shared::<hsic_net::Selection>();
    shared::<hsic_net::SolverParams>();
    shared::<hsic_net::StopReason>();
    shared::<hsic_net::Error>();
    shared::<hsic_net::state::NetworkState>();
}
