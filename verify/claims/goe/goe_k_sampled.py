"""GOE-K: the k-th smallest eigenvalue of GOE(N), sampled, against its exact law."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.interpolate import PchipInterpolator

from numerics.core.streams import Stream, key_of
from numerics.goe import tridiagonals as kernels
from theory.goe import spectrum
from theory.goe.kth_law import goe_law
from theory.goe.laws.law import Law
from verify.alternatives import predicting, replacing, sampling
from verify.claim import (
    Axes,
    Cell,
    Claim,
    Data,
    Observation,
    Params,
    Prediction,
    Profile,
    Series,
    each,
)
from verify.evidence import Sampled
from verify.statistics import anderson_cell, kolmogorov_cell, mean_cell

MATRICES = 2000  # in a chunk
QUICK = ((2, 0), (2, 1), (10, 0), (100, 0))
SIZES = (2, 10, 100, 1000)
MOST = 5  # eigenvalues of a matrix

Values = NDArray[np.float64]
Draw = Callable[[int, int, np.random.Generator], Values]


def kth_smallest(n: int, k: int, generator: np.random.Generator) -> Values:
    """The (k+1)-th smallest eigenvalue of matrices of GOE(N)."""
    return np.asarray(kernels.lowest_drawn(key_of(generator), n, MATRICES, k + 1)[:, k])


def simulate(
    params: Params, stream: Stream, chunk: int, xp: object, draw: Draw = kth_smallest
) -> Data:
    """One eigenvalue of each matrix of a chunk."""
    return {"eigenvalue": draw(params["N"], params["k"], stream.generator(chunk))}


@cache
def mean_of(n: int, k: int) -> float:
    """E of the (k+1)-th smallest."""
    return goe_law(n, k).mean()


def said(law: Law, mean: float, scale: float = 1.0) -> Prediction:
    """What a law says of scale times its variable."""
    return {"mean": scale * mean, "cdf": lambda x: law.cdf(np.asarray(x) / scale)}


def predict(params: Params, scale: Callable[[int], float] = lambda n: 1.0) -> Prediction:
    """Mean and distribution function of theory.goe.kth_law, of a multiple of the matrix."""
    n, k = params["N"], params["k"]
    return said(goe_law(n, k), mean_of(n, k), scale(n))


def compare(seen: Observation) -> list[Cell]:
    """The mean; the distribution function, in the middle and in the tails."""
    x = seen.data["eigenvalue"]
    uniform = seen.prediction["cdf"](x)
    return [
        mean_cell(seen.params, "mean", seen.prediction["mean"], x),
        kolmogorov_cell(seen.params, "distance to the exact law", uniform, np.asarray),
        anderson_cell(seen.params, "A^2 to the exact law", uniform, np.asarray),
    ]


def other_index(params: Params, _: Prediction) -> Prediction:
    """The neighbour in the order."""
    n, k = params["N"], params["k"]
    other = k - 1 if k else 1
    return said(goe_law(n, other), mean_of(n, other))


def small(params: Params) -> bool:
    """Where the neighbour's law is quick to compute at these eigenvalues."""
    n, k = params["N"], params["k"]
    return bool(n == 2 or (n <= 10 and k))


@cache
def tracy_widom() -> PchipInterpolator:
    """The limit law for k = 0 from -8 to 8: det(1 - B), B(x, y) = Ai((x + y)/2 + s)/2 on (0, inf)."""
    s = np.linspace(-8.0, 8.0, 161)
    nodes, weights = np.polynomial.legendre.leggauss(50)
    half = 16.0 - s
    x = half[:, None] * (nodes + 1)
    root = np.sqrt(half[:, None] * weights)
    ai = special.airy((x[:, :, None] + x[:, None, :]) / 2 + s[:, None, None])[0]
    b = root[:, :, None] * root[:, None, :] * ai / 2
    return PchipInterpolator(s, np.linalg.det(np.eye(len(nodes)) - b))


def at_the_edge(params: Params, _: Prediction) -> Prediction:
    """The limit law in place of that of N, for k = 0."""
    law, unit = tracy_widom(), sqrt(2) * params["N"] ** (2 / 3)

    def cdf(x: Values) -> Values:
        s = np.clip(-unit * (np.asarray(x) + sqrt(2)), -8.0, 8.0)
        return np.asarray(np.clip(1 - law(s), 0.0, 1.0))

    return {"cdf": cdf}


def independent(params: Params, _: Prediction) -> Prediction:
    """The k-th of N independent draws from the mean spectrum."""
    n, k = params["N"], params["k"]
    return {"cdf": lambda x: special.betainc(k + 1, n - k, spectrum.cdf(n, np.asarray(x)))}


