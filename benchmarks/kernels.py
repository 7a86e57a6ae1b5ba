"""GOE, Kac-Rice and p-spin kernels beside their peers."""

from __future__ import annotations

import multiprocessing
import os
import time
import tracemalloc
from pathlib import Path

import numpy as np
import scipy.linalg
from threadpoolctl import threadpool_limits
from timing import Work, compare, figure, medians

import numerics
from numerics import goe, hamiltonian, tridiagonal
from numerics.packed import products
from numerics.streams import stream


def edges(repeats: int) -> list[str]:
    """Lowest five eigenvalues of GOE(1000)."""
    n, k = 1000, 5
    rng = np.random.default_rng(0)
    key = tridiagonal.key_of(rng)
    shapes = np.arange(n - 1, 0, -1) / 2

    def drawn(samples: int, rows: int) -> list[object]:
        d = rng.standard_normal((samples, rows)) / n**0.5
        e = np.sqrt(rng.standard_gamma(shapes[: rows - 1], (samples, rows - 1)) / n)
        return [
            scipy.linalg.eigvalsh_tridiagonal(x, y, select="i", select_range=(0, k - 1))
            for x, y in zip(d, e, strict=True)
        ]

    return compare(
        "Lowest 5 eigenvalues of GOE(1000), drawing included",
        ("numerics.sample_goe", 3200, lambda: tridiagonal.lowest_drawn(key, n, 3200, k)),
        [
            ("SciPy stebz on Dumitriu-Edelman", 20, lambda: drawn(20, n), ">= 10"),
            (
                "the same on the rows of `edge_rows`",
                20,
                lambda: drawn(20, tridiagonal.edge_rows(n, k)),
                "",
            ),
            (
                "NumPy dense eigvalsh",
                1,
                lambda: goe.eigenvalues_dense(goe.dense(rng, n, 1))[:, :k],
                "",
            ),
            ("scikit-rmt", 1, None, ""),
        ],
        repeats,
    )


def determinants(repeats: int) -> list[str]:
    """Log-determinant and index of a shifted GOE(500)."""
    n, samples = 500, 3200
    rng = np.random.default_rng(0)
    key = tridiagonal.key_of(rng)
    one, nine = np.full((samples, 1), -1.3), np.tile(np.linspace(-1.3, 0, 9), (samples, 1))

    def dense() -> object:
        x = goe.eigenvalues_dense(goe.dense(rng, n, 4)) + 1.3
        return np.log(np.abs(x)).sum(axis=1), (x < 0).sum(axis=1)

    lines = compare(
        "Log-determinant and index of a shifted GOE(500), drawing included",
        ("numerics.tridiagonal.sweep_drawn", samples, lambda: tridiagonal.sweep_drawn(key, n, one)),
        [("NumPy dense eigvalsh", 4, dense, ">= 1500")],
        repeats,
    )
    first, all_nine = medians(
        [
            lambda: tridiagonal.sweep_drawn(key, n, one),
            lambda: tridiagonal.sweep_drawn(key, n, nine),
        ],
        repeats,
    )
    rate = 8 * samples / ((all_nine or 0.0) - (first or 0.0))
    line = f"A further level on the same sample: {figure(rate)} per second (target >= 400,000)."
    print(line, flush=True)
    return [*lines, line, ""]


def gradient_works(n: int, p: int, replicas: int, dtype: str) -> list[Work]:
    """Energy and gradient by ours, by one packed product in NumPy, and the product alone."""
    c = hamiltonian.draw(np.random.default_rng(0), n, {p: 1.0}, dtype)
    s = hamiltonian.random_point(np.random.default_rng(1), n, replicas).astype(dtype)
    a = c.terms[0][1]
    x = products(np.ascontiguousarray(s.T), p - 1)

    def packed() -> object:
        gradient = (a @ products(np.ascontiguousarray(s.T), p - 1)).T
        return (gradient * s).sum(axis=1) / p, gradient

    return [lambda: hamiltonian.energy_gradient(c, s), packed, lambda: a @ x]


