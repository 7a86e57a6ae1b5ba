"""KR-K: Monte Carlo of the Kac-Rice integrand by index and level against the exact law."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

import numpy as np

from numerics.core.log_sums import LogSums
from numerics.core.streams import Stream
from numerics.kac_rice.monte_carlo import weights
from numerics.kac_rice.rare_index import layer_weights
from theory import mean_count, mixture
from verify.alternatives import constant, predicting, sampling, scaling
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
from verify.claims.counts._levels import level_of
from verify.claims.counts._weight_sums import merge_chunks, over_exact, pack
from verify.evidence import Sampled

PLAIN = 20_000  # draws of the plain estimator in a chunk
BATCHES, DRAWS, PILOT = 16, 1024, 6144  # of the one made for rare indices


def coefficients(params: Params) -> dict[int, float]:
    """The model of a grid point, {p: a_p}."""
    return {int(p): float(a) for p, a in (t.split(":") for t in params["model"].split(" "))}


def indices(params: Params) -> list[int]:
    """The indices of a grid point."""
    return [int(k) for k in str(params["k"]).split(" ")]


def lowered(params: Params, by: float) -> float | None:
    """The level of a grid point, lowered."""
    u = level_of(params["below"])
    return None if u is None else u - by


def simulate(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    dimension: int = 0,
    later: int = 0,
    lower: float = 0.0,
    model: Callable[[float], float] = lambda a: a,
    factor: float = 1.0,
) -> Data:
    """Sums of weights whose means are the mean numbers of critical points, by index.

    ``dimension`` is added to N, ``later`` to the index, ``lower`` taken from the level, ``model``
    and ``factor`` applied to the coefficients and the weights by the audit's wrong samplers.
    """
    rng, n = stream.generator(chunk), params["N"] + dimension
    below = lowered(params, lower)
    a = {p: model(value) for p, value in coefficients(params).items()}
    wanted = [k + later for k in indices(params)]
    if params["how"] == "plain":
        drawn = weights(rng, n, a, PLAIN, below, xp)
        log_weight, units = drawn["log_weight"], PLAIN
        matches = drawn["index"][:, None] == np.asarray(wanted)
        classes = np.where(matches.any(axis=1), matches.argmax(axis=1), len(wanted))
    else:
        means = [layer_weights(rng, n, a, k, BATCHES, DRAWS, below, PILOT, xp) for k in wanted]
        log_weight, units = np.concatenate(means), BATCHES
        classes = np.repeat(np.arange(len(wanted)), BATCHES)
    sums = LogSums.empty(len(wanted) + 1).add(log_weight + math.log(factor), classes)
    return pack(sums, units)


@cache
def exact(model: str, n: int, k: int, below: float | None) -> float:
    """Log of the exact mean number of index k; the wrong theories share what they can."""
    return mean_count(mixture(coefficients({"model": model})), n, k=k, below=below).log


def neighbour(k: int) -> int:
    """The index before, 1 for 0."""
    return k - 1 if k else 1


def predict(
    params: Params,
    dimension: int = 0,
    index: Callable[[int], int] = lambda k: k,
    lower: float = 0.0,
) -> Prediction:
    """Exact mean numbers by index, from the law of the k-th eigenvalue of GOE(N)."""
    n, below = params["N"] + dimension, lowered(params, lower)
    return {
        f"k = {k}": math.exp(exact(params["model"], n, index(k), below)) for k in indices(params)
    }


def total(params: Params) -> Prediction:
    """All indices together where one was asked for."""
    below = level_of(params["below"])
    count = mean_count(mixture(coefficients(params)), params["N"], below=below)
    return {f"k = {k}": math.exp(count.log) for k in indices(params)}


def as_pure(params: Params) -> Prediction:
    """A mixture replaced by the pure model of the same xi'(1)."""
    slope = sum(p * a for p, a in coefficients(params).items())
    return predict({**params, "model": f"{math.floor(slope)}:1.0"})


def compare(seen: Observation) -> list[Cell]:
    """A t test of the mean weight of every index."""
    sums, said = merge_chunks(seen.data), seen.prediction
    signs = np.eye(len(said), len(said) + 1)
    return [
        sums.cell(seen.params, name, mean, row)
        for (name, mean), row in zip(said.items(), signs, strict=True)
    ]


