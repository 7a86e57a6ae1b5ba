"""GOE-G: the gap of the two lowest eigenvalues of GOE(N), sampled, against its exact law."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import pi, sqrt

import numpy as np
from numpy.typing import NDArray

from numerics.core.streams import Stream, key_of
from numerics.goe import tridiagonals as kernels
from theory.goe.gap.law import GapLaw, edge_gap_law, goe_gap_law
from verify.alternatives import predicting, replacing, sampling
from verify.claim import (
    Axes,
    Cell,
    Claim,
    Data,
    Observation,
    Params,
    Prediction,
    Series,
    each,
    per_profile,
)
from verify.evidence import Sampled
from verify.statistics import anderson_cell, kolmogorov_cell, mean_cell

MATRICES = 2000  # in a chunk
SIZES = (2, 5, 20, 100, 1000)

Values = NDArray[np.float64]
Draw = Callable[[int, np.random.Generator], Values]


def gap(n: int, generator: np.random.Generator, k: int = 0) -> Values:
    """The gap above the (k+1)-th smallest eigenvalue of matrices of GOE(N)."""
    found = kernels.lowest_drawn(key_of(generator), n, MATRICES, min(k + 2, n))
    return np.asarray(found[:, -1] - found[:, -2])


def simulate(params: Params, stream: Stream, chunk: int, xp: object, draw: Draw = gap) -> Data:
    """One gap of each matrix of a chunk."""
    return {"gap": draw(params["N"], stream.generator(chunk))}


def predict(params: Params, scale: float = 1.0) -> Prediction:
    """Mean and distribution function of theory.goe_gap_law, of a multiple of the matrix."""
    law = goe_gap_law(params["N"])
    return {
        "mean": scale * law.mean(),
        "square": scale**2 * law.moment(2),
        "cdf": partial(_scaled, law, 1 / scale),
    }


def compare(seen: Observation) -> list[Cell]:
    """The mean; the distribution function, in the middle and at both ends."""
    x = seen.data["gap"]
    uniform = seen.prediction["cdf"](x)
    return [
        mean_cell(seen.params, "mean", seen.prediction["mean"], x),
        mean_cell(seen.params, "mean square", seen.prediction["square"], x**2),
        kolmogorov_cell(seen.params, "distance to the exact law", uniform, np.asarray),
        anderson_cell(seen.params, "A^2 to the exact law", uniform, np.asarray),
    ]


def _scaled(law: GapLaw, unit: float, x: Values) -> Values:
    return np.asarray(law.cdf(unit * np.asarray(x)))


def at_the_edge(params: Params, _: Prediction) -> Prediction:
    """The limit law in place of that of N."""
    law, unit = edge_gap_law(), sqrt(2) * params["N"] ** (2 / 3)
    square = law.moment(2) / unit**2
    cdf = partial(_scaled, law, unit)
    return {"mean": law.mean() / unit, "square": square, "cdf": cdf}


def surmise(_: Params, said: Prediction) -> Prediction:
    """Wigner's surmise for spacings in the bulk, of the same mean."""
    scale = pi / 4 / said["mean"] ** 2
    return {"square": 1 / scale, "cdf": lambda x: -np.expm1(-scale * np.asarray(x) ** 2)}


def poisson(_: Params, said: Prediction) -> Prediction:
    """Levels without repulsion, of the same mean gap."""
    return {
        "square": 2 * said["mean"] ** 2,
        "cdf": lambda x: -np.expm1(-np.asarray(x) / said["mean"]),
    }


def tridiagonal(diagonal: float, beta: int) -> Draw:
    """Tridiagonal matrices of the ensemble beta, with a factor on the diagonal."""

    def drawn(n: int, generator: np.random.Generator) -> Values:
        d = diagonal * generator.standard_normal((MATRICES, n)) * sqrt(1 / (beta * n))
        degrees = beta * np.arange(n - 1, 0, -1)
        off = np.sqrt(generator.chisquare(degrees, (MATRICES, n - 1)) / (2 * beta * n))
        found = kernels.lowest_given(d, off, 2)
        return np.asarray(found[:, 1] - found[:, 0])

    return drawn


def series(seen: Sequence[Observation]) -> list[Series]:
    """Histograms with the exact densities over them, a panel for each N."""
    drawn = []
    for one in seen:
        n, x = one.params["N"], one.data["gap"]
        axes = Axes(f"N = {n}", "gap of the two lowest eigenvalues", "density")
        heights, edges = np.histogram(x, np.linspace(0, np.quantile(x, 0.9995), 41))
        grid = np.linspace(0, edges[-1], 200)
        law, unit = edge_gap_law(), sqrt(2) * n ** (2 / 3)
        drawn += [
            axes.line("exact", grid, goe_gap_law(n).pdf(grid)),
            axes.line("limit law", grid, unit * law.pdf(unit * grid)),
            axes.steps("sampled", edges, heights / (len(x) * (edges[1] - edges[0]))),
        ]
    return drawn


wrong = partial(replacing, predict)
sampler = partial(sampling, simulate)

CLAIM = Claim(
    id="GOE-G",
    title="The gap of the two lowest eigenvalues of GOE(N) has its exact law",
    rows=(),
    statement="The gap of the two lowest eigenvalues of GOE(N), spectrum on [-sqrt 2, sqrt 2], has the "
    "mean, the mean square and the distribution function of theory.goe_gap_law, for N = 2, 5, 20, 100, 1000.",
    compares={
        "spectrum on [-sqrt 2, sqrt 2], has the mean": "mean",
        "the mean square": "mean square",
        "the distribution function of theory.goe_gap_law, for N = 2, 5, 20, 100, 1000": (
            "distance to the exact law"
        ),
    },
    source="de Bruijn 1955 (the integral); Dumitriu and Edelman 2002 (what is sampled)",
    assumptions="none; every N",
    evidence=Sampled(
        grid=tuple({"N": n} for n in SIZES),
        predict=predict,
        simulate=simulate,
        compare=each(compare),
        chunks=per_profile(audit=4, quick=20, standard=100, paper=1000),
        constants={"scale of the spectrum": lambda q, eps: predict(q, 1 + eps)},
        series=series,
    ),
    alternatives=(
        wrong("the limit law at finite N", "that of N = infinity for that of N", at_the_edge),
        wrong(
            "Wigner's surmise",
            "the spacing in the bulk, of the same mean; exact at N = 2",
            surmise,
            lambda q: q["N"] >= 20,
        ),
        wrong("no repulsion", "an exponential law of the same mean", poisson),
        predicting("spectrum 2 % wider", "near 1", partial(predict, scale=1.02)),
        predicting("GOE(N + 1)", "off by one", lambda q: predict({"N": q["N"] + 1})),
        sampler(
            "half the diagonal variance",
            "two public packages ship it",
            draw=tridiagonal(1.0 / sqrt(2), 1),
        ),
        sampler(
            "the unitary ensemble", "beta = 2 with the same spectrum", draw=tridiagonal(1.0, 2)
        ),
        sampler("the next gap", "that of the second and the third", draw=partial(gap, k=1)),
    ),
)
