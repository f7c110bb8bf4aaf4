//! The public types can be sent to and shared between threads.

fn shared<T: Send + Sync>() {}

#[test]
fn public_types_are_send_and_sync() {
    shared::<hsic_data::Dataset>();
    shared::<hsic_data::Scaler>();
    shared::<hsic_data::StratifiedKFold>();
    shared::<hsic_data::StratifiedHoldout>();
    shared::<hsic_data::Fold>();
    shared::<hsic_data::Error>();
    shared::<hsic_data::DataWarning>();
    shared::<hsic_data::idx::Idx>();
    shared::<hsic_data::rows::ArrayRows>();
    shared::<hsic_data::rows::TableRows>();
    shared::<hsic_data::table::Content>();
    shared::<hsic_data::table::Schema>();
    shared::<hsic_data::table::Table>();
    shared::<hsic_data::table::Chunk>();
    shared::<hsic_data::table::InferOptions>();
    shared::<hsic_data::table::EncodeOptions>();
    shared::<hsic_data::table::SourceOptions>();
}
