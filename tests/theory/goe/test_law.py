"""Laws of single eigenvalues as distributions: exact small N, both tails, and scipy.stats' manners."""

import math

import flint
import numpy as np
import pytest
from scipy import stats

from theory.checks import InputError
from theory.goe import spectrum
from theory.goe.edge_scale import edge_width
from theory.goe.kth_density import log_density_balls
from theory.goe.kth_law import edge_law, goe_law
from theory.goe.pfaffian_ball import distribution
from theory.goe.soft_edge_ball import log_density as edge_balls


def tails_by_pfaffian(n: int, k: int, x: float) -> tuple[float, float]:
    """P(X <= x) and P(X > x) of GOE(n) from de Bruijn's N x N Pfaffian, in balls."""
    with flint.ctx.workprec(900):
        below = distribution(n, (flint.arb(n).sqrt() * flint.arb(x)).mid())[k]
        return float(below), float(1 - below)


@pytest.mark.parametrize(
    ("n", "k", "far"), [(2, 0, 5.5), (2, 1, 5.5), (3, 1, 5), (5, 3, 4.5), (6, 5, 4), (8, 2, 3)]
)
def test_both_tails_of_few_eigenvalues_are_those_of_the_pfaffian(
    n: int, k: int, far: float
) -> None:
    law = goe_law(n, k)
    centre, spread = law.mean(), law.std()
    x = centre + spread * far * np.array([-1.0, -0.7, -0.4, 0.0, 0.2, 0.6, 1.0])
    found = np.array([law.cdf(x), law.sf(x)])
    right = np.array([tails_by_pfaffian(n, k, float(point)) for point in x]).T
    assert np.abs(found / right - 1).max() < 1e-9
    assert np.abs(found - right).max() < 1e-12
    assert np.abs(np.exp([law.logcdf(x), law.logsf(x)]) / right - 1).max() < 1e-9
    other = goe_law(n, k + 1 if k + 1 < n else k - 1)
    assert np.abs(other.cdf(x) / right[0] - 1).max() > 0.1


@pytest.mark.parametrize("n", [5])
def test_laws_of_all_indices_sum_to_the_mean_spectrum(n: int) -> None:
    x = np.linspace(-0.7, 0.7, 9)
    total = sum(goe_law(n, k).cdf(x) for k in range(n))
    assert np.abs(total - n * spectrum.cdf(n, x)).max() < 2e-12
    assert np.abs(total - n * spectrum.cdf(n, x * (1 + 1e-6))).max() > 1e-7


def beyond(n: int, x: float) -> float:
    """Mean number of eigenvalues below x < 0, to all digits however few."""
    nodes, weights = np.polynomial.legendre.leggauss(40)
    edges = math.sqrt(n) * abs(x) + np.linspace(0.0, 12.0, 61) * edge_width(n)
    y = edges[:-1, None] + np.diff(edges)[:, None] * (nodes + 1) / 2
    return float(((np.exp(spectrum.log_intensity(n, y)) @ weights) * np.diff(edges) / 2).sum())


@pytest.mark.parametrize(("n", "widths", "most"), [(60, 1.0, 3), (1000, 3.0, 2)])
def test_lower_tails_sum_to_the_mean_number_beyond(n: int, widths: float, most: int) -> None:
    """sum_k P(lam_k <= x) = E #(lam <= x): relative, where few are beyond."""
    x = -math.sqrt(2) - widths * edge_width(n) / math.sqrt(n)
    parts = [float(goe_law(n, k).cdf(x)) for k in range(most)]
    assert sum(parts) == pytest.approx(beyond(n, x), rel=1e-9)
    assert sum(parts[:-1]) < beyond(n, x) * (1 - 3e-9)


