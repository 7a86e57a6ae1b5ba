"""The law at two points and what follows from it: closed forms, limits, a second road to moments."""

import math

import numpy as np
import pytest

from theory import (
    InputError,
    complexity,
    lowest_barrier,
    mixture,
    pair_complexity,
    pure,
    threshold,
)
from theory.two_points import Derivative, covariance, given, lowest_eigenvalue

LEVELS = [Derivative(0), Derivative(1)]
SLOPES = [Derivative(0, "t"), Derivative(1, "t")]
GRID = np.linspace(-0.9, 0.9, 7)


@pytest.mark.parametrize("p", [3, 4, 7])
def test_levels_have_the_closed_form(p):
    """As derived by hand, with the minus sign in U12 that a print has otherwise."""
    q, s2 = GRID, 1 - GRID**2
    a = q**p - (p - 1) * q ** (p - 2) * s2
    own = 1 - p * q ** (2 * p - 2) * s2 / (1 - a**2)
    cross = q**p - p * q ** (2 * p - 2) * s2 * a / (1 - a**2)
    found = given(pure(p), q, LEVELS, SLOPES)[1]
    np.testing.assert_allclose(found[:, 0, 0], own, rtol=1e-12)
    np.testing.assert_allclose(found[:, 0, 1], cross, atol=1e-12)
    np.testing.assert_allclose(found[:, 1, 1], own, rtol=1e-12)


def test_published_covariances():
    """p = 3, by two derivations: at q = 0.5 and 0.9."""
    found = given(pure(3), [0.5, 0.9], LEVELS, SLOPES)[1]
    np.testing.assert_allclose(found[:, 0, 0], [0.76923077, 0.56014660], atol=5e-9)
    np.testing.assert_allclose(found[:, 0, 1], [0.26923077, 0.55877673], atol=5e-9)


def test_covariances_are_derivatives_of_the_covariance():
    """By differences of xi(x.y) where both points move."""
    model, q, h = mixture({3: 0.5, 4: 1}), 0.3, 1e-3
    s = math.sqrt(1 - q * q)
    x, t = np.array([1.0, 0, 0]), np.array([0, 1.0, 0])
    y, r, e = q * x + s * t, q * t - s * x, np.array([0, 0, 1.0])

    def xi(a, b):
        return 0.5 * (a @ b) ** 3 + (a @ b) ** 4

    def mixed(a, b, c, d):
        """D_a D_b at x, D_c D_d at y, of fourth order."""
        found = 0.0
        for i, j, k, m in np.ndindex(2, 2, 2, 2):
            sign = (-1) ** (i + j + k + m)
            move = [h * (0.5 - z) for z in (i, j, k, m)]
            found += sign * xi(x + move[0] * a + move[1] * b, y + move[2] * c + move[3] * d)
        return found / h**4

    for (one, a, b), (other, c, d) in (
        (("tt", t, t), ("tt", r, r)),
        (("et", e, t), ("et", e, r)),
        (("ne", x, e), ("te", r, e)),
    ):
        said = covariance(model, q, Derivative(0, one), Derivative(1, other))
        assert abs(float(said) - mixed(a, b, c, d)) < 1e-3


@pytest.mark.parametrize("p", [3, 5])
def test_far_away_it_is_the_complexity_of_one_point(p):
    for u in (-0.5, -1.2, -float(threshold(pure(p), 1))):
        assert pair_complexity(pure(p), -1.65, u, 0.0) == pytest.approx(
            float(complexity(pure(p), u)), abs=1e-12
        )


def test_pairs_are_counted_from_either_end():
    """Sigma(u1 | u0) + Theta(u0) = Sigma(u0 | u1) + Theta(u1)."""
    u, v = -1.65, -1.5
    one = pair_complexity(pure(3), u, v, GRID) + float(complexity(pure(3), u))
    other = pair_complexity(pure(3), v, u, GRID) + float(complexity(pure(3), v))
    np.testing.assert_allclose(one, other, rtol=1e-10)


