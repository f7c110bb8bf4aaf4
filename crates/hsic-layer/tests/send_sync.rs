//! The public types can be sent to and shared between threads.

fn shared<T: Send + Sync>() {}

#[test]
fn public_types_are_send_and_sync() {
    shared::<hsic_layer::ClosedForm>();
    shared::<hsic_layer::ClosedFormLayer>();
    shared::<hsic_layer::Spectral>();
    shared::<hsic_layer::SpectralLayer>();
    shared::<hsic_layer::Layer>();
    shared::<hsic_layer::state::LayerRegistry>();
    shared::<hsic_layer::Activation>();
    shared::<hsic_layer::Embedding>();
    shared::<hsic_layer::FeatureMap>();
    shared::<hsic_layer::Solution>();
    shared::<hsic_layer::Termination>();
    shared::<hsic_layer::Context>();
    shared::<hsic_layer::WidthRule>();
    shared::<hsic_layer::Error>();
}
