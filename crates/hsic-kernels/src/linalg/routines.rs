//! The routines of faer that everything here is made of, each on one thread and with the registers cleared after.

use faer::diag::Diag;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt;
use faer::linalg::matmul::{matmul as faer_matmul, triangular, triangular::BlockStructure};
use faer::linalg::triangular_solve::{solve_lower_triangular_in_place, solve_upper_triangular_in_place};
use faer::linalg::{evd, svd};
use faer::{Accum, Mat, MatMut, MatRef, Par};

use super::ThinSvd;
use crate::{Error, Real, Result};

/// As [`matmul`](super::matmul).
pub(crate) fn matmul<T: Real>(
    dst: MatMut<'_, T>,
    accumulate: Accum,
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
    alpha: T,
) {
    faer_matmul(dst, accumulate, a, b, alpha, Par::Seq);
    clear_upper_registers();
}

/// As [`add_lower_product`](super::add_lower_product).
pub(crate) fn add_lower_product<T: Real>(dst: MatMut<'_, T>, a: MatRef<'_, T>, b: MatRef<'_, T>) {
    let (full, lower) = (BlockStructure::Rectangular, BlockStructure::TriangularLower);
    triangular::matmul(dst, lower, Accum::Add, a.transpose(), full, b, full, T::ONE, Par::Seq);
    clear_upper_registers();
}

/// As [`symmetric_eigen`](super::symmetric_eigen), of finite numbers.
pub(crate) fn symmetric_eigen<T: Real>(a: MatRef<'_, T>) -> Result<(Vec<T>, Mat<T>)> {
    let n = a.nrows();
    let (mut values, mut vectors) = (Diag::zeros(n), Mat::zeros(n, n));
    let scratch =
        evd::self_adjoint_evd_scratch::<T>(n, evd::ComputeEigenvectors::Yes, Par::Seq, Default::default());
    let outcome = evd::self_adjoint_evd(
        a,
        values.as_mut(),
        Some(vectors.as_mut()),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Default::default(),
    );
    clear_upper_registers();
    outcome.map_err(|_| Error::NoConvergence { operation: "the symmetric eigenproblem", size: n })?;
    let values = values.column_vector().iter().rev().copied().collect();
    Ok((values, Mat::from_fn(n, n, |i, j| vectors[(i, n - 1 - j)])))
}

/// As [`thin_svd`](super::thin_svd), of finite numbers.
pub(crate) fn thin_svd<T: Real>(a: MatRef<'_, T>) -> Result<ThinSvd<T>> {
    let (m, n) = a.shape();
    let k = m.min(n);
    let (mut u, mut s, mut v) = (Mat::zeros(m, k), Diag::zeros(k), Mat::zeros(n, k));
    let thin = svd::ComputeSvdVectors::Thin;
    let scratch = svd::svd_scratch::<T>(m, n, thin, thin, Par::Seq, Default::default());
    let outcome = svd::svd(
        a,
        s.as_mut(),
        Some(u.as_mut()),
        Some(v.as_mut()),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Default::default(),
    );
    clear_upper_registers();
    outcome.map_err(|_| Error::NoConvergence { operation: "the singular value decomposition", size: k })?;
    Ok(ThinSvd { u, s: s.column_vector().iter().copied().collect(), v })
}

/// L in the lower triangle of A = LLᵀ, which only the lower triangle is read of.
pub(crate) fn cholesky<T: Real>(a: &mut Mat<T>) -> Result<()> {
    let n = a.nrows();
    let scratch = llt::factor::cholesky_in_place_scratch::<T>(n, Par::Seq, Default::default());
    let outcome = llt::factor::cholesky_in_place(
        a.as_mut(),
        Default::default(),
        Par::Seq,
        MemStack::new(&mut MemBuffer::new(scratch)),
        Default::default(),
    );
    clear_upper_registers();
    outcome.map(drop).map_err(|_| Error::NoConvergence { operation: "the Cholesky decomposition", size: n })
}

/// X := L⁻¹X for a lower triangular L.
pub(crate) fn solve_lower<T: Real>(l: MatRef<'_, T>, x: MatMut<'_, T>) {
    solve_lower_triangular_in_place(l, x, Par::Seq);
    clear_upper_registers();
}

/// X := U⁻¹X for an upper triangular U.
pub(crate) fn solve_upper<T: Real>(u: MatRef<'_, T>, x: MatMut<'_, T>) {
    solve_upper_triangular_in_place(u, x, Par::Seq);
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
