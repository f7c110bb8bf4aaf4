"""The package as a guest of Python: import, threads, Ctrl-C, panics, memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import hsic
from hsic import HSICClassifier, _hsic


def python(code: str, **environment: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={**os.environ, **environment}, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_import_takes_no_scikit_learn():
    assert python("import sys, hsic; print('sklearn' in sys.modules, 'scipy' in sys.modules, 'HSICClassifier' in dir(hsic))") == "False False True\n"


def test_import_is_quick():
    code = "import numpy, dataclasses, json, time; start = time.perf_counter(); import hsic; print(time.perf_counter() - start)"
    assert min(float(python(code)) for _ in range(3)) < 0.15


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'hsic' has no attribute 'HSICRegressor'"):
        hsic.HSICRegressor


@pytest.mark.parametrize("owned", [False, True])
def test_no_panic_crosses(owned):
    with pytest.raises(RuntimeError) as error:
        _hsic.provoke_panic(owned)
    assert str(error.value) == "hsic has a bug, please report it: provoked by a test"
    assert hsic.gram(np.zeros((2, 1)), 1.0).tolist() == [[1.0, 1.0], [1.0, 1.0]]


def test_two_threads_fit_two_estimators(arms):
    X, y = arms
    expected = [HSICClassifier(search=None, random_state=seed).fit(X, y).predict_proba(X) for seed in (0, 1)]
    found = [None, None]

    def fit(seed: int) -> None:
        found[seed] = HSICClassifier(search=None, random_state=seed).fit(X, y).predict_proba(X)

    threads = [threading.Thread(target=fit, args=(seed,)) for seed in (0, 1)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert all(np.array_equal(a, b) for a, b in zip(expected, found))


def test_the_lock_is_released():
    x = np.random.default_rng(0).normal(size=(3000, 5))
    ticks = []
    thread = threading.Thread(target=lambda: hsic.independence_test(x, x, n_permutations=200))
    thread.start()
    while thread.is_alive():
        ticks.append(time.perf_counter())
        time.sleep(0.002)
    assert len(ticks) > 5 and max(np.diff(ticks)) < 0.5


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT to itself")
@pytest.mark.parametrize(
    "work",
    [
        "hsic.independence_test(x, x, n_permutations=100000)",
        "hsic.HSICClassifier(search=None, features='exact', solver='spectral').fit(x, y)",
        "hsic.kernel_times_matrix(np.repeat(x, 30, axis=0), np.repeat(x, 30, axis=0), 1.0)",
        "hsic.HSICClassifier(solver='spectral', verbose=1).fit(x, y)",
    ],
)
def test_an_interruption_is_quick(work):
    code = f"""
import os, signal, threading, time
import numpy as np
import hsic; hsic.HSICClassifier
x = np.random.default_rng(0).normal(size=(4000, 20)); y = (x[:, 0] * x[:, 1] > 0).astype(int)
sent = []
def interrupt():
    time.sleep(0.5)
    sent.append(time.perf_counter())
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt, daemon=True).start()
try:
    {work}
    print("finished")
except KeyboardInterrupt:
    print(time.perf_counter() - sent[0], flush=True)
os._exit(0)
"""
    assert float(python(code).splitlines()[-1]) < 0.5


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT to itself")
def test_an_interrupted_search_leaves_the_processor():
    code = """
import os, signal, threading, time
import numpy as np
import hsic
x = np.random.default_rng(0).normal(size=(1000, 10)); y = (x[:, 0] * x[:, 1] > 0).astype(int)
threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    hsic.HSICClassifier(solver="spectral").fit(x, y)
    print("finished")
except KeyboardInterrupt:
    deadline = time.perf_counter() + 20
    used = 1.0
    while used > 0.02 and time.perf_counter() < deadline:
        start = time.process_time()
        time.sleep(0.2)
        used = time.process_time() - start
    print(used)
    print(hsic.HSICClassifier(search=None, max_layers=1).fit(x[:100], y[:100]).n_iter_)
"""
    used, layers = python(code).split()
    assert float(used) <= 0.02 and layers == "1"


def test_threads_are_what_one_says():
    code = "import hsic; print(hsic.get_num_threads())"
    assert python(code, OMP_NUM_THREADS="1") == "1\n"
    assert python(code, RAYON_NUM_THREADS="1", OMP_NUM_THREADS="2") == "1\n"
    hsic.set_num_threads(1)
    assert hsic.get_num_threads() == 1
    hsic.set_num_threads()
    with pytest.raises(ValueError, match="n must be at least 1, got 0"):
        hsic.set_num_threads(0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_work_after_a_fork():
    code = """
import os, warnings
warnings.simplefilter("ignore")
import numpy as np, hsic
x = np.zeros((300, 2)); hsic.gram(x, 1.0)
child = os.fork()
if child == 0:
    os._exit(0 if hsic.gram(x, 1.0).all() else 3)
print(os.waitpid(child, 0)[1])
"""
    assert python(code) == "0\n"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="VmHWM is Linux's")
def test_a_fit_holds_two_copies_of_a_borrowed_array():
    # 64 MB of rows
    code = """
import numpy as np
from hsic import HSICClassifier
peak = lambda: int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) * 1024
n, d = 10_000, 800
x = np.random.default_rng(0).normal(size=(n, d)); y = (x[:, 0] > 0).astype(int)
HSICClassifier(search=None, max_layers=1, features="random", n_features=16, solver="closed-form").fit(x[:2000], y[:2000])
before = peak()
HSICClassifier(search=None, max_layers=1, features="random", n_features=16, solver="closed-form").fit(x, y)
print((peak() - before) / x.nbytes)
"""
    # two, and what the allocator keeps for 10 ms in case it is asked for again: 3.12 where it gives all back at once 2.55
    assert float(python(code)) < 3.3
