"""A random field as couplings of three spins: the same function on the sphere, and its law."""

from __future__ import annotations

import math

import numpy as np
import pytest

from numerics.core.backend import InputError
from numerics.core.streams import key_of, stream
from numerics.pspin import hamiltonian as h
from numerics.pspin.couplings import Couplings, draw
from numerics.pspin.field import cubic_form, steepest

SOURCE = stream(3, "tests of a field")


def test_the_form_is_the_field_on_the_sphere_and_nowhere_else() -> None:
    rng = np.random.default_rng(0)
    b, s = rng.standard_normal(7), h.random_point(rng, 7, replicas=4)
    c = Couplings(7, ((3, cubic_form(b)),))
    np.testing.assert_allclose(h.energy(c, s), s @ b, atol=1e-12)
    np.testing.assert_allclose(h.energy(c, 2 * s), 8 * s @ b, atol=1e-12)
    slope = b - np.outer(s @ b / 7, 1) * s
    np.testing.assert_allclose(h.riemannian_gradient(c, s), slope, atol=1e-12)
    # The Hessian of b.s on the sphere is minus its radial derivative.
    bent = h.riemannian_hessian(c, s)
    for one, away in zip(bent, -(s @ b) / 7, strict=True):
        np.testing.assert_allclose(one, away * np.eye(6), atol=1e-12)


@pytest.mark.parametrize("model", [{3: 1.0, 1: 2.5}, {2: 0.5, 4: 0.5, 1: 2.5}, {1: 2.5}])
def test_a_disorder_is_that_without_field_and_its_field(model: dict[int, float]) -> None:
    n = 6
    s = h.random_point(np.random.default_rng(1), n, replicas=3)
    found = h.energy(draw(SOURCE.generator(5, 0), n, model), s)
    rng = SOURCE.generator(5, 0)
    key_of(rng)  # of the couplings
    said = math.sqrt(2.5) * s @ rng.standard_normal(n)
    if rest := {p: a for p, a in model.items() if p > 1}:
        said = said + h.energy(draw(SOURCE.generator(5, 0), n, rest), s)
    np.testing.assert_allclose(found, said, atol=1e-12)


def test_covariance_is_that_of_the_mixture() -> None:
    """Over disorders Cov(H(s), H(t)) = n xi(s.t/n); with h for h^2 it is not."""
    n, q, many = 4, 0.6, 4000
    s = np.zeros((2, n))
    s[0, 0], s[1, 0], s[1, 1] = 2.0, 2 * q, 2 * math.sqrt(1 - q * q)
    values = np.array(
        [h.energy(draw(SOURCE.generator(i, 0), n, {3: 1.0, 1: 4.0}), s) for i in range(many)]
    )
    products = values[:, 0] * values[:, 1] / n
    error = products.std() / math.sqrt(many)
    assert abs(products.mean() - (q**3 + 4 * q)) < 4.5 * error
    assert abs(products.mean() - (q**3 + 2 * q)) > 9 * error


def test_the_step_is_that_of_a_steeper_model() -> None:
    assert steepest({1: 2.0}) == {3: 2.0}
    assert steepest({4: 0.5, 2: 1.0, 1: 2.0}) == {2: 1.0, 3: 2.0, 4: 0.5}


@pytest.mark.parametrize("bad", [{0: 1.0}, {1: -1.0}, {}, {3: 0.0}])
def test_bad_input_is_refused(bad: dict[int, float]) -> None:
    with pytest.raises(InputError, match="got"):
        draw(SOURCE.generator(0, 0), 4, bad)


def test_a_field_is_stored_in_every_dtype_or_refused() -> None:
    c = draw(SOURCE.generator(0, 0), 6, {2: 1.0, 1: 4.0}, dtype="float32")
    assert [(p, a.dtype) for p, a in c.terms] == [(2, np.float32), (3, np.float32)]
    with pytest.raises(InputError, match=r"^place: got 'streamed'; takes stored or auto"):
        draw(SOURCE.generator(0, 0), 6, {3: 1.0, 1: 4.0}, place="streamed")
    with pytest.raises(InputError, match=r"^memory: .*: take fewer spins$"):
        draw(SOURCE.generator(0, 0), 60, {2: 1.0, 1: 4.0}, memory=10**5)
    assert draw(SOURCE.generator(0, 0), 60, {2: 1.0}, memory=10**5).terms[0][1].shape == (60, 60)
