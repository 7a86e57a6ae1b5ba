"""X4: the law of a random Hamiltonian at two points, from which barriers around minima follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import sqrt
from typing import Any

import numpy as np

from numerics.core.backend import to_numpy
from numerics.core.streams import Stream
from numerics.pspin import hamiltonian
from numerics.pspin.couplings import random_point
from theory import lowest_barrier, parisi_energy, pure, threshold
from theory.two_points import Derivative, covariance, given
from verify.alternatives import constant, replacing, sampling, scaling
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
from verify.statistics import chi_square_cell

DISORDERS = 250  # Hamiltonians in a chunk
LEVELS = [Derivative(0), Derivative(1)]
SLOPES = [Derivative(0, "t"), Derivative(1, "t")]
ACROSS = [Derivative(0, "e"), Derivative(1, "e")]
CURVATURE = Derivative(1, "tt")
BORDER = Derivative(1, "et")


def simulate(
    params: Params,
    stream: Stream,
    chunk: int,
    xp: Any,
    apart: Callable[[float], float] = lambda q: q,
    couplings_of: Callable[[int], int] = lambda disorder: disorder,
) -> Data:
    """Levels, slopes, a curvature and borders at two points, a disorder each.

    Wrong samplers change keywords.
    """
    n, q = params["N"], apart(params["q"])
    rows = []
    for disorder in range(DISORDERS):
        rng = stream.generator(chunk, couplings_of(disorder), 0)
        couplings = hamiltonian.draw(rng, n, {params["p"]: 1.0}, xp=xp)
        basis = np.linalg.qr(random_point(stream.generator(chunk, disorder, 1), n, n).T)[0].T
        x, t = basis[0], basis[1]
        y, along = q * x + sqrt(1 - q * q) * t, q * t - sqrt(1 - q * q) * x
        both = xp.asarray(sqrt(n) * np.array([x, y]))
        slopes = to_numpy(hamiltonian.gradient(couplings, both))
        bent = to_numpy(hamiltonian.hessian(couplings, both))[1] * sqrt(n)
        rows.append(
            {
                "levels": to_numpy(hamiltonian.energy(couplings, both)) / sqrt(n),
                "slopes": np.array([slopes[0] @ t, slopes[1] @ along]),
                "across": slopes @ basis[2:].T,
                "curvature": along @ bent @ along,
                "border": basis[2:] @ bent @ along,
            }
        )
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def predict(params: Params) -> Prediction:
    """Conditional variances at two points, and what the conditional means are made of."""
    model, q = pure(params["p"]), params["q"]
    by_slopes, levels = given(model, q, LEVELS, SLOPES)
    by_both, curvature = given(model, q, [CURVATURE], LEVELS + SLOPES)
    by_across, border = given(model, q, [BORDER], ACROSS)
    own, cross = (float(covariance(model, q, ACROSS[0], one)) for one in ACROSS)
    return {
        "variance of a level": float(levels[0, 0]),
        "covariance of levels": float(levels[0, 1]),
        "variance of the curvature": float(curvature[0, 0]),
        "variance of the border": float(border[0, 0]),
        "slope": own,
        "xi(q)": float(covariance(model, q, *LEVELS)),
        "covariance of slopes": cross,
        **{f"level by slope {i}": float(by_slopes[0, i]) for i in (0, 1)},
        **{f"curvature by {i}": float(by_both[0, i]) for i in range(4)},
        **{f"border by {i}": float(by_across[0, i]) for i in (0, 1)},
    }


def squares(values: Any) -> float:
    """Sum of squares."""
    return float((np.asarray(values) ** 2).sum())


def compare(seen: Observation) -> list[Cell]:
    """Exact chi-square tests: what the conditional means leave has the conditional variances."""
    said, data, params = seen.prediction, seen.data, seen.params
    units, across = len(data["levels"]), params["N"] - 2
    # By symmetry the second level answers to the slopes as the first does, crosswise.
    toward = np.array([said["level by slope 0"], said["level by slope 1"]])
    sign = -1.0  # of t2 against t1 where the points change places
    first = data["levels"][:, 0] - data["slopes"] @ toward
    second = data["levels"][:, 1] - sign * (data["slopes"] @ toward[::-1])
    known = np.concatenate([data["levels"], data["slopes"]], axis=1)
    bend = data["curvature"] - known @ np.array([said[f"curvature by {i}"] for i in range(4)])
    edge = data["border"] - sum(said[f"border by {i}"] * data["across"][:, i] for i in (0, 1))
    rows: list[tuple[str, float, float, int]] = []
    for word, other in (("sum", 1.0), ("difference", -1.0)):
        variance = 2 * (said["variance of a level"] + other * said["covariance of levels"])
        rows.append(
            (f"variance of the {word} of levels", variance, squares(first + other * second), units)
        )
        slope = 2 * (said["slope"] + other * said["covariance of slopes"])
        total = squares(data["across"][:, 0] + other * data["across"][:, 1])
        rows.append((f"variance of the {word} of slopes across", slope, total, units * across))
    rows.append(
        (
            "variance of the curvature given levels",
            said["variance of the curvature"],
            squares(bend),
            units,
        )
    )
    rows.append(
        (
            "variance of the border given slopes",
            said["variance of the border"],
            squares(edge),
            units * across,
        )
    )
    return [chi_square_cell(params, *row, units) for row in rows]


def series(seen: Sequence[Observation]) -> list[Series]:
    """Measured over predicted variances; and what they lead to, the lowest saddles around a minimum."""
    names = tuple(cell.quantity.removeprefix("variance of the ") for cell in compare(seen[0]))
    title = "Variances of the law at two points"
    checks = Axes(title, "", "measured / exact, 2 std. err.", xnames=names)
    ways = Axes(
        "Ways out of a minimum, p = 3", "minimum: 1000 (u + E_inf)", "saddle: 1000 (u + E_inf)"
    )
    drawn = [checks.level("exact", (0, 5), 1.0)]
    for shift, one in enumerate(seen):
        cells = compare(one)
        x = [i + 0.1 * shift for i in range(len(cells))]
        ratio = [float(c.estimate or 0.0) / float(c.predicted or 1.0) for c in cells]
        error = [2 * float(c.stderr or 0.0) / float(c.predicted or 1.0) for c in cells]
        name = "p = {p}, N = {N}, q = {q}".format(**one.params)
        drawn.append(checks.points(name, x, ratio, error))
    ground, barrier = -float(parisi_energy(pure(3), 17)), -float(threshold(pure(3), None, 17))
    levels = np.linspace(ground, barrier, 8)[1:-1].tolist()
    saddles = [1000 * (lowest_barrier(pure(3), u).level - barrier) for u in levels]
    minima = [1000 * (u - barrier) for u in levels]
    return [
        *drawn,
        ways.line("lowest saddles", minima, saddles),
        ways.level("-E_inf", (minima[0], minima[-1]), 0.0),
        ways.line("the minimum itself", minima, minima),
    ]


def plus_for_minus(_: Params, said: Prediction) -> Prediction:
    """The correction of the levels' covariance with the other sign."""
    return {"covariance of levels": 2 * said["xi(q)"] - said["covariance of levels"]}


