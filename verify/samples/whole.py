"""Samples of whole spectra, and of numbers of critical points."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

import theory
from theory.checks import bad
from theory.goe import spectrum
from verify.claim import Cell
from verify.samples.result import LEVEL, Check, Fit, judged
from verify.statistics import chi_square_cell, mean_cell

Real = NDArray[np.float64]
_MOST = 40.0  # log of a mean number

# Factor of the matrix, factor of the variance on its diagonal, name, advice.
MISTAKES = (
    (math.sqrt(2), 1.0, "a factor sqrt 2 too wide: spectrum on [-2, 2]", "divide by sqrt 2"),
    (
        1 / math.sqrt(2),
        1.0,
        "a factor sqrt 2 too narrow: spectrum on [-1, 1]",
        "multiply by sqrt 2",
    ),
    (1.0, 0.5, "half the variance on the diagonal", "give the diagonal 1/N, twice that beside it"),
    (math.sqrt(2), 0.5, "E M_ij^2 = 1/N for all i, j", "divide by sqrt 2, and double the diagonal"),
    (0.0, 1.0, "not divided by sqrt N", "divide by sqrt N"),
    (
        0.0,
        0.5,
        "not divided by sqrt N, with half the variance on the diagonal",
        "divide by sqrt N, and double the diagonal",
    ),
)


def _moments(n: int, scale: float, diagonal: float) -> tuple[float, float, float, float]:
    """Variance of the trace, E tr M^2/N and its variance, E tr M^4/N of Gaussian matrices.

    The entries are independent, so that tr M^2 is a sum of squares; E tr M^4/N of GOE(N) is
    (2N^2 + 5N + 5)/(4N^2) (Wick), and is not told for another diagonal.
    """
    square = scale**2
    trace = diagonal * square
    mean = square * ((n - 1) / 2 + diagonal) / n
    variance = square**2 * (n - 1 + 2 * diagonal**2) / n**3
    fourth = square**2 * (2 * n * n + 5 * n + 5) / (4 * n * n) if diagonal == 1 else math.nan
    return trace, mean, variance, fourth


def check_spectra(rows: Real) -> Check:
    """All N eigenvalues of each of M matrices against GOE(N).

    The trace is normal of variance 1 and N tr M^2 chi-square of N(N+1)/2 degrees of freedom, exactly;
    E tr M^4/N and the mean share of eigenvalues in the middle are compared beside them.
    """
    if rows.ndim != 2 or rows.shape[1] < 2:
        raise bad("samples", f"shape {rows.shape}", "rows of all N >= 2 eigenvalues of a matrix")
    units, n = rows.shape
    traces, squares = rows.sum(axis=1), (rows**2).sum(axis=1)
    trace, mean, _, fourth = _moments(n, 1.0, 1.0)
    middle = 0.7
    inside = float(spectrum.cdf(n, middle) - spectrum.cdf(n, -middle))
    freedom = units * n * (n + 1) // 2
    square = chi_square_cell(
        {}, "E tr M^2/N", mean, float(squares.sum()) / n * freedom / units, freedom, units
    )
    cells = [
        mean_cell({}, "mean of the trace", 0.0, traces),
        chi_square_cell({}, "variance of the trace", trace, float((traces**2).sum()), units, units),
        square,
        mean_cell({}, "E tr M^4/N", fourth, (rows**4).mean(axis=1)),
        mean_cell({}, f"share within {middle}", inside, (np.abs(rows) < middle).mean(axis=1)),
    ]
    fits = sorted(
        (_fit(traces, squares, n, *one) for one in MISTAKES), key=lambda fit: fit.distance
    )
    name = f"GOE({n}), whole spectra"
    return judged(name, cells, tuple(fits), _curves(rows, name))


def _fit(
    traces: Real, squares: Real, n: int, scale: float, diagonal: float, name: str, advice: str
) -> Fit:
    """By the variance of the trace and the mean of tr M^2, in standard errors."""
    units, scale = len(traces), scale or math.sqrt(n)
    trace, mean, variance, _ = _moments(n, scale, diagonal)
    own_trace, own_mean, own_variance, _ = _moments(n, 1.0, 1.0)
    root = math.sqrt(2 / units)
    off = (
        (float((traces**2).mean()) - trace) / (trace * root),
        (float(squares.mean()) / n - mean) / math.sqrt(variance / units),
    )
    reach = -float(special.ndtri(LEVEL / 10))
    power = max(
        float(special.ndtr((abs(trace - own_trace) - reach * own_trace * root) / (trace * root))),
        float(
            special.ndtr(
                (abs(mean - own_mean) - reach * math.sqrt(own_variance / units))
                / math.sqrt(variance / units)
            )
        ),
    )
    worst = max(abs(one) for one in off)
    return Fit(name, advice, worst, min(1.0, 4 * float(special.ndtr(-worst))), power)


def _curves(rows: Real, name: str) -> list[dict[str, Any]]:
    n = rows.shape[1]
    reach = max(1.8, float(np.quantile(np.abs(rows), 0.999)))
    grid = np.linspace(-reach, reach, 400)
    axes = {"panel": name, "xlabel": "eigenvalue", "ylabel": "density"}
    edges = np.linspace(-reach, reach, 61)
    heights, _ = np.histogram(rows, edges)
    density = heights / (rows.size * (edges[1] - edges[0]))
    semicircle = spectrum.semicircle_density(grid).tolist()
    exact = spectrum.density(n, grid).tolist()
    return [
        {**axes, "label": f"exact, N = {n}", "kind": "line", "x": grid.tolist(), "y": exact},
        {**axes, "label": "semicircle", "kind": "line", "x": grid.tolist(), "y": semicircle},
        {**axes, "label": "samples", "kind": "steps", "x": edges.tolist(), "y": density.tolist()},
    ]


def check_counts(values: Real, p: int, n: int, k: int, below: float | None) -> Check:
    """Numbers of critical points of instances against the exact mean (Kac and Rice).

    Their law is not known; the test is Student's, of the mean of independent instances.
    """
    if values.ndim != 1 or (values < 0).any() or (values != np.floor(values)).any():
        raise bad("samples", f"shape {values.shape}", "numbers of points, integers >= 0, (M,)")
    index = None if k < 0 else k
    said = float(theory.mean_count(theory.pure(p), n, index, below=below).log)
    if said > _MOST:
        raise bad("n", n, f"fewer spins: exp({said:.0f}) points cannot be counted")
    mean = math.exp(said)
    cells: list[Cell] = [mean_cell({}, "mean", mean, values)]
    which = "all" if index is None else f"index {index}"
    where = "" if below is None else f" with H/N <= {below:g}"
    name = f"{p}-spin model, N = {n}, critical points of {which}{where}"
    others = [(2 * mean, "each counted twice", "count each point once")]
    if p % 2 == 0 or index is None:  # of odd p, the antipode of index k has index N - 1 - k
        others.append((mean / 2, "antipodes counted once", "count both points of a pair"))
    for j in range(max(0, k - 1), min(n - 1, k + 1) + 1) if index is not None else ():
        if j != k:
            other = math.exp(theory.mean_count(theory.pure(p), n, j, below=below).log)
            others.append(
                (other, f"index {j} for {k}", "check what counts as a negative direction")
            )
    fits = []
    error = float(values.std(ddof=1)) / math.sqrt(len(values))
    reach = -float(special.ndtri(LEVEL / 2))
    for other, word, advice in others:
        cell = mean_cell({}, word, other, values)
        power = float(special.ndtr((abs(other - mean) - reach * error) / max(error, 1e-300)))
        off = abs(float(cell.estimate or 0.0) - other) / max(error, 1e-300)
        fits.append(Fit(word, advice, off, float(cell.p_value or 0.0), power))
    edges = np.histogram_bin_edges(values, min(60, int(np.ptp(values)) + 1))
    heights, _ = np.histogram(values, edges, density=True)
    axes = {"panel": name, "xlabel": "critical points", "ylabel": "share"}
    curves = [
        {**axes, "label": "exact mean", "kind": "vline", "x": [mean], "y": []},
        {**axes, "label": "samples", "kind": "steps", "x": edges.tolist(), "y": heights.tolist()},
    ]
    return judged(name, cells, tuple(sorted(fits, key=lambda fit: fit.distance)), curves)
