//! Run-time choice of the vector instructions, and exp on slices.
//!
//! The loops are ordinary Rust over slices; `SimdPath::run` compiles each of them three times, for AVX-512,
//! for AVX2 with FMA and for the portable baseline, and calls the one this processor has. Results differ
//! between paths in the last bits (fused or separate multiply-add), never between runs on one path.

mod exp;

pub use exp::{exp_in_place, expm1_in_place};

/// Which of the two exponential functions.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpFn {
    /// exp(x)
    Exp,
    /// exp(x) − 1 without cancellation
    ExpM1,
}

/// A set of vector instructions the kernels are compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SimdPath {
    /// The baseline of the target, no run-time requirement.
    Portable,
    /// x86-64 with AVX2 and FMA.
    Avx2,
    /// x86-64 with AVX-512 (F, BW, CD, DQ, VL).
    Avx512,
}

/// A loop to be compiled for every path: the body must be `#[inline(always)]`.
pub(crate) trait SimdOp {
    /// What the loop returns.
    type Output;
    /// The loop; `FMA` says whether fused multiply-add is one instruction here.
    fn call<const FMA: bool>(self) -> Self::Output;
}

impl SimdPath {
    /// The best path of this processor.
    pub fn detect() -> Self {
        static BEST: std::sync::OnceLock<SimdPath> = std::sync::OnceLock::new();
        *BEST.get_or_init(|| *Self::available().last().expect("the portable path is always there"))
    }

    /// Every path this processor can run, the best one last.
    pub fn available() -> Vec<Self> {
        let mut paths = vec![Self::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            if pulp::x86::V3::try_new().is_some() {
                paths.push(Self::Avx2);
            }
            if pulp::x86::V4::try_new().is_some() {
                paths.push(Self::Avx512);
            }
        }
        paths
    }

    /// Runs a loop on this path, or on the portable one where the processor lacks it.
    #[inline]
    pub(crate) fn run<Op: SimdOp>(self, op: Op) -> Op::Output {
        #[cfg(target_arch = "x86_64")]
        {
            match self {
                Self::Avx512 => {
                    if let Some(simd) = pulp::x86::V4::try_new() {
                        return simd.vectorize(
                            #[inline(always)]
                            || op.call::<true>(),
                        );
                    }
                }
                Self::Avx2 => {
                    if let Some(simd) = pulp::x86::V3::try_new() {
                        return simd.vectorize(
                            #[inline(always)]
                            || op.call::<true>(),
                        );
                    }
                }
                Self::Portable => {}
            }
        }
        if cfg!(any(target_arch = "aarch64", target_feature = "fma")) {
            op.call::<true>()
        } else {
            op.call::<false>()
        }
    }
}

/// Sum of a slice in 16 interleaved lanes, a fixed order that vector units keep.
#[inline(always)]
pub(crate) fn sum_lanes<T: crate::Real>(values: &[T], term: impl Fn(T) -> T) -> T {
    const LANES: usize = 16;
    let mut lanes = [T::ZERO; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane += term(value);
        }
    }
    for (lane, &value) in lanes.iter_mut().zip(rest) {
        *lane += term(value);
    }
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            lanes[lane] += lanes[lane + width];
        }
        width /= 2;
    }
    lanes[0]
}
