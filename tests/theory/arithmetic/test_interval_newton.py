import flint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory.arithmetic.interval_newton import NotEnclosed, root


@given(st.integers(1, 10**9), st.integers(2, 7), st.integers(20, 800))
def test_root_of_a_power_is_enclosed_to_the_precision_asked_for(a, n, bits):
    with flint.ctx.workprec(bits + 200):
        found = root(lambda x: (a - x**n, -n * x ** (n - 1)), flint.arb("1e-3"), bits)
        assert (found**n).contains(a)
        assert not (found**n).contains(a + 1)
        assert found.rad() < found * flint.arb(2) ** (5 - bits)


FALSE = {
    "a jump": lambda x: (flint.arb(1 if x.mid() < 2 else -1), flint.arb(-1)),
    "a triple root": lambda x: ((2 - x) ** 3, -3 * (2 - x) ** 2),
    "a slope unknown over intervals": lambda x: (2 - x, flint.arb(-1, 2 if x.rad() > 0 else 0)),
    "no value": lambda x: (flint.arb(2, 1) - x, flint.arb(-1)),
}


@pytest.mark.parametrize("function", FALSE.values(), ids=FALSE)
def test_nothing_is_returned_that_is_not_proved(function):
    with pytest.raises(NotEnclosed, match=r"^no enclosure of a root near "):
        root(function, flint.arb(1), 100)
