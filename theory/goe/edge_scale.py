"""The edge of GOE(N) in y = sqrt(N) x: its width, and how fast all falls beyond it."""

from __future__ import annotations

import math


# guard (all): where panels lie
# tests/theory/goe/test_edge_scale.py::test_the_width_of_the_edge_is_that_of_airy
def edge_width(n: int) -> float:
    """Scale of the fluctuations at the edge sqrt(2N), in y."""
    return 1 / (math.sqrt(2) * n ** (1 / 6))


def decay(n: int, x: float) -> float:
    """int 2 sqrt(t^2 - 2N) dt from the edge to x: phi_N^2 falls like exp of minus this."""
    edge = math.sqrt(2 * n)
    if x <= edge:
        return 0.0
    return x * math.sqrt(x * x - edge * edge) - edge * edge * math.acosh(x / edge)


# guard (all): where the quadrature of K ends
# tests/theory/goe/test_edge_scale.py::test_the_kernel_ends_where_it_has_fallen
def end_of_kernel(n: int, s: float, drop: float) -> float:
    """Where K has fallen by exp(-drop), seen from s."""
    low = max(s, math.sqrt(2 * n))
    aim, high = decay(n, low) + drop, low + 20 + drop
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if decay(n, middle) < aim else (low, middle)
    return high


def beyond(n: int, s: float) -> float:
    """Mean number of eigenvalues beyond s, by the semicircle."""
    c = min(1.0, max(-1.0, s / math.sqrt(2 * n)))
    return n / math.pi * (math.acos(c) - c * math.sqrt(1 - c * c))
