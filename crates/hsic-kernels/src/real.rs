//! The element types of a kernel matrix: `f32` and `f64`, sealed.

use crate::simd::Factor;

pub(crate) mod sealed {
    use crate::Real;
    use crate::simd::{Factor, SimdPath, VectorOp};

    /// What only this crate may ask of an element type.
    pub trait Sealed: crate::compiled::Compiled {
        /// log₂ e in twice the precision.
        const LOG2_E: Factor<Self>;
        /// A pair closer than this share of its squared norms has its distance taken from differences.
        const NEAR: Self;
        /// Compiles a kernel for every path, and runs it on this one.
        fn run<Op: VectorOp<Self>>(path: SimdPath, op: Op) -> Op::Output
        where
            Self: Real;
    }
}

/// A floating-point element type, `f32` or `f64`. Sealed: the vector kernels are written for these two.
pub trait Real:
    sealed::Sealed + faer::traits::RealField + Copy + Default + Send + Sync + std::fmt::Display + 'static
{
    /// The additive identity.
    const ZERO: Self;
    /// The multiplicative identity.
    const ONE: Self;
    /// Distance from 1 to the next larger number.
    const EPSILON: Self;
    /// The largest finite number.
    const MAX: Self;

    /// The nearest number of this type.
    fn of(value: f64) -> Self;
    /// This number as `f64`, exact.
    fn as_f64(self) -> f64;
    /// Whether this is neither infinite nor NaN.
    fn finite(self) -> bool;
    /// The non-negative square root.
    fn square_root(self) -> Self;
}

macro_rules! real {
    ($t:ident, log2_e = ($hi:expr, $lo:literal), near = $near:expr) => {
        impl sealed::Sealed for $t {
            const LOG2_E: Factor<Self> = Factor { hi: $hi, lo: $lo };
            const NEAR: Self = $near;
            crate::simd::run!($t);
        }

        impl Real for $t {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const EPSILON: Self = $t::EPSILON;
            const MAX: Self = $t::MAX;

            #[inline(always)]
            fn of(value: f64) -> Self {
                value as $t
            }
            #[inline(always)]
            fn as_f64(self) -> f64 {
                f64::from(self)
            }
            #[inline(always)]
            fn finite(self) -> bool {
                self.is_finite()
            }
            #[inline(always)]
            fn square_root(self) -> Self {
                self.sqrt()
            }
        }
    };
}

real!(f64, log2_e = (std::f64::consts::LOG2_E, 2.035_527_374_093_103_3e-17), near = 1.0 / 1024.0);
real!(f32, log2_e = (std::f32::consts::LOG2_E, 1.925_963e-8), near = 1.0 / 64.0);
