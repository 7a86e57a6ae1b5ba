"""The bounds of the quadratures hold where they are all the error there is, at coarse steps."""

from __future__ import annotations

from fractions import Fraction

import flint
import pytest

from theory.arithmetic.ball import to_arb
from theory.finite_n import by_index_ball
from theory.finite_n.by_index_ball import guard_bits, mean_weights
from theory.finite_n.integrand import KacRiceConstants
from theory.goe.edge_scale import decay
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


def test_a_level_that_is_a_ball_widens_by_no_more_than_it_must() -> None:
    """One eigenvalue is normal, and at its mean as dense as any: the bound is sharp there."""
    constants, radius = KacRiceConstants.of(pure(3)), Fraction(1, 1000)
    with flint.ctx.workprec(200):
        cut, _ = constants.cut(1, flint.arb(0, to_arb(radius)))
        [wide] = mean_weights(constants, 1, flint.arb(0, to_arb(radius)))
        ends = [mean_weights(constants, 1, to_arb(sign * radius))[0] for sign in (-1, 1)]
        assert all(wide.contains(end) for end in ends)
        must = flint.arb(cut.rad()) / (2 * flint.arb.pi()).sqrt()
        assert wide.rad() < must * flint.arb("1.001")


def test_nodes_may_be_off_by_their_radius(monkeypatch: pytest.MonkeyPatch) -> None:
    n, bits = 16, 60
    [fine, *_] = means(pure(3), n, "-1.5", bits)
    rule, off = by_index_ball._rule, flint.arb(2) ** -12

    def shifted(m: int, bits: int) -> tuple[list[flint.arb], list[flint.arb], flint.arb]:
        nodes, weights, _ = rule(m, bits)
        return [node + off for node in nodes], weights, off

    monkeypatch.setattr(by_index_ball, "_rule", shifted)
    [coarse, *_] = means(pure(3), n, "-1.5", bits)
    assert coarse.contains(fine.mid())
    assert fine.rad() < abs(coarse.mid() - fine.mid()) / 1000


@pytest.mark.parametrize("n", [1, 12, 90])
@pytest.mark.parametrize("y", [0.0, -1.0, -20.0])
@pytest.mark.parametrize("need", [1.0, 70.0, 3000.0])
def test_the_smallest_eigenvalue_has_fallen_so_far(n: int, y: float, need: float) -> None:
    """phi_N^2 falls like exp of minus the decay, the distribution like phi_N."""
    length = by_index_ball._length(n, y, need)
    assert (decay(n, length - y) - decay(n, -y)) / 2 == pytest.approx(need, rel=1e-6)
