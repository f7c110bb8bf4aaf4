//! Which keys of the networks a configuration gives, in place of leaving them to their defaults.

use std::collections::BTreeSet;

use hsic_net::settings::{ClosedFormSettings, Field, SpectralSettings};

use super::document::Document;
use super::schema::MethodName;

/// The keys of the networks that the file or the command line gives, and whether it names methods.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Given {
    methods: bool,
    keys: BTreeSet<(&'static str, String)>,
}

impl Given {
    pub(super) fn of(source: &Document<'_>) -> Self {
        let mut keys = BTreeSet::new();
        let mut find = |method: MethodName, fields: Vec<Field>| {
            let lists = fields.iter().filter_map(|field| field.axis).map(|axis| format!("cv.{axis}"));
            for key in fields.iter().map(|field| field.name.to_owned()).chain(lists) {
                let path: Vec<&str> = [method.as_str()].into_iter().chain(key.split('.')).collect();
                if source.is_given(&path) {
                    keys.insert((method.as_str(), key));
                }
            }
        };
        find(MethodName::Spectral, SpectralSettings::fields());
        find(MethodName::ClosedForm, ClosedFormSettings::fields());
        Self { methods: source.is_given(&["methods"]), keys }
    }

    /// Whether methods are named.
    pub fn methods(&self) -> bool {
        self.methods
    }

    /// The keys of a network's table that are given.
    pub fn of_method(&self, method: MethodName) -> impl Iterator<Item = &str> {
        self.keys.iter().filter(move |(table, _)| *table == method.as_str()).map(|(_, key)| key.as_str())
    }
}