def series(seen: Sequence[Observation]) -> list[Series]:
    """Measured over exact, with two standard errors, by model, size, level and index."""
    title, ratio = "Mean number of critical points of one index", "Monte Carlo / exact"
    axes = Axes(title, "", ratio, xnames=tuple(named(one.params) for one in seen))
    drawn = [axes.level("exact", (-0.4, len(seen) - 0.6), 1.0)]
    cells = [(i, int(c.quantity[-1]), c) for i, one in enumerate(seen) for c in compare(one)]
    for k in sorted({index for _, index, _ in cells}):
        some = [(i, cell) for i, index, cell in cells if index == k]
        x = [i + 0.15 * (k - 2) for i, _ in some]
        drawn.append(over_exact(axes, f"k = {k}, 2 std. err.", x, [cell for _, cell in some]))
    return drawn


def named(params: Params) -> str:
    """A grid point in a figure.

    Examples
    --------
    >>> named({"model": "3:1", "N": 6, "below": -1.1})
    'q^3, N = 6, u <= -1.1'
    """
    below = "" if params["below"] == "all" else f", u <= {params['below']}"
    return f"{mixture(coefficients(params))}, N = {params['N']}{below}"


def changed(name: str, why: str, **changes: Any) -> Alternative:
    """The law of something else."""
    return predicting(name, why, partial(predict, **changes))


sampler = partial(sampling, simulate)


def point(how: str, model: str, n: int, k: str, below: float | str) -> Params:
    """A grid point."""
    return {"how": how, "model": model, "N": n, "k": k, "below": below}


HALVES = "3:0.5 4:0.5"

CLAIM = Claim(
    id="KR-K",
    title="Kac-Rice by Monte Carlo gives the exact mean numbers by index and level, down to e^-47",
    rows=(),
    statement="The mean of |det Hess| on the event that the Hessian has index k and H/N <= u equals "
    "the exact finite-N count that follows from the law of the (k+1)-th smallest eigenvalue of "
    "GOE(N), for pure models and mixtures, for counts from thousands down to e^-47.",
    compares={
        "The mean of |det Hess| on the event that the Hessian has index k and H/N <= u "
        "equals the exact finite-N count": "k = *",
        "for counts from thousands down to e^-47": "k = *",
    },
    source="ABC, Lemma 3.1, Thm 2.1; Auffinger and Ben Arous 2013, Thm 1.1 for mixtures",
    assumptions="none; every N >= 2. The Monte Carlo knows no law of an eigenvalue: it draws "
    "tridiagonal matrices and counts",
    evidence=Sampled(
        grid=(
            point("plain", "3:1", 6, "0 1 2 3 4", "all"),
            point("plain", "3:1", 12, "0 1 2", -1.1),
            point("plain", "2:0.5 4:0.5", 8, "0 1 3", "all"),
            point("plain", HALVES, 15, "0 1 2", -1.3),
            point("rare", "3:1", 100, "0", -2.05),
            point("rare", "3:1", 100, "1", -1.88),
            point("rare", "3:1", 50, "2", -1.8),
            point("rare", "4:1", 60, "2", -1.9),
            point("rare", HALVES, 100, "1", -1.95),
            point("rare", HALVES, 60, "2", -1.9),
        ),
        predict=predict,
        simulate=simulate,
        compare=each(compare),
        chunks=per_profile(audit=2, quick=4, standard=50, paper=1000),
        constants={"the count": constant(predict)},
        series=series,
    ),
    alternatives=(
        changed("k - 1 for k", "eigenvalues counted from 1 (0: from -1)", index=neighbour),
        changed("level 0.005 lower", "a level slightly off", lower=0.005),
        changed("N + 1 for N", "the dimension of the space and that of the sphere", dimension=1),
        changed("N - 1 for N", "the same, the other way", dimension=-1),
        scaling(predict, "count 5 % larger", "a factor near 1", 1.05),
        scaling(predict, "x and -x counted once", "eigenvectors counted up to sign", 0.5),
        predicting("all indices for one", "the law by level alone", total),
        predicting(
            "mixtures as the pure model of their slope",
            "xi'(1) alone does not decide a count",
            as_pure,
        ),
        sampler("N + 1 for N", "the dimension of the space", dimension=1),
        sampler("N - 1 for N", "the dimension of the sphere", dimension=-1),
        sampler("index off by one", "k + 1 for k", later=1),
        sampler("level 0.02 lower", "points near the level lost", lower=0.02),
        sampler("amplitudes for variances", "a_p^2 for a_p", model=lambda a: a * a),
        sampler("weights 10 % larger", "a factor near 1", factor=1.1),
    ),
)
