from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from theory.checks import InputError
from theory.networks import reduction
from theory.networks.reduction import Signs

WEIGHT = st.integers(0, 50)


@given(WEIGHT, WEIGHT, WEIGHT, WEIGHT)
def test_no_joint_law_of_signs_is_below_the_sharp_bound(a, b, c, d):
    total = a + b + c + d
    assume(total)
    law = Signs(*(Fraction(w, total) for w in (a, b, c, d)))
    assume(0 < law.plus < 1 and 0 < law.plus_reduced < 1)
    eps, p = law.disagree, min(law.plus, 1 - law.plus)
    assume(eps <= p)
    bound = reduction.signs_bound_squared(eps, p)
    assert law.squared_correlation >= bound >= 0
    if p * (1 - p) >= reduction.printed_holds_from(eps):
        assert bound >= reduction.signs_bound_printed(eps) ** 2
    else:
        assert bound < reduction.signs_bound_printed(eps) ** 2


@given(
    st.fractions(min_value=0, max_value=Fraction(29, 60), max_denominator=60),
    st.fractions(min_value=Fraction(1, 60), max_value=Fraction(1, 2), max_denominator=60),
)
def test_the_extremal_law_attains_it_and_a_larger_bound_is_refuted(eps, p):
    assume(eps < p)
    law = reduction.extremal_signs(eps, p)
    assert min(law) >= 0
    assert sum(law) == 1
    assert (law.disagree, law.plus) == (eps, p)
    bound = reduction.signs_bound_squared(eps, p)
    assert law.squared_correlation == bound
    assert law.squared_correlation < bound * Fraction(101, 100) ** 2


def test_squared_correlation_is_that_of_a_table():
    law = Signs(*(Fraction(w, 20) for w in (3, 2, 5, 10)))
    b = np.repeat([1, 1, -1, -1], [3, 2, 5, 10])
    a = np.repeat([1, -1, 1, -1], [3, 2, 5, 10])
    assert float(law.squared_correlation) == pytest.approx(np.corrcoef(a, b)[0, 1] ** 2)
    against = Signs(law.lost, law.both_plus, law.both_minus, law.gained)
    assert against.squared_correlation < 0


@pytest.mark.parametrize(("eps", "p"), [(0.3, 0.2), (-0.1, 0.5), (0.1, 0.6), (Fraction(1, 2), 0.5)])
def test_extremal_law_refuses(eps, p):
    with pytest.raises(InputError, match="eps: got"):
        reduction.extremal_signs(eps, p)


@given(
    st.lists(
        st.tuples(st.integers(1, 40), st.integers(1, 40), st.integers(1, 9)), min_size=1, max_size=6
    )
)
def test_no_redundancies_are_below_the_uniform_bound(drawn):
    tau = [Fraction(a, b) for a, b, _ in drawn]
    weight = [Fraction(w) for _, _, w in drawn]
    c = max(max(t, 1 / t) for t in tau)
    square = reduction.uniform_correlation_squared(tau, weight)
    assert reduction.uniform_bound(c) ** 2 <= square <= 1
    assert reduction.uniform_bound_printed(c) <= reduction.uniform_bound(c)


@given(st.fractions(min_value=1, max_value=50, max_denominator=9))
def test_the_uniform_bound_is_attained(c):
    share = reduction.extremal_mass(c)
    square = reduction.uniform_correlation_squared([1 / c, c], [share, 1 - share])
    assert square == reduction.uniform_bound(c) ** 2
    assert share / c + (1 - share) * c == 1
    if c > 1:
        assert square < (reduction.uniform_bound(c) * Fraction(101, 100)) ** 2
        off = reduction.uniform_correlation_squared([1 / c, c], [1 - share, share])
        assert off > square


def test_uniform_correlation_is_that_of_shared_inputs():
    rng = np.random.default_rng(11)
    t, uniform = [1, 4, 2], 2
    x = rng.standard_normal((200_000, 3, 4))
    own = sum(x[:, i, :n].sum(1) for i, n in enumerate(t))
    hat = x[:, :, :uniform].sum((1, 2))
    seen = np.corrcoef(own, hat)[0, 1]
    tau = [Fraction(n, uniform) for n in t]
    said = float(reduction.uniform_correlation_squared(tau, [Fraction(1)] * 3)) ** 0.5
    error = (1 - said**2) / 200_000**0.5
    assert abs(seen - said) < 6 * error  # two-sided, 2e-9
    assert abs(seen - float(reduction.uniform_bound(Fraction(2)))) > 20 * error
