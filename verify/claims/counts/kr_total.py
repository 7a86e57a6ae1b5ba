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
from theory import mean_count, pure
from verify.alternatives import replaced, replacing, sampling
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
from verify.claims.counts._levels import level_of
from verify.claims.counts._weight_sums import (
    Change,
    Drawn,
    chunk_of,
    merge_chunks,
    next_index,
    over_exact,
    reweighted,
    unchanged,
)
from verify.evidence import Sampled

SAMPLES = 20_000  # in a chunk


def simulate(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    dimension: int = 0,
    change: Change = unchanged,
) -> Data:
    """Sums of the weights of independent draws and of their squares, by the parity of the index.

    The mean weight is the mean number of critical points. ``dimension`` is added to N and
    ``change`` applied to the draws by the audit's wrong samplers.
    """
    n = params["N"] + dimension
    below = level_of(params["below"])
    drawn = change(params, weights(stream.generator(chunk), n, {params["p"]: 1.0}, SAMPLES, below))
    return chunk_of(drawn["log_weight"], drawn["index"] % 2, 2)


def predict(params: Params) -> Prediction:
    """Log of the exact mean number (ABC Thm 2.2); the sphere's Euler characteristic."""
    n = params["N"]
    return {
        "log count": mean_count(pure(params["p"]), n, below=level_of(params["below"])).log,
        "Euler": 2.0 if n % 2 else 0.0,
    }


def compare(seen: Observation) -> list[Cell]:
    """t test of the mean weight; and of the signed one, the Euler characteristic (Morse)."""
    params, said, sums = seen.params, seen.prediction, merge_chunks(seen.data)
    cells = [sums.cell(params, "mean count", math.exp(said["log count"]), (1, 1))]
    if params["below"] == "all":
        cells.append(sums.cell(params, "alternating sum over the index", said["Euler"], (1, -1)))
    return cells


def scaled(factor: Callable[[Params], float]) -> Callable[[Params, Prediction], Prediction]:
    """The count multiplied by a factor."""
    return lambda q, said: {"log count": said["log count"] + math.log(factor(q))}


def series(seen: Sequence[Observation]) -> list[Series]:
    """Measured over exact, with two standard errors, by model and size."""
    names = tuple(f"p = {one.params['p']}, N = {one.params['N']}" for one in seen)
    axes = Axes("Mean number of critical points", "", "Monte Carlo / exact", xnames=names)
    x, cells = range(len(seen)), [compare(one)[0] for one in seen]
    return [
        axes.level("exact", (x[0], x[-1]), 1.0),
        over_exact(axes, "Monte Carlo, 2 std. err.", x, cells),
    ]


def largest_dropped(_: Params, drawn: Drawn) -> Drawn:
    """One draw in fifty, those of the largest weight, set to nothing."""
    log_weight = drawn["log_weight"]
    dropped = log_weight > np.quantile(log_weight, 0.98)
    return {**drawn, "log_weight": np.where(dropped, -np.inf, log_weight)}


def untilted(params: Params, drawn: Drawn) -> Drawn:
    """The tilt of the proposal not undone."""
    n, p = params["N"], params["p"]
    kappa = proposal(n, {p: 1.0}).kappa
    return reweighted(drawn, n * kappa / 2 * (p * drawn["u"]) ** 2)


def mass_forgotten(params: Params, drawn: Drawn) -> Drawn:
    """The probability of the truncated proposal left out of the weights."""
    u = level_of(params["below"])
    if u is None:
        return drawn
    spread = math.sqrt(proposal(params["N"], {params["p"]: 1.0}).uu / params["N"])
    return reweighted(drawn, -float(log_ndtr(u / spread)))


def half_precision(_: Params, drawn: Drawn) -> Drawn:
    """The weights of a chunk summed in float16, which stops growing at 2048 times a weight."""
    weight = np.exp(drawn["log_weight"] - drawn["log_weight"].max())
    share = weight.astype(np.float16).cumsum(dtype=np.float16)[-1] / weight.sum()
    return reweighted(drawn, math.log(share))


wrong = partial(replacing, predict)
sampler = partial(sampling, simulate)

WRONG_SAMPLERS = (
    sampler("N+1 for N", "the dimension of the space for that of the sphere", dimension=1),
    sampler("N-1 for N", "the dimension of the sphere for that of the space", dimension=-1),
    sampler("one draw in fifty dropped", "the largest weights lost", change=largest_dropped),
    sampler("tilt not undone", "importance weights forgotten", change=untilted),
    sampler(
        "mass of the truncation forgotten", "a constant of the proposal", change=mass_forgotten
    ),
    sampler("index off by one", "k + 1 for k flips the alternating sum", change=next_index),
    sampler("half precision", "weights accumulated in float16", change=half_precision),
    sampler(
        "weights 2 % larger", "a factor near 1", change=lambda _, drawn: reweighted(drawn, 0.02)
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
    compares={
        "The mean of |det Hess| over the Gaussian law of (u, Hess), times the density of "
        "the gradient at 0 and the volume of the sphere, equals the exact finite-N count": (
            "mean count"
        ),
        "its alternating sum over the index is the Euler characteristic of the sphere": (
            "alternating sum over the index"
        ),
    },
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
        constants={"the count": lambda q, eps: replaced(predict, scaled(lambda _: 1 + eps))(q)},
        series=series,
    ),
    alternatives=(
        wrong("count 2 % larger", "a factor near 1", scaled(lambda _: 1.02)),
        wrong(
            "the factor sqrt(2/p) missing",
            "a constant of ABC Thm 2.1",
            scaled(lambda q: math.sqrt(q["p"] / 2)),
        ),
        wrong(
            "(p-1)^((N-1)/2)", "N for N-1 in the exponent", scaled(lambda q: (q["p"] - 1) ** -0.5)
        ),
        wrong(
            "the sphere's Euler characteristic 1",
            "x and -x identified: the projective space",
            {"Euler": 1.0},
        ),
        wrong(
            "x and -x counted once",
            "eigenvectors counted up to sign, as in the tensor literature",
            scaled(lambda _: 0.5),
        ),
        *WRONG_SAMPLERS,
    ),
)
