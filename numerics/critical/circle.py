"""Every critical point of instances at two spins, where the sphere is a circle.

There H/sqrt N at the angle t is a random trigonometric polynomial: of degree p the sum over k of
sqrt(C(p, k)) cos^k sin^(p-k) times independent normals. Its critical points are the roots of modulus 1 of
an algebraic polynomial in exp(it), which are eigenvalues of a companion matrix.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.core.checks import check_integer
from numerics.core.mixture import check_coefficients

_ON_CIRCLE = 1e-7  # of the modulus of a root from 1


@dataclass(frozen=True)
class CircleCensus:
    """Critical points of instances, one a row.

    Attributes
    ----------
    points, minima : array of int64, shape (instances,)
        Their number in all, and of index 0.
    closest : array, shape (instances,)
        How far the modulus of a root that is none of them is from 1, at least; 1 if there is none. Two
        that rounding may bring to the circle, or take from it, are nearer than 1e-7.
    """

    points: npt.NDArray[np.int64]
    minima: npt.NDArray[np.int64]
    closest: npt.NDArray[np.float64]


def circle_census(
    rng: np.random.Generator, coefficients: Mapping[int, float], instances: int
) -> CircleCensus:
    """Return the numbers of critical points of instances with two spins.

    Parameters
    ----------
    rng : numpy.random.Generator
    coefficients : mapping of int to float
        {p: a_p} of xi(q) = sum a_p q^p.
    instances : int

    Returns
    -------
    CircleCensus

    Raises
    ------
    InputError
        Bad arguments.

    Examples
    --------
    >>> found = circle_census(np.random.default_rng(0), {3: 1.0}, 5)
    >>> found.points.tolist(), found.minima.tolist()
    ([6, 6, 6, 2, 6], [3, 3, 3, 1, 3])
    """
    coefficients = check_coefficients(coefficients, least=1)
    instances = check_integer("instances", instances, 1)
    degree = max(coefficients)
    angles = 2 * math.pi * np.arange(2 * degree + 1) / (2 * degree + 1)
    values: Any = 0.0
    for p, a in sorted(coefficients.items()):
        k = np.arange(p + 1)
        terms = np.cos(angles)[:, None] ** k * np.sin(angles)[:, None] ** (p - k)
        scale = np.sqrt(a * np.array([math.comb(p, j) for j in k]))
        values = values + (rng.standard_normal((instances, p + 1)) * scale) @ terms.T
    # h(t) = sum over -degree <= j <= degree of c_j exp(ijt).
    c = np.fft.fftshift(np.fft.fft(values, axis=1), axes=1) / len(angles)
    j = np.arange(-degree, degree + 1)
    slope, curvature = 1j * j * c, -(j**2) * c
    companion = np.zeros((instances, 2 * degree, 2 * degree), dtype=complex)
    companion[:, np.arange(1, 2 * degree), np.arange(2 * degree - 1)] = 1.0
    companion[:, :, -1] = -slope[:, :-1] / slope[:, -1:]
    roots = np.linalg.eigvals(companion)
    away = np.abs(np.abs(roots) - 1)
    there = away < _ON_CIRCLE
    powers = np.exp(1j * np.angle(roots)[:, :, None] * j)
    rising = (powers @ curvature[:, :, None])[:, :, 0].real > 0
    return CircleCensus(
        there.sum(axis=1),
        (there & rising).sum(axis=1),
        np.where(there, 1.0, away).min(axis=1),
    )
