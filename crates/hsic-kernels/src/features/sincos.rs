//! Sine and cosine of a column of angles in one pass of vector code.

use crate::Real;
use crate::simd::{Lanes, VectorOp};

/// Replaces angles by their scaled cosines and writes their scaled sines beside them.
///
/// # Units
/// Within 2 units in the last place of 1 of the exact values, at any angle.
pub struct SinesCosines<'a, T> {
    /// Angles in radians, replaced by `scale`·cos.
    pub angles: &'a mut [T],
    /// `scale`·sin.
    pub sines: &'a mut [T],
    pub scale: T,
}

/// Up to this angle its multiple of π/2 times a 33-bit number is exact.
const LARGEST: f64 = 1e6;

/// π/2 in parts of 33 bits, and what is left of it.
const HALF_PI: [f64; 4] = [
    1.570_796_326_734_125_6,
    6.077_100_506_303_966e-11,
    2.022_266_248_711_166_5e-21,
    8.478_427_660_368_9e-32,
];

/// −1/3!, 1/5!, …: the error of the series is below a unit in the last place for |x| ≤ π/4.
const SINE: [f64; 7] = [
    -1.0 / 6.0,
    1.0 / 120.0,
    -1.0 / 5_040.0,
    1.0 / 362_880.0,
    -1.0 / 39_916_800.0,
    1.0 / 6_227_020_800.0,
    -1.0 / 1_307_674_368_000.0,
];

/// 1/4!, −1/6!, …
const COSINE: [f64; 7] = [
    1.0 / 24.0,
    -1.0 / 720.0,
    1.0 / 40_320.0,
    -1.0 / 3_628_800.0,
    1.0 / 479_001_600.0,
    -1.0 / 87_178_291_200.0,
    1.0 / 20_922_789_888_000.0,
];

/// Both of an angle up to [`LARGEST`], written without branches so that a loop over it becomes vector code, and without fused
/// operations: the bits are those of every path.
#[inline(always)]
fn sine_cosine(angle: f64) -> (f64, f64) {
    // adding `ROUND` leaves the nearest multiple k of π/2 in the low bits of the sum
    const ROUND: f64 = 1.5 * (1_u64 << 52) as f64;
    let shifted = angle * std::f64::consts::FRAC_2_PI + ROUND;
    let k = shifted - ROUND;
    let mut x = angle;
    for part in HALF_PI {
        x -= k * part;
    }
    let square = x * x;
    let (mut sine, mut cosine) = (SINE[6], COSINE[6]);
    for i in (0..6).rev() {
        sine = sine * square + SINE[i];
        cosine = cosine * square + COSINE[i];
    }
    let sine = sine * square * x + x;
    let cosine = cosine * square * square + (1.0 - 0.5 * square);
    let quadrant = shifted.to_bits();
    let (of_sine, of_cosine) = if quadrant & 1 == 0 { (sine, cosine) } else { (cosine, sine) };
    // the sign bit: sines of quadrants 2 and 3 are turned, cosines of 1 and 2
    let turn = |value: f64, bit: u64| f64::from_bits(value.to_bits() ^ ((bit & 2) << 62));
    (turn(of_sine, quadrant), turn(of_cosine, quadrant + 1))
}

impl<T: Real> VectorOp<T> for SinesCosines<'_, T> {
    type Output = ();
    #[inline(always)]
    fn call<S: Lanes<T>>(self, _: S) {
        let Self { angles, sines, scale } = self;
        let largest = angles.iter().fold(0.0_f64, |top, angle| {
            let angle = angle.as_f64().abs();
            if angle > top { angle } else { top }
        });
        if largest > LARGEST {
            for (angle, sine) in angles.iter_mut().zip(sines) {
                let (s, c) = angle.as_f64().sin_cos();
                (*angle, *sine) = (T::of(c) * scale, T::of(s) * scale);
            }
            return;
        }
        for (angle, sine) in angles.iter_mut().zip(sines) {
            let (s, c) = sine_cosine(angle.as_f64());
            (*angle, *sine) = (T::of(c) * scale, T::of(s) * scale);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::SimdPath;

    fn run<T: Real>(path: SimdPath, op: SinesCosines<'_, T>) {
        T::run(path, op);
    }

    #[test]
    fn both_are_within_two_units_in_the_last_place_of_one_on_every_path() {
        let mut angles: Vec<f64> = (-200_000..200_000).map(|i| f64::from(i) * 1e-3).collect();
        angles.extend((0..300).flat_map(|i| [1.1_f64.powi(i - 200), -(1.1_f64.powi(i - 150))]));
        // multiples of π/2, where the reduction cancels most
        angles.extend((0..2000).map(|i| f64::from(i * 317) * std::f64::consts::FRAC_PI_2));
        for path in SimdPath::available() {
            for chunk in angles.chunks(1000) {
                let (mut cosines, mut sines) = (chunk.to_vec(), vec![0.0; chunk.len()]);
                run(path, SinesCosines { angles: &mut cosines, sines: &mut sines, scale: 1.0 });
                for (i, angle) in chunk.iter().enumerate() {
                    let (s, c) = angle.sin_cos();
                    let error = (sines[i] - s).abs().max((cosines[i] - c).abs());
                    assert!(error <= 2.0 * f64::EPSILON, "{path:?}: {error:e} at {angle}");
                }
                let single: Vec<f32> = chunk.iter().map(|&angle| angle as f32).collect();
                let (mut cosines, mut sines) = (single.clone(), vec![0.0; chunk.len()]);
                run(path, SinesCosines { angles: &mut cosines, sines: &mut sines, scale: 0.5 });
                for (i, &angle) in single.iter().enumerate() {
                    let (s, c) = f64::from(angle).sin_cos();
                    let error =
                        (f64::from(sines[i]) - s / 2.0).abs().max((f64::from(cosines[i]) - c / 2.0).abs());
                    assert!(error <= f64::from(f32::EPSILON), "{path:?}: {error:e} at {angle}");
                }
            }
        }
    }
}
