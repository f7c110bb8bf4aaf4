//! The element types of a kernel matrix: `f32` and `f64`, sealed.

use crate::simd::ExpFn;

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
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
    /// One value of exp or expm1 of a number that is not positive, written without branches so that a loop
    /// over it becomes vector code; see [`crate::simd`].
    #[doc(hidden)]
    fn exp_branchless<const FMA: bool>(self, function: ExpFn) -> Self;
    /// `self · factor + term`, fused where `FMA`.
    #[doc(hidden)]
    fn multiply_add<const FMA: bool>(self, factor: Self, term: Self) -> Self;
}

macro_rules! real {
    ($t:ident, $bits:ident, mantissa = $mantissa:literal, bias = $bias:literal, underflow = $underflow:literal,
     ln2 = ($hi:literal, $lo:literal), terms = [$($term:literal),+]) => {
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
            #[inline(always)]
            fn multiply_add<const FMA: bool>(self, factor: Self, term: Self) -> Self {
                if FMA { self.mul_add(factor, term) } else { self * factor + term }
            }
            #[inline(always)]
            fn exp_branchless<const FMA: bool>(self, function: ExpFn) -> Self {
                // x = k ln 2 + r with |r| ≤ ln 2 / 2; adding `round` leaves k in the low bits of the sum
                let round: $t = 1.5 * ((1 as $bits) << $mantissa) as $t;
                let x = if self < $underflow { $underflow } else { self };
                let shifted = x.multiply_add::<FMA>(std::$t::consts::LOG2_E, round);
                let k = shifted - round;
                let r = k.multiply_add::<FMA>(-$lo, k.multiply_add::<FMA>(-$hi, x));
                // p = exp(r) − 1 by its Taylor series, whose next term is below eps/4 at |r| = ln 2 / 2
                let mut p: $t = 0.0;
                $( p = p.multiply_add::<FMA>(r, 1.0 / $term); )+
                let p = (p * r).multiply_add::<FMA>(r, r);
                let scale = $t::from_bits((shifted.to_bits() << $mantissa).wrapping_add($bias << $mantissa));
                let scale = if self < $underflow { 0.0 } else { scale };
                match function {
                    ExpFn::Exp => scale.multiply_add::<FMA>(p, scale),
                    ExpFn::ExpM1 => scale.multiply_add::<FMA>(p, scale - 1.0),
                }
            }
        }
    };
}

// ln2 is split so that k · hi is exact for every k that occurs, with or without fused multiplication
real!(
    f64,
    u64,
    mantissa = 52,
    bias = 1023,
    underflow = -708.0,
    ln2 = (6.931_471_803_691_238e-1, 1.908_214_929_270_587_7e-10),
    terms = [
        6_227_020_800.0,
        479_001_600.0,
        39_916_800.0,
        3_628_800.0,
        362_880.0,
        40_320.0,
        5_040.0,
        720.0,
        120.0,
        24.0,
        6.0,
        2.0
    ]
);
real!(
    f32,
    u32,
    mantissa = 23,
    bias = 127,
    underflow = -87.0,
    ln2 = (0.693_359_4, -2.121_944_4e-4),
    terms = [5_040.0, 720.0, 120.0, 24.0, 6.0, 2.0]
);
