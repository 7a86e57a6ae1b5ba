import sympy as sp

from theory.annealed import pure_model
from theory.derivation import layers
from theory.derivation.kac_rice import SYMPY


def test_the_law_at_a_point():
    assert layers.tensor_law() == {
        "gradient": 1,
        "f, gradient": 0,
        "gradient, Hessian": 0,
        "block + f": 0,
        "block, off-diagonal": 0,
        "between": 1,
        "between, rest": 0,
    }


def test_equal_layers_are_theta_and_its_neighbours_are_not(monkeypatch):
    layers.equal_layers.cache_clear()
    assert set(layers.equal_layers().values()) == {0}
    right = pure_model.outside
    for wrong in (
        lambda p, t, k, f: right(p, t, k + 1, f),
        lambda p, t, k, f: right(p + 1, t, k, f),
    ):
        monkeypatch.setattr(pure_model, "outside", wrong)
        layers.equal_layers.cache_clear()
        found = layers.equal_layers()
        assert sp.simplify(found["exponent"]) != 0
        assert found["Dyson"] == found["edge"] == found["barrier"] == 0
    layers.equal_layers.cache_clear()


def test_residuals_are_of_the_symbols_of_the_theory():
    assert pure_model.barrier(layers.H, SYMPY).subs(layers.H, 4) == sp.sqrt(3)