def test_the_published_barrier():
    """p = 3 at -1.167 sqrt 2: overlaps at the barrier and at equal level, and the lowest saddle."""
    found = lowest_barrier(pure(3), -1.167 * math.sqrt(2))
    assert found.farthest == pytest.approx(0.756969, abs=5e-7)
    assert found.equal == pytest.approx(0.1252158, abs=5e-8)
    assert found.level == pytest.approx(-1.6371976, abs=5e-8)
    assert found.overlap == pytest.approx(0.677263, abs=1e-6)


@pytest.mark.parametrize("p", [3, 4, 10])
@pytest.mark.parametrize("depth", [0.1, 0.5, 0.95])
def test_the_lowest_saddle_is_where_the_zero_line_is_level(p, depth):
    """Two conditions, one point: the lowest eigenvalue is 0 where dSigma/dq = 0 on Sigma = 0."""
    barrier, ground = (-float(threshold(pure(p), k)) for k in (None, 0))
    u0 = barrier + depth * (ground - barrier)
    found = lowest_barrier(pure(p), u0)
    at = (pure(p), u0, found.level)
    assert abs(pair_complexity(*at, found.overlap)) < 1e-9
    assert abs(lowest_eigenvalue(*at, found.overlap)) < 1e-7
    h = 1e-4
    slope = pair_complexity(*at, found.overlap + h) - pair_complexity(*at, found.overlap - h)
    assert abs(slope / (2 * h)) < 1e-5
    assert u0 < found.level < barrier
    assert found.equal < found.overlap < found.farthest < 1


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: pair_complexity(pure(2), -1, -1, 0), "model: got q\\^2"),
        (lambda: pair_complexity(mixture({1: 3, 3: 1}), -1, -1, 0), "model: got"),
        (lambda: lowest_barrier(mixture({3: 1, 4: 1}), -2.4), "model: got .* one term"),
        (lambda: pair_complexity(pure(3), -1, -1, 1.0), "q: got 1.0"),
        (lambda: pair_complexity(pure(3), float("nan"), -1, 0), "u0: got nan"),
        (lambda: lowest_barrier(pure(3), -1.7), "u0: got -1.7; takes a level between"),
        (lambda: lowest_barrier(pure(3), -1.632994), "u0: got .* farther below"),
    ],
)
def test_bad_input_is_named(call, said):
    with pytest.raises(InputError, match=said):
        call()


# Mixtures, whose slope along s is not fixed by the level.

MIXTURES = [mixture({3: 0.5, 4: 0.5}), mixture({2: 0.3, 5: 2}), mixture({1: 0.2, 3: 1, 4: 1})]


def functional(model, point, directions):
    """Directional derivatives of a field at a point of the plane, as a vector in its Gaussian coefficients.

    The field is the sum of sqrt(a_p binomial(p, j)) g x^j y^(p-j).
    """
    found = []
    for p, a in model.terms:
        for j in range(p + 1):
            terms = {(j, p - j): math.sqrt(float(a) * math.comb(p, j))}
            for d in directions:
                new = {}
                for (i, k), value in terms.items():
                    for (di, dk), factor in (((1, 0), d[0] * i), ((0, 1), d[1] * k)):
                        if factor:
                            place = i - di, k - dk
                            new[place] = new.get(place, 0.0) + value * factor
                terms = new
            found.append(sum(v * point[0] ** i * point[1] ** k for (i, k), v in terms.items()))
    return np.array(found)


def plane(model, q):
    """Level, radial derivative, slope and curvature at both points, and chi^2 of the border."""
    s = math.sqrt(1 - q * q)
    frames = [((1.0, 0.0), (0.0, 1.0)), ((q, s), (-s, q))]
    rows = []
    for n, t in frames:
        rows += [functional(model, n, along) for along in ((), (n,), (t,), (t, t))]
    return np.array(rows)


def phi(x):
    t = np.arccosh(np.maximum(np.abs(x) / 2, 1))
    return x * x / 4 - (np.sinh(2 * t) - 2 * t) / 2


