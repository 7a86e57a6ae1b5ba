"""Far tails: against Pfaffians, series with proved constants, and themselves in more bits."""

import math
import pickle
import time

import flint
import mpmath
import numpy as np
import pytest
from scipy import stats

from theory.goe.edge_scale import edge_width
from theory.goe.fredholm_ball import log_coefficients
from theory.goe.kth_law import edge_law, goe_law
from theory.goe.laws import ensembles
from theory.goe.laws.chebyshev_table import Table
from theory.goe.laws.ensembles import Edge, Finite
from theory.goe.laws.law import Law
from theory.goe.laws.tail_leads import _pushed
from theory.goe.pfaffian_ball import distribution
from theory.goe.soft_edge_ball import log_density as edge_balls

HAZARDS = [
    (Edge(0), -21.0, True),
    (Edge(0), 12.0, False),
    (Edge(3), -14.0, True),
    (Edge(10), 2.0, False),
    (Finite(40, 0), 0.0, True),
    (Finite(40, 3), 11.0, False),
    (Finite(5000, 0), 100 - 12 * edge_width(5000), True),
]


@pytest.mark.parametrize(("ensemble", "s", "lower"), HAZARDS)
def test_hazards_do_not_depend_on_the_precision(ensemble, s, lower, monkeypatch):
    found = ensemble.hazard(s, lower)
    rule = ensembles._bits
    monkeypatch.setattr(ensembles, "_bits", lambda gain, k: rule(gain, k) + 40)
    assert found == pytest.approx(ensemble.hazard(s, lower), rel=1e-11)
    assert found != pytest.approx(ensemble.hazard(s + 1e-6, lower), rel=1e-11)


@pytest.mark.parametrize(("n", "s"), [(20, -0.5), (20, 0.0), (20, 0.5), (31, -0.5)])
def test_few_eigenvalues_are_mirrored_at_0_once(n, s, monkeypatch):
    """The third largest beyond s is the third smallest below -s."""
    hazard, seen = Finite.hazard, []

    def counted(self, s, lower):
        seen.append(s)
        assert len(seen) <= 2
        return hazard(self, s, lower)

    monkeypatch.setattr(Finite, "hazard", counted)
    found = Finite(n, 2).hazard(s, True)
    assert len(seen) == (2 if s < 0 and n <= 30 else 1)
    seen.clear()
    assert Finite(n, n - 3).hazard(-s, False) == pytest.approx(found, rel=1e-11)


def log_tails_by_pfaffian(n: int, k: int, x: float) -> tuple[float, float]:
    """Logs of P(X <= x) and P(X > x) of GOE(n), from de Bruijn's Pfaffian in balls."""
    with flint.ctx.workprec(6000):
        below = distribution(n, (flint.arb(n).sqrt() * flint.arb(x)).mid())[k]
        return float(below.log()), float((1 - below).log())


@pytest.mark.parametrize(
    ("n", "k", "x"), [(2, 0, 15), (5, 2, 7), (13, 0, 2), (20, 1, -3), (20, 1, 0.5), (40, 0, 0)]
)
def test_far_tails_are_those_of_the_pfaffian(n, k, x):
    """Down to 1e-300 both tails, the large one too, to relative accuracy."""
    law, right = goe_law(n, k), log_tails_by_pfaffian(n, k, x)
    small = min(right)
    found = float(law.logcdf(x)), float(law.logsf(x))
    assert min(found) == pytest.approx(small, abs=1e-9)
    assert max(found) == pytest.approx(max(right), rel=1e-9)
    assert abs(min(found) - min(log_tails_by_pfaffian(n, k, x * 1.0001 + 1e-5))) > 1e-4


@pytest.mark.parametrize(("n", "k", "x"), [(1, 0, -60), (3, 1, -20), (20, 1, 3), (20, 1, -10)])
def test_beyond_1e_300_logs_go_on(n, k, x):
    """To 1e-4 of what is added beyond."""
    law = goe_law(n, k)
    both = (stats.norm.logcdf(x), stats.norm.logsf(x)) if n == 1 else log_tails_by_pfaffian(n, k, x)
    found, right = min(float(law.logcdf(x)), float(law.logsf(x))), min(both)
    assert right < -1000
    assert abs(found - right) < 1e-4 * (-700 - right)
    slope = math.exp(float(law.logpdf(x)) - found)  # of the log
    assert abs(found + 0.01 * slope - right) > 1e-4 * (-700 - right)


@pytest.mark.parametrize("a", [20.0, 40.0, 400.0])
def test_the_lower_tail_of_tracy_widom_with_its_constant(a):
    """Baik, Buckingham and DiFranco 2008, with the next term from q of Painleve II."""
    constant = -11 / 48 * math.log(2) + float(mpmath.zeta(-1, derivative=1)) / 2
    series = (
        -(a**3) / 24
        - a**1.5 / (3 * math.sqrt(2))
        - math.log(a) / 16
        + constant
        - a**-1.5 / (24 * math.sqrt(2))
        + 3 / 128 / a**3
    )
    found = float(edge_law(0).logcdf(-a))
    # The next term is below 0.1 a^-4.5; what the law adds beyond 1e-300 has a relative error.
    assert abs(found - series) < 0.1 * a**-4.5 + 1e-9 + 1e-6 * max(0.0, -700 - series)
    if a == 20:
        assert abs(found - (series - constant)) > 0.1  # the constant is seen


