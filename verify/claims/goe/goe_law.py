"""GOE: both samplers against exact laws of GOE(N), moments first, then the spectrum."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from numerics.core.streams import Stream
from numerics.goe import samplers
from theory.goe import spectrum as exact
from verify.alternatives import constants, replaced, replacing, sampling, scaling
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
from verify.statistics import (
    anderson_cell,
    chi_square_cell,
    frequency_cell,
    kolmogorov_cell,
    mean_cell,
)

MATRICES = 1000  # in a chunk
BIN_EDGES = np.linspace(-1.8, 1.8, 61)

Spectra = NDArray[np.float64]
Draw = Callable[[Params, np.random.Generator], Spectra]


def spectra(params: Params, generator: np.random.Generator) -> Spectra:
    """Eigenvalues of matrices from one of the samplers."""
    if params["sampler"] == "dense":
        return samplers.eigenvalues_dense(samplers.dense(generator, params["N"], MATRICES))
    return samplers.eigenvalues_tridiagonal(*samplers.tridiagonal(generator, params["N"], MATRICES))


def simulate(params: Params, stream: Stream, chunk: int, xp: object, draw: Draw = spectra) -> Data:
    """Spectra of a chunk of matrices."""
    n, generator = params["N"], stream.generator(chunk)
    eigenvalues = draw(params, generator)
    return {
        "eigenvalues": eigenvalues,
        # One eigenvalue of each matrix, picked at random: independent between matrices.
        "picked": eigenvalues[np.arange(MATRICES), generator.integers(n, size=MATRICES)],
    }


@lru_cache(maxsize=16)
def _cdf(n: int, points: bytes) -> Spectra:
    return exact.cdf(n, np.frombuffer(points))


def spectrum_cdf(n: int, x: Spectra) -> Spectra:
    """The mean spectrum's exact law; most wrong theories leave it, on the same points, as it is."""
    return _cdf(n, np.asarray(x, dtype=float).tobytes())


def predict(params: Params) -> Prediction:
    """E M_ij^2 = (1 + delta_ij)/(2N) gives tr M ~ N(0, 1) and N tr M^2 ~ chi2(N(N+1)/2)."""
    n = params["N"]
    return {"Var tr M": 1.0, "E tr M^2": (n + 1) / 2, "cdf": partial(spectrum_cdf, n)}


def compare(seen: Observation) -> list[Cell]:
    """Exact chi-square tests of two traces; four looks at the spectrum, tails included."""
    n, params, said, data = seen.params["N"], seen.params, seen.prediction, seen.data
    uniform, eigenvalues = said["cdf"](data["picked"]), data["eigenvalues"]
    units, dof = len(eigenvalues), n * (n + 1) // 2
    trace = float((eigenvalues.sum(axis=1) ** 2).sum())
    # N tr M^2 is chi-square with dof degrees of freedom a matrix: E tr M^2 = dof / N.
    entry, square = said["E tr M^2"] / dof, float((eigenvalues**2).sum())
    quantity = "E tr M^2 / (N(N+1)/2), the variance of an entry"
    probabilities = np.diff(np.concatenate([[0.0], said["cdf"](BIN_EDGES), [1.0]]))
    counts = np.bincount(np.searchsorted(BIN_EDGES, data["picked"]), minlength=len(BIN_EDGES) + 1)
    return [
        chi_square_cell(params, "Var tr M", said["Var tr M"], trace, units, units),
        chi_square_cell(params, quantity, entry, square, units * dof, units),
        kolmogorov_cell(params, "distance to the exact mean spectrum", uniform, np.asarray),
        anderson_cell(params, "A^2 to the exact mean spectrum", uniform, np.asarray),
        frequency_cell(params, "chi-square of the histogram", probabilities, counts),
        *(
            mean_cell(
                params,
                f"fraction of eigenvalues below {level}",
                float(said["cdf"](np.array([level]))[0]),
                eigenvalues <= level,
            )
            for level in (-1.3, -0.7)
        ),
    ]


