"""p-spin energies and gradients beside their peers; threads, precision, streamed couplings."""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
from pathlib import Path

import numpy as np
from peers import jax_outer, torch_einsum
from processors import SHAPES
from threadpoolctl import threadpool_limits
from timing import Work, compare, figure, medians

from numerics.core.threads import ordered
from numerics.pspin import hamiltonian, multisets
from numerics.pspin.couplings import Couplings, random_point


def packed_products(t: np.ndarray, d: int) -> np.ndarray:
    """Products of degree d of the rows of `t` (n, w), colexicographic, built up by slices."""
    out = t
    for degree in range(2, d + 1):
        lower, out = out, np.empty((multisets.count(len(t), degree), t.shape[1]), dtype=t.dtype)
        for k in range(len(t)):
            start, size = multisets.count(k, degree) if k else 0, multisets.count(k + 1, degree - 1)
            out[start : start + size] = lower[:size] * t[k]
    return out


def gradient_works(n: int, p: int, replicas: int, dtype: str) -> list[Work]:
    """Energy and gradient by ours, by one packed product in NumPy, and the product alone."""
    c = hamiltonian.draw(np.random.default_rng(0), n, {p: 1.0}, dtype)
    s = random_point(np.random.default_rng(1), n, replicas).astype(dtype)
    a = c.terms[0][1]
    x = packed_products(np.ascontiguousarray(s.T), p - 1)

    def packed() -> object:
        gradient = (a @ packed_products(np.ascontiguousarray(s.T), p - 1)).T
        return (gradient * s).sum(axis=1) / p, gradient

    return [lambda: hamiltonian.energy_gradient(c, s), packed, lambda: a @ x]


def gradients(repeats: int) -> list[str]:
    """Energies and gradients of p-spin Hamiltonians."""
    lines = []
    for n, p, replicas in SHAPES:
        for dtype in ("float64", "float32"):
            ours, packed, product = gradient_works(n, p, replicas, dtype)
            lines += compare(
                f"p = {p}, N = {n}, {dtype}: energy and gradient of {replicas} replicas",
                ("numerics.pspin.hamiltonian.energy_gradient", replicas, ours),
                [
                    ("GEMM of the same shape alone", replicas, product, ">= 0.85"),
                    ("NumPy packed products and one GEMM", replicas, packed, ""),
                    *others(n, p, replicas, dtype),
                ],
                repeats,
            )
    return lines


def others(n: int, p: int, replicas: int, dtype: str) -> list[tuple[str, int, Work | None, str]]:
    """Gradients (without energies) by other array libraries, written down for p = 3 only."""
    if p != 3:
        return []
    return [
        ("torch einsum, gradient alone", replicas, torch_einsum(n, replicas, dtype), ">= 3"),
        ("JAX jit of the outer product, the same", replicas, jax_outer(n, replicas, dtype), ">= 2"),
    ]


def _ratio(repeats: int) -> float:
    """Ours over the product alone at N = 200, for two processes at once."""
    with threadpool_limits(1):
        ours, _, product = gradient_works(200, 3, 64, "float64")
        mine, alone = medians([ours, product], repeats)
    return (alone or 0.0) / (mine or 1.0)


def two_at_once(repeats: int) -> list[str]:
    """The same ratio in two processes at the same time."""
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        ratios = pool.map(_ratio, [repeats] * 2, chunksize=1)
    line = (
        "Two processes at once, p = 3, N = 200, float64, 64 replicas: ours / GEMM alone "
        + " and ".join(f"{r:.3g}" for r in ratios)
        + " (target >= 0.85)."
    )
    print(line, flush=True)
    return [line, ""]


def threads(repeats: int) -> list[str]:
    """What one thread a chunk costs against one product on all cores, by wall time."""
    n, replicas, cores = 200, 256, os.cpu_count() or 1
    c = hamiltonian.draw(np.random.default_rng(0), n, {3: 1.0})
    s = random_point(np.random.default_rng(1), n, replicas)
    a, x = c.terms[0][1], packed_products(np.ascontiguousarray(s.T), 2)

    def free() -> object:
        with threadpool_limits(cores):
            return a @ x

    def packed() -> object:
        with threadpool_limits(cores):
            gradient = (a @ packed_products(np.ascontiguousarray(s.T), 2)).T
            return (gradient * s).sum(axis=1) / 3, gradient

    def chunks(workers: int) -> Work:
        parts = np.split(s, workers)
        return lambda: list(ordered(lambda t: hamiltonian.energy_gradient(c, t), parts, workers))

    works = [chunks(1), chunks(cores), free, packed]
    names = [
        "ours, one thread",
        f"ours, {cores} chunks on {cores} threads",
        f"one GEMM on {cores} threads, products made before",
        f"the same with its products, NumPy on {cores} threads",
    ]
    spent = medians(works, repeats, time.perf_counter)
    lines = [
        "### Threads: one a chunk, against a GEMM that takes all cores",
        "",
        f"p = 3, N = {n}, float64, {replicas} replicas, wall time.",
        "",
        "| | per second | of the free GEMM |",
        "| --- | ---: | ---: |",
    ]
    for name, seconds in zip(names, spent, strict=True):
        rate = replicas / (seconds or 1.0)
        lines.append(f"| {name} | {figure(rate)} | {(spent[2] or 0.0) / (seconds or 1.0):.3g} |")
    print("\n".join(lines), flush=True)
    return [*lines, ""]


