//! What the kernels need of a vector register, on every path.

use crate::Real;

/// The coefficients of one exponential function: 2^f = 1 + f·(c₀ + c₁f + …) for the |f| that a path reduces to.
///
/// `c₀` is ln 2 to the last bit, so that 2^f − 1 keeps its relative accuracy near 0; the others are a weighted minimax
/// fit (mpmath, 160 bits).
pub(super) type Coefficients<T, const N: usize> = [T; N];

/// A factor hi + lo of twice the precision, so that v·(hi + lo) has no more error than v itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Factor<T> {
    /// The nearest number.
    pub hi: T,
    /// What it lacks.
    pub lo: T,
}

/// Vector registers of `T`. A value of this type is the proof that the processor has them.
///
/// All methods are `#[inline(always)]`: they become single instructions inside [`VectorOp::call`].
pub trait Lanes<T>: Copy {
    /// A register.
    type V: Copy;
    /// Numbers in a register.
    const LANES: usize;
    /// Columns of the micro-kernel: as many as there are registers for two of accumulators each.
    const COLUMNS: usize;

    /// `value` in every lane.
    fn splat(self, value: T) -> Self::V;
    /// a + b.
    fn add(self, a: Self::V, b: Self::V) -> Self::V;
    /// a − b.
    fn sub(self, a: Self::V, b: Self::V) -> Self::V;
    /// a·b.
    fn mul(self, a: Self::V, b: Self::V) -> Self::V;
    /// a·b + c, fused where that is one instruction.
    fn mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// c − a·b, fused where that is one instruction.
    fn neg_mul_add(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// The smaller of each lane.
    fn min(self, a: Self::V, b: Self::V) -> Self::V;
    /// The square root of each lane.
    fn sqrt(self, a: Self::V) -> Self::V;
    /// The sum of all lanes, in a fixed order.
    fn sum(self, a: Self::V) -> T;
    /// Whether some lane is at most `limit`.
    fn any_at_most(self, a: Self::V, limit: T) -> bool;
    /// Lanes of `a` and `b` in turn: the first halves, and the second halves.
    fn interleave(self, a: Self::V, b: Self::V) -> (Self::V, Self::V);
    /// 2^(v·by) where that is at most 1; 0 at underflow, NaN stays NaN. Without `REST`, `by.lo` is left out, whose part in
    /// the result is that of a relative error of eps/2 in v.
    fn exp2<const REST: bool>(self, v: Self::V, by: Factor<T>) -> Self::V;
    /// 2^(v·by) − 1 without cancellation.
    fn exp2_minus_one<const REST: bool>(self, v: Self::V, by: Factor<T>) -> Self::V;
    /// Writes past the caches.
    ///
    /// # Safety
    /// `to` is valid for writes of a register and aligned to one; [`Lanes::fence`] comes before another thread reads.
    unsafe fn stream(self, to: *mut T, value: Self::V);
    /// Makes earlier streamed writes visible in order.
    fn fence(self);

    /// Reads a register.
    ///
    /// # Safety
    /// `from` is valid for reads of a register, of any alignment.
    #[inline(always)]
    unsafe fn load(self, from: *const T) -> Self::V {
        // SAFETY: of the caller
        unsafe { from.cast::<Self::V>().read_unaligned() }
    }
    /// Writes a register.
    ///
    /// # Safety
    /// `to` is valid for writes of a register, of any alignment.
    #[inline(always)]
    unsafe fn store(self, to: *mut T, value: Self::V) {
        // SAFETY: of the caller
        unsafe { to.cast::<Self::V>().write_unaligned(value) }
    }
}

/// A kernel to be compiled for every path: `call` and all it calls must be `#[inline(always)]`.
pub trait VectorOp<T: Real> {
    /// What the kernel returns.
    type Output;
    /// The kernel.
    fn call<S: Lanes<T>>(self, simd: S) -> Self::Output;
}

/// Transposes LANES rows of LANES registers in place: log₂ LANES rounds of interleaving. `BLOCK` is LANES.
#[inline(always)]
pub(crate) fn transpose<T, S: Lanes<T>, const BLOCK: usize>(
    simd: S,
    mut rows: [S::V; BLOCK],
) -> [S::V; BLOCK] {
    let mut round = 1;
    while round < BLOCK {
        let before = rows;
        for i in 0..BLOCK / 2 {
            (rows[2 * i], rows[2 * i + 1]) = simd.interleave(before[i], before[i + BLOCK / 2]);
        }
        round *= 2;
    }
    rows
}
