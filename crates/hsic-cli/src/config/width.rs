//! The width of a layer: `{ share = 0.5 }`, a number of columns, or `"positive-eigenvalues"`.

use std::fmt;

use serde::de::{self, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Serialize, Serializer};

const POSITIVE_EIGENVALUES: &str = "positive-eigenvalues";

/// How many columns a layer has. The three forms have three TOML types, so no derived tag fits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Width {
    /// As many as singular values hold this share of their sum.
    Share(f64),
    /// This many.
    Columns(u64),
    /// As many as the objective has positive eigenvalues.
    PositiveEigenvalues,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Share {
    share: f64,
}

impl Serialize for Width {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Share(share) => Share { share }.serialize(serializer),
            Self::Columns(columns) => serializer.serialize_u64(columns),
            Self::PositiveEigenvalues => serializer.serialize_str(POSITIVE_EIGENVALUES),
        }
    }
}

impl<'de> Deserialize<'de> for Width {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WidthVisitor)
    }
}

struct WidthVisitor;

impl<'de> Visitor<'de> for WidthVisitor {
    type Value = Width;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{{ share = 0.5 }}, a whole number or \"{POSITIVE_EIGENVALUES}\"")
    }

    fn visit_u64<E: de::Error>(self, columns: u64) -> Result<Width, E> {
        Ok(Width::Columns(columns))
    }

    fn visit_i64<E: de::Error>(self, columns: i64) -> Result<Width, E> {
        let negative = || E::invalid_value(de::Unexpected::Signed(columns), &self);
        columns.try_into().map(Width::Columns).map_err(|_| negative())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Width, E> {
        match text {
            POSITIVE_EIGENVALUES => Ok(Width::PositiveEigenvalues),
            _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Width, A::Error> {
        Share::deserialize(MapAccessDeserializer::new(map)).map(|Share { share }| Width::Share(share))
    }
}
