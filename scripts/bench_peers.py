#!/usr/bin/env python3
"""Times scikit-learn, PyTorch and KeOps on the CPU beside hsic-kernels: the same sizes, in the same minutes, with the same
number of threads. Prints a table of seconds and ratios.

    python3 scripts/bench_peers.py [--threads N] [--venv DIR] [NAME...]

NAME is gram, product, hsic, gemm or exp; all by default. Peers are installed with pip into a virtual environment
(target/peers by default); one that cannot be installed is named and left out. Each time is the best of a few runs."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import venv

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEERS = {"scikit-learn": ["scikit-learn"], "PyTorch": ["torch"], "KeOps": ["torch", "pykeops"]}

# run by the interpreter of the virtual environment: peer, threads
CHILD = """
import sys, time, json
peer, threads, wanted = sys.argv[1], int(sys.argv[2]), set(sys.argv[3].split(","))
import numpy as np
def best(runs, work):
    times = []
    for _ in range(runs):
        start = time.perf_counter(); work(); times.append(time.perf_counter() - start)
    return min(times)
out = {}
rng = np.random.default_rng(1)
if peer == "scikit-learn" and "gram" in wanted:
    from sklearn.metrics.pairwise import rbf_kernel
    for d in (16, 784):
        x = rng.standard_normal((8192, d))
        out[f"gram/n=8192/d={d}/f64"] = best(3, lambda: rbf_kernel(x, gamma=1.0 / d))
elif peer == "PyTorch" and "gram" in wanted:
    import torch
    torch.set_num_threads(threads)
    for d in (16, 784):
        x = torch.from_numpy(rng.standard_normal((8192, d)))
        out[f"gram/n=8192/d={d}/f64"] = best(3, lambda: torch.cdist(x, x).square_().mul_(-1.0 / d).exp_())
elif peer == "KeOps" and "product" in wanted:
    import torch
    torch.set_num_threads(threads)
    from pykeops.torch import LazyTensor
    n, d = 50_000, 16
    x = torch.from_numpy(rng.standard_normal((n, d)).astype(np.float32)).contiguous()
    v = torch.from_numpy(rng.standard_normal((n, 10)).astype(np.float32)).contiguous()
    def work():
        k = (-((LazyTensor(x[:, None, :]) - LazyTensor(x[None, :, :])) ** 2).sum(-1) / d).exp()
        return k @ v
    small = x[:100]
    ((-((LazyTensor(small[:, None, :]) - LazyTensor(small[None, :, :])) ** 2).sum(-1) / d).exp() @ v[:100])
    out["kernel_times_matrix/n=50000/d=16/q=10/f32"] = best(1, work)
print(json.dumps(out))
"""


def environment(threads):
    """Ours without what slows a current OpenBLAS, and with the number of threads."""
    env = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        env[name] = str(threads)
    return env


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--venv", type=pathlib.Path, default=ROOT / "target" / "peers")
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    wanted = args.names or ["exp", "gram", "gemm", "hsic", "product"]
    subprocess.run(["cargo", "build", "--release", "-q", "-p", "hsic-kernels", "--example", "peers"], cwd=ROOT, check=True)
    python = args.venv / "bin" / "python"
    if not python.exists():
        venv.create(args.venv, with_pip=True)
    ours = subprocess.run(
        [ROOT / "target/release/examples/peers", str(args.threads), *wanted], check=True, capture_output=True, text=True
    )
    ours = json.loads(ours.stdout)
    print(f"{args.threads} threads\n\n{'hsic-kernels':44} seconds")
    for name, time in ours.items():
        print(f"{name:44} {time:.4f}")
    print()
    for peer, packages in PEERS.items():
        pip = subprocess.run([python, "-m", "pip", "install", "-q", *packages], capture_output=True, text=True)
        if pip.returncode != 0:
            print(f"{peer}: cannot be installed: {pip.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
            continue
        run = subprocess.run(
            [python, "-c", CHILD, peer, str(args.threads), ",".join(wanted)],
            env=environment(args.threads), capture_output=True, text=True,
        )
        if run.returncode != 0:
            print(f"{peer}: failed: {run.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
            continue
        for name, time in json.loads(run.stdout.strip().splitlines()[-1]).items():
            print(f"{peer:14} {name:44} {time:9.4f}   {time / ours[name]:6.1f} times ours")


if __name__ == "__main__":
    main()
