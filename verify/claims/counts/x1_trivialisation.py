"""X1: a random field leaves exactly 2N critical points in the mean at h^2 = xi'' - xi', then two."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from math import exp

import flint
import numpy as np

from theory import Ball, Mixture, complexity, lowest_energy, mean_count, mixture, parse
from theory.arithmetic.ball import to_arb
from theory.finite_n.integrand import KacRiceConstants
from verify.alternatives import refuting
from verify.claim import Axes, Cell, Claim, Params, Series
from verify.evidence import Proof, decided, equal

ONE = Fraction(1)
DIGITS = 30
MOST_SPINS = 10  # by index: balls take long beyond
Strength = Callable[[Mixture], Fraction]
Number = Callable[[int], int]


def slopes(model: Mixture) -> tuple[Fraction, Fraction]:
    """xi'(1) and xi''(1)."""
    return model.xi(ONE, 1), model.xi(ONE, 2)


def critical_field(model: Mixture) -> Fraction:
    """h^2 = xi'' - xi' of the model without field."""
    first, second = slopes(model)
    return second - first


def in_field(model: Mixture, square: Fraction) -> Mixture:
    """The model with a term of degree 1."""
    return mixture({**dict(model.terms), 1: square}) if square else model


def twice(n: int) -> int:
    """Points in the mean at the critical field."""
    return 2 * n


def same_ratio(model: Mixture) -> Mixture:
    """Another mixture, in another field, with the same xi''/xi'."""
    first, second = slopes(model)
    other = mixture({2: "1/10", 9: 1})
    other_first, other_second = slopes(other)
    return in_field(other, other_second * first / second - other_first)


def prove(
    params: Params,
    strength: Strength = critical_field,
    number: Number = twice,
    twin: Callable[[Mixture], Mixture] = same_ratio,
    energy: Callable[[Fraction], Fraction] = lambda first: first,
) -> list[Cell]:
    """Exact in fractions, then in balls; wrong theories are other keywords."""
    model, n = parse(params["xi"]), params["N"]
    square = strength(model)
    at = in_field(model, square)
    constants = KacRiceConstants.of(at)
    found = mean_count(at, n, digits=DIGITS)
    cells = [
        equal(params, "coefficient of the Gaussian weight at h_c", 0, constants.c),
        decided(
            params,
            "mean number of critical points at h_c",
            number(n),
            found.value,
            found.contains(str(number(n))),
        ),
    ]
    weak = in_field(model, square / 2)
    other = twin(weak)
    for k in (None, 0) if n < MOST_SPINS else (None,):
        one, two = (mean_count(m, n, k, digits=DIGITS) for m in (weak, other))
        name = "all points" if k is None else "minima"
        cells.append(
            decided(
                params,
                f"{name}: the same number for another mixture of the same xi''/xi'",
                one.value[:20],
                two.value[:20],
                one.overlaps(two),
            )
        )
    return [*cells, *beyond(params, in_field(model, 2 * critical_field(model)), energy)]


def beyond(params: Params, strong: Mixture, energy: Callable[[Fraction], Fraction]) -> list[Cell]:
    """In twice the critical field squared: the level of the minimum is -sqrt(xi'), exponent 0."""
    with flint.ctx.workprec(200):
        said = to_arb(energy(slopes(strong)[0])).sqrt()
        ground = lowest_energy(strong, DIGITS).energy.arb()
        level = Ball.from_arb(-said, 50)
        most = complexity(strong, level, 0, DIGITS).arb()
        below = complexity(strong, Ball.from_arb(-said * flint.arb("1.001"), 50), 0, DIGITS).arb()
    return [
        decided(
            params,
            "ground state in a strong field: -sqrt(xi'(1))",
            (-said).str(20, radius=False),
            (-ground).str(20, radius=False),
            ground.overlaps(said),
        ),
        decided(
            params,
            "largest exponent of minima there: 0, and only there",
            "0",
            most.str(5),
            most.contains(0) and abs(most) < flint.arb("1e-25") and below < 0,
        ),
    ]


def series() -> list[Series]:
    """Mean numbers against the field, p = 3, for several N."""
    axes = Axes(
        "Points in the mean, q^3 + h^2 q", "h^2", "mean number of critical points", "linear", "log"
    )
    fields = np.linspace(0, 8, 33)
    curves = [
        axes.line(
            f"N = {n}",
            fields,
            [exp(mean_count(in_field(parse("q^3"), Fraction(str(x))), n).log) for x in fields],
        )
        for n in (4, 10, 30, 100)
    ]
    return [*curves, axes.level("two points", (0.0, 8.0), 2.0), axes.mark("xi'' - xi'", 3.0)]


GRID = tuple(
    {"xi": xi, "N": n}
    for xi, sizes in (
        ("q^3", (2, 3, 10, 31)),
        ("q^4", (5, 16)),
        ("0.5 q^3 + 0.5 q^4", (7,)),
        ("1/3 q^2 + 2 q^5", (9,)),
    )
    for n in sizes
)
wrong = partial(refuting, prove)

CLAIM = Claim(
    id="X1",
    title="A random field trivialises the landscape: exactly 2N points in the mean, then two",
    rows=("X1",),
    statement="In a random field, a term h^2 q of xi, the mean number of critical points is exactly 2N "
    "at h^2 = xi'' - xi' of the model without it, for every mixture and every N: there the Gaussian "
    "weight of an eigenvalue is 1. Over all levels, counts depend on xi''/xi' and N alone. In a "
    "stronger field the one minimum lies at -sqrt(xi'(1)), where the exponent of minima is 0.",
    compares={
        "the mean number of critical points is exactly 2N at h^2 = xi'' - xi' of the model without it": (
            "mean number of critical points at h_c"
        ),
        "there the Gaussian weight of an eigenvalue is 1": (
            "coefficient of the Gaussian weight at h_c"
        ),
        "Over all levels, counts depend on xi''/xi' and N alone": (
            "all points: the same number for another mixture of the same xi''/xi'"
        ),
        "the one minimum lies at -sqrt(xi'(1))": "ground state in a strong field: -sqrt(xi'(1))",
        "the exponent of minima is 0": "largest exponent of minima there: 0, and only there",
        "a term h^2 q of xi": "mean number of critical points at h_c",
    },
    source="Fyodorov, High-dimensional random fields and random matrix theory (2013); Fyodorov and Le "
    "Doussal 2014 (p = 2); Belius, Cerny, Nakajima and Schmidt 2022",
    assumptions="a Gaussian field; one of fixed length differs at finite N",
    evidence=Proof(GRID, prove, series),
    alternatives=(
        *wrong(
            "strength",
            ("h^2 = xi''", "the condition without xi'", lambda m: slopes(m)[1]),
            ("h^2 = xi'", "the gradient's variance alone", lambda m: slopes(m)[0]),
            (
                "1 % more",
                "a field nearby",
                lambda m: critical_field(m) * Fraction(101, 100),
            ),
        ),
        *wrong(
            "number",
            ("two points", "trivial at the transition already", lambda n: 2),
            ("2 (N - 1)", "the dimension of the sphere for that of the space", lambda n: 2 * n - 2),
        ),
        *wrong(
            "twin",
            (
                "the field left out of xi'",
                "the ratio of the model without it",
                lambda m: same_ratio(mixture({p: a for p, a in m.terms if p > 1})),
            ),
        ),
        *wrong(
            "energy",
            ("-sqrt(xi''(1))", "the other slope", lambda first: first * Fraction(3, 4)),
            ("1 % deeper", "near 1", lambda first: first * Fraction(101, 100) ** 2),
        ),
    ),
)
