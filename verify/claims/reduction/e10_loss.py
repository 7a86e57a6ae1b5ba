"""E10: the mean absolute loss is S -+ Yhat only if no pattern of activity exceeds S."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise, product
from typing import Any

import sympy as sp

from theory.networks import paths as expansion
from theory.networks.architecture import network
from verify.alternatives import refuting
from verify.claim import Cell, Claim, Params
from verify.evidence import Proof, decided, equal

NETS = ("2,1", "2,2,1", "1,2,2,1")
RHOS = ("1/4", "1/2", "9/10")


@dataclass(frozen=True)
class Theory:
    """The linear form of the loss, its excess, and the S that it needs; wrong theories replace them."""

    linear: Callable[[Any, Any, int], Any] = lambda s, mean, sign: s - sign * mean
    excess: Callable[..., Any] = expansion.loss_excess
    mean: Callable[..., Any] = expansion.mean_output
    reach: Callable[..., Any] = lambda mean, most: most  # S, of sup Yhat and of sup |Y| over all A


@cache
def _terms(widths: str) -> tuple[tuple[Fraction, ...], ...]:
    """Terms of the paths for all weights of size 1, at fixed inputs: a finite set of w with a true sup."""
    net = network([int(n) for n in widths.split(",")])
    every = list(expansion.paths(net))
    x = [Fraction(3, 2), Fraction(-2, 3)][: net.inputs]
    shapes = list(pairwise(net.widths))
    found = set()
    for signs in product((-1, 1), repeat=net.size):
        left = iter(signs)
        weights = [[[next(left) for _ in range(b)] for _ in range(a)] for a, b in shapes]
        found.add(tuple(x[p[0]] * expansion.monomial(p, weights) for p in every))
    return tuple(sorted(found))


def _by_hand(terms: tuple[Fraction, ...], rho: Fraction, target: Fraction) -> tuple[Any, Any, Any]:
    """(E_A |Y_t - Y|, E_A Y, largest |Y|), one path at a time: the law of Y as a table."""
    law = {Fraction(0): Fraction(1)}
    for term in terms:
        following: dict[Fraction, Fraction] = {}
        for value, probability in law.items():
            for active, weight in ((1, rho), (0, 1 - rho)):
                at = value + active * term
                following[at] = following.get(at, Fraction(0)) + probability * weight
        law = following
    loss = sum(p * abs(target - y) for y, p in law.items())
    return loss, sum(p * y for y, p in law.items()), max(abs(y) for y in law)


def one_path(params: Params, theory: Theory) -> list[Cell]:
    """The counterexample in symbols: one path of largest size m, so that S = sup Yhat = rho m."""
    rho, m = sp.symbols("rho m", positive=True)
    s = theory.reach(rho * m, m)
    mean = theory.mean([m], rho)
    # A = 1 with probability rho, else 0: |S - m| and |S|; m - S >= 0.
    loss = rho * (m - s) + (1 - rho) * s
    gap = sp.factor(sp.simplify(loss - theory.linear(s, mean, 1)))
    at = sp.simplify(loss.subs(s, rho * m) if s != m else loss)
    printed = rho * (m - rho * m) + (1 - rho) * rho * m
    excess = sp.simplify(printed - 2 * (1 - rho) * rho * m) == 0
    what = "with S = sup Yhat, as printed: loss there (linear form: 0)"
    said, same = "2 m rho (1 - rho) = 2 (1 - rho) S", sp.simplify(at - (1 - rho) * m) == 0
    return [
        equal(params, "loss - linear form at the maximising w, Y_t = S", 0, gap),
        decided(params, what, said, sp.factor(printed), excess),
        decided(params, "loss there", (1 - rho) * m, at, same),
    ]


def prove(params: Params, theory: Theory = Theory()) -> list[Cell]:
    """Every weight of size 1 and every pattern of activity of a small network, in rationals."""
    if "part" in params:
        return one_path(params, theory)
    rho = Fraction(params["rho"])
    every = _terms(params["widths"])
    at_zero = [_by_hand(terms, rho, Fraction(0)) for terms in every]
    most = max(largest for *_, largest in at_zero)
    top = max(abs(mean) for _, mean, _ in at_zero)
    s = theory.reach(top, most)
    exact = excess = right = broken = 0
    worst = Fraction(0)
    for terms in every:
        for sign in (1, -1):
            loss, mean, _ = _by_hand(terms, rho, sign * s)
            exact += (
                expansion.mean_loss(terms, rho, sign * s) == loss
                and theory.mean(terms, rho) == mean
            )
            right += loss == theory.linear(s, mean, sign)
            loss, mean, _ = _by_hand(terms, rho, sign * top)
            gap = loss - (top - sign * mean)
            excess += theory.excess(terms, rho, sign * top) == gap
            broken += gap != 0
            worst = max(worst, gap / top)
    count = 2 * len(every)

    return [
        equal(params, "mean loss and output, by patterns and by convolution", count, exact),
        equal(params, "loss = S -+ Yhat with S >= |Y| for every A", count, right),
        equal(params, "excess with S = sup Yhat is 2 E (+-Y - S)_+", count, excess),
        decided(params, "S = sup |Yhat| breaks the printed form", "somewhere", broken, broken > 0),
        decided(params, "largest excess over S", "> 0", worst, worst > 0),
    ]


CLAIM = Claim(
    id="E10",
    title="The mean absolute loss is linear in Yhat only if |Y| <= S for every activity",
    rows=("E10",),
    statement="E_A |Y_t - Y| = S - Yhat for Y_t = S and S + Yhat for Y_t = -S whenever |Y| <= S "
    "for every pattern of activity A. In general it exceeds this by 2 E_A (+-Y - S)_+. With the "
    "paper's S = sup over w of Yhat it is false: for one path, at the maximising w with Y_t = S, "
    "the loss is 2 (1-rho) S and the right-hand side 0.",
    compares={
        "E_A |Y_t - Y| = S - Yhat for Y_t = S and S + Yhat for Y_t = -S whenever |Y| <= S "
        "for every pattern of activity A": "loss = S -+ Yhat with S >= |Y| for every A",
        "In general it exceeds this by 2 E_A (+-Y - S)_+": (
            "excess with S = sup Yhat is 2 E (+-Y - S)_+"
        ),
        "With the paper's S = sup over w of Yhat it is false: for one path, at the maximising w with "
        "Y_t = S, the loss is 2 (1-rho) S and the right-hand side 0": (
            "with S = sup Yhat, as printed: loss there (linear form: 0)"
        ),
    },
    source="CHMBL Sec. 3.4, Eq. 10 (erratum E10)",
    assumptions="A independent Bernoulli(rho); all weights of size 1 and all patterns of small "
    "networks, in rationals; for every network by |z| = z + 2 (-z)_+",
    evidence=Proof(
        (
            {"part": "one path"},
            *({"widths": widths, "rho": rho} for widths in NETS for rho in RHOS),
        ),
        prove,
    ),
    alternatives=refuting(
        prove,
        "theory",
        ("as printed", "S = sup Yhat", Theory(reach=lambda mean, most: mean)),
        ("S halfway", "any S below sup |Y|", Theory(reach=lambda mean, most: (mean + most) / 2)),
        (
            "the same sign for both targets",
            "S - Yhat for Y_t = -S too",
            Theory(linear=lambda s, mean, sign: s - mean),
        ),
        (
            "half the excess",
            "2 forgotten",
            Theory(excess=lambda *at: expansion.loss_excess(*at) / 2),
        ),
        ("Yhat without rho", "all paths active", Theory(mean=lambda terms, rho: sum(terms))),
    ),
    notes="|S - Y| = S - Y + 2 (Y - S)_+ for every A; the mean over A gives the statement. The "
    "paper's argument needs S at least as large as the output with all paths active, 1/rho times "
    "its own S where all terms can have one sign.",
)