@pytest.mark.parametrize("model", MIXTURES)
@pytest.mark.parametrize(
    ("u0", "u1", "q"), [(-1.7, -1.65, 0.5), (-2.1, -2.2, -0.4), (-1.4, 1.1, 0.2)]
)
def test_a_mixture_over_all_slopes_by_brute_force(model, u0, u1, q):
    rows = plane(model, q)[[0, 1, 2, 4, 5, 6]]
    inverse = np.linalg.inv(rows @ rows.T)
    xi, d1, d2 = (float(model.xi(1, i)) for i in range(3))
    one = np.array([[xi, d1], [d1, d1 + d2]])
    r = np.linspace(-30, 30, 600_001)
    r0 = r[(phi(r / d2**0.5) - (r - d1 / xi * u0) ** 2 / (2 * (d1 + d2 - d1**2 / xi))).argmax()]
    x = np.stack(np.broadcast_arrays(u0, r0, 0.0, u1, r, 0.0))
    form = np.einsum("ik,ij,jk->k", x, inverse, x)
    first = np.array([u0, r0]) @ np.linalg.solve(one, [u0, r0])
    room = math.log((1 - q * q) / (1 - (float(model.xi(q, 1)) / d1) ** 2))
    values = phi(r / d2**0.5) - form / 2 + (first + math.log(d2 / d1) + room) / 2
    assert float(pair_complexity(model, u0, u1, q)) == pytest.approx(values.max(), abs=1e-4 * 0.05)
    # The border's mean given all, and the lowest eigenvalue.
    best = r[values.argmax()]
    known = plane(model, q)[[0, 1, 2, 4, 5, 6]]
    c = np.linalg.lstsq(known.T, plane(model, q)[7], rcond=None)[0] @ [u0, r0, 0, u1, best, 0]
    across = [Derivative(0, "e"), Derivative(1, "e")]
    chi = float(given(model, q, [Derivative(1, "et")], across)[1].item())
    square = c * c - 4 * (d2 - chi)
    m = max((math.sqrt(max(square, 0)) - c) / 2, d2**0.5)
    expected = -(m + d2 / m) - best
    assert float(lowest_eigenvalue(model, u0, u1, q)) == pytest.approx(expected, abs=2e-3)


def test_a_mixture_tends_to_the_pure_model_and_does_not_depend_on_its_scale():
    for q in (-0.5, 0.3, 0.7):
        near = pair_complexity(mixture({3: 1, 4: 1e-7}), -1.65, -1.64, q)
        assert float(near) == pytest.approx(
            float(pair_complexity(pure(3), -1.65, -1.64, q)), abs=1e-5
        )
        twice = pair_complexity(mixture({3: 4, 4: 2}), -3.6, -3.5, q)
        assert float(twice) == pytest.approx(
            float(pair_complexity(mixture({3: 1, 4: 0.5}), -1.8, -1.75, q)), abs=1e-12
        )
        cubed = pair_complexity(mixture({3: 4}), -3.3, -3.28, q)
        assert float(cubed) == pytest.approx(
            float(pair_complexity(pure(3), -1.65, -1.64, q)), abs=1e-12
        )


def test_far_points_of_a_mixture_do_not_know_of_each_other():
    model, u = mixture({3: 0.5, 4: 0.5}), np.linspace(-1.75, -0.5, 6)
    np.testing.assert_allclose(
        pair_complexity(model, -1.7, u, 0.0), complexity(model, u), atol=1e-13
    )


def test_the_lowest_eigenvalue_of_two_terms_is_that_of_three_of_which_one_is_nothing():
    """Of a mixture the slope at the second point is another number than its level says."""
    at = -1.7, -1.5, 0.8  # one eigenvalue is outside the bulk
    two, three, other = (
        float(lowest_eigenvalue(mixture(terms), *at))
        for terms in ({3: 0.5, 4: 0.5}, {3: 0.5, 4: 0.5, 6: "1e-13"}, {3: 0.5, 4: 0.4, 6: 0.1})
    )
    assert two == pytest.approx(three, abs=1e-9)
    assert abs(two - other) > 1e-3
