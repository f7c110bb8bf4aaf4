//! The one place a matrix product is issued from.

use faer::linalg::matmul::matmul as faer_matmul;
use faer::{Accum, MatMut, MatRef, Par};

use crate::Real;

/// `dst = alpha · a · b`, or `dst += alpha · a · b` with [`Accum::Add`], on the calling thread.
///
/// Every product of the workspace goes through here: faer's GEMM leaves the upper halves of the AVX registers
/// dirty, after which scalar `exp` and its like run 10 to 100 times slower, in other threads too; this clears
/// them. One thread, because parallelism comes from tiles and folds, and a product split over threads would
/// be summed in another order.
///
/// # Panics
/// If the shapes do not fit.
///
/// # Cost
/// 2·m·n·k flops.
pub fn matmul<T: Real>(dst: MatMut<'_, T>, accumulate: Accum, a: MatRef<'_, T>, b: MatRef<'_, T>, alpha: T) {
    faer_matmul(dst, accumulate, a, b, alpha, Par::Seq);
    clear_upper_registers();
}

/// Clears the upper halves of the AVX registers; call it after any faer routine that multiplies matrices.
pub fn clear_upper_registers() {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx") {
        // SAFETY: the processor has AVX, checked above; the instruction only clears upper halves, which no
        // Rust value occupies across a call.
        unsafe { std::arch::x86_64::_mm256_zeroupper() };
    }
}
