"""Descents of models with a random external field."""

from __future__ import annotations

import numpy as np
import pytest

from numerics import InputError, descend
from numerics.core.mixture import disorder_stream
from numerics.pspin import hamiltonian as h
from numerics.pspin.couplings import draw
from theory import parse

MODEL = {3: 1.0, 1: 20.0}


@pytest.mark.parametrize("method", ["gd", "gd+newton", "cg", "annealing", "published-gd"])
def test_one_minimum_in_a_strong_field_whatever_the_method(method: str) -> None:
    end = descend(12, coefficients=MODEL, disorders=2, starts=4, method=method, times=(0.0, 2.0))
    first = descend(12, coefficients=MODEL, disorders=2, starts=1, tolerance=1e-8)
    assert (end.index == 0).all()
    np.testing.assert_allclose(end.energies - first.energies, 0.0, atol=1e-4)


@pytest.mark.parametrize("method", ["flow", "langevin"])
def test_dynamics_go_through_times(method: str) -> None:
    end = descend(12, coefficients=MODEL, starts=2, method=method, times=(0.0, 1.0), temperature=0)
    assert end.path is not None
    assert (end.path[..., 1] < end.path[..., 0] - 1).all()


def test_a_field_alone_is_descended_to_its_own_end() -> None:
    """H = b.s has one minimum, -|b| sqrt(n)."""
    end = descend(9, coefficients={1: 4.0}, starts=3, seed=2, tolerance=1e-9)
    c = draw(disorder_stream(9, {1: 4.0}, 2).generator(0, 0), 9, {1: 4.0})
    b = h.gradient(c, np.sqrt(9) * np.eye(9)[:1])[0] - 0  # (b.s)(s.s)/n: b + 2 s (b.s)/n
    b[0] /= 3
    np.testing.assert_allclose(end.energies[0], -np.linalg.norm(b) / 3, rtol=1e-8)


def test_models_of_theory_and_disorders_one_by_one() -> None:
    whole = descend(8, coefficients=parse("q^3 + 20 q"), disorders=3, starts=2)
    other = descend(8, parse("q^3 + 20 q"), starts=2, disorder=2)
    np.testing.assert_array_equal(whole.energies[2], other.energies[0])
    assert whole.position is None
    assert not np.isclose(
        whole.energies[2], descend(8, p=3, starts=2, disorder=2).energies[0]
    ).any()


@pytest.mark.parametrize(
    ("bad", "name"),
    [
        ({"method": "sgd"}, "method"),
        ({"place": "streamed"}, "place"),
        ({"coefficients": {3: 1.0, 1: -1.0}}, r"coefficients\[1\]"),
        ({"coefficients": {0: 1.0}}, "p"),
    ],
)
def test_what_a_field_cannot_do_is_named(bad: dict[str, object], name: str) -> None:
    with pytest.raises(InputError, match=rf"^{name}: got"):
        descend(**{"n": 5, "coefficients": MODEL, **bad})  # type: ignore[arg-type]