def wider(factor: float) -> Callable[[Params, Prediction], Prediction]:
    """The spectrum of a matrix times a factor."""
    return lambda q, _: {"cdf": lambda x: exact.cdf(q["N"], np.asarray(x) / factor)}


def series(seen: Sequence[Observation]) -> list[Series]:
    """Histograms of all eigenvalues over the exact density and its limit; pulls of independent ones."""
    drawn = []
    for one in seen:
        n, eigenvalues = one.params["N"], one.data["eigenvalues"]
        panel = f"N = {n}, {one.params['sampler']} sampler"
        axes = Axes(panel, "eigenvalue (edge at sqrt 2)", "density")
        density, _ = np.histogram(eigenvalues, BIN_EDGES, density=True)
        x = np.linspace(BIN_EDGES[0], BIN_EDGES[-1], 400)
        drawn += [
            axes.line("exact, finite N", x, exact.density(n, x)),
            axes.line("semicircle", x, exact.semicircle_density(x)),
            axes.steps("sampled", BIN_EDGES, density),
            *pulls(one, panel),
        ]
    return drawn


def pulls(one: Observation, panel: str) -> Iterator[Series]:
    """Deviations of the histogram of one eigenvalue a matrix in standard errors, where 25 are expected."""
    axes = Axes(f"Pulls, {panel}", "eigenvalue (edge at sqrt 2)", "deviation / std. err.")
    picked, share = one.data["picked"], np.diff(one.prediction["cdf"](BIN_EDGES))
    expected = len(picked) * share
    found = np.histogram(picked, BIN_EDGES)[0]
    seen = expected >= 25
    error = np.sqrt(expected * (1 - share))[seen]
    middle = ((BIN_EDGES[1:] + BIN_EDGES[:-1]) / 2)[seen]
    yield axes.band("2 std. err.", middle[[0, -1]], (-2.0, -2.0), (2.0, 2.0))
    yield axes.points("histogram less exact", middle, (found - expected)[seen] / error)


def tridiagonal(change: Callable[[Spectra, Spectra, int], tuple[Spectra, Spectra]]) -> Draw:
    """A sampler whose tridiagonal (diagonal, off-diagonal) is changed."""

    def draw(params: Params, generator: np.random.Generator) -> Spectra:
        n = params["N"]
        diagonal, off = samplers.tridiagonal(generator, n, MATRICES)
        return samplers.eigenvalues_tridiagonal(*change(diagonal, off, n))

    return draw


def shifted_chi(params: Params, generator: np.random.Generator) -> Spectra:
    """Off-diagonal chi_n ... chi_2 for chi_(n-1) ... chi_1."""
    n = params["N"]
    diagonal = generator.standard_normal((MATRICES, n)) / np.sqrt(n)
    off = np.sqrt(generator.chisquare(np.arange(n, 1, -1), (MATRICES, n - 1)) / (2 * n))
    return samplers.eigenvalues_tridiagonal(diagonal, off)


def unsymmetrised(params: Params, generator: np.random.Generator) -> Spectra:
    """One triangle of a matrix of N(0, 1/n) entries, never averaged with its transpose."""
    n = params["N"]
    return np.asarray(np.linalg.eigvalsh(generator.standard_normal((MATRICES, n, n)) / np.sqrt(n)))


def largest_twice(params: Params, generator: np.random.Generator) -> Spectra:
    """The lowest eigenvalue overwritten by the highest."""
    eigenvalues = spectra(params, generator)
    eigenvalues[:, 0] = eigenvalues[:, -1]
    return eigenvalues


def tail_dropped(params: Params, generator: np.random.Generator) -> Spectra:
    """One matrix in fifty, that of the largest norm, replaced by its neighbour."""
    eigenvalues = spectra(params, generator)
    norm = (eigenvalues**2).sum(axis=1)
    dropped = np.flatnonzero(norm > np.quantile(norm, 0.98))
    eigenvalues[dropped] = eigenvalues[dropped - 1]
    return eigenvalues


