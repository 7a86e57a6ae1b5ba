"""What claims on exact counts share: how their logarithms depend on N."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from verify.statistics import Term, power


def log_over_n(n: NDArray[np.float64]) -> NDArray[np.float64]:
    """The term log N / N: a power of N in a count."""
    return np.asarray(np.log(n) / n)


# (1/N) log of a mean number, at a level where nothing changes sharply: the rate, then these.
RATE_TERMS: tuple[Term, ...] = (log_over_n, power(1), power(2), power(3))


def power_below(k: int) -> float:
    """Power of N in E Crt_{N,k}(u) exp(-N Theta_k(u)) at fixed u < -E_inf.

    k + 1 eigenvalues lie beyond the edge within O(1/N) of the level: N^(-1/2) each, and N^(-1) from
    the repulsion of each pair; derived on the page of F1.
    """
    return -((k + 1) ** 2) / 2


def power_without_repulsion(k: int) -> float:
    """The same if these eigenvalues were independent, which they are not."""
    return -(k + 1) / 2
