"""The claim on second moments: its second road to the mean number of pairs."""

import pytest

from theory import mixture, second_moment
from verify.claims.counts.x3_second_moments import by_the_law


@pytest.mark.parametrize("terms", [{3: 1}, {4: 1}, {3: 0.5, 4: 0.5}, {4: 1, 1: 2}])
def test_the_law_gives_the_certified_moments(terms):
    """Pairs at N = 2 by quadrature of this law, and by the certified integral of polynomials."""
    found = by_the_law(mixture(terms), 0.0, 0.0)
    assert abs(found / float(second_moment(mixture(terms), 2).pairs) - 1) < 1e-7
