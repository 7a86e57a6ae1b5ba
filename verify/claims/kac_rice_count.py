"""KR: Monte Carlo of the Kac-Rice integrand against the exact mean number of critical points."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from numerics.kac_rice import weights
from theory import mean_count, pure, threshold
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
from verify.statistics import mean_cell

SAMPLES = 20_000  # in a chunk


def e_inf(p: int) -> float:
    """The barrier, from theory."""
    return float(threshold(pure(p), None, 17))


def level(params: Params) -> float | None:
    """The level of a grid point: None for all critical points."""
    return None if params["below"] == "all" else float(params["below"])


def simulate(params: Params, stream: Any, chunk: int, xp: Any) -> Data:
    """Log weights of independent draws; their mean is the mean number of critical points."""
    drawn = weights(
        stream.generator(chunk), params["N"], {params["p"]: 1.0}, SAMPLES, level(params)
    )
    return {"log_weight": drawn["log_weight"], "index": drawn["index"]}


def euler_characteristic(n: int) -> float:
    """Of the sphere in n dimensions: 2 for odd n, 0 for even n."""
    return 2.0 if n % 2 else 0.0


def predict(params: Params) -> Prediction:
    """Log of the exact mean number, from the one-point density of GOE(N) (ABC Thm 2.2)."""
    n = params["N"]
    return {
        "log count": mean_count(pure(params["p"]), n, below=level(params)).log,
        "Euler": euler_characteristic(n),
    }


def compare(seen: Observation) -> list[Cell]:
    """t test of the mean weight; and of the signed one, the Euler characteristic (Morse)."""
    params, said = seen.params, seen.prediction
    counts = np.exp(seen.data["log_weight"])
    cells = [mean_cell(params, "mean count", math.exp(said["log count"]), counts)]
    if level(params) is None:
        signs = np.where(seen.data["index"] % 2 == 0, 1.0, -1.0)
        cells.append(
            mean_cell(params, "alternating sum over the index", said["Euler"], signs * counts)
        )
    return cells


def scaled(factor: Callable[[Params], float]) -> Callable[[Params], Prediction]:
    """The count multiplied by a factor."""

    def predicted(params: Params) -> Prediction:
        said = predict(params)
        return {**said, "log count": said["log count"] + math.log(factor(params))}

    return predicted


def series(seen: Sequence[Observation]) -> list[Series]:
    """Measured over exact, with two standard errors, by grid point."""
    x = list(range(len(seen)))
    cells = [compare(one)[0] for one in seen]
    axes = Axes("Mean number of critical points", "grid point", "Monte Carlo / exact")
    exact = [float(c.predicted or 0.0) for c in cells]
    y = [float(c.estimate or 0.0) / e for c, e in zip(cells, exact, strict=True)]
    errors = [2 * (c.stderr or 0.0) / e for c, e in zip(cells, exact, strict=True)]
    return [
        Series(axes, "exact", [x[0], x[-1]], [1.0, 1.0]),
        Series(axes, "Monte Carlo, 2 std. err.", x, y, errors, "points"),
    ]


CLAIM = Claim(
    id="KR",
    title="Kac-Rice by Monte Carlo gives the exact mean number of critical points",
    rows=(),
    statement="The mean of |det Hess| over the Gaussian law of (u, Hess), times the density of the "
    "gradient at 0 and the volume of the sphere, equals the exact finite-N count that follows from "
    "the one-point density of GOE(N); its alternating sum over the index is the Euler "
    "characteristic of the sphere.",
    source="ABC, Lemma 3.1, Thm 2.1 and 2.2; Morse theory",
    assumptions="none; every N >= 2 and p >= 2",
    evidence=Sampled(
        grid=(
            {"p": 3, "N": 5, "below": "all"},
            {"p": 3, "N": 20, "below": -1.4},
            {"p": 3, "N": 50, "below": -1.64},
            {"p": 4, "N": 9, "below": "all"},
            {"p": 4, "N": 20, "below": -1.6},
            {"p": 2, "N": 7, "below": "all"},
        ),
        predict=predict,
        simulate=simulate,
        compare=each(compare),
        chunks=per_profile(quick=20, standard=300, paper=3000),
        constants={
            "the count": lambda params, eps: scaled(lambda _: 1 + eps)(params),
        },
        series=series,
    ),
    alternatives=(
        Alternative("count 2 % larger", "a factor near 1", {"predict": scaled(lambda _: 1.02)}),
        Alternative(
            "the factor sqrt(2/p) missing",
            "a constant of ABC Thm 2.1",
            {"predict": scaled(lambda q: math.sqrt(q["p"] / 2))},
        ),
        Alternative(
            "(p-1)^((N-1)/2)",
            "N for N-1 in the exponent",
            {"predict": scaled(lambda q: (q["p"] - 1) ** -0.5)},
        ),
        Alternative(
            "the sphere's Euler characteristic 1",
            "x and -x identified: the projective space",
            {"predict": lambda params: {**predict(params), "Euler": 1.0}},
        ),
        Alternative(
            "x and -x counted once",
            "eigenvectors counted up to sign, as in the tensor literature",
            {"predict": scaled(lambda _: 0.5)},
        ),
    ),
)
