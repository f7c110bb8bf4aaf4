//! Metrics as the records hold them: entries of JSON in the order of the table, and their moments over folds.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serializer};
use serde_json::Value;

use super::{Kind, Metric, Place, Values};
use crate::records::FoldRecord;

impl Values {
    /// Those of some metrics, the others not defined.
    pub fn only(&self, metrics: impl Iterator<Item = &'static Metric>) -> Self {
        let mut kept = Self::default();
        metrics.for_each(|metric| metric.set(&mut kept, metric.of(self)));
        kept
    }

    /// Mean and population standard deviation (ddof 0) of each metric over the folds where it is defined.
    pub fn moments(folds: &[FoldRecord]) -> (Self, Self) {
        let (mut means, mut stds) = (Self::default(), Self::default());
        for metric in Metric::of_mean() {
            let (mean, std) = metric.moments(folds.iter().map(|fold| &fold.values)).unzip();
            metric.set(&mut means, mean);
            metric.set(&mut stds, std);
        }
        (means, stds)
    }
}

/// The entries of these metrics; `counts` are whole numbers, their means are not.
fn write<S: Serializer>(
    values: &Values,
    metrics: impl Iterator<Item = &'static Metric>,
    counts: bool,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    for metric in metrics {
        match metric.of(values) {
            None if metric.fold == Place::Optional => {}
            Some(count) if counts && metric.kind == Kind::Count => {
                map.serialize_entry(metric.name, &(count as u64))?;
            }
            value => map.serialize_entry(metric.name, &value)?,
        }
    }
    map.end()
}

/// Whatever metrics there are; one that is missing is not defined, as one is that an earlier version did not have.
pub(crate) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Values, D::Error> {
    let mut values = Values::default();
    for (name, value) in BTreeMap::<String, Value>::deserialize(deserializer)? {
        if let Some(metric) = Metric::named(&name) {
            let number = value.as_f64();
            if number.is_none() && !value.is_null() {
                return Err(D::Error::custom(format!("`{name}` is not a number: {value}")));
            }
            metric.set(&mut values, number);
        }
    }
    Ok(values)
}

macro_rules! entries {
    ($(#[doc = $doc:literal] $place:ident, $counts:literal;)*) => {$(
        #[doc = $doc]
        pub(crate) mod $place {
            use serde::Serializer;

            pub(crate) use super::read as deserialize;
            use crate::metrics::{Metric, Values};

            pub(crate) fn serialize<S: Serializer>(values: &Values, serializer: S) -> Result<S::Ok, S::Error> {
                super::write(values, Metric::$place(), $counts, serializer)
            }
        }
    )*};
}

entries! {
    /// A fold's entries.
    of_fold, true;
    /// The entries of a mean or a deviation.
    of_mean, false;
    /// A layer's entries.
    of_layer, true;
}