def precision() -> list[str]:
    """Errors of float32 against float64 on the same couplings and points."""
    lines = [
        "### float32 against float64",
        "",
        "Root mean square errors over that of the result, in units of 2^-23; 64 replicas on the "
        "float32 couplings and points. Sums over blocks are in float64.",
        "",
        "| p | N | energy | gradient | gradient by one float32 GEMM |",
        "| ---: | ---: | ---: | ---: | ---: |",
    ]

    def error(x: object, exact: object) -> float:
        x, exact = np.asarray(x, dtype=np.float64), np.asarray(exact)
        return float(np.sqrt(((x - exact) ** 2).mean() / (exact**2).mean()) * 2**23)

    for p, n in ((3, 50), (3, 200), (3, 400), (4, 60), (5, 25)):
        c = hamiltonian.draw(np.random.default_rng(0), n, {p: 1.0}, "float32")
        s = random_point(np.random.default_rng(1), n, 64).astype("float32")
        a = c.terms[0][1]
        wide = Couplings(n, ((p, a.astype(np.float64)),))
        exact = hamiltonian.energy_gradient(wide, s.astype(np.float64))
        ours = hamiltonian.energy_gradient(c, s)
        plain = (a @ packed_products(np.ascontiguousarray(s.T), p - 1)).T
        errors = [error(ours[0], exact[0]), error(ours[1], exact[1]), error(plain, exact[1])]
        lines.append(f"| {p} | {n} | " + " | ".join(f"{e:.2f}" for e in errors) + " |")
    print("\n".join(lines), flush=True)
    return [*lines, ""]


def _peak() -> float:
    """Peak memory of this process in MiB; getrusage would tell that of its parent too on Linux."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _streamed(n: int) -> tuple[float, float, float]:
    """Processor seconds of a gradient of 16 replicas at n, its peak memory in MiB, |grad|^2/n."""
    with threadpool_limits(1):
        # Compiles, at a small size.
        for size in (20, n):
            start = time.process_time()
            c = hamiltonian.draw(
                np.random.default_rng(0), size, {3: 1.0}, "float32", memory=2**31, place="streamed"
            )
            s = random_point(np.random.default_rng(1), size, 16).astype("float32")
            g = hamiltonian.riemannian_gradient(c, s)
            spent = time.process_time() - start
    return spent, _peak(), float((g.astype(np.float64) ** 2).sum(axis=1).mean() / n)


def streaming(repeats: int) -> list[str]:
    """Couplings that are never stored: their price, and N = 2000 in 2 GiB."""
    n, replicas = 200, 256
    stored, streamed = (
        hamiltonian.draw(np.random.default_rng(0), n, {3: 1.0}, place=place)
        for place in ("stored", "streamed")
    )
    s = random_point(np.random.default_rng(1), n, replicas)
    works = [lambda: hamiltonian.energy_gradient(stored, s)]
    works.append(lambda: hamiltonian.energy_gradient(streamed, s))
    one, other = medians(works, repeats)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        spent, peak, norm = pool.apply(_streamed, (2000,))
    lines = [
        "### Couplings drawn at every use",
        "",
        f"p = 3, N = {n}, float64, {replicas} replicas: {(other or 0.0) / (one or 1.0):.3g} times the "
        "time of stored couplings, the same bits.",
        "",
        f"N = 2000, p = 3, float32 (14.9 GiB if stored): the gradient of 16 replicas in {spent:.3g} s; "
        f"peak memory of the process {peak:.0f} MiB (target: 2048); |grad|^2/N = {norm:.4f} "
        "(its law: 3 (1 - 1/N) = 2.9985 with a standard deviation of 3 sqrt(2/N) / 4 = 0.024).",
        "",
    ]
    print("\n".join(lines), flush=True)
    return lines


def sections(repeats: int, out: Path) -> list[str]:
    """Markdown of every comparison of this file."""
    lines = gradients(repeats) + two_at_once(repeats) + threads(repeats)
    return lines + precision() + streaming(max(2, repeats // 3))
