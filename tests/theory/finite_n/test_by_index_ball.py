"""The bounds of the quadratures hold where they are all the error there is, at coarse steps."""

from __future__ import annotations

from fractions import Fraction

import flint
import pytest

from theory.arithmetic.ball import to_arb
from theory.finite_n.by_index_ball import guard_bits, mean_weights
from theory.finite_n.integrand import KacRiceConstants
from theory.model import Mixture, mixture, pure

A = mixture({2: "1/3", 3: "1/2", 7: "1/6"})


def means(model: Mixture, n: int, u: str | None, bits: int) -> list[flint.arb]:
    constants = KacRiceConstants.of(model)
    with flint.ctx.workprec(bits + guard_bits(n)):
        level = None if u is None else to_arb(Fraction(u))
        return mean_weights(constants, n, level)


@pytest.mark.parametrize("model", [pure(3), A])
@pytest.mark.parametrize("n", [2, 5])
@pytest.mark.parametrize("u", [None, "-1.5", "-0.25", "0.5"])
def test_coarse_balls_hold_fine_ones(model: Mixture, n: int, u: str | None) -> None:
    fine = means(model, n, u, 160)
    for bits in (2, 5, 9, 14, 22, 40):
        with flint.ctx.workprec(160 + guard_bits(n)):
            for coarse, value in zip(means(model, n, u, bits), fine, strict=True):
                assert value.rad() < 1e-30
                assert coarse.contains(value.mid())
                # The bound is not so wide that nothing could be wrong.
                assert coarse.rad() < 40 * flint.arb(2) ** -bits
