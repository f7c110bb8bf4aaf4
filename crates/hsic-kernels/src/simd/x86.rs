//! Registers of AVX2 with FMA, and of AVX-512.

use std::arch::x86_64::{
    __m256, __m256d, __m512, __m512d, __m512i, _CMP_LE_OQ, _CMP_LT_OQ, _CMP_NLT_UQ, _mm_sfence,
};
use std::marker::PhantomData;
use std::mem::transmute;

use pulp::x86::{V3, V4};

use super::lanes::{Coefficients, Factor, Lanes};
use super::portable::{WIDE_F32, WIDE_F64};

/// AVX2 with FMA, for elements of type `T`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx2<T> {
    simd: V3,
    element: PhantomData<T>,
}

impl<T> Avx2<T> {
    #[inline(always)]
    pub(crate) fn new(simd: V3) -> Self {
        Self { simd, element: PhantomData }
    }
}

/// AVX-512, for elements of type `T`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx512<T> {
    simd: V4,
    element: PhantomData<T>,
}

impl<T> Avx512<T> {
    #[inline(always)]
    pub(crate) fn new(simd: V4) -> Self {
        Self { simd, element: PhantomData }
    }
}

/// What both paths share: the methods that are one instruction of the same name.
macro_rules! instructions {
    ($t:ident, $v:ident, $f:ident, $fma:ident: $set1:ident, $add:ident, $sub:ident, $mul:ident, $fmadd:ident, $fnmadd:ident, $min:ident,
     $sqrt:ident, $stream:ident) => {
        #[inline(always)]
        fn splat(self, value: $t) -> $v {
            self.simd.$f.$set1(value)
        }
        #[inline(always)]
        fn add(self, a: $v, b: $v) -> $v {
            self.simd.$f.$add(a, b)
        }
        #[inline(always)]
        fn sub(self, a: $v, b: $v) -> $v {
            self.simd.$f.$sub(a, b)
        }
        #[inline(always)]
        fn mul(self, a: $v, b: $v) -> $v {
            self.simd.$f.$mul(a, b)
        }
        #[inline(always)]
        fn mul_add(self, a: $v, b: $v, c: $v) -> $v {
            self.simd.$fma.$fmadd(a, b, c)
        }
        #[inline(always)]
        fn neg_mul_add(self, a: $v, b: $v, c: $v) -> $v {
            self.simd.$fma.$fnmadd(a, b, c)
        }
        #[inline(always)]
        fn min(self, a: $v, b: $v) -> $v {
            self.simd.$f.$min(a, b)
        }
        #[inline(always)]
        fn sqrt(self, a: $v) -> $v {
            self.simd.$f.$sqrt(a)
        }
        #[inline(always)]
        unsafe fn stream(self, to: *mut $t, value: $v) {
            // SAFETY: of the caller
            unsafe { self.simd.$f.$stream(to, value) }
        }
        #[inline(always)]
        fn fence(self) {
            // SAFETY: every x86-64 processor has SSE
            unsafe { _mm_sfence() }
        }
    };
}