def series(seen: Sequence[Observation]) -> list[Series]:
    """Histograms with the exact densities over them, a panel for each N."""
    drawn = []
    for one in seen:
        n, k, x = one.params["N"], one.params["k"], one.data["eigenvalue"]
        axes = Axes(f"N = {n}", "eigenvalue (edge at -sqrt 2)", "density")
        low, high = np.quantile(x, [0.0005, 0.9995])
        heights, edges = np.histogram(x, np.linspace(low, high, 41))
        grid = np.linspace(low, high, 200)
        width = edges[1] - edges[0]
        drawn += [
            axes.line(f"exact, k = {k}", grid, goe_law(n, k).pdf(grid)),
            axes.steps(f"sampled, k = {k}", edges, heights / (len(x) * width)),
        ]
    return drawn


def chunks(profile: Profile, params: Params) -> int:
    """More eigenvalues than the lowest beyond quick."""
    if profile in ("quick", "audit"):
        return 1 + 3 * (profile == "quick") if (params["N"], params["k"]) in QUICK else 0
    if profile == "standard":
        return 0 if params["N"] == 1000 and params["k"] else 10
    return 100


def ensemble(diagonal: float, beta: int) -> Draw:
    """Tridiagonal matrices of the ensemble beta, with a factor on the diagonal."""

    def drawn(n: int, k: int, generator: np.random.Generator) -> Values:
        d = diagonal * generator.standard_normal((MATRICES, n)) * sqrt(1 / (beta * n))
        degrees = beta * np.arange(n - 1, 0, -1)
        off = np.sqrt(generator.chisquare(degrees, (MATRICES, n - 1)) / (2 * beta * n))
        return np.asarray(kernels.lowest_given(d, off, k + 1)[:, k])

    return drawn


def cut_short(n: int, k: int, generator: np.random.Generator) -> Values:
    """The rows that decide the lowest eigenvalues cut to a third."""
    rows = max(k + 1, min(n, kernels.edge_rows(n, k + 1)) // 3)
    found = kernels.lowest_drawn(key_of(generator), n, MATRICES, k + 1, rows=rows)
    return np.asarray(found[:, k])


wrong = partial(replacing, predict)
sampler = partial(sampling, simulate)

CLAIM = Claim(
    id="GOE-K",
    title="The k-th smallest eigenvalue of GOE(N) has its exact law",
    rows=(),
    statement="The (k+1)-th smallest eigenvalue of GOE(N), spectrum on [-sqrt 2, sqrt 2], has the mean "
    "and the distribution function of theory.goe.kth_law (a Fredholm Pfaffian at finite N), for "
    "N = 2, 10, 100, 1000 and k = 0..4.",
    compares={
        "spectrum on [-sqrt 2, sqrt 2], has the mean": "mean",
        "the distribution function of theory.goe.kth_law (a Fredholm Pfaffian at finite "
        "N), for N = 2, 10, 100, 1000 and k = 0..4": "distance to the exact law",
    },
    source="de Bruijn 1955; Tracy and Widom 1998; Dumitriu and Edelman 2002 (what is sampled)",
    assumptions="none; every N and k",
    evidence=Sampled(
        grid=tuple({"N": n, "k": k} for n in SIZES for k in range(min(n, MOST))),
        predict=predict,
        simulate=simulate,
        compare=each(compare),
        chunks=chunks,
        constants={"scale of the spectrum": lambda q, eps: predict(q, lambda n: 1 + eps)},
        series=series,
    ),
    alternatives=(
        wrong("the neighbour in the order", "k off by one", other_index, small),
        wrong(
            "the limit law at finite N",
            "Tracy and Widom's law for that of N = 2, 10, ...",
            at_the_edge,
            lambda q: q["k"] == 0,
        ),
        wrong(
            "independent levels",
            "order statistics of N draws from the mean spectrum: no repulsion",
            independent,
        ),
        predicting("spectrum 1 % wider", "near 1", partial(predict, scale=lambda n: 1.01)),
        predicting(
            "N + 1 for N in the scale",
            "off by one",
            partial(predict, scale=lambda n: sqrt(1 + 1 / n)),
        ),
        sampler(
            "half the diagonal variance",
            "two public packages ship it",
            draw=ensemble(1.0 / sqrt(2), 1),
        ),
        sampler("the unitary ensemble", "beta = 2 with the same spectrum", draw=ensemble(1.0, 2)),
        sampler("a third of the rows", "the matrix cut too short at the edge", draw=cut_short),
    ),
    notes="Each k has matrices of its own. The quick profile has k = 0 up to N = 100, and k = 1 at "
    "N = 2; standard has k = 0 alone at N = 1000: far in their tails, where the wrong laws put the "
    "samples, the laws of the others take up to half a minute each.",
)
