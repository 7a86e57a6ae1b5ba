"""What claims on exact counts by index share: the powers of N in the layers."""

from __future__ import annotations


def power_below(k: int) -> float:
    """Power of N in E Crt_{N,k}(u) exp(-N Theta_k(u)) at fixed u < -E_inf.

    k + 1 eigenvalues lie beyond the edge within O(1/N) of the level: N^(-1/2) each, and N^(-1) from
    the repulsion of each pair; derived on the page of F1.
    """
    return -((k + 1) ** 2) / 2


def power_without_repulsion(k: int) -> float:
    """The same if these eigenvalues were independent, which they are not."""
    return -(k + 1) / 2
