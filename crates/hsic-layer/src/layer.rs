//! A fitted layer of any solver, behind one type.

use std::any::Any;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::FittedLayer;

/// A fitted layer of any solver: what a network is a list of. It behaves as the [`FittedLayer`] it was made of, a clone shares it,
/// and two are equal where they are of one type and equal there.
///
/// ```
/// use faer::{Par, mat};
/// use hsic_kernels::{Bandwidth, Labels};
/// use hsic_layer::{ClosedForm, ClosedFormLayer, Context, Layer, LayerSolver};
/// let x = mat![[0.0], [0.1], [5.0], [5.1]];
/// let labels = Labels::new(vec![0, 0, 1, 1])?;
/// let fit = ClosedForm::default().fit(x.as_ref(), &labels, Bandwidth::new(1.0)?, &Context::default())?;
/// let layer = Layer::from(fit.layer);
/// assert_eq!(layer.project(x.as_ref(), Par::Seq)?.shape(), (4, 2));
/// assert!(layer.downcast_ref::<ClosedFormLayer>().is_some());
/// # Ok::<(), hsic_layer::Error>(())
/// ```
#[derive(Clone)]
pub struct Layer {
    inner: Arc<dyn FittedLayer>,
    /// Equality of the type behind `inner`, which a trait object cannot have by itself.
    equals: fn(&dyn FittedLayer, &dyn FittedLayer) -> bool,
}

impl<L: FittedLayer + PartialEq> From<L> for Layer {
    fn from(layer: L) -> Self {
        Self { inner: Arc::new(layer), equals: equals::<L> }
    }
}

/// Whether both are of type `L`, and equal.
fn equals<L: FittedLayer + PartialEq>(one: &dyn FittedLayer, other: &dyn FittedLayer) -> bool {
    let (one, other): (&dyn Any, &dyn Any) = (one, other);
    match (one.downcast_ref::<L>(), other.downcast_ref::<L>()) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

impl Layer {
    /// The layer as the type its solver made, if it is of that type.
    pub fn downcast_ref<L: FittedLayer>(&self) -> Option<&L> {
        let inner: &dyn Any = self.inner.as_ref();
        inner.downcast_ref()
    }
}

impl Deref for Layer {
    type Target = dyn FittedLayer;

    fn deref(&self) -> &Self::Target {
        self.inner.as_ref()
    }
}

impl PartialEq for Layer {
    fn eq(&self, other: &Self) -> bool {
        (self.equals)(self.inner.as_ref(), other.inner.as_ref())
    }
}

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
