"""Transition temperatures: published values, other evaluations of the same maxima, the third road to E_0."""

from __future__ import annotations

import flint
import mpmath
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from theory import temperatures, threshold
from theory.annealed.pure_model import theta_arb
from theory.arithmetic.functions import ARB
from theory.checks import InputError
from theory.equilibrium.tap import ancestor_energy, free_energy
from theory.equilibrium.transitions import Transitions
from theory.model import Mixture, mixture, parse, pure


def by_grid(model: Mixture) -> list[float]:
    """Both temperatures as maxima over a fine grid, by the formulas in q."""
    q = 1 - np.geomspace(1e-5, 0.999, 400_000)
    static = model.xi(q) / (-np.log1p(-q) - q)
    dynamic = model.xi(q, 1) * (1 - q) / q
    return [float(np.sqrt(found.max())) for found in (static, dynamic)]


def test_published_values() -> None:
    # Crisanti and Sommers' units are these over sqrt 2: T_s = 0.58605 for p = 3.
    assert round(float(temperatures(pure(3)).static) / 2**0.5, 5) == 0.58605
    assert temperatures(pure(4), 21).static.value == "0.711405073421063990811"


@given(st.integers(3, 10_000))
@example(3)
@example(10_000)
@settings(max_examples=20)
def test_the_dynamic_transition_of_the_pure_model_in_closed_form(p: int) -> None:
    found = temperatures(pure(p), 30)
    with mpmath.workdps(50):
        order = mpmath.mpf(p)
        t_d = mpmath.sqrt(order * (order - 2) ** (p - 2) / (order - 1) ** (p - 1))
        q_d = (order - 2) / (order - 1)
        for ball, value in ((found.dynamic, t_d), (found.dynamic_overlap, q_d)):
            assert abs(mpmath.mpf(ball.value) - value) <= mpmath.mpf(ball.radius) + 1e-45
    assert float(found.static) < float(found.dynamic)
    assert float(found.static_overlap) > float(found.dynamic_overlap)


@pytest.mark.parametrize(
    "text",
    [
        "q^3",
        "q^7",
        "0.5 q^3 + 0.5 q^4",
        "0.1 q^2 + 0.9 q^8",
        "0.5 q^3 + 0.5 q^16",
        "q^3 + 40 q^60",
        "2 q^3 + 7 q^40",
    ],
)
def test_temperatures_are_the_maxima_over_the_overlap(text: str) -> None:
    model = parse(text)
    found = temperatures(model, 15)
    values = [float(found.static), float(found.dynamic)]
    assert values == pytest.approx(by_grid(model), rel=1e-8)
    assert np.all(np.asarray(values) >= np.asarray(by_grid(model)) * (1 - 1e-12))


@given(st.fractions("1/50", 50), st.integers(3, 30))
@settings(max_examples=20)
def test_temperatures_scale_as_the_energy_does(a: object, p: int) -> None:
    one, scaled = temperatures(pure(p), 20), temperatures(mixture({p: a}), 20)
    root = float(mixture({p: a}).xi(1.0)) ** 0.5
    assert float(scaled.static) == pytest.approx(root * float(one.static), rel=1e-14)
    assert scaled.static_overlap.overlaps(one.static_overlap)


def ancestor(found: Transitions, p: int, digits: int) -> list[tuple[flint.arb, ...]]:
    """For both transitions: -u against the threshold, and f - T Theta against -1/(2T)."""
    rows = []
    for temperature, overlap, k in (
        (found.static, found.static_overlap, 0),
        (found.dynamic, found.dynamic_overlap, None),
    ):
        t, q = temperature.arb(), overlap.arb()
        u = ancestor_energy(p, q, ARB)
        f = free_energy(p, q, u, t, ARB) - t * theta_arb(p, u, 0)
        rows.append((-u, threshold(pure(p), k, digits).arb(), f, -1 / (2 * t)))
    return rows


@pytest.mark.parametrize("p", [3, 4, 5, 12, 101])
def test_a_third_road_to_the_ground_state(p: int) -> None:
    with flint.ctx.workprec(200):
        for energy, layer, f, annealed in ancestor(temperatures(pure(p), 45), p, 45):
            tiny = flint.arb(10) ** -35
            assert energy.overlaps(layer)
            assert energy.rad() + layer.rad() < tiny
            assert f.overlaps(annealed)
            assert f.rad() < tiny
        # Neighbours: the reaction left out, and the other transition's overlap.
        found = temperatures(pure(p), 45)
        wrong = ancestor_energy(p, found.dynamic_overlap.arb(), ARB)
        assert not (-wrong).overlaps(threshold(pure(p), 0, 45).arb())


@pytest.mark.parametrize(
    "text", ["q^2", "0.9 q^2 + 0.1 q^3", "q^3 + 0.5 q", "3 q^2"], ids=lambda text: text
)
def test_a_model_without_a_jump_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(InputError, match=r"^model: got [^\n]*; takes "):
        temperatures(parse(text))


def test_digits_nest() -> None:
    model = parse("0.5 q^3 + 0.5 q^4")
    few, many = temperatures(model, 10), temperatures(model, 300)
    assert few.static.contains(many.static)
    assert few.dynamic_overlap.contains(many.dynamic_overlap)
