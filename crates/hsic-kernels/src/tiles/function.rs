//! From half squared distances to a function of the distance.

use crate::simd::{Factor, Lanes};
use crate::{Bandwidth, Real};

/// A function of the distance between two rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum PairFunction {
    /// The Gaussian kernel K = exp(−‖u−v‖²/2σ²).
    Kernel(Bandwidth),
    /// J = K − 1, by expm1: exact where σ is large and K is all but constant.
    KernelMinusOne(Bandwidth),
    /// ‖u−v‖².
    SquaredDistance,
    /// ‖u−v‖.
    Distance,
}

/// A [`PairFunction`] with its constants, as a function of h = ½‖u−v‖².
#[derive(Debug, Clone, Copy)]
pub enum Prepared<T> {
    /// 2^(h·by).
    Exp2(Factor<T>),
    /// 2^(h·by) − 1.
    Exp2MinusOne(Factor<T>),
    /// 2h.
    SquaredDistance,
    /// √(2h).
    Distance,
}

/// A function of registers.
pub(crate) trait Map<T: Real>: Copy + Sync {
    fn map<S: Lanes<T>>(self, simd: S, half: S::V) -> S::V;
}

/// What waits for its [`Map`], to be compiled once for each.
pub(crate) trait WithMap<T: Real> {
    fn call(self, map: impl Map<T>);
}

impl<T: Real> Prepared<T> {
    /// Goes on with the function.
    #[inline(always)]
    pub(crate) fn with(self, rest: impl WithMap<T>) {
        match self {
            Self::Exp2(by) => rest.call(Exp2(by)),
            Self::Exp2MinusOne(by) => rest.call(Exp2MinusOne(by)),
            Self::SquaredDistance => rest.call(SquaredDistance),
            Self::Distance => rest.call(Distance),
        }
    }
}

/// h.
#[derive(Clone, Copy)]
pub struct Half;
/// 2^(h·by).
#[derive(Clone, Copy)]
pub struct Exp2<T>(Factor<T>);
#[derive(Clone, Copy)]
struct Exp2MinusOne<T>(Factor<T>);
#[derive(Clone, Copy)]
struct SquaredDistance;
#[derive(Clone, Copy)]
struct Distance;

impl<T: Real> Exp2<T> {
    /// The Gaussian kernel.
    pub(crate) fn kernel(sigma: Bandwidth) -> Self {
        Self(factor(sigma))
    }

    /// As one of all functions.
    pub(crate) fn prepared(self) -> Prepared<T> {
        Prepared::Exp2(self.0)
    }
}

impl<T: Real> Map<T> for Half {
    #[inline(always)]
    fn map<S: Lanes<T>>(self, _: S, half: S::V) -> S::V {
        half
    }
}
impl<T: Real> Map<T> for Exp2<T> {
    #[inline(always)]
    fn map<S: Lanes<T>>(self, simd: S, half: S::V) -> S::V {
        simd.exp2::<false>(half, self.0)
    }
}
impl<T: Real> Map<T> for Exp2MinusOne<T> {
    #[inline(always)]
    fn map<S: Lanes<T>>(self, simd: S, half: S::V) -> S::V {
        simd.exp2_minus_one::<false>(half, self.0)
    }
}
impl<T: Real> Map<T> for SquaredDistance {
    #[inline(always)]
    fn map<S: Lanes<T>>(self, simd: S, half: S::V) -> S::V {
        simd.add(half, half)
    }
}
impl<T: Real> Map<T> for Distance {
    #[inline(always)]
    fn map<S: Lanes<T>>(self, simd: S, half: S::V) -> S::V {
        simd.sqrt(simd.add(half, half))
    }
}

impl PairFunction {
    /// Its value at a squared distance.
    pub(crate) fn of_squared(self, squared: f64) -> f64 {
        let exponent = |sigma: Bandwidth| -squared / 2.0 / sigma.get() / sigma.get();
        match self {
            Self::Kernel(sigma) => exponent(sigma).exp(),
            Self::KernelMinusOne(sigma) => exponent(sigma).exp_m1(),
            Self::SquaredDistance => squared,
            Self::Distance => squared.sqrt(),
        }
    }

    pub(super) fn prepare<T: Real>(self) -> Prepared<T> {
        match self {
            Self::Kernel(sigma) => Prepared::Exp2(factor(sigma)),
            Self::KernelMinusOne(sigma) => Prepared::Exp2MinusOne(factor(sigma)),
            Self::SquaredDistance => Prepared::SquaredDistance,
            Self::Distance => Prepared::Distance,
        }
    }
}

/// −log₂(e)/σ², finite, so that it is 0 times a distance of 0. A distance has rounding errors of its own: this factor has no
/// need of a second part.
fn factor<T: Real>(sigma: Bandwidth) -> Factor<T> {
    let value = -std::f64::consts::LOG2_E / sigma.get() / sigma.get();
    Factor { hi: T::of(value.max(-T::MAX.as_f64())), lo: T::ZERO }
}