def by_determinants(
    k: int, s: float, nodes: int = 90, bits: int = 330
) -> list[tuple[float, float]]:
    """Tails of the (k+1)-th and (k+2)-th largest at the edge, from B(x, y) = Ai((x + y)/2 + s)/2 on (0, inf).

    With w = cos f and t = tan(f/2), the generating function of the number beyond s is the part of
    (1 + t) det(1 - sin(f) B) even in t (Dieng 2005): with det(1 - x B) = sum d_j x^j it is
    sum_i (1 - w^2)^i (d_2i + (1 - w) d_2i+1).
    """
    with flint.ctx.workprec(bits):
        length = 2 * ((max(s, 0.0) ** 1.5 + 0.5 * bits) ** (2 / 3) - s)
        pairs = [flint.arb.legendre_p_root(nodes, i, weight=True) for i in range(nodes)]
        x = [length * (node.mid() + 1) / 2 for node, _ in pairs]
        root = [(length * weight.mid() / 2).sqrt() for _, weight in pairs]
        rows = [
            [
                (root[i] * root[j] * ((x[i] + x[j]) / 2 + s).airy_ai() / 2).mid()
                for j in range(nodes)
            ]
            for i in range(nodes)
        ]
        d = flint.arb_mat(rows).charpoly().coeffs()[::-1]  # of det(1 - x B), rising
        w = flint.arb_poly([0, 1])
        total, power = flint.arb_poly([0]), flint.arb_poly([1])
        for i in range(nodes // 2):
            total += power * (d[2 * i].mid() + (1 - w) * d[2 * i + 1].mid())
            power = power * (1 - w * w)
        at_most = [sum((total[m] for m in range(j + 1)), flint.arb(0)) for j in (k, k + 1)]
        return [(float(below.mid()), float((1 - below).mid())) for below in at_most]


@pytest.mark.parametrize(("k", "s"), [(0, 3.0), (2, -7.4), (5, -10.3), (10, -14.5)])
def test_edge_laws_up_to_the_eleventh_are_those_of_another_determinant(k: int, s: float) -> None:
    law, (right, next_right) = edge_law(k), by_determinants(k, s)
    found = float(law.cdf(s)), float(law.sf(s))
    assert found == pytest.approx(right, rel=1e-9)
    assert np.abs(np.subtract(found, right)).max() < 1e-12
    assert next_right != pytest.approx(right, rel=1e-3)


@pytest.mark.parametrize(
    ("n", "k", "widths"), [(10, 1, -7.2), (100, 4, -3.2), (1000, 2, -8.9), (5000, 10, -15.0)]
)
def test_densities_are_those_of_balls(n: int, k: int, widths: float) -> None:
    """In the body and in a tail; the balls stand at one point, the law on its panels."""
    s = math.sqrt(2 * n) + widths * edge_width(n)
    exact = log_density_balls(n, k, np.array([s]))[0][0] + math.log(n) / 2
    law = goe_law(n, k)
    assert float(law.logpdf(-s / math.sqrt(n))) == pytest.approx(exact, abs=1e-9)
    assert float(law.pdf(-s / math.sqrt(n))) == pytest.approx(math.exp(exact), rel=1e-9)


def test_edge_density_is_that_of_balls() -> None:
    exact = edge_balls(1, np.array([-7.7]))[0][0]
    assert float(edge_law(1).logpdf(-7.7)) == pytest.approx(exact, abs=1e-9)


# The larger ones are those whose densities are compared above: a law is made once.
@pytest.mark.parametrize(("n", "k"), [(2, 0), (100, 4), (1000, 2), (5000, 10), (30, 29)])
def test_the_mass_is_one_and_quantiles_invert(n: int, k: int) -> None:
    law = goe_law(n, k)
    assert law.moment(0) == pytest.approx(1, abs=5e-13)
    q = np.array([1e-4, 0.02, 0.5, 0.7, 0.999])
    assert np.abs(law.cdf(law.ppf(q)) - q).max() < 1e-12
    assert np.abs(law.sf(law.isf(q)) - q).max() < 1e-12
    assert np.abs(law.cdf(law.median()) - 0.5) < 1e-12


def test_the_normal_law_by_every_method_of_scipy() -> None:
    law, x = goe_law(1, 0), np.array([[-12.0, -3.0], [0.2, 9.0]])
    for name in ("cdf", "sf", "logcdf", "logsf", "pdf", "logpdf"):
        found, right = getattr(law, name)(x), getattr(stats.norm, name)(x)
        np.testing.assert_allclose(found, right, rtol=1e-9, err_msg=name)
    q = np.array([1e-100, 1e-9, 0.3, 0.5, 1 - 1e-9])
    np.testing.assert_allclose(law.ppf(q), stats.norm.ppf(q), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(law.isf(q), stats.norm.isf(q), rtol=1e-12, atol=1e-13)
    assert (law.mean(), law.var(), law.std()) == pytest.approx((0, 1, 1), abs=1e-13)
    assert law.moment(4) == pytest.approx(3, rel=1e-12)


def test_ends_and_shapes() -> None:
    law = edge_law(0)
    ends = [-math.inf, math.inf]
    assert law.cdf(ends).tolist() == [0, 1]
    assert law.sf(ends).tolist() == [1, 0]
    assert law.logcdf(ends).tolist() == [-math.inf, 0]
    assert law.ppf([0, 1]).tolist() == ends
    assert law.isf([0, 1]).tolist() == ends[::-1]
    assert law.ilogcdf([-math.inf, 0]).tolist() == ends
    assert law.ilogccdf([-math.inf, 0]).tolist() == ends[::-1]
    assert goe_law(4, 0).cdf(ends).tolist() == [0, 1]
    assert goe_law(4, 0).ppf([0, 1]).tolist() == ends
    assert float(goe_law(4, 0).cdf(50.0)) == 1
    assert float(goe_law(4, 0).sf(-50.0)) == 1
    assert isinstance(law.cdf(0.0), float)
    assert law.cdf(np.zeros((2, 1, 3))).shape == (2, 1, 3)
    for q in (-0.1, 1.5):
        with pytest.raises(InputError, match=r"^q: got"):
            law.ppf(q)
    with pytest.raises(InputError, match=r"^log_q: got"):
        law.ilogcdf(0.1)
    with pytest.raises(InputError, match=r"^moments: got"):
        law.stats("x")
    assert law.moment(0) == pytest.approx(1)
    for order in (-1, 9):
        with pytest.raises(InputError, match=r"^order: got"):
            law.moment(order)
    assert math.isfinite(law.moment(8))


def test_the_ends_of_uniform_numbers_are_drawn_finite(monkeypatch: pytest.MonkeyPatch) -> None:
    class Ends:
        def random(self, size: int) -> np.ndarray:
            return np.array([0.0, 0.5, 1.0])

    monkeypatch.setattr(np.random, "default_rng", lambda state: Ends())
    law = edge_law(0)
    found = law.rvs(3)
    expected = [law.ppf(2.0**-54), law.ppf(0.5), law.isf(2.0**-53)]
    assert found == pytest.approx(expected, abs=1e-6)


def test_draws_are_the_quantiles_of_their_generator() -> None:
    law = goe_law(50, 2)
    seen = law.rvs(size=(300, 100), random_state=np.random.default_rng(5))
    u = np.random.default_rng(5).random((300, 100))
    assert seen.shape == (300, 100)
    assert np.abs(law.cdf(seen) - u).max() < 1e-12
    assert np.array_equal(law.rvs((300, 100), 5), seen)
    assert not np.array_equal(law.rvs((300, 100), 6), seen)
    assert isinstance(law.rvs(random_state=1), float)
    assert law.rvs(1, 1).shape == (1,)
    # Six standard errors, and the neighbour in the order further away.
    error = law.std() / math.sqrt(seen.size)
    assert abs(seen.mean() - law.mean()) < 6 * error
    assert abs(seen.mean() - goe_law(50, 3).mean()) > 20 * error
