//! Numbers by which passes of different fits are told apart.

use hsic_layer::LayerSolver;

use crate::NetworkParams;
use crate::state::{Tensor, Tensors};

/// FNV-1a over words of 64 bits, from `seed`.
///
/// # Source
/// Fowler, Noll, Vo, the FNV non-cryptographic hash.
struct Fingerprint(u64);

impl Fingerprint {
    fn new(seed: u64) -> Self {
        Self(0xcbf2_9ce4_8422_2325 ^ seed)
    }

    fn word(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(0x0000_0100_0000_01b3);
        // the high bits of a product depend on all others, the low ones on few
        self.0 ^= self.0 >> 32;
    }

    fn text(&mut self, text: &str) {
        text.bytes().for_each(|byte| self.word(byte.into()));
        self.word(text.len() as u64);
    }
}

/// A number that other tensors, or another `seed`, hardly share.
pub(super) fn of_tensors(seed: u64, tensors: &Tensors) -> u64 {
    let mut of = Fingerprint::new(seed);
    for (name, tensor) in tensors {
        of.text(name);
        match tensor {
            Tensor::Matrix(matrix) => {
                of.word(matrix.nrows() as u64);
                matrix.col_iter().for_each(|column| column.iter().for_each(|value| of.word(value.to_bits())));
            }
            Tensor::Codes(codes) => codes.iter().for_each(|&code| of.word(code as u64)),
        }
    }
    of.0
}

/// That of all settings of a fit.
pub(super) fn of_settings<S: LayerSolver>(params: &NetworkParams<S>, width: usize, n_classes: usize) -> u64 {
    let mut of = Fingerprint::new(params.seed);
    of.text(params.solver.name());
    // every field, the solver's too, each number as the shortest text that is it
    of.text(&format!("{params:?}"));
    [width, n_classes].into_iter().for_each(|size| of.word(size as u64));
    of.0
}