def gradients(repeats: int) -> list[str]:
    """Energies and gradients of p-spin Hamiltonians."""
    lines = []
    for n, p, replicas in ((200, 3, 16), (200, 3, 256), (100, 3, 128), (50, 4, 128), (25, 5, 128)):
        for dtype in ("float64", "float32"):
            ours, packed, product = gradient_works(n, p, replicas, dtype)
            lines += compare(
                f"p = {p}, N = {n}, {dtype}: energy and gradient of {replicas} replicas",
                ("numerics.hamiltonian.energy_gradient", replicas, ours),
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


def rare_counts() -> list[str]:
    """Counts far below one, by index and level."""
    lines = [
        "### Mean numbers of critical points by index (numerics.layer_count, 131072 draws)",
        "",
        "Target: order e^-50 with a relative error under 5 % in a minute.",
        "",
        "| model | N | k | H/N below | log of the mean | relative error | seconds |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    mixed = {3: 0.5, 4: 0.5}
    cases = [({3: 1.0}, 100, 0, -2.05), ({3: 1.0}, 100, 1, -1.88), ({3: 1.0}, 100, 3, -1.72)]
    cases += [({4: 1.0}, 100, 2, -1.9), (mixed, 100, 1, -1.95), (mixed, 60, 3, -1.9)]
    for model, n, k, below in cases:
        start = time.process_time()
        c = numerics.layer_count(n, model, k, below=below)
        spent = time.process_time() - start
        name = " + ".join(f"{'' if a == 1 else a} q^{p}".strip() for p, a in model.items())
        lines.append(
            f"| {name} | {n} | {k} | {below} | {c.log_mean:.3f} | {c.relative_stderr:.2g} "
            f"| {spent:.2g} |"
        )
    print("\n".join(lines), flush=True)
    return [*lines, ""]


def scaling(repeats: int, out: Path) -> list[str]:
    """Cost against N, p and samples: fitted exponents, a figure."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    key = tridiagonal.key_of(stream(0, "bench").generator())

    def level(n: int) -> Work:
        return lambda: tridiagonal.sweep_drawn(key, n, np.full((320, 1), -1.0))

    def edge(n: int) -> Work:
        return lambda: tridiagonal.lowest_drawn(key, n, 64, 5)

    def gradient(p: int, n: int) -> Work:
        return gradient_works(n, p, 64, "float64")[0]

    def count(samples: int) -> Work:
        return lambda: numerics.mean_count(50, {3: 1.0}, samples)

    curves = [
        ("lowest 5 of GOE(N)", "1/3", [10**e for e in (3, 4, 5, 6, 7, 8, 9)], edge, 64),
        ("log-determinant of GOE(N)", "1", [100, 300, 1000, 3000, 10_000], level, 320),
        ("gradient, p = 3", "3", [50, 80, 120, 200], lambda n: gradient(3, n), 64),
        ("gradient, p = 4", "4", [20, 30, 45, 60], lambda n: gradient(4, n), 64),
        ("mean_count, samples", "1", [10_000, 40_000, 160_000], count, 1),
    ]
    lines = ["### How cost grows", "", "| | from | to | exponent | expected |"]
    lines.append("| --- | ---: | ---: | ---: | ---: |")
    figure_, axes = pyplot.subplots(figsize=(7, 4.5), layout="constrained")
    for name, expected, sizes, work, units in curves:
        seconds = [s or 0.0 for s in medians([work(n) for n in sizes], max(3, repeats // 2))]
        slope = float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])
        lines.append(f"| {name} | {sizes[0]:,} | {sizes[-1]:,} | {slope:.2f} | {expected} |")
        axes.loglog(sizes, np.array(seconds) / units, "o-", label=f"{name}: {slope:.2f}")
    axes.set(xlabel="N, or samples", ylabel="processor seconds a sample (a call: mean_count)")
    axes.legend(fontsize=8)
    figure_.savefig(out / "scaling.png", dpi=120)
    peaks = []
    for samples in (20_000, 200_000):
        tracemalloc.start()
        numerics.mean_count(50, {3: 1.0}, samples)
        peaks.append(tracemalloc.get_traced_memory()[1] / 2**20)
        tracemalloc.stop()
    lines += [
        "",
        f"Peak memory of mean_count at N = 50: {peaks[0]:.2f} MiB for 20,000 samples, "
        f"{peaks[1]:.2f} MiB for 200,000.",
        "",
        "![Cost against size](scaling.png)",
        "",
    ]
    print("\n".join(lines), flush=True)
    return lines


def sections(repeats: int, out: Path) -> list[str]:
    """Markdown of every comparison of this file."""
    lines = edges(repeats) + determinants(repeats) + gradients(repeats)
    return lines + two_at_once(repeats) + rare_counts() + scaling(repeats, out)