wrong = partial(replacing, predict)
sampler = partial(sampling, simulate)

CLAIM = Claim(
    id="X4",
    title="Two critical points: the law of a Hamiltonian beside a given one",
    rows=("X4",),
    statement="At two points of overlap q the levels have, given the slopes along their plane, the exact "
    "variances of sum and difference, the curvature along the plane at the second point what levels "
    "and slopes leave, and its Hessian's row across the plane what slopes across leave, whose sum "
    "and difference have variances 2 (xi'(1) +- xi'(q)).",
    compares={
        "the levels have, given the slopes along their plane, the exact variances of sum and difference": (
            "variance of the sum of levels"
        ),
        "the curvature along the plane at the second point what levels and slopes leave": (
            "variance of the curvature given levels"
        ),
        "its Hessian's row across the plane what slopes across leave": (
            "variance of the border given slopes"
        ),
        "whose sum and difference have variances 2 (xi'(1) +- xi'(q))": (
            "variance of the sum of slopes across"
        ),
    },
    source="Ros, Biroli and Cammarota 2019; theory.two_points",
    assumptions="Gaussian couplings; every N >= 3 and q; a pure model for the complexity of pairs",
    evidence=Sampled(
        grid=({"p": 4, "N": 6, "q": 0.5}, {"p": 5, "N": 4, "q": 0.8}, {"p": 4, "N": 5, "q": -0.6}),
        predict=predict,
        simulate=simulate,
        compare=each(compare),
        chunks=per_profile(audit=6, quick=5, standard=60, paper=1200),
        constants={
            name: constant(predict, name)
            for name in (
                "variance of a level",
                "variance of the curvature",
                "variance of the border",
                "slope",
            )
        },
        series=series,
    ),
    alternatives=(
        wrong("plus in U12", "the sign of the correction", plus_for_minus),
        wrong(
            "slopes not conditioned on",
            "the levels' own variances",
            lambda _, said: {"variance of a level": 1.0, "covariance of levels": said["xi(q)"]},
        ),
        wrong(
            "a border of variance xi''",
            "slopes across not conditioned on",
            lambda params, _: {"variance of the border": params["p"] * (params["p"] - 1)},
        ),
        wrong(
            "independent slopes",
            "gradients at both points taken as independent",
            lambda _, said: {"covariance of slopes": 0.0},
        ),
        scaling(
            predict, "levels' variance 10 % larger", "a factor near 1", 1.1, "variance of a level"
        ),
        scaling(
            predict, "curvature 30 % larger", "a factor near 1", 1.3, "variance of the curvature"
        ),
        scaling(predict, "border 15 % larger", "a factor near 1", 1.15, "variance of the border"),
        scaling(predict, "slopes 12 % larger", "a factor near 1", 1.12, "slope"),
        sampler("overlap 10 % too small", "a factor near 1", apart=lambda q: 0.9 * q),
        sampler("one Hamiltonian for all", "disorders not independent", couplings_of=lambda _: 0),
    ),
)
