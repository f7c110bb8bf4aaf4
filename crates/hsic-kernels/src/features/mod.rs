//! Random Fourier features: a finite, explicit map whose inner products approximate the Gaussian kernel.

mod sincos;

use faer::{Accum, Mat, MatRef};
use rand::RngExt as _;
use rand_distr::{ChiSquared, Distribution, StandardNormal};

use crate::linalg::{matmul, polar_factor};
use crate::random::Rng;
use crate::simd::SimdPath;
use crate::{Bandwidth, Error, Real, Result};

pub(crate) use sincos::SinesCosines;

/// How the frequencies are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Frequencies {
    /// Independent, ω ~ N(0, I/σ²) (Rahimi and Recht 2007).
    #[default]
    Independent,
    /// Orthogonal in blocks of p with χ_p-distributed lengths: the same expectation, smaller variance (Yu et al.
    /// 2016, Orthogonal random features).
    Orthogonal,
}

/// ψ(z) = √(2/m) [cos ω₁ᵀz, …, cos ω_{m/2}ᵀz, sin ω₁ᵀz, …, sin ω_{m/2}ᵀz].
///
/// ⟨ψ(u), ψ(v)⟩ has mean exp(−‖u−v‖²/2σ²) and, for independent frequencies, variance (1 − k²)²/m with
/// k = exp(−‖u−v‖²/2σ²); every row of ψ has norm 1 since cosines and sines come in pairs.
///
/// ```
/// use faer::mat;
/// use hsic_kernels::{Bandwidth, features::{Frequencies, RandomFeatures}, random::stream};
/// let map = RandomFeatures::<f64>::draw(2, 300, Bandwidth::new(1.0)?, Frequencies::Independent, &mut stream(0, 9, 0))?;
/// let r = map.transform(mat![[0.0, 0.0], [3.0, 4.0]].as_ref())?;
/// assert_eq!((r.nrows(), r.ncols()), (2, 300));
/// # Ok::<(), hsic_kernels::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RandomFeatures<T> {
    /// p × m/2.
    frequencies: Mat<T>,
}

impl<T: Real> RandomFeatures<T> {
    /// Draws a map of p-dimensional rows to `m` features.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless `m` is even and positive.
    ///
    /// # Cost
    /// O(p·m), orthogonal O(p²·m).
    pub fn draw(
        p: usize,
        m: usize,
        sigma: Bandwidth,
        frequencies: Frequencies,
        rng: &mut Rng,
    ) -> Result<Self> {
        if m == 0 || m % 2 == 1 {
            return Err(Error::Parameter {
                name: "the number of random features",
                bound: "even and positive (cosines and sines come in pairs)",
                value: m as f64,
            });
        }
        let unit = match frequencies {
            Frequencies::Independent => gaussian(p, m / 2, rng),
            Frequencies::Orthogonal => orthogonal(p, m / 2, rng)?,
        };
        let scale = 1.0 / sigma.get();
        Ok(Self { frequencies: Mat::from_fn(p, m / 2, |k, j| T::of(unit[(k, j)] * scale)) })
    }

    /// A map of given frequencies, one a column (p × m/2), as [`RandomFeatures::frequencies`] gives them.
    ///
    /// # Errors
    /// [`Error::Parameter`] for no frequency at all, [`Error::NonFinite`].
    pub fn from_frequencies(frequencies: Mat<T>) -> Result<Self> {
        crate::tiles::check_finite(frequencies.as_ref(), "the frequencies")?;
        if frequencies.nrows() == 0 || frequencies.ncols() == 0 {
            let (name, bound) = ("the number of frequencies", "at least 1");
            return Err(Error::Parameter { name, bound, value: 0.0 });
        }
        Ok(Self { frequencies })
    }

    /// Number of features, m.
    pub fn n_features(&self) -> usize {
        2 * self.frequencies.ncols()
    }

    /// Number of columns of an input, p.
    pub fn input_width(&self) -> usize {
        self.frequencies.nrows()
    }

    /// The frequencies, one a column (p × m/2).
    pub fn frequencies(&self) -> MatRef<'_, T> {
        self.frequencies.as_ref()
    }

    /// ψ of every row of `z` (n×p): n×m.
    ///
    /// # Errors
    /// [`Error::Shape`] where `z` has another number of columns, [`Error::NonFinite`].
    ///
    /// # Cost
    /// n·m·p flops and n·m/2 sines and cosines.
    pub fn transform(&self, z: MatRef<'_, T>) -> Result<Mat<T>> {
        if z.ncols() != self.input_width() {
            return Err(Error::Shape {
                operation: "random features",
                left_name: "z",
                left: z.shape(),
                right_name: "the frequencies",
                right: self.frequencies.shape(),
            });
        }
        crate::tiles::check_finite(z, "z")?;
        let half = self.frequencies.ncols();
        let mut r = Mat::zeros(z.nrows(), 2 * half);
        let (mut cosines, sines) = r.split_at_col_mut(half);
        matmul(cosines.as_mut(), Accum::Replace, z, self.frequencies.as_ref(), T::ONE);
        let scale = T::of((1.0 / half as f64).sqrt());
        let path = SimdPath::detect();
        for (cosines, sines) in cosines.col_iter_mut().zip(sines.col_iter_mut()) {
            let columns = (cosines.try_as_col_major_mut(), sines.try_as_col_major_mut());
            let (Some(angles), Some(sines)) = columns else {
                unreachable!("columns of a matrix are contiguous")
            };
            let op = SinesCosines { angles: angles.as_slice_mut(), sines: sines.as_slice_mut(), scale };
            T::sines_cosines(path, op);
        }
        Ok(r)
    }
}

fn gaussian(p: usize, columns: usize, rng: &mut Rng) -> Mat<f64> {
    Mat::from_fn(p, columns, |_, _| rng.sample(StandardNormal))
}

fn orthogonal(p: usize, columns: usize, rng: &mut Rng) -> Result<Mat<f64>> {
    let mut frequencies = Mat::zeros(p, columns);
    let lengths = ChiSquared::new(p.max(1) as f64).expect("positive degrees of freedom");
    let mut start = 0;
    while start < columns && p > 0 {
        // the polar factor of a Gaussian matrix is uniformly distributed over the orthogonal group
        let directions = polar_factor(gaussian(p, p, rng).as_ref())?;
        for j in 0..p.min(columns - start) {
            let length = lengths.sample(rng).sqrt();
            for k in 0..p {
                frequencies[(k, start + j)] = directions[(k, j)] * length;
            }
        }
        start += p;
    }
    Ok(frequencies)
}
