"""GOE and Kac-Rice kernels beside their peers, and how cost grows."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import numpy as np
import scipy.linalg
from peers import scikit_rmt
from pspin import gradient_works
from timing import Work, compare, figure, medians

import numerics
import theory
from numerics.core.streams import key_of, stream
from numerics.goe import samplers, tridiagonals


def edge_works(rows: int | None = None) -> list[tuple[int, Work]]:
    """Lowest five eigenvalues of GOE(1000), drawing included: so many by ours, by SciPy's stebz."""
    n, k, samples = 1000, 5, 20
    rng = np.random.default_rng(0)
    key, rows = key_of(rng), rows or n
    shapes = np.arange(n - 1, 0, -1)[: rows - 1] / 2

    def drawn() -> list[object]:
        d = rng.standard_normal((samples, rows)) / n**0.5
        e = np.sqrt(rng.standard_gamma(shapes, (samples, rows - 1)) / n)
        return [
            scipy.linalg.eigvalsh_tridiagonal(x, y, select="i", select_range=(0, k - 1))
            for x, y in zip(d, e, strict=True)
        ]

    return [(3200, lambda: tridiagonals.lowest_drawn(key, n, 3200, k)), (samples, drawn)]


def edges(repeats: int) -> list[str]:
    """Lowest five eigenvalues of GOE(1000)."""
    n, k = 1000, 5
    rng = np.random.default_rng(0)
    ours, scipys = edge_works()
    return compare(
        "Lowest 5 eigenvalues of GOE(1000), drawing included",
        ("numerics.sample_goe", *ours),
        [
            ("SciPy stebz on Dumitriu-Edelman", *scipys, ">= 10"),
            (
                "the same on the rows of `edge_rows`",
                *edge_works(tridiagonals.edge_rows(n, k))[1],
                "",
            ),
            (
                "NumPy dense eigvalsh",
                1,
                lambda: samplers.eigenvalues_dense(samplers.dense(rng, n, 1))[:, :k],
                "",
            ),
            ("scikit-rmt, dense", 1, scikit_rmt(n), ""),
            ("scikit-rmt, tridiagonal form", 1, scikit_rmt(n, tridiagonal=True), ""),
        ],
        repeats,
    )


def determinant_works(levels: int = 1) -> list[tuple[int, Work]]:
    """Log-determinant and index of a shifted GOE(500): so many by ours, by dense eigenvalues."""
    n, samples = 500, 3200
    rng = np.random.default_rng(0)
    key, shifts = key_of(rng), np.tile(np.linspace(-1.3, 0, levels), (samples, 1))

    def dense() -> object:
        x = samplers.eigenvalues_dense(samplers.dense(rng, n, 4)) + 1.3
        return np.log(np.abs(x)).sum(axis=1), (x < 0).sum(axis=1)

    return [(samples, lambda: tridiagonals.sweep_drawn(key, n, shifts)), (4, dense)]


def determinants(repeats: int) -> list[str]:
    """Log-determinant and index of a shifted GOE(500)."""
    ours, dense = determinant_works()
    samples, work = ours
    lines = compare(
        "Log-determinant and index of a shifted GOE(500), drawing included",
        ("numerics.goe.tridiagonals.sweep_drawn", *ours),
        [("NumPy dense eigvalsh", *dense, ">= 1500")],
        repeats,
    )
    first, all_nine = medians([work, determinant_works(9)[0][1]], repeats)
    rate = 8 * samples / ((all_nine or 0.0) - (first or 0.0))
    line = f"A further level on the same sample: {figure(rate)} per second (target >= 400,000)."
    print(line, flush=True)
    return [*lines, line, ""]


