"""MIX-MC: Monte Carlo of the Kac-Rice integrand of mixtures against the exact counts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from numerics.core.streams import Stream
from numerics.kac_rice.monte_carlo import proposal, weights
from theory import Mixture, mean_count, mixture, parse, pure
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

SAMPLES = 40_000  # in a chunk: weights of minima are skewed, and a t test of fewer is not yet one


def level(params: Params) -> float | None:
    """The level of a grid point: None for all critical points."""
    return None if params["below"] == "all" else float(params["below"])


Change = Callable[[Params, dict[str, Any]], dict[str, Any]]


def simulate(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    coefficients: Callable[[dict[int, float]], dict[int, float]] = dict,
    change: Change = lambda params, drawn: drawn,
) -> Data:
    """Sums of the weights of independent draws: of minima, and of the others.

    ``coefficients`` and ``change`` are what the audit's wrong samplers alter.
    """
    terms = coefficients(parse(params["xi"]).coefficients)
    drawn = weights(stream.generator(chunk), params["N"], terms, SAMPLES, level(params))
    drawn = change(params, drawn)
    return kept(drawn["log_weight"], np.minimum(drawn["index"], 1), 2)


def counts(model: Mixture, n: int, below: float | None) -> dict[str, float]:
    """Exact means: all critical points, and minima."""
    return {
        "mean count": float(mean_count(model, n, below=below).value),
        "mean count of minima": float(mean_count(model, n, 0, below=below).value),
    }


def predict(params: Params) -> Prediction:
    """The exact means of theory."""
    return counts(parse(params["xi"]), params["N"], level(params))


def compare(seen: Observation) -> list[Cell]:
    """t tests of the mean weight, of all and of minima."""
    seen_all = together(seen.data)
    classes = {"mean count": (1, 1), "mean count of minima": (1, 0)}
    return [
        seen_all.cell(seen.params, name, seen.prediction[name], signs)
        for name, signs in classes.items()
    ]


def scaled(all_: float, minima: float) -> Callable[[Params], Prediction]:
    """The exact means multiplied by factors."""

    def predicted(params: Params) -> Prediction:
        said = predict(params)
        factors = {"mean count": all_, "mean count of minima": minima}
        return {name: value * factors[name] for name, value in said.items()}

    return predicted


def of(change: Callable[[Mixture], Mixture]) -> Callable[[Params], Prediction]:
    """The exact means of another model."""
    return lambda params: counts(change(parse(params["xi"])), params["N"], level(params))


def nearest_pure(model: Mixture) -> Mixture:
    """The pure model of the order nearest to xi'(1): r = p u rigidly."""
    return pure(max(3, round(float(model.xi(1.0, 1)))))


def swapped(model: Mixture) -> Mixture:
    """The coefficients in reverse order."""
    degrees, values = zip(*model.terms, strict=True)
    return mixture(dict(zip(degrees, reversed(values), strict=True)))


def exact_over(params: Params, factor: Callable[[float, float, int], float]) -> Prediction:
    """Both means times a factor of xi'(1), xi''(1) and N."""
    model = parse(params["xi"])
    d1, d2 = (float(model.xi(1.0, order)) for order in (1, 2))
    scale = factor(d1, d2, params["N"])
    return scaled(scale, scale)(params)


def series(seen: Sequence[Observation]) -> list[Series]:
    """Measured over exact, with two standard errors, by grid point."""
    axes = Axes("Mixtures: mean numbers of critical points", "grid point", "Monte Carlo / exact")
    x = [float(i) for i in range(len(seen))]
    drawn = [Series(axes, "exact", [x[0], x[-1]], [1.0, 1.0])]
    for j, name in enumerate(("all", "minima")):
        cells = [compare(one)[j] for one in seen]
        exact = [float(c.predicted or 1.0) for c in cells]
        y = [float(c.estimate or 0.0) / e for c, e in zip(cells, exact, strict=True)]
        errors = [2 * (c.stderr or 0.0) / e for c, e in zip(cells, exact, strict=True)]
        at = [v + 0.1 * j for v in x]
        drawn.append(Series(axes, f"{name}, 2 std. err.", at, y, errors, "points"))
    return drawn


def rigid(terms: dict[int, float]) -> dict[int, float]:
    """The mixture drawn as the pure model of its largest term."""
    return {max(terms, key=lambda p: terms[p]): 1.0}


def untilted(params: Params, drawn: dict[str, Any]) -> dict[str, Any]:
    """The tilt of the proposal undone at r = xi' u instead of at r."""
    n, terms = params["N"], parse(params["xi"]).coefficients
    slope = sum(p * a for p, a in terms.items())
    tilt = n * proposal(n, terms).kappa / 2 * (slope * drawn["u"]) ** 2
    return {**drawn, "log_weight": drawn["log_weight"] + tilt}


def sampler(name: str, why: str, **changes: Any) -> Alternative:
    """A wrong sampler that the claim must refute."""
    return Alternative(f"sampler: {name}", why, {"simulate": partial(simulate, **changes)})


CLAIM = Claim(
    id="MIX-MC",
    title="Kac-Rice by Monte Carlo gives the exact mean numbers of critical points of mixtures",
    rows=(),
    statement="For mixtures of two and three terms the mean of |det Hess| over the Gaussian law of "
    "(u, r, Hess), drawn with u and r correlated, equals the exact finite-N count from GOE(N), of all "
    "critical points and of minima, at any level.",
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
        constants={"the counts": lambda params, eps: scaled(1 + eps, 1 + eps)(params)},
        series=series,
    ),
    alternatives=(
        Alternative("counts 3 % larger", "a factor near 1", {"predict": scaled(1.03, 1.03)}),
        Alternative("minima alone 5 % more", "an index misjudged", {"predict": scaled(1, 1.05)}),
        Alternative(
            "the nearest pure model",
            "r = xi'(1) u, rounded, rigidly",
            {"predict": of(nearest_pure)},
        ),
        Alternative("coefficients reversed", "a_p of another p", {"predict": of(swapped)}),
        Alternative(
            "sqrt(2/xi') for sqrt(2 xi'/(xi'+xi''))",
            "the constant of the pure model",
            {"predict": partial(exact_over, factor=lambda d1, d2, n: math.sqrt((d1 + d2) / d1**2))},
        ),
        Alternative(
            "xi'/(xi'+xi'') for 2 xi'/(xi'+xi'')",
            "a factor sqrt 2",
            {"predict": partial(exact_over, factor=lambda d1, d2, n: math.sqrt(0.5))},
        ),
        Alternative(
            "(xi''/xi')^((N-1)/2)",
            "N - 1 for N in the exponent",
            {"predict": partial(exact_over, factor=lambda d1, d2, n: math.sqrt(d1 / d2))},
        ),
        sampler("one term", "the mixture drawn as its largest term", coefficients=rigid),
        sampler("tilt undone at xi' u", "importance weights of the pure model", change=untilted),
        sampler(
            "index off by one",
            "k + 1 for k",
            change=lambda params, drawn: {**drawn, "index": drawn["index"] + 1},
        ),
        sampler(
            "coefficients 2 % off",
            "xi not normalised",
            coefficients=lambda terms: {p: a * 1.02**p for p, a in terms.items()},
        ),
        sampler(
            "weights 3 % larger",
            "a factor near 1",
            change=lambda params, drawn: {**drawn, "log_weight": drawn["log_weight"] + 0.03},
        ),
    ),
)
