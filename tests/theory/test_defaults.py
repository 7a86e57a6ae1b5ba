"""How many digits a ball has if nobody asks: thirty, or what the docstring says."""

import pytest

import theory
from theory import pure
from theory.annealed import marginal_levels
from theory.finite_n import certified_count

P3 = pure(3)

BALLS = {
    "threshold": lambda: theory.threshold(P3, 0),
    "marginal_levels": lambda: marginal_levels(theory.mixture({3: 0.5, 4: 0.5}))[0],
    "algorithmic_energy": lambda: theory.algorithmic_energy(P3),
    "layer_levels": lambda: theory.layer_levels((1, 1, 1)).barrier,
    "parisi_energy": lambda: theory.parisi_energy(P3),
    "second_moment": lambda: theory.second_moment(P3, 2).mean,
    "prefactor": lambda: theory.prefactor(P3, "-1.7").printed,
    "spike_threshold": lambda: theory.spike_threshold(3),
    "temperatures": lambda: theory.temperatures(P3).static,
    "certified_count": lambda: certified_count(P3, 3, 0),
}
OTHER = {"certified_count": 25}


@pytest.mark.parametrize("name", BALLS)
def test_digits_by_default(name):
    value = BALLS[name]().value
    assert len(value.lstrip("-0.").replace(".", "")) == OTHER.get(name, 30), value
