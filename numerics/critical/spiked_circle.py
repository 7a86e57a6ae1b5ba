"""Every critical point of the spherical p-spin model at N = 2, with a spike or without: a polynomial's zeros.

On the unit circle f(t) = sum_k sqrt(c_k) (a_k cos kt + b_k sin kt) + A cos^p t has covariance cos^p,
c_k the Fourier coefficients of cos^p t = sum_k c_k cos kt, k of the parity of p.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from numerics.core.checks import check_integer

Real = NDArray[np.float64]

_ON_CIRCLE = 1e-6  # a zero is real if it is so near


@dataclass(frozen=True)
class SpikedCensus:
    """All critical points of R functions, 2 p places each; ``there`` says which are taken.

    Attributes
    ----------
    index, level, overlap, there
        Index 0 or 1, f/sqrt 2, cos t and existence; shape (R, 2 p).
    """

    index: NDArray[np.int64]
    level: Real
    overlap: Real
    there: NDArray[np.bool_]


def spiked_census(rng: np.random.Generator, p: int, strength: float, samples: int) -> SpikedCensus:
    """Draw functions and find all critical points of each.

    Parameters
    ----------
    rng
        Source of the disorder.
    p
        Order, 2 to 10.
    strength
        A, of the mean A cos^p t.
    samples
        Number of functions R.

    Examples -------- >>> found = spiked_census(np.random.default_rng(0), 3, 1.0, 200) >>> numbers =
    found.there.sum(axis=1)  # 2, 4 or 6, as many minima as maxima >>> sorted(set(numbers.tolist())),
    bool((2 * (found.there & (found.index == 0)).sum(axis=1) == numbers).all()) ([2, 6], True)
    """
    p = check_integer("p", p, 2, 10)
    samples = check_integer("samples", samples, 1)
    k = np.arange(p % 2, p + 1, 2)
    c = np.array([comb(p, (p - one) // 2) / 2.0 ** (p - (one > 0)) for one in k.tolist()])
    a, b = rng.standard_normal((2, samples, len(k))) * np.sqrt(c)
    waves = a + strength * c - 1j * b  # f = Re sum waves exp(ikt)
    # f' = Re sum ik waves exp(ikt), as a polynomial in exp(it) times exp(-ipt).
    polynomial = np.zeros((samples, 2 * p + 1), dtype=complex)
    polynomial[:, p - k] = 1j * k * waves  # highest power first
    polynomial[:, p + k] += np.conj(1j * k * waves)
    companion = np.zeros((samples, 2 * p, 2 * p), dtype=complex)
    companion[:, 0] = -polynomial[:, 1:] / polynomial[:, :1]
    companion[:, np.arange(1, 2 * p), np.arange(2 * p - 1)] = 1
    zeros = np.linalg.eigvals(companion)
    t = np.angle(zeros)
    steps = np.exp(1j * t[..., None] * k) * waves[:, None]
    curvature = -(steps * k**2).real.sum(axis=-1)
    index: NDArray[np.int64] = (curvature < 0).astype(np.int64)
    return SpikedCensus(
        index=index,
        level=steps.real.sum(axis=-1) / np.sqrt(2),
        overlap=np.cos(t),
        there=np.abs(np.log(np.abs(zeros))) < _ON_CIRCLE,
    )
