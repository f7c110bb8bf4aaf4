//! Registers of the target's baseline: short arrays that the compiler keeps in whatever it has.

use super::lanes::{Coefficients, Factor, Lanes};

/// The path without a run-time requirement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Portable;

/// 2^f = 1 + f·q(f) for |f| ≤ 1/2: the polynomial is within 7e-18 (`f64`) and 6e-9 (`f32`) of 2^f.
pub(super) const WIDE_F64: Coefficients<f64, 11> = [
    std::f64::consts::LN_2,
    0.240_226_506_959_101_2,
    0.055_504_108_664_822_61,
    0.009_618_129_107_597_611,
    0.001_333_355_814_625_583_6,
    0.000_154_035_304_535_830_94,
    1.525_273_394_840_613e-5,
    1.321_543_675_856_910_5e-6,
    1.017_802_145_557_408_4e-7,
    7.073_563_774_010_802e-9,
    4.460_340_222_981_911e-10,
];
pub(super) const WIDE_F32: Coefficients<f32, 6> =
    [std::f32::consts::LN_2, 0.240_226_5, 0.055_503_592, 0.009_618_022, 0.001_339_122_7, 0.000_154_721_57];

/// Whether fused multiply-add is one instruction of the baseline.
const FUSED: bool = cfg!(any(target_arch = "aarch64", target_feature = "fma"));

macro_rules! portable {
    ($t:ident, $bits:ident, $n:literal, mantissa = $mantissa:literal, low_half = $low:literal, bias = $bias:literal,
     lowest = $lowest:literal, $coefficients:ident) => {
        const _: () = {
            #[inline(always)]
            fn fma(a: $t, b: $t, c: $t) -> $t {
                if FUSED { a.mul_add(b, c) } else { a * b + c }
            }

            /// What rounding took from the product p = a·b: exact from halves of the mantissas.
            #[inline(always)]
            fn product_error(a: $t, b: $t, p: $t) -> $t {
                if FUSED {
                    return a.mul_add(b, -p);
                }
                let high = |x: $t| $t::from_bits(x.to_bits() & !$low);
                let (a_high, b_high) = (high(a), high(b));
                let (a_low, b_low) = (a - a_high, b - b_high);
                ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low
            }

            /// v·by = k + f with a whole k: f·q(f), 2^k, and whether 2^(v·by) is taken for 0.
            #[inline(always)]
            fn reduce<const REST: bool>(v: $t, by: Factor<$t>) -> ($t, $t, bool) {
                // adding this leaves the nearest whole number in the low bits of the sum
                let round: $t = 1.5 * ((1 as $bits) << $mantissa) as $t;
                let product = v * by.hi;
                let shifted = product + round;
                let mut f = product - (shifted - round);
                if REST {
                    f += fma(v, by.lo, product_error(v, by.hi, product));
                }
                let mut q = 0.0;
                for &coefficient in $coefficients.iter().rev() {
                    q = fma(q, f, coefficient);
                }
                let power = $t::from_bits((shifted.to_bits() << $mantissa).wrapping_add($bias << $mantissa));
                (f * q, power, product < $lowest)
            }

            impl Lanes<$t> for Portable {
                type V = [$t; $n];
                const LANES: usize = $n;
                const COLUMNS: usize = 4;

                #[inline(always)]
                fn splat(self, value: $t) -> [$t; $n] {
                    [value; $n]
                }
                #[inline(always)]
                fn add(self, mut a: [$t; $n], b: [$t; $n]) -> [$t; $n] {
                    for i in 0..$n {
                        a[i] += b[i];
                    }
                    a
                }
                #[inline(always)]
                fn sub(self, mut a: [$t; $n], b: [$t; $n]) -> [$t; $n] {
                    for i in 0..$n {
                        a[i] -= b[i];
                    }
                    a
                }
                #[inline(always)]
                fn mul(self, mut a: [$t; $n], b: [$t; $n]) -> [$t; $n] {
                    for i in 0..$n {
                        a[i] *= b[i];
                    }
                    a
                }
                #[inline(always)]
                fn mul_add(self, a: [$t; $n], b: [$t; $n], mut c: [$t; $n]) -> [$t; $n] {
                    for i in 0..$n {
                        c[i] = fma(a[i], b[i], c[i]);
                    }
                    c
                }
                #[inline(always)]
                fn neg_mul_add(self, a: [$t; $n], b: [$t; $n], mut c: [$t; $n]) -> [$t; $n] {
                    for i in 0..$n {
                        c[i] = fma(-a[i], b[i], c[i]);
                    }
                    c
                }
                #[inline(always)]
                fn min(self, mut a: [$t; $n], b: [$t; $n]) -> [$t; $n] {
                    for i in 0..$n {
                        a[i] = if a[i] < b[i] { a[i] } else { b[i] };
                    }
                    a
                }
                #[inline(always)]
                fn sqrt(self, mut a: [$t; $n]) -> [$t; $n] {
                    for a in &mut a {
                        *a = a.sqrt();
                    }
                    a
                }
                #[inline(always)]
                fn sum(self, mut a: [$t; $n]) -> $t {
                    let mut width = $n / 2;
                    while width > 0 {
                        for lane in 0..width {
                            a[lane] += a[lane + width];
                        }
                        width /= 2;
                    }
                    a[0]
                }
                #[inline(always)]
                fn any_at_most(self, a: [$t; $n], limit: $t) -> bool {
                    a.iter().any(|&value| value <= limit)
                }
                #[inline(always)]
                fn interleave(self, a: [$t; $n], b: [$t; $n]) -> ([$t; $n], [$t; $n]) {
                    let pick = |i: usize| if i % 2 == 0 { a[i / 2] } else { b[i / 2] };
                    (std::array::from_fn(pick), std::array::from_fn(|i| pick(i + $n)))
                }
                #[inline(always)]
                fn exp2<const REST: bool>(self, mut v: [$t; $n], by: Factor<$t>) -> [$t; $n] {
                    for v in &mut v {
                        let (fq, power, underflow) = reduce::<REST>(*v, by);
                        *v = if underflow { 0.0 } else { fma(power, fq, power) };
                    }
                    v
                }
                #[inline(always)]
                fn exp2_minus_one<const REST: bool>(self, mut v: [$t; $n], by: Factor<$t>) -> [$t; $n] {
                    for v in &mut v {
                        let (fq, power, underflow) = reduce::<REST>(*v, by);
                        *v = if underflow { -1.0 } else { fma(power, fq, power - 1.0) };
                    }
                    v
                }
                #[inline(always)]
                unsafe fn stream(self, to: *mut $t, value: [$t; $n]) {
                    // SAFETY: of the caller
                    unsafe { self.store(to, value) }
                }
                #[inline(always)]
                fn fence(self) {}
            }
        };
    };
}

portable!(f64, u64, 4, mantissa = 52, low_half = 0x07ff_ffff, bias = 1023, lowest = -1021.5, WIDE_F64);
portable!(f32, u32, 8, mantissa = 23, low_half = 0x0fff, bias = 127, lowest = -125.6, WIDE_F32);
