"""Every critical point of instances at two spins, where the sphere is a circle.

There H/sqrt N at the angle t is a trigonometric polynomial, sum_j c_j exp(ijt). Its critical points are the
roots of modulus 1 of an algebraic polynomial in exp(it), which are eigenvalues of a companion matrix.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.checks import check_integer, check_memory, check_real
from numerics.core.mixture import check_coefficients

Real = npt.NDArray[np.float64]

# same (1e-07 -> 2e-07): roots are far nearer, or far off
_ON_CIRCLE = 1e-7  # of the modulus of a root from 1


@dataclass(frozen=True)
class CircleCensus:
    """Critical points of instances, a row each, in twice as many places as the degree.

    Attributes
    ----------
    index, level, overlap : array, shape (instances, places)
        Index 0 or 1, H/N, and cos t.
    away : array
        How far the modulus of the root is from 1.
    there : array of bool
        Whether the place is taken: the root is on the circle.
    """

    index: npt.NDArray[np.int64]
    level: Real
    overlap: Real
    away: Real
    there: npt.NDArray[np.bool_]

    @property
    def points(self) -> npt.NDArray[np.int64]:
        """Number of critical points of each instance."""
        return np.asarray(self.there.sum(axis=1))

    @property
    def minima(self) -> npt.NDArray[np.int64]:
        """Number of those of index 0."""
        # same (0 -> 1): on a circle there are as many maxima
        return np.asarray((self.there & (self.index == 0)).sum(axis=1))

    @property
    def closest(self) -> Real:
        """How far a root that is no point is from the circle, at least; 1 if there is none.

        Two that rounding may bring to the circle, or take from it, are nearer than 1e-7.
        """
        return np.asarray(np.where(self.there, 1.0, self.away).min(axis=1))


def _check_room(instances: int, degree: int) -> None:
    """Refuse more instances than there is memory for: three complex matrices each."""
    size = 16 * 3 * (2 * degree + 1) ** 2
    check_memory(None, size * instances, f"{instances} instances", "take fewer")


def _census(c: npt.NDArray[Any]) -> CircleCensus:
    """Find the critical points of sum_j c_j exp(ijt), c of shape (instances, 2 degree + 1)."""
    instances, degree = len(c), c.shape[1] // 2
    j = np.arange(-degree, degree + 1)
    slope = 1j * j * c
    companion = np.zeros((instances, 2 * degree, 2 * degree), dtype=complex)
    companion[:, np.arange(1, 2 * degree), np.arange(2 * degree - 1)] = 1.0
    companion[:, :, -1] = -slope[:, :-1] / slope[:, -1:]
    roots = np.linalg.eigvals(companion)
    t, away = np.angle(roots), np.abs(np.abs(roots) - 1)
    powers = np.exp(1j * t[:, :, None] * j)
    # same (0 -> -1): of an axis of one
    level, curvature = ((powers @ x[:, :, None])[:, :, 0].real for x in (c, -(j**2) * c))
    # same (comparisons): a curvature drawn is not zero
    index = np.where(curvature > 0, 0, 1)
    # same (comparisons): nor is a distance the bound itself
    return CircleCensus(index, level / math.sqrt(2), np.cos(t), away, away < _ON_CIRCLE)


def circle_census(
    rng: np.random.Generator,
    coefficients: Mapping[int, float],
    instances: int,
    strength: float = 0.0,
    order: int = 1,
) -> CircleCensus:
    """Return the critical points of instances with two spins.

    A term of degree p is the sum over k of sqrt(C(p, k)) cos^k sin^(p-k) times independent normals.
    H/sqrt N has the mean A cos^j t, 0 if not asked for.

    Parameters
    ----------
    rng : numpy.random.Generator
    coefficients : mapping of int to float
        {p: a_p} of xi(q) = sum a_p q^p.
    instances : int
    strength : float
        A of the mean.
    order : int
        j of the mean, 1 to 10.

    Returns
    -------
    CircleCensus
        A spike is at overlap 1.

    Raises
    ------
    InputError
        Bad arguments, or more than there is memory for.

    Examples
    --------
    >>> found = circle_census(np.random.default_rng(0), {3: 1.0}, 5)
    >>> found.points.tolist(), found.minima.tolist()
    ([6, 6, 6, 2, 6], [3, 3, 3, 1, 3])
    """
    coefficients = check_coefficients(coefficients, least=1)
    instances = check_integer("instances", instances, 1)
    strength, order = check_real("strength", strength), check_integer("order", order, 1, 10)
    degree = max(*coefficients, order if strength else 1)
    _check_room(instances, degree)
    angles = 2 * math.pi * np.arange(2 * degree + 1) / (2 * degree + 1)
    values: Any = strength * np.cos(angles) ** order
    for p, a in sorted(coefficients.items()):
        k = np.arange(p + 1)
        terms = np.cos(angles)[:, None] ** k * np.sin(angles)[:, None] ** (p - k)
        scale = np.sqrt(a * np.array([math.comb(p, j) for j in k]))
        values = values + (rng.standard_normal((instances, p + 1)) * scale) @ terms.T
    return _census(np.fft.fftshift(np.fft.fft(values, axis=1), axes=1) / len(angles))


def spiked_census(rng: np.random.Generator, p: int, strength: float, samples: int) -> CircleCensus:
    """Return the critical points of instances of the p-spin model with a spike.

    H/sqrt N is the sum over k of sqrt(w_k) (a_k cos kt + b_k sin kt), a and b independent normals, plus
    A cos^p t; w_k are the Fourier coefficients of cos^p t = sum_k w_k cos kt, k of the parity of p.

    Parameters
    ----------
    rng : numpy.random.Generator
    p : int
        Order, 2 to 10.
    strength : float
        A, of the mean A cos^p t.
    samples : int
        Number of instances.

    Returns
    -------
    CircleCensus
        The spike is at overlap 1.

    Raises
    ------
    InputError
        Bad arguments, or more than there is memory for.

    Examples
    --------
    >>> found = spiked_census(np.random.default_rng(0), 3, 1.0, 200)
    >>> sorted(set(found.points.tolist())), bool((2 * found.minima == found.points).all())
    ([2, 6], True)
    """
    p = check_integer("p", p, 2, 10)
    samples = check_integer("samples", samples, 1)
    _check_room(samples, p)
    k = np.arange(p % 2, p + 1, 2)
    weights = [math.comb(p, (p - one) // 2) / 2.0 ** (p - (one > 0)) for one in k.tolist()]
    w = np.array(weights)
    # same (k -> k + 1): as many of them
    a, b = rng.standard_normal((2, samples, len(k))) * np.sqrt(w)
    waves = a + strength * w - 1j * b  # H/sqrt N = Re sum waves exp(ikt)
    c = np.zeros((samples, 2 * p + 1), dtype=complex)
    c[:, p + k] += waves / 2
    c[:, p - k] += np.conj(waves) / 2
    return _census(c)
