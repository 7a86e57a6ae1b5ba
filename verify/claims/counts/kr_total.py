"""KR: Monte Carlo of the Kac-Rice integrand against the exact mean number of critical points."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from scipy.special import log_ndtr

from numerics.core.streams import Stream
from numerics.kac_rice.monte_carlo import proposal, weights
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
    Series,
    each,
    per_profile,
)
from verify.claims.counts._weight_sums import kept, together
from verify.evidence import Sampled

SAMPLES = 20_000  # in a chunk


def e_inf(p: int) -> float:
    """The barrier, from theory."""
    return float(threshold(pure(p), None, 17))


def level(params: Params) -> float | None:
    """The level of a grid point: None for all critical points."""
    return None if params["below"] == "all" else float(params["below"])


Change = Callable[[Params, dict[str, Any]], dict[str, Any]]


def simulate(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    dimension: int = 0,
    change: Change = lambda params, drawn: drawn,
) -> Data:
    """Sums of the weights of independent draws and of their squares, by the parity of the index.

    The mean weight is the mean number of critical points. ``dimension`` is added to N and
    ``change`` applied to the draws by the audit's wrong samplers.
    """
    n = params["N"] + dimension
    drawn = weights(stream.generator(chunk), n, {params["p"]: 1.0}, SAMPLES, level(params))
    drawn = change(params, drawn)
    return kept(drawn["log_weight"], drawn["index"] % 2, 2)


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
    params, said, seen_all = seen.params, seen.prediction, together(seen.data)
    cells = [seen_all.cell(params, "mean count", math.exp(said["log count"]), (1, 1))]
    if level(params) is None:
        name = "alternating sum over the index"
        cells.append(seen_all.cell(params, name, said["Euler"], (1, -1)))
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


def largest_dropped(params: Params, drawn: dict[str, Any]) -> dict[str, Any]:
    """One draw in fifty, those of the largest weight, set to nothing."""
    log_weight = drawn["log_weight"]
    dropped = log_weight > np.quantile(log_weight, 0.98)
    return {**drawn, "log_weight": np.where(dropped, -np.inf, log_weight)}


def untilted(params: Params, drawn: dict[str, Any]) -> dict[str, Any]:
    """The tilt of the proposal not undone."""
    n, p = params["N"], params["p"]
    kappa = proposal(n, {p: 1.0}).kappa
    return {**drawn, "log_weight": drawn["log_weight"] + n * kappa / 2 * (p * drawn["u"]) ** 2}


def mass_forgotten(params: Params, drawn: dict[str, Any]) -> dict[str, Any]:
    """The probability of the truncated proposal left out of the weights."""
    u = level(params)
    if u is None:
        return drawn
    spread = math.sqrt(proposal(params["N"], {params["p"]: 1.0}).uu / params["N"])
    return {**drawn, "log_weight": drawn["log_weight"] - float(log_ndtr(u / spread))}


def half_precision(params: Params, drawn: dict[str, Any]) -> dict[str, Any]:
    """The weights of a chunk summed in float16, which stops growing at 2048 times a weight."""
    log_weight = drawn["log_weight"]
    weight = np.exp(log_weight - log_weight.max())
    share = weight.astype(np.float16).cumsum(dtype=np.float16)[-1] / weight.sum()
    return {**drawn, "log_weight": log_weight + math.log(share)}


def sampler(name: str, why: str, **changes: Any) -> Alternative:
    """A wrong sampler that the claim must refute."""
    return Alternative(f"sampler: {name}", why, {"simulate": partial(simulate, **changes)})


WRONG_SAMPLERS = (
    sampler("N+1 for N", "the dimension of the space for that of the sphere", dimension=1),
    sampler("N-1 for N", "the dimension of the sphere for that of the space", dimension=-1),
    sampler("one draw in fifty dropped", "the largest weights lost", change=largest_dropped),
    sampler("tilt not undone", "importance weights forgotten", change=untilted),
    sampler(
        "mass of the truncation forgotten", "a constant of the proposal", change=mass_forgotten
    ),
    sampler(
        "index off by one",
        "k + 1 for k flips the alternating sum",
        change=lambda params, drawn: {**drawn, "index": drawn["index"] + 1},
    ),
    sampler("half precision", "weights accumulated in float16", change=half_precision),
    sampler(
        "weights 2 % larger",
        "a factor near 1",
        change=lambda params, drawn: {**drawn, "log_weight": drawn["log_weight"] + 0.02},
    ),
)

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
            {"p": 3, "N": 6, "below": 0.7},
            {"p": 3, "N": 20, "below": -1.4},
            {"p": 3, "N": 50, "below": -1.64},
            {"p": 4, "N": 9, "below": "all"},
            {"p": 4, "N": 20, "below": -1.6},
            {"p": 2, "N": 7, "below": "all"},
        ),
        predict=predict,
        simulate=simulate,
        compare=each(compare),
        chunks=per_profile(audit=5, quick=20, standard=300, paper=3000),
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
        *WRONG_SAMPLERS,
    ),
)
