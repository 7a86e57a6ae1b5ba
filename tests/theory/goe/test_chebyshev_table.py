"""How far a table trusts floats: a normal law whose floats are off by as much as a test chooses."""

import math
from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy import stats

from theory.goe.laws.chebyshev_table import Table


@dataclass(frozen=True)
class Normal:
    """Normal(0, 1); the float at one node of a panel, or of each, is wrong by ``noise``."""

    noise: float = 0.0
    stated: float = 1e-16
    width: float = 1.0
    origin: float = 0.0
    start: int = 0
    shared: bool = False
    noisy: int | None = None
    by_balls: list = field(default_factory=list, compare=False)

    def log_density(self, points, balls):
        number = math.floor((points.mean() - self.origin) / self.width)
        logs, errors = stats.norm.logpdf(points), np.full(len(points), 1e-16)
        if balls:
            self.by_balls.append(number)
        elif self.noisy in (None, number):
            # One wrong node of 18 is seen in full: in the last coefficients, times 9.
            logs[8] += self.noise
            errors[:] = max(self.noise, self.stated)
        return logs, errors

    def log_share(self, number):
        edges = self.origin + self.width * np.array([number, number + 1])
        low, high = np.sort(-np.abs(edges))
        return float(np.log(np.diff(stats.norm.cdf([low, high]))[0]))


def asked(noise, stated, number):
    """Whether both tails on a panel take balls."""
    law = Normal(noise, stated, noisy=number)
    Table(law)._tails(number)
    return number in law.by_balls


def test_a_density_is_to_be_known_to_7e_10():
    assert not asked(6.8e-10, 1e-16, 5)
    assert asked(7.2e-10, 1e-16, 5)
    # Of an error that is stated and not seen, a part in 1000 is believed in.
    assert not asked(0.0, 6.8e-7, 5)
    assert asked(0.0, 7.2e-7, 5)


def test_a_panel_may_lose_5e_13_of_the_law():
    share = math.exp(Normal().log_share(1))
    assert not asked(4.8e-13 / share, 1e-16, 1)
    assert asked(5.2e-13 / share, 1e-16, 1)


def test_a_sum_may_lose_5e_10_of_itself():
    """A panel that is worse than 7e-10 is added to ten times its share, or to none."""
    law = Normal(noise=5e-9)
    share = law.log_share(5)
    before = [share + math.log(5e-9 / 5e-10 * factor - 1) for factor in (0.97, 1.03)]
    table = Table(law)
    assert table._share(5, before[0]) is None
    assert table._share(5, before[1]) == pytest.approx(share, abs=1e-8)
    assert table._share(5, -math.inf) is None
    assert not law.by_balls


@pytest.mark.parametrize("step", [-1, 1])
def test_floats_end_where_exp_minus_30_is_left(step):
    law = Normal(width=0.05)
    table = Table(law)
    last = table._frontier(step)
    assert law.log_share(last) > -30 > law.log_share(last + step)
    assert not law.by_balls


@pytest.mark.parametrize("step", [-1, 1])
def test_balls_make_the_body_good_down_to_exp_minus_6(step):
    law = Normal(noise=1e-8, width=0.05)
    last = Table(law)._frontier(step)
    assert law.log_share(last) > -6 > law.log_share(last + step)
    assert sorted(law.by_balls) == sorted(range(0, last + step, step))


def test_four_panels_on_either_side_are_made_at_once():
    class Seen(Normal):
        def log_density(self, points, balls):
            seen.append(np.unique(np.floor(points)).tolist())
            return super().log_density(points, balls)

    seen = []
    table = Table(Seen(shared=True, start=1))
    assert table.start == 1
    assert seen == [list(range(-3, 6))]