def rare_counts() -> list[str]:
    """Counts far below one, by index and level, beside the exact ones."""
    lines = [
        "### Mean numbers of critical points by index (numerics.layer_count, 131072 draws)",
        "",
        "Target: order e^-50 with a relative error under 5 % in a minute. The exact ones are "
        "theory.mean_count's; z is the difference over the standard error.",
        "",
        "| model | N | k | H/N below | log of the mean | relative error | seconds | exact | z |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    mixed = {3: 0.5, 4: 0.5}
    cases = [({3: 1.0}, 100, 0, -2.05), ({3: 1.0}, 100, 1, -1.88), ({3: 1.0}, 50, 3, -1.7)]
    cases += [({4: 1.0}, 100, 2, -1.9), (mixed, 100, 1, -1.95), (mixed, 60, 2, -1.9)]
    for model, n, k, below in cases:
        start = time.process_time()
        c = numerics.layer_count(n, model, k, below=below)
        spent = time.process_time() - start
        exact = theory.mean_count(theory.mixture(model), n, k=k, below=below).log
        name = " + ".join(f"{'' if a == 1 else a} q^{p}".strip() for p, a in model.items())
        lines.append(
            f"| {name} | {n} | {k} | {below} | {c.log_mean:.3f} | {c.relative_stderr:.2g} "
            f"| {spent:.2g} | {exact:.3f} | {(c.log_mean - exact) / c.relative_stderr:.1f} |"
        )
    print("\n".join(lines), flush=True)
    return [*lines, ""]


def scaling(repeats: int, out: Path) -> list[str]:
    """Cost against N, p and samples: fitted exponents, a figure."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    key = key_of(stream(0, "bench").generator())

    def level(n: int) -> Work:
        return lambda: tridiagonals.sweep_drawn(key, n, np.full((320, 1), -1.0))

    def edge(n: int) -> Work:
        return lambda: tridiagonals.lowest_drawn(key, n, 64, 5)

    def gradient(p: int, n: int) -> Work:
        return gradient_works(n, p, 64, "float64")[0]

    def count(samples: int) -> Work:
        return lambda: numerics.mean_count(50, {3: 1.0}, samples)

    curves = [
        ("lowest 5 of GOE(N)", "1/3", [10**e for e in (3, 4, 5, 6, 7, 8, 9)], edge, 64),
        ("log-determinant of GOE(N)", "1", [100, 300, 1000, 3000, 10_000, 30_000], level, 320),
        ("gradient, p = 3", "3", [50, 80, 120, 200, 300], lambda n: gradient(3, n), 64),
        ("gradient, p = 4", "4", [20, 30, 45, 60, 80], lambda n: gradient(4, n), 64),
        ("mean_count, samples", "1", [10_000, 40_000, 160_000], count, 1),
    ]
    lines = [
        "### How cost grows",
        "",
        "Exponents fitted over all sizes, and over the upper half of them, where what does not grow "
        "(calls, a tile's zeros, the lower powers of N(N+1)/2) weighs less. The rows that decide the "
        "edge grow as N^(1/3) exactly; the number of sweeps over them grows with log N.",
        "",
        "| | from | to | exponent | upper half | expected |",
    ]
    lines.append("| --- | ---: | ---: | ---: | ---: | ---: |")
    figure_, axes = pyplot.subplots(figsize=(7, 4.5), layout="constrained")
    styles = iter(("o-", "s--", "^-.", "v:", "D-"))  # told apart without colour
    for name, expected, sizes, work, units in curves:
        seconds = [s or 0.0 for s in medians([work(n) for n in sizes], max(3, repeats // 2))]
        upper = len(sizes) // 2
        slope, late = (
            float(np.polyfit(np.log(sizes[i:]), np.log(seconds[i:]), 1)[0]) for i in (0, upper)
        )
        lines.append(
            f"| {name} | {sizes[0]:,} | {sizes[-1]:,} | {slope:.2f} | {late:.2f} | {expected} |"
        )
        axes.loglog(sizes, np.array(seconds) / units, next(styles), label=f"{name}: {slope:.2f}")
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
    lines = edges(repeats) + determinants(repeats)
    return lines + rare_counts() + scaling(repeats, out)
