import numpy as np
import pytest

from theory import mixture, pure
from theory.annealed.over_slopes import largest_over_slopes


@pytest.mark.parametrize("terms", [{3: 0.5, 4: 0.5}, {1: 3, 2: 1, 3: 0.2}, {2: 0.3, 6: 2}])
@pytest.mark.parametrize("c", [-6.0, -1.0, 0.3, 3.0, 9.0])
@pytest.mark.parametrize("share", [0.01, 1.0])
def test_it_is_the_largest_on_a_grid(terms, c, share):
    model = mixture(terms)
    xi, d1, d2 = (float(model.xi(1, i)) for i in range(3))
    w = share * (d1 + d2 - d1**2 / xi)
    r = np.linspace(-40, 40, 800_001)
    x = np.abs(r) / d2**0.5
    t = np.arccosh(np.maximum(x / 2, 1))
    values = x**2 / 4 - (np.sinh(2 * t) - 2 * t) / 2 - (r - c) ** 2 / (2 * w)
    found, at = largest_over_slopes(model, c, w)
    assert float(found) == pytest.approx(values.max(), abs=1e-8 / share)
    assert float(at) == pytest.approx(r[values.argmax()], abs=2e-4)


def test_without_variance_it_is_at_the_mean():
    c = np.array([-5.0, -4.0, -1.0, 0.0, 2.0, 7.0])
    found, at = largest_over_slopes(pure(3), c, 0.0)
    np.testing.assert_allclose(at, c, atol=1e-12)
    assert found[3] == 0
    assert found[2] == pytest.approx(1 / 24)  # r^2/(4 d2)
