"""Other libraries at the same work; each None where it is not installed: "not measured"."""

from __future__ import annotations

import os
import subprocess

import numpy as np
from timing import Work


def scikit_rmt(n: int, tridiagonal: bool = False) -> float | None:
    """Seconds for all eigenvalues of a GOE(n) matrix by scikit-rmt, which has no partial spectrum.

    Its pins ask for an environment of its own: the interpreter that the variable SCIKIT_RMT names
    measures processor seconds there, one thread, the median of nine after one that is not counted.
    """
    python = os.environ.get("SCIKIT_RMT")
    if python is None:
        return None
    code = f"""
import time
from skrmt.ensemble import GaussianEnsemble
matrix = GaussianEnsemble(beta=1, n={n}, tridiagonal_form={tridiagonal})
spent = []
for _ in range(10):
    start = time.process_time()
    matrix.resample()
    matrix.eigvals()
    spent.append(time.process_time() - start)
print(sorted(spent[1:])[4])
"""
    threads = {f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}
    run = subprocess.run(
        [python, "-c", code], env=os.environ | threads, capture_output=True, text=True, check=True
    )
    return float(run.stdout)


def torch_einsum(n: int, replicas: int, dtype: str) -> Work | None:
    """The gradient by torch's einsum with the full tensor, if there is torch."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    kind = getattr(torch, dtype)
    x, s = torch.randn(n, n, n, dtype=kind), torch.randn(replicas, n, dtype=kind)
    return lambda: torch.einsum("ijk,rj,rk->ri", x, s, s)


def jax_outer(n: int, replicas: int, dtype: str) -> Work | None:
    """The gradient by a JAX jit of one GEMM with the outer products, if there is JAX."""
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    try:
        import jax
    except ImportError:
        return None
    jax.config.update("jax_enable_x64", True)
    rng = np.random.default_rng(0)
    x = jax.numpy.asarray(rng.standard_normal((n * n, n)).astype(dtype))
    s = jax.numpy.asarray(rng.standard_normal((replicas, n)).astype(dtype))
    # The matrix is an argument: as a constant it would be folded.
    f = jax.jit(lambda s, x: (s[:, :, None] * s[:, None, :]).reshape(len(s), -1) @ x)
    return lambda: f(s, x).block_until_ready()
