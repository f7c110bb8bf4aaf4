//! Memory that starts at a cache line.

/// A cache line, in bytes.
pub(crate) const LINE: usize = 64;

/// Numbers whose first one starts a cache line, so that whole registers never straddle two.
#[derive(Debug)]
pub(crate) struct Aligned<T> {
    memory: Vec<T>,
    start: usize,
    length: usize,
}

impl<T: Copy + Default> Aligned<T> {
    pub(crate) fn zeros(length: usize) -> Self {
        let memory = vec![T::default(); length + LINE / size_of::<T>()];
        let start = memory.as_ptr().align_offset(LINE).min(LINE / size_of::<T>());
        Self { memory, start, length }
    }

    pub(crate) fn as_slice(&self) -> &[T] {
        &self.memory[self.start..][..self.length]
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.memory[self.start..][..self.length]
    }
}

impl<T: Copy + Default> Clone for Aligned<T> {
    fn clone(&self) -> Self {
        let mut clone = Self::zeros(self.length);
        clone.as_mut_slice().copy_from_slice(self.as_slice());
        clone
    }
}
