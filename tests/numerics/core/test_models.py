"""Models of theory, and whatever knows its coefficients, in place of p or of coefficients."""

from types import SimpleNamespace

import numpy as np
import pytest

import numerics
import theory

MIXED = theory.mixture({3: 0.5, 4: 0.5})
BY_HAND = {3: 0.5, 4: 0.5}


def test_a_model_draws_what_its_numbers_draw():
    pure = theory.pure(3)
    by_model = numerics.descend(8, pure, starts=2)
    assert np.array_equal(by_model.energies, numerics.descend(8, p=3, starts=2).energies)
    assert np.array_equal(numerics.tensor(4, pure), numerics.tensor(4, 3))
    assert np.array_equal(numerics.census(3, pure).energy, numerics.census(3, 3).energy)


def test_a_mixture_in_either_place():
    known = numerics.descend(6, coefficients=BY_HAND, starts=2).energies
    assert np.array_equal(numerics.descend(6, MIXED, starts=2).energies, known)
    assert np.array_equal(numerics.descend(6, coefficients=MIXED, starts=2).energies, known)
    known = numerics.census(3, coefficients=BY_HAND).energy
    assert np.array_equal(numerics.census(3, MIXED).energy, known)
    assert numerics.mean_count(4, MIXED, samples=100) == numerics.mean_count(
        4, BY_HAND, samples=100
    )
    layer = [numerics.layer_count(4, model, k=0, samples=100) for model in (MIXED, BY_HAND)]
    assert layer[0] == layer[1]


def test_no_type_is_asked_for():
    """Duck typing: numerics imports nothing of theory."""
    own = SimpleNamespace(coefficients=BY_HAND)
    known = numerics.descend(6, MIXED).energies
    assert np.array_equal(numerics.descend(6, own).energies, known)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((3, theory.pure(3)), "p: got 3; takes .* not both"),
        ((theory.Mixture,), "p: got <class .*; takes an integer >= 2"),
        (
            (SimpleNamespace(coefficients=[1.0]),),
            "p: got namespace.*; takes an integer >= 2",
        ),
    ],
)
def test_what_is_no_model_is_named(arguments, says):
    for function in (numerics.descend, numerics.census, numerics.tensor):
        with pytest.raises(numerics.InputError, match=f"^{says}$"):
            function(5, *arguments)


def test_a_field_is_taken_by_descents_alone():
    field = theory.parse("q + q^3")
    assert numerics.descend(4, field, seed=1).energies.shape == (1, 1)
    for function in (numerics.census, numerics.tensor):
        with pytest.raises(numerics.InputError, match="p: got 1; takes an integer"):
            function(4, field)
