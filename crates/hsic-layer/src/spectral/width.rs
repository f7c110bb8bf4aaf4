//! The width of a layer, and how files write it: `{ share = 0.5 }`, a number of columns, or `"positive-eigenvalues"`.

use std::fmt;

use serde::de::{self, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Serialize, Serializer};

const POSITIVE_EIGENVALUES: &str = "positive-eigenvalues";

/// How many columns W has. The three forms have three types in a file, so no derived tag fits.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum WidthRule {
    /// q = min(max(k, c), r): k singular values of R hold this share of their sum, c classes, r the rank of R.
    SingularShare(f64),
    /// q = min(this, r).
    Fixed(usize),
    /// q = the number of positive eigenvalues of Q(W₀), W₀ of the rank of RᵀΓR; at least 1.
    PositiveEigenvalues,
}

impl Default for WidthRule {
    fn default() -> Self {
        Self::SingularShare(0.5)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Share {
    share: f64,
}

impl Serialize for WidthRule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::SingularShare(share) => Share { share }.serialize(serializer),
            Self::Fixed(columns) => columns.serialize(serializer),
            Self::PositiveEigenvalues => serializer.serialize_str(POSITIVE_EIGENVALUES),
        }
    }
}

impl<'de> Deserialize<'de> for WidthRule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WidthVisitor)
    }
}

struct WidthVisitor;

impl<'de> Visitor<'de> for WidthVisitor {
    type Value = WidthRule;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{{ share = 0.5 }}, a whole number or \"{POSITIVE_EIGENVALUES}\"")
    }

    fn visit_u64<E: de::Error>(self, columns: u64) -> Result<WidthRule, E> {
        let too_many = |_| E::invalid_value(de::Unexpected::Unsigned(columns), &self);
        columns.try_into().map(WidthRule::Fixed).map_err(too_many)
    }

    fn visit_i64<E: de::Error>(self, columns: i64) -> Result<WidthRule, E> {
        let negative = |_| E::invalid_value(de::Unexpected::Signed(columns), &self);
        columns.try_into().map(WidthRule::Fixed).map_err(negative)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<WidthRule, E> {
        match text {
            POSITIVE_EIGENVALUES => Ok(WidthRule::PositiveEigenvalues),
            _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<WidthRule, A::Error> {
        Share::deserialize(MapAccessDeserializer::new(map))
            .map(|Share { share }| WidthRule::SingularShare(share))
    }
}
