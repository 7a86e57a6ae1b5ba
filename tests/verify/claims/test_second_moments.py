"""The claims on second moments: a second road to the mean number of pairs, and what predictions say."""

import numpy as np
import pytest

from theory import mean_count, mixture, second_moment
from verify.claims.counts.x3_second_moments import by_the_law
from verify.claims.critical import x3_n_pairs as pairs


@pytest.mark.parametrize("terms", [{3: 1}, {4: 1}, {3: 0.5, 4: 0.5}, {4: 1, 1: 2}])
def test_the_law_gives_the_certified_moments(terms):
    """Pairs at N = 2 by quadrature of this law, and by the certified integral of polynomials."""
    found = by_the_law(mixture(terms), 0.0, 0.0)
    assert abs(found / float(second_moment(mixture(terms), 2).pairs) - 1) < 1e-7


def test_wrong_theories_of_pairs_are_what_they_say():
    params = {"model": "3:1", "N": 4}
    said, minima = pairs.predict(params), f"mean square: {pairs.NAMES[1]}"
    every = f"mean square: {pairs.NAMES[0]}"
    mean = float(mean_count(mixture({3: 1}), 4).value)
    assert said[every] - pairs.predict(params, reflected=False)[every] == pytest.approx(mean)
    assert pairs.predict(params, independent=True)[every] == pytest.approx(mean**2 + 2 * mean)
    assert pairs.predict(params, together=0.0)[minima] > 1.2 * said[minima]
    both = said[pairs.ACUTE] + pairs.predict(params, mirrored=True)[pairs.ACUTE]
    assert both == pytest.approx(said[minima] - float(mean_count(mixture({3: 1}), 4, 0).value))


def test_fano_factors_of_poisson_numbers_are_one():
    counts = np.random.default_rng(0).poisson(5.0, 20_000)
    value, errors = pairs.fano(counts)
    assert abs(value - 1) < 2.5 * errors
    assert errors == pytest.approx(2 * (2 / 20_000) ** 0.5, rel=0.2)