def same_stream(params: Params, stream: Stream, chunk: int, xp: object) -> Data:
    """Every chunk from the first chunk's stream."""
    return simulate(params, stream, 0, xp)


# What is done to the diagonal d and to what stands beside it, e, of the tridiagonal matrix.
WRONG_TRIDIAGONALS = (
    ("half the diagonal variance", "two public packages ship it", lambda d, e, n: (d / sqrt(2), e)),
    ("diagonal variance 10 % larger", "a factor near 1", lambda d, e, n: (d * sqrt(1.1), e)),
    ("off-diagonal 1 % larger", "a factor near 1", lambda d, e, n: (d, 1.01 * e)),
    (
        "N-1 for N in the scale",
        "N for N-1",
        lambda d, e, n: (d * sqrt(n / (n - 1)), e * sqrt(n / (n - 1))),
    ),
    (
        "the chi variates replaced by their mean",
        "a deterministic off-diagonal has the same limit",
        lambda d, e, n: (d, np.broadcast_to(e.mean(axis=0), e.shape).copy()),
    ),
)
WRONG_DRAWS = (
    *((name, why, tridiagonal(change)) for name, why, change in WRONG_TRIDIAGONALS),
    ("chi degrees shifted by one", "an index off by one", shifted_chi),
    ("symmetrisation forgotten", "one triangle taken", unsymmetrised),
    ("highest for lowest eigenvalue", "the order reversed", largest_twice),
    ("one matrix in fifty dropped", "the largest ones lost", tail_dropped),
)

wrong = partial(replacing, predict)

CLAIM = Claim(
    id="GOE",
    title="Both samplers draw from GOE(N)",
    rows=(),
    statement="The dense and the tridiagonal (Dumitriu-Edelman) sampler have E M_ij^2 = (1 + "
    "delta_ij)/(2N): tr M ~ N(0, 1), N tr M^2 ~ chi-square(N(N+1)/2), and the mean spectrum is the "
    "exact one-point density of GOE(N), not only its limit.",
    compares={
        "E M_ij^2 = (1 + delta_ij)/(2N)": "E tr M^2 / (N(N+1)/2), the variance of an entry",
        "tr M ~ N(0, 1)": "Var tr M",
        "N tr M^2 ~ chi-square(N(N+1)/2)": "E tr M^2 / (N(N+1)/2), the variance of an entry",
        "the mean spectrum is the exact one-point density of GOE(N)": (
            "distance to the exact mean spectrum"
        ),
    },
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
        chunks=per_profile(audit=14, quick=30, standard=200, paper=2000),
        constants={
            **constants(predict, "Var tr M", "E tr M^2"),
            "scale of the spectrum": lambda q, eps: replaced(predict, wider(1 + eps))(q),
        },
        series=series,
    ),
    alternatives=(
        wrong(
            "half the diagonal variance",
            "two public packages ship a tridiagonal sampler with diagonal N(0,1) for N(0,2)",
            lambda q, _: {"Var tr M": 0.5, "E tr M^2": q["N"] / 2},
        ),
        scaling(predict, "Var tr M 10 % larger", "a factor near 1", 1.10, "Var tr M"),
        scaling(predict, "E tr M^2 2 % larger", "a factor near 1", 1.02, "E tr M^2"),
        wrong(
            "N for N + 1 in E tr M^2",
            "the off-diagonal part alone, a common slip",
            lambda q, _: {"E tr M^2": q["N"] / 2},
        ),
        wrong(
            "the semicircle at finite N",
            "a limit theorem must not face a finite-N sample as an exact law",
            {"cdf": exact.semicircle_cdf},
        ),
        wrong("spectrum 2 % wider", "the edge at sqrt 2 misplaced", wider(1.02)),
        *(sampling(simulate, name, why, draw=draw) for name, why, draw in WRONG_DRAWS),
        sampling(same_stream, "a stream used twice", "every chunk repeats the first"),
    ),
)
