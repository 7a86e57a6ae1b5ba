"""X5-D: the mean of abs(det) of Hessians where layers share no weights, and the limiting spectrum."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import acosh, exp, log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from numerics.core.streams import Stream
from numerics.layers import block_matrices
from theory import layer_complexity
from verify.alternatives import constant, replacing, sampling
from verify.claim import (
    Axes,
    Cell,
    Claim,
    Data,
    Observation,
    Params,
    Prediction,
    Schedule,
    Series,
)
from verify.claims.layers._weights import limit_over_size, log_mean
from verify.evidence import Limit
from verify.statistics import Extrapolation, Term, equivalence_cell, margin, power

Real = NDArray[np.float64]

DRAWS = 250  # in a chunk
LEVELS = (0.5, 1.0, 1.8)  # u; the last lies beyond every spectrum
ROWS = {  # D, of the matrix
    "1,1,1": (12, 24, 48, 96, 192),
    "1,2,3": (12, 24, 48, 96, 192),
    "5,1,1": (14, 28, 49, 98, 196),
}
# Declared beforehand, from a pilot on 16 other seeds: variances over squared means of abs(det), and what
# another term of the bias model would change.
SPREADS = (22.0, 13.0, 0.3)
BIASES = (0.006, 0.006, 0.002)


def log_over(n: Real) -> Real:
    """The term log n / n."""
    return np.asarray(np.log(n) / n)


TERMS: tuple[Term, ...] = (log_over, power(1))


def shares(params: Params) -> Real:
    """Proportions of the widths."""
    found = np.array([float(one) for one in params["proportions"].split(",")])
    return np.asarray(found / found.sum())


def simulate(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    fill: float = 0.0,
    alike: bool = False,
) -> Data:
    """Logs of abs(det(G/sqrt D - u)), a row a matrix; wrong samplers change keywords."""
    size, rng = params["D"], stream.generator(chunk)
    rows = np.round(size * shares(params)).astype(int).tolist()
    if alike:
        rows = [size // 3, size // 3, size - 2 * (size // 3)]
    g = block_matrices(rng, rows, DRAWS)
    if fill:
        full = np.tril(rng.standard_normal(g.shape))
        own = np.where(g == 0, full + full.swapaxes(1, 2), 0.0)
        g = g + fill * own
    spectra = np.linalg.eigvalsh(g / sqrt(size))
    logs = [np.log(np.abs(spectra - u)).sum(axis=1) for u in LEVELS]
    return {"log": np.stack(logs, axis=1)}


def predict(params: Params) -> Prediction:
    """The mean log of the distance to an eigenvalue, from the exponent of critical points."""
    a, u = shares(params), np.array(LEVELS)
    widths = params["proportions"].split(",")
    rest = (1 - u * u - (a * np.log(a)).sum()) / 2
    return {"potential": (layer_complexity(widths, u) - rest).tolist()}


def mean_of(one: Observation, at: int) -> tuple[float, float]:
    """log E abs(det) over D at a level, and its standard error."""
    value, error = log_mean(one.data["log"][:, at])
    return value / one.params["D"], error / one.params["D"]


def limit_of(seen: Sequence[Observation], at: int) -> tuple[Extrapolation, float]:
    """The limit at a level, and the error that is declared for it."""
    sizes = [one.params["D"] for one in seen]
    units = [len(one.data["log"]) for one in seen]
    return limit_over_size(sizes, [mean_of(one, at) for one in seen], TERMS, SPREADS[at], units)


def by_widths(seen: Sequence[Observation]) -> list[list[Observation]]:
    """The observations of each proportion."""
    groups = ([one for one in seen if one.params["proportions"] == name] for name in ROWS)
    return [some for some in groups if some]


def compare(seen: Sequence[Observation]) -> list[Cell]:
    """The limits within their margins, and what is extrapolated."""
    cells = []
    for some in by_widths(seen):
        widths, said = some[0].params["proportions"], some[0].prediction["potential"]
        for at, u in enumerate(LEVELS):
            quantity = f"log E abs(det) over D, u = {u}"
            for one in some:
                value, error = mean_of(one, at)
                cells.append(Cell(one.params, quantity, None, value, error, len(one.data["log"])))
            limit, declared = limit_of(some, at)
            where = {"proportions": widths, "D": f"to {some[-1].params['D']}, extrapolated"}
            cells.append(
                equivalence_cell(
                    where,
                    quantity,
                    said[at],
                    limit.value,
                    limit.stderr,
                    len(some),
                    margin(BIASES[at], declared),
                    limit.freedom,
                )
            )
    return cells


def series(seen: Sequence[Observation]) -> list[Series]:
    """Finite sizes less the limit that is said, against 1/D, and the fits."""
    drawn = []
    for at, u in enumerate(LEVELS):
        axes = Axes(f"u = {u}", "1/D", "log E abs(det) over D, less the potential")
        for some in by_widths(seen):
            name, said = some[0].params["proportions"], some[0].prediction["potential"][at]
            x = np.array([1 / one.params["D"] for one in some])
            line = np.linspace(1e-6, float(x.max()), 80)
            limit = limit_of(some, at)[0].coefficients
            curve = sum(
                (c * term(1 / line) for c, term in zip(limit[1:], TERMS, strict=True)),
                np.full(len(line), limit[0] - said),
            )
            drawn.append(axes.line(f"widths {name}, fitted", line, curve))
            values, errors = ([mean_of(one, at)[i] for one in some] for i in range(2))
            shown = [value - said for value in values]
            drawn.append(axes.points(f"widths {name}", x, shown, [2 * e for e in errors]))
        drawn.append(axes.points("Dyson's equation", [0.0], [0.0]))
    return drawn


def semicircle(variance: float, u: float) -> float:
    """The potential of a semicircle.

    Examples
    --------
    >>> round(semicircle(1.0, 0.0), 12), round(semicircle(1.0, 2.0), 12)
    (-0.5, 0.5)
    """
    sigma = sqrt(variance)
    if u < 2 * sigma:
        return log(sigma) + u * u / (4 * variance) - 0.5
    t = acosh(u / (2 * sigma))
    return log(sigma) + t + exp(-2 * t) / 2


def as_semicircle(
    variance: Callable[[Real], float],
) -> Callable[[Params, Prediction], Mapping[str, Any]]:
    """Potentials of a semicircle, its variance by the proportions."""
    return lambda params, _: {
        "potential": [semicircle(variance(shares(params)), u) for u in LEVELS]
    }


wrong = partial(replacing, predict)

CLAIM = Claim(
    id="X5-D",
    title="Every layer its own weights: the mean determinant follows the limiting spectrum",
    rows=("X5",),
    statement="For the Hessian at a critical point where layers share no weights, a matrix of D rows over "
    "sqrt D with zero blocks on the diagonal, (1/D) log E abs(det(G - u)) tends to the mean of log "
    "abs(u - x) over the spectrum of Dyson's equation, inside it and beyond, for widths in any proportion.",
    compares={
        "(1/D) log E abs(det(G - u)) tends to the mean of log abs(u - x) over the spectrum of Dyson's "
        "equation, inside it and beyond, for widths in any proportion": "log E abs(det) over D, *",
    },
    source="theory/layers/dyson.py; used by X5 for its exponents",
    assumptions="widths 1,1,1 and 1,2,3 and 5,1,1 at u = 0.5, 1 and 1.8, D to 192 (96 in the quick profile); "
    "no theorem was checked for it",
    evidence=Limit(
        grid=tuple(
            {"proportions": name, "D": size} for name, sizes in ROWS.items() for size in sizes
        ),
        predict=predict,
        compare=compare,
        bias="terms log D/D and 1/D; 0.006 inside the spectrum and 0.002 beyond for others, and 7 standard "
        "errors of a sample of this size, both from a pilot on other seeds",
        simulate=simulate,
        chunks=Schedule(
            "D",
            {
                "audit": {12: 12, 14: 12, 24: 12, 28: 12, 48: 8, 49: 8, 96: 4, 98: 4},
                "quick": {12: 12, 14: 12, 24: 12, 28: 12, 48: 6, 49: 6, 96: 3, 98: 3},
                "standard": {
                    **{12: 30, 14: 30, 24: 30, 28: 30, 48: 20, 49: 20},
                    **{96: 8, 98: 8, 192: 2, 196: 2},
                },
                "paper": {
                    **{12: 200, 14: 200, 24: 200, 28: 200, 48: 150, 49: 150},
                    **{96: 60, 98: 60, 192: 20, 196: 20},
                },
            },
        ),
        constants={"the potential": constant(predict, "potential")},
        series=series,
    ),
    alternatives=(
        wrong(
            "a semicircle of the same variance",
            "true of equal widths alone",
            as_semicircle(lambda a: float(1 - (a * a).sum())),
            lambda params: params["proportions"] != "1,1,1",
        ),
        wrong(
            "widths taken for equal",
            "the proportions ignored",
            as_semicircle(lambda a: 1 - 1 / len(a)),
            lambda params: params["proportions"] != "1,1,1",
        ),
        wrong("diagonal blocks not zero", "a full matrix", as_semicircle(lambda _: 1.0)),
        wrong(
            "half the spectrum's variance",
            "entries counted once, above the diagonal",
            as_semicircle(lambda a: float(1 - (a * a).sum()) / 2),
        ),
        sampling(simulate, "diagonal blocks not zero", "a full matrix", fill=1.0),
        sampling(simulate, "widths alike", "the proportions ignored", alike=True),
    ),
)
