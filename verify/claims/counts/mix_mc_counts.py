"""MIX-MC: Monte Carlo of the Kac-Rice integrand of mixtures against the exact counts."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from numerics.core.streams import Stream
from numerics.kac_rice.monte_carlo import proposal, weights
from theory import Mixture, mean_count, mixture, parse, pure
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

SAMPLES = 40_000  # in a chunk: weights of minima are skewed, and a t test of fewer is not yet one


Terms = dict[int, float]  # {p: a_p}


def terms_of(xi: str) -> Terms:
    """The model of a grid point as {p: a_p}, read without theory."""
    return {int(p): float(a) for a, p in re.findall(r"([0-9.]+) q\^([0-9]+)", xi)}


def simulate(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    coefficients: Callable[[Terms], Terms] = dict,
    change: Change = unchanged,
) -> Data:
    """Sums of the weights of independent draws: of minima, and of the others.

    ``coefficients`` and ``change`` are what the audit's wrong samplers alter.
    """
    terms = coefficients(terms_of(params["xi"]))
    rng, below = stream.generator(chunk), level_of(params["below"])
    drawn = change(params, weights(rng, params["N"], terms, SAMPLES, below))
    return chunk_of(drawn["log_weight"], np.minimum(drawn["index"], 1), 2)


def predict(params: Params, change: Callable[[Mixture], Mixture] = lambda xi: xi) -> Prediction:
    """Exact means of a model: all critical points, and minima."""
    model, n, below = change(parse(params["xi"])), params["N"], level_of(params["below"])
    return {
        "mean count": float(mean_count(model, n, below=below).value),
        "mean count of minima": float(mean_count(model, n, 0, below=below).value),
    }


def compare(seen: Observation) -> list[Cell]:
    """t tests of the mean weight, of all and of minima."""
    sums = merge_chunks(seen.data)
    classes = {"mean count": (1, 1), "mean count of minima": (1, 0)}
    return [
        sums.cell(seen.params, name, seen.prediction[name], signs)
        for name, signs in classes.items()
    ]


def nearest_pure(model: Mixture) -> Mixture:
    """The pure model of the order nearest to xi'(1): r = p u rigidly."""
    return pure(max(3, round(float(model.xi(1.0, 1)))))


def swapped(model: Mixture) -> Mixture:
    """The coefficients in reverse order."""
    degrees, values = zip(*model.terms, strict=True)
    return mixture(dict(zip(degrees, reversed(values), strict=True)))


def scaled(name: str, why: str, factor: Callable[[float, float], float]) -> Alternative:
    """Both means times a factor of xi'(1) and xi''(1)."""

    def of(params: Params) -> float:
        model = parse(params["xi"])
        return factor(*(float(model.xi(1.0, order)) for order in (1, 2)))

    return scaling(predict, name, why, of)


def series(seen: Sequence[Observation]) -> list[Series]:
    """Measured over exact, with two standard errors, by model and size."""
    names = tuple(f"{one.params['xi']}, N = {one.params['N']}" for one in seen)
    title = "Mixtures: mean numbers of critical points"
    axes = Axes(title, "", "Monte Carlo / exact", xnames=names)
    x = np.arange(float(len(seen)))
    drawn = [axes.level("exact", (x[0], x[-1]), 1.0)]
    for j, name in enumerate(("all", "minima")):
        cells = [compare(one)[j] for one in seen]
        drawn.append(over_exact(axes, f"{name}, 2 std. err.", x + 0.1 * j, cells))
    return drawn


def largest_term(terms: Terms) -> Terms:
    """The pure model of the largest term."""
    return {max(terms, key=lambda p: terms[p]): 1.0}


def untilted(params: Params, drawn: Drawn) -> Drawn:
    """The tilt of the proposal undone at r = xi' u instead of at r."""
    n, terms = params["N"], parse(params["xi"]).coefficients
    slope = sum(p * a for p, a in terms.items())
    return reweighted(drawn, n * proposal(n, terms).kappa / 2 * (slope * drawn["u"]) ** 2)


sampler = partial(sampling, simulate)

CLAIM = Claim(
    id="MIX-MC",
    title="Kac-Rice by Monte Carlo gives the exact mean numbers of critical points of mixtures",
    rows=(),
    statement="For mixtures of two and three terms the mean of |det Hess| over the Gaussian law of "
    "(u, r, Hess), drawn with u and r correlated, equals the exact finite-N count from GOE(N), of all "
    "critical points and of minima, at any level.",
    compares={
        "equals the exact finite-N count from GOE(N), of all critical points": "mean count",
        "of minima, at any level": "mean count of minima",
    },
    source="Auffinger and Ben Arous 2013 (Kac-Rice for mixtures)",
    assumptions="none; every N >= 2",
    evidence=Sampled(
        grid=(
            {"xi": "0.5 q^3 + 0.5 q^4", "N": 8, "below": "all"},
            {"xi": "0.5 q^3 + 0.5 q^4", "N": 15, "below": -1.4},
            {"xi": "0.75 q^2 + 0.25 q^4", "N": 10, "below": "all"},
            {"xi": "0.75 q^2 + 0.25 q^4", "N": 20, "below": -1.3},
            {"xi": "0.5 q^2 + 0.3 q^3 + 0.2 q^5", "N": 9, "below": "all"},
            {"xi": "0.5 q^2 + 0.3 q^3 + 0.2 q^5", "N": 15, "below": -1.3},
        ),
        predict=predict,
        simulate=simulate,
        compare=each(compare),
        chunks=per_profile(audit=2, quick=10, standard=75, paper=750),
        constants={"the counts": constant(predict)},
        series=series,
    ),
    alternatives=(
        scaling(predict, "counts 3 % larger", "a factor near 1", 1.03),
        scaling(
            predict, "minima alone 5 % more", "an index misjudged", 1.05, "mean count of minima"
        ),
        predicting(
            "the nearest pure model",
            "r = xi'(1) u, rounded, rigidly",
            partial(predict, change=nearest_pure),
        ),
        predicting("coefficients reversed", "a_p of another p", partial(predict, change=swapped)),
        scaled(
            "sqrt(2/xi') for sqrt(2 xi'/(xi'+xi''))",
            "the constant of the pure model",
            lambda d1, d2: math.sqrt((d1 + d2) / d1**2),
        ),
        scaled(
            "xi'/(xi'+xi'') for 2 xi'/(xi'+xi'')", "a factor sqrt 2", lambda d1, d2: math.sqrt(0.5)
        ),
        scaled(
            "(xi''/xi')^((N-1)/2)", "N - 1 for N in the exponent", lambda d1, d2: math.sqrt(d1 / d2)
        ),
        sampler("one term", "the mixture drawn as its largest term", coefficients=largest_term),
        sampler("tilt undone at xi' u", "importance weights of the pure model", change=untilted),
        sampler("index off by one", "k + 1 for k", change=next_index),
        sampler(
            "coefficients 2 % off",
            "xi not normalised",
            coefficients=lambda terms: {p: a * 1.02**p for p, a in terms.items()},
        ),
        sampler(
            "weights 3 % larger", "a factor near 1", change=lambda _, drawn: reweighted(drawn, 0.03)
        ),
    ),
)
