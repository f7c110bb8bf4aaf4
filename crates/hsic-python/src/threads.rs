//! Work without the interpreter's lock: on a pool of threads, interruptible, and with no panic that leaves it.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// How often a long computation looks for Ctrl-C.
const LOOK: Duration = Duration::from_millis(50);

/// Threads where a call names none; 0 before it was asked for.
static DEFAULT: AtomicUsize = AtomicUsize::new(0);

/// Pools by process and number of threads: the threads of a pool are not there after a fork.
static POOLS: Mutex<Pools> = Mutex::new(Pools::new());

type Pools = BTreeMap<(u32, usize), Arc<ThreadPool>>;

/// As many as `RAYON_NUM_THREADS` or `OMP_NUM_THREADS` says, at most those of the machine.
fn of_environment() -> usize {
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    let named = |name| std::env::var(name).ok()?.parse::<usize>().ok().filter(|&n| n > 0);
    named("RAYON_NUM_THREADS").or_else(|| named("OMP_NUM_THREADS")).map_or(all, |n| n.min(all))
}

/// Threads that work where a call says nothing.
#[pyfunction]
pub fn get_num_threads() -> usize {
    match DEFAULT.load(Ordering::Relaxed) {
        0 => of_environment(),
        n => n,
    }
}

/// Sets the threads that work where a call says nothing; `None`: as the environment says.
#[pyfunction]
#[pyo3(signature = (n=None))]
pub fn set_num_threads(n: Option<usize>) -> PyResult<()> {
    if n == Some(0) {
        return Err(PyValueError::new_err("n must be at least 1, got 0"));
    }
    DEFAULT.store(n.unwrap_or(0), Ordering::Relaxed);
    Ok(())
}

/// The pool of `n_jobs` threads in joblib's words: −1 all of the machine, −2 all but one.
fn pool(n_jobs: Option<isize>) -> PyResult<Arc<ThreadPool>> {
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    let n = match n_jobs {
        None => get_num_threads(),
        Some(0) => return Err(PyValueError::new_err("n_jobs must be a whole number other than 0, got 0")),
        Some(n) if n < 0 => (all as isize + 1 + n).max(1) as usize,
        Some(n) => n as usize,
    };
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (std::process::id(), n);
    if let Some(pool) = pools.get(&key) {
        return Ok(Arc::clone(pool));
    }
    let pool = ThreadPoolBuilder::new().num_threads(n).thread_name(|i| format!("hsic-{i}")).build();
    let pool = Arc::new(pool.map_err(|error| PyRuntimeError::new_err(error.to_string()))?);
    pools.insert(key, Arc::clone(&pool));
    Ok(pool)
}

fn of_panic(payload: &(dyn Any + Send)) -> PyErr {
    let said = payload.downcast_ref::<&str>().copied();
    let said =
        said.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no reason given");
    PyRuntimeError::new_err(format!("hsic has a bug, please report it: {said}"))
}

/// Computes on borrowed data, without the lock.
pub fn detached<T: Send>(
    py: Python<'_>,
    n_jobs: Option<isize>,
    work: impl FnOnce() -> T + Send,
) -> PyResult<T> {
    let pool = pool(n_jobs)?;
    let outcome = py.detach(|| catch_unwind(AssertUnwindSafe(|| pool.install(work))));
    outcome.map_err(|payload| of_panic(payload.as_ref()))
}

/// Whoever waits for a computation: may be told how far it is, and may have gone.
pub struct Caller {
    gone: Arc<AtomicBool>,
    tell: Option<Box<dyn Fn(String) + Send + Sync>>,
}

struct Stopped;

impl Caller {
    /// Leaves the computation if nobody waits for it.
    pub fn check(&self) {
        if self.gone.load(Ordering::Relaxed) {
            // no panic of a bug: nothing is printed
            resume_unwind(Box::new(Stopped));
        }
    }

    /// Tells a line, if the caller wants to hear any, and leaves the computation if nobody waits for it.
    pub fn tell(&self, line: impl FnOnce() -> String) {
        self.check();
        if let Some(tell) = &self.tell {
            tell(line());
        }
    }
}

enum Message<T> {
    Line(String),
    Done(std::thread::Result<T>),
}

/// Computes on data of its own, without the lock. On Ctrl-C the caller goes at once, the computation at its next
/// [`check`](Caller::check).
pub fn interruptible<T: Send + 'static>(
    py: Python<'_>,
    n_jobs: Option<isize>,
    work: impl FnOnce(&Caller) -> T + Send + 'static,
) -> PyResult<T> {
    told(py, n_jobs, None, work)
}

/// [`interruptible`], with a function of Python that is called with every line that is [told](Caller::tell), on the caller's thread.
pub fn told<T: Send + 'static>(
    py: Python<'_>,
    n_jobs: Option<isize>,
    listener: Option<&Py<PyAny>>,
    work: impl FnOnce(&Caller) -> T + Send + 'static,
) -> PyResult<T> {
    let pool = pool(n_jobs)?;
    let gone = Arc::new(AtomicBool::new(false));
    let (sender, receiver) = channel();
    let lines = sender.clone();
    let tell = move |line| {
        // nobody listens after Ctrl-C
        let _ = lines.send(Message::Line(line));
    };
    let caller = Caller { gone: Arc::clone(&gone), tell: listener.map(|_| Box::new(tell) as Box<_>) };
    std::thread::spawn(move || {
        let outcome = catch_unwind(AssertUnwindSafe(|| pool.install(|| work(&caller))));
        let _ = sender.send(Message::Done(outcome));
    });
    let leave = |_: &PyErr| gone.store(true, Ordering::Relaxed);
    let receiver = Mutex::new(receiver);
    loop {
        let received =
            py.detach(|| receiver.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(LOOK));
        match received {
            Ok(Message::Done(Ok(outcome))) => return Ok(outcome),
            Ok(Message::Done(Err(payload))) if payload.is::<Stopped>() => {
                return Err(PyKeyboardInterrupt::new_err(()));
            }
            Ok(Message::Done(Err(payload))) => return Err(of_panic(payload.as_ref())),
            Ok(Message::Line(line)) => {
                let heard = listener.map_or(Ok(()), |listener| listener.call1(py, (line,)).map(drop));
                heard.and_then(|()| py.check_signals()).inspect_err(leave)?;
            }
            Err(RecvTimeoutError::Timeout) => py.check_signals().inspect_err(leave)?,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(PyRuntimeError::new_err("the computation ended without a result"));
            }
        }
    }
}

/// Panics on a worker, for the test that no panic crosses.
#[pyfunction]
pub fn provoke_panic(py: Python<'_>, owned: bool) -> PyResult<()> {
    if owned {
        interruptible(py, None, |_| panic!("provoked by a test"))
    } else {
        detached(py, None, || panic!("provoked by a test"))
    }
}