macro_rules! avx2 {
    ($t:ident, $v:ident, $n:literal, { $($names:tt)* }, $coefficients:ident, lowest = $lowest:literal, mantissa = $mantissa:literal,
     bias = $bias:literal, $set1_int:ident, $add_int:ident, $shift:ident, $cast_to_int:ident, $cast_from_int:ident, $cmp:ident,
     $movemask:ident, $blend:ident, $unpack_low:ident, $unpack_high:ident, $halves:ident) => {
        const _: () = {
            /// v·by = k + f with a whole k: f·q(f), 2^k, and all ones where 2^(v·by) is taken for 0.
            #[inline(always)]
            fn reduce<const REST: bool>(lanes: Avx2<$t>, v: $v, by: Factor<$t>) -> ($v, $v, $v) {
                let splat = |value: $t| lanes.splat(value);
                // adding this leaves the nearest whole number in the low bits of the sum
                let round = splat(1.5 * (1u64 << $mantissa) as $t);
                let hi = splat(by.hi);
                let product = lanes.mul(v, hi);
                let shifted = lanes.mul_add(v, hi, round);
                let k = lanes.sub(shifted, round);
                let f = lanes.mul_add(v, splat(by.lo), lanes.simd.fma.$halves(v, hi, k));
                let mut q = splat($coefficients[$coefficients.len() - 1]);
                for &coefficient in $coefficients.iter().rev().skip(1) {
                    q = lanes.mul_add(q, f, splat(coefficient));
                }
                let exponent = lanes.simd.avx2.$shift::<$mantissa>(lanes.simd.avx.$cast_to_int(shifted));
                let bias = lanes.simd.avx.$set1_int($bias << $mantissa);
                let power = lanes.simd.avx.$cast_from_int(lanes.simd.avx2.$add_int(exponent, bias));
                (lanes.mul(f, q), power, lanes.simd.avx.$cmp::<_CMP_LT_OQ>(product, splat($lowest)))
            }

            impl Lanes<$t> for Avx2<$t> {
                type V = $v;
                const LANES: usize = $n;
                const COLUMNS: usize = 4;

                instructions! { $($names)* }

                #[inline(always)]
                fn sum(self, a: $v) -> $t {
                    // SAFETY: an array of the register's lanes
                    let mut a = unsafe { transmute::<$v, [$t; $n]>(a) };
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
                fn any_at_most(self, a: $v, limit: $t) -> bool {
                    let below = self.simd.avx.$cmp::<_CMP_LE_OQ>(a, self.splat(limit));
                    self.simd.avx.$movemask(below) != 0
                }
                #[inline(always)]
                fn interleave(self, a: $v, b: $v) -> ($v, $v) {
                    let (low, high) = (self.simd.avx.$unpack_low(a, b), self.simd.avx.$unpack_high(a, b));
                    Halves::join(self.simd, low, high)
                }
                #[inline(always)]
                fn exp2<const REST: bool>(self, v: $v, by: Factor<$t>) -> $v {
                    let (fq, power, underflow) = reduce::<REST>(self, v, by);
                    self.simd.avx.$blend(self.mul_add(power, fq, power), self.splat(0.0), underflow)
                }
                #[inline(always)]
                fn exp2_minus_one<const REST: bool>(self, v: $v, by: Factor<$t>) -> $v {
                    let (fq, power, underflow) = reduce::<REST>(self, v, by);
                    let one = self.splat(1.0);
                    let value = self.mul_add(power, fq, self.sub(power, one));
                    self.simd.avx.$blend(value, self.splat(-1.0), underflow)
                }
            }
        };
    };
}

/// The lower 128 bits of two registers, and the upper ones.
trait Halves: Sized {
    fn join(simd: V3, a: Self, b: Self) -> (Self, Self);
}
impl Halves for __m256d {
    #[inline(always)]
    fn join(simd: V3, a: Self, b: Self) -> (Self, Self) {
        (simd.avx._mm256_permute2f128_pd::<0x20>(a, b), simd.avx._mm256_permute2f128_pd::<0x31>(a, b))
    }
}
impl Halves for __m256 {
    #[inline(always)]
    fn join(simd: V3, a: Self, b: Self) -> (Self, Self) {
        (simd.avx._mm256_permute2f128_ps::<0x20>(a, b), simd.avx._mm256_permute2f128_ps::<0x31>(a, b))
    }
}

avx2!(
    f64, __m256d, 4,
    { f64, __m256d, avx, fma: _mm256_set1_pd, _mm256_add_pd, _mm256_sub_pd, _mm256_mul_pd, _mm256_fmadd_pd, _mm256_fnmadd_pd,
      _mm256_min_pd, _mm256_sqrt_pd, _mm256_stream_pd },
    WIDE_F64, lowest = -1021.5, mantissa = 52, bias = 1023i64, _mm256_set1_epi64x, _mm256_add_epi64, _mm256_slli_epi64,
    _mm256_castpd_si256, _mm256_castsi256_pd, _mm256_cmp_pd, _mm256_movemask_pd, _mm256_blendv_pd, _mm256_unpacklo_pd, _mm256_unpackhi_pd,
    _mm256_fmsub_pd
);
avx2!(
    f32, __m256, 8,
    { f32, __m256, avx, fma: _mm256_set1_ps, _mm256_add_ps, _mm256_sub_ps, _mm256_mul_ps, _mm256_fmadd_ps, _mm256_fnmadd_ps,
      _mm256_min_ps, _mm256_sqrt_ps, _mm256_stream_ps },
    WIDE_F32, lowest = -125.6, mantissa = 23, bias = 127i32, _mm256_set1_epi32, _mm256_add_epi32, _mm256_slli_epi32,
    _mm256_castps_si256, _mm256_castsi256_ps, _mm256_cmp_ps, _mm256_movemask_ps, _mm256_blendv_ps, _mm256_unpacklo_ps, _mm256_unpackhi_ps,
    _mm256_fmsub_ps
);

/// 2^(i/16), and what each lacks, relatively, to the exact value.
struct Powers<T> {
    value: [T; 16],
    rest: [T; 16],
}

const POWERS_F64: Powers<f64> = Powers {
    value: [
        1.0,
        1.044_273_782_427_413_8,
        1.090_507_732_665_257_7,
        1.138_788_634_756_691_6,
        1.189_207_115_002_721,
        1.241_857_812_073_484,
        1.296_839_554_651_009_6,
        1.354_255_546_936_892_7,
        std::f64::consts::SQRT_2,
        1.476_826_145_939_499_3,
        1.542_210_825_407_940_7,
        1.610_490_331_949_254_3,
        1.681_792_830_507_429,
        1.756_252_160_373_299_5,
        1.834_008_086_409_342_4,
        1.915_206_561_397_147_4,
    ],
    rest: [
        0.0,
        8.189_317_638_195_515e-17,
        -2.793_911_485_951_573_3e-17,
        7.826_573_258_636_076e-17,
        3.348_462_333_625_152_4e-17,
        3.750_854_201_303_127e-17,
        1.957_258_529_311_203_6e-17,
        5.686_480_957_911_74e-17,
        -6.835_808_657_661_922e-17,
        -2.359_109_477_085_005_3e-17,
        5.154_830_117_078_678e-17,
        1.534_141_005_360_372_3e-17,
        4.875_160_526_227_062e-17,
        1.685_487_290_628_973e-17,
        1.790_126_907_604_513e-17,
        -5.545_065_618_639_427e-17,
    ],
};
const POWERS_F32: Powers<f32> = Powers {
    value: [
        1.0,
        1.044_273_7,
        1.090_507_7,
        1.138_788_6,
        1.189_207_1,
        1.241_857_8,
        1.296_839_6,
        1.354_255_6,
        std::f32::consts::SQRT_2,
        1.476_826_2,
        1.542_210_8,
        1.610_490_3,
        1.681_792_9,
        1.756_252_2,
        1.834_008_1,
        1.915_206_6,
    ],
    rest: [
        0.0,
        4.628_547e-8,
        -1.199_215_8e-8,
        4.729_782_4e-8,
        3.193_418e-8,
        3.621_057_2e-8,
        -3.099_072e-8,
        -7.475_213e-9,
        1.711_427_1e-8,
        -3.047_683_4e-8,
        5.233_334e-9,
        6.107_591_8e-9,
        -1.471_960_5e-8,
        -5.258_795e-9,
        -6.128_26e-9,
        5.140_609_3e-9,
    ],
};

/// As in [`super::portable`], for |f| ≤ 1/32; 2^f − 1 takes a term more.
const NARROW_F64: Coefficients<f64, 6> = [
    std::f64::consts::LN_2,
    0.240_226_506_959_100_97,
    0.055_504_108_657_415_244,
    0.009_618_129_106_014_436,
    0.001_333_377_926_149_733_5,
    0.000_154_037_964_234_115_83,
];
const NARROW_MINUS_ONE_F64: Coefficients<f64, 7> = [
    std::f64::consts::LN_2,
    0.240_226_506_959_100_72,
    0.055_504_108_665_001_335,
    0.009_618_129_107_097_553,
    0.001_333_355_465_458_522_7,
    0.000_154_037_012_364_088_94,
    1.544_721_410_688_741_8e-5,
];
const NARROW_F32: Coefficients<f32, 3> = [std::f32::consts::LN_2, 0.240_234_27, 0.055_503_134];
const NARROW_MINUS_ONE_F32: Coefficients<f32, 4> =
    [std::f32::consts::LN_2, 0.240_226_5, 0.055_502_69, 0.009_618_326];

macro_rules! avx512 {
    ($t:ident, $v:ident, $n:literal, { $($names:tt)* }, $powers:ident, $exp:ident, $minus_one:ident, lowest = $lowest:literal,
     mantissa = $mantissa:literal, $fmsub:ident, $table:ident, $cast_to_int:ident, $scalef:ident, $maskz_scalef:ident,
     $cmp:ident, $blend:ident, $reduce_add:ident, $permute:ident, $low:ident, $high:ident) => {
        const _: () = {
            /// v·by = k + f with k a multiple of 1/16: k, f, and k with its sixteenths in the lowest bits.
            #[inline(always)]
            fn reduce<const REST: bool>(lanes: Avx512<$t>, v: $v, by: Factor<$t>) -> ($v, $v, __m512i) {
                // adding this leaves the nearest multiple of 1/16 in the low bits of the sum
                let round = lanes.splat(1.5 * (1u64 << ($mantissa - 4)) as $t);
                let hi = lanes.splat(by.hi);
                let shifted = lanes.mul_add(v, hi, round);
                let k = lanes.sub(shifted, round);
                let mut f = lanes.simd.avx512f.$fmsub(v, hi, k);
                if REST {
                    f = lanes.mul_add(v, lanes.splat(by.lo), f);
                }
                (k, f, lanes.simd.avx512f.$cast_to_int(shifted))
            }

            #[inline(always)]
            fn polynomial<const N: usize>(lanes: Avx512<$t>, f: $v, coefficients: &[$t; N]) -> $v {
                let mut q = lanes.splat(coefficients[N - 1]);
                for &coefficient in coefficients.iter().rev().skip(1) {
                    q = lanes.mul_add(q, f, lanes.splat(coefficient));
                }
                q
            }

            impl Lanes<$t> for Avx512<$t> {
                type V = $v;
                const LANES: usize = $n;
                const COLUMNS: usize = 8;

                instructions! { $($names)* }

                #[inline(always)]
                fn sum(self, a: $v) -> $t {
                    self.simd.avx512f.$reduce_add(a)
                }
                #[inline(always)]
                fn any_at_most(self, a: $v, limit: $t) -> bool {
                    self.simd.avx512f.$cmp::<_CMP_LE_OQ>(a, self.splat(limit)) != 0
                }
                #[inline(always)]
                fn interleave(self, a: $v, b: $v) -> ($v, $v) {
                    (self.simd.avx512f.$permute(a, $low(), b), self.simd.avx512f.$permute(a, $high(), b))
                }
                #[inline(always)]
                fn exp2<const REST: bool>(self, v: $v, by: Factor<$t>) -> $v {
                    let (k, f, sixteenths) = reduce::<REST>(self, v, by);
                    let power = $table(self.simd, &$powers.value, sixteenths);
                    let value = self.mul_add(self.mul(power, f), polynomial(self, f, &$exp), power);
                    // ·2^⌊k⌋; not less, so that NaN passes
                    let normal = self.simd.avx512f.$cmp::<_CMP_NLT_UQ>(k, self.splat($lowest));
                    self.simd.avx512f.$maskz_scalef(normal, value, k)
                }
                #[inline(always)]
                fn exp2_minus_one<const REST: bool>(self, v: $v, by: Factor<$t>) -> $v {
                    let (k, f, sixteenths) = reduce::<REST>(self, v, by);
                    let power = self.simd.avx512f.$scalef($table(self.simd, &$powers.value, sixteenths), k);
                    let rest = $table(self.simd, &$powers.rest, sixteenths);
                    let relative = self.mul_add(f, polynomial(self, f, &$minus_one), rest);
                    let value = self.mul_add(power, relative, self.sub(power, self.splat(1.0)));
                    let normal = self.simd.avx512f.$cmp::<_CMP_NLT_UQ>(k, self.splat($lowest));
                    self.simd.avx512f.$blend(normal, self.splat(-1.0), value)
                }
            }
        };
    };
}

/// The entries of a table of 16 that the lowest four bits of each lane name.
#[inline(always)]
fn table_f64(simd: V4, table: &[f64; 16], index: __m512i) -> __m512d {
    // SAFETY: 16 doubles are two registers
    let [low, high] = unsafe { transmute::<[f64; 16], [__m512d; 2]>(*table) };
    simd.avx512f._mm512_permutex2var_pd(low, index, high)
}
#[inline(always)]
fn table_f32(simd: V4, table: &[f32; 16], index: __m512i) -> __m512 {
    // SAFETY: 16 floats are one register
    let table = unsafe { transmute::<[f32; 16], __m512>(*table) };
    simd.avx512f._mm512_permutexvar_ps(index, table)
}

/// The lanes of two registers in turn: indices from 8 (or 16) on are of the second one.
#[inline(always)]
fn low_f64() -> __m512i {
    // SAFETY: 8 integers are a register
    unsafe { transmute::<[i64; 8], __m512i>([0, 8, 1, 9, 2, 10, 3, 11]) }
}
#[inline(always)]
fn high_f64() -> __m512i {
    // SAFETY: 8 integers are a register
    unsafe { transmute::<[i64; 8], __m512i>([4, 12, 5, 13, 6, 14, 7, 15]) }
}
#[inline(always)]
fn low_f32() -> __m512i {
    // SAFETY: 16 integers are a register
    unsafe { transmute::<[i32; 16], __m512i>([0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23]) }
}
#[inline(always)]
fn high_f32() -> __m512i {
    // SAFETY: 16 integers are a register
    unsafe { transmute::<[i32; 16], __m512i>([8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31]) }
}

avx512!(
    f64, __m512d, 8,
    { f64, __m512d, avx512f, avx512f: _mm512_set1_pd, _mm512_add_pd, _mm512_sub_pd, _mm512_mul_pd, _mm512_fmadd_pd, _mm512_fnmadd_pd,
      _mm512_min_pd, _mm512_sqrt_pd, _mm512_stream_pd },
    POWERS_F64, NARROW_F64, NARROW_MINUS_ONE_F64, lowest = -1021.5, mantissa = 52, _mm512_fmsub_pd, table_f64,
    _mm512_castpd_si512, _mm512_scalef_pd, _mm512_maskz_scalef_pd, _mm512_cmp_pd_mask, _mm512_mask_blend_pd,
    _mm512_reduce_add_pd, _mm512_permutex2var_pd, low_f64, high_f64
);
avx512!(
    f32, __m512, 16,
    { f32, __m512, avx512f, avx512f: _mm512_set1_ps, _mm512_add_ps, _mm512_sub_ps, _mm512_mul_ps, _mm512_fmadd_ps, _mm512_fnmadd_ps,
      _mm512_min_ps, _mm512_sqrt_ps, _mm512_stream_ps },
    POWERS_F32, NARROW_F32, NARROW_MINUS_ONE_F32, lowest = -125.6, mantissa = 23, _mm512_fmsub_ps, table_f32,
    _mm512_castps_si512, _mm512_scalef_ps, _mm512_maskz_scalef_ps, _mm512_cmp_ps_mask, _mm512_mask_blend_ps,
    _mm512_reduce_add_ps, _mm512_permutex2var_ps, low_f32, high_f32
);
