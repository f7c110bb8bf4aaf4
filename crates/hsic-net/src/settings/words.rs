//! Values that files write as words, where the libraries have a richer type.

use hsic_kernels::features::Frequencies;
use serde::{Deserialize, Serialize};

use crate::{HeadKind, Selection};

/// How a layer's bandwidth is chosen, or that the hyperparameters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SelectionRule {
    /// [`Selection::MaxTrace`].
    MaxTrace,
    /// [`Selection::SmoothestGain`].
    SmoothestGain,
    /// [`Selection::MaxHsic`].
    MaxHsic,
    /// [`Selection::LeaveOneOut`].
    LeaveOneOut,
    /// [`Selection::Beam`].
    Beam,
    /// [`Selection::Construction`].
    Construction,
    /// The network's own rule, and the hyperparameters of the table `cv` by cross-validation on the training rows.
    Cv,
}

impl SelectionRule {
    pub(super) const NAMES: &[&str] =
        &["max-trace", "smoothest-gain", "max-hsic", "leave-one-out", "beam", "construction", "cv"];

    /// The selection of a network; `own` where the hyperparameters are chosen.
    pub(super) fn selection(self, own: Selection) -> Selection {
        match self {
            Self::MaxTrace => Selection::MaxTrace,
            Self::SmoothestGain => Selection::SmoothestGain,
            Self::MaxHsic => Selection::MaxHsic,
            Self::LeaveOneOut => Selection::LeaveOneOut,
            Self::Beam => Selection::Beam,
            Self::Construction => Selection::Construction,
            Self::Cv => own,
        }
    }

    /// The rule of a selection; of a fixed bandwidth, for which no rule counts, that of `own`.
    pub(super) fn of(selection: Selection, own: Selection) -> Self {
        match selection {
            Selection::MaxTrace => Self::MaxTrace,
            Selection::SmoothestGain => Self::SmoothestGain,
            Selection::MaxHsic => Self::MaxHsic,
            Selection::LeaveOneOut => Self::LeaveOneOut,
            Selection::Beam => Self::Beam,
            Selection::Construction => Self::Construction,
            Selection::Fixed(_) if matches!(own, Selection::Fixed(_)) => Self::MaxTrace,
            Selection::Fixed(_) => Self::of(own, own),
        }
    }
}

/// The map between layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Features {
    /// Random Fourier features with independent frequencies.
    Random,
    /// Random Fourier features with orthogonal frequencies.
    Orthogonal,
    /// The kernel itself.
    Exact,
}

impl Features {
    pub(super) const NAMES: &[&str] = &["random", "orthogonal", "exact"];

    /// How frequencies are drawn; `None` where there are none.
    pub(super) fn frequencies(self) -> Option<Frequencies> {
        match self {
            Self::Random => Some(Frequencies::Independent),
            Self::Orthogonal => Some(Frequencies::Orthogonal),
            Self::Exact => None,
        }
    }

    pub(super) fn of(frequencies: Frequencies) -> Self {
        match frequencies {
            Frequencies::Orthogonal => Self::Orthogonal,
            _ => Self::Random,
        }
    }
}

/// A number or the word `none`: files of TOML have no null.
pub(super) mod or_none {
    use std::fmt;

    use serde::de::{self, Deserializer, Visitor};
    use serde::ser::Serializer;

    const NONE: &str = "none";

    pub fn serialize<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.serialize_f64(*value),
            None => serializer.serialize_str(NONE),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
        struct NumberOrNone;

        impl Visitor<'_> for NumberOrNone {
            type Value = Option<f64>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "a number or \"{NONE}\"")
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Option<f64>, E> {
                Ok(Some(value))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Option<f64>, E> {
                Ok(Some(value as f64))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Option<f64>, E> {
                Ok(Some(value as f64))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Option<f64>, E> {
                match text {
                    NONE => Ok(None),
                    _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }
        }

        deserializer.deserialize_any(NumberOrNone)
    }
}

/// Neighbours of the head `knn`.
const NEIGHBOURS: usize = 5;

impl HeadKind {
    pub(super) const NAMES: &[&str] = &[
        "bayes",
        "nearest-mean",
        "knn",
        "nearest-neighbour",
        "logistic",
        "ridge",
        "balanced-ridge",
        "metric-ridge",
    ];
}

/// A word, or with a number of its own `{ knn = k }`, `{ ridge = centres }` and the like.
mod head {
    use std::fmt;

    use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
    use serde::ser::{Serialize, Serializer};

    use hsic_kernels::ClassWeight;

    use super::{HeadKind, NEIGHBOURS};
    use crate::head::{CENTRES, RidgeParams};

    /// A head with a number that is not its word's.
    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Numbered {
        Knn(usize),
        Ridge(usize),
        BalancedRidge(usize),
        MetricRidge(usize),
    }

    const PLAIN: RidgeParams = RidgeParams::DEFAULT;
    const BALANCED: RidgeParams = RidgeParams { class_weight: ClassWeight::Balanced, ..PLAIN };
    const METRIC: RidgeParams = RidgeParams { learns_metric: true, ..PLAIN };

    impl Serialize for HeadKind {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let numbered = match *self {
                Self::Knn { k } if k != 1 && k != NEIGHBOURS => Numbered::Knn(k),
                Self::Ridge(ridge) if ridge.centres != CENTRES => {
                    match (ridge.learns_metric, ridge.class_weight) {
                        (true, _) => Numbered::MetricRidge(ridge.centres),
                        (false, ClassWeight::Balanced) => Numbered::BalancedRidge(ridge.centres),
                        (false, _) => Numbered::Ridge(ridge.centres),
                    }
                }
                head => return serializer.serialize_str(head.name()),
            };
            numbered.serialize(serializer)
        }
    }

    impl<'de> Deserialize<'de> for HeadKind {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(HeadVisitor)
        }
    }

    struct HeadVisitor;

    impl<'de> Visitor<'de> for HeadVisitor {
        type Value = HeadKind;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("the name of a head, { knn = 3 } or { ridge = 4000 }")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<HeadKind, E> {
            match text {
                "bayes" => Ok(HeadKind::Bayes),
                "nearest-mean" => Ok(HeadKind::NearestMean),
                "knn" => Ok(HeadKind::Knn { k: NEIGHBOURS }),
                "nearest-neighbour" => Ok(HeadKind::Knn { k: 1 }),
                "logistic" => Ok(HeadKind::Logistic),
                "ridge" => Ok(HeadKind::Ridge(PLAIN)),
                "balanced-ridge" => Ok(HeadKind::Ridge(BALANCED)),
                "metric-ridge" => Ok(HeadKind::Ridge(METRIC)),
                _ => Err(E::unknown_variant(text, HeadKind::NAMES)),
            }
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<HeadKind, A::Error> {
            Ok(match Numbered::deserialize(MapAccessDeserializer::new(map))? {
                Numbered::Knn(k) => HeadKind::Knn { k },
                Numbered::Ridge(centres) => HeadKind::Ridge(RidgeParams { centres, ..PLAIN }),
                Numbered::BalancedRidge(centres) => HeadKind::Ridge(RidgeParams { centres, ..BALANCED }),
                Numbered::MetricRidge(centres) => HeadKind::Ridge(RidgeParams { centres, ..METRIC }),
            })
        }
    }
}
