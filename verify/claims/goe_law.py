"""GOE: both samplers against exact laws of GOE(N), moments first, then the spectrum."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from numerics import goe as samplers
from theory import goe as exact
from verify.claim import (
    Alternative,
    Axes,
    Cell,
    Claim,
    Data,
    Observation,
    Params,
    Prediction,
    Sampled,
    Series,
    each,
    per_profile,
)
from verify.statistics import chi_square_cell, kolmogorov_cell, mean_cell

MATRICES = 1000  # in a chunk
BIN_EDGES = np.linspace(-1.8, 1.8, 61)


def simulate(params: Params, stream: object, chunk: int, xp: object) -> Data:
    """Eigenvalues and traces of matrices from one of the samplers."""
    n, generator = params["N"], stream.generator(chunk)  # type: ignore[attr-defined]
    if params["sampler"] == "dense":
        matrices = samplers.dense(generator, n, MATRICES)
        eigenvalues = samplers.eigenvalues_dense(matrices)
    else:
        diagonal, off = samplers.tridiagonal(generator, n, MATRICES)
        eigenvalues = samplers.eigenvalues_tridiagonal(diagonal, off)
    return {
        "eigenvalues": eigenvalues,
        # One eigenvalue of each matrix, picked at random: independent between matrices.
        "picked": eigenvalues[np.arange(MATRICES), generator.integers(n, size=MATRICES)],
    }


def predict(params: Params) -> Prediction:
    """E M_ij^2 = (1 + delta_ij)/(2N) gives tr M ~ N(0, 1) and N tr M^2 ~ chi2(N(N+1)/2)."""
    n = params["N"]
    return {
        "Var tr M": 1.0,
        "E tr M^2": (n + 1) / 2,
        "cdf": lambda x: exact.cdf(n, x),
    }


def compare(seen: Observation) -> list[Cell]:
    """Two exact chi-square tests, an exact Kolmogorov-Smirnov test, and counts below levels."""
    n, said, data = seen.params["N"], seen.prediction, seen.data
    eigenvalues = data["eigenvalues"]
    units = len(eigenvalues)
    trace = eigenvalues.sum(axis=1)
    square = float((eigenvalues**2).sum())
    dof = n * (n + 1) // 2
    cells = [
        chi_square_cell(
            seen.params, "Var tr M", said["Var tr M"], float((trace**2).sum()), units, units
        ),
        # N tr M^2 is chi-square with dof degrees of freedom a matrix: E tr M^2 = dof / N.
        chi_square_cell(
            seen.params,
            "E tr M^2 / (N(N+1)/2), the variance of an entry",
            said["E tr M^2"] / dof,
            square,
            units * dof,
            units,
        ),
        kolmogorov_cell(
            seen.params, "distance to the exact mean spectrum", data["picked"], said["cdf"]
        ),
    ]
    for level in (-1.3, -0.7):
        below = (eigenvalues <= level).mean(axis=1)
        cells.append(
            mean_cell(
                seen.params,
                f"fraction of eigenvalues below {level}",
                float(said["cdf"](np.array([level]))[0]),
                below,
            )
        )
    return cells


def changed(name: str, factor: float) -> Callable[[Params], Prediction]:
    """The prediction with one constant multiplied."""
    return lambda params: {**predict(params), name: factor * predict(params)[name]}


def scaled_spectrum(factor: float) -> Callable[[Params], Prediction]:
    """The spectrum of a matrix scaled by a factor."""
    return lambda params: {
        **predict(params),
        "cdf": lambda x: exact.cdf(params["N"], np.asarray(x) / factor),
    }


def semicircle(params: Params) -> Prediction:
    """The limit in place of the finite-N law."""
    return {**predict(params), "cdf": exact.semicircle_cdf}


def half_diagonal(params: Params) -> Prediction:
    """Half the diagonal variance, as public packages have it."""
    n = params["N"]
    return {**predict(params), "Var tr M": 0.5, "E tr M^2": n / 2}


def series(seen: Sequence[Observation]) -> list[Series]:
    """Histograms of all eigenvalues over the exact density and its limit."""
    drawn = []
    for one in seen:
        n, eigenvalues = one.params["N"], one.data["eigenvalues"]
        panel = f"N = {n}, {one.params['sampler']} sampler"
        density, _ = np.histogram(eigenvalues, BIN_EDGES, density=True)
        x = np.linspace(BIN_EDGES[0], BIN_EDGES[-1], 400)
        axes = Axes(panel, "eigenvalue (edge at sqrt 2)", "density")
        drawn += [
            Series(axes, "exact, finite N", x.tolist(), exact.density(n, x).tolist()),
            Series(axes, "semicircle", x.tolist(), exact.semicircle_density(x).tolist()),
            Series(axes, "sampled", BIN_EDGES.tolist(), density.tolist(), (), "steps"),
        ]
    return drawn


CLAIM = Claim(
    id="GOE",
    title="Both samplers draw from GOE(N)",
    rows=(),
    statement="The dense and the tridiagonal (Dumitriu-Edelman) sampler have E M_ij^2 = (1 + "
    "delta_ij)/(2N): tr M ~ N(0, 1), N tr M^2 ~ chi-square(N(N+1)/2), and the mean spectrum is the "
    "exact one-point density of GOE(N), not only its limit.",
    source="Dumitriu and Edelman 2002 (tridiagonal model); Mehta, Random Matrices, ch. 7 "
    "(one-point density)",
    assumptions="none; every N",
    evidence=Sampled(
        grid=(
            {"N": 10, "sampler": "dense"},
            {"N": 10, "sampler": "tridiagonal"},
            {"N": 40, "sampler": "tridiagonal"},
        ),
        predict=predict,
        simulate=simulate,
        compare=each(compare),
        chunks=per_profile(quick=30, standard=200, paper=2000),
        constants={
            "Var tr M": lambda params, eps: changed("Var tr M", 1 + eps)(params),
            "E tr M^2": lambda params, eps: changed("E tr M^2", 1 + eps)(params),
            "scale of the spectrum": lambda params, eps: scaled_spectrum(1 + eps)(params),
        },
        series=series,
    ),
    alternatives=(
        Alternative(
            "half the diagonal variance",
            "two public packages ship a tridiagonal sampler with diagonal N(0,1) for N(0,2)",
            {"predict": half_diagonal},
        ),
        Alternative(
            "Var tr M 10 % larger", "a factor near 1", {"predict": changed("Var tr M", 1.10)}
        ),
        Alternative(
            "E tr M^2 2 % larger", "a factor near 1", {"predict": changed("E tr M^2", 1.02)}
        ),
        Alternative(
            "N for N + 1 in E tr M^2",
            "the off-diagonal part alone, a common slip",
            {"predict": lambda p: {**predict(p), "E tr M^2": p["N"] / 2}},
        ),
        Alternative(
            "the semicircle at finite N",
            "a limit theorem must not face a finite-N sample as an exact law",
            {"predict": semicircle},
        ),
        Alternative(
            "spectrum 2 % wider", "the edge at sqrt 2 misplaced", {"predict": scaled_spectrum(1.02)}
        ),
    ),
)
