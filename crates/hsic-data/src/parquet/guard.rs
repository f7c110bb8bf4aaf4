//! Damaged bytes: the crate's decoders index what a page declares and panic where it is not there.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use ::parquet::errors::{ParquetError, Result};

thread_local! {
    /// Whether what this thread runs may panic and is caught.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// What `read` gives, a panic as an error. Nothing is printed of it: the hook that prints is asked to pass over this thread
/// meanwhile.
pub(super) fn guarded<T>(read: impl FnOnce() -> Result<T>) -> Result<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let others = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                others(info);
            }
        }));
    });
    let before = GUARDED.replace(true);
    // a reader that panicked is not read again
    let outcome = panic::catch_unwind(AssertUnwindSafe(read));
    GUARDED.set(before);
    outcome.unwrap_or_else(|_| Err(ParquetError::General("its pages contradict themselves".into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_and_others_are_still_told() {
        let caught = guarded(|| -> Result<()> { panic!("within") });
        assert_eq!(caught.unwrap_err().to_string(), "Parquet error: its pages contradict themselves");
        assert_eq!(guarded(|| guarded(|| Ok(1))).unwrap(), 1);
        assert!(!GUARDED.get());
    }
}