@pytest.mark.parametrize(("k", "a"), [(1, 25.0), (2, 25.0), (3, 25.0)])
def test_the_power_of_the_lower_tail_of_later_eigenvalues(k, a):
    """Its hazard has (1/16 + 3k(k-1)/8)/a; another power of the repulsion is seen."""

    def said(power: float) -> float:
        return a**2 / 8 - (k - 0.5) * math.sqrt(2) / 2 * math.sqrt(a) + power / a

    found, power = Edge(k).hazard(-a, True), 1 / 16 + 3 * k * (k - 1) / 8
    assert abs(found - said(power)) < 0.5 * (k + 1) ** 3 * a**-2.5
    assert abs(found - said(power + 0.5)) > 0.5 * (k + 1) ** 3 * a**-2.5


def test_the_hazard_is_that_of_densities():
    """d log(hazard) = d log p + hazard: against the densities of the other route in balls."""
    step, s = 1e-3, -16.0
    logs, _ = edge_balls(0, np.array([s - step, s, s + step]))
    hazards = [Edge(0).hazard(s + d, True) for d in (-step, 0, step)]
    slope = (logs[2] - logs[0]) / (2 * step)
    right = (math.log(hazards[2]) - math.log(hazards[0])) / (2 * step) + hazards[1]
    assert slope == pytest.approx(right, abs=1e-5)
    far, _ = log_coefficients(30, 2, [3.0, 3.0 + step])
    law = goe_law(30, 2)
    x = -np.array([3.0, 3.0 + step]) / math.sqrt(30)
    assert law.logpdf(x) == pytest.approx([float(v) + math.log(30) / 2 for v in far], abs=1e-8)


def test_the_pushed_gas():
    """P(no eigenvalue beyond 0) falls like exp(-N^2 log(3)/4) (Dean and Majumdar 2006)."""
    assert _pushed(40, np.array([0j]))[0].real == pytest.approx(400 * math.log(3), rel=1e-13)


def test_a_law_is_made_once():
    assert edge_law(0) is edge_law(0)
    assert goe_law(9, 2) is goe_law(9, 2)


def test_what_took_minutes_or_failed():
    law = goe_law(40, 0)
    law.mean()
    start = time.process_time()
    assert float(law.cdf(0.0)) == 1.0
    assert time.process_time() - start < 0.3
    edge = edge_law(0)
    assert float(edge.logcdf(-20.0)) == pytest.approx(-354.84430100396, abs=1e-9)
    assert float(edge.logcdf(-40.0)) == pytest.approx(-2726.767, abs=1e-3)
    x = np.linspace(-10, 10, 101)
    start = time.process_time()
    for name in ("cdf", "sf", "pdf", "logcdf", "logsf", "logpdf"):
        values = getattr(edge, name)(x)
        assert np.isfinite(values).all(), name
    assert np.abs(edge.cdf(x) + edge.sf(x) - 1).max() < 2e-12
    again = pickle.loads(pickle.dumps(law))
    assert float(again.cdf(-1.3)) == float(law.cdf(-1.3))
    assert float(pickle.loads(pickle.dumps(edge)).sf(0.3)) == float(edge.sf(0.3))


def test_the_far_panel_is_made_only_where_it_is_asked_for():
    law = Law(Table(Finite(41, 0)), -1 / math.sqrt(41))
    law.cdf([-2.0, -1.3, 0.0]), law.sf([-1.3, -1.5]), law.rvs(10, 1), law.ppf([0.01, 0.95])
    assert not [key for key in law.table._kept if key[0] == "_far_tail" and key[1] == 0]
    law.sf(0.0)
    assert [key for key in law.table._kept if key[0] == "_far_tail" and key[1] == 0]


def test_manners_of_scipy():
    law = goe_law(1, 0)
    logs = np.array([-1e4, -50.0, -1.0, -1e-3, -1e-20])
    normal = stats.norm
    assert law.ilogcdf(logs[1:4]) == pytest.approx(normal.ppf(np.exp(logs[1:4])), rel=1e-10)
    assert law.logcdf(law.ilogcdf(logs)) == pytest.approx(logs, rel=1e-9)
    assert law.logsf(law.ilogccdf(logs)) == pytest.approx(logs, rel=1e-9)
    assert law.interval(0.9) == pytest.approx(normal.interval(0.9), abs=1e-12)
    assert law.support() == (-math.inf, math.inf)
    assert law.entropy() == pytest.approx(normal.entropy(), abs=1e-12)
    assert law.stats("mvsk") == pytest.approx((0, 1, 0, 0), abs=1e-11)
    assert law.expect(lambda x: x**6) == pytest.approx(15, rel=1e-11)
    for call in (law.cdf, law.sf, law.logcdf, law.logpdf, law.ppf, law.ilogcdf):
        assert math.isnan(call(math.nan))
    assert law.pdf([-math.inf, math.inf]).tolist() == [0, 0]
    assert law.logpdf([-math.inf, math.inf]).tolist() == [-math.inf, -math.inf]
    assert law.ilogcdf([-math.inf, 0.0]).tolist() == [-math.inf, math.inf]
