"""The quadratic model in a field: every root is a critical point, by the gradient and the Hessian."""

from __future__ import annotations

import numpy as np
import pytest

from numerics.core.backend import InputError
from numerics.critical import quadratic_census
from numerics.goe.samplers import dense


@pytest.mark.parametrize(("n", "quadratic", "field"), [(2, 1.0, 0.5), (5, 1.0, 0.2), (9, 0.3, 2.0)])
def test_points_are_critical_with_their_index_and_level(
    n: int, quadratic: float, field: float
) -> None:
    samples = 40
    found = quadratic_census(np.random.default_rng(3), n, samples, quadratic, field)
    # The same draws: W in its eigenbasis, b^2 there, signs free.
    rng = np.random.default_rng(3)
    w = 2 * quadratic**0.5 * np.linalg.eigvalsh(dense(rng, n, samples))
    b = np.sqrt(field) * np.abs(rng.standard_normal((samples, n)))
    for i in range(samples):
        levels = found.level[i][found.there[i]]
        for level, index in zip(levels, found.index[i][found.there[i]], strict=True):
            # m solves level = (m + b.s(m)/n)/2; look for it among all roots of the secular polynomial.
            m = min(roots(w[i], b[i], n), key=lambda m: abs(level_of(m, w[i], b[i], n) - level))
            s = b[i] / (m - w[i])
            assert s @ s == pytest.approx(n, rel=1e-6)
            assert level_of(m, w[i], b[i], n) == pytest.approx(level, abs=1e-6)
            tangent = np.linalg.svd(s[None])[2][1:]
            hessian = tangent @ (np.diag(w[i]) - m * np.eye(n)) @ tangent.T
            assert (np.linalg.eigvalsh(hessian) < 0).sum() == index
        assert len(levels) == len(roots(w[i], b[i], n))


def level_of(m: float, w: np.ndarray, b: np.ndarray, n: int) -> float:
    """H/N by its definition."""
    s = b / (m - w)
    return float((s @ (w * s) / 2 + b @ s) / n)


def roots(w: np.ndarray, b: np.ndarray, n: int) -> list[float]:
    """Real m with sum b^2/(m - w)^2 = n, as eigenvalues of a linearised pencil: no bisection."""
    one = np.eye(n)
    # (m - W)^2 x = (b b^T/n) x has a solution where the sum is n.
    big = np.block([[np.diag(w), one], [np.outer(b, b) / n, np.diag(w)]])
    values = np.linalg.eigvals(big)
    return [float(v.real) for v in values if abs(v.imag) < 1e-7]


def test_alternating_sum_is_the_euler_characteristic() -> None:
    for n in (4, 7, 12):
        found = quadratic_census(np.random.default_rng(n), n, 500, 1.0, 0.3)
        sums = ((-1) ** found.index * found.there).sum(axis=1)
        assert set(sums.tolist()) == {2 if n % 2 else 0}
        assert found.there.sum(axis=1).max() <= 2 * n


def test_the_closest_is_the_lowest_point_of_g_in_a_gap() -> None:
    """On a grid in every gap, of the same draws: min g/n there, and the one nearest to zero."""
    n, samples = 5, 12
    found = quadratic_census(np.random.default_rng(6), n, samples, 1.0, 0.4)
    rng = np.random.default_rng(6)
    w = 2 * np.linalg.eigvalsh(dense(rng, n, samples))
    square = 0.4 * rng.standard_normal((samples, n)) ** 2
    for i in range(samples):
        lows = []
        for left, right in zip(w[i, :-1], w[i, 1:], strict=True):
            m = left + (right - left) * np.linspace(0, 1, 20_001)[1:-1]
            lows.append(((square[i] / (m[:, None] - w[i]) ** 2).sum(axis=1) - n).min() / n)
        assert found.closest[i] == pytest.approx(min(np.abs(lows)), rel=1e-4, abs=1e-5)
        # Two points in a gap where g falls below zero there; one on either side of the spectrum.
        assert found.there[i].sum() == 2 + 2 * (np.array(lows) < 0).sum()
        assert found.there[i, [0, n]].all()


def test_two_spins_and_one_instance_are_taken() -> None:
    found = quadratic_census(np.random.default_rng(0), 2, 1, 1.0, 1.0)
    assert found.there.shape == (1, 4)
    # The lowest and the highest level are the points outside of the spectrum: a minimum, a maximum.
    levels = np.where(found.there, found.level, 0)[0]
    assert found.index[0, [0, 2]].tolist() == [1, 0]
    assert levels[2] < levels[0]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [((1, 5, 1.0, 1.0), "n"), ((4, 0, 1.0, 1.0), "samples"), ((4, 10**30, 1.0, 1.0), "memory"),
     ((4, 5, 0.0, 1.0), "quadratic"), ((4, 5, 1.0, -1.0), "field"), ((4, 5, 1.0, float("nan")), "field")],
)  # fmt: skip
def test_bad_input_is_named(arguments: tuple[float, ...], name: str) -> None:
    with pytest.raises(InputError, match=name):
        quadratic_census(np.random.default_rng(0), *arguments)  # type: ignore[arg-type]
