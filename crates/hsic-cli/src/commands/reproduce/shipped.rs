//! The experiments of the published table, as the project ships them.

/// A data set of the table and its experiment file.
pub struct Shipped {
    /// Name of the data set and of the experiment.
    pub name: &'static str,
    /// The experiment file.
    pub text: &'static str,
}

macro_rules! shipped {
    ($($name:literal),*) => {
        /// All sets, in the order of the published table.
        pub const SHIPPED: &[Shipped] = &[$(Shipped {
            name: $name,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/configs/", $name, ".toml")),
        }),*];
        /// Their names.
        pub const NAMES: &[&str] = &[$($name),*];
    };
}

shipped!("random", "adversarial", "spiral", "wine", "cancer", "car", "face", "divorce");
