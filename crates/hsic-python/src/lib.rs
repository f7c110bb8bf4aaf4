//! The native half of the Python package `hsic`: arrays in, arrays out. Its module `_hsic` is private; what users see is in `python/`.

mod arrays;
mod distributed;
mod errors;
mod fit;
mod functions;
mod model;
mod parameters;
mod partitions;
mod tables;
mod threads;
mod words;

/// Of the native half alone. Dask's workers tell the system's allocator to give all memory back at once, and then most of the time of a
/// pass is that of new pages for the next block of rows.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The native half of the package hsic.
#[pyo3::pymodule]
mod _hsic {
    #[pymodule_export]
    use super::distributed::{FitMachine, Standardiser, columns_pass, merge, pass_kind, run};
    #[pymodule_export]
    use super::functions::{
        cross_gram, gram, hsic_of_labels, hsic_of_samples, independence_of_labels, independence_of_samples,
        kernel_times_matrix, median_bandwidth, random_features,
    };
    #[pymodule_export]
    use super::model::Model;
    #[pymodule_export]
    use super::parameters::parameters;
    #[pymodule_export]
    use super::partitions::{TableFit, encode_partition, merge_partitions, run_partition};
    #[pymodule_export]
    use super::tables::inspect_table;
    #[pymodule_export]
    use super::threads::{get_num_threads, provoke_panic, set_num_threads};
    #[pymodule_export]
    #[allow(non_upper_case_globals)]
    const __version__: &str = env!("CARGO_PKG_VERSION");

    #[pymodule_init]
    fn init() -> pyo3::PyResult<()> {
        super::words::set();
        Ok(())
    }
}
