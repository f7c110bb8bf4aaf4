//! Run-time choice of the vector instructions, and exp on slices.
//!
//! The kernels are written once over `Lanes`, the registers of a path, and compiled for AVX-512, for AVX2 with FMA and
//! for the portable baseline; `Real::run` calls the one asked for. Results differ between paths in the last bits,
//! never between runs on one path.

mod exp;
mod lanes;
mod portable;
#[cfg(target_arch = "x86_64")]
pub(crate) mod x86;

pub use exp::{exp_in_place, expm1_in_place};
pub(crate) use lanes::{Factor, Lanes, VectorOp, transpose};
pub(crate) use portable::Portable;

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

    /// Rows of a packed panel: two registers.
    pub(crate) fn panel_rows<T>(self) -> usize {
        let register = if self == Self::Avx512 { 64 } else { 32 };
        2 * register / size_of::<T>()
    }
}

/// `Real::run` for one element type: the portable path also where the processor lacks the one asked for.
macro_rules! run {
    ($t:ident) => {
        #[inline]
        fn run<Op: crate::simd::VectorOp<$t>>(path: crate::simd::SimdPath, op: Op) -> Op::Output {
            #[cfg(target_arch = "x86_64")]
            {
                use crate::simd::SimdPath;
                if path == SimdPath::Avx512
                    && let Some(simd) = pulp::x86::V4::try_new()
                {
                    return simd.vectorize(
                        #[inline(always)]
                        || op.call(crate::simd::x86::Avx512::<$t>::new(simd)),
                    );
                }
                if path == SimdPath::Avx2
                    && let Some(simd) = pulp::x86::V3::try_new()
                {
                    return simd.vectorize(
                        #[inline(always)]
                        || op.call(crate::simd::x86::Avx2::<$t>::new(simd)),
                    );
                }
            }
            let _ = path;
            op.call(crate::simd::Portable)
        }
    };
}
pub(crate) use run;
