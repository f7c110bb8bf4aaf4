//! The public types can be sent to and shared between threads.

fn shared<T: Send + Sync>() {}

#[test]
fn public_types_are_send_and_sync() {
    shared::<hsic_kernels::Bandwidth>();
    shared::<hsic_kernels::Labels>();
    shared::<hsic_kernels::CenteredLabelGram>();
    shared::<hsic_kernels::ClassWeight>();
    shared::<hsic_kernels::ClassSorted<f64>>();
    shared::<hsic_kernels::Error>();
    shared::<hsic_kernels::hsic::HsicStatistics>();
    shared::<hsic_kernels::hsic::LabelHsic>();
    shared::<hsic_kernels::features::Frequencies>();
    shared::<hsic_kernels::bandwidth::Subsample>();
    shared::<hsic_kernels::class_moments::ClassMoments>();
    shared::<hsic_kernels::tiles::Points<'static, f64>>();
}
