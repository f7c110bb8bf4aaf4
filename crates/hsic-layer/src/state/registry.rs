//! Layers read back by the name of their solver.

use std::collections::BTreeMap;

use faer::Mat;
use hsic_kernels::Bandwidth;

use super::tensors::{take, take_codes};
use super::{Expected, StateError, Tensors};
use crate::{ClosedFormLayer, IdentityLayer, Layer, Result, SpectralLayer};

/// Makes a layer of its stored parts.
pub type LayerReader = fn(&mut LayerParts<'_>) -> Result<Layer>;

/// Readers of stored layers by the name of the solver; those of this crate are there from the start.
///
/// ```
/// use hsic_layer::state::LayerRegistry;
/// assert_eq!(LayerRegistry::default().solvers().collect::<Vec<_>>(), ["closed-form", "identity", "spectral"]);
/// ```
#[derive(Debug, Clone)]
pub struct LayerRegistry {
    readers: BTreeMap<String, LayerReader>,
}

impl Default for LayerRegistry {
    fn default() -> Self {
        let none = Self { readers: BTreeMap::new() };
        none.with(SpectralLayer::SOLVER, |parts| Ok(SpectralLayer::read(parts)?.into()))
            .with(ClosedFormLayer::SOLVER, |parts| Ok(ClosedFormLayer::read(parts)?.into()))
            .with(IdentityLayer::SOLVER, IdentityLayer::read)
    }
}

impl LayerRegistry {
    /// The registry with a reader of the layers of `solver`, in place of the one it had, if any.
    #[must_use]
    pub fn with(mut self, solver: impl Into<String>, reader: LayerReader) -> Self {
        self.readers.insert(solver.into(), reader);
        self
    }

    /// The names known, sorted.
    pub fn solvers(&self) -> impl Iterator<Item = &str> {
        self.readers.keys().map(String::as_str)
    }

    /// The layer of a solver of this name.
    ///
    /// # Errors
    /// [`crate::Error::State`] for a name that is not known, and for parts that do not fit.
    pub fn read(&self, solver: &str, parts: &mut LayerParts<'_>) -> Result<Layer> {
        match self.readers.get(solver) {
            Some(read) => read(parts),
            None => Err(parts.unknown_kind(solver)),
        }
    }
}

/// What is stored of one layer. A reader takes out the tensors it knows; every shape is held against the others.
#[derive(Debug)]
pub struct LayerParts<'a> {
    index: usize,
    features: &'a str,
    sigma: Bandwidth,
    input_width: Option<usize>,
    tensors: &'a mut Tensors,
}

impl<'a> LayerParts<'a> {
    /// The parts of layer `index` (from 0) among the tensors of a network, named `layers.INDEX.…`.
    ///
    /// `features` is that of its [`LayerState`](super::LayerState), `input_width` what the layer before hands on, `None` for the
    /// first.
    pub fn new(
        index: usize,
        features: &'a str,
        sigma: Bandwidth,
        input_width: Option<usize>,
        tensors: &'a mut Tensors,
    ) -> Self {
        Self { index, features, sigma, input_width, tensors }
    }

    /// Which kind of the solver's layers it is.
    pub fn features(&self) -> &'a str {
        self.features
    }

    /// The layer's bandwidth.
    pub fn sigma(&self) -> Bandwidth {
        self.sigma
    }

    /// Columns of an input row, where the layer before says so.
    pub fn input_width(&self) -> Option<usize> {
        self.input_width
    }

    /// Takes out a matrix of finite numbers.
    ///
    /// # Errors
    /// [`crate::Error::State`] for a tensor that is missing, of codes, of another shape, or not finite.
    pub fn matrix(&mut self, name: &str, expected: Expected) -> Result<Mat<f64>> {
        Ok(take(self.tensors, &self.name(name), expected)?)
    }

    /// Takes out `n` class codes.
    ///
    /// # Errors
    /// [`crate::Error::State`] for a tensor that is missing, of numbers, or of another length.
    pub fn codes(&mut self, name: &str, n: usize) -> Result<Vec<usize>> {
        Ok(take_codes(self.tensors, &self.name(name), n)?)
    }

    /// The refusal of a solver, or of one of its kinds, that nobody knows.
    pub fn unknown_kind(&self, solver: &str) -> crate::Error {
        let name = format!("the kind of layer {}", self.index + 1);
        StateError::Name { name, value: format!("{solver}, {}", self.features) }.into()
    }

    /// The refusal of a number.
    pub fn bad_value(&self, name: &str, bound: &'static str, value: f64) -> crate::Error {
        StateError::Value { name: self.name(name), bound, value }.into()
    }

    fn name(&self, name: &str) -> String {
        format!("layers.{}.{name}", self.index)
    }
}
