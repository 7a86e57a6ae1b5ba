"""Second moments at N = 2: the square of q^2, simulation on the circle, and an integral without care."""

from __future__ import annotations

import math

import numpy as np
import pytest
from circle import critical_points
from scipy.integrate import quad

from theory import second_moment
from theory.checks import InputError
from theory.model import Mixture, has_field, mixture, parse, pure


@pytest.mark.parametrize("text", ["q^3", "q^4", "0.5 q^3 + 0.5 q^4", "q^3 + 2.5 q", "q^6 + q^2"])
def test_second_moments_by_simulation(text: str) -> None:
    model, samples = parse(text), 20_000
    _, minima, maxima = critical_points(model, samples, 3)
    for k, found_there in ((0, minima), (None, minima | maxima)):
        counts = found_there.sum(axis=1)
        found = second_moment(model, 2, k)
        for power, ball in ((1, found.mean), (2, found.second_moment)):
            seen = counts.astype(float) ** power
            error = seen.std() / math.sqrt(samples)
            assert abs(seen.mean() - float(ball)) < 4.5 * error
        # Antipodes forgotten, or the diagonal.
        assert abs((counts.astype(float) ** 2).mean() - float(found.pairs)) > 6 * error
    # Poisson's numbers are far away, but in the field, where they are near by chance.
    poisson = float(found.mean) ** 2 + float(found.mean)
    assert has_field(model) or abs((counts.astype(float) ** 2).mean() - poisson) > 6 * error


def test_the_square_of_the_quadratic_model() -> None:
    for a in (1, "1/3"):
        found = second_moment(mixture({2: a}), 2)
        assert (float(found.mean), float(found.pairs), float(found.second_moment)) == (4, 8, 16)
        assert float(second_moment(mixture({2: a}), 2, 0).second_moment) == 4
    # Its limit from nearby.
    near = second_moment(parse("q^2 + 0.0000001 q^4"), 2, digits=10)
    assert float(near.pairs) == pytest.approx(8, abs=1e-3)


@pytest.mark.parametrize("model", [pure(3), pure(5), parse("0.5 q^2 + 0.5 q^7")])
def test_pairs_by_the_integral_in_floats(model: Mixture) -> None:
    def density(t: float) -> float:
        step = np.exp(2j * np.pi * np.arange(32) / 32) * 0.5
        r = model.xi(np.cos(t + step))
        d = [
            (r * step ** -float(j)).mean().real * math.factorial(j) for j in range(5)
        ]  # derivatives by Cauchy's formula
        r0 = model.xi(np.cos(step))
        a, v = (-(r0 * step**-2.0).mean().real * 2, (r0 * step**-4.0).mean().real * 24)
        b = -d[2]
        det = a * a - b * b
        s, c = v - d[3] ** 2 * a / det, d[4] - d[3] ** 2 * b / det
        both = math.sqrt(max(s * s - c * c, 0.0)) + c * math.asin(max(-1.0, min(1.0, c / s)))
        return 4 / math.pi * both / math.sqrt(det)

    # What is left out at 0 is linear in t, a triangle; at pi too where antipodes are critical.
    end = 0.05
    value = quad(density, end, math.pi - end, epsabs=1e-9, limit=200)[0]
    pure_end = len(model.terms) == 1
    value += end * (density(end) / 2 + density(math.pi - end) / (2 if pure_end else 1))
    assert value == pytest.approx(float(second_moment(model, 2, digits=12).pairs), rel=3e-3)


def test_digits_nest_and_many_are_quick() -> None:
    few, many = second_moment(pure(3), 2, digits=10), second_moment(pure(3), 2, digits=100)
    assert few.pairs.contains(many.pairs)
    assert few.pairs.value == "19.74901573"


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((pure(3), 3), "n"),
        ((pure(3), 2, 2), "k"),
        ((pure(3), 2, None, 0), "digits"),
        ((pure(3), 2, None, 1001), "digits"),
        (("q^3", 2), "model"),
    ],
)
def test_bad_input_is_named(arguments: tuple[object, ...], name: str) -> None:
    with pytest.raises(InputError, match=rf"^{name}: got .*; takes "):
        second_moment(*arguments)  # type: ignore[arg-type]
